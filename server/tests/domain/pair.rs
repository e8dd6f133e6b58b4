//! The domain and the plain model side by side: a step is taken in both, and what they answer and show is compared.

use contentlibd::domain::completion::CompleteUpdateSession;
use contentlibd::domain::copy::CopyItem;
use contentlibd::domain::download::{
    CancelDownloadSession, CreateDownloadSession, DeleteDownloadSession, ExpireDownloadSession,
    GetDownloadSession, Preparation, PreparationReport, PrepareFile, ReportPreparation,
};
use contentlibd::domain::freed::{ForgetBlobs, FreedBlob};
use contentlibd::domain::item::{DeleteItem, GetItem, UpdateItem};
use contentlibd::domain::session_file::{AddFile, NewSource, RemoveFile, Status};
use contentlibd::domain::transfer::{EndTransfer, FileRef, ReportBytes, StartTransfer, TransferOutcome};
use contentlibd::domain::update::{
    CancelUpdateSession, CreateUpdateSession, DeleteUpdateSession, ExpireUpdateSession, FailUpdateSession,
    GetUpdateSession, KeepUpdateSession, UpdateSession,
};
use contentlibd::domain::{Kind, Refusal};

use crate::model::{Bytes, End, Model, ModelItem};
use crate::random::{FILES, NAMES, Step, USERS, WHICH_MAX};
use crate::world::{World, digests, endpoint, token, user};

/// Both sides, and what was made so far.
pub(crate) struct Pair {
    pub(crate) world: World,
    model: Model,
    items: Vec<String>,
    updates: Vec<String>,
    downloads: Vec<String>,
}

/// The so-manieth from the end; the last number is of nobody.
pub(crate) fn pick(made: &[String], which: usize) -> String {
    let found = made.iter().rev().cycle().nth(which).filter(|_| which < WHICH_MAX);
    found.cloned().unwrap_or_else(|| "nobody".to_owned())
}

fn kind<T>(result: Result<T, Refusal>) -> Result<T, Kind> {
    result.map_err(|refusal| refusal.kind)
}

impl Pair {
    pub(crate) fn new(world: World) -> Pair {
        let model = Model::at(world.now.0);
        Pair { world, model, items: Vec::new(), updates: Vec::new(), downloads: Vec::new() }
    }

    pub(crate) fn take(&mut self, step: &Step) {
        match step {
            Step::CreateItem { .. }
            | Step::RenameItem { .. }
            | Step::DeleteItem { .. }
            | Step::CopyItem { .. }
            | Step::Open { .. } => self.take_item(step),
            Step::Add { .. } | Step::Leave { .. } | Step::Remove { .. } | Step::Send { .. } => {
                self.take_file(step);
            }
            Step::Start { .. } | Step::Report { .. } | Step::End { .. } => self.take_transfer(step),
            Step::OpenDownload { .. }
            | Step::Prepare { .. }
            | Step::ReportPrepared { .. }
            | Step::CancelDownload { .. }
            | Step::DeleteDownload { .. }
            | Step::SweepDownload { .. } => self.take_download(step),
            Step::Pass { ms } => {
                self.world.now.0 += ms;
                self.model.now += ms;
            }
            Step::Fill { item } => {
                self.take(&Step::Open { by: 0, item: *item, token: None });
                for file in 0..FILES.len() - 1 {
                    self.take(&Step::Send { by: 0, session: 0, file });
                }
                self.take(&Step::Complete { by: 0, session: 0 });
            }
            Step::Erase => {
                let freed = self.world.state.records().all::<FreedBlob>();
                let blobs =
                    freed.filter(|freed| freed.readers.is_empty()).map(|freed| freed.id.clone()).collect();
                self.world.serve(&ForgetBlobs { blobs }).expect("nobody reads them");
            }
            _ => self.take_session(step),
        }
    }

