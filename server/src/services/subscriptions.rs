//! `com.vmware.content.library.subscriptions`: who follows a published library of this server, on this server.

use vapi::content::LibraryId;
use vapi::content::library::SubscriptionsId;
use vapi::content::library::subscriptions::{
    CreateError, CreateInput, CreateSpecNewSubscribedLibrary, CreateSpecSubscribedLibraryTarget, DeleteError,
    DeleteInput, GetError, GetInput, Info, ListError, ListInput, Location, PlacementInfo, Subscriptions,
    Summary, UpdateError, UpdateInput,
};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::{Desk, library, token};
use crate::app::fresh_id;
use crate::domain::Refusal;
use crate::domain::following::{
    AddSubscription, GetSubscriptions, RemoveSubscription, SeenSubscription, Subscriber, SubscriptionInfo,
};
use crate::domain::ids::SubscriptionId;
use crate::domain::library::{Content, CreateLibrary, NewContent, Via};
use crate::ledger::Error;

impl Subscriptions for Desk {
    async fn create(
        &self,
        cx: &Context,
        input: CreateInput,
    ) -> Result<SubscriptionsId, Failure<CreateError>> {
        let token = token(input.client_token, &(&input.library, &input.spec));
        let spec = input.spec.subscribed_library;
        if spec.location != Location::Local {
            let way_out = "Make a subscribed library there that follows this one by its publish_url.";
            return Err(Refusal::unsupported("tell libraries of other servers", way_out).into());
        }
        if spec.placement.is_some() {
            return Err(no_placement().into());
        }
        let subscriber = match spec.target {
            CreateSpecSubscribedLibraryTarget::UseExisting => {
                let id = spec.subscribed_library.ok_or_else(|| Refusal::lacks("subscribed_library"))?;
                Subscriber::Existing(id.as_str().into())
            }
            CreateSpecSubscribedLibraryTarget::CreateNew => {
                let new =
                    spec.new_subscribed_library.ok_or_else(|| Refusal::lacks("new_subscribed_library"))?;
                Subscriber::New(Box::new(follower(self, cx, &input.library, new)?))
            }
            unknown => {
                let what = format!("{unknown} is unknown");
                return Err(Refusal::invalid("target", &what, "Choose CREATE_NEW or USE_EXISTING.").into());
            }
        };
        let library = input.library.as_str().into();
        Ok(self
            .run(cx, AddSubscription { id: fresh_id(), token, library, subscriber })
            .await?
            .as_str()
            .into())
    }

    async fn delete(&self, cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        let (library, id) = (input.library.as_str().into(), input.subscription.as_str().into());
        Ok(self.run(cx, RemoveSubscription { library, id }).await?)
    }

    async fn list(&self, cx: &Context, input: ListInput) -> Result<Vec<Summary>, Failure<ListError>> {
        let seen = self.ask(cx, &GetSubscriptions { library: input.library.as_str().into(), id: None })?;
        let summary = |(subscription, name): SeenSubscription| {
            let (id, subscriber) = (subscription.id.as_str(), subscription.subscriber.as_str());
            Summary::new(id, subscriber, name.unwrap_or_default())
        };
        Ok(seen.into_iter().map(summary).collect())
    }

    async fn update(&self, cx: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        get(self, cx, &input.library, &input.subscription)?;
        if input.spec.subscribed_library_vcenter.is_some() {
            let way_out =
                "All subscriptions are of libraries on this one; leave subscribed_library_vcenter out.";
            return Err(Refusal::unsupported("reach other servers", way_out).into());
        }
        if input.spec.subscribed_library_placement.is_some() {
            return Err(no_placement().into());
        }
        Ok(())
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        Ok(get(self, cx, &input.library, &input.subscription)?)
    }
}

fn get(desk: &Desk, cx: &Context, library: &LibraryId, id: &SubscriptionsId) -> Result<Info, Error> {
    let id = SubscriptionId::from(id.as_str());
    let seen = desk.ask(cx, &GetSubscriptions { library: library.as_str().into(), id: Some(id.clone()) })?;
    let (subscription, name) = seen.into_iter().next().ok_or_else(|| Refusal::no_subscription(&id))?;
    let subscriber = subscription.subscriber.as_str();
    Ok(Info::new(subscriber, name.unwrap_or_default(), Location::Local, PlacementInfo::new()))
}

fn no_placement() -> Refusal {
    Refusal::unsupported("place virtual machine templates", "Leave the placement out.")
}

/// A new library that follows a published one of this server.
fn follower(
    desk: &Desk,
    cx: &Context,
    published: &LibraryId,
    new: CreateSpecNewSubscribedLibrary,
) -> Result<CreateLibrary, Error> {
    let published = library::get(desk, cx, published, Via::LocalLibrary)?;
    if matches!(&published.content, Content::Local { publish, .. } if publish.password.is_some()) {
        let way_out =
            "Make one with the password by subscribed_library.create, and name it with USE_EXISTING.";
        return Err(Refusal::unsupported("make followers of a library with a password", way_out).into());
    }
    Ok(CreateLibrary {
        id: fresh_id(),
        token: None,
        name: new.name,
        description: new.description.unwrap_or_default(),
        content: NewContent::Subscribed(SubscriptionInfo {
            url: library::publish_url(desk, &published.id),
            needs_password: false,
            user_name: None,
            password: None,
            automatic_sync: new.automatic_sync_enabled,
            on_demand: new.on_demand,
            thumbprint: None,
            certificate: None,
        }),
        backings: library::backings(Some(new.storage_backings))?,
        security_policy: None,
        optimize_remote_publishing: None,
        applies_usages_to_items: false,
    })
}
