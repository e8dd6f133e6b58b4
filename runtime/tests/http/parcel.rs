//! A small service as the generator would write it, by hand: tables, structures, operations, client and server trait.
//!
//! It doubles as the model of generated code: it uses nothing but `vapi_runtime::codegen` and the runtime's public types.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "in a crate of its own this would be public, with docs from its spec"
)]

use vapi_runtime::codegen::{self, Ty, Written};
use vapi_runtime::{Call, Context, Failure, Id, Operation, Resource};

use crate::std_errors::{NOT_FOUND, NotFound, RESOURCE_BUSY, ResourceBusy};

/// Identifier of a parcel.
pub type ParcelId = Id<ParcelResource>;

pub enum ParcelResource {}

impl Resource for ParcelResource {
    const TYPE: &'static str = "com.example.store.Parcel";
}

/// Identifier of a shelf.
pub type ShelfId = Id<ShelfResource>;

pub enum ShelfResource {}

impl Resource for ShelfResource {
    const TYPE: &'static str = "com.example.store.Shelf";
}

// A structure nested in the service.

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

static PARCEL_MODEL: Written<codegen::StructureTable> = Written::new(
    "
    structure com.example.store.parcel_model
    source spec/store/parcel.yaml:60
    weight: long
    label: string?
    lines: List<string>?
    inner: com.example.store.parcel_model?
    ",
    &[Ty::Structure(&PARCEL_MODEL)],
);

codegen::structure!(ParcelModel, PARCEL_MODEL, weight, label, lines, inner);

// Operation `create`: parameters, no errors.

#[non_exhaustive]
pub struct CreateInput {
    pub client_token: Option<String>,
    pub create_spec: ParcelModel,
}

codegen::structure!(CreateInput, CREATE.input, client_token, create_spec);

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
    const TABLE: &'static Written<codegen::OperationTable> = &CREATE;
}

static CREATE: Written<codegen::OperationTable> = Written::new(
    "
    operation create com.example.store.parcel
    source spec/store/parcel.yaml:4
    client_token: string?
    create_spec: com.example.store.parcel_model
    pages create_spec client_token
    result ID
    privileges Line.Draw on com.example.store.Line create_spec.lines
    page POST /com/example/store/parcel
    page POST /com/example/store/parcel?~action=create
    rest 201 POST /api/store/parcel
    body create_spec
    header parcel-token client_token
    xml http://vmware.com/com/example/store/parcel Create-Input Create-Result
    ",
    &[Ty::Structure(&PARCEL_MODEL)],
);

// Operation `get`: the id in the path of a GET line.

#[non_exhaustive]
pub struct GetInput {
    pub parcel_id: ParcelId,
}

codegen::structure!(GetInput, GET.input, parcel_id);

impl GetInput {
    pub fn new(parcel_id: impl Into<ParcelId>) -> Self {
        Self { parcel_id: parcel_id.into() }
    }
}

#[non_exhaustive]
pub enum GetError {
    NotFound(NotFound),
}

codegen::operation_error!(GetError, 0 NotFound);
impl codegen::Declares<NotFound> for GetError {}

#[derive(Clone, Copy, Debug)]
pub struct Get;

impl Operation for Get {
    type Input = GetInput;
    type Output = ParcelModel;
    type Error = GetError;
    const TABLE: &'static Written<codegen::OperationTable> = &GET;
}

static GET: Written<codegen::OperationTable> = Written::new(
    "
    operation get com.example.store.parcel
    source spec/store/parcel.yaml:14
    parcel_id: ID
    result com.example.store.parcel_model
    error 404 com.vmware.vapi.std.errors.not_found
    page GET /com/example/store/parcel/id:{parcel_id}
    page POST /com/example/store/parcel/id:{parcel_id}?~action=get
    page POST /com/example/store/parcel?~action=get
    rest 200 GET /api/store/parcel/{parcel_id}
    xml http://vmware.com/com/example/store/parcel Get-Input Get-Result
    ",
    &[Ty::Structure(&PARCEL_MODEL), Ty::Structure(&NOT_FOUND)],
);

// Operation `list`: an optional filter that may stand in the path.

#[non_exhaustive]
pub struct ListInput {
    pub shelf_id: Option<ShelfId>,
}

codegen::structure!(ListInput, LIST.input, shelf_id);

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
    const TABLE: &'static Written<codegen::OperationTable> = &LIST;
}

static LIST: Written<codegen::OperationTable> = Written::new(
    "
    operation list com.example.store.parcel
    source spec/store/parcel.yaml:24
    shelf_id: ID?
    result List<ID>
    page GET /com/example/store/parcel
    page POST /com/example/store/parcel/id:{shelf_id}?~action=list
    page POST /com/example/store/parcel?~action=list
    rest 200 GET /api/store/parcel
    query shelf_id
    xml http://vmware.com/com/example/store/parcel List-Input List-Result
    ",
    &[],
);

// Operation `hand_back`: no result, two errors.

#[non_exhaustive]
pub struct HandBackInput {
    pub parcel_id: ParcelId,
    pub reason: String,
    pub days: Option<i64>,
}

codegen::structure!(HandBackInput, HAND_BACK.input, parcel_id, reason, days);

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

codegen::operation_error!(HandBackError, 0 NotFound, 1 ResourceBusy);
impl codegen::Declares<NotFound> for HandBackError {}
impl codegen::Declares<ResourceBusy> for HandBackError {}

#[derive(Clone, Copy, Debug)]
pub struct HandBack;

impl Operation for HandBack {
    type Input = HandBackInput;
    type Output = ();
    type Error = HandBackError;
    const TABLE: &'static Written<codegen::OperationTable> = &HAND_BACK;
}

static HAND_BACK: Written<codegen::OperationTable> = Written::new(
    "
    operation hand_back com.example.store.parcel
    source spec/store/parcel.yaml:34
    since 6.5 until 6.7
    parcel_id: ID
    reason: string lenient
    days: long?
    pages reason parcel_id days
    result VOID
    error 404 com.vmware.vapi.std.errors.not_found
    error 400 500 com.vmware.vapi.std.errors.resource_busy
    privileges Store.Login
    privileges Parcel.Touch Parcel.HandBack on com.example.store.Parcel parcel_id
    privileges Shelf.See on com.example.store.Shelf shelf.id
    page POST /com/example/store/parcel/id:{parcel_id}?~action=hand-back
    page POST /com/example/store/parcel?~action=hand-back
    rest 204 POST /api/store/parcel/{parcel_id}?action=hand-back
    members reason days
    xml http://vmware.com/com/example/store/parcel HandBack-Input HandBack-Result
    ",
    &[Ty::Structure(&NOT_FOUND), Ty::Structure(&RESOURCE_BUSY)],
);

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
            0 => call.answer::<Create, _, _, _>(&self.0, Parcel::create),
            1 => call.answer::<Get, _, _, _>(&self.0, Parcel::get),
            2 => call.answer::<List, _, _, _>(&self.0, Parcel::list),
            3 => call.answer::<HandBack, _, _, _>(&self.0, Parcel::hand_back),
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