    fn take_item(&mut self, step: &Step) {
        let (world, model) = (&mut self.world, &mut self.model);
        match step {
            Step::CreateItem { name } => {
                let command = world.new_item(NAMES[*name], "");
                let expected = model.create_item(command.id.as_str(), NAMES[*name]);
                assert_eq!(kind(world.run(&command)).map(drop), expected);
                self.items.extend(expected.ok().map(|()| command.id.to_string()));
            }
            Step::RenameItem { item, name } => {
                let id = pick(&self.items, *item);
                let name = Some(NAMES[*name].to_owned());
                let expected = model.rename_item(&id, name.as_deref().unwrap_or_default());
                let id = id.into();
                let command = UpdateItem { id, version: None, name, description: None, type_name: None };
                assert_eq!(kind(world.run(&command)), expected);
            }
            Step::DeleteItem { item } => {
                let id = pick(&self.items, *item);
                let expected = model.delete_item(&id);
                assert_eq!(kind(world.run(&DeleteItem { id: id.into() })), expected);
            }
            Step::CopyItem { item, name } => {
                let source = pick(&self.items, *item);
                let (id, session) = (world.draw("item"), world.draw("session"));
                let expected = model.copy_item(&id, &session, &source, NAMES[*name]);
                let command = CopyItem {
                    id: id.clone().into(),
                    session: session.clone().into(),
                    token: None,
                    source: source.into(),
                    library: None,
                    name: Some(NAMES[*name].to_owned()),
                    description: None,
                    type_name: None,
                };
                assert_eq!(kind(world.run(&command)).map(drop), expected);
                if expected.is_ok() {
                    self.items.push(id);
                    self.updates.push(session);
                }
            }
            Step::Open { by, item, token: digit } => {
                let item = pick(&self.items, *item);
                let asked = digit.and_then(|digit| token(&digit.to_string(), &item));
                let command =
                    CreateUpdateSession { token: asked, ..world.new_session(&item.as_str().into()) };
                let id = command.id.to_string();
                let expected = model.open(&id, USERS[*by], &item, *digit);
                let made = kind(world.run_by(user(USERS[*by]), &command));
                assert_eq!(made.map(|id| id.to_string()), expected);
                self.updates.extend(expected.ok().filter(|made| *made == id));
            }
            _ => unreachable!("not of items"),
        }
    }

    fn take_file(&mut self, step: &Step) {
        let (world, model) = (&mut self.world, &mut self.model);
        match step {
            Step::Add { by, session, file, fetched, says_size } => {
                let (id, name) = (pick(&self.updates, *session), FILES[*file]);
                let size = says_size.then_some(name.len() as u64);
                let source = match fetched {
                    true => NewSource::Pull(Some(endpoint("https://host/x"))),
                    false => NewSource::Push,
                };
                let command = world.new_file(&id.as_str().into(), name, source);
                let command = AddFile { size: size.map(|size| size as i64), ..command };
                let expected = model.add(&id, USERS[*by], name, *fetched, size);
                assert_eq!(kind(world.run_by(user(USERS[*by]), &command)).map(drop), expected);
            }
            Step::Leave { by, session, file } => {
                let (id, name) = (pick(&self.updates, *session), FILES[*file]);
                let command = world.new_file(&id.as_str().into(), name, NewSource::None);
                let expected = model.leave(&id, USERS[*by], name);
                assert_eq!(kind(world.run_by(user(USERS[*by]), &command)).map(drop), expected);
            }
            Step::Remove { by, session, file } => {
                let (id, name) = (pick(&self.updates, *session), FILES[*file]);
                let expected = model.remove(&id, USERS[*by], name);
                let command = RemoveFile { session: id.into(), name: name.to_owned() };
                assert_eq!(kind(world.run_by(user(USERS[*by]), &command)), expected);
            }
            Step::Send { by, session, file } => {
                let id = pick(&self.updates, *session);
                let (by, session, file) = (*by, *session, *file);
                self.take_file(&Step::Add { by, session, file, fetched: false, says_size: true });
                self.take_transfer(&Step::Start { session, file, offset: 0 });
                let number = self.model.updates.get(&id).map_or(0, |session| session.n_started);
                let end = End::Received(FILES[file].len() as u64);
                self.end(&id, number, end);
            }
            _ => unreachable!("not of files"),
        }
    }

    fn take_transfer(&mut self, step: &Step) {
        let (world, model) = (&mut self.world, &mut self.model);
        match step {
            Step::Start { session, file, offset } => {
                let (id, name) = (pick(&self.updates, *session), FILES[*file]);
                let expected = model.start(&id, name, *offset);
                let command = StartTransfer {
                    session: id.into(),
                    file: FileRef::Name(name.to_owned()),
                    blob: world.draw("blob").into(),
                    offset: *offset,
                };
                assert_eq!(kind(world.serve(&command)).map(|grant| grant.attempt), expected);
            }
            Step::Report { session, number, came, stay } => {
                let id = pick(&self.updates, *session);
                let number = last(model, &id, *number);
                let expected = model.report(&id, number, *came, *stay);
                let session = id.into();
                let command = ReportBytes { session, attempt: number, received: *came, durable: *stay };
                assert_eq!(kind(world.serve(&command)), expected);
            }
            Step::End { session, number, end } => {
                let id = pick(&self.updates, *session);
                let number = last(model, &id, *number);
                self.end(&id, number, *end);
            }
            _ => unreachable!("not of transfers"),
        }
    }

