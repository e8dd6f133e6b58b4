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
use crate::table::{OperationTable, StructureTable, Written};

/// Header and cookie with the identifier of a login session.
pub(crate) const SESSION_ID: &str = "vmware-api-session-id";
/// The same as a header's name.
pub(crate) const SESSION_ID_HEADER: HeaderName = HeaderName::from_static(SESSION_ID);
/// Header of clients that want the identifier in the reply alone, and no cookie.
pub(crate) const USE_HEADER_AUTHN: HeaderName = HeaderName::from_static("vmware-use-header-authn");

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
    const TABLE: &'static Written<OperationTable> = &CREATE;
}

impl Operation for Delete {
    type Input = NoParameters;
    type Output = ();
    type Error = NoDeclaredError;
    const TABLE: &'static Written<OperationTable> = &DELETE;
}

static CREATE: Written<OperationTable> = Written::new(
    "
    operation create com.vmware.cis.session
    result secret
    page POST /com/vmware/cis/session
    rest 201 POST /api/session
    xml http://vmware.com/cis/session Create-Input Create-Result
    ",
    &[],
);

static DELETE: Written<OperationTable> = Written::new(
    "
    operation delete com.vmware.cis.session
    page DELETE /com/vmware/cis/session
    rest 204 DELETE /api/session
    xml http://vmware.com/cis/session Delete-Input Delete-Result
    ",
    &[],
);

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
