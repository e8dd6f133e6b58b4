//! The part of a URL that stands before the paths of the reference pages.

use bytes::Bytes;
use http::Uri;
use http::uri::{Authority, Scheme};

use crate::codec::EncodeError;

/// Text that cannot be a base URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{base_url}` is not a base URL like `http://127.0.0.1:8080/rest`: {reason}")]
pub struct BadBaseUrl {
    base_url: String,
    reason: String,
}

impl BadBaseUrl {
    pub(super) fn new(base_url: &str, reason: impl Into<String>) -> BadBaseUrl {
        BadBaseUrl { base_url: base_url.to_owned(), reason: reason.into() }
    }
}

/// `http://host:port` and a path without a trailing slash, maybe empty.
#[derive(Debug)]
pub(super) struct Base {
    scheme: Scheme,
    authority: Authority,
    path: String,
}

impl Base {
    pub(super) fn parse(base_url: &str) -> Result<Base, BadBaseUrl> {
        let refuse = |reason: &str| BadBaseUrl::new(base_url, reason);
        // `http::Uri` drops a fragment silently.
        if base_url.contains(['?', '#']) {
            return Err(refuse("it has a query or a fragment"));
        }
        let uri: Uri = base_url.parse().map_err(|error| BadBaseUrl::new(base_url, format!("{error}")))?;
        let parts = uri.into_parts();
        let scheme = parts
            .scheme
            .filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS)
            .ok_or_else(|| refuse("it does not begin with http:// or https://"))?;
        let authority = parts.authority.ok_or_else(|| refuse("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(refuse("it names a user; credentials do not belong into URLs"));
        }
        let path = parts.path_and_query.map(|path| path.path().trim_end_matches('/').to_owned());
        Ok(Base { scheme, authority, path: path.unwrap_or_default() })
    }

    #[cfg(all(feature = "client", not(feature = "tls")))]
    pub(super) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// Puts the base before the request's path and query.
    pub(super) fn complete(
        &self,
        mut request: http::Request<Bytes>,
    ) -> Result<http::Request<Bytes>, EncodeError> {
        let target = format!("{}{}", self.path, request.uri());
        *request.uri_mut() = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(target)
            .build()
            .map_err(|error| super::request::bad_target(&error))?;
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::Base;

    #[test]
    fn bases() {
        let check = |base_url: &str, expected: Result<&str, &str>| {
            let request = http::Request::get("/com/vmware/x?~action=y").body(bytes::Bytes::new()).unwrap();
            match (Base::parse(base_url), expected) {
                (Ok(base), Ok(uri)) => {
                    assert_eq!(base.complete(request).unwrap().uri().to_string(), uri, "{base_url}");
                }
                (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
                (got, expected) => panic!("{base_url}: {got:?}, not {expected:?}"),
            }
        };
        check("http://h", Ok("http://h/com/vmware/x?~action=y"));
        check("http://h:80/rest/", Ok("http://h:80/rest/com/vmware/x?~action=y"));
        check("https://[::1]:8443/rest", Ok("https://[::1]:8443/rest/com/vmware/x?~action=y"));
        check("h:80", Err("http://"));
        check("/rest", Err("http://"));
        check("ftp://h", Err("http://"));
        check("http://h/?a=b", Err("query"));
        check("http://h/#a", Err("fragment"));
        check("http://me:pass@h/", Err("user"));
        check("http://h h/", Err("not a base URL"));
        check("", Err("not a base URL"));
    }
}