    fn end(&mut self, id: &str, number: u64, end: End) {
        let expected = self.model.end(id, number, end);
        // What a copy brings has to hash to what it is a copy of; what else is brought, to anything.
        let session = self.world.get::<UpdateSession>(&id.into());
        let file = session.and_then(|session| session.files.iter().find(|file| file.attempt == number));
        let mut hashes = digests("x");
        if let Some(checksum) = file.and_then(|file| file.announced_checksum.as_ref()) {
            hashes.insert(checksum.algorithm, checksum.hex.clone());
        }
        let outcome = match end {
            End::Received(size) => TransferOutcome::Received { size, digests: hashes },
            End::Broken(durable) => TransferOutcome::Interrupted { durable },
            End::Failed => TransferOutcome::Failed { reason: "no luck".to_owned() },
        };
        let command = EndTransfer { session: id.into(), attempt: number, outcome };
        assert_eq!(kind(self.world.serve(&command)).map(drop), expected);
    }

    fn take_session(&mut self, step: &Step) {
        let (world, model) = (&mut self.world, &mut self.model);
        match step {
            Step::Complete { by, session } => {
                let id = pick(&self.updates, *session);
                let expected = model.complete(&id, USERS[*by]);
                let command = CompleteUpdateSession { id: id.into() };
                assert_eq!(kind(world.run_by(user(USERS[*by]), &command)), expected);
            }
            Step::Cancel { by, session } => {
                let id = pick(&self.updates, *session);
                let expected = model.cancel(&id, USERS[*by]);
                let command = CancelUpdateSession { id: id.into() };
                assert_eq!(kind(world.run_by(user(USERS[*by]), &command)), expected);
            }
            Step::Fail { by, session } => {
                let id = pick(&self.updates, *session);
                let expected = model.fail(&id, USERS[*by]);
                let command = FailUpdateSession { id: id.into(), message: None };
                assert_eq!(kind(world.run_by(user(USERS[*by]), &command)), expected);
            }
            Step::Keep { by, session, progress } => {
                let id = pick(&self.updates, *session);
                let expected = model.keep(&id, USERS[*by], *progress);
                let command = KeepUpdateSession { id: id.into(), progress: Some(*progress) };
                assert_eq!(kind(world.run_by(user(USERS[*by]), &command)), expected);
            }
            Step::Delete { by, session } => {
                let id = pick(&self.updates, *session);
                let expected = model.delete(&id, USERS[*by]);
                let command = DeleteUpdateSession { id: id.into() };
                assert_eq!(kind(world.run_by(user(USERS[*by]), &command)), expected);
            }
            Step::Sweep { session } => {
                let id = pick(&self.updates, *session);
                model.sweep_update(&id);
                world.serve(&ExpireUpdateSession { id: id.into() }).expect("it is never refused");
            }
            _ => unreachable!("not of sessions"),
        }
    }

