//! Where a published library is, and what lies within it.
//!
//! What a publisher says is where its items are leads to requests of this server, with the follower's password. So whatever
//! leaves the library's folder, its host, its port or its scheme is refused before anything is asked (`within-the-library`).
//! Addresses in the wild are not always encoded as they should be; what cannot stand in one is encoded here.

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What cannot stand in a path or a query as it is. A percent sign can, where it begins an encoded byte.
const LOOSE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A published library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Scheme, host and port.
    origin: String,
    /// Path of its folder, with a slash at the end.
    folder: String,
    /// Address of its first document.
    document: String,
}

impl Root {
    /// The library at this address, which is that of its `lib.json`, or of its folder.
    ///
    /// # Errors
    /// Words for why it is none; they are the end of a sentence, without a full stop.
    pub fn of(url: &str) -> Result<Root, String> {
        let url = url.trim();
        let uri: Uri = encoded(url).parse().map_err(|_| "it is no address".to_owned())?;
        let origin = origin(&uri)?;
        let path = uri.path();
        let folder = match path.rsplit_once('/') {
            Some((folder, last)) if last.ends_with(".json") => format!("{folder}/"),
            _ => format!("{}/", path.trim_end_matches('/')),
        };
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let document = format!("{origin}{path}{query}");
        Ok(Root { origin, folder, document })
    }

    /// Address of its first document.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The address that the library gives for something in it.
    ///
    /// # Errors
    /// Words for why it is not in it.
    pub fn resolve(&self, href: &str) -> Result<String, String> {
        let href = href.trim();
        let outside = |why: &str| Err(format!("the address {href:?} {why}"));
        if href.is_empty() || href.chars().any(char::is_control) {
            return outside("is none");
        }
        let target = encoded(href);
        let has_scheme = target.split(['/', '?']).next().is_some_and(|first| first.contains(':'));
        let (path, query) = if has_scheme {
            let Ok(uri) = target.parse::<Uri>() else { return outside("is none") };
            if origin(&uri).as_ref() != Ok(&self.origin) {
                return outside("is of another server than the library");
            }
            (uri.path().to_owned(), uri.query().map(str::to_owned))
        } else if target.starts_with("//") {
            return outside("is of another server than the library");
        } else {
            let (path, query) = match target.split_once('?') {
                Some((path, query)) => (path, Some(query.to_owned())),
                None => (target.as_str(), None),
            };
            let is_rooted = path.starts_with('/');
            (if is_rooted { path.to_owned() } else { format!("{}{path}", self.folder) }, query)
        };
        let decoded = percent_decode_str(&path).decode_utf8_lossy();
        if decoded.split(['/', '\\']).any(|segment| segment == "..") || !path.starts_with(&self.folder) {
            return outside("leaves the library");
        }
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Ok(format!("{}{path}{query}", self.origin))
    }
}

/// Scheme, host and port, as they are compared.
fn origin(uri: &Uri) -> Result<String, String> {
    let scheme = uri.scheme_str().unwrap_or_default();
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err("this server follows only what begins with https:// or http://".to_owned()),
    };
    let authority = uri.authority().ok_or("it names no host")?;
    if authority.as_str().contains('@') {
        return Err("it has a user in it; give name and password with BASIC".to_owned());
    }
    let host = authority.host().to_ascii_lowercase();
    if host.is_empty() {
        return Err("it names no host".to_owned());
    }
    Ok(format!("{scheme}://{host}:{}", authority.port_u16().unwrap_or(default_port)))
}

/// The text with everything encoded that cannot stand in an address.
fn encoded(text: &str) -> String {
    let is_hex = |b: Option<&u8>| b.is_some_and(u8::is_ascii_hexdigit);
    let mut encoded = String::with_capacity(text.len());
    for (idx, part) in text.split('%').enumerate() {
        let bytes = part.as_bytes();
        if idx > 0 {
            encoded += if is_hex(bytes.first()) && is_hex(bytes.get(1)) { "%" } else { "%25" };
        }
        encoded.extend(utf8_percent_encode(part, LOOSE));
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_at_its_document_or_its_folder() {
        for (url, document, item) in [
            ("https://Host/a/lib.json", "https://host:443/a/lib.json", "https://host:443/a/x/y"),
            ("http://host:8080/lib.json?t=1", "http://host:8080/lib.json?t=1", "http://host:8080/x/y"),
            ("https://host/vcsp/lib/1", "https://host:443/vcsp/lib/1", "https://host:443/vcsp/lib/1/x/y"),
            (
                "https://host/my library/",
                "https://host:443/my%20library/",
                "https://host:443/my%20library/x/y",
            ),
            ("https://host", "https://host:443/", "https://host:443/x/y"),
        ] {
            let root = Root::of(url).unwrap();
            assert_eq!((root.document(), root.resolve("x/y")), (document, Ok(item.to_owned())), "{url}");
        }
        for none in
            ["", "lib.json", "file:///a/lib.json", "ftp://host/lib.json", "https:///x", "https://a:b@host/x"]
        {
            assert!(Root::of(none).is_err(), "{none}");
        }
    }

    #[test]
    fn what_is_within_the_library_is_found() {
        let root = Root::of("https://host/lib/lib.json").unwrap();
        for (href, path) in [
            ("items.json", "items.json"),
            ("i/a b%20c.vmdk", "i/a%20b%20c.vmdk"),
            ("i/100%.iso", "i/100%25.iso"),
            ("i/ä#1.iso", "i/%C3%A4%231.iso"),
            ("i/a:b?x=1", "i/a:b?x=1"),
            ("/lib/i/a", "i/a"),
            ("https://HOST:443/lib/i/a", "i/a"),
            ("./i/..a", "./i/..a"),
        ] {
            assert_eq!(root.resolve(href), Ok(format!("https://host:443/lib/{path}")), "{href}");
        }
    }

    #[test]
    fn what_leads_out_of_the_library_is_refused() {
        let root = Root::of("https://host/lib/lib.json").unwrap();
        for href in [
            "",
            "../x",
            "i/../../x",
            "i/%2e%2e/%2E./x",
            "i/..%2fx",
            "i/..\\..\\x",
            "/other/x",
            "/library/x",
            "//evil/lib/x",
            "http://host/lib/x",
            "https://host:444/lib/x",
            "https://evil/lib/x",
            "https://host@evil/lib/x",
            "https://host/x",
            "file:///etc/passwd",
            "javascript:x",
            "i/a\r\nHost: evil",
        ] {
            assert!(root.resolve(href).is_err(), "{href}: {:?}", root.resolve(href));
        }
    }
}
