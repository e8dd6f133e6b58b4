//! Whether credentials are right: the question that a login puts to the application, and an answer for tests and demos.
//!
//! Not here: how credentials travel, which is [`super::presented`]'s; sessions, which are [`super::store`]'s.

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::Secret;
use crate::server::{BoxError, Context};

/// An answer on its way.
pub type Authenticating<'a> = Pin<Box<dyn Future<Output = Result<Principal, Denied>> + Send + 'a>>;

/// Decides whether credentials are right; asked once a login, never by the calls after it.
///
/// A real one keeps passwords as a slow salted hash, argon2 for instance, computes it off the threads that serve, and does so
/// for unknown users too, so that the time it takes does not say who exists.
/// It is also the place for whatever is done about guessing, such as a delay or a lock-out: the runtime does nothing.
pub trait Authenticator: Send + Sync + 'static {
    /// Who shows these credentials. The context has the circumstances of the login: headers, and what layers above the
    /// router know of the connection.
    fn authenticate<'a>(&'a self, cx: &'a Context, credentials: &'a Credentials) -> Authenticating<'a>;
}

/// Several ways in may ask the same one.
impl<A: Authenticator + ?Sized> Authenticator for Arc<A> {
    fn authenticate<'a>(&'a self, cx: &'a Context, credentials: &'a Credentials) -> Authenticating<'a> {
        (**self).authenticate(cx, credentials)
    }
}

/// What a caller shows to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Name and password.
    UserPassword {
        /// Name as the caller spells it.
        user: String,
        /// Password.
        password: Secret,
    },
}

/// Who somebody turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Principal {
    /// Name as the server's directory spells it; sessions of one name are one user's.
    pub user: String,
}

impl Principal {
    /// The user of this name.
    #[must_use]
    pub fn new(user: impl Into<String>) -> Principal {
        Principal { user: user.into() }
    }
}

/// Why somebody is not let in. The caller is not told more than this says, so that nobody learns which users exist.
#[derive(Debug)]
#[non_exhaustive]
pub enum Denied {
    /// The credentials are wrong, or of a kind that the authenticator does not take.
    Wrong,
    /// They cannot be checked at the moment; the log gets the text, the caller `service_unavailable` (`secrets-stay`).
    Unavailable(BoxError),
}

impl Denied {
    /// The credentials cannot be checked at the moment.
    pub fn unavailable(error: impl Into<BoxError>) -> Denied {
        Denied::Unavailable(error.into())
    }
}

/// An authenticator for tests and demos: users and passwords that are known from the start. Case does not count in names.
///
/// Passwords are kept as their bare SHA-256, which a thief could try millions of a second against: not for real ones.
#[derive(Clone, Default)]
pub struct KnownUsers {
    by_lower_name: HashMap<String, (Principal, Hash)>,
}

type Hash = [u8; 32];

/// What an unknown user's password is compared with, so that it takes as long; the hash of nothing that anybody knows.
const NOBODY: Hash = [0; 32];

impl KnownUsers {
    /// Nobody is known.
    #[must_use]
    pub fn new() -> KnownUsers {
        KnownUsers::default()
    }

    /// Adds a user.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>, password: impl Into<Secret>) -> KnownUsers {
        let principal = Principal::new(user);
        self.by_lower_name.insert(principal.user.to_lowercase(), (principal, hash(&password.into())));
        self
    }

    fn check(&self, credentials: &Credentials) -> Result<Principal, Denied> {
        let Credentials::UserPassword { user, password } = credentials;
        let known = self.by_lower_name.get(&user.to_lowercase());
        // Hashes are of one length, so not even the password's length shows.
        let is_right = hash(password).ct_eq(known.map_or(&NOBODY, |(_, hash)| hash));
        match known {
            Some((principal, _)) if bool::from(is_right) => Ok(principal.clone()),
            _ => Err(Denied::Wrong),
        }
    }
}

impl Authenticator for KnownUsers {
    fn authenticate<'a>(&'a self, _: &'a Context, credentials: &'a Credentials) -> Authenticating<'a> {
        Box::pin(ready(self.check(credentials)))
    }
}

impl fmt::Debug for KnownUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownUsers").field("n_users", &self.by_lower_name.len()).finish_non_exhaustive()
    }
}

fn hash(password: &Secret) -> Hash {
    Sha256::digest(password.expose()).into()
}
