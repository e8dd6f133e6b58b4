//! How libraries follow each other, and who uses them: what is kept of it.
//!
//! Not here: carrying content from one library to the other, and passwords in the clear. Whoever calls hashes a new
//! password and checks an old one; the domain sees hashes.

use serde::{Deserialize, Serialize};

use super::client_token::{self, Attempt, ClientToken, RequestKey};
use super::decision::{Command, Draft, Question, Stop};
use super::ids::{ItemId, LibraryId, Secret, SubscriptionId, Time, UsageId};
use super::item;
use super::library::{self, Content, CreateLibrary, Library, Via};
use super::refusal::Refusal;

/// Whether and how a local library can be followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishInfo {
    /// Whether it can be.
    pub is_published: bool,
    /// The hash of the password that followers need; unset, they need none.
    pub password: Option<Secret>,
    /// Whether a description of the library is kept beside its files.
    pub persists_json: bool,
}

/// A change of it; what is unset stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PublishChange {
    /// Whether it can be followed.
    pub is_published: Option<bool>,
    /// Whether followers need a password.
    pub needs_password: Option<bool>,
    /// The hash of a new password.
    pub password: Option<Secret>,
    /// The hash that the password of the call was checked against, if it is the right one.
    pub proven: Option<Secret>,
    /// Whether a description is kept.
    pub persists_json: Option<bool>,
}

impl PublishInfo {
    pub(super) fn change(&mut self, change: &PublishChange) -> Result<(), Refusal> {
        let gives_up = change.needs_password == Some(false) || change.is_published == Some(false);
        if let Some(hash) = self.password.as_ref().filter(|_| gives_up || change.password.is_some())
            && !change.proven.as_ref().is_some_and(|proven| proven.matches(hash))
        {
            return Err(Refusal::password_not_proven());
        }
        let needs_password = change.needs_password.unwrap_or(self.password.is_some());
        match (needs_password, &change.password) {
            (true, Some(hash)) => self.password = Some(hash.clone()),
            (true, None) if self.password.is_none() => return Err(Refusal::no_password("publish_info")),
            (true, None) => {}
            (false, Some(_)) => return Err(Refusal::password_for_nothing()),
            (false, None) => self.password = None,
        }
        self.is_published = change.is_published.unwrap_or(self.is_published);
        self.persists_json = change.persists_json.unwrap_or(self.persists_json);
        Ok(())
    }
}

/// Which library a subscribed one follows, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionInfo {
    /// Where it is published.
    pub url: String,
    /// Whether the publisher wants a name and a password.
    pub needs_password: bool,
    /// The name.
    pub user_name: Option<String>,
    /// The password, in the clear: the publisher wants it like that.
    pub password: Option<Secret>,
    /// Whether changes come by themselves.
    pub automatic_sync: bool,
    /// Whether files come only when they are asked for.
    pub on_demand: bool,
    /// Thumbprint of the publisher's certificate, where it is not trusted otherwise.
    pub thumbprint: Option<String>,
    /// The certificate itself, likewise.
    pub certificate: Option<String>,
}

/// A change of it; what is unset stays as it is.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionChange {
    /// See [`SubscriptionInfo`].
    pub url: Option<String>,
    /// See [`SubscriptionInfo`].
    pub needs_password: Option<bool>,
    /// See [`SubscriptionInfo`].
    pub user_name: Option<String>,
    /// See [`SubscriptionInfo`].
    pub password: Option<Secret>,
    /// See [`SubscriptionInfo`].
    pub automatic_sync: Option<bool>,
    /// See [`SubscriptionInfo`].
    pub on_demand: Option<bool>,
    /// See [`SubscriptionInfo`].
    pub thumbprint: Option<String>,
    /// See [`SubscriptionInfo`].
    pub certificate: Option<String>,
}

