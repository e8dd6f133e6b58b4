//! `subscribe` and `sync`: libraries that follow others, and getting them up to date.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};
use vapi::content::library::{
    StorageBacking, StorageBackingType, SubscriptionInfo, SubscriptionInfoAuthenticationMethod,
};
use vapi::content::subscribed_library::{CreateError, ProbeResultStatus};
use vapi::content::{LibraryModel, LibraryModelLibraryType};
use vapi::runtime::{DateTime, Error, Secret};

use super::ls::{id_of_item, id_of_library};
use super::{Run, path};
use crate::args::{Following, Syncing};
use crate::exit::{Exit, Failure};

/// How often it is asked whether a synchronisation is done.
const ASK_EVERY: Duration = Duration::from_millis(500);

pub(super) async fn subscribe(run: &mut Run<'_>, name: &str, following: &Following) -> Result<(), Failure> {
    let info = info(run, following).await?;
    let backing =
        StorageBacking::for_create(StorageBackingType::Datastore).datastore_id(following.datastore.as_str());
    let spec = LibraryModel::for_create(name, vec![backing]).subscription_info(info.clone());
    let client = run.client()?.subscribed_library();
    let id = match client.create(spec).await {
        Ok(id) => id,
        Err(Error::Documented { error: CreateError::ResourceInaccessible(_), .. }) => {
            return Err(why_not(&client.probe(info).await?, following));
        }
        Err(error) => return Err(error.into()),
    };
    run.done("subscribed", id.as_str());
    Ok(())
}

/// How the library is to follow; the password comes from where a login's does.
async fn info(run: &Run<'_>, following: &Following) -> Result<SubscriptionInfo, Failure> {
    let of = |method| {
        SubscriptionInfo::for_create(
            method,
            following.automatic,
            following.on_demand,
            following.publisher.as_str(),
        )
    };
    let mut info = match &following.publisher_user {
        None => of(SubscriptionInfoAuthenticationMethod::None),
        Some(user) => {
            let password = match (run.surroundings.env)("CONTENTLIB_PUBLISHER_PASSWORD") {
                Some(password) => Secret::new(password),
                None => run.password(&format!("{user} at the publisher")).await?,
            };
            of(SubscriptionInfoAuthenticationMethod::Basic).user_name(user.as_str()).password(password)
        }
    };
    info.ssl_thumbprint.clone_from(&following.publisher_thumbprint);
    Ok(info)
}

/// What the server found out about a publisher that cannot be followed, and what to do about it.
fn why_not(probed: &vapi::content::subscribed_library::ProbeResult, following: &Following) -> Failure {
    let words: Vec<&str> =
        probed.error_messages.iter().map(|message| message.default_message.as_str()).collect();
    let text = format!("{} cannot be followed: {} {}", following.publisher, probed.status, words.join("; "));
    let failure = Failure::new(Exit::Refused, text.trim_end());
    match (&probed.status, &probed.ssl_thumbprint) {
        (_, Some(thumbprint)) => failure.hint(format!(
            "compare the thumbprint with what the publisher says, then pin it: --publisher-thumbprint {thumbprint}"
        )),
        (ProbeResultStatus::InvalidCredentials, _) => {
            failure.hint("give --publisher-user, and the password in CONTENTLIB_PUBLISHER_PASSWORD")
        }
        (ProbeResultStatus::Success, _) => failure.hint("it can be reached now; try again"),
        _ => failure.hint("the address is the publisher's publish_url; its `contentlib info LIBRARY` shows it"),
    }
}

pub(super) async fn sync(run: &mut Run<'_>, of: &str, syncing: &Syncing) -> Result<(), Failure> {
    let client = run.client()?;
    let (library, item) = path::split(of);
    let library = path::library(&client, library).await?;
    if library.type_ != Some(LibraryModelLibraryType::Subscribed) {
        return Err(Failure::new(Exit::Refused, "the library follows no other, so there is nothing to get")
            .hint("`contentlib subscribe` makes a library that does"));
    }
    let (id, synced) = match item {
        None => {
            if syncing.content {
                return Err(Failure::usage("--content is for an item").hint("give LIBRARY/ITEM"));
            }
            let id = id_of_library(&library);
            client.subscribed_library().sync(id).await?;
            let ask = async || Ok(client.library().get(id).await?.last_sync_time);
            (id.to_owned(), until_synced(syncing, library.last_sync_time, ask).await?)
        }
        Some(item) => {
            let item = path::item(&client, &library, item).await?;
            let id = id_of_item(&item);
            client.subscribed_item().sync(id, syncing.content).await?;
            let ask = async || Ok(client.item().get(id).await?.last_sync_time);
            (id.to_owned(), until_synced(syncing, item.last_sync_time, ask).await?)
        }
    };
    match synced {
        None => run.done("syncing", &id),
        Some(synced) if run.connection.is_json() => {
            run.print(&json!({"synced": id, "last_sync_time": synced.to_string()}));
        }
        Some(_) => run.done("synced", &id),
    }
    Ok(())
}

/// Waits until the time of the last synchronisation is another than before; `None` where nobody wants to wait.
async fn until_synced(
    syncing: &Syncing,
    before: Option<DateTime>,
    ask: impl AsyncFn() -> Result<Option<DateTime>, Failure>,
) -> Result<Option<DateTime>, Failure> {
    if syncing.no_wait {
        return Ok(None);
    }
    let limit = Duration::from_secs(syncing.wait_max);
    let begun = Instant::now();
    loop {
        let last = ask().await?;
        if last.is_some() && last != before {
            return Ok(last);
        }
        if begun.elapsed() >= limit {
            let text = format!("waited {} s for the synchronisation to be done", limit.as_secs());
            return Err(Failure::new(Exit::Unreachable, text).hint(
                "it goes on at the server, whose log says what is in its way; --wait-max SECONDS waits longer",
            ));
        }
        sleep(ASK_EVERY).await;
    }
}
