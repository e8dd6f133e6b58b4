//! `com.vmware.content.local_library`.

use tokio::sync::Semaphore;
use vapi::content::library::{PublishInfo, PublishInfoAuthenticationMethod};
use vapi::content::local_library::{
    CreateError, CreateInput, DeleteError, DeleteInput, ForceDeleteError, ForceDeleteInput, GetError,
    GetInput, ListInput, LocalLibrary, PublishError, PublishInput, UpdateError, UpdateInput,
};
use vapi::content::{LibraryId, LibraryModel};
use vapi::runtime::server::Failure;
use vapi::runtime::{Context, NoDeclaredError};

use super::{Desk, library, token};
use crate::app::fresh_id;
use crate::domain::following::{GetSubscribers, PublishChange, Published};
use crate::domain::ids::{self, Secret};
use crate::domain::library::{Content, CreateLibrary, DeleteLibrary, NewContent, Via};
use crate::domain::synchronisation::{StartSync, SyncItem};
use crate::domain::{Caller, Refusal};
use crate::ledger::Error;
use crate::store::{Fault, FaultKind, ItemFilter, LibraryFilter};
use crate::users::password;
use crate::vcsp::gate::FOLLOWER;

/// How many passwords are hashed or verified at once; each takes memory.
static TURNS: Semaphore = Semaphore::const_new(2);

impl LocalLibrary for Desk {
    async fn create(&self, cx: &Context, input: CreateInput) -> Result<LibraryId, Failure<CreateError>> {
        let token = token(input.client_token, &input.create_spec);
        let spec = input.create_spec;
        let publish = publish_change(spec.publish_info.as_ref(), None).await?;
        let command = CreateLibrary {
            id: fresh_id(),
            token,
            applies_usages_to_items: library::applies_usages_to_items(&spec).unwrap_or_default(),
            name: spec.name.ok_or_else(|| Refusal::lacks("name"))?,
            description: spec.description.unwrap_or_default(),
            content: NewContent::Local(publish),
            backings: library::backings(spec.storage_backings)?,
            security_policy: spec.security_policy_id.map(|id| id.as_str().to_owned()),
            optimize_remote_publishing: spec
                .optimization_info
                .and_then(|info| info.optimize_remote_publishing),
        };
        Ok(self.run(cx, command).await?.as_str().into())
    }

    async fn delete(&self, cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        let id = input.library_id.as_str().into();
        Ok(self.run(cx, DeleteLibrary { id, via: Via::LocalLibrary, force: false }).await?)
    }

