//! Values of the API as they stand in replies.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::element::Element;

/// Which object: its type and its identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) of_type: String,
    pub(super) id: String,
}

impl Reference {
    pub(super) fn new(of_type: &str, id: &str) -> Reference {
        Reference { of_type: of_type.to_owned(), id: id.to_owned() }
    }

    /// The object that an element of a request refers to.
    pub(super) fn read(element: &Element) -> Reference {
        Reference::new(element.of_type.as_deref().unwrap_or_default(), element.text.trim())
    }
}

/// A value, with its type.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Boolean(bool),
    Long(i64),
    /// An instant, as XML Schema spells it.
    Instant(String),
    Object(Reference),
    Objects(Vec<Reference>),
    Texts(Vec<String>),
    /// A structure of this type.
    Structure(&'static str, Vec<(&'static str, Value)>),
}

impl Value {
    /// A text.
    pub(super) fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    /// What a path such as `summary.name` leads to from here.
    pub(super) fn at(&self, path: &str) -> Option<&Value> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let Value::Structure(_, fields) = self else { return None };
        let (_, value) = fields.iter().find(|(name, _)| *name == first)?;
        rest.map_or(Some(value), |rest| value.at(rest))
    }

    /// The objects that it refers to.
    pub(super) fn references(&self) -> &[Reference] {
        match self {
            Value::Object(reference) => std::slice::from_ref(reference),
            Value::Objects(references) => references,
            _ => &[],
        }
    }

    /// Writes it as an element that says its type.
    pub(super) fn write_typed(&self, name: &str, xml: &mut String) {
        let of_type = match self {
            Value::Text(_) => "xsd:string",
            Value::Boolean(_) => "xsd:boolean",
            Value::Long(_) => "xsd:long",
            Value::Instant(_) => "xsd:dateTime",
            Value::Object(_) => return self.write(name, xml),
            Value::Objects(_) => "ArrayOfManagedObjectReference",
            Value::Texts(_) => "ArrayOfString",
            Value::Structure(of_type, _) => of_type,
        };
        let _ = write!(xml, "<{name} xsi:type=\"{of_type}\">");
        match self {
            Value::Objects(references) => {
                for reference in references {
                    Value::Object(reference.clone()).write("ManagedObjectReference", xml);
                }
            }
            Value::Texts(texts) => {
                for text in texts {
                    Value::Text(text.clone()).write("string", xml);
                }
            }
            _ => self.write_content(xml),
        }
        let _ = write!(xml, "</{name}>");
    }

    /// Writes it as an element, or as one for each that it has, whose type follows from the name.
    pub(super) fn write(&self, name: &str, xml: &mut String) {
        match self {
            Value::Object(Reference { of_type, id }) => {
                let (of_type, id) = (escape(of_type.as_str()), escape(id.as_str()));
                let _ = write!(
                    xml,
                    "<{name} type=\"{of_type}\" xsi:type=\"ManagedObjectReference\">{id}</{name}>"
                );
            }
            Value::Objects(references) => {
                references.iter().for_each(|reference| Value::Object(reference.clone()).write(name, xml));
            }
            Value::Texts(texts) => {
                texts.iter().for_each(|text| Value::Text(text.clone()).write(name, xml));
            }
            _ => {
                let _ = write!(xml, "<{name}>");
                self.write_content(xml);
                let _ = write!(xml, "</{name}>");
            }
        }
    }

    fn write_content(&self, xml: &mut String) {
        match self {
            Value::Text(text) | Value::Instant(text) => xml.push_str(&carriable(text)),
            Value::Boolean(is_so) => xml.push_str(if *is_so { "true" } else { "false" }),
            Value::Long(number) => {
                let _ = write!(xml, "{number}");
            }
            Value::Structure(_, fields) => {
                fields.iter().for_each(|(name, value)| value.write(name, xml));
            }
            Value::Object(_) | Value::Objects(_) | Value::Texts(_) => {}
        }
    }
}

/// A text as XML can hold it.
pub(super) fn carriable(text: &str) -> String {
    let is_carried = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    escape(text.chars().filter(is_carried).collect::<String>()).into_owned()
}
