//! Files of an update session: how they are announced and taken out, and how they look.
//!
//! A session lists the item's files as they would be if it were completed now. Not here: how the bytes come
//! ([`super::transfer`]), and what files of some types mean for each other ([`super::content`]).

use serde::{Deserialize, Serialize};

use super::checksum::{Algorithm, AnnouncedChecksum, Checksum, Digests, shown};
use super::content::{self, Findings, Validation};
use super::decision::{Caller, Command, Draft, Effect, Question, Stop};
use super::ids::{BlobId, Secret, UpdateSessionId};
use super::item::{self, Item, ItemFile};
use super::names::fault_of_file_name;
use super::published::Edition;
use super::refusal::{Message, Refusal};
use super::update::{self, SessionState, UpdateSession};

/// A file that a session brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFile {
    /// Its name in the item.
    pub name: String,
    /// Where its bytes come from.
    pub source: Source,
    /// Who put it into the session.
    pub origin: Origin,
    /// The size that it must have.
    pub announced_size: Option<u64>,
    /// The checksum that it must have.
    pub announced_checksum: Option<Checksum>,
    /// Whether it stays with the item; some files are only looked at.
    pub keep_in_storage: bool,
    /// How far its bytes are.
    pub status: Status,
    /// Which transfer is the one that counts; no two in a session are the same.
    pub attempt: u64,
    /// How many bytes came.
    pub received: u64,
    /// How many of them survive a power loss; a transfer can be continued there.
    pub durable: u64,
    /// Where the bytes are.
    pub blob: Option<BlobId>,
    /// What the bytes hash to, once all are there.
    pub digests: Digests,
    /// What it says, if it is of a kind that says something.
    pub findings: Option<Findings>,
}

/// Where a file's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// From the client, to an address that holds this secret.
    Push(Secret),
    /// From another server, or from a file of this one.
    Pull(Endpoint),
    /// From another item.
    Copy(BlobId),
    /// From the publisher of the library.
    Published(Edition),
}

/// Where something can be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its address.
    pub uri: String,
    /// Thumbprint of its certificate, where that is not trusted otherwise.
    pub thumbprint: Option<String>,
    /// The certificate itself, likewise.
    pub certificate: Option<String>,
}

/// Who put a file into a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Whoever the session is of.
    Client,
    /// The descriptor of this name, which speaks of it.
    Descriptor(String),
    /// The archive of this name, which it is in.
    Archive(String),
}

/// How far a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Nothing comes at the moment.
    Waiting,
    /// They come.
    Transferring,
    /// All are there, and are looked at.
    Validating,
    /// All are there and right.
    Ready,
    /// They did not come, or are not right, for this reason.
    Error(Message),
}

impl SessionFile {
    pub(super) fn new(name: &str, source: Source, origin: Origin) -> SessionFile {
        SessionFile {
            name: name.to_owned(),
            source,
            origin,
            announced_size: None,
            announced_checksum: None,
            keep_in_storage: true,
            status: Status::Waiting,
            attempt: 0,
            received: 0,
            durable: 0,
            blob: None,
            digests: Digests::new(),
            findings: None,
        }
    }

    /// There is nothing to expect, for this reason.
    pub(super) fn fail(&mut self, words: Message) {
        self.status = Status::Error(words);
        self.digests.clear();
        self.findings = None;
    }

    /// The algorithm of the checksum to show.
    pub(super) fn wanted_algorithm(&self) -> Option<Algorithm> {
        self.announced_checksum.as_ref().map(|checksum| checksum.algorithm)
    }
}

/// A file as a session lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Its name.
    pub name: String,
    /// Where its bytes come from; unset, the item has it already and the session leaves it alone.
    pub source: Option<Source>,
    /// How far its bytes are.
    pub status: Status,
    /// How many bytes came.
    pub received: u64,
    /// Its size, once it is ready.
    pub size: Option<u64>,
    /// Its checksum, as found once it is ready, as announced before.
    pub checksum: Option<Checksum>,
    /// Whether it stays with the item.
    pub keep_in_storage: bool,
}

impl From<&SessionFile> for SeenFile {
    fn from(file: &SessionFile) -> SeenFile {
        let found = shown(&file.digests, file.wanted_algorithm());
        SeenFile {
            name: file.name.clone(),
            source: Some(file.source.clone()),
            status: file.status.clone(),
            received: file.received,
            size: (file.status == Status::Ready).then_some(file.received),
            checksum: found.or_else(|| file.announced_checksum.clone()),
            keep_in_storage: file.keep_in_storage,
        }
    }
}

