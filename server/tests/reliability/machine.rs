//! A client that brings a virtual machine as one archive, again and again, and remembers which came last.
//!
//! An archive is taken apart while it comes: after a kill there are all of its files in the session, or none and the
//! archive is to be sent again. The item has the files of the last one that was completed.

use http::Method;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{TransferStatus, UpdateSessionModel, UpdateSessionModelState as State};

use crate::content::{Content, Cut, answered, exchange, path_of};
use crate::random_numbers::Random;
use crate::tar;

const DESCRIPTOR: &str = r#"<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References><File ovf:id="f1" ovf:href="disk.vmdk"/></References>
</Envelope>"#;
const BYTES_MAX: u64 = 300_000;

/// How far an archive is.
#[derive(Clone, Debug)]
enum Progress {
    /// There is no session.
    Nothing,
    Begun,
    /// Where the archive goes.
    Added(String),
    Sent,
    Completed,
}

/// Brings virtual machines into one item.
pub(crate) struct Machine {
    item: String,
    random: Random,
    session: String,
    progress: Progress,
    /// The disk that is on its way, and the one that the item has.
    coming: Content,
    has: Option<Content>,
    in_doubt: bool,
    pub(crate) n_acknowledged: u64,
    pub(crate) n_in_doubt: u64,
}

impl Machine {
    pub(crate) fn new(item: String, random: Random) -> Machine {
        Machine {
            item,
            random,
            session: String::new(),
            progress: Progress::Nothing,
            coming: Content { seed: 0, size: 1 },
            has: None,
            in_doubt: false,
            n_acknowledged: 0,
            n_in_doubt: 0,
        }
    }

    pub(crate) fn n_files(&self) -> usize {
        if self.has.is_some() { 2 } else { 0 }
    }

    /// Brings archives until the server is gone.
    pub(crate) async fn bring(&mut self, client: &vapi::Client, url: &str) {
        while self.step(client, url).await.is_ok() {
            self.n_acknowledged += 1;
        }
        self.n_in_doubt += 1;
        self.in_doubt = true;
    }

    async fn step(&mut self, client: &vapi::Client, url: &str) -> Result<(), Cut> {
        let sessions = client.update_session();
        match self.progress.clone() {
            Progress::Nothing => {
                self.coming =
                    Content { seed: self.random.next(), size: 1 + self.random.below(BYTES_MAX) as usize };
                let spec = UpdateSessionModel::for_create(self.item.as_str());
                self.session = answered(sessions.create(spec).await)?.to_string();
                self.progress = Progress::Begun;
            }
            Progress::Begun => {
                let spec = AddSpec::new("vm.ova", SourceType::Push);
                let added = answered(client.update_session_file().add(self.session.as_str(), spec).await)?;
                self.progress =
                    Progress::Added(path_of(added.upload_endpoint.expect("an address").uri.as_str()));
            }
            Progress::Added(path) => {
                let disk = self.coming.bytes();
                let members = [tar::file("vm.ovf", DESCRIPTOR.as_bytes()), tar::file("disk.vmdk", &disk)];
                exchange(format!("{url}{path}"), Method::PUT, None, tar::archive(&members).into()).await?;
                self.progress = Progress::Sent;
            }
            Progress::Sent => {
                self.read(client).await?;
                answered(sessions.complete(self.session.as_str()).await)?;
                self.completed();
            }
            Progress::Completed => {
                answered(sessions.delete(self.session.as_str()).await)?;
                self.progress = Progress::Nothing;
            }
        }
        Ok(())
    }

    fn completed(&mut self) {
        self.has = Some(self.coming.clone());
        self.progress = Progress::Completed;
    }

