//! The property collector: from some objects along some paths to others, and what they have.
//!
//! In: filters of a request, each with objects to start from, traversals, and which properties of which types. Out: the
//! objects that were met, each once, in the order they were met. The inventory has loops only by `parent` and
//! `childEntity`, and nothing is visited twice by the same traversal.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::answer::Visitor;
use super::element::Element;
use super::fault::Fault;
use super::inventory::{is_a, properties};
use super::value::{Reference, Value, carriable};

/// What all filters of a request find, as elements `objects` or `returnval`.
pub(super) fn collect(request: &Element, name: &str, visitor: &Visitor) -> Result<String, Fault> {
    let mut xml = String::new();
    for filter in request.children("specSet") {
        let mut met = Vec::new();
        for start in filter.children("objectSet") {
            let Some(object) = start.child("obj").map(Reference::read) else {
                return Err(Fault::InvalidRequest("an objectSet has no obj".to_owned()));
            };
            let walk = Walk { named: traversals(start), visitor };
            walk.from(start, &object, &mut met)?;
        }
        for object in &met {
            write_object(object, filter, name, visitor, &mut xml)?;
        }
    }
    Ok(xml)
}

/// Traversals that other traversals of the same objects refer to by name.
fn traversals(start: &Element) -> Vec<&Element> {
    let mut found = Vec::new();
    let mut to_look_at: Vec<&Element> = start.children("selectSet").collect();
    while let Some(selection) = to_look_at.pop() {
        if selection.child("path").is_some() {
            found.push(selection);
        }
        to_look_at.extend(selection.children("selectSet"));
    }
    found
}

struct Walk<'r> {
    named: Vec<&'r Element>,
    visitor: &'r Visitor,
}

impl<'r> Walk<'r> {
    fn from(&self, start: &'r Element, object: &Reference, met: &mut Vec<Reference>) -> Result<(), Fault> {
        if properties(object, Some(self.visitor)).is_none() {
            return Err(Fault::ManagedObjectNotFound {
                of_type: object.of_type.clone(),
                id: object.id.clone(),
            });
        }
        if !start.is("skip") {
            meet(object, met);
        }
        let mut visited = HashSet::new();
        let mut to_visit: Vec<(&Element, Reference)> = Vec::new();
        self.select(start, object, &mut to_visit);
        // The last in is the first out; what is selected first is to be met first.
        to_visit.reverse();
        while let Some((traversal, object)) = to_visit.pop() {
            if !visited.insert((std::ptr::from_ref(traversal), object.id.clone())) {
                continue;
            }
            let Some((of_type, fields)) = properties(&object, Some(self.visitor)) else { continue };
            if !is_a(of_type, traversal.text_of("type")) {
                continue;
            }
            let mut next = Vec::new();
            for reached in fields.at(traversal.text_of("path")).map_or(&[][..], Value::references) {
                if !traversal.is("skip") {
                    meet(reached, met);
                }
                self.select(traversal, reached, &mut next);
            }
            next.reverse();
            to_visit.extend(next);
        }
        Ok(())
    }

    /// The traversals that go on from an object.
    fn select(
        &self,
        selecting: &'r Element,
        object: &Reference,
        to_visit: &mut Vec<(&'r Element, Reference)>,
    ) {
        for selection in selecting.children("selectSet") {
            if selection.child("path").is_some() {
                to_visit.push((selection, object.clone()));
                continue;
            }
            let name = selection.text_of("name");
            let meant = self.named.iter().filter(|traversal| traversal.text_of("name") == name);
            to_visit.extend(meant.map(|traversal| (*traversal, object.clone())));
        }
    }
}

fn meet(object: &Reference, met: &mut Vec<Reference>) {
    if !met.contains(object) {
        met.push(object.clone());
    }
}

/// Writes an object with the properties that a filter asks for of its type; nothing, if it asks for none of that type.
fn write_object(
    object: &Reference,
    filter: &Element,
    name: &str,
    visitor: &Visitor,
    xml: &mut String,
) -> Result<(), Fault> {
    let Some((of_type, fields)) = properties(object, Some(visitor)) else { return Ok(()) };
    let asks: Vec<&Element> =
        filter.children("propSet").filter(|ask| is_a(of_type, ask.text_of("type"))).collect();
    if asks.is_empty() {
        return Ok(());
    }
    let mut written = HashSet::new();
    let mut body = String::new();
    Value::Object(Reference::new(of_type, &object.id)).write("obj", &mut body);
    let mut put = |path: &str, value: &Value| {
        if written.insert(path.to_owned()) {
            let _ = write!(body, "<propSet><name>{}</name>", carriable(path));
            value.write_typed("val", &mut body);
            body.push_str("</propSet>");
        }
    };
    for ask in asks {
        if ask.is("all") {
            if let Value::Structure(_, fields) = &fields {
                fields.iter().for_each(|(path, value)| put(path, value));
            }
            continue;
        }
        for path in ask.children("pathSet").map(|path| path.text.trim()) {
            match fields.at(path) {
                Some(value) => put(path, value),
                None if is_known(of_type, path) => {}
                None => return Err(Fault::InvalidProperty(path.to_owned())),
            }
        }
    }
    let _ = write!(xml, "<{name}>{body}</{name}>");
    Ok(())
}

/// Whether objects of this type may have the property, though none here does. Clients ask for a property of whatever they
/// meet, so that only what is surely a mistake is refused.
fn is_known(of_type: &str, path: &str) -> bool {
    is_a(of_type, "ManagedObject") || of_type == "SessionManager" && path == "currentSession"
}
