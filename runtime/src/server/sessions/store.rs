//! The one store of login sessions: who is logged in, since when, and when it was last heard of.
//!
//! In: principals and identifiers. Out: handles to sessions, as long as they have not expired.
//! An identifier is 128 bits from the operating system, and the store keeps its SHA-256 alone: a search that takes longer for
//! a better guess could only tell of hashes, whose inputs cannot be chosen, and no dump of memory has an identifier in it.
//! Not here: whether credentials are right; how identifiers travel.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::{Caller, Login, Principal};
use crate::fault::{Fault, Message, StandardError};
use crate::{DateTime, Secret};

/// Bounds of a session store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionLimits {
    /// How long a session lasts that is not used: 30 minutes. It has expired when it was idle for this long.
    pub idle_timeout: Duration,
    /// How long a session lasts at most, used or not; without end unless told otherwise.
    pub lifetime_max: Option<Duration>,
    /// How many sessions there may be: 10,000. A login beyond is `service_unavailable`.
    pub n_sessions_max: usize,
    /// How many of them may be one user's: 550, as in vCenter. A login beyond ends the one that was idle for longest, which
    /// is one that a client forgot rather than one that a client uses.
    pub n_sessions_per_user_max: usize,
}

impl Default for SessionLimits {
    fn default() -> SessionLimits {
        SessionLimits {
            idle_timeout: Duration::from_secs(30 * 60),
            lifetime_max: None,
            n_sessions_max: 10_000,
            n_sessions_per_user_max: 550,
        }
    }
}

impl SessionLimits {
    /// 30 minutes idle, no end otherwise, 10,000 sessions, 550 a user.
    #[must_use]
    pub fn new() -> SessionLimits {
        SessionLimits::default()
    }

    /// Sets how long a session lasts that is not used.
    #[must_use]
    pub fn idle_timeout(mut self, idle_timeout: Duration) -> SessionLimits {
        self.idle_timeout = idle_timeout;
        self
    }

    /// Sets how long a session lasts at most.
    #[must_use]
    pub fn lifetime_max(mut self, lifetime_max: Duration) -> SessionLimits {
        self.lifetime_max = Some(lifetime_max);
        self
    }

    /// Sets how many sessions there may be.
    #[must_use]
    pub fn n_sessions_max(mut self, n_sessions_max: usize) -> SessionLimits {
        self.n_sessions_max = n_sessions_max;
        self
    }

    /// Sets how many sessions a user may have.
    #[must_use]
    pub fn n_sessions_per_user_max(mut self, n_sessions_per_user_max: usize) -> SessionLimits {
        self.n_sessions_per_user_max = n_sessions_per_user_max;
        self
    }
}

/// The login sessions of a server, in memory. Cheap to clone; clones are one store.
#[derive(Clone)]
pub struct Sessions(Arc<Store>);

struct Store {
    by_hash: RwLock<HashMap<IdHash, Arc<Session>>>,
    limits: SessionLimits,
    clock: Box<dyn Fn() -> DateTime + Send + Sync>,
}

type IdHash = [u8; 32];

/// One login session.
pub(super) struct Session {
    pub(super) user: String,
    id_hash: IdHash,
    created_ms: i64,
    accessed_ms: AtomicI64,
    /// Ended, and taken out of the store.
    is_over: AtomicBool,
}

impl Session {
    pub(super) fn created(&self) -> DateTime {
        date_time(self.created_ms)
    }

    pub(super) fn last_accessed(&self) -> DateTime {
        date_time(self.accessed_ms.load(Ordering::Relaxed))
    }

    pub(super) fn fingerprint(&self) -> String {
        hex(&self.id_hash[..4])
    }

    fn is_live(&self, now_ms: i64, limits: &SessionLimits) -> bool {
        // A clock that was set back makes neither negative, so nothing expires early by it.
        let is_over = |since_ms: i64, limit: Duration| {
            u128::try_from(now_ms.saturating_sub(since_ms)).unwrap_or(0) >= limit.as_millis()
        };
        let is_idle = is_over(self.accessed_ms.load(Ordering::Relaxed), limits.idle_timeout);
        let is_old = limits.lifetime_max.is_some_and(|lifetime_max| is_over(self.created_ms, lifetime_max));
        !is_idle && !is_old && !self.is_over.load(Ordering::Relaxed)
    }
}

impl Sessions {
    /// An empty store.
    #[must_use]
    pub fn new(limits: SessionLimits) -> Sessions {
        Sessions::with_clock(limits, DateTime::now)
    }

    /// An empty store that takes its time from a clock of yours.
    #[must_use]
    pub fn with_clock(
        limits: SessionLimits,
        clock: impl Fn() -> DateTime + Send + Sync + 'static,
    ) -> Sessions {
        Sessions(Arc::new(Store { by_hash: RwLock::default(), limits, clock: Box::new(clock) }))
    }

    /// Makes a session for somebody whose credentials were right, and clears away what has expired.
    ///
    /// # Errors
    /// `service_unavailable` where there are too many sessions, or the operating system has no random numbers.
    pub fn open(&self, principal: Principal) -> Result<Login, Fault> {
        let id = new_id()?;
        let id_hash = hash(&id);
        let now_ms = self.now_ms();
        let session = Arc::new(Session {
            user: principal.user,
            id_hash,
            created_ms: now_ms,
            accessed_ms: AtomicI64::new(now_ms),
            is_over: AtomicBool::new(false),
        });
        let mut by_hash = self.write();
        let forgotten = make_room(&mut by_hash, &session.user, now_ms, &self.0.limits);
        let has_room = by_hash.len() < self.0.limits.n_sessions_max;
        if has_room {
            by_hash.insert(id_hash, Arc::clone(&session));
        }
        drop(by_hash);
        for forgotten in forgotten {
            let (user, session) = (&forgotten.user, forgotten.fingerprint());
            tracing::warn!(?user, session, "a session gave way to a new one of its user's");
        }
        if !has_room {
            return Err(too_many(self.0.limits.n_sessions_max));
        }
        Ok(Login::new(id, Caller::new(self.clone(), session)))
    }

