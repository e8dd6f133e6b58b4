//! What there is to be walked through: a root folder, a datacenter with its four folders, a datastore.
//!
//! All of it is made up and never changes, but for the session that whoever asks has.

use super::answer::Visitor;
use super::value::{Reference, Value};

/// The one datastore; `local_library.create` takes it as the backing of a library.
pub const DATASTORE: &str = "datastore-1";
const NAME: &str = "contentlib";
const ROOT: &str = "group-d1";
const DATACENTER: &str = "datacenter-1";
/// Which of the datacenter's properties, its name, its identifier, what may be in it.
const FOLDERS: [(&str, &str, &str, &[&str]); 4] = [
    ("vmFolder", "vm", "group-v1", &["Folder", "VirtualMachine", "VirtualApp"]),
    ("hostFolder", "host", "group-h1", &["Folder", "ComputeResource"]),
    ("datastoreFolder", "datastore", "group-s1", &["Folder", "Datastore", "StoragePod"]),
    ("networkFolder", "network", "group-n1", &["Folder", "Network", "DistributedVirtualSwitch"]),
];
/// The bytes of a datastore that is as large as whatever is below it.
const CAPACITY_BYTES: i64 = 1 << 50;

/// The root folder.
pub(super) fn root() -> Reference {
    Reference::new("Folder", ROOT)
}

fn datastore() -> Reference {
    Reference::new("Datastore", DATASTORE)
}

fn datacenter() -> Reference {
    Reference::new("Datacenter", DATACENTER)
}

fn datastore_folder() -> Reference {
    Reference::new("Folder", FOLDERS[2].2)
}

/// The properties of an object, as a structure; `None` if there is no such object. Types need not be right: identifiers
/// are unique, and clients guess the type of what is an heir of several.
pub(super) fn properties(object: &Reference, visitor: Option<&Visitor>) -> Option<(&'static str, Value)> {
    let (of_type, fields) = match object.id.as_str() {
        ROOT => ("Folder", folder("Datacenters", None, &[datacenter()], &["Folder", "Datacenter"])),
        DATACENTER => ("Datacenter", of_datacenter()),
        DATASTORE => ("Datastore", of_datastore()),
        "SessionManager" => ("SessionManager", of_session_manager(visitor)),
        "ServiceInstance" => ("ServiceInstance", vec![("content", super::answer::service_content())]),
        id => {
            if let Some(of_view) = view_properties(id) {
                return Some(of_view);
            }
            let (_, name, id, child_types) = FOLDERS.iter().find(|folder| folder.2 == id)?;
            let children = if *id == FOLDERS[2].2 { vec![datastore()] } else { Vec::new() };
            ("Folder", folder(name, Some(datacenter()), &children, child_types))
        }
    };
    Some((of_type, Value::Structure(of_type, fields)))
}

type Fields = Vec<(&'static str, Value)>;

fn named(name: &str, parent: Option<Reference>) -> Fields {
    let parent = parent.map(|parent| ("parent", Value::Object(parent)));
    [("name", Value::text(name))].into_iter().chain(parent).collect()
}

fn folder(name: &str, parent: Option<Reference>, children: &[Reference], child_types: &[&str]) -> Fields {
    let mut fields = named(name, parent);
    fields.push(("childEntity", Value::Objects(children.to_vec())));
    fields.push(("childType", Value::Texts(child_types.iter().map(|&name| name.to_owned()).collect())));
    fields
}

fn of_datacenter() -> Fields {
    let mut fields = named(NAME, Some(root()));
    let folders =
        FOLDERS.iter().map(|(field, _, id, _)| (*field, Value::Object(Reference::new("Folder", id))));
    fields.extend(folders);
    fields.push(("datastore", Value::Objects(vec![datastore()])));
    fields.push(("network", Value::Objects(Vec::new())));
    fields
}

fn of_datastore() -> Fields {
    let mut fields = named(NAME, Some(datastore_folder()));
    let summary = vec![
        ("datastore", Value::Object(datastore())),
        ("name", Value::text(NAME)),
        ("url", Value::Text(format!("ds:///vmfs/volumes/{NAME}/"))),
        ("capacity", Value::Long(CAPACITY_BYTES)),
        ("freeSpace", Value::Long(CAPACITY_BYTES)),
        ("uncommitted", Value::Long(0)),
        ("accessible", Value::Boolean(true)),
        ("multipleHostAccess", Value::Boolean(true)),
        ("type", Value::text("VMFS")),
        ("maintenanceMode", Value::text("normal")),
    ];
    fields.push(("summary", Value::Structure("DatastoreSummary", summary)));
    fields
}

fn of_session_manager(visitor: Option<&Visitor>) -> Fields {
    visitor.map(|visitor| ("currentSession", visitor.session())).into_iter().collect()
}

/// The object of a path such as `contentlib/datastore/contentlib`; the empty one is the root's.
pub(super) fn find(path: &str) -> Option<Reference> {
    let mut found = root();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let (_, fields) = properties(&found, None)?;
        let children = ["childEntity"].into_iter().chain(FOLDERS.iter().map(|folder| folder.0));
        let mut children = children.filter_map(|field| fields.at(field)).flat_map(Value::references);
        let is_named = |child: &&Reference| {
            let (_, fields) = properties(child, None)?;
            Some(matches!(fields.at("name"), Some(Value::Text(found)) if found == name))
        };
        found = children.find(|child| is_named(child) == Some(true))?.clone();
    }
    Some(found)
}

/// What a view of objects of some types in a container has its identifier from, so that nobody has to remember it.
const VIEW: &str = "view:";

/// Makes a view of all objects of these types, or of all.
pub(super) fn view(container: &Reference, types: &[&str]) -> Reference {
    Reference::new("ContainerView", &format!("{VIEW}{}:{}", container.id, types.join(",")))
}

fn view_properties(id: &str) -> Option<(&'static str, Value)> {
    let (container, types) = id.strip_prefix(VIEW)?.split_once(':')?;
    let types: Vec<&str> = types.split(',').filter(|of_type| !of_type.is_empty()).collect();
    let is_wanted =
        |object: &&Reference| types.is_empty() || types.iter().any(|of_type| is_a(&object.of_type, of_type));
    let within = within(container)?;
    let objects = within.iter().filter(is_wanted).cloned().collect();
    Some(("ContainerView", Value::Structure("ContainerView", vec![("view", Value::Objects(objects))])))
}

/// All that is in a container, at any depth.
fn within(container: &str) -> Option<Vec<Reference>> {
    let folders = || FOLDERS.iter().map(|(_, _, id, _)| Reference::new("Folder", id));
    match container {
        ROOT => Some([datacenter()].into_iter().chain(folders()).chain([datastore()]).collect()),
        DATACENTER => Some(folders().chain([datastore()]).collect()),
        id if id == FOLDERS[2].2 => Some(vec![datastore()]),
        id => FOLDERS.iter().any(|folder| folder.2 == id).then(Vec::new),
    }
}

/// Whether objects of a type are of another one too.
pub(super) fn is_a(of_type: &str, wanted: &str) -> bool {
    let is_entity = matches!(of_type, "Folder" | "Datacenter" | "Datastore");
    of_type == wanted
        || (is_entity && matches!(wanted, "ManagedEntity" | "ExtensibleManagedObject" | "ManagedObject"))
        || (of_type == "ContainerView" && matches!(wanted, "ManagedObjectView" | "View"))
}
