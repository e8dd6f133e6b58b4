//! Static descriptions of the API: what the generator writes and every codec, the client and the router read.
//!
//! A generated type says nothing about representations; its table does (`tables-tell-all`).
//! Generated code writes tables as texts ([`Written`]), which cost the compiler nothing; each is read once, when it is first
//! looked at, and everything in it is `'static`.
//! Not here: access to the values themselves, which is [`crate::data`].

mod text;
mod written;

pub use written::{Table, Written};

use crate::release::Releases;

/// The type of a parameter, field or result.
#[derive(Clone, Copy, Debug)]
pub enum Ty {
    /// No value; only an operation's result.
    Void,
    /// `true` or `false`; Rust `bool`.
    Boolean,
    /// Signed 64-bit integer; Rust `i64`.
    Long,
    /// Finite IEEE 754 double; Rust `f64`.
    Double,
    /// Unicode text; Rust `String`.
    String,
    /// Text that is never logged; Rust [`crate::Secret`].
    Secret,
    /// Bytes, base64 in every representation; Rust `Vec<u8>`.
    Binary,
    /// An instant in UTC, millisecond precision; Rust [`crate::DateTime`].
    DateTime,
    /// RFC 3986 reference; Rust [`crate::Uri`].
    Uri,
    /// Identifier of a resource; Rust [`crate::Id`] of its resource type.
    Id,
    /// Open enumeration.
    Enumeration(&'static EnumerationTable),
    /// Structure.
    Structure(&'static Written<StructureTable>),
    /// Structure of a type only known at run time; Rust [`crate::DynamicStructure`].
    DynamicStructure,
    /// Error of a type only known at run time; Rust [`crate::DynamicStructure`] too.
    AnyError,
    /// Any value; Rust [`crate::Value`].
    Opaque,
    /// May be unset; Rust `Option<T>`.
    Optional(&'static Ty),
    /// Ordered; Rust `Vec<T>`.
    List(&'static Ty),
    /// Without duplicates; Rust `BTreeSet<T>`.
    Set(&'static Ty),
    /// Keys without duplicates; Rust `BTreeMap<K, V>`.
    Map(&'static Ty, &'static Ty),
}

/// A structure that comes without a type, such as an error's payload: its table is asked of the value.
pub static STRUCTURE: Ty = Ty::Structure(&UNKNOWN);
static UNKNOWN: Written<StructureTable> = Written::new("structure", &[]);

impl Ty {
    /// The type under an [`Ty::Optional`], or the type itself.
    #[inline]
    #[must_use]
    pub fn required(&self) -> &Ty {
        match self {
            Ty::Optional(inner) => inner,
            other => other,
        }
    }

    /// Whether a value may be left out.
    #[inline]
    #[must_use]
    pub fn is_optional(&self) -> bool {
        matches!(self, Ty::Optional(_))
    }
}

/// A structure, an error's payload or the parameters of an operation.
#[derive(Debug)]
pub struct StructureTable {
    /// Canonical name, `com.vmware.cis.tagging.tag_model`; `operation-input` for parameters.
    pub name: &'static str,
    /// Fields in declared order; the index is the field number used by [`crate::data::Structure`].
    pub fields: &'static [Field],
    /// Field numbers in code-point order of the names: the order of JSON members, and the index for look-ups.
    pub by_name: &'static [u16],
    /// Field numbers in the order of the reference pages' XML and form samples; for writers only (`order-free-reading`).
    pub page_order: &'static [u16],
    /// Which fields go with which value of a tag field.
    pub unions: &'static [Union],
    /// Place of the declaration in the spec, `spec/content/library/item.yaml:12`.
    pub source: &'static str,
}

impl StructureTable {
    /// The number of the field called `name` on the wire.
    #[must_use]
    pub fn field_idx(&self, name: &str) -> Option<usize> {
        self.by_name
            .binary_search_by(|&idx| self.fields[usize::from(idx)].name.cmp(name))
            .ok()
            .map(|position| usize::from(self.by_name[position]))
    }
}

/// One field or parameter.
#[derive(Debug)]
pub struct Field {
    /// Name on the wire, case kept (`wire-names-kept`).
    pub name: &'static str,
    /// Type; [`Ty::Optional`] where the value may be left out.
    pub ty: Ty,
    /// The kind of operation that needs it all the same; a model is optional throughout, because create, update and get share it.
    pub needed_by: Option<Usage>,
    /// Whether clients of the legacy REST leave it out although it is required, and mean an empty text; only parameters are.
    pub is_lenient: bool,
}

/// What an operation does with the models it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Makes what the model describes.
    Create,
    /// Changes it.
    Update,
    /// Makes or changes it.
    Both,
}

impl Usage {
    /// Whether something needed by this is needed by an operation of another usage.
    #[must_use]
    pub fn includes(self, of_operation: Usage) -> bool {
        self == Usage::Both || self == of_operation
    }
}

impl Field {
    /// A field that every operation treats alike.
    #[must_use]
    pub const fn new(name: &'static str, ty: Ty) -> Field {
        Field { name, ty, needed_by: None, is_lenient: false }
    }
}

/// Union rule: the value of one field decides which others must, may and must not be set.
#[derive(Debug)]
pub struct Union {
    /// Number of the tag field, an enumeration, maybe optional.
    pub tag: u16,
    /// The cases; a field named in any case may only be set in a case that names it.
    pub cases: &'static [UnionCase],
}

/// The fields that go with one value of a tag.
#[derive(Debug)]
pub struct UnionCase {
    /// Tag value as on the wire.
    pub value: &'static str,
    /// Field numbers that must be set.
    pub requires: &'static [u16],
    /// Field numbers that may be set.
    pub allows: &'static [u16],
}

/// An open enumeration.
#[derive(Debug)]
pub struct EnumerationTable {
    /// Canonical name.
    pub name: &'static str,
    /// Values as on the wire, in declared order.
    pub values: &'static [&'static str],
    /// Place of the declaration in the spec.
    pub source: &'static str,
}

/// A service: what the router mounts.
#[derive(Debug)]
pub struct ServiceTable {
    /// Canonical name, `com.vmware.cis.tagging.tag`.
    pub id: &'static str,
    /// Operations in declared order; the index is the operation number given to [`crate::server::Dispatch`].
    pub operations: &'static [&'static Written<OperationTable>],
}

/// An operation: everything a client or a router has to know of it.
#[derive(Debug)]
pub struct OperationTable {
    /// Canonical name of the service.
    pub service: &'static str,
    /// Name, snake case as declared: `list_used`.
    pub name: &'static str,
    /// Releases that have it.
    pub releases: Releases,
    /// Parameters, as a structure named `operation-input`.
    pub input: &'static StructureTable,
    /// Result.
    pub output: Ty,
    /// What a caller has to be allowed.
    pub privileges: &'static [Privileges],
    /// Declared errors in declared order.
    pub errors: &'static [ErrorTable],
    /// Request lines in page order, preferred first.
    pub routes: &'static [Route],
    /// Where it is below `/api`; `None` where it is not there.
    pub rest: Option<RestRoute>,
    /// Namespace of the XML roots, `http://vmware.com/cis/tagging/tag`.
    pub xml_namespace: &'static str,
    /// Local name of the XML request root, `ListUsed-Input`.
    pub xml_input: &'static str,
    /// Local name of the XML reply root, `ListUsed-Result`.
    pub xml_result: &'static str,
    /// Place of the declaration in the spec.
    pub source: &'static str,
}

impl OperationTable {
    /// What it does with models; what the reference says of their fields goes by these names.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        match self.name {
            "create" => Some(Usage::Create),
            "update" => Some(Usage::Update),
            _ => None,
        }
    }
}