impl SubscriptionInfo {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let scheme = self.url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if !matches!(scheme.as_deref(), Some("http" | "https" | "file")) {
            return Err(Refusal::invalid(
                "subscription_url",
                &format!("{:?} is no address of a published library", self.url),
                "Give one that begins with https://, http:// or file://.",
            ));
        }
        if self.needs_password && self.password.is_none() {
            return Err(Refusal::no_password("subscription_info"));
        }
        Ok(())
    }

    /// Makes the change, if it makes sense.
    ///
    /// # Errors
    /// Where it does not.
    pub fn change(&mut self, change: &SubscriptionChange) -> Result<(), Refusal> {
        fn set<T: Clone>(field: &mut T, value: Option<&T>) {
            if let Some(value) = value {
                field.clone_from(value);
            }
        }
        fn set_some<T: Clone>(field: &mut Option<T>, value: Option<&T>) {
            if value.is_some() {
                *field = value.cloned();
            }
        }
        set(&mut self.url, change.url.as_ref());
        set(&mut self.needs_password, change.needs_password.as_ref());
        set_some(&mut self.user_name, change.user_name.as_ref());
        set_some(&mut self.password, change.password.as_ref());
        set(&mut self.automatic_sync, change.automatic_sync.as_ref());
        set(&mut self.on_demand, change.on_demand.as_ref());
        set_some(&mut self.thumbprint, change.thumbprint.as_ref());
        set_some(&mut self.certificate, change.certificate.as_ref());
        self.check()
    }
}

/// A subscribed library of this server that is told when something changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its identifier.
    pub id: SubscriptionId,
    /// Who is told.
    pub subscriber: LibraryId,
    /// The token that it was made with.
    pub made_by: Option<RequestKey>,
}

/// Adds a subscription to a published library.
#[derive(Clone, Debug)]
pub struct AddSubscription {
    /// The identifier it gets.
    pub id: SubscriptionId,
    /// The client's token.
    pub token: Option<ClientToken>,
    /// Which library is followed.
    pub library: LibraryId,
    /// Who follows it.
    pub subscriber: Subscriber,
}

/// Who follows a library.
#[derive(Clone, Debug)]
pub enum Subscriber {
    /// A library that is there.
    Existing(LibraryId),
    /// One that is made together with the subscription.
    New(Box<CreateLibrary>),
}

impl Command for AddSubscription {
    type Reply = SubscriptionId;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<SubscriptionId, Stop> {
        let key = match client_token::attempt(draft, "subscriptions.create", self.token.as_ref())? {
            Attempt::Repeated(id) => return Ok(id.into()),
            Attempt::First(key) => key,
        };
        let mut library = library::in_service(draft, &self.library, Via::LocalLibrary)?;
        let subscriptions = published(&mut library)?;
        let subscriber = match &self.subscriber {
            Subscriber::Existing(id) => id.clone(),
            Subscriber::New(library) => library.decide(draft)?,
        };
        library::find(draft, &subscriber, Via::SubscribedLibrary)?;
        if subscriptions.iter().any(|subscription| subscription.subscriber == subscriber) {
            return Err(Refusal::subscription_exists(&subscriber).into());
        }
        client_token::remember(draft, key.as_ref(), self.token.as_ref(), self.id.as_str());
        subscriptions.push(Subscription { id: self.id.clone(), subscriber, made_by: key });
        draft.put(library);
        Ok(self.id.clone())
    }
}

/// Removes a subscription from a published library.
#[derive(Clone, Debug)]
pub struct RemoveSubscription {
    /// Which library is followed.
    pub library: LibraryId,
    /// Which subscription.
    pub id: SubscriptionId,
}

impl Command for RemoveSubscription {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut library = library::in_service(draft, &self.library, Via::LocalLibrary)?;
        let subscriptions = published(&mut library)?;
        let idx = subscriptions.iter().position(|subscription| subscription.id == self.id);
        let removed = subscriptions.remove(idx.ok_or_else(|| Refusal::no_subscription(&self.id))?);
        client_token::forget(draft, removed.made_by.as_ref());
        draft.put(library);
        Ok(())
    }
}

/// Asks for the subscriptions of a published library.
#[derive(Clone, Debug)]
pub struct GetSubscriptions {
    /// Of which library.
    pub library: LibraryId,
    /// The one with this identifier; unset, all of them.
    pub id: Option<SubscriptionId>,
}

/// A subscription, and what its subscriber is called; unset, it is gone.
pub type SeenSubscription = (Subscription, Option<String>);

impl Question for GetSubscriptions {
    type Answer = Vec<SeenSubscription>;

    fn answer(&self, draft: &Draft<'_>) -> Result<Vec<SeenSubscription>, Stop> {
        let mut library = library::find(draft, &self.library, Via::LocalLibrary)?.clone();
        let subscriptions = published(&mut library)?;
        if let Some(id) = &self.id {
            subscriptions.retain(|subscription| subscription.id == *id);
            if subscriptions.is_empty() {
                return Err(Refusal::no_subscription(id).into());
            }
        }
        let mut seen = Vec::new();
        for subscription in subscriptions.drain(..) {
            let subscriber = draft.get::<Library>(&subscription.subscriber)?;
            let name = subscriber.map(|subscriber| subscriber.name.clone());
            seen.push((subscription, name));
        }
        Ok(seen)
    }
}

