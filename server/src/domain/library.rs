//! Libraries: what they are, and how they are made, changed and removed.
//!
//! A library's version counts its own changes, not those of its items; [`Library::revision`] counts both, for those who
//! follow it. A library goes with everything in it at once.
//! Not here: who uses or follows a library ([`super::following`]), what is in it ([`super::item`]).

use serde::{Deserialize, Serialize};

use super::client_token::{self, Attempt, ClientToken, RequestKey};
use super::decision::{Command, Draft, Question, Stop};
use super::following::{
    PublishChange, PublishInfo, Subscription, SubscriptionChange, SubscriptionInfo, Usage,
};
use super::ids::{LibraryId, Time, Version};
use super::item;
use super::names::{check_description, check_name};
use super::published::Following;
use super::refusal::{Message, Refusal};
use super::synchronisation;

/// A library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its identifier.
    pub id: LibraryId,
    /// What people call it; several libraries may be called the same.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it has items of its own or follows another one.
    pub content: Content,
    /// Where its bytes are said to be.
    pub backing: StorageBacking,
    /// When it was made.
    pub created: Time,
    /// When its properties changed last.
    pub modified: Time,
    /// How often its properties changed.
    pub version: Version,
    /// How often its properties or its items changed.
    pub revision: u64,
    /// The security policy, which this server keeps and does not enforce.
    pub security_policy: Option<String>,
    /// Whether publishing is to be prepared for far followers.
    pub optimize_remote_publishing: Option<bool>,
    /// Whether it is out of service.
    pub in_maintenance: bool,
    /// Whether a usage of the library is one of its items too.
    pub applies_usages_to_items: bool,
    /// Who uses it.
    pub usages: Vec<Usage>,
    /// The token that it was made with.
    pub made_by: Option<RequestKey>,
}

/// Where a library's items come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// From its users.
    Local {
        /// Whether and how it can be followed.
        publish: PublishInfo,
        /// Who is told when something changes.
        subscriptions: Vec<Subscription>,
    },
    /// From another library.
    Subscribed {
        /// Which one, and how.
        subscription: SubscriptionInfo,
        /// How far it is with that.
        #[serde(default)]
        following: Box<Following>,
    },
}

/// Storage as clients name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StorageBacking {
    /// A datastore.
    Datastore(String),
    /// An address.
    Other(String),
}

/// Through which service a call about a library comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// The one for all libraries.
    Library,
    /// The one for local libraries.
    LocalLibrary,
    /// The one for subscribed libraries.
    SubscribedLibrary,
}

impl Library {
    /// Whether its items come from its users.
    pub fn is_local(&self) -> bool {
        matches!(self.content, Content::Local { .. })
    }

    /// Whether it can be followed.
    pub fn is_published(&self) -> bool {
        matches!(&self.content, Content::Local { publish, .. } if publish.is_published)
    }

    pub(super) fn changed(&mut self, now: Time) {
        self.version = self.version.next();
        self.revision += 1;
        self.modified = self.modified.max(now);
    }
}

/// Makes a library.
#[derive(Clone, Debug)]
pub struct CreateLibrary {
    /// The identifier it gets.
    pub id: LibraryId,
    /// The client's token.
    pub token: Option<ClientToken>,
    /// What people are to call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where its items come from.
    pub content: NewContent,
    /// Where its bytes are to be.
    pub backings: Vec<StorageBacking>,
    /// See [`Library`].
    pub security_policy: Option<String>,
    /// See [`Library`].
    pub optimize_remote_publishing: Option<bool>,
    /// See [`Library`].
    pub applies_usages_to_items: bool,
}

/// Where a new library's items come from.
#[derive(Clone, Debug)]
pub enum NewContent {
    /// From its users.
    Local(PublishChange),
    /// From another library.
    Subscribed(SubscriptionInfo),
}

