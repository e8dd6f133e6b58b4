//! A small service as the generator would write it, by hand: tables, structures, operations, client and server trait.
//!
//! It doubles as the model of generated code: it uses nothing but `vapi_runtime::codegen` and the runtime's public types.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "in a crate of its own this would be public, with docs from its spec"
)]

use vapi_runtime::codegen;
use vapi_runtime::{Call, Context, Failure, Operation};

use crate::std_errors::{NOT_FOUND, NotFound, RESOURCE_BUSY, ResourceBusy, structure};

codegen::id! {
    /// Identifier of a parcel.
    ParcelId, "com.example.store.Parcel"
}

codegen::id! {
    /// Identifier of a shelf.
    ShelfId, "com.example.store.Shelf"
}

// A structure nested in the service.

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParcelModel {
    pub weight: i64,
    pub label: Option<String>,
    pub lines: Option<Vec<String>>,
    pub inner: Option<Box<ParcelModel>>,
}

impl ParcelModel {
    pub fn new(weight: i64) -> Self {
        Self { weight, label: None, lines: None, inner: None }
    }
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
    #[must_use]
    pub fn lines(mut self, lines: Vec<String>) -> Self {
        self.lines = Some(lines);
        self
    }
    #[must_use]
    pub fn inner(mut self, inner: ParcelModel) -> Self {
        self.inner = Some(Box::new(inner));
        self
    }
}

static PARCEL_MODEL: codegen::StructureTable = codegen::StructureTable {
    name: "com.example.store.parcel_model",
    fields: &[
        codegen::Field::new("weight", codegen::Ty::Long),
        codegen::Field::new("label", codegen::Ty::Optional(&codegen::Ty::String)),
        codegen::Field::new("lines", codegen::Ty::Optional(&codegen::Ty::List(&codegen::Ty::String))),
        codegen::Field::new("inner", codegen::Ty::Optional(&codegen::Ty::Structure(&PARCEL_MODEL))),
    ],
    by_name: &[3, 1, 2, 0],
    page_order: &[0, 1, 2, 3],
    unions: &[],
    source: "spec/store/parcel.yaml:60",
};

impl codegen::Structure for ParcelModel {
    fn table(&self) -> &'static codegen::StructureTable {
        &PARCEL_MODEL
    }
    fn field(&self, field_idx: usize) -> codegen::View<'_> {
        match field_idx {
            0 => codegen::Data::view(&self.weight),
            1 => codegen::Data::view(&self.label),
            2 => codegen::Data::view(&self.lines),
            3 => codegen::Data::view(&self.inner),
            _ => codegen::no_such_field(&PARCEL_MODEL, field_idx),
        }
    }
    fn field_mut(&mut self, field_idx: usize) -> codegen::Slot<'_> {
        match field_idx {
            0 => codegen::Data::slot(&mut self.weight),
            1 => codegen::Data::slot(&mut self.label),
            2 => codegen::Data::slot(&mut self.lines),
            3 => codegen::Data::slot(&mut self.inner),
            _ => codegen::no_such_field(&PARCEL_MODEL, field_idx),
        }
    }
    fn blank() -> Self {
        Self::new(codegen::Data::empty())
    }
}

const OPTIONAL_TEXT: codegen::Ty = codegen::Ty::Optional(&codegen::Ty::String);

// Operation `create`: parameters, no errors.

structure! {
    CreateInput, CREATE_INPUT = "operation-input" {
        0 client_token: Option<String> = OPTIONAL_TEXT,
        1 create_spec: ParcelModel = codegen::Ty::Structure(&PARCEL_MODEL)
    } by_name [0, 1], page_order [1, 0]
}

