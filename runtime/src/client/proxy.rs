//! Which requests go through a proxy: the environment's variables, read as curl reads them, by hyper-util's matcher.
//!
//! In: variables. Out: for a URL, the proxy and its credentials. Not here: talking to a proxy, which is `http::connect`.

use std::fmt;
use std::sync::Arc;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

/// Which requests go through a proxy.
///
/// The variables, in upper or lower case (upper first):
///
/// - `HTTPS_PROXY` and `HTTP_PROXY` name the proxies for `https` and `http` URLs, `ALL_PROXY` the one for both where
///   these are not set: `http://proxy:3128`, or `http://user:password@proxy:3128` with both percent-encoded. Without
///   a scheme `http` is meant; other schemes are refused when a request would need them. What is no URL is passed over.
/// - `NO_PROXY` names what is reached directly, with commas between: a host and everything below it (`example.com` or
///   `.example.com`), an address, a network (`10.0.0.0/8`), or `*` for everything. This host is no exception: name
///   `localhost` and `127.0.0.1` there.
/// - With `REQUEST_METHOD` set, which tells a CGI program, `HTTP_PROXY` is not looked at: its value is then a header of
///   whoever sent the request.
#[derive(Clone, Default)]
pub struct Proxy(Option<Arc<Matcher>>);

impl Proxy {
    /// As this process's environment says.
    #[must_use]
    pub fn from_env() -> Proxy {
        Proxy::from_variables(|name| std::env::var(name).ok())
    }

    /// As variables say that come from somewhere else.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Proxy {
        let first_of = |names: &[&str]| names.iter().find_map(|name| variable(name)).unwrap_or_default();
        let direct = first_of(&["NO_PROXY", "no_proxy"]);
        // The matcher takes `*` for every name, but not for addresses.
        if direct.split(',').any(|entry| entry.trim() == "*") {
            return Proxy::none();
        }
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let http = if is_cgi { first_of(&["http_proxy"]) } else { first_of(&["HTTP_PROXY", "http_proxy"]) };
        let matcher = Matcher::builder()
            .all(first_of(&["ALL_PROXY", "all_proxy"]))
            .https(first_of(&["HTTPS_PROXY", "https_proxy"]))
            .http(http)
            .no(direct)
            .build();
        Proxy(Some(Arc::new(matcher)))
    }

    /// None for any request.
    #[must_use]
    pub fn none() -> Proxy {
        Proxy(None)
    }

    /// The proxy that requests for this URL go through.
    pub(super) fn of(&self, uri: &Uri) -> Option<Intercept> {
        self.0.as_ref()?.intercept(uri)
    }
}

/// Shows no credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(matcher) => matcher.fmt(f),
            None => f.write_str("Proxy::none()"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Proxy;

    /// The proxy for each of these URLs, as text with its credentials, under variables written `NAME=value`.
    #[track_caller]
    fn check(variables: &[&str], expected: &[(&str, &str)]) {
        let proxy = Proxy::from_variables(|name| {
            let pairs = variables.iter().filter_map(|variable| variable.split_once('='));
            pairs.into_iter().find(|(n, _)| *n == name).map(|(_, value)| value.to_owned())
        });
        for (url, through) in expected {
            let found = proxy.of(&url.parse().unwrap()).map_or(String::new(), |found| {
                let basic = found.basic_auth().map(|auth| format!(" {}", auth.to_str().unwrap()));
                format!("{}{}", found.uri(), basic.unwrap_or_default())
            });
            assert_eq!(found, *through, "{url} with {variables:?}");
        }
    }

    #[test]
    fn variables() {
        check(&[], &[("http://h/", ""), ("https://h/", "")]);
        check(&["HTTP_PROXY=http://p:1"], &[("http://h/", "http://p:1/"), ("https://h/", "")]);
        check(&["https_proxy=p:1"], &[("http://h/", ""), ("https://h/x?y", "http://p:1/")]);
        check(
            &["all_proxy=http://a", "HTTPS_PROXY=http://s"],
            &[("http://h/", "http://a/"), ("https://h/", "http://s/")],
        );
        check(&["HTTP_PROXY=http://upper", "http_proxy=http://lower"], &[("http://h/", "http://upper/")]);
        check(&["HTTP_PROXY=", "http_proxy=http://lower"], &[("http://h/", "")]);
        check(&["HTTP_PROXY=not a URL"], &[("http://h/", "")]);
        check(&["HTTP_PROXY=http://me:p%40ss@p:1"], &[("http://h/", "http://p:1/ Basic bWU6cEBzcw==")]);
    }

    #[test]
    fn what_is_reached_directly() {
        let all = "ALL_PROXY=http://p";
        for everything in ["NO_PROXY=*", "no_proxy=example.com, *"] {
            check(&[all, everything], &[("http://h/", ""), ("https://10.1.2.3/", ""), ("http://[::1]/", "")]);
        }
        check(
            &[all, "no_proxy=example.com, .example.org,10.1.2.3, 192.168.0.0/16,::1"],
            &[
                ("https://example.com/", ""),
                ("https://vc.Example.com:8443/", ""),
                ("https://notexample.com/", "http://p/"),
                ("http://example.org/", ""),
                ("http://vc.example.org/", ""),
                ("http://10.1.2.3:80/", ""),
                ("http://10.1.2.4/", "http://p/"),
                ("http://192.168.7.7/", ""),
                ("http://[::1]:80/", ""),
                ("http://localhost/", "http://p/"),
                ("http://127.0.0.1/", "http://p/"),
            ],
        );
    }

    #[test]
    fn a_cgi_program_does_not_believe_a_header() {
        let cgi = "REQUEST_METHOD=GET";
        check(&[cgi, "HTTP_PROXY=http://evil"], &[("http://h/", "")]);
        check(
            &[cgi, "HTTP_PROXY=http://evil", "http_proxy=http://good", "HTTPS_PROXY=http://s"],
            &[("http://h/", "http://good/"), ("https://h/", "http://s/")],
        );
    }

    #[test]
    fn none_and_what_is_shown() {
        assert!(Proxy::none().of(&"http://h/".parse().unwrap()).is_none());
        let proxy =
            Proxy::from_variables(|name| (name == "ALL_PROXY").then(|| "http://me:sesame@p".to_owned()));
        let shown = format!("{proxy:?}");
        assert!(
            shown.contains("http://p/") && !shown.contains("sesame") && !shown.contains("me:"),
            "{shown}"
        );
    }
}