impl Command for CreateLibrary {
    type Reply = LibraryId;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<LibraryId, Stop> {
        let (operation, content) = match &self.content {
            NewContent::Local(change) => {
                let mut publish = PublishInfo::default();
                publish.change(change)?;
                ("local_library.create", Content::Local { publish, subscriptions: Vec::new() })
            }
            NewContent::Subscribed(subscription) => {
                subscription.check()?;
                (
                    "subscribed_library.create",
                    Content::Subscribed { subscription: subscription.clone(), following: Box::default() },
                )
            }
        };
        let key = match client_token::attempt(draft, operation, self.token.as_ref())? {
            Attempt::Repeated(id) => return Ok(id.into()),
            Attempt::First(key) => key,
        };
        check_name(&self.name)?;
        check_description(&self.description)?;
        let [backing] = self.backings.as_slice() else {
            return Err(Refusal::backings(self.backings.len()).into());
        };
        check_policy(self.security_policy.as_deref())?;
        client_token::remember(draft, key.as_ref(), self.token.as_ref(), self.id.as_str());
        draft.insert(Library {
            id: self.id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            content,
            backing: backing.clone(),
            created: draft.now(),
            modified: draft.now(),
            version: Version::FIRST,
            revision: 1,
            security_policy: self.security_policy.clone(),
            optimize_remote_publishing: self.optimize_remote_publishing,
            in_maintenance: false,
            applies_usages_to_items: self.applies_usages_to_items,
            usages: Vec::new(),
            made_by: key,
        })?;
        Ok(self.id.clone())
    }
}

/// There are none, because nobody would enforce them; a library that names one looks safer than it is.
fn check_policy(policy: Option<&str>) -> Result<(), Refusal> {
    policy.map_or(Ok(()), |id| Err(Refusal::no_policy(id)))
}

/// Changes a library's properties; what is unset stays as it is.
#[derive(Clone, Debug)]
pub struct UpdateLibrary {
    /// Which one.
    pub id: LibraryId,
    /// Through which service.
    pub via: Via,
    /// The version that the caller takes it to have.
    pub version: Option<Version>,
    /// What people are to call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// How it can be followed; for local libraries.
    pub publish: Option<PublishChange>,
    /// What it follows; for subscribed libraries.
    pub subscription: Option<SubscriptionChange>,
    /// Its security policy; `Some(None)` takes it away.
    pub security_policy: Option<Option<String>>,
    /// See [`Library`].
    pub optimize_remote_publishing: Option<bool>,
    /// See [`Library`].
    pub applies_usages_to_items: Option<bool>,
    /// Where it is kept, as the caller takes it to be.
    pub backings: Option<Vec<StorageBacking>>,
}

impl UpdateLibrary {
    /// A change of nothing.
    pub fn new(id: LibraryId, via: Via) -> UpdateLibrary {
        UpdateLibrary {
            id,
            via,
            version: None,
            name: None,
            description: None,
            publish: None,
            subscription: None,
            security_policy: None,
            optimize_remote_publishing: None,
            applies_usages_to_items: None,
            backings: None,
        }
    }

    fn change_content(&self, library: &mut Library) -> Result<(), Refusal> {
        match &mut library.content {
            Content::Local { publish, .. } => {
                if self.subscription.is_some() {
                    return Err(Refusal::not_of_this_kind("subscription_info", "local"));
                }
                self.publish.as_ref().map_or(Ok(()), |change| publish.change(change))
            }
            Content::Subscribed { subscription, following } => {
                if self.publish.is_some() {
                    return Err(Refusal::not_of_this_kind("publish_info", "subscribed"));
                }
                let Some(change) = &self.subscription else { return Ok(()) };
                // What was read from the publisher before says nothing about what is followed from now on.
                (following.version, following.tried) = (None, None);
                subscription.change(change)
            }
        }
    }
}

