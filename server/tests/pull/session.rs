//! An update session over a server that works, whose files are fetched.

use std::collections::BTreeMap;

use contentlibd::domain::Caller;
use contentlibd::domain::item::GetItem;
use contentlibd::settings::Settings;
use vapi::content::library::item::updatesession::file::{AddSpec, Info, SourceType};
use vapi::content::library::item::{
    TransferEndpoint, TransferStatus, UpdateSessionModel, UpdateSessionModelState,
};
use vapi::runtime::Surface;

use crate::outbound;
use crate::served::Listening;

pub(crate) struct Session {
    pub(crate) listening: Listening,
    pub(crate) client: vapi::Client,
    pub(crate) item: String,
    pub(crate) id: String,
}

/// Settings that let a test's servers be reached and try without waiting long.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings { outbound: outbound::settings(), ..Settings::new("") };
    settings.pull.retry_ms = 1;
    settings.pull.tries_max = 3;
    settings.transfers.report_ms = 1;
    settings
}

/// A file to be fetched from there.
pub(crate) fn pull(name: &str, uri: &str) -> AddSpec {
    AddSpec::new(name, SourceType::Pull).source_endpoint(TransferEndpoint::new(uri))
}

impl Session {
    pub(crate) async fn new(type_name: &str, settings: Settings) -> Session {
        let listening = Listening::with(settings).await;
        let library = listening.served.library().await;
        let item = listening.served.item_of_type(&library, "vm", type_name).await.to_string();
        // It may read the server's storage.
        let client = listening.served.client("root", Surface::Rest);
        let id = client.update_session().create(UpdateSessionModel::for_create(item.as_str())).await.unwrap();
        Session { listening, client, item, id: id.to_string() }
    }

    /// The same after the server was ended and started.
    pub(crate) async fn again(self) -> Session {
        let Session { listening, item, id, client } = self;
        drop(client);
        let listening = listening.again().await;
        let client = listening.served.client("root", Surface::Rest);
        Session { listening, client, item, id }
    }

    pub(crate) async fn add(&self, spec: AddSpec) -> Info {
        self.client.update_session_file().add(self.id.as_str(), spec).await.unwrap()
    }

    /// Adds a file and waits until it is ready or in error.
    pub(crate) async fn fetch(&self, spec: AddSpec) -> Info {
        let name = self.add(spec).await.name;
        self.settled(&name).await
    }

    /// It ends in error, with all of these words in its message.
    pub(crate) async fn check_failed(&self, spec: AddSpec, words: &[&str]) -> String {
        let file = self.fetch(spec).await;
        assert_eq!(file.status, TransferStatus::Error, "{file:?}");
        let text = file.error_message.unwrap().default_message;
        for word in words {
            assert!(text.contains(word), "{text:?} does not say {word:?}");
        }
        text
    }

    pub(crate) async fn file(&self, name: &str) -> Info {
        self.client.update_session_file().get(self.id.as_str(), name).await.unwrap()
    }

    /// The file, once it is ready or in error.
    pub(crate) async fn settled(&self, name: &str) -> Info {
        self.file_when(name, |file| [TransferStatus::Ready, TransferStatus::Error].contains(&file.status))
            .await
    }

    /// The file, once it is so.
    pub(crate) async fn file_when(&self, name: &str, is_so: impl Fn(&Info) -> bool) -> Info {
        loop {
            let file = self.file(name).await;
            if is_so(&file) {
                return file;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn state(&self) -> UpdateSessionModelState {
        self.client.update_session().get(self.id.as_str()).await.unwrap().state.unwrap()
    }

    /// How the session ended, once it has.
    pub(crate) async fn ended(&self) -> UpdateSessionModelState {
        loop {
            match self.state().await {
                UpdateSessionModelState::Active => tokio::task::yield_now().await,
                ended => return ended,
            }
        }
    }

    pub(crate) async fn complete(&self) -> UpdateSessionModelState {
        self.client.update_session().complete(self.id.as_str()).await.unwrap();
        self.ended().await
    }

    /// The item's files and their bytes.
    pub(crate) fn content(&self) -> BTreeMap<String, Vec<u8>> {
        let app = &self.listening.served.app;
        let question = GetItem { id: self.item.as_str().into() };
        let item = app.ledger.ask(Caller::Server, app.now(), &question).unwrap();
        let read = |blob| {
            let mut bytes = Vec::new();
            app.blobs.read(blob, 0).unwrap().bytes.read_to_end(&mut bytes).unwrap();
            bytes
        };
        item.files.iter().map(|file| (file.name.clone(), read(file.blob.as_ref().unwrap()))).collect()
    }

    /// Waits until only so many files of bytes are on the disk, and nobody writes to one.
    pub(crate) async fn only_blobs(&self, n_blobs: usize) {
        let app = &self.listening.served.app;
        while app.running.n_running() > 0 || app.blobs.list().unwrap().len() != n_blobs {
            tokio::task::yield_now().await;
        }
    }
}
