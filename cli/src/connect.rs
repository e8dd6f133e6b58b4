//! Which server is called, who calls, and whom to trust: options, then the environment, then the last login.

use std::sync::Arc;

use vapi::runtime::client::{BoxFuture, HttpOptions, Transport, TransportError, Trust};
use vapi::runtime::{Client, Secret};

use crate::Surroundings;
use crate::args::Connection;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::show::Shown;
use crate::token::{self, Token};

/// Where a command goes, before anything is sent.
#[derive(Debug)]
pub struct Target {
    /// Root of the server.
    pub url: String,
    /// Name and password, where there are any.
    pub credentials: Option<(String, Secret)>,
    /// The session that `login` left for this server.
    pub session: Option<Secret>,
    /// The certificate to pin.
    pub thumbprint: Option<String>,
    /// Whether any server is believed; govc's variable says so.
    pub is_insecure: bool,
}

/// A URL as govc takes it: without a scheme, with a user, with `/sdk` behind.
fn plain_url(url: &str) -> (String, Option<(String, Option<String>)>) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let path = match path.trim_end_matches('/') {
        "" | "sdk" => String::new(),
        path => format!("/{path}"),
    };
    let user = user.map(|user| match user.split_once(':') {
        Some((user, password)) => (user.to_owned(), Some(password.to_owned())),
        None => (user.to_owned(), None),
    });
    (format!("{scheme}://{host}{path}"), user)
}

impl Target {
    /// Puts it together.
    ///
    /// # Errors
    /// When no server is named, or the last login cannot be read.
    pub fn of(connection: &Connection, surroundings: &Surroundings) -> Result<Target, Failure> {
        let env = |name: &str| (surroundings.env)(name).filter(|value| !value.is_empty());
        let kept = match surroundings.config_dir.as_deref().map(token::read) {
            Some(Err(error)) => {
                return Err(Failure::new(Exit::Failed, format!("the last login cannot be read: {error}"))
                    .hint("log in again with `contentlib login`"));
            }
            Some(Ok(kept)) => kept,
            None => None,
        };
        let given = connection.url.clone().or_else(|| env("CONTENTLIB_URL")).or_else(|| env("GOVC_URL"));
        let (url, in_url) = match (&given, &kept) {
            (Some(url), _) => plain_url(url),
            (None, Some(kept)) => (kept.url.clone(), None),
            (None, None) => {
                return Err(Failure::usage("no server is named")
                    .hint("give --url, set CONTENTLIB_URL, or log in with `contentlib login --url ...`"));
            }
        };
        let (user_in_url, password_in_url) = in_url.unzip();
        let user =
            connection.user.clone().or_else(|| env("CONTENTLIB_USER")).or_else(|| env("GOVC_USERNAME"));
        let user = user.or(user_in_url);
        let password =
            env("CONTENTLIB_PASSWORD").or_else(|| env("GOVC_PASSWORD")).or(password_in_url.flatten());
        let kept = kept.filter(|kept| kept.url == url);
        Ok(Target {
            credentials: user.zip(password).map(|(user, password)| (user, Secret::new(password))),
            session: kept.as_ref().map(|kept| Secret::new(kept.session.clone())),
            thumbprint: connection.thumbprint.clone().or_else(|| kept?.thumbprint),
            is_insecure: env("GOVC_INSECURE").is_some_and(|value| matches!(value.as_str(), "1" | "true")),
            url,
        })
    }

    /// What is kept of a login here.
    #[must_use]
    pub fn token(&self, session: &Secret) -> Token {
        let session = session.expose().to_owned();
        Token { url: self.url.clone(), session, thumbprint: self.thumbprint.clone() }
    }

    /// How it is connected to.
    ///
    /// # Errors
    /// When the thumbprint is none.
    pub fn http_options(&self) -> Result<HttpOptions, Failure> {
        let options = HttpOptions::new();
        Ok(match &self.thumbprint {
            Some(thumbprint) => {
                let thumbprint = thumbprint.parse().map_err(|error| Failure::usage(format!("{error}")))?;
                options.trust(Trust::pinned(thumbprint))
            }
            None if self.is_insecure => options.trust(Trust::insecure_any_server()),
            None => options,
        })
    }

    /// A client of it, of nobody in particular.
    ///
    /// # Errors
    /// When the URL, the thumbprint or the surface is wrong.
    pub(crate) fn client(
        &self,
        connection: &Connection,
        surroundings: &Surroundings,
        console: &Console,
    ) -> Result<Client, Failure> {
        let transport = Shared((surroundings.transport)(self.http_options()?));
        let client = match connection.verbose {
            true => Client::with_transport(&self.url, Shown::new(transport, console.clone())),
            false => Client::with_transport(&self.url, transport),
        };
        let client = client.map_err(|error| Failure::usage(error.to_string()))?;
        Ok(match connection.surface().map_err(Failure::usage)? {
            Some(surface) => client.surface(surface),
            None => client,
        })
    }
}

/// A transport that is owned elsewhere too.
struct Shared(Arc<dyn Transport>);

impl Transport for Shared {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
        self.0.send(request)
    }
}

#[cfg(test)]
mod tests {
    use super::plain_url;

    #[test]
    fn urls_as_govc_has_them() {
        let check = |url: &str, plain: &str, user: Option<(&str, Option<&str>)>| {
            let user = user.map(|(user, password)| (user.to_owned(), password.map(str::to_owned)));
            assert_eq!(plain_url(url), (plain.to_owned(), user), "{url}");
        };
        check("h", "https://h", None);
        check("ada:x@h:8443/sdk", "https://h:8443", Some(("ada", Some("x"))));
        check("http://ada@h/", "http://h", Some(("ada", None)));
        check("https://h/below", "https://h/below", None);
    }
}