impl Command for UpdateLibrary {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut library = in_service(draft, &self.id, self.via)?;
        if let Some(version) = self.version.filter(|version| *version != library.version) {
            return Err(Refusal::stale_library(self.via, version, library.version).into());
        }
        // Other servers take it and do nothing, and then people look for their bytes elsewhere.
        if self.backings.as_ref().is_some_and(|backings| *backings != [library.backing.clone()]) {
            return Err(Refusal::storage_stays().into());
        }
        if let Some(name) = &self.name {
            check_name(name)?;
            library.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            check_description(description)?;
            library.description.clone_from(description);
        }
        self.change_content(&mut library)?;
        if let Some(policy) = &self.security_policy {
            check_policy(policy.as_deref())?;
            library.security_policy.clone_from(policy);
        }
        library.optimize_remote_publishing =
            self.optimize_remote_publishing.or(library.optimize_remote_publishing);
        library.applies_usages_to_items =
            self.applies_usages_to_items.unwrap_or(library.applies_usages_to_items);
        library.changed(draft.now());
        draft.put(library);
        Ok(())
    }
}

/// Removes a library with all that is in it.
#[derive(Clone, Debug)]
pub struct DeleteLibrary {
    /// Which one.
    pub id: LibraryId,
    /// Through which service.
    pub via: Via,
    /// Whether it goes although it is used.
    pub force: bool,
}

impl Command for DeleteLibrary {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let library = find(draft, &self.id, self.via)?;
        if let Some(usage) = library.usages.first().filter(|_| !self.force) {
            return Err(Refusal::library_is_used(library.usages.len(), &usage.resource).into());
        }
        let mut tokens = vec![library.made_by.clone()];
        if let Content::Local { subscriptions, .. } = &library.content {
            tokens.extend(subscriptions.iter().map(|subscription| subscription.made_by.clone()));
        }
        synchronisation::give_up(draft, &self.id)?;
        for item in draft.items_of(&self.id)? {
            item::remove(draft, &item, &Message::library_deleted(&self.id))?;
        }
        for made_by in &tokens {
            client_token::forget(draft, made_by.as_ref());
        }
        draft.remove::<Library>(&self.id);
        Ok(())
    }
}

/// Takes a library out of service, or puts it back.
#[derive(Clone, Debug)]
pub struct SetMaintenance {
    /// Which one.
    pub id: LibraryId,
    /// Whether it is to be out of service.
    pub on: bool,
}

impl Command for SetMaintenance {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut library = find(draft, &self.id, Via::Library)?.clone();
        if library.in_maintenance == self.on {
            return Err(Refusal::maintenance_is(self.on).into());
        }
        library.in_maintenance = self.on;
        draft.put(library);
        Ok(())
    }
}

/// Asks for a library.
#[derive(Clone, Debug)]
pub struct GetLibrary {
    /// Which one.
    pub id: LibraryId,
    /// Through which service.
    pub via: Via,
}

impl Question for GetLibrary {
    type Answer = Library;

    fn answer(&self, draft: &Draft<'_>) -> Result<Library, Stop> {
        Ok(find(draft, &self.id, self.via)?.clone())
    }
}

/// The library, if it is of the kind that the service is for.
pub(super) fn find<'d>(draft: &'d Draft<'_>, id: &LibraryId, via: Via) -> Result<&'d Library, Stop> {
    let library = draft.get::<Library>(id)?.ok_or_else(|| Refusal::no_library(id))?;
    match (via, library.is_local()) {
        (Via::Library, _) | (Via::LocalLibrary, true) | (Via::SubscribedLibrary, false) => Ok(library),
        (_, is_local) => Err(Refusal::library_kind(id, is_local).into()),
    }
}

/// The library, if it can be changed now.
pub(super) fn in_service(draft: &Draft<'_>, id: &LibraryId, via: Via) -> Result<Library, Stop> {
    let library = find(draft, id, via)?;
    if library.in_maintenance {
        return Err(Refusal::in_maintenance(id).into());
    }
    Ok(library.clone())
}

/// Counts a change of a library's items, for those who follow it.
///
/// Of other libraries nobody asks, and not counting there keeps changes to different items apart.
pub(super) fn count_change(draft: &mut Draft<'_>, id: &LibraryId) -> Result<(), Stop> {
    if let Some(library) = draft.get::<Library>(id)?.filter(|library| library.is_published()) {
        let mut library = library.clone();
        library.revision += 1;
        draft.put(library);
    }
    Ok(())
}
