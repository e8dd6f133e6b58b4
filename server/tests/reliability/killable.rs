//! The program itself on a data directory, to be killed and started again, and what it left on the disk.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use contentlibd::domain::State;
use contentlibd::domain::ids::BlobId;
use contentlibd::domain::item::Item;
use contentlibd::domain::session_file::Status;
use contentlibd::domain::update::UpdateSession;
use contentlibd::store::sqlite::SqliteStore;
use vapi::runtime::client::Retry;

use crate::invariants;
use crate::scratch::{Scratch, everything};

/// Small, so that what comes is noted and synced in the middle of uploads.
const SETTINGS: [&str; 3] = ["log.format=json", "transfers.sync_bytes=16384", "transfers.report_ms=1"];

/// A data directory, which outlives servers.
pub(crate) struct Data(Scratch);

impl Data {
    /// With one user, whose password is quickly checked: each start is followed by a login.
    pub(crate) fn new() -> Data {
        let scratch = Scratch::new();
        let data = scratch.path().join("data");
        fs::create_dir(&data).unwrap();
        let cheap = Params::new(8, 1, 1, None).unwrap();
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap).hash_password(b"a").unwrap();
        fs::write(data.join("users"), format!("ann:publisher:{hash}\n")).unwrap();
        Data(scratch)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// The sizes of the blobs on the disk.
    pub(crate) fn blobs(&self) -> BTreeMap<BlobId, u64> {
        let found = fs::read_dir(self.path().join("blobs")).unwrap();
        let sized = found.filter_map(|entry| {
            let entry = entry.unwrap();
            // One that is erased at this moment has no size any more.
            let size = entry.metadata().ok()?.len();
            Some((BlobId::from(entry.file_name().into_string().unwrap()), size))
        });
        sized.collect()
    }

    /// What a killed server left: records that make sense, whose bytes are there, and no bytes that no record knows.
    #[track_caller]
    pub(crate) fn check_left(&self) {
        // The next server has to recover the records itself, so a copy is looked at.
        let image = Scratch::new();
        for name in ["records.sqlite", "records.sqlite-wal"] {
            fs::copy(self.path().join(name), image.path().join(name)).unwrap();
        }
        let mut state = State::whole();
        state.evolve(&everything(&SqliteStore::open(&image.records()).unwrap()));
        invariants::check(&state);
        let on_disk = self.blobs();
        for item in state.records().all::<Item>() {
            for file in &item.files {
                let size = on_disk.get(file.blob.as_ref().unwrap());
                assert_eq!(size, Some(&file.size), "{} of {}", file.name, item.id);
            }
        }
        for session in state.records().all::<UpdateSession>() {
            for file in &session.files {
                let Some(blob) = &file.blob else { continue };
                let size = on_disk.get(blob).copied().unwrap_or(0);
                let is_there =
                    if file.status == Status::Ready { size == file.received } else { size >= file.durable };
                assert!(is_there, "{} of {} has {size} bytes: {file:?}", file.name, session.id);
            }
        }
        let known = invariants::blobs(&state);
        let orphans: Vec<_> = on_disk.keys().filter(|blob| !known.contains(blob)).collect();
        assert!(orphans.is_empty(), "no record knows {orphans:?}");
    }

    fn spawn(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contentlibd"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-directory"]).arg(self.path());
        for setting in SETTINGS {
            command.args(["--set", setting]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// A server that is killed so soon that it may not have recovered.
    pub(crate) async fn start_and_kill(&self, life: Duration) {
        let mut server = Killable { child: self.spawn(), url: String::new() };
        tokio::time::sleep(life).await;
        server.kill();
    }

    /// Starts a server, which has recovered when this returns.
    pub(crate) fn start(&self) -> Killable {
        let mut child = self.spawn();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let address = loop {
            let Some(line) = log.next() else { panic!("it does not start: {said:?}") };
            let line = line.unwrap();
            let parsed: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if parsed["message"] == "contentlibd listens" {
                break parsed["address"].as_str().unwrap().to_owned();
            }
            said.push(line);
        };
        // A full pipe would stop the server.
        std::thread::spawn(move || log.for_each(drop));
        Killable { child, url: format!("http://{address}") }
    }
}

/// A server that runs until it is killed, at the latest when this is dropped.
pub(crate) struct Killable {
    child: Child,
    pub(crate) url: String,
}

impl Killable {
    /// A client that tries everything once: what became of it is what is looked at.
    pub(crate) fn client(&self) -> vapi::Client {
        let client = vapi::runtime::Client::new(&self.url).unwrap();
        vapi::Client::from(client.credentials("ann", "a").retry(Retry::never()))
    }

    /// `SIGKILL`; it is gone when this returns.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
