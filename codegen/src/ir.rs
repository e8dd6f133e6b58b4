//! The resolved API: what every emitter reads, besides the plan.
//!
//! Names are resolved to indexes, defaults are filled in, nothing can be missing or misspelt any more.
//! No YAML type is in here and nothing in here is needed to report a mistake; [`Place`] is only printed into tables and pages.
//! Vectors are in the order of the documents (sorted by path) and, within one, in the order of the page.

use std::fmt;

macro_rules! idx {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index of its vector in [`Api`].
            #[must_use]
            pub fn get(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

idx! {
    /// Index into [`Api::documents`].
    DocumentIdx;
    /// Index into [`Api::services`].
    ServiceIdx;
    /// Index into [`Api::structures`].
    StructureIdx;
    /// Index into [`Api::enumerations`].
    EnumerationIdx;
    /// Index into [`Api::resources`].
    ResourceIdx;
}

/// The whole API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Api {
    /// One per spec file, sorted by path.
    pub documents: Vec<Document>,
    /// Services.
    pub services: Vec<Service>,
    /// Structures and errors.
    pub structures: Vec<Structure>,
    /// Enumerations.
    pub enumerations: Vec<Enumeration>,
    /// Resource types that IDs name, sorted by name.
    pub resources: Vec<Resource>,
    /// The release that all of it is as of; none where everything is there, whatever its releases.
    pub as_of: Option<Release>,
}

/// A place in the spec: `spec/content/library/item.yaml:12`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Path of the file as given to the generator.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
}

/// A spec file: the package or service its declarations belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Canonical name of the package or service: `com.vmware.content.library.item`.
    pub id: String,
    /// Text on the package; for a service, the service's own.
    pub doc: Doc,
    /// Releases that have it; its declarations are in no others.
    pub releases: Releases,
    /// The copyright line of the reference pages it was transcribed from, where they have one.
    pub copyright: Option<String>,
    /// The service this document declares, if it is one's.
    pub service: Option<ServiceIdx>,
    /// Its place.
    pub place: Place,
}

/// Documentation: paragraphs of plain text, each on one line; may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doc(pub Vec<String>);

/// The releases that have something: all from one on, maybe up to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Releases {
    /// The first.
    pub since: Release,
    /// The last; none where newer ones have it too.
    pub until: Option<Release>,
}

impl Releases {
    /// In words: `Since 6.8, until 7.0.`; none where every release has it.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        let since = (self.since.numerals() != [6, 0]).then(|| format!("since {}", self.since));
        let until = self.until.as_ref().map(|until| format!("until {until}"));
        let mut text = [since, until].into_iter().flatten().collect::<Vec<_>>().join(", ");
        text.get_mut(..1)?.make_ascii_uppercase();
        Some(text + ".")
    }

    /// The releases that have both this and what it belongs to.
    #[must_use]
    pub fn within(&self, owner: &Releases) -> Releases {
        let since = if self.since.has_what_came_with(&owner.since) { &self.since } else { &owner.since };
        let until = match (&self.until, &owner.until) {
            (Some(own), Some(owner)) => Some(if own.has_what_came_with(owner) { owner } else { own }),
            (own, owner) => own.as_ref().or(owner.as_ref()),
        };
        Releases { since: since.clone(), until: until.cloned() }
    }
}

/// A release, `6.8`; without numerals the first, 6.0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release(pub Vec<u32>);

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numerals: Vec<String> = self.numerals().iter().map(u32::to_string).collect();
        f.write_str(&numerals.join("."))
    }
}

impl Release {
    /// Its numerals, `[6, 8]`; those of 6.0 where nothing is said.
    #[must_use]
    pub fn numerals(&self) -> &[u32] {
        if self.0.is_empty() { &[6, 0] } else { &self.0 }
    }

    /// Whether something is in this release; 9.1 is as good as 9.1.0.0.
    #[must_use]
    pub fn has(&self, releases: &Releases) -> bool {
        let is_over = |until: &Release| !until.has_what_came_with(self);
        self.has_what_came_with(&releases.since) && !releases.until.as_ref().is_some_and(is_over)
    }