impl CreateInput {
    pub fn new(create_spec: ParcelModel) -> Self {
        Self { client_token: None, create_spec }
    }
    #[must_use]
    pub fn client_token(mut self, client_token: impl Into<String>) -> Self {
        self.client_token = Some(client_token.into());
        self
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Create;

impl Operation for Create {
    type Input = CreateInput;
    type Output = ParcelId;
    type Error = codegen::NoDeclaredError;
    const TABLE: &'static codegen::OperationTable = &CREATE;
}

static CREATE: codegen::OperationTable = codegen::OperationTable {
    service: "com.example.store.parcel",
    name: "create",
    releases: codegen::Releases::ALL,
    input: &CREATE_INPUT,
    output: codegen::Ty::Id,
    privileges: &[codegen::Privileges::on("com.example.store.Line", "create_spec.lines", &["Line.Draw"])],
    errors: &[],
    routes: &[
        codegen::Route::new(codegen::Method::Post, "/com/example/store/parcel", &[], None),
        codegen::Route::new(codegen::Method::Post, "/com/example/store/parcel", &[], Some("create")),
    ],
    rest: Some(
        codegen::RestRoute::new(201, codegen::Method::Post, "/store/parcel", &[], None)
            .body(1)
            .headers(&[("parcel-token", 0)]),
    ),
    xml_namespace: "http://vmware.com/com/example/store/parcel",
    xml_input: "Create-Input",
    xml_result: "Create-Result",
    source: "spec/store/parcel.yaml:4",
};

// Operation `get`: the id in the path of a GET line.

structure! {
    GetInput, GET_INPUT = "operation-input" {
        0 parcel_id: ParcelId = codegen::Ty::Id
    } by_name [0], page_order [0]
}

impl GetInput {
    pub fn new(parcel_id: impl Into<ParcelId>) -> Self {
        Self { parcel_id: parcel_id.into() }
    }
}

#[non_exhaustive]
pub enum GetError {
    NotFound(NotFound),
}

codegen::operation_error!(GetError, GET, 0 NotFound);
impl codegen::Declares<NotFound> for GetError {}

#[derive(Clone, Copy, Debug)]
pub struct Get;

impl Operation for Get {
    type Input = GetInput;
    type Output = ParcelModel;
    type Error = GetError;
    const TABLE: &'static codegen::OperationTable = &GET;
}

static GET: codegen::OperationTable = codegen::OperationTable {
    service: "com.example.store.parcel",
    name: "get",
    releases: codegen::Releases::ALL,
    input: &GET_INPUT,
    output: codegen::Ty::Structure(&PARCEL_MODEL),
    privileges: &[],
    errors: &[codegen::ErrorTable::new(404, &NOT_FOUND)],
    routes: &[
        codegen::Route::new(codegen::Method::Get, "/com/example/store/parcel/id:{parcel_id}", &[0], None),
        codegen::Route::new(
            codegen::Method::Post,
            "/com/example/store/parcel/id:{parcel_id}",
            &[0],
            Some("get"),
        ),
        codegen::Route::new(codegen::Method::Post, "/com/example/store/parcel", &[], Some("get")),
    ],
    rest: Some(codegen::RestRoute::new(200, codegen::Method::Get, "/store/parcel/{parcel_id}", &[0], None)),
    xml_namespace: "http://vmware.com/com/example/store/parcel",
    xml_input: "Get-Input",
    xml_result: "Get-Result",
    source: "spec/store/parcel.yaml:14",
};

// Operation `list`: an optional filter that may stand in the path.

structure! {
    ListInput, LIST_INPUT = "operation-input" {
        0 shelf_id: Option<ShelfId> = codegen::Ty::Optional(&codegen::Ty::Id)
    } by_name [0], page_order [0]
}

impl ListInput {
    pub fn new() -> Self {
        Self { shelf_id: None }
    }
    #[must_use]
    pub fn shelf_id(mut self, shelf_id: impl Into<ShelfId>) -> Self {
        self.shelf_id = Some(shelf_id.into());
        self
    }
}

#[derive(Clone, Copy, Debug)]
pub struct List;

impl Operation for List {
    type Input = ListInput;
    type Output = Vec<ParcelId>;
    type Error = codegen::NoDeclaredError;
    const TABLE: &'static codegen::OperationTable = &LIST;
}

static LIST: codegen::OperationTable = codegen::OperationTable {
    service: "com.example.store.parcel",
    name: "list",
    releases: codegen::Releases::ALL,
    input: &LIST_INPUT,
    output: codegen::Ty::List(&codegen::Ty::Id),
    privileges: &[],
    errors: &[],
    routes: &[
        codegen::Route::new(codegen::Method::Get, "/com/example/store/parcel", &[], None),
        codegen::Route::new(
            codegen::Method::Post,
            "/com/example/store/parcel/id:{shelf_id}",
            &[0],
            Some("list"),
        ),
        codegen::Route::new(codegen::Method::Post, "/com/example/store/parcel", &[], Some("list")),
    ],
    rest: Some(codegen::RestRoute::new(200, codegen::Method::Get, "/store/parcel", &[], None).query(&[0])),
    xml_namespace: "http://vmware.com/com/example/store/parcel",
    xml_input: "List-Input",
    xml_result: "List-Result",
    source: "spec/store/parcel.yaml:24",
};

// Operation `hand_back`: no result, two errors.

structure! {
    HandBackInput, HAND_BACK_INPUT = "operation-input" {
        0 parcel_id: ParcelId = codegen::Ty::Id,
        1 reason: String = codegen::Ty::String => lenient,
        2 days: Option<i64> = codegen::Ty::Optional(&codegen::Ty::Long)
    } by_name [2, 0, 1], page_order [1, 0, 2]
}

impl HandBackInput {
    pub fn new(parcel_id: impl Into<ParcelId>, reason: impl Into<String>) -> Self {
        Self { parcel_id: parcel_id.into(), reason: reason.into(), days: None }
    }
    #[must_use]
    pub fn days(mut self, days: i64) -> Self {
        self.days = Some(days);
        self
    }
}

#[non_exhaustive]
pub enum HandBackError {
    NotFound(NotFound),
    ResourceBusy(ResourceBusy),
}

codegen::operation_error!(HandBackError, HAND_BACK, 0 NotFound, 1 ResourceBusy);
impl codegen::Declares<NotFound> for HandBackError {}
impl codegen::Declares<ResourceBusy> for HandBackError {}

#[derive(Clone, Copy, Debug)]
pub struct HandBack;

impl Operation for HandBack {
    type Input = HandBackInput;
    type Output = ();
    type Error = HandBackError;
    const TABLE: &'static codegen::OperationTable = &HAND_BACK;
}

static HAND_BACK: codegen::OperationTable = codegen::OperationTable {
    service: "com.example.store.parcel",
    name: "hand_back",
    releases: codegen::Releases::between(
        codegen::Release::new(6, 5, 0, 0),
        codegen::Release::new(6, 7, 0, 0),
    ),
    input: &HAND_BACK_INPUT,
    output: codegen::Ty::Void,
    privileges: &[
        codegen::Privileges::new(&["Store.Login"]),
        codegen::Privileges::on(
            "com.example.store.Parcel",
            "parcel_id",
            &["Parcel.Touch", "Parcel.HandBack"],
        ),
        codegen::Privileges::on("com.example.store.Shelf", "shelf.id", &["Shelf.See"]),
    ],
    errors: &[
        codegen::ErrorTable::new(404, &NOT_FOUND),
        codegen::ErrorTable::new(400, &RESOURCE_BUSY).below_api(500),
    ],
    routes: &[
        codegen::Route::new(
            codegen::Method::Post,
            "/com/example/store/parcel/id:{parcel_id}",
            &[0],
            Some("hand-back"),
        ),
        codegen::Route::new(codegen::Method::Post, "/com/example/store/parcel", &[], Some("hand-back")),
    ],
    rest: Some(
        codegen::RestRoute::new(
            204,
            codegen::Method::Post,
            "/store/parcel/{parcel_id}",
            &[0],
            Some("hand-back"),
        )
        .body_fields(&[1, 2]),
    ),
    xml_namespace: "http://vmware.com/com/example/store/parcel",
    xml_input: "HandBack-Input",
    xml_result: "HandBack-Result",
    source: "spec/store/parcel.yaml:34",
};

static SERVICE: codegen::ServiceTable =
    codegen::ServiceTable { id: "com.example.store.parcel", operations: &[&CREATE, &GET, &LIST, &HAND_BACK] };

/// The service, for servers.
pub trait Parcel: Send + Sync + 'static {
    fn create(
        &self,
        cx: &Context,
        input: CreateInput,
    ) -> impl Future<Output = Result<ParcelId, Failure<codegen::NoDeclaredError>>> + Send;
    fn get(
        &self,
        cx: &Context,
        input: GetInput,
    ) -> impl Future<Output = Result<ParcelModel, Failure<GetError>>> + Send;
    fn list(
        &self,
        cx: &Context,
        input: ListInput,
    ) -> impl Future<Output = Result<Vec<ParcelId>, Failure<codegen::NoDeclaredError>>> + Send;
    fn hand_back(
        &self,
        cx: &Context,
        input: HandBackInput,
    ) -> impl Future<Output = Result<(), Failure<HandBackError>>> + Send;
}

/// Mounts an implementation in a router.
#[derive(Clone, Debug)]
pub struct ParcelServer<S>(pub S);

impl<S: Parcel> codegen::Dispatch for ParcelServer<S> {
    fn table(&self) -> &'static codegen::ServiceTable {
        &SERVICE
    }
    fn dispatch<'a>(&'a self, operation_idx: usize, call: codegen::IncomingCall<'a>) -> codegen::Reply<'a> {
        match operation_idx {
            0 => call.answer(Create, &self.0, Parcel::create),
            1 => call.answer(Get, &self.0, Parcel::get),
            2 => call.answer(List, &self.0, Parcel::list),
            3 => call.answer(HandBack, &self.0, Parcel::hand_back),
            _ => codegen::no_such_operation(&SERVICE, operation_idx),
        }
    }
}

/// The service, for clients.
#[derive(Clone, Debug)]
pub struct ParcelClient(vapi_runtime::Client);

impl ParcelClient {
    pub fn new(client: vapi_runtime::Client) -> Self {
        Self(client)
    }
    pub fn create(&self, create_spec: ParcelModel) -> Call<Create> {
        Call::new(&self.0, CreateInput::new(create_spec))
    }
    pub fn get(&self, parcel_id: impl Into<ParcelId>) -> Call<Get> {
        Call::new(&self.0, GetInput::new(parcel_id))
    }
    pub fn list(&self) -> Call<List> {
        Call::new(&self.0, ListInput::new())
    }
    pub fn hand_back(&self, parcel_id: impl Into<ParcelId>, reason: impl Into<String>) -> Call<HandBack> {
        Call::new(&self.0, HandBackInput::new(parcel_id, reason))
    }
}
