//! The addresses that the server gives out, made and read in one place.
//!
//! An address of a transfer holds a secret and lets whoever knows it in (`capabilities`): official clients send no login
//! with it. The file's name stands at its end for people and for clients that name what they save after it; the secret
//! alone says which file it is.
//! In and out go paths without scheme and host, percent-encoded as they stand in a request.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::domain::ids::{ItemId, LibraryId, Secret};

/// Where bytes are sent to.
pub const UPLOADS: &str = "/transfer/upload";
/// Where bytes that were prepared are fetched.
pub const DOWNLOADS: &str = "/transfer/download";
/// Where the files of items are, for those who are logged in.
pub const STATIC: &str = "/cls/static";
/// Where published libraries are.
pub const PUBLISHED: &str = "/cls/vcsp/lib";

/// What stands in a segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A file of a session, as an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The session's identifier.
    pub session: String,
    /// What lets its holder in.
    pub secret: Secret,
    /// The file's name.
    pub name: String,
}

impl Transfer {
    /// Its path below [`UPLOADS`] or [`DOWNLOADS`].
    pub fn path(&self, below: &str) -> String {
        format!("{below}/{}/{}/{}", segment(&self.session), self.secret.reveal(), segment(&self.name))
    }

    /// The transfer that a path below [`UPLOADS`] or [`DOWNLOADS`] names.
    pub fn from_path(below: &str, path: &str) -> Option<Transfer> {
        let mut segments = path.strip_prefix(below)?.strip_prefix('/')?.split('/');
        let mut next = || text(segments.next()?);
        let (session, secret, name) = (next()?, next()?, next()?);
        let transfer = Transfer { session, secret: Secret::from(secret), name };
        segments.next().is_none().then_some(transfer)
    }
}

/// Path of a file of an item, in the version that it has now.
pub fn static_path(
    library: &LibraryId,
    item: &ItemId,
    name: &str,
    version: impl std::fmt::Display,
) -> String {
    let (library, item, name) = (segment(library.as_str()), segment(item.as_str()), segment(name));
    format!("{STATIC}/{library}/{item}/{name}?version={version}")
}

/// A file of an item, as an address below [`STATIC`] names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFilePlace {
    /// The item's library.
    pub library: LibraryId,
    /// The item.
    pub item: ItemId,
    /// The file's name.
    pub name: String,
    /// The file's version, if the address is for one.
    pub version: Option<String>,
}

impl ItemFilePlace {
    /// The file that path and query name.
    pub fn from_uri(path: &str, query: Option<&str>) -> Option<ItemFilePlace> {
        let mut segments = path.strip_prefix(STATIC)?.strip_prefix('/')?.split('/');
        let mut next = || text(segments.next()?);
        let (library, item, name) = (next()?.into(), next()?.into(), next()?);
        let version = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("version=")));
        let version = version.map(text).map_or(Some(None), |version| version.map(Some))?;
        segments.next().is_none().then_some(ItemFilePlace { library, item, name, version })
    }
}

/// Path of something of a published library.
pub fn published_path(library: &LibraryId, below: &str) -> String {
    format!("{PUBLISHED}/{}/{below}", segment(library.as_str()))
}

/// A text as a segment of a path.
pub fn segment(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, SEGMENT).into()
}

/// The text of a segment; none if it is no text.
pub fn text(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_transfer_it_was_made_of() {
        for name in ["disk.vmdk", "a b/c%2F.iso", "../..", "ä?#&", ""] {
            let transfer = Transfer { session: "s-1".into(), secret: "00ff".into(), name: name.into() };
            let path = transfer.path(UPLOADS);
            assert_eq!(path.split('/').count(), 6, "{path}");
            assert!(!path.contains(['?', '#', ' ']), "{path}");
            assert_eq!(Transfer::from_path(UPLOADS, &path), Some(transfer));
        }
    }

    #[test]
    fn an_address_names_the_file_it_was_made_of() {
        let (library, item) = (LibraryId::from("l/1"), ItemId::from("i 1"));
        let path = static_path(&library, &item, "a/b?.iso", 3);
        let (before, query) = path.split_once('?').unwrap();
        let place = ItemFilePlace { library, item, name: "a/b?.iso".into(), version: Some("3".into()) };
        assert_eq!(ItemFilePlace::from_uri(before, Some(query)), Some(place.clone()));
        assert_eq!(ItemFilePlace::from_uri(before, None), Some(ItemFilePlace { version: None, ..place }));
        assert_eq!(ItemFilePlace::from_uri(&format!("{before}/x"), None), None);
    }

    #[test]
    fn what_names_no_transfer_is_none() {
        for path in ["", "/transfer/upload", "/transfer/upload/a/b", "/transfer/upload/a/b/c/d", "/x/a/b/c"] {
            assert_eq!(Transfer::from_path(UPLOADS, path), None, "{path}");
        }
        assert_eq!(Transfer::from_path(UPLOADS, "/transfer/upload/a/%ff/c"), None);
    }
}
