//! Asking a publisher: its documents, and where its files come from.
//!
//! What may pass is tried again, a few times and later each time: a host that does not answer, and a publisher that says
//! that it is still preparing what was asked for (503).

use bytes::Bytes;
use tokio::time::sleep;

use super::catalogue::{LibraryHead, RawItem, read_item, read_items};
use super::gate::FOLLOWER;
use super::root::Root;
use crate::domain::following::SubscriptionInfo;
use crate::outbound::{Basic, Failure, Outbound, Source, Trust};
use crate::transfers::pull::{PullSettings, Tries};

/// How large `lib.json` and an `item.json` may be.
const DOCUMENT_BYTES_MAX: u64 = 1 << 20;
/// How large `items.json` may be.
const ITEMS_BYTES_MAX: u64 = 32 << 20;

/// Why a publisher cannot be followed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// The address is none of a published library. The words are the end of a sentence.
    #[error("{0} is no published library: {1}")]
    NoLibrary(String, String),
    /// It cannot be had.
    #[error(transparent)]
    Unreached(#[from] Failure),
}

/// A publisher.
pub struct Publisher<'a> {
    /// Its library.
    pub root: Root,
    outbound: &'a Outbound,
    settings: &'a PullSettings,
    trust: Trust,
    credentials: Option<Basic>,
}

impl<'a> Publisher<'a> {
    /// The one that a subscription names.
    pub fn of(
        subscription: &SubscriptionInfo,
        outbound: &'a Outbound,
        settings: &'a PullSettings,
    ) -> Result<Publisher<'a>, Fault> {
        let url = &subscription.url;
        let root = Root::of(url).map_err(|fault| Fault::NoLibrary(format!("{url:?}"), fault))?;
        let trust = Trust::of(subscription.thumbprint.as_deref(), subscription.certificate.as_deref())?;
        let password = subscription.password.as_ref().filter(|_| subscription.needs_password);
        let user = subscription.user_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(FOLLOWER);
        let credentials =
            password.map(|password| Basic { user: user.to_owned(), password: password.reveal().into() });
        Ok(Publisher { root, outbound, settings, trust, credentials })
    }

    /// What to ask for to get what is at an address of the library.
    pub fn source(&self, address: &str, bytes_max: u64) -> Source {
        Source {
            trust: self.trust.clone(),
            credentials: self.credentials.clone(),
            bytes_max,
            stays_with_origin: true,
            ..Source::new(address)
        }
    }

    /// What it says of its library, without trying again.
    pub async fn probe(&self) -> Result<LibraryHead, Fault> {
        let source = self.source(self.root.document(), DOCUMENT_BYTES_MAX);
        let bytes = self.outbound.get(&source).await?.read_all().await?;
        self.head(&bytes)
    }

    /// What it says of its library.
    pub async fn library(&self) -> Result<LibraryHead, Fault> {
        let bytes = self.document(self.root.document(), DOCUMENT_BYTES_MAX).await?;
        self.head(&bytes)
    }

    fn head(&self, bytes: &[u8]) -> Result<LibraryHead, Fault> {
        LibraryHead::read(bytes).map_err(|fault| self.no_library(self.root.document(), fault))
    }

    /// What it says of its items, with the documents of those that are not told completely.
    pub async fn items(&self, head: &LibraryHead) -> Result<Vec<RawItem>, Fault> {
        let address = self.within(head.items_href())?;
        let bytes = self.document(&address, ITEMS_BYTES_MAX).await?;
        let items = read_items(&bytes).map_err(|fault| self.no_library(&address, fault))?;
        let mut whole = Vec::with_capacity(items.len());
        for item in items {
            // An address that leads out of the library is the item's fault alone, and found where the item is read.
            let own = item.incomplete().and_then(|href| self.root.resolve(href).ok());
            whole.push(match own {
                None => item,
                Some(address) => {
                    let bytes = self.document(&address, DOCUMENT_BYTES_MAX).await?;
                    let own = read_item(&bytes).map_err(|fault| self.no_library(&address, fault))?;
                    item.completed_by(own)
                }
            });
        }
        Ok(whole)
    }

    fn within(&self, href: &str) -> Result<String, Fault> {
        self.root.resolve(href).map_err(|fault| self.no_library(self.root.document(), fault))
    }

    fn no_library(&self, address: &str, fault: String) -> Fault {
        Fault::NoLibrary(address.split('?').next().unwrap_or_default().to_owned(), fault)
    }

    async fn document(&self, address: &str, bytes_max: u64) -> Result<Bytes, Failure> {
        let source = self.source(address, bytes_max);
        let mut tries = Tries::default();
        loop {
            let read = match self.outbound.get(&source).await {
                Ok(incoming) => incoming.read_all().await,
                Err(failure) => Err(failure),
            };
            let wait = match &read {
                Err(failure) if failure.may_pass() => tries.next_wait(self.settings, 0),
                _ => None,
            };
            match wait {
                Some(wait) => sleep(wait).await,
                None => return read,
            }
        }
    }
}
