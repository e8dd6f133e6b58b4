//! Where the bytes of an upload go: into a blob, or through an archive into one blob for each member.
//!
//! An archive is taken apart while it comes; itself it is kept nowhere. What it holds are files of the session from the
//! moment they begin, and stand or fall with it.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::running::Turn;
use super::upload::Ending;
use super::writer::{Writer, Written};
use crate::app::{App, fresh_id, fresh_secret};
use crate::domain::Caller;
use crate::domain::ids::UpdateSessionId;
use crate::domain::names::has_extension;
use crate::domain::transfer::{EndTransfer, Grant, StartMember, TransferOutcome};
use crate::formats::iso;
use crate::formats::ova::{Event, Unpacker};
use crate::hashing::Hasher;

/// Where the bytes of an upload go.
pub(super) enum Sink<'a> {
    File { writer: Writer, image: Option<iso::Watch> },
    Archive(Box<Archive<'a>>),
}

/// An archive that is taken apart.
pub(super) struct Archive<'a> {
    app: &'a Arc<App>,
    session: &'a UpdateSessionId,
    number: u64,
    unpacker: Unpacker,
    hasher: Hasher,
    size: u64,
    member: Option<Member<'a>>,
    /// Why a member could not be written.
    fault: Option<io::Error>,
}

/// The member that comes at the moment.
struct Member<'a> {
    grant: Grant,
    writer: Writer,
    turn: Turn<'a>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(app: &'a Arc<App>, session: &'a UpdateSessionId, grant: &Grant) -> Sink<'a> {
        if let Some(blob) = grant.blob.clone() {
            let writer =
                Writer::begin(Arc::clone(&app.blobs), blob, grant, app.settings.transfers.sync_bytes);
            // An image that is continued was not seen from its beginning.
            let is_watched = grant.offset == 0 && has_extension(&grant.name, "iso");
            return Sink::File { writer, image: is_watched.then(iso::Watch::default) };
        }
        Sink::Archive(Box::new(Archive {
            app,
            session,
            number: grant.attempt,
            unpacker: Unpacker::new(grant.bytes_max),
            hasher: Hasher::new(&grant.algorithms),
            size: 0,
            member: None,
            fault: None,
        }))
    }

    /// How many bytes survive a power loss. Of an archive none do, because it cannot be continued.
    pub(super) fn durable(&self) -> u64 {
        match self {
            Sink::File { writer, .. } => writer.durable(),
            Sink::Archive(_) => 0,
        }
    }

    /// Takes more bytes.
    pub(super) async fn append(&mut self, chunk: Bytes) -> Result<(), Ending> {
        match self {
            Sink::File { writer, image } => {
                if let Some(image) = image {
                    image.update(&chunk);
                }
                if writer.append(chunk).await { Ok(()) } else { Err(Ending::Disk) }
            }
            Sink::Archive(archive) => archive.append(chunk).await,
        }
    }

    /// Has the rest written. What looked like the end may turn out not to be one.
    pub(super) async fn finish(self, ending: Ending) -> (Ending, io::Result<Written>) {
        match self {
            Sink::File { writer, image } => {
                let written = writer.finish().await;
                let fault = image.and_then(|image| image.finish().err());
                match (ending, fault) {
                    (Ending::Whole, Some(words)) => (Ending::Wrong(words), written),
                    (ending, _) => (ending, written),
                }
            }
            Sink::Archive(archive) => archive.finish(ending).await,
        }
    }
}

impl Archive<'_> {
    async fn append(&mut self, chunk: Bytes) -> Result<(), Ending> {
        self.hasher.update(&chunk);
        self.size += chunk.len() as u64;
        let mut left = &chunk[..];
        loop {
            let event = self.unpacker.next(&mut left).map_err(|fault| Ending::Wrong(fault.to_string()))?;
            match event {
                None => return Ok(()),
                Some(Event::Member { name, .. }) => self.begin(name).await?,
                Some(Event::Data(data)) => {
                    let data = chunk.slice_ref(data);
                    let Some(member) = &self.member else { continue };
                    if member.turn.is_stopped() {
                        return Err(Ending::Stopped);
                    }
                    if !member.writer.append(data).await {
                        return Err(Ending::Disk);
                    }
                }
                Some(Event::MemberEnd) => self.end_member().await?,
                Some(Event::End) => {}
            }
        }
    }

    async fn begin(&mut self, name: String) -> Result<(), Ending> {
        let start = StartMember {
            session: self.session.clone(),
            archive: self.number,
            name,
            secret: fresh_secret(),
            blob: fresh_id(),
        };
        let grant = self.app.ledger.run(Caller::Server, self.app.now(), start).await.map_err(Ending::Void)?;
        let turn = self.app.running.begin(self.session, &grant);
        let Some(blob) = grant.blob.clone() else {
            return Err(Ending::Wrong(format!("{} is an archive in an archive", grant.name)));
        };
        let sync_bytes = self.app.settings.transfers.sync_bytes;
        let writer = Writer::begin(Arc::clone(&self.app.blobs), blob, &grant, sync_bytes);
        self.member = Some(Member { grant, writer, turn });
        Ok(())
    }

    async fn end_member(&mut self) -> Result<(), Ending> {
        let Some(Member { grant, writer, turn }) = self.member.take() else { return Ok(()) };
        let Written { size, digests } = match writer.finish().await {
            Ok(written) => written,
            Err(error) => {
                self.fault = Some(error);
                return Err(Ending::Disk);
            }
        };
        let outcome = TransferOutcome::Received { size, digests };
        let end = EndTransfer { session: self.session.clone(), attempt: grant.attempt, outcome };
        let ended = self.app.ledger.run(Caller::Server, self.app.now(), end).await;
        drop(turn);
        ended.map(drop).map_err(Ending::Void)
    }

    async fn finish(mut self: Box<Self>, ending: Ending) -> (Ending, io::Result<Written>) {
        if let Some(member) = self.member.take() {
            // It goes with its archive; nobody may be writing it then.
            self.fault = self.fault.or(member.writer.finish().await.err());
        }
        if let Some(fault) = self.fault {
            return (ending, Err(fault));
        }
        let ending = match (ending, self.unpacker.finish()) {
            (Ending::Whole, Err(fault)) => Ending::Wrong(fault.to_string()),
            (ending, _) => ending,
        };
        (ending, Ok(Written { size: self.size, digests: self.hasher.finish() }))
    }
}