    /// Waits until the descriptor was read.
    async fn read(&self, client: &vapi::Client) -> Result<(), Cut> {
        let files = client.update_session_file();
        while answered(files.get(self.session.as_str(), "vm.ovf").await)?.status == TransferStatus::Validating
        {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Looks whether everything is as it was told, but for the call in doubt.
    pub(crate) async fn check(&mut self, client: &vapi::Client) {
        let checked = async {
            if std::mem::take(&mut self.in_doubt) {
                self.settle(client).await?;
            }
            self.check_session(client).await?;
            self.check_item(client).await
        };
        assert!(checked.await.is_ok(), "it went down by itself");
    }

    async fn settle(&mut self, client: &vapi::Client) -> Result<(), Cut> {
        let list = client.update_session().list().with(|input| input.library_item_id(self.item.as_str()));
        let listed = answered(list.await)?;
        match &self.progress {
            Progress::Nothing => {
                if let Some(id) = listed.first() {
                    self.session = id.to_string();
                    self.progress = Progress::Begun;
                }
            }
            Progress::Begun => {
                let files = answered(client.update_session_file().list(self.session.as_str()).await)?;
                if let Some(added) = files.iter().find(|file| file.name == "vm.ova") {
                    let uri = &added.upload_endpoint.as_ref().expect("an address").uri;
                    self.progress = Progress::Added(path_of(uri.as_str()));
                }
            }
            Progress::Added(_) => {
                let files = answered(client.update_session_file().list(self.session.as_str()).await)?;
                if !files.iter().any(|file| file.name == "vm.ova") {
                    self.progress = Progress::Sent;
                }
            }
            Progress::Sent => {
                let session = answered(client.update_session().get(self.session.as_str()).await)?;
                if session.state == Some(State::Done) {
                    self.completed();
                }
            }
            Progress::Completed => {
                if listed.is_empty() {
                    self.progress = Progress::Nothing;
                }
            }
        }
        Ok(())
    }

    async fn check_session(&self, client: &vapi::Client) -> Result<(), Cut> {
        let files = client.update_session_file();
        match &self.progress {
            Progress::Nothing | Progress::Begun | Progress::Completed => {}
            Progress::Added(_) => {
                let listed = answered(files.list(self.session.as_str()).await)?;
                let mut sent = listed.iter().filter(|file| file.source_type == SourceType::Push);
                let archive = sent.next().expect("the archive");
                assert_eq!(
                    (archive.name.as_str(), sent.next()),
                    ("vm.ova", None),
                    "members of half an archive"
                );
                assert_eq!(archive.status, TransferStatus::WaitingForTransfer);
            }
            Progress::Sent => {
                self.read(client).await?;
                let disk = answered(files.get(self.session.as_str(), "disk.vmdk").await)?;
                assert_eq!(disk.status, TransferStatus::Ready, "{disk:?}");
                assert_eq!(disk.size, Some(self.coming.size as i64));
                let descriptor = answered(files.get(self.session.as_str(), "vm.ovf").await)?;
                assert_eq!(descriptor.status, TransferStatus::Ready, "{descriptor:?}");
            }
        }
        Ok(())
    }

    /// The item has the last machine that was completed, and nothing of another one.
    async fn check_item(&self, client: &vapi::Client) -> Result<(), Cut> {
        let found = answered(client.file().list(self.item.as_str()).await)?;
        assert_eq!(found.len(), self.n_files(), "{found:?}");
        if let Some(disk) = &self.has {
            let file = found.iter().find(|file| file.name == "disk.vmdk").expect("its disk");
            assert_eq!(file.checksum_info.as_ref().expect("a checksum").checksum, disk.sha256());
        }
        Ok(())
    }

    /// Gives up what is not completed.
    pub(crate) async fn give_up(&mut self, client: &vapi::Client) {
        if matches!(self.progress, Progress::Begun | Progress::Added(_) | Progress::Sent) {
            client.update_session().cancel(self.session.as_str()).await.unwrap();
            client.update_session().delete(self.session.as_str()).await.unwrap();
            self.progress = Progress::Nothing;
        }
    }
}
