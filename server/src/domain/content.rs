//! What files of an item mean for each other: descriptors and what they refer to, manifests, certificates, archives.
//!
//! Only items of the type `ovf` have such files; of all others, any file is as good as the next.
//! What a file says was read outside and stands with it as [`Findings`]; here is what follows: what is missing or wrong,
//! and what completing the session would bring. No XML and no cryptography here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::checksum::{Algorithm, Checksum};
use super::ids::Secret;
use super::item::Item;
use super::names::has_extension;
use super::refusal::{Message, Refusal};
use super::session_file::{Origin, SessionFile, Source, Status};
use super::update::{Purpose, UpdateSession};

/// What a file says that others depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Of a descriptor: the files that it speaks of.
    pub references: Vec<Reference>,
    /// Of a manifest: what files must hash to. Of a certificate: what the manifest must hash to that it signs.
    pub manifest: Vec<ManifestEntry>,
    /// Of a certificate: what it certifies the content with.
    pub certificate: Option<Certificate>,
    /// What is dubious about it.
    pub warnings: Vec<WarningKind>,
}

/// A file that a descriptor speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// Its size, if the descriptor says it.
    pub size: Option<u64>,
    /// The secret of its address, if it is to be sent.
    pub secret: Secret,
    /// Where it is, seen from where the descriptor was fetched.
    pub uri: Option<String>,
}

/// What a file must hash to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// The file's name.
    pub name: String,
    /// The checksum.
    pub checksum: Checksum,
}

/// Who vouches for the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Who issued the certificate.
    pub issuer: String,
    /// Whom it is for.
    pub subject: String,
    /// Whether they are the same.
    pub is_self_signed: bool,
    /// The certificate, as text.
    pub x509: String,
    /// It and those that vouch for it, as text.
    pub chain: Vec<String>,
}

/// What can be dubious about content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WarningKind {
    /// Its certificate vouches for itself.
    SelfSigned,
    /// Its certificate has expired.
    Expired,
    /// Its certificate is not valid yet.
    NotYetValid,
    /// Nobody known vouches for its certificate.
    Untrusted,
}

impl WarningKind {
    /// All there are.
    pub const ALL: [WarningKind; 4] =
        [WarningKind::SelfSigned, WarningKind::Expired, WarningKind::NotYetValid, WarningKind::Untrusted];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            WarningKind::SelfSigned => "SELF_SIGNED_CERTIFICATE",
            WarningKind::Expired => "EXPIRED_CERTIFICATE",
            WarningKind::NotYetValid => "NOT_YET_VALID_CERTIFICATE",
            WarningKind::Untrusted => "UNTRUSTED_CERTIFICATE",
        }
    }
}

/// What is to become of warnings of a kind, as a client says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningChoice {
    /// The name of the kind.
    pub kind: String,
    /// Whether such warnings are no reason to fail.
    pub is_ignored: bool,
}

/// What is to become of warnings of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningBehavior {
    /// Which kind.
    pub kind: WarningKind,
    /// Whether such warnings are no reason to fail.
    pub is_ignored: bool,
}

pub(super) fn check_choices(choices: &[WarningChoice]) -> Result<Vec<WarningBehavior>, Refusal> {
    let mut behaviors: Vec<WarningBehavior> = Vec::new();
    for choice in choices {
        let Some(kind) = WarningKind::ALL.into_iter().find(|kind| kind.name() == choice.kind) else {
            return Err(Refusal::unknown_warning(&choice.kind));
        };
        if behaviors.iter().any(|other| other.kind == kind) {
            return Err(Refusal::warning_twice(kind));
        }
        behaviors.push(WarningBehavior { kind, is_ignored: choice.is_ignored });
    }
    Ok(behaviors)
}

/// Whether files of the item are looked into.
fn is_ovf(item: &Item) -> bool {
    item.is_of_type("ovf")
}

fn is_descriptor(name: &str) -> bool {
    has_extension(name, "ovf")
}

/// Whether a file only says something about others.
fn is_about_others(name: &str) -> bool {
    has_extension(name, "mf") || has_extension(name, "cert")
}

/// Whether the file stays with the item after the session.
pub(super) fn stays(item: &Item, name: &str) -> bool {
    !(is_ovf(item) && is_about_others(name))
}

