//! A spec document as written, typed.
//!
//! serde fills it from YAML that `read` and `shape` have accepted; afterwards every mapping is told its node of the tree (`at`),
//! which is where diagnostics get places from. Texts with a grammar of their own are parsed on the way.
//! Not here: defaults beyond "nothing there", and names of other documents.

use serde::Deserialize;

use super::release_text::ReleaseText;
use super::request_line::{RequestText, RestText};
use super::tree::{NodeIdx, Tree};
use super::type_text::TypeText;

/// A whole document.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Body {
    pub(crate) service: Option<String>,
    pub(crate) package: Option<String>,
    pub(crate) client_name: Option<String>,
    pub(crate) since: Option<ReleaseText>,
    pub(crate) until: Option<ReleaseText>,
    pub(crate) doc: Option<String>,
    pub(crate) copyright: Option<String>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) structures: Vec<Structure>,
    pub(crate) enumerations: Vec<Enumeration>,
    pub(crate) errors: Vec<Structure>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// An operation.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) since: Option<ReleaseText>,
    pub(crate) until: Option<ReleaseText>,
    pub(crate) doc: Option<String>,
    #[serde(default)]
    pub(crate) accepts: Vec<Accepted>,
    pub(crate) requests: Option<Vec<RequestText>>,
    pub(crate) requests_deviate: Option<String>,
    #[serde(default)]
    pub(crate) request: Samples,
    #[serde(default)]
    pub(crate) response: Samples,
    pub(crate) rest: Option<RestText>,
    #[serde(default)]
    pub(crate) rest_headers: Vec<RestHeader>,
    pub(crate) rest_body: Option<String>,
    #[serde(default)]
    pub(crate) privileges: Vec<String>,
    #[serde(default)]
    pub(crate) privileges_on: Vec<PrivilegesOn>,
    #[serde(default)]
    pub(crate) parameters: Vec<Field>,
    pub(crate) result: Option<ResultOf>,
    #[serde(default)]
    pub(crate) errors: Vec<OperationError>,
    #[serde(default)]
    pub(crate) errata: Vec<String>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// Representations of a request or response.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Samples {
    pub(crate) json: Option<String>,
    pub(crate) xml: Option<String>,
    pub(crate) form: Option<String>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// A parameter or field.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: TypeText,
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) lenient: bool,
    pub(crate) since: Option<ReleaseText>,
    pub(crate) until: Option<ReleaseText>,
    pub(crate) presence: Option<Presence>,
    pub(crate) doc: Option<String>,
    #[serde(default)]
    pub(crate) accepts: Vec<Accepted>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// Which uses of a structure have a field set.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Presence {
    pub(crate) create: Option<String>,
    pub(crate) update: Option<String>,
    pub(crate) get: Option<String>,
}

/// A warning that is meant.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Accepted {
    pub(crate) warning: String,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// A parameter that is a header below `/api`.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct RestHeader {
    pub(crate) name: String,
    pub(crate) parameter: String,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// Privileges on what a parameter identifies.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct PrivilegesOn {
    pub(crate) of: String,
    pub(crate) privileges: Vec<String>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// The result of an operation.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct ResultOf {
    #[serde(rename = "type")]
    pub(crate) ty: TypeText,
    pub(crate) required: Option<bool>,
    pub(crate) doc: Option<String>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// An error that an operation reports.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct OperationError {
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) condition: String,
    pub(crate) status: u16,
    pub(crate) status_deviates: Option<String>,
    pub(crate) rest_status: Option<u16>,
    pub(crate) since: Option<ReleaseText>,
    pub(crate) until: Option<ReleaseText>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// A structure; with a status, an error.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Structure {
    pub(crate) name: String,
    pub(crate) status: Option<u16>,
    pub(crate) rest_status: Option<u16>,
    pub(crate) since: Option<ReleaseText>,
    pub(crate) until: Option<ReleaseText>,
    pub(crate) doc: Option<String>,
    #[serde(default)]
    pub(crate) accepts: Vec<Accepted>,
    #[serde(default)]
    pub(crate) constants: Vec<Constant>,
    #[serde(default)]
    pub(crate) fields: Vec<Field>,
    #[serde(default)]
    pub(crate) unions: Vec<Union>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// A text with a name.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Constant {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) doc: Option<String>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// A union rule.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Union {
    pub(crate) tag: String,
    pub(crate) cases: Vec<UnionCase>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// A case of a union rule.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct UnionCase {
    pub(crate) value: String,
    #[serde(default)]
    pub(crate) requires: Vec<String>,
    #[serde(default)]
    pub(crate) allows: Vec<String>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// An enumeration.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct Enumeration {
    pub(crate) name: String,
    pub(crate) since: Option<ReleaseText>,
    pub(crate) until: Option<ReleaseText>,
    pub(crate) doc: Option<String>,
    #[serde(default)]
    pub(crate) accepts: Vec<Accepted>,
    pub(crate) values: Vec<EnumerationValue>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// A value of an enumeration.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the language's tables describe every key")]