    async fn force_delete(
        &self,
        cx: &Context,
        input: ForceDeleteInput,
    ) -> Result<(), Failure<ForceDeleteError>> {
        let id = input.library_id.as_str().into();
        Ok(self.run(cx, DeleteLibrary { id, via: Via::LocalLibrary, force: true }).await?)
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<LibraryModel, Failure<GetError>> {
        Ok(library::model(self, library::get(self, cx, &input.library_id, Via::LocalLibrary)?))
    }

    async fn list(&self, _: &Context, _: ListInput) -> Result<Vec<LibraryId>, Failure<NoDeclaredError>> {
        Ok(library::list(self, &LibraryFilter { is_local: Some(true), name: None })?)
    }

    async fn update(&self, cx: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        let (id, spec) = (input.library_id, input.update_spec);
        let kept = match library::get(self, cx, &id, Via::LocalLibrary)?.content {
            Content::Local { publish, .. } => publish.password,
            Content::Subscribed { .. } => None,
        };
        let mut command = library::changes(&id, Via::LocalLibrary, &spec)?;
        if spec.publish_info.is_some() {
            command.publish = Some(publish_change(spec.publish_info.as_ref(), kept).await?);
        }
        Ok(self.run(cx, command).await?)
    }

    async fn publish(&self, cx: &Context, input: PublishInput) -> Result<(), Failure<PublishError>> {
        let subscriptions = input.subscriptions.map(|destinations| {
            destinations.iter().map(|destination| destination.subscription.as_str().into()).collect()
        });
        let question =
            GetSubscribers { of: Published::Library(input.library_id.as_str().into()), subscriptions };
        Ok(tell(self, &self.ask(cx, &question)?, None).await?)
    }
}

/// Has subscribers synchronise, all of them or one item with or without its files. They look by themselves what has
/// changed; one that cannot now, because it is in maintenance, does so when it next would.
pub(super) async fn tell(
    desk: &Desk,
    subscribers: &[ids::LibraryId],
    item: Option<(&ids::ItemId, bool)>,
) -> Result<(), Error> {
    for library in subscribers {
        let (app, library) = (&desk.0, library.clone());
        let known = match item {
            None => None,
            Some((source, with_content)) => {
                let (library, source) = (Some(library.clone()), Some(source.clone()));
                let filter = ItemFilter { library, source, ..ItemFilter::default() };
                desk.snapshot()?.items(&filter)?.into_iter().next().map(|item| (item, with_content))
            }
        };
        // The server's own doing: whoever may publish need not be allowed to synchronise.
        let told = match known {
            Some((item, with_content)) => {
                app.ledger.run(Caller::Server, app.now(), SyncItem { item, with_content }).await
            }
            None => app.ledger.run(Caller::Server, app.now(), StartSync { library }).await,
        };
        match told {
            Err(Error::Refused(refusal)) => tracing::info!("a subscriber was not told: {refusal}"),
            told => told?,
        }
    }
    Ok(())
}

/// What is to change about publishing, with passwords hashed and compared.
async fn publish_change(info: Option<&PublishInfo>, kept: Option<Secret>) -> Result<PublishChange, Error> {
    let Some(info) = info else { return Ok(PublishChange::default()) };
    let needs_password = match &info.authentication_method {
        None => None,
        Some(PublishInfoAuthenticationMethod::Basic) => Some(true),
        Some(PublishInfoAuthenticationMethod::None) => Some(false),
        Some(unknown) => {
            let what = format!("{unknown} is no way to authenticate");
            return Err(Refusal::invalid("authentication_method", &what, "Choose BASIC or NONE.").into());
        }
    };
    if let Some(name) = info.user_name.as_deref().filter(|name| *name != FOLLOWER) {
        let what = format!("{name:?} is not the name that followers have");
        return Err(Refusal::invalid("user_name", &what, "Leave it out, or give \"vcsp\".").into());
    }
    let text = |secret: &vapi::runtime::Secret| Secret::from(secret.expose());
    let (new, current) = (info.password.as_ref().map(text), info.current_password.as_ref().map(text));
    let (password, proven) = hashed(new, current, kept).await?;
    Ok(PublishChange {
        is_published: info.published,
        needs_password,
        password,
        proven,
        persists_json: info.persist_json_enabled,
    })
}

/// The hash of a new password, and the one that is kept if this is its password. Both take their time.
async fn hashed(
    new: Option<Secret>,
    current: Option<Secret>,
    kept: Option<Secret>,
) -> Result<(Option<Secret>, Option<Secret>), Error> {
    if new.is_none() && (current.is_none() || kept.is_none()) {
        return Ok((None, None));
    }
    let too_long = |secret: &Secret| secret.reveal().len() > password::BYTES_MAX;
    if [&new, &current].into_iter().flatten().any(too_long) {
        let what = format!("it has more than {} bytes", password::BYTES_MAX);
        return Err(Refusal::invalid("password", &what, "Choose a shorter one.").into());
    }
    let unavailable = |error: String| Error::from(Fault::new(FaultKind::Unavailable, error));
    let turn = TURNS.acquire().await.map_err(|error| unavailable(error.to_string()))?;
    let work = move || {
        // It goes with the work, which goes on even if nobody waits for it any more.
        let _turn = turn;
        let is_right = current.is_some_and(|current| password::verify(current.reveal(), kept.as_ref()));
        let hash = new.map(|new| password::hash(&new)).transpose()?;
        Ok::<_, password::PasswordError>((hash, kept.filter(|_| is_right)))
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| unavailable(error.to_string()))?;
    done.map_err(|error| unavailable(error.to_string()))
}
