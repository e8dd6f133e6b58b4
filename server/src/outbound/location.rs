//! Addresses on the web: what is taken for one, which host it is of, and where a redirect leads from it.

use std::fmt;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};
use percent_encoding::percent_decode_str;

use super::{Basic, Failure};

/// An `http` or `https` address without credentials in it. Shown, it ends before the query, where tokens stand.
#[derive(Clone, Debug)]
pub(super) struct Location {
    uri: Uri,
    /// What stood before the host.
    user_info: Option<String>,
}

impl Location {
    pub(super) fn parse(text: &str) -> Result<Location, Failure> {
        let bad = |fault: &str| Failure::BadUri { uri: without_secrets(text), fault: fault.to_owned() };
        let uri: Uri = text.trim().parse().map_err(|error: http::uri::InvalidUri| bad(&error.to_string()))?;
        let scheme = uri.scheme().filter(|scheme| [&Scheme::HTTP, &Scheme::HTTPS].contains(scheme)).cloned();
        let scheme = scheme.ok_or_else(|| bad("it does not begin with http:// or https://"))?;
        let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let (user_info, place) = match authority.rsplit_once('@') {
            Some((user_info, place)) => (Some(user_info.to_owned()), place.to_owned()),
            None => (None, authority.to_owned()),
        };
        if place.is_empty() || place.starts_with(':') {
            return Err(bad("it names no host"));
        }
        let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let built = Uri::builder().scheme(scheme).authority(place).path_and_query(path).build();
        let uri = built.map_err(|error| bad(&error.to_string()))?;
        Ok(Location { uri, user_info })
    }

    /// Where a `Location` header leads from here.
    pub(super) fn follow(&self, target: &str) -> Result<Location, Failure> {
        let target = target.trim();
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let authority = self.uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let path = self.uri.path();
        let has_scheme = target.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
        let absolute = if has_scheme {
            target.to_owned()
        } else if target.starts_with("//") {
            format!("{scheme}:{target}")
        } else if target.starts_with('/') {
            format!("{scheme}://{authority}{target}")
        } else if target.starts_with('?') {
            format!("{scheme}://{authority}{path}{target}")
        } else {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{scheme}://{authority}{folder}/{target}")
        };
        Location::parse(&absolute)
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Without brackets.
    pub(super) fn host(&self) -> &str {
        self.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    pub(super) fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    pub(super) fn has_host_of(&self, other: &Location) -> bool {
        self.host().eq_ignore_ascii_case(other.host())
    }

    /// Whether both are of one server, which then knows anyway what the other is told.
    pub(super) fn has_origin_of(&self, other: &Location) -> bool {
        self.has_host_of(other) && self.port() == other.port() && self.is_https() == other.is_https()
    }

    /// The user and the password that stood in it.
    pub(super) fn credentials(&self) -> Option<Basic> {
        let (user, password) = self.user_info.as_ref()?.split_once(':')?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Some(Basic { user: decoded(user), password: decoded(password).into() })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        write!(f, "{}://{authority}{}", self.uri.scheme_str().unwrap_or_default(), self.uri.path())
    }
}

/// What may be shown of a text that should be an address.
fn without_secrets(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    match (text.split_once("//"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}//{rest}"),
        (None, Some((_, rest))) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn redirects_lead_as_relative_references_do() {
        let from = Location::parse("https://a.example:8443/images/vm.ovf?token=1").unwrap();
        for (target, to) in [
            ("https://b.example/x?y#z", "https://b.example/x?y"),
            ("HTTP://b.example", "http://b.example/"),
            ("//b.example/x", "https://b.example/x"),
            ("/x", "https://a.example:8443/x"),
            ("x:y", ""),
            ("x", "https://a.example:8443/images/x"),
            ("x/y?z=a:b", "https://a.example:8443/images/x/y?z=a:b"),
            ("?token=2", "https://a.example:8443/images/vm.ovf?token=2"),
            ("file:///etc/passwd", ""),
            ("http://", ""),
        ] {
            let found = from.follow(target).map(|location| location.uri().to_string());
            assert_eq!(found.unwrap_or_default(), to, "{target}");
        }
    }

    #[test]
    fn credentials_are_taken_out_and_not_shown() {
        let location = Location::parse("https://me:p%40ss@a.example/x?token=1").unwrap();
        assert_eq!(location.uri(), "https://a.example/x?token=1");
        assert_eq!(location.to_string(), "https://a.example/x");
        let basic = location.credentials().unwrap();
        assert_eq!((basic.user.as_str(), basic.password.expose()), ("me", "p@ss"));
        for bad in
            ["ftp://me:secret@a/x", "https://me:secret@:1/x", "https://me:secret@a b/x?secret", "secret@"]
        {
            let words = Location::parse(bad).unwrap_err().to_string();
            assert!(!words.contains("secret"), "{words}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let check = |one: &str, other: &str, is_same: bool| {
            let (one, other) = (Location::parse(one).unwrap(), Location::parse(other).unwrap());
            assert_eq!(one.has_origin_of(&other), is_same, "{one} {other}");
        };
        check("https://a/x", "https://A:443/y", true);
        check("https://a/x", "https://a:444/x", false);
        check("https://a/x", "http://a:443/x", false);
        check("http://a/x", "http://a.b/x", false);
    }
}