pub(crate) struct EnumerationValue {
    pub(crate) name: String,
    pub(crate) since: Option<ReleaseText>,
    pub(crate) until: Option<ReleaseText>,
    pub(crate) doc: Option<String>,
    #[serde(default)]
    pub(crate) accepts: Vec<Accepted>,
    #[serde(skip)]
    pub(crate) at: NodeIdx,
}

/// A mapping that wants to know its node.
trait Located {
    fn locate(&mut self, tree: &Tree, at: NodeIdx);
}

/// Tells every mapping of `body` its node.
pub(super) fn locate(body: &mut Body, tree: &Tree) {
    body.locate(tree, NodeIdx::default());
}

fn locate_each<T: Located>(elements: &mut [T], tree: &Tree, map: NodeIdx, key: &str) {
    for (element, at) in elements.iter_mut().zip(tree.list(map, key)) {
        element.locate(tree, *at);
    }
}

fn locate_one<T: Located>(value: &mut T, tree: &Tree, map: NodeIdx, key: &str) {
    value.locate(tree, tree.value(map, key).unwrap_or(map));
}

impl Located for Body {
    fn locate(&mut self, tree: &Tree, at: NodeIdx) {
        self.at = at;
        locate_each(&mut self.operations, tree, at, "operations");
        locate_each(&mut self.structures, tree, at, "structures");
        locate_each(&mut self.enumerations, tree, at, "enumerations");
        locate_each(&mut self.errors, tree, at, "errors");
    }
}

impl Located for Operation {
    fn locate(&mut self, tree: &Tree, at: NodeIdx) {
        self.at = at;
        locate_each(&mut self.accepts, tree, at, "accepts");
        locate_one(&mut self.request, tree, at, "request");
        locate_one(&mut self.response, tree, at, "response");
        locate_each(&mut self.rest_headers, tree, at, "rest_headers");
        locate_each(&mut self.privileges_on, tree, at, "privileges_on");
        locate_each(&mut self.parameters, tree, at, "parameters");
        if let Some(result) = &mut self.result {
            locate_one(result, tree, at, "result");
        }
        locate_each(&mut self.errors, tree, at, "errors");
    }
}

impl Located for Structure {
    fn locate(&mut self, tree: &Tree, at: NodeIdx) {
        self.at = at;
        locate_each(&mut self.accepts, tree, at, "accepts");
        locate_each(&mut self.constants, tree, at, "constants");
        locate_each(&mut self.fields, tree, at, "fields");
        locate_each(&mut self.unions, tree, at, "unions");
    }
}

impl Located for Union {
    fn locate(&mut self, tree: &Tree, at: NodeIdx) {
        self.at = at;
        locate_each(&mut self.cases, tree, at, "cases");
    }
}

impl Located for Enumeration {
    fn locate(&mut self, tree: &Tree, at: NodeIdx) {
        self.at = at;
        locate_each(&mut self.accepts, tree, at, "accepts");
        locate_each(&mut self.values, tree, at, "values");
    }
}

impl Located for Field {
    fn locate(&mut self, tree: &Tree, at: NodeIdx) {
        self.at = at;
        locate_each(&mut self.accepts, tree, at, "accepts");
    }
}

impl Located for EnumerationValue {
    fn locate(&mut self, tree: &Tree, at: NodeIdx) {
        self.at = at;
        locate_each(&mut self.accepts, tree, at, "accepts");
    }
}

macro_rules! leaves {
    ($($leaf:ty),*) => {$(
        impl Located for $leaf {
            fn locate(&mut self, _tree: &Tree, at: NodeIdx) {
                self.at = at;
            }
        }
    )*};
}

leaves!(Accepted, Constant, Samples, RestHeader, PrivilegesOn, ResultOf, OperationError, UnionCase);