/// Whether the file is taken apart while it comes.
pub(super) fn is_archive(item: &Item, name: &str) -> bool {
    is_ovf(item) && has_extension(name, "ova")
}

/// Whether somebody has to read the file before it is ready.
pub(super) fn says_something(item: &Item, name: &str) -> bool {
    is_ovf(item) && (is_descriptor(name) || is_about_others(name))
}

/// Whether the file had to come before a descriptor that is there already.
pub(super) fn comes_too_late(item: &Item, session: &UpdateSession, name: &str) -> bool {
    is_ovf(item)
        && is_about_others(name)
        && session.file(name).is_none()
        && session.files.iter().any(|file| is_descriptor(&file.name))
}

/// Whether the session leaves the item's file of this name alone.
pub(super) fn is_untouched(session: &UpdateSession, name: &str) -> bool {
    !session.removed.contains(name) && session.file(name).is_none()
}

/// What manifests say that a file must hash to.
pub(super) fn manifested<'s>(
    session: &'s UpdateSession,
    name: &'s str,
) -> impl Iterator<Item = &'s Checksum> {
    let entries =
        session.files.iter().filter_map(|file| file.findings.as_ref()).flat_map(|found| &found.manifest);
    entries.filter(move |entry| entry.name == name).map(|entry| &entry.checksum)
}

/// Which checksums of a file are needed, beside what the session itself asks for.
pub(super) fn needed_algorithms(session: &UpdateSession, file: &SessionFile) -> BTreeSet<Algorithm> {
    let mut needed: BTreeSet<_> =
        manifested(session, &file.name).map(|checksum| checksum.algorithm).collect();
    needed.insert(file.wanted_algorithm().unwrap_or(Algorithm::Sha256));
    needed
}

/// What stands between a session and its completion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// Names of files that the content needs and nobody sent.
    pub missing: BTreeSet<String>,
    /// Files that came and are not right, with why.
    pub invalid: Vec<(String, Message)>,
    /// Names of files that the client announced and has not sent.
    pub unreceived: Vec<String>,
    /// Names of files that are on their way without the client's doing.
    pub pending: Vec<String>,
}

impl Validation {
    /// Whether something is missing or wrong.
    pub fn has_errors(&self) -> bool {
        !self.missing.is_empty() || !self.invalid.is_empty()
    }
}

/// Looks at what the session brings, together with what the item has.
pub(super) fn validate(session: &UpdateSession, item: &Item) -> Validation {
    let mut validation = Validation::default();
    for file in &session.files {
        match (&file.status, &file.source, &file.origin) {
            (Status::Ready, ..) => {}
            (Status::Error(words), ..) => validation.invalid.push((file.name.clone(), words.clone())),
            // The archive that it is in stands for it.
            (_, _, Origin::Archive(_)) if file.status != Status::Validating => {}
            (Status::Waiting, Source::Push(_), Origin::Descriptor(_)) => {
                validation.missing.insert(file.name.clone());
            }
            (Status::Waiting | Status::Transferring, Source::Push(_), _) => {
                validation.unreceived.push(file.name.clone());
            }
            _ => validation.pending.push(file.name.clone()),
        }
    }
    if is_ovf(item) && session.purpose == Purpose::Update {
        check_references(session, item, &mut validation);
        check_manifests(session, &mut validation);
    }
    validation
}

/// The files that descriptors speak of have to be there and of the right size.
fn check_references(session: &UpdateSession, item: &Item, validation: &mut Validation) {
    let untouched = || item.files.iter().filter(|file| is_untouched(session, &file.name));
    let stay = session.files.iter().filter(|file| file.keep_in_storage).map(|file| &file.name);
    let names: BTreeSet<&String> = stay.chain(untouched().map(|file| &file.name)).collect();
    let is_whole = names.iter().any(|name| is_descriptor(name) || has_extension(name, "ova"));
    if !names.is_empty() && !is_whole {
        validation.missing.insert("*.ovf".to_owned());
    }
    for reference in
        session.files.iter().filter_map(|file| file.findings.as_ref()).flat_map(|f| &f.references)
    {
        if !names.contains(&reference.name) {
            validation.missing.insert(reference.name.clone());
            continue;
        }
        let brought = session.file(&reference.name).filter(|file| file.status == Status::Ready);
        let kept = || untouched().find(|file| file.name == reference.name).map(|file| file.size);
        let size = brought.map(|file| file.received).or_else(kept);
        if let (Some(size), Some(wanted)) = (size, reference.size)
            && size != wanted
        {
            let words = Message::size_differs(wanted, size, "its descriptor");
            validation.invalid.push((reference.name.clone(), words));
        }
    }
}

