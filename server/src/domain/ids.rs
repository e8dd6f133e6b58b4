//! What things are called: identifiers, instants, versions, secrets.
//!
//! All of them come in from outside with a command; nothing here makes one up or looks at a clock.
//! An identifier is any text. What it looks like is up to whoever draws it.

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $name(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> $name {
                $name(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    )*};
}

identifiers! {
    /// A library.
    LibraryId;
    /// A library item.
    ItemId;
    /// An update session.
    UpdateSessionId;
    /// A download session.
    DownloadSessionId;
    /// Who uses a library, as `com.vmware.content.library.usages` counts it.
    UsageId;
    /// A subscriber that a published library knows.
    SubscriptionId;
    /// Bytes on storage. They are written once, by one transfer, and never change after that.
    BlobId;
    /// A certificate that the server trusts.
    CertificateId;
    /// A user, by the name that it logs in with.
    UserName;
    /// The settings; there is only one such identifier.
    ConfigurationId;
}

/// An instant: milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// The instant so much later; the last one there is, where it would be later than that.
    #[must_use]
    pub fn plus_ms(self, ms: u64) -> Time {
        Time(self.0.saturating_add_unsigned(ms))
    }
}

/// A version that counts: of a library, of an item, of its metadata, of a file. Decimal on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// What a new thing has.
    pub const FIRST: Version = Version(1);

    /// The version after this one.
    #[must_use]
    pub fn next(self) -> Version {
        Version(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The version of an item's content.
///
/// Ten digits on the wire, because clients compare it as text, and `"10" < "9"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentVersion(pub u64);

impl ContentVersion {
    /// What an item has before anything was put into it.
    pub const FIRST: ContentVersion = ContentVersion(1);

    /// The version after this one.
    #[must_use]
    pub fn next(self) -> ContentVersion {
        ContentVersion(self.0.saturating_add(1))
    }
}

impl fmt::Display for ContentVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

/// What must not be seen in a log: a password, its hash, the part of an address that lets its holder in (`secrets-stay`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether they are the same, in a time that says nothing about where they differ.
    pub fn matches(&self, other: &Secret) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret(text.to_owned())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_versions_grow_as_texts_too() {
        let texts: Vec<String> = (8..102).map(|n| ContentVersion(n).to_string()).collect();
        assert!(texts.is_sorted() && texts[0] == "0000000008", "{texts:?}");
    }

    #[test]
    fn secrets_match_themselves_only_and_show_nothing() {
        let secret = Secret::from("abc");
        assert!(secret.matches(&Secret::from("abc")));
        for other in ["abd", "ab", "abcd", ""] {
            assert!(!secret.matches(&Secret::from(other)), "{other}");
        }
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }
}
