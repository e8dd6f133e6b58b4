//! What a request shows of its caller, read from headers or from JSON-RPC's security context; and the cookie that makes
//! browsers show it again.
//!
//! Nothing here is right or wrong yet: an identifier may be anybody's, a password any. What cannot be read is kept as the
//! reason why, since it only matters to operations that would need it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue};

use super::Credentials;
use crate::Secret;
use crate::codec::json_rpc::{SESSION_SCHEME, Security, USER_PASSWORD_SCHEME};
use crate::fault::quoted;
use crate::login::{SESSION_ID, SESSION_ID_HEADER};

/// Scheme of security contexts that show nothing.
const NO_AUTHENTICATION_SCHEME: &str = "com.vmware.vapi.std.security.no_authentication";

/// What a request shows of its caller.
///
/// The session is that of the header `vmware-api-session-id`, else of the cookie of that name, else of the security context;
/// the first that is there counts, whether or not it is a good one. Credentials stand beside it, because a client that logs in
/// again may still send the cookie of a session that is over.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    pub(super) session: Option<Result<Secret, Unusable>>,
    pub(super) credentials: Option<Result<Credentials, Unusable>>,
}

/// Why something shown is of no use. Has no part of what may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// A way of showing who one is that is not known here.
    Scheme(String),
    /// What cannot be read, and why.
    Malformed(&'static str, &'static str),
}

impl Presented {
    /// From a request on any surface but JSON-RPC: session identifier, or `Authorization: Basic`.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Presented {
        let session = session_header(headers).or_else(|| session_in_cookies(headers).map(Ok));
        Presented { session, credentials: authorization(headers) }
    }

    /// From a JSON-RPC call: the security context of its body, if there is one, and the headers, of which the session's
    /// identifier has the last word. Cookies and `Authorization` have no meaning there.
    #[must_use]
    pub fn from_security_context(headers: &HeaderMap, security: Option<&Security>) -> Presented {
        let in_body = security.map(Presented::from_security).unwrap_or_default();
        Presented { session: session_header(headers).or(in_body.session), ..in_body }
    }

    fn from_security(security: &Security) -> Presented {
        let Security { scheme_id, user_name, password, session_id } = security.clone();
        let missing = |member| Unusable::Malformed(member, "it is missing");
        match scheme_id.as_str() {
            NO_AUTHENTICATION_SCHEME => Presented::default(),
            SESSION_SCHEME => {
                Presented { session: Some(session_id.ok_or(missing("sessionId"))), credentials: None }
            }
            USER_PASSWORD_SCHEME => {
                let credentials = match (user_name, password) {
                    (Some(user), Some(password)) => Ok(Credentials::UserPassword { user, password }),
                    (None, _) => Err(missing("userName")),
                    (_, None) => Err(missing("password")),
                };
                Presented { session: None, credentials: Some(credentials) }
            }
            other => Presented { session: None, credentials: Some(Err(Unusable::Scheme(quoted(other)))) },
        }
    }
}

fn session_header(headers: &HeaderMap) -> Option<Result<Secret, Unusable>> {
    let malformed = |reason| Some(Err(Unusable::Malformed(SESSION_ID, reason)));
    let mut values = headers.get_all(SESSION_ID_HEADER).iter();
    let value = values.next()?;
    // Of two, each server on the way could take another one.
    if values.next().is_some() {
        return malformed("there is more than one");
    }
    value.to_str().map_or_else(|_| malformed("it is no visible ASCII"), |id| Some(Ok(Secret::new(id))))
}

/// The first cookie of the name, as browsers send the most specific one first. Other cookies may be whatever they like.
fn session_in_cookies(headers: &HeaderMap) -> Option<Secret> {
    let mut cookies = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|&b| b == b';'));
    cookies.find_map(|cookie| {
        let value = cookie.trim_ascii().strip_prefix(SESSION_ID.as_bytes())?;
        let id = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii();
        std::str::from_utf8(id).ok().map(Secret::new)
    })
}

fn authorization(headers: &HeaderMap) -> Option<Result<Credentials, Unusable>> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?;
    let malformed = |reason| Unusable::Malformed("Authorization", reason);
    if values.next().is_some() {
        return Some(Err(malformed("there is more than one")));
    }
    let value = value.as_bytes();
    let (scheme, rest) = value.split_at(value.iter().position(|&b| b == b' ').unwrap_or(value.len()));
    if !scheme.eq_ignore_ascii_case(b"Basic") {
        return Some(Err(unknown_scheme(scheme)));
    }
    Some(basic(rest.trim_ascii()).map_err(malformed))
}

/// The scheme's name, if it is one: something else may be a token that was sent without a scheme.
fn unknown_scheme(scheme: &[u8]) -> Unusable {
    const KNOWN_TO_HTTP: [&str; 5] = ["Bearer", "Digest", "Negotiate", "NTLM", "SIGN"];
    let known = KNOWN_TO_HTTP.iter().find(|known| scheme.eq_ignore_ascii_case(known.as_bytes()));
    known.map_or(Unusable::Malformed("Authorization", "it has no scheme that is known"), |known| {
        Unusable::Scheme((*known).to_owned())
    })
}

/// RFC 7617: base64 of `user:password` in UTF-8, in which only the first colon parts.
fn basic(token: &[u8]) -> Result<Credentials, &'static str> {
    let bytes = STANDARD.decode(token).map_err(|_| "it is no base64")?;
    let text = String::from_utf8(bytes).map_err(|_| "it is no UTF-8")?;
    let (user, password) = text.split_once(':').ok_or("it has no colon between user and password")?;
    if text.contains(char::is_control) {
        return Err("it has control characters");
    }
    Ok(Credentials::UserPassword { user: user.to_owned(), password: Secret::new(password) })
}

/// The cookie of a new session, for the paths below `/rest`, where alone servers read cookies.
pub(super) fn session_cookie(id: &Secret) -> HeaderValue {
    let text = format!("{SESSION_ID}={};Path=/rest;Secure;HttpOnly", id.expose());
    let mut cookie = HeaderValue::try_from(text).expect("an identifier is hexadecimal digits");
    cookie.set_sensitive(true);
    cookie
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::Scheme(scheme) => write!(f, "the scheme {scheme} is not supported"),
            Unusable::Malformed(what, reason) => write!(f, "{what} cannot be read: {reason}"),
        }
    }
}
