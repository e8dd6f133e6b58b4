//! An implementation of the parcel service that notes what it was asked, and misbehaves for certain ids; and a server for it.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use vapi_runtime::codegen::NoDeclaredError;
use vapi_runtime::{Context, Failure, Router, server};

use crate::parcel::{
    CreateInput, GetError, GetInput, HandBackError, HandBackInput, ListInput, Parcel, ParcelId, ParcelModel,
    ParcelServer,
};
use crate::std_errors::{LocalizableMessage, NotFound, ResourceBusy};

/// What went on inside; clones see the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    calls: Arc<Mutex<Vec<String>>>,
    /// Calls with the id `slow`: whether one has begun, whether it may end.
    pub(crate) begun: Arc<Notify>,
    pub(crate) may_end: Arc<Notify>,
}

impl Store {
    pub(crate) fn router(&self) -> Router {
        Router::new().mount(ParcelServer(self.clone()))
    }

    /// The calls so far; forgets them.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn note(&self, call: String) {
        self.calls.lock().unwrap().push(call);
    }
}

pub(crate) fn message(text: &str) -> Vec<LocalizableMessage> {
    vec![LocalizableMessage::new("com.example.store", text, vec!["a".to_owned()])]
}

impl Parcel for Store {
    async fn create(&self, cx: &Context, input: CreateInput) -> Result<ParcelId, Failure<NoDeclaredError>> {
        let CreateInput { client_token, create_spec, .. } = input;
        self.note(format!("{} {client_token:?} {create_spec:?}", cx.operation().name));
        Ok(ParcelId::new("p-2"))
    }

    async fn get(&self, _: &Context, input: GetInput) -> Result<ParcelModel, Failure<GetError>> {
        self.note(format!("get {}", input.parcel_id));
        match input.parcel_id.as_str() {
            "p-1" => Ok(ParcelModel::new(10).label("höher & <weiter>")),
            "control" => Ok(ParcelModel::new(10).label("\u{1}")),
            "slow" => {
                self.begun.notify_one();
                self.may_end.notified().await;
                Ok(ParcelModel::new(11))
            }
            "broken" => Err(Failure::undeclared("the password is sesame")),
            "panic" => panic!("the password is sesame"),
            "panic later" => {
                tokio::task::yield_now().await;
                panic!("the password is sesame")
            }
            _ => Err(NotFound::new(message("no such parcel")))?,
        }
    }

    async fn list(&self, _: &Context, input: ListInput) -> Result<Vec<ParcelId>, Failure<NoDeclaredError>> {
        self.note(format!("list {:?}", input.shelf_id.as_ref().map(ToString::to_string)));
        Ok(vec![ParcelId::new("p-1"), ParcelId::new("p-2")])
    }

    async fn hand_back(&self, _: &Context, input: HandBackInput) -> Result<(), Failure<HandBackError>> {
        self.note(format!("hand_back {} {:?} {:?}", input.parcel_id, input.reason, input.days));
        match input.parcel_id.as_str() {
            "busy" => Err(HandBackError::ResourceBusy(ResourceBusy::new(message("try later"))).into()),
            "none" => Err(NotFound::new(message("no such parcel")).into()),
            _ => Ok(()),
        }
    }
}

/// A router behind a socket; stops when told, or with the test's runtime.
pub(crate) struct Served {
    pub(crate) address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Served {
    pub(crate) async fn start(router: Router) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server::serve(listener, router, async {
            let _dropped_is_stopped = stopped.await;
        }));
        Served { address, stop, serving }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends these bytes on a connection of their own and gives everything that comes back.
    pub(crate) async fn exchange(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).await.unwrap();
        String::from_utf8(reply).unwrap()
    }

    /// Tells it to stop; what it gives back is over when it has stopped.
    pub(crate) fn tell_to_stop(self) -> tokio::task::JoinHandle<std::io::Result<()>> {
        self.stop.send(()).unwrap();
        self.serving
    }

    pub(crate) async fn stop(self) {
        self.tell_to_stop().await.unwrap().unwrap();
    }
}
