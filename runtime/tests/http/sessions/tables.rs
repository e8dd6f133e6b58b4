//! The login service as the generator would write it, and an operation of another service.

use vapi_runtime::codegen::{OperationTable, ServiceTable, StructureTable, Ty, Written};

pub(crate) static SERVICE: ServiceTable =
    ServiceTable { id: "com.vmware.cis.session", operations: &[&CREATE, &DELETE, &GET] };

pub(super) static CREATE: Written<OperationTable> = Written::new(
    "
    operation create com.vmware.cis.session
    result secret
    page POST /com/vmware/cis/session
    page POST /com/vmware/cis/session?~action=create
    rest 201 POST /api/session
    xml http://vmware.com/cis/session Create-Input Create-Result
    ",
    &[],
);

pub(super) static DELETE: Written<OperationTable> = Written::new(
    "
    operation delete com.vmware.cis.session
    page DELETE /com/vmware/cis/session
    page POST /com/vmware/cis/session?~action=delete
    rest 204 DELETE /api/session
    xml http://vmware.com/cis/session Delete-Input Delete-Result
    ",
    &[],
);

pub(super) static GET: Written<OperationTable> = Written::new(
    "
    operation get com.vmware.cis.session
    result com.vmware.cis.session.info
    page POST /com/vmware/cis/session?~action=get
    rest 200 GET /api/session
    xml http://vmware.com/cis/session Get-Input Get-Result
    ",
    &[Ty::Structure(&INFO)],
);

/// An operation of any other service; its name is a login's.
pub(super) static OTHER: Written<OperationTable> = Written::new(
    "operation create com.example.store.parcel
result secret",
    &[],
);

static INFO: Written<StructureTable> = Written::new(
    "
    structure com.vmware.cis.session.info
    user: string
    created_time: date_time
    last_accessed_time: date_time
    pages last_accessed_time created_time user
    ",
    &[],
);

static NOTHING: Written<StructureTable> = Written::new("structure com.example.nothing", &[]);
static CLEAR: Written<OperationTable> = Written::new("operation clear com.vmware.cis.session", &[]);
static CREATE_OF_TEXT: Written<OperationTable> = Written::new(
    "operation create com.vmware.cis.session
result string",
    &[],
);
static CREATE_FOR_USER: Written<OperationTable> = Written::new(
    "operation create com.vmware.cis.session
user: string
result secret",
    &[],
);
static CREATE_BY_FEW: Written<OperationTable> = Written::new(
    "operation create com.vmware.cis.session
result secret
privileges X",
    &[],
);
static GET_NOTHING: Written<OperationTable> = Written::new(
    "operation get com.vmware.cis.session
result com.example.nothing",
    &[Ty::Structure(&NOTHING)],
);

/// Tables that are no login's, and what is said of each.
pub(super) static MISFITS: [(ServiceTable, &str); 6] = [
    (
        ServiceTable { id: "x", operations: &[&DELETE, &GET] },
        "x has no operation `create`, so nobody could log in",
    ),
    (
        ServiceTable { id: "x", operations: &[&CLEAR] },
        "com.vmware.cis.session.clear is no operation of a login",
    ),
    (
        ServiceTable { id: "x", operations: &[&CREATE_OF_TEXT] },
        "com.vmware.cis.session.create is no operation of a login",
    ),
    (
        ServiceTable { id: "x", operations: &[&CREATE_FOR_USER] },
        "com.vmware.cis.session.create has parameters or privileges, which no operation of a login has",
    ),
    (
        ServiceTable { id: "x", operations: &[&CREATE_BY_FEW] },
        "com.vmware.cis.session.create has parameters or privileges, which no operation of a login has",
    ),
    (
        ServiceTable { id: "x", operations: &[&GET_NOTHING] },
        "com.example.nothing does not consist of user, created_time and last_accessed_time",
    ),
];