/// What files hash to has to be what manifests say; a manifest that was signed has to be there.
fn check_manifests(session: &UpdateSession, validation: &mut Validation) {
    let entries = session.files.iter().filter_map(|file| file.findings.as_ref()).flat_map(|f| &f.manifest);
    for entry in entries.filter(|entry| is_about_others(&entry.name)) {
        match session.file(&entry.name) {
            None => {
                validation.missing.insert(entry.name.clone());
            }
            Some(manifest) => check_listed(session, manifest, validation),
        }
    }
    for file in session.files.iter().filter(|file| file.status == Status::Ready) {
        let differs = |wanted: &&Checksum| {
            file.digests.get(&wanted.algorithm).is_some_and(|found| *found != wanted.hex)
        };
        if let Some(wanted) = manifested(session, &file.name).find(differs) {
            let words = Message::checksum_differs(wanted, &file.digests[&wanted.algorithm], "the manifest");
            validation.invalid.push((file.name.clone(), words));
        }
    }
}

/// A signature is one of a manifest, and says nothing of a file that the manifest leaves out.
fn check_listed(session: &UpdateSession, manifest: &SessionFile, validation: &mut Validation) {
    let Some(findings) = &manifest.findings else { return };
    let listed: BTreeSet<&str> = findings.manifest.iter().map(|entry| entry.name.as_str()).collect();
    let is_unsigned = |file: &&SessionFile| {
        file.keep_in_storage && file.status == Status::Ready && !listed.contains(file.name.as_str())
    };
    for file in session.files.iter().filter(is_unsigned) {
        validation.invalid.push((file.name.clone(), Message::not_signed(&manifest.name)));
    }
}

/// What completing a session would bring, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// Nothing can be said yet.
    Unavailable,
    /// The files that say something are on their way.
    Preparing,
    /// They are here.
    Available {
        /// Who vouches for the content, if anybody does.
        certificate: Option<Certificate>,
        /// What is dubious about it.
        warnings: Vec<Warning>,
    },
    /// Nothing will ever be said, since no file of the item says anything.
    NotApplicable,
}

/// Something dubious.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What.
    pub kind: WarningKind,
    /// In words.
    pub message: Message,
    /// Whether it is no reason to fail.
    pub is_ignored: bool,
}

pub(super) fn preview(session: &UpdateSession, item: &Item) -> Preview {
    if !is_ovf(item) {
        return if session.files.is_empty() { Preview::Unavailable } else { Preview::NotApplicable };
    }
    let speaking = || {
        session.files.iter().filter(|file| says_something(item, &file.name) || is_archive(item, &file.name))
    };
    let is_moving = |file: &SessionFile| match &file.status {
        Status::Transferring | Status::Validating => true,
        Status::Waiting => !matches!(file.origin, Origin::Descriptor(_)),
        Status::Ready | Status::Error(_) => false,
    };
    if speaking().any(|file| matches!(file.status, Status::Error(_))) {
        Preview::Unavailable
    } else if speaking().any(is_moving) {
        Preview::Preparing
    } else if speaking().any(|file| is_descriptor(&file.name)) {
        let certificate =
            session.files.iter().rev().find_map(|file| file.findings.as_ref()?.certificate.clone());
        Preview::Available { certificate, warnings: warnings(session) }
    } else {
        Preview::Unavailable
    }
}

/// What is dubious about the content, each kind once.
pub(super) fn warnings(session: &UpdateSession) -> Vec<Warning> {
    let found = session.files.iter().filter_map(|file| file.findings.as_ref()).flat_map(|f| &f.warnings);
    let kinds: BTreeSet<WarningKind> = found.copied().collect();
    let is_ignored =
        |kind| session.warnings.iter().any(|behavior| behavior.kind == kind && behavior.is_ignored);
    let warn = |kind| Warning { kind, message: Message::warning(kind), is_ignored: is_ignored(kind) };
    kinds.into_iter().map(warn).collect()
}
