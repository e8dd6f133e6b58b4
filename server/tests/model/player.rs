//! A running server and the plain model side by side: a step is taken in both, over HTTP with the generated client in one
//! of them, and the two answer alike. What can be seen afterwards is compared in [`crate::compared`].
//!
//! What the server does by itself is over before the next step: a file that it fetches has failed, a copy has its bytes.
//! Steps that stand for what only the server does are taken as what a client can do about it.

use std::collections::BTreeMap;

use bytes::Bytes;
use contentlibd::domain::Kind;
use contentlibd::domain::update::SessionState;
use contentlibd::housekeeping;
use http::{Method, Request, StatusCode};
use vapi::content::library::ItemModel;
use vapi::content::library::item::downloadsession::file::PrepareStatus;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{
    DownloadSessionModel, TransferEndpoint, TransferStatus, UpdateSessionModel,
};
use vapi::runtime::client::{Http, Transport as _};
use vapi::runtime::{Error, OperationError, Surface};

use crate::model::{Bytes as Sent, End, Model, Verdict};
use crate::pair::pick;
use crate::random::{FILES, NAMES, Step, USERS};
use crate::served::Listening;
use crate::world::token;

/// Both sides, and what was made so far.
pub(crate) struct Player {
    pub(crate) clients: [vapi::Client; 2],
    pub(crate) model: Model,
    pub(crate) items: Vec<String>,
    pub(crate) updates: Vec<String>,
    pub(crate) downloads: Vec<String>,
    /// Where files of sessions are sent, and fetched.
    uploads: BTreeMap<(String, String), String>,
    fetches: BTreeMap<(String, String), String>,
    library: String,
    listening: Listening,
    http: Http,
}

/// The error as the domain calls it.
#[track_caller]
pub(crate) fn kind<T, E: OperationError>(result: Result<T, Error<E>>) -> Verdict<T> {
    result.map_err(|error| match error.id().and_then(|id| id.strip_prefix("com.vmware.vapi.std.errors.")) {
        Some(name) => kind_of(name),
        None => panic!("{error:?}"),
    })
}

#[track_caller]
fn kind_of(name: &str) -> Kind {
    match name {
        "not_found" => Kind::NotFound,
        "already_exists" => Kind::AlreadyExists,
        "invalid_argument" => Kind::InvalidArgument,
        "not_allowed_in_current_state" => Kind::NotAllowedInCurrentState,
        "resource_busy" => Kind::ResourceBusy,
        other => panic!("{other} is not to be expected"),
    }
}

impl Player {
    pub(crate) async fn new(surface: Surface) -> Player {
        let listening = Listening::new().await;
        let library = listening.served.library().await.to_string();
        let client = |user: &str| {
            let client = vapi::runtime::Client::new(&listening.url).unwrap();
            vapi::Client::from(client.credentials(user, &user[..1]).surface(surface))
        };
        Player {
            clients: USERS.map(client),
            model: Model::at(listening.served.app.now().0),
            items: Vec::new(),
            updates: Vec::new(),
            downloads: Vec::new(),
            uploads: BTreeMap::new(),
            fetches: BTreeMap::new(),
            library,
            listening,
            http: Http::new(),
        }
    }

    pub(crate) async fn take(&mut self, step: &Step) {
        match step {
            Step::CreateItem { .. }
            | Step::RenameItem { .. }
            | Step::DeleteItem { .. }
            | Step::CopyItem { .. }
            | Step::Open { .. } => self.take_item(step).await,
            Step::Add { .. } | Step::Leave { .. } | Step::Remove { .. } => self.take_file(step).await,
            Step::Start { .. } | Step::Report { .. } | Step::End { .. } => self.take_transfer(step).await,
            Step::OpenDownload { .. }
            | Step::Prepare { .. }
            | Step::ReportPrepared { .. }
            | Step::CancelDownload { .. }
            | Step::DeleteDownload { .. } => self.take_download(step).await,
            Step::Send { by, session, file } => {
                let (by, session, file) = (*by, *session, *file);
                self.take_file(&Step::Add { by, session, file, fetched: false, says_size: true }).await;
                self.send_whole(&pick(&self.updates, session), FILES[file], FILES[file].len() as u64).await;
            }
            Step::Fill { item } => {
                self.take_item(&Step::Open { by: 0, item: *item, token: None }).await;
                for file in 0..FILES.len() - 1 {
                    Box::pin(self.take(&Step::Send { by: 0, session: 0, file })).await;
                }
                self.take_session(&Step::Complete { by: 0, session: 0 }).await;
            }
            Step::Pass { ms } => {
                self.listening.served.clock.pass_ms(*ms);
                self.model.now += ms;
            }
            Step::Sweep { .. } | Step::SweepDownload { .. } | Step::Erase => self.sweep().await,
            _ => self.take_session(step).await,
        }
    }