/// Privileges that an operation needs.
#[derive(Debug)]
pub struct Privileges {
    /// Their names, `ContentLibrary.AddLibraryItem`; all are needed.
    pub names: &'static [&'static str],
    /// Resource type, and the path from the parameters to the IDs, `new_tag.category_id`; `None` for the server as a whole.
    pub on: Option<(&'static str, &'static str)>,
}

/// An error an operation declares.
#[derive(Debug)]
pub struct ErrorTable {
    /// Canonical name, `com.vmware.vapi.std.errors.not_found`.
    pub id: &'static str,
    /// HTTP status it travels with.
    pub status: u16,
    /// HTTP status it travels with below `/api`.
    pub rest_status: u16,
    /// Its payload.
    pub payload: &'static StructureTable,
}

/// One request line of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path template, `/com/vmware/cis/tagging/tag/id:{tag_id}`.
    pub path: &'static str,
    /// Numbers of the parameters in the path, in the order of the template's variables.
    pub path_params: &'static [u16],
    /// Value of the `~action` query key, or of `action` below `/api`, where the line has one.
    pub action: Option<&'static str>,
}

/// Where an operation is below `/api`: its request line, and where the parameters stand that are not in its path.
#[derive(Clone, Copy, Debug)]
pub struct RestRoute {
    /// Request line, without the `/api`.
    pub route: Route,
    /// HTTP status of success.
    pub status: u16,
    /// Numbers of the parameters in the query.
    pub query: &'static [u16],
    /// What the body is.
    pub body: RestBody,
    /// Parameters that are headers: name, in lower case, and number.
    pub headers: &'static [(&'static str, u16)],
}

/// What the body of a request below `/api` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestBody {
    /// There is none.
    None,
    /// The parameter with this number, a structure.
    Whole(u16),
    /// An object with the parameters of these numbers.
    Fields(&'static [u16]),
}

/// The HTTP methods the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The one that a request has; `None` for one that the API does not use.
    #[must_use]
    pub fn of(method: &http::Method) -> Option<Method> {
        match *method {
            http::Method::GET => Some(Method::Get),
            http::Method::POST => Some(Method::Post),
            http::Method::PUT => Some(Method::Put),
            http::Method::PATCH => Some(Method::Patch),
            http::Method::DELETE => Some(Method::Delete),
            _ => None,
        }
    }

    /// The token on the request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}