    fn take_download(&mut self, step: &Step) {
        let (world, model) = (&mut self.world, &mut self.model);
        let by = |by: &usize| user(USERS[*by]);
        match step {
            Step::OpenDownload { by: whose, item } => {
                let (item, id) = (pick(&self.items, *item), world.draw("download"));
                let expected = model.open_download(&id, USERS[*whose], &item);
                let command = CreateDownloadSession { id: id.clone().into(), token: None, item: item.into() };
                assert_eq!(kind(world.run_by(by(whose), &command)).map(drop), expected);
                self.downloads.extend(expected.ok().map(|()| id));
            }
            Step::Prepare { by: whose, session, file } => {
                let (id, name) = (pick(&self.downloads, *session), FILES[*file].to_owned());
                let expected = model.prepare(&id, USERS[*whose], &name);
                let secret = world.draw("secret").into();
                let command = PrepareFile { session: id.into(), name, endpoint: Default::default(), secret };
                assert_eq!(kind(world.run_by(by(whose), &command)).map(drop), expected);
            }
            Step::ReportPrepared { session, file, is_ready } => {
                let (id, name) = (pick(&self.downloads, *session), FILES[*file].to_owned());
                let expected = model.report_prepared(&id, &name, *is_ready);
                let report = match is_ready {
                    true => PreparationReport::Prepared,
                    false => PreparationReport::Failed("no luck".to_owned()),
                };
                let command = ReportPreparation { session: id.into(), name, report };
                assert_eq!(kind(world.serve(&command)), expected);
            }
            Step::CancelDownload { by: whose, session } => {
                let id = pick(&self.downloads, *session);
                let expected = model.cancel_download(&id, USERS[*whose]);
                let command = CancelDownloadSession { id: id.into() };
                assert_eq!(kind(world.run_by(by(whose), &command)), expected);
            }
            Step::DeleteDownload { by: whose, session } => {
                let id = pick(&self.downloads, *session);
                let expected = model.delete_download(&id, USERS[*whose]);
                let command = DeleteDownloadSession { id: id.into() };
                assert_eq!(kind(world.run_by(by(whose), &command)), expected);
            }
            Step::SweepDownload { session } => {
                let id = pick(&self.downloads, *session);
                model.sweep_download(&id);
                world.serve(&ExpireDownloadSession { id: id.into() }).expect("it is never refused");
            }
            _ => unreachable!("not of downloads"),
        }
    }

    /// What can be seen is the same on both sides.
    pub(crate) fn compare(&self) {
        for id in &self.items {
            let seen = self.world.ask(&GetItem { id: id.as_str().into() }).ok();
            let seen = seen.map(|item| ModelItem {
                name: item.name.clone(),
                version: item.version.0,
                content: item.content_version.0,
                files: item.files.iter().map(|f| (f.name.clone(), (f.version.0, f.size))).collect(),
            });
            assert_eq!(seen.as_ref(), self.model.items.get(id), "{id}");
        }
        for id in &self.updates {
            for by in USERS {
                self.compare_update(id, by);
            }
        }
        for id in &self.downloads {
            self.compare_download(id);
        }
    }

    fn compare_update(&self, id: &str, by: &str) {
        let seen = kind(self.world.ask_by(user(by), &GetUpdateSession { id: id.into() }));
        let expected = match self.model.seen(id, by) {
            Ok(expected) => expected,
            Err(kind) => return assert_eq!(seen.map(drop), Err(kind), "{id}"),
        };
        let session = seen.expect("the model sees it").session;
        assert_eq!((session.state, session.expires.0), (expected.state, expected.expires), "{id}");
        assert_eq!(i64::from(session.progress), expected.progress, "{id}");
        assert_eq!(session.removed, expected.takes, "{id}");
        assert_eq!(session.files.len(), expected.brings.len(), "{id}");
        for file in &session.files {
            let expected = &expected.brings[&file.name];
            let bytes = match file.status {
                Status::Waiting => Bytes::Idle(file.durable),
                Status::Transferring => Bytes::Coming(file.received, file.durable),
                Status::Ready => Bytes::All(file.received),
                Status::Error(_) => Bytes::Wrong,
                Status::Validating => panic!("nobody looks into these files"),
            };
            assert_eq!(bytes, expected.bytes, "{id} {}", file.name);
        }
    }

    fn compare_download(&self, id: &str) {
        let by = contentlibd::domain::Caller::Server;
        let seen = kind(self.world.ask_by(by, &GetDownloadSession { id: id.into() }));
        let expected = match self.model.seen_download(id, "") {
            Ok(expected) => expected,
            Err(kind) => return assert_eq!(seen.map(drop), Err(kind), "{id}"),
        };
        let session = seen.expect("the model sees it");
        assert_eq!((session.state, session.expires.0), (expected.state, expected.expires), "{id}");
        let level = |status: &Preparation| match status {
            Preparation::Unprepared => 0,
            Preparation::Requested | Preparation::Preparing => 1,
            Preparation::Prepared => 2,
            Preparation::Error(_) => 3,
        };
        let files = session.files.iter().map(|file| (file.name.clone(), level(&file.status))).collect();
        assert_eq!(expected.files, files, "{id}");
    }
}

/// The so-manieth transfer from the last; one that never was, for the largest number.
fn last(model: &Model, session: &str, from_last: u64) -> u64 {
    let n_started = model.updates.get(session).map_or(0, |session| session.n_started);
    if from_last == 2 { n_started + 1 } else { n_started.saturating_sub(from_last) }
}