/// The subscriptions of a library that is published.
fn published(library: &mut Library) -> Result<&mut Vec<Subscription>, Refusal> {
    match &mut library.content {
        Content::Local { publish, subscriptions } if publish.is_published => Ok(subscriptions),
        _ => Err(Refusal::not_published(&library.id)),
    }
}

/// What is published to subscribers.
#[derive(Clone, Debug)]
pub enum Published {
    /// A library.
    Library(LibraryId),
    /// An item of one.
    Item(ItemId),
}

/// Asks which libraries are to be told that something has changed.
#[derive(Clone, Debug)]
pub struct GetSubscribers {
    /// What has changed.
    pub of: Published,
    /// By which subscriptions; unset, by all.
    pub subscriptions: Option<Vec<SubscriptionId>>,
}

impl Question for GetSubscribers {
    type Answer = Vec<LibraryId>;

    fn answer(&self, draft: &Draft<'_>) -> Result<Vec<LibraryId>, Stop> {
        let library = match &self.of {
            Published::Library(id) => id,
            Published::Item(id) => &item::find(draft, id)?.library,
        };
        let mut library = library::in_service(draft, library, Via::LocalLibrary)?;
        let subscriptions = published(&mut library)?;
        if let Published::Item(id) = &self.of
            && item::find(draft, id)?.files.is_empty()
        {
            return Err(Refusal::nothing_to_publish(id).into());
        }
        let Some(wanted) = &self.subscriptions else {
            return Ok(subscriptions.iter().map(|subscription| subscription.subscriber.clone()).collect());
        };
        let subscriber = |id: &SubscriptionId| {
            let found = subscriptions.iter().find(|subscription| subscription.id == *id);
            found.map(|found| found.subscriber.clone()).ok_or_else(|| Refusal::publish_to_nobody(id))
        };
        Ok(wanted.iter().map(subscriber).collect::<Result<_, _>>()?)
    }
}

/// Something that uses a library, which therefore is not to be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Its identifier.
    pub id: UsageId,
    /// What uses it.
    pub resource: String,
    /// Since when.
    pub added: Time,
}

/// Notes that something uses a library.
#[derive(Clone, Debug)]
pub struct AddUsage {
    /// The identifier it gets.
    pub id: UsageId,
    /// Which library.
    pub library: LibraryId,
    /// What uses it.
    pub resource: String,
}

impl Command for AddUsage {
    type Reply = UsageId;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<UsageId, Stop> {
        let mut library = library::find(draft, &self.library, Via::Library)?.clone();
        if self.resource.trim().is_empty() {
            return Err(Refusal::invalid("resource_urn", "it is empty", "Name what uses the library.").into());
        }
        if library.usages.iter().any(|usage| usage.resource == self.resource) {
            return Err(Refusal::usage_exists(&self.resource).into());
        }
        let usage = Usage { id: self.id.clone(), resource: self.resource.clone(), added: draft.now() };
        library.usages.push(usage);
        draft.put(library);
        Ok(self.id.clone())
    }
}

/// Notes that something does not use a library any more.
#[derive(Clone, Debug)]
pub struct RemoveUsage {
    /// Which library.
    pub library: LibraryId,
    /// Which usage.
    pub id: UsageId,
}

impl Command for RemoveUsage {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut library = library::find(draft, &self.library, Via::Library)?.clone();
        let n_before = library.usages.len();
        library.usages.retain(|usage| usage.id != self.id);
        if library.usages.len() == n_before {
            return Err(Refusal::no_usage(&self.id).into());
        }
        draft.put(library);
        Ok(())
    }
}

/// Asks for one usage of a library.
#[derive(Clone, Debug)]
pub struct GetUsage {
    /// Of which library.
    pub library: LibraryId,
    /// Which usage.
    pub id: UsageId,
}

impl Question for GetUsage {
    type Answer = Usage;

    fn answer(&self, draft: &Draft<'_>) -> Result<Usage, Stop> {
        let mut usages = library::find(draft, &self.library, Via::Library)?.usages.iter();
        let usage = usages.find(|usage| usage.id == self.id);
        Ok(usage.ok_or_else(|| Refusal::no_usage(&self.id))?.clone())
    }
}