    /// A round of housekeeping, which nobody can see.
    async fn sweep(&self) {
        let app = std::sync::Arc::clone(&self.listening.served.app);
        let swept = tokio::task::spawn_blocking(move || housekeeping::sweep(&app.ledger, app.now()));
        swept.await.unwrap().unwrap();
    }

    async fn take_item(&mut self, step: &Step) {
        let items = self.clients[0].item();
        match step {
            Step::CreateItem { name } => {
                let spec = ItemModel::for_create(self.library.as_str(), NAMES[*name]);
                let made = kind(items.create(spec).await).map(|id| id.to_string());
                let id = made.clone().unwrap_or_else(|_| "none".to_owned());
                assert_eq!(
                    made.as_ref().map(drop),
                    self.model.create_item(&id, NAMES[*name]).as_ref().map(drop)
                );
                self.items.extend(made);
            }
            Step::RenameItem { item, name } => {
                let id = pick(&self.items, *item);
                let renamed = kind(items.update(id.as_str(), ItemModel::new().name(NAMES[*name])).await);
                assert_eq!(renamed, self.model.rename_item(&id, NAMES[*name]));
            }
            Step::DeleteItem { item } => {
                let id = pick(&self.items, *item);
                assert_eq!(kind(items.delete(id.as_str()).await), self.model.delete_item(&id));
            }
            Step::CopyItem { item, name } => {
                let source = pick(&self.items, *item);
                let spec = ItemModel::for_create(self.library.as_str(), NAMES[*name]);
                let made = kind(items.copy(source.as_str(), spec).await).map(|id| id.to_string());
                let id = made.clone().unwrap_or_else(|_| "none".to_owned());
                let filling = format!("filling {id}");
                let expected = self.model.copy_item(&id, &filling, &source, NAMES[*name]);
                assert_eq!(made.as_ref().map(drop), expected.as_ref().map(drop));
                if made.is_ok() {
                    self.copied(&id, &filling).await;
                }
                self.items.extend(made);
            }
            Step::Open { by, item, token: digit } => {
                let item = pick(&self.items, *item);
                let sessions = self.clients[*by].update_session();
                let create = sessions.create(UpdateSessionModel::for_create(item.as_str()));
                let asked = digit.and_then(|digit| token(&digit.to_string(), &item)).map(|token| token.text);
                let create = match asked {
                    Some(token) => create.with(|input| input.client_token(token)),
                    None => create,
                };
                let made = kind(create.await);
                let made = made.map(|id| id.to_string());
                let id = made.clone().unwrap_or_else(|_| "none".to_owned());
                let was_there = self.model.updates.contains_key(&id);
                assert_eq!(made, self.model.open(&id, USERS[*by], &item, *digit));
                self.updates.extend(made.ok().filter(|_| !was_there));
            }
            _ => unreachable!("not of items"),
        }
    }

    /// Has a copy get its bytes, on both sides.
    async fn copied(&mut self, id: &str, filling: &str) {
        let Some(session) = self.model.updates.get(filling) else { return };
        let sizes: Vec<_> =
            session.brings.iter().map(|(name, file)| (name.clone(), file.wanted.unwrap_or(0))).collect();
        for (name, size) in &sizes {
            let number = self.model.start(filling, name, 0).expect("a copy begins");
            self.model.end(filling, number, End::Received(*size)).expect("a copy ends");
        }
        while self.clients[0].file().list(id).await.unwrap().len() < sizes.len() {
            tokio::task::yield_now().await;
        }
    }

    async fn take_file(&mut self, step: &Step) {
        let id;
        match step {
            Step::Add { by, session, file, fetched, says_size } => {
                id = pick(&self.updates, *session);
                let (name, client) = (FILES[*file], &self.clients[*by]);
                let size = says_size.then_some(name.len() as u64);
                let mut spec = AddSpec::new(name, if *fetched { SourceType::Pull } else { SourceType::Push });
                spec.size = size.map(|size| size as i64);
                if *fetched {
                    spec = spec.source_endpoint(TransferEndpoint::new("http://127.0.0.1:9/nothing"));
                }
                let added = kind(client.update_session_file().add(id.as_str(), spec).await);
                let expected = self.model.add(&id, USERS[*by], name, *fetched, size);
                assert_eq!(added.as_ref().map(drop), expected.as_ref().map(drop));
                let Ok(info) = added else { return };
                match info.upload_endpoint {
                    Some(endpoint) => {
                        self.uploads.insert((id, name.to_owned()), endpoint.uri.to_string());
                    }
                    None => self.fetch_failed(*by, &id, name).await,
                }
            }
            Step::Leave { by, session, file } => {
                id = pick(&self.updates, *session);
                let spec = AddSpec::new(FILES[*file], SourceType::None);
                let left = kind(self.clients[*by].update_session_file().add(id.as_str(), spec).await);
                assert_eq!(left.map(drop), self.model.leave(&id, USERS[*by], FILES[*file]));
            }
            Step::Remove { by, session, file } => {
                id = pick(&self.updates, *session);
                let files = self.clients[*by].update_session_file();
                let removed = kind(files.remove(id.as_str(), FILES[*file]).await);
                assert_eq!(removed, self.model.remove(&id, USERS[*by], FILES[*file]));
            }
            _ => unreachable!("not of files"),
        }
    }