    /// Finds the session of an identifier that somebody shows, which is a use of it; `None` for one that never was, has
    /// expired or has ended.
    #[must_use]
    pub fn resume(&self, id: &Secret) -> Option<Caller> {
        let session = Arc::clone(self.read().get(&hash(id))?);
        if !self.touch(&session) {
            self.end(&session);
            return None;
        }
        Some(Caller::new(self.clone(), session))
    }

    /// Ends all sessions of a user, whose password was changed, say; how many there were.
    pub fn log_out_user(&self, user: &str) -> usize {
        let mut by_hash = self.write();
        let of_user: Vec<_> = by_hash.values().filter(|session| session.user == user).cloned().collect();
        let now_ms = self.now_ms();
        let n_live = of_user.iter().filter(|session| session.is_live(now_ms, &self.0.limits)).count();
        for session in of_user {
            end(&mut by_hash, &session);
        }
        n_live
    }

    /// Clears away what has expired; how many sessions are left. Logins do so too, so nothing grows without it.
    pub fn sweep(&self) -> usize {
        let now_ms = self.now_ms();
        let mut by_hash = self.write();
        sweep(&mut by_hash, now_ms, &self.0.limits, |_| {});
        by_hash.len()
    }

    pub(super) fn touch(&self, session: &Session) -> bool {
        let now_ms = self.now_ms();
        let is_live = session.is_live(now_ms, &self.0.limits);
        if is_live {
            // Of several at once the latest stays, and a clock that was set back changes nothing.
            session.accessed_ms.fetch_max(now_ms, Ordering::Relaxed);
        }
        is_live
    }

    pub(super) fn is_live(&self, session: &Session) -> bool {
        session.is_live(self.now_ms(), &self.0.limits)
    }

    pub(super) fn end(&self, session: &Session) -> bool {
        let was_live = self.is_live(session);
        end(&mut self.write(), session) && was_live
    }

    fn now_ms(&self) -> i64 {
        (self.0.clock)().unix_ms()
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<IdHash, Arc<Session>>> {
        self.0.by_hash.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<IdHash, Arc<Session>>> {
        self.0.by_hash.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions::new(SessionLimits::default())
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("n_sessions", &self.read().len())
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

/// Takes out what has expired, and those that a user has to give up for one more, which it gives.
fn make_room(
    by_hash: &mut HashMap<IdHash, Arc<Session>>,
    user: &str,
    now_ms: i64,
    limits: &SessionLimits,
) -> Vec<Arc<Session>> {
    let mut of_user = Vec::new();
    sweep(by_hash, now_ms, limits, |session| {
        if session.user == user {
            of_user.push(Arc::clone(session));
        }
    });
    let n_too_many = (of_user.len() + 1).saturating_sub(limits.n_sessions_per_user_max);
    // Cached, because sessions are used while they are sorted.
    of_user.sort_by_cached_key(|session| session.accessed_ms.load(Ordering::Relaxed));
    of_user.truncate(n_too_many);
    for forgotten in &of_user {
        end(by_hash, forgotten);
    }
    of_user
}

/// Takes out what has expired, and shows what stays.
fn sweep(
    by_hash: &mut HashMap<IdHash, Arc<Session>>,
    now_ms: i64,
    limits: &SessionLimits,
    mut stays: impl FnMut(&Arc<Session>),
) {
    by_hash.retain(|_, session| {
        let is_live = session.is_live(now_ms, limits);
        if is_live {
            stays(session);
        } else {
            // Even a clock that is set back does not wake it up.
            session.is_over.store(true, Ordering::Relaxed);
        }
        is_live
    });
}

/// Takes a session out, and tells whoever still has a handle to it; whether it was in.
fn end(by_hash: &mut HashMap<IdHash, Arc<Session>>, session: &Session) -> bool {
    session.is_over.store(true, Ordering::Relaxed);
    by_hash.remove(&session.id_hash).is_some()
}

fn new_id() -> Result<Secret, Fault> {
    let mut bits = [0; 16];
    match getrandom::fill(&mut bits) {
        Ok(()) => Ok(Secret::new(hex(&bits))),
        Err(error) => {
            let message = Message::new(
                "vapi.security.session.no_identifier",
                "No session can be made at the moment",
                <[String; 0]>::default(),
            );
            let log = format!("the operating system has no random numbers: {error}");
            Err(Fault::new(StandardError::ServiceUnavailable, message).log(log))
        }
    }
}

fn too_many(n_sessions_max: usize) -> Fault {
    let text =
        format!("There are {n_sessions_max} sessions, which is the limit; log out where no work is done");
    let message = Message::new("vapi.security.session.limit", text.clone(), [n_sessions_max.to_string()]);
    Fault::new(StandardError::ServiceUnavailable, message).log(text)
}

fn hash(id: &Secret) -> IdHash {
    Sha256::digest(id.expose()).into()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _always_ok = write!(text, "{byte:02x}");
    }
    text
}

fn date_time(unix_ms: i64) -> DateTime {
    DateTime::from_unix_ms(unix_ms).expect("it was a date-time's")
}
