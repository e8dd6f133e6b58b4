//! Libraries that follow others: reads what publishers have when the domain wants to know it, and says when it is time to.

use std::sync::Arc;

use super::catalogue::catalogue;
use super::publisher::{Fault, Publisher};
use crate::app::{App, fresh_id};
use crate::domain::Caller;
use crate::domain::ids::LibraryId;
use crate::domain::synchronisation::{Errand, FailSync, GetErrand, NewPublished, StartSync, TakeOver};
use crate::housekeeping::followers;
use crate::ledger::Error;
use crate::store::{self, FaultKind};

/// Reads the publisher of a library, and has what it has taken over.
pub async fn read_publisher(app: &Arc<App>, library: LibraryId) -> Result<(), Error> {
    let question = GetErrand { library: library.clone() };
    let Some(errand) = app.ledger.ask(Caller::Server, app.now(), &question)? else { return Ok(()) };
    let number = errand.number;
    let reason = match read(app, library.clone(), &errand).await {
        Ok(take_over) => match app.ledger.run(Caller::Server, app.now(), take_over).await {
            Err(Error::Refused(refusal)) => refusal.message.text.trim_end_matches('.').to_owned(),
            decided => return decided,
        },
        Err(fault) => fault.to_string(),
    };
    tracing::warn!(library = library.as_str(), "a library cannot follow its publisher: {reason}");
    app.ledger.run(Caller::Server, app.now(), FailSync { library, number, reason }).await
}

async fn read(app: &App, library: LibraryId, errand: &Errand) -> Result<TakeOver, Fault> {
    let publisher = Publisher::of(&errand.subscription, &app.outbound, &app.settings.pull)?;
    let head = publisher.library().await?;
    let mut read = TakeOver {
        library,
        number: errand.number,
        version: head.version().to_owned(),
        items: None,
        faulty: Default::default(),
    };
    // A publisher that gives no version says nothing about whether something changed.
    let is_known = !read.version.is_empty() && errand.known.as_ref() == Some(&read.version);
    if !is_known {
        let items = publisher.items(&head).await?;
        let found = catalogue(&publisher.root, items, app.settings.limits.session_files_max);
        let new = |published| NewPublished { published, item: fresh_id(), session: fresh_id() };
        for (item, fault) in &found.faulty {
            let (library, item) = (read.library.as_str(), item.as_str());
            tracing::warn!(library, item, "a published item cannot be followed: {fault}");
        }
        read.items = Some(found.items.into_iter().map(new).collect());
        read.faulty = found.faulty;
    }
    Ok(read)
}

/// Has those libraries synchronised whose time it is.
pub async fn start_due(app: &Arc<App>) -> Result<(), Error> {
    let (of_now, now) = (Arc::clone(app), app.now());
    let found = tokio::task::spawn_blocking(move || {
        let rules = of_now.rules()?;
        let mut due = followers(&of_now.ledger)?;
        due.retain(|library| rules.is_due(library, now));
        Ok::<_, Error>(due)
    });
    let due =
        found.await.unwrap_or_else(|panic| Err(store::Fault::new(FaultKind::Unavailable, panic).into()))?;
    for library in due {
        let start = StartSync { library: library.id };
        match app.ledger.run(Caller::Server, now, start).await {
            // It went, or went into maintenance, meanwhile.
            Ok(()) | Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
