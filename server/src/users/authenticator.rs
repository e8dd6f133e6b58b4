//! The login's question, answered from the users file.
//!
//! Passwords are verified in threads of their own, a few at a time, and a limited number of logins waits for that; so
//! logins, which nobody has to be known for, take a bounded part of the machine. An unknown user costs what a known one
//! costs. Guessing is slowed down by that alone: nobody is locked out by the guesses of others.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::Semaphore;
use vapi::runtime::server::{Authenticating, Authenticator, Context, Credentials, Denied, Principal};

use super::verified::Verified;
use super::{Users, password};

/// How many passwords are verified at once, unless there is a processor only.
const VERIFIED_AT_ONCE_MAX: usize = 4;
/// How many logins wait for that.
const WAITING_MAX: usize = 256;

/// Lets in who knows a password of the users file.
#[derive(Clone)]
pub struct UsersFile(Arc<Inner>);

struct Inner {
    users: Users,
    verified: Verified,
    turns: Arc<Semaphore>,
    n_waiting: AtomicUsize,
    waiting_max: usize,
}

impl UsersFile {
    /// Over these users.
    pub fn new(users: Users) -> io::Result<UsersFile> {
        let n_processors = std::thread::available_parallelism().map_or(1, usize::from);
        // One processor is left to those who are in already.
        UsersFile::with_bounds(users, (n_processors - 1).clamp(1, VERIFIED_AT_ONCE_MAX), WAITING_MAX)
    }

    /// The same with so many verifications at once, and so many that wait.
    pub fn with_bounds(users: Users, at_once_max: usize, waiting_max: usize) -> io::Result<UsersFile> {
        let verified = Verified::new().map_err(|_| io::Error::other("the system has no random numbers"))?;
        let turns = Arc::new(Semaphore::new(at_once_max));
        let n_waiting = AtomicUsize::new(0);
        Ok(UsersFile(Arc::new(Inner { users, verified, turns, n_waiting, waiting_max })))
    }

    /// Who has this name and password.
    pub async fn check(&self, name: &str, password: &str) -> Result<Principal, Denied> {
        let inner = &self.0;
        if password.len() > password::BYTES_MAX {
            return Err(Denied::Wrong);
        }
        let user = inner.users.current().find(name).cloned();
        let tag = user.as_ref().map(|user| inner.verified.tag(&user.name, password, user.hash.reveal()));
        if let (Some(user), Some(tag)) = (&user, &tag)
            && inner.verified.knows(tag, Instant::now())
        {
            return Ok(Principal::new(user.name.as_str()));
        }
        let is_right = {
            let hash = user.as_ref().map(|user| user.hash.clone());
            let password = password.to_owned();
            inner.in_turn(move || password::verify(&password, hash.as_ref())).await?
        };
        match (user, tag) {
            (Some(user), Some(tag)) if is_right => {
                inner.verified.remember(tag, Instant::now());
                Ok(Principal::new(user.name))
            }
            _ => Err(Denied::Wrong),
        }
    }
}

impl Inner {
    /// Has a password verified when it is its turn.
    async fn in_turn(&self, verify: impl FnOnce() -> bool + Send + 'static) -> Result<bool, Denied> {
        let _place = Place::take(self)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(Denied::unavailable)?;
        // The turn goes with the work, which goes on even if nobody waits for it any more.
        let work = move || {
            let _turn = turn;
            verify()
        };
        tokio::task::spawn_blocking(work).await.map_err(Denied::unavailable)
    }
}

/// A place among those who wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(inner: &'a Inner) -> Result<Place<'a>, Denied> {
        let n_before = inner.n_waiting.fetch_add(1, Ordering::Relaxed);
        let place = Place(&inner.n_waiting);
        if n_before >= inner.waiting_max {
            return Err(Denied::unavailable("too many logins at once"));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Authenticator for UsersFile {
    fn authenticate<'a>(&'a self, _: &'a Context, credentials: &'a Credentials) -> Authenticating<'a> {
        Box::pin(async move {
            match credentials {
                Credentials::UserPassword { user, password } => self.check(user, password.expose()).await,
                _ => Err(Denied::Wrong),
            }
        })
    }
}
