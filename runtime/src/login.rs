//! The login of the protocol: making and ending login sessions, which every server answers at the same place.
//!
//! The operations stand here as tables like those that are generated, so that both sides speak them on every surface through
//! the same code, with or without generated code of that service.
//! Not here: which credentials are right ([`crate::server`]), when to log in again ([`crate::client`]).

use http::HeaderName;

use crate::Secret;
use crate::data::{Slot, Structure, View};
use crate::operation::Operation;
use crate::operation_error::NoDeclaredError;
use crate::release::Releases;
use crate::table::{Method, OperationTable, RestRoute, Route, StructureTable, Ty};

/// Header and cookie with the identifier of a login session.
pub(crate) const SESSION_ID: &str = "vmware-api-session-id";
/// The same as a header's name.
pub(crate) const SESSION_ID_HEADER: HeaderName = HeaderName::from_static(SESSION_ID);
/// Header of clients that want the identifier in the reply alone, and no cookie.
pub(crate) const USE_HEADER_AUTHN: HeaderName = HeaderName::from_static("vmware-use-header-authn");

/// Canonical name of the service.
pub(crate) const SERVICE: &str = "com.vmware.cis.session";

const PATH: &str = "/com/vmware/cis/session";
const REST_PATH: &str = "/session";

/// Logs in: credentials come with the call, the session's identifier is the result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Create;

/// Logs out the session that comes with the call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delete;

impl Operation for Create {
    type Input = NoParameters;
    type Output = Secret;
    type Error = NoDeclaredError;
    const TABLE: &'static OperationTable = &CREATE;
}

impl Operation for Delete {
    type Input = NoParameters;
    type Output = ();
    type Error = NoDeclaredError;
    const TABLE: &'static OperationTable = &DELETE;
}

static CREATE: OperationTable = OperationTable {
    service: SERVICE,
    name: "create",
    releases: Releases::ALL,
    input: &NO_PARAMETERS,
    output: Ty::Secret,
    privileges: &[],
    errors: &[],
    routes: &[Route::new(Method::Post, PATH, &[], None)],
    rest: Some(RestRoute::new(201, Method::Post, REST_PATH, &[], None)),
    xml_namespace: "http://vmware.com/cis/session",
    xml_input: "Create-Input",
    xml_result: "Create-Result",
    source: file!(),
};

static DELETE: OperationTable = OperationTable {
    service: SERVICE,
    name: "delete",
    releases: Releases::ALL,
    input: &NO_PARAMETERS,
    output: Ty::Void,
    privileges: &[],
    errors: &[],
    routes: &[Route::new(Method::Delete, PATH, &[], None)],
    rest: Some(RestRoute::new(204, Method::Delete, REST_PATH, &[], None)),
    xml_namespace: "http://vmware.com/cis/session",
    xml_input: "Delete-Input",
    xml_result: "Delete-Result",
    source: file!(),
};

/// The parameters of an operation that has none.
#[derive(Debug)]
pub(crate) struct NoParameters;

static NO_PARAMETERS: StructureTable = StructureTable {
    name: "operation-input",
    fields: &[],
    by_name: &[],
    page_order: &[],
    unions: &[],
    source: file!(),
};

impl Structure for NoParameters {
    fn table(&self) -> &'static StructureTable {
        &NO_PARAMETERS
    }
    fn field(&self, field_idx: usize) -> View<'_> {
        crate::codegen::no_such_field(&NO_PARAMETERS, field_idx)
    }
    fn field_mut(&mut self, field_idx: usize) -> Slot<'_> {
        crate::codegen::no_such_field(&NO_PARAMETERS, field_idx)
    }
    fn blank() -> Self {
        NoParameters
    }
}
