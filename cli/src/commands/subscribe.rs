//! `subscribe` and `sync`: libraries that follow others, and getting them up to date.

use contentlib_client::Cause;
use serde_json::json;
use vapi::content::library::{
    StorageBacking, StorageBackingType, SubscriptionInfo, SubscriptionInfoAuthenticationMethod,
};
use vapi::content::subscribed_library::{CreateError, ProbeResultStatus};
use vapi::content::{LibraryModel, LibraryModelLibraryType};
use vapi::runtime::{Error, Secret};

use super::ls::{id_of_item, id_of_library};
use super::{Run, path};
use crate::args::{Following, Syncing};
use crate::exit::{Exit, Failure};

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
    let (transfers, patience) = (run.transfers(&client)?, syncing.patience());
    let id = match item {
        None if syncing.content => {
            return Err(Failure::usage("--content is for an item").hint("give LIBRARY/ITEM"));
        }
        None => id_of_library(&library).to_owned(),
        Some(item) => id_of_item(&path::item(&client, &library, item).await?).to_owned(),
    };
    let synced = match (item, syncing.no_wait) {
        (None, true) => {
            client.subscribed_library().sync(id.as_str()).await?;
            run.done("syncing", &id);
            return Ok(());
        }
        (Some(_), true) => {
            client.subscribed_item().sync(id.as_str(), syncing.content).await?;
            run.done("syncing", &id);
            return Ok(());
        }
        (None, false) => transfers.sync_library(id.as_str(), &patience).await,
        (Some(_), false) => transfers.sync_item(id.as_str(), syncing.content, &patience).await,
    };
    let synced = synced.map_err(|error| match error.cause {
        Cause::TookTooLong { .. } => Failure::from(error)
            .hint("it goes on at the server, whose log says what is in its way; --wait-max waits longer"),
        _ => error.into(),
    })?;
    if run.connection.is_json() {
        run.print(&json!({"synced": id, "last_sync_time": synced.to_string()}));
    } else {
        run.done("synced", &id);
    }
    Ok(())
}
