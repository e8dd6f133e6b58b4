//! contentlibd on a thread of its own, as `contentlibd --demo` starts it, with a library that items can be made in.

use std::thread::JoinHandle;

use contentlibd::config::Config;
use contentlibd::demo::Demo;
use tokio::sync::oneshot;
use vapi::content::library::{ItemId, ItemModel, StorageBacking, StorageBackingType};
use vapi::content::{LibraryId, LibraryModel};

/// A server until it is dropped.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) user: String,
    pub(crate) password: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    pub(crate) fn start() -> Served {
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let demo = Demo::start(Config::default()).await.unwrap();
                tell.send(demo.what_to_type()).unwrap();
                tokio::select! {
                    ended = demo.serve() => panic!("nobody ended the server: {ended:?}"),
                    _ = stopped => {}
                }
            });
        });
        let said = told.recv().unwrap();
        let after = |start: &str| {
            let rest = said.split_once(start).unwrap().1;
            rest[..rest.find([',', '\n']).unwrap()].to_owned()
        };
        let (url, user, password) = (after("listens on "), after("user "), after("password "));
        Served { url, user, password, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn client(&self) -> vapi::Client {
        let client = vapi::runtime::Client::new(&self.url).unwrap();
        client.credentials(self.user.as_str(), self.password.as_str()).into()
    }

    pub(crate) fn library(&self) -> LibraryId {
        let place = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
        self.client().local_library().create(LibraryModel::for_create("replay", vec![place])).wait().unwrap()
    }

    pub(crate) fn item(&self, library: &LibraryId, name: &str) -> ItemId {
        self.client().item().create(ItemModel::for_create(library, name)).wait().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A server that panicked has failed the test already.
        let _panicked = self.thread.take().map(JoinHandle::join);
    }
}