    fn has_what_came_with(&self, since: &Release) -> bool {
        let significant = |release: &Release| {
            let numerals = release.numerals();
            let n_zeros = numerals.iter().rev().take_while(|numeral| **numeral == 0).count();
            numerals[..numerals.len() - n_zeros].to_vec()
        };
        significant(since) <= significant(self)
    }
}

/// A service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Canonical name.
    pub id: String,
    /// Where it is declared; holds its documentation.
    pub document: DocumentIdx,
    /// Name of the method that gives its client, where the last segment of the id is not unique.
    pub client_name: Option<String>,
    /// Releases that have it.
    pub releases: Releases,
    /// Operations in page order.
    pub operations: Vec<Operation>,
}

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Name: `list_used`.
    pub name: String,
    /// Documentation.
    pub doc: Doc,
    /// Releases that have it.
    pub releases: Releases,
    /// Request lines, as transcribed or, where none are, as derived.
    pub requests: Vec<RequestLine>,
    /// Where it is below `/api`; none where it is not there.
    pub rest: Option<Rest>,
    /// Privileges that a caller needs on the server as a whole.
    pub privileges: Vec<String>,
    /// Privileges that a caller needs on what parameters identify.
    pub privileges_on: Vec<PrivilegesOn>,
    /// Parameters in declared order.
    pub parameters: Vec<Field>,
    /// Result; [`Type::Void`] where there is none.
    pub result: Type,
    /// What the result is.
    pub result_doc: Doc,
    /// Errors in page order.
    pub errors: Vec<OperationError>,
    /// Representations as transcribed from the page.
    pub samples: Samples,
    /// Where the page differs from what is transcribed, and why.
    pub errata: Vec<String>,
    /// Its place.
    pub place: Place,
}

/// Privileges on the resource that an ID identifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivilegesOn {
    /// The ID: a parameter, or a field in one: `new_tag.category_id`.
    pub of: String,
    /// The structure that has the field; none where it is a parameter.
    pub owner: Option<StructureIdx>,
    /// Resource type of the ID.
    pub resource: ResourceIdx,
    /// Names of the privileges.
    pub privileges: Vec<String>,
}

/// The representations a page shows, checked against the derived ones; none means the page shows none or is not transcribed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    /// JSON request body.
    pub request_json: Option<String>,
    /// XML request body.
    pub request_xml: Option<String>,
    /// Request line with form parameters, one a line.
    pub request_form: Option<String>,
    /// JSON reply body.
    pub response_json: Option<String>,
    /// XML reply body.
    pub response_xml: Option<String>,
}

/// One request line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// `POST`.
    pub method: Method,
    /// Path template: `/com/vmware/cis/tagging/tag/id:{tag_id}`.
    pub path: String,
    /// Indexes into [`Operation::parameters`] of the template's variables, in their order.
    pub path_params: Vec<usize>,
    /// Value of `~action`, or of `action` below `/api`.
    pub action: Option<String>,
}

/// What is transcribed of an operation's place below `/api`; the rest follows, see [`crate::derive::rest()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Its request line, without the `/api`; the action's key is `action`.
    pub line: RequestLine,
    /// Parameters that are headers.
    pub headers: Vec<RestHeader>,
    /// Whether the body is the one parameter itself, where it is not what the rules give.
    pub is_whole_body: Option<bool>,
}

/// A parameter that is a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestHeader {
    /// Name of the header: `Client-Token`.
    pub name: String,
    /// Index into [`Operation::parameters`].
    pub parameter: usize,
}

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
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

/// An error an operation declares.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationError {
    /// The error; its [`Structure::kind`] is [`StructureKind::Error`].
    pub structure: StructureIdx,
    /// When it is reported, in the page's words: `if the tag does not exist.`
    pub condition: String,
    /// HTTP status; the error's own unless the page overrides it.
    pub status: u16,
    /// HTTP status below `/api`.
    pub rest_status: u16,
    /// Releases it is reported in.
    pub releases: Releases,
    /// Its place.
    pub place: Place,
}

/// A status in words: `400`, or `400 (500 below /api)`.
#[must_use]
pub fn status_text(status: u16, rest_status: u16) -> String {
    if rest_status == status { status.to_string() } else { format!("{status} ({rest_status} below /api)") }
}