    /// Nothing answers where the file is fetched from.
    async fn fetch_failed(&mut self, by: usize, id: &str, name: &str) {
        self.uploads.remove(&(id.to_owned(), name.to_owned()));
        let number = self.model.start(id, name, 0).expect("it is fetched");
        self.model.end(id, number, End::Failed).expect("it fails");
        let files = self.clients[by].update_session_file();
        while files.get(id, name).await.unwrap().status != TransferStatus::Error {
            tokio::task::yield_now().await;
        }
    }

    async fn take_transfer(&mut self, step: &Step) {
        let (session, file) = match step {
            Step::Start { session, file, .. } => (*session, *file),
            Step::Report { session, number, .. } | Step::End { session, number, .. } => {
                (*session, *number as usize)
            }
            _ => unreachable!("not of transfers"),
        };
        let (id, name) = (pick(&self.updates, session), FILES[file]);
        match step {
            Step::Start { offset, .. } => self.send_byte(&id, name, *offset).await,
            Step::End { end: End::Received(size), .. } => self.send_whole(&id, name, *size).await,
            Step::End { end: End::Broken(offset), .. } => self.send_byte(&id, name, *offset).await,
            _ => self.ask_offset(&id, name).await,
        }
    }

    /// A request to the address of a file, if there ever was one; its status, and its error if it has one.
    async fn at_address(
        &self,
        id: &str,
        name: &str,
        request: http::request::Builder,
        bytes: Bytes,
    ) -> Option<http::Response<Bytes>> {
        let uri = self.uploads.get(&(id.to_owned(), name.to_owned()))?;
        Some(self.http.send(request.uri(uri).body(bytes).unwrap()).await.unwrap())
    }

    /// One byte of many comes, so that the file is not whole with it.
    async fn send_byte(&mut self, id: &str, name: &str, offset: u64) {
        let request = Request::builder()
            .method(Method::PUT)
            .header("content-range", format!("bytes {offset}-{offset}/9"));
        let Some(reply) = self.at_address(id, name, request, Bytes::from_static(b"x")).await else { return };
        let begun = self.model.start(id, name, offset);
        assert_eq!(refusal(&reply), begun.as_ref().err().copied(), "{reply:?}");
        if let Ok(number) = begun {
            assert_eq!(reply.status(), StatusCode::OK);
            self.model.end(id, number, End::Broken(offset + 1)).expect("it breaks off");
        }
    }

    async fn send_whole(&mut self, id: &str, name: &str, n_bytes: u64) {
        let body = Bytes::from(vec![b'x'; n_bytes as usize]);
        let Some(reply) = self.at_address(id, name, Request::builder().method(Method::POST), body).await
        else {
            return;
        };
        let begun = self.model.start(id, name, 0);
        let Ok(number) = begun else {
            assert_eq!(refusal(&reply), begun.err(), "{reply:?}");
            return;
        };
        self.model.end(id, number, End::Received(n_bytes)).expect("it ends");
        let is_whole = self.model.updates[id].brings[name].bytes == Sent::All(n_bytes);
        assert_eq!(reply.status() == StatusCode::OK, is_whole, "{reply:?}");
    }

    async fn ask_offset(&self, id: &str, name: &str) {
        let request = Request::builder().method(Method::HEAD);
        let Some(reply) = self.at_address(id, name, request, Bytes::new()).await else { return };
        let session = self.model.seen(id, "").ok().filter(|session| session.is_active());
        let file = session.and_then(|session| session.brings.get(name));
        assert_eq!(reply.status() == StatusCode::OK, file.is_some(), "{reply:?}");
        if let Some(Sent::Idle(stay) | Sent::All(stay)) = file.map(|file| file.bytes) {
            assert_eq!(reply.headers()["upload-offset"], stay.to_string());
        }
    }