impl From<&ItemFile> for SeenFile {
    fn from(file: &ItemFile) -> SeenFile {
        SeenFile {
            name: file.name.clone(),
            source: None,
            status: Status::Ready,
            received: file.size,
            size: Some(file.size),
            checksum: file.checksum.clone(),
            keep_in_storage: true,
        }
    }
}

/// Announces a file; one of this name that the session brings already starts anew.
#[derive(Clone, Debug)]
pub struct AddFile {
    /// Which session.
    pub session: UpdateSessionId,
    /// The file's name.
    pub name: String,
    /// Where its bytes come from.
    pub source: NewSource,
    /// Its size, if the client knows it.
    pub size: Option<i64>,
    /// Its checksum, if the client knows it.
    pub checksum: Option<AnnouncedChecksum>,
    /// The secret for its address, if it is to be sent.
    pub secret: Secret,
}

/// Where the bytes of a new file come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewSource {
    /// From the item: the session is to leave the file alone.
    None,
    /// From the client.
    Push,
    /// From elsewhere.
    Pull(Option<Endpoint>),
    /// From a source of a kind that this server does not know.
    Other(String),
}

impl Command for AddFile {
    type Reply = SeenFile;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<SeenFile, Stop> {
        let mut session = update::active(draft, &self.session, "add")?;
        if let Some(fault) = fault_of_file_name(&self.name) {
            return Err(Refusal::no_file_name(&self.name, fault).into());
        }
        let item = item::find(draft, &session.item)?.clone();
        let file = match &self.source {
            NewSource::None => None,
            NewSource::Push => Some(Source::Push(self.secret.clone())),
            NewSource::Pull(None) => return Err(Refusal::pull_from_nowhere(&self.name).into()),
            NewSource::Pull(Some(endpoint)) => {
                check_endpoint(draft, endpoint)?;
                Some(Source::Pull(endpoint.clone()))
            }
            NewSource::Other(kind) => return Err(Refusal::unknown_source(kind).into()),
        };
        let file = file.map(|source| self.announced(draft, &item, source)).transpose()?;
        if session.is_completing {
            return Err(Refusal::session_is_completing("add").into());
        }
        let Some(file) = file else { return self.leave_alone(draft, session, &item) };
        if content::comes_too_late(&item, &session, &self.name) {
            return Err(Refusal::after_the_descriptor(&self.name).into());
        }
        let n_files_max = draft.limits().session_files_max;
        if session.file(&self.name).is_none() && session.files.len() >= n_files_max {
            return Err(Refusal::too_many_files(n_files_max).into());
        }
        let seen = SeenFile::from(&file);
        session.removed.remove(&self.name);
        put_file(draft, &mut session, file);
        draft.put(session);
        Ok(seen)
    }
}

impl AddFile {
    fn announced(&self, draft: &Draft<'_>, item: &Item, source: Source) -> Result<SessionFile, Refusal> {
        let mut file = SessionFile::new(&self.name, source, Origin::Client);
        file.keep_in_storage = content::stays(item, &self.name);
        file.announced_size = match self.size {
            None => None,
            Some(size) => Some(check_size(size, draft.limits().file_bytes_max)?),
        };
        file.announced_checksum = self.checksum.as_ref().map(AnnouncedChecksum::check).transpose()?;
        Ok(file)
    }

    /// The item's own file is to stay, whatever was said about it before.
    fn leave_alone(
        &self,
        draft: &mut Draft<'_>,
        mut session: UpdateSession,
        item: &Item,
    ) -> Result<SeenFile, Stop> {
        let file = item.file(&self.name).ok_or_else(|| Refusal::no_file_to_leave(&self.name))?;
        take_out(draft, &mut session, &self.name);
        session.removed.remove(&self.name);
        draft.put(session);
        Ok(SeenFile::from(file))
    }
}

fn check_size(size: i64, bytes_max: u64) -> Result<u64, Refusal> {
    match u64::try_from(size) {
        Ok(size) if size <= bytes_max => Ok(size),
        Ok(size) => Err(Refusal::file_too_large(size, bytes_max)),
        Err(_) => {
            Err(Refusal::invalid("size", &format!("{size} is negative"), "Leave it out if it is not known."))
        }
    }
}

fn check_endpoint(draft: &Draft<'_>, endpoint: &Endpoint) -> Result<(), Refusal> {
    let scheme = endpoint.uri.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let reads_storage = !matches!(draft.by(), Caller::User { reads_storage: false, .. });
    match scheme.as_deref() {
        Some("http" | "https") => Ok(()),
        Some("file" | "ds") if !reads_storage => Err(Refusal::may_not_read_storage()),
        Some("file") => Ok(()),
        Some("ds") => Err(Refusal::no_datastores(&endpoint.uri)),
        _ => Err(Refusal::unknown_scheme(&endpoint.uri)),
    }
}

