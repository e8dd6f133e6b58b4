//! What follows from a file that was read: a descriptor brings the files that it speaks of into the session, a manifest
//! has files hashed once more.

use super::content;
use super::decision::{Draft, Effect, Stop};
use super::item::{self, Item};
use super::names::fault_of_file_name;
use super::refusal::{Message, Refusal};
use super::session_file::{Endpoint, Origin, SessionFile, Source, Status, put_file, take_out};
use super::update::UpdateSession;

/// Follows what the file says; the words are why it cannot be followed.
pub(super) fn follow(
    draft: &mut Draft<'_>,
    session: &mut UpdateSession,
    name: &str,
) -> Result<Result<(), Message>, Stop> {
    let item = item::find(draft, &session.item)?.clone();
    let Some(file) = session.file(name).cloned() else { return Ok(Ok(())) };
    let references = file.findings.iter().flat_map(|findings| &findings.references);
    let at_fault = references.clone().find_map(|r| Some((r, fault_of_file_name(&r.name)?)));
    if let Some((reference, fault)) = at_fault {
        return Ok(Err(Message::reference(&reference.name, fault)));
    }
    drop_unspoken(draft, session, &file);
    for reference in references {
        if !is_expected(session, &item, &reference.name) {
            continue;
        }
        if session.files.len() >= draft.limits().session_files_max {
            return Ok(Err(Refusal::too_many_files(draft.limits().session_files_max).message));
        }
        let source = match (&file.source, &reference.uri) {
            (Source::Pull(endpoint), Some(uri)) => {
                Source::Pull(Endpoint { uri: uri.clone(), ..endpoint.clone() })
            }
            _ => Source::Push(reference.secret.clone()),
        };
        let mut brought = SessionFile::new(&reference.name, source, Origin::Descriptor(name.to_owned()));
        brought.announced_size = reference.size;
        put_file(draft, session, brought);
    }
    hash_again(draft, session);
    Ok(Ok(()))
}

/// Whether nothing of this name is there or on its way.
fn is_expected(session: &UpdateSession, item: &Item, name: &str) -> bool {
    session.file(name).is_none() && !(item.file(name).is_some() && content::is_untouched(session, name))
}

/// Drops what the descriptor of this name spoke of before and does not any more, where nobody began to send it.
fn drop_unspoken(draft: &mut Draft<'_>, session: &mut UpdateSession, descriptor: &SessionFile) {
    let ours = Origin::Descriptor(descriptor.name.clone());
    let speaks_of = |name: &str| {
        descriptor.findings.iter().flat_map(|findings| &findings.references).any(|r| r.name == name)
    };
    let unspoken: Vec<String> = session
        .files
        .iter()
        .filter(|file| file.origin == ours && file.status == Status::Waiting && !speaks_of(&file.name))
        .map(|file| file.name.clone())
        .collect();
    for name in unspoken {
        take_out(draft, session, &name);
    }
}

/// Has files looked at again that a manifest speaks of with an algorithm that they were not hashed with.
fn hash_again(draft: &mut Draft<'_>, session: &mut UpdateSession) {
    for file_idx in 0..session.files.len() {
        let file = &session.files[file_idx];
        let needed = content::needed_algorithms(session, file);
        if file.status != Status::Ready || needed.iter().all(|a| file.digests.contains_key(a)) {
            continue;
        }
        draft.effect(Effect::Inspect { session: session.id.clone(), file: file.name.clone() });
        session.n_attempts += 1;
        session.files[file_idx].attempt = session.n_attempts;
        session.files[file_idx].status = Status::Validating;
    }
}
