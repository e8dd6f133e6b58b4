//! The login service as the generator would write it, and an operation of another service.

use vapi_runtime::codegen::{
    self, Field, Method, OperationTable, Releases, RestRoute, Route, ServiceTable, StructureTable, Ty,
};

const PATH: &str = "/com/vmware/cis/session";

pub(crate) static SERVICE: ServiceTable =
    ServiceTable { id: "com.vmware.cis.session", operations: &[&CREATE, &DELETE, &GET] };

const BLANK: OperationTable = OperationTable {
    service: "com.vmware.cis.session",
    name: "",
    releases: Releases::ALL,
    input: &NO_PARAMETERS,
    output: Ty::Void,
    privileges: &[],
    errors: &[],
    routes: &[],
    rest: None,
    xml_namespace: "http://vmware.com/cis/session",
    xml_input: "",
    xml_result: "",
    source: "spec/cis/session.yaml:9",
};

pub(super) static CREATE: OperationTable = OperationTable {
    name: "create",
    output: Ty::Secret,
    routes: &[Route::new(Method::Post, PATH, &[], None), Route::new(Method::Post, PATH, &[], Some("create"))],
    rest: Some(RestRoute::new(201, Method::Post, "/session", &[], None)),
    xml_input: "Create-Input",
    xml_result: "Create-Result",
    ..BLANK
};

pub(super) static DELETE: OperationTable = OperationTable {
    name: "delete",
    routes: &[
        Route::new(Method::Delete, PATH, &[], None),
        Route::new(Method::Post, PATH, &[], Some("delete")),
    ],
    rest: Some(RestRoute::new(204, Method::Delete, "/session", &[], None)),
    xml_input: "Delete-Input",
    xml_result: "Delete-Result",
    ..BLANK
};

pub(super) static GET: OperationTable = OperationTable {
    name: "get",
    output: Ty::Structure(&INFO),
    routes: &[Route::new(Method::Post, PATH, &[], Some("get"))],
    rest: Some(RestRoute::new(200, Method::Get, "/session", &[], None)),
    xml_input: "Get-Input",
    xml_result: "Get-Result",
    ..BLANK
};

/// An operation of any other service; its name is a login's.
pub(super) static OTHER: OperationTable =
    OperationTable { service: "com.example.store.parcel", name: "create", output: Ty::Secret, ..BLANK };

static NO_PARAMETERS: StructureTable = StructureTable {
    name: "operation-input",
    fields: &[],
    by_name: &[],
    page_order: &[],
    unions: &[],
    source: "spec/cis/session.yaml:9",
};

static INFO: StructureTable = StructureTable {
    name: "com.vmware.cis.session.info",
    fields: &[
        Field::new("user", Ty::String),
        Field::new("created_time", Ty::DateTime),
        Field::new("last_accessed_time", Ty::DateTime),
    ],
    by_name: &[1, 2, 0],
    page_order: &[2, 1, 0],
    unions: &[],
    source: "spec/cis/session.yaml:58",
};

/// Tables that are no login's, and what is said of each.
pub(super) static MISFITS: [(ServiceTable, &str); 6] = [
    (
        ServiceTable { id: "x", operations: &[&DELETE, &GET] },
        "x has no operation `create`, so nobody could log in",
    ),
    (
        ServiceTable { id: "x", operations: &[&OperationTable { name: "clear", ..BLANK }] },
        "com.vmware.cis.session.clear is no operation of a login",
    ),
    (
        ServiceTable {
            id: "x",
            operations: &[&OperationTable { name: "create", output: Ty::String, ..BLANK }],
        },
        "com.vmware.cis.session.create is no operation of a login",
    ),
    (
        ServiceTable { id: "x", operations: &[&OperationTable { input: &INFO, ..CREATE_ROW }] },
        "com.vmware.cis.session.create has parameters or privileges, which no operation of a login has",
    ),
    (
        ServiceTable {
            id: "x",
            operations: &[&OperationTable { privileges: &[codegen::Privileges::new(&["X"])], ..CREATE_ROW }],
        },
        "com.vmware.cis.session.create has parameters or privileges, which no operation of a login has",
    ),
    (
        ServiceTable {
            id: "x",
            operations: &[&OperationTable { name: "get", output: Ty::Structure(&NO_PARAMETERS), ..BLANK }],
        },
        "operation-input does not consist of user, created_time and last_accessed_time",
    ),
];

const CREATE_ROW: OperationTable = OperationTable { name: "create", output: Ty::Secret, ..BLANK };