    async fn take_session(&mut self, step: &Step) {
        let model = &mut self.model;
        let sessions = |by: usize| self.clients[by].update_session();
        match step {
            Step::Complete { by, session } => {
                let id = pick(&self.updates, *session);
                let completed = kind(sessions(*by).complete(id.as_str()).await);
                assert_eq!(completed.map(|()| SessionState::Done), model.complete(&id, USERS[*by]));
            }
            Step::Cancel { by, session } => {
                let id = pick(&self.updates, *session);
                let canceled = kind(sessions(*by).cancel(id.as_str()).await);
                assert_eq!(canceled, model.cancel(&id, USERS[*by]));
            }
            Step::Fail { by, session } => {
                let id = pick(&self.updates, *session);
                let failed = kind(sessions(*by).fail(id.as_str(), "no luck").await);
                assert_eq!(failed, model.fail(&id, USERS[*by]));
            }
            Step::Keep { by, session, progress } => {
                let id = pick(&self.updates, *session);
                let keep = sessions(*by);
                let keep = keep.keep_alive(id.as_str()).with(|input| input.client_progress(*progress));
                assert_eq!(kind(keep.await), model.keep(&id, USERS[*by], *progress));
            }
            Step::Delete { by, session } => {
                let id = pick(&self.updates, *session);
                let deleted = kind(sessions(*by).delete(id.as_str()).await);
                assert_eq!(deleted, model.delete(&id, USERS[*by]));
            }
            _ => unreachable!("not of sessions"),
        }
    }

    async fn take_download(&mut self, step: &Step) {
        match step {
            Step::OpenDownload { by, item } => {
                let item = pick(&self.items, *item);
                let spec = DownloadSessionModel::for_create(item.as_str());
                let made = kind(self.clients[*by].download_session().create(spec).await);
                let made = made.map(|id| id.to_string());
                let id = made.clone().unwrap_or_else(|_| "none".to_owned());
                let expected = self.model.open_download(&id, USERS[*by], &item);
                assert_eq!(made.as_ref().map(drop), expected.as_ref().map(drop));
                self.downloads.extend(made);
            }
            Step::Prepare { by, session, file } => {
                let (id, name) = (pick(&self.downloads, *session), FILES[*file]);
                let files = self.clients[*by].download_session_file();
                let prepared = kind(files.prepare(id.as_str(), name).await);
                let expected = self.model.prepare(&id, USERS[*by], name);
                assert_eq!(prepared.map(drop), expected);
                if expected.is_ok() {
                    self.prepared(*by, id, name).await;
                }
            }
            Step::ReportPrepared { session, file, .. } => self.fetch(*session, *file).await,
            Step::CancelDownload { by, session } => {
                let id = pick(&self.downloads, *session);
                let canceled = kind(self.clients[*by].download_session().cancel(id.as_str()).await);
                assert_eq!(canceled, self.model.cancel_download(&id, USERS[*by]));
            }
            Step::DeleteDownload { by, session } => {
                let id = pick(&self.downloads, *session);
                let deleted = kind(self.clients[*by].download_session().delete(id.as_str()).await);
                assert_eq!(deleted, self.model.delete_download(&id, USERS[*by]));
            }
            _ => unreachable!("not of downloads"),
        }
    }

    /// Waits until a file can be fetched.
    async fn prepared(&mut self, by: usize, id: String, name: &str) {
        // Where it was prepared before there is nothing to report.
        let _ = self.model.report_prepared(&id, name, true);
        let files = self.clients[by].download_session_file();
        let ready = loop {
            let file = files.get(id.as_str(), name).await.unwrap();
            if file.status == PrepareStatus::Prepared {
                break file;
            }
            tokio::task::yield_now().await;
        };
        let uri = ready.download_endpoint.expect("an address").uri.to_string();
        self.fetches.insert((id, name.to_owned()), uri);
    }

    /// A file that was prepared is there as long as its session is active, whatever became of the item.
    async fn fetch(&self, session: usize, file: usize) {
        let id = pick(&self.downloads, session);
        let Some(uri) = self.fetches.get(&(id.clone(), FILES[file].to_owned())) else { return };
        let is_open = self.model.seen_download(&id, "").is_ok_and(|session| session.is_active());
        let reply = self.http.send(Request::get(uri).body(Bytes::new()).unwrap()).await.unwrap();
        assert_eq!(reply.status() == StatusCode::OK, is_open, "{reply:?}");
    }
}

/// Which error a transfer was refused by.
fn refusal(reply: &http::Response<Bytes>) -> Option<Kind> {
    let body: serde_json::Value = serde_json::from_slice(reply.body()).expect("a body");
    let name = body["error_type"].as_str()?;
    Some(kind_of(&name.to_ascii_lowercase()))
}