/// A structure or error.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    /// Canonical name: `com.vmware.cis.tagging.tag_model`.
    pub id: String,
    /// Where it is declared.
    pub document: DocumentIdx,
    /// [`Structure::id`] without the document's: `tag_model`.
    pub local_name: String,
    /// Structure or error.
    pub kind: StructureKind,
    /// Documentation.
    pub doc: Doc,
    /// Releases that have it.
    pub releases: Releases,
    /// Fields in declared order.
    pub fields: Vec<Field>,
    /// Union rules.
    pub unions: Vec<Union>,
    /// Texts with a name.
    pub constants: Vec<Constant>,
    /// Its place.
    pub place: Place,
}

/// A text that has a name in the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Its name, in capitals: `PLAIN_TEXT`.
    pub name: String,
    /// The text.
    pub value: String,
    /// Documentation.
    pub doc: Doc,
}

/// What a [`Structure`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructureKind {
    /// A structure.
    Plain,
    /// An error, with its standard HTTP status.
    Error {
        /// HTTP status.
        status: u16,
        /// HTTP status below `/api`.
        rest_status: u16,
    },
}

/// A field or parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Wire name, case kept (`wire-names-kept`).
    pub name: String,
    /// Type; [`Type::Optional`] where it is not required.
    pub ty: Type,
    /// Whether clients of `/rest` leave it out although it is required, and mean an empty text.
    pub is_lenient: bool,
    /// Documentation.
    pub doc: Doc,
    /// Releases that have it.
    pub releases: Releases,
    /// Which uses of the structure have it set.
    pub presence: Presence,
    /// Its place.
    pub place: Place,
}

/// Which uses of a structure have a field set, in the spec's words; none where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// `required`, `optional` or `unused` in a call that creates.
    pub create: Option<String>,
    /// The same in a call that changes.
    pub update: Option<String>,
    /// `always`, `optional` or `absent` in an answer.
    pub get: Option<String>,
}

impl Presence {
    /// What `create` and `update` say of a field that has to be set.
    pub const REQUIRED: &str = "required";

    /// Whether a create has to set the field.
    #[must_use]
    pub fn is_needed_by_create(&self) -> bool {
        self.create.as_deref() == Some(Presence::REQUIRED)
    }

    /// The uses that something is said about, with what is said.
    pub fn stated(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let uses = [("create", &self.create), ("update", &self.update), ("get", &self.get)];
        uses.into_iter().filter_map(|(word, stated)| Some((word, stated.as_deref()?)))
    }
}

/// A union rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    /// Index of the tag field.
    pub tag: usize,
    /// Cases in declared order.
    pub cases: Vec<UnionCase>,
}

/// The fields that go with one tag value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnionCase {
    /// Tag value.
    pub value: String,
    /// Indexes of fields that must be set.
    pub requires: Vec<usize>,
    /// Indexes of fields that may be set.
    pub allows: Vec<usize>,
}

/// An enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct Enumeration {
    /// Canonical name: `com.vmware.cis.tagging.category_model.cardinality`.
    pub id: String,
    /// Where it is declared.
    pub document: DocumentIdx,
    /// [`Enumeration::id`] without the document's: `category_model.cardinality`.
    pub local_name: String,
    /// Documentation.
    pub doc: Doc,
    /// Releases that have it.
    pub releases: Releases,
    /// Values in declared order.
    pub values: Vec<EnumerationValue>,
    /// Its place.
    pub place: Place,
}

/// A value of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumerationValue {
    /// Wire spelling.
    pub name: String,
    /// Documentation.
    pub doc: Doc,
    /// Releases that have it.
    pub releases: Releases,
    /// Its place.
    pub place: Place,
}

impl Type {
    /// The type under a [`Type::Optional`], or the type itself.
    #[must_use]
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }
}

/// A resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// `com.vmware.cis.tagging.Tag`.
    pub id: String,
}

/// The type of a parameter, field or result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the API's own; spec/README.md describes each")]
pub enum Type {
    Void,
    Boolean,
    Long,
    Double,
    String,
    Secret,
    Binary,
    DateTime,
    Uri,
    Id(ResourceIdx),
    Enumeration(EnumerationIdx),
    Structure(StructureIdx),
    /// With the structure whose fields it must have, where that is said.
    DynamicStructure(Option<StructureIdx>),
    AnyError,
    Opaque,
    Optional(Box<Type>),
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>, Box<Type>),
}