/// Puts a file into the session, in the place of the one of its name, and has it brought.
pub(super) fn put_file(draft: &mut Draft<'_>, session: &mut UpdateSession, file: SessionFile) {
    let place = session.files.iter().position(|other| other.name == file.name);
    take_out(draft, session, &file.name);
    if let Some(effect) = effect_of(session, &file) {
        draft.effect(effect);
    }
    let n_files = session.files.len();
    session.files.insert(place.map_or(n_files, |file_idx| file_idx.min(n_files)), file);
}

/// What is to be done outside for bytes to come that the server gets itself.
pub(super) fn effect_of(session: &UpdateSession, file: &SessionFile) -> Option<Effect> {
    let (session, name) = (session.id.clone(), file.name.clone());
    match &file.source {
        Source::Pull(_) | Source::Copy(_) => Some(Effect::Fetch { session, file: name }),
        Source::Published(_) => Some(Effect::Bring { session, file: name }),
        Source::Push(_) => None,
    }
}

/// Takes what the session brings under this name out of it, with what came in it if it is an archive; true if it brought
/// something.
pub(super) fn take_out(draft: &mut Draft<'_>, session: &mut UpdateSession, name: &str) -> bool {
    let is_meant = |file: &SessionFile| match &file.origin {
        Origin::Archive(archive) if archive == name => true,
        _ => file.name == name,
    };
    let (gone, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut session.files).into_iter().partition(is_meant);
    session.files = stay;
    let is_found = !gone.is_empty();
    for file in gone {
        if let Some(blob) = file.blob {
            draft.free(blob, []);
        }
        draft.effect(Effect::Stop { session: session.id.clone(), attempt: Some(file.attempt) });
    }
    is_found
}

/// Takes a file out of the session, and out of the item once the session is completed.
#[derive(Clone, Debug)]
pub struct RemoveFile {
    /// Which session.
    pub session: UpdateSessionId,
    /// The file's name.
    pub name: String,
}

impl Command for RemoveFile {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut session = update::active(draft, &self.session, "remove")?;
        if session.is_completing {
            return Err(Refusal::session_is_completing("remove").into());
        }
        let is_brought = take_out(draft, &mut session, &self.name);
        let is_the_items = item::find(draft, &session.item)?.file(&self.name).is_some();
        let is_new = is_the_items && session.removed.insert(self.name.clone());
        if !is_brought && !is_new {
            return Err(Refusal::no_session_file(&self.name).into());
        }
        draft.put(session);
        Ok(())
    }
}

/// Asks for the files that the item would have if the session were completed now. Of an ended session, for what it
/// brought.
#[derive(Clone, Debug)]
pub struct ListSessionFiles {
    /// Which session.
    pub session: UpdateSessionId,
}

impl Question for ListSessionFiles {
    type Answer = Vec<SeenFile>;

    fn answer(&self, draft: &Draft<'_>) -> Result<Vec<SeenFile>, Stop> {
        let session = update::find(draft, &self.session)?;
        let brought = session.files.iter().map(SeenFile::from);
        if session.state != SessionState::Active {
            return Ok(brought.collect());
        }
        let item = item::find(draft, &session.item)?;
        let untouched = item.files.iter().filter(|file| content::is_untouched(session, &file.name));
        Ok(untouched.map(SeenFile::from).chain(brought).collect())
    }
}

/// Asks for one of these files.
#[derive(Clone, Debug)]
pub struct GetSessionFile {
    /// Which session.
    pub session: UpdateSessionId,
    /// The file's name.
    pub name: String,
}

impl Question for GetSessionFile {
    type Answer = SeenFile;

    fn answer(&self, draft: &Draft<'_>) -> Result<SeenFile, Stop> {
        let files = ListSessionFiles { session: self.session.clone() }.answer(draft)?;
        let found = files.into_iter().find(|file| file.name == self.name);
        Ok(found.ok_or_else(|| Refusal::no_session_file(&self.name))?)
    }
}

/// Asks whether a session could be completed.
#[derive(Clone, Debug)]
pub struct ValidateSession {
    /// Which session.
    pub session: UpdateSessionId,
}

impl Question for ValidateSession {
    type Answer = Validation;

    fn answer(&self, draft: &Draft<'_>) -> Result<Validation, Stop> {
        let session = update::active(draft, &self.session, "validate")?;
        let validation = content::validate(&session, item::find(draft, &session.item)?);
        if validation.unreceived.is_empty() {
            return Ok(validation);
        }
        Err(Refusal::not_received("validate", &validation.unreceived).into())
    }
}
