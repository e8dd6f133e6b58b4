//! Credentials that were right a moment ago.
//!
//! Clients that log in with every command (`govc` is one) would pay argon2 with every command. What is remembered is a hash,
//! keyed with 256 bits that this process drew, of name, password and the stored hash that they fitted, for a minute.
//! That is safe: what is remembered without the key says nothing, and the key is in memory alone, where passwords under
//! way are as well; only right credentials are remembered, so a guess costs what it cost; and with another password the
//! stored hash is another one, so the old password is wrong at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ring::hmac;
use ring::rand::SystemRandom;

/// How long credentials are remembered.
const KEPT: Duration = Duration::from_secs(60);
/// How many are remembered at most; beyond, nothing is, until some are over.
const N_MAX: usize = 4_096;

pub(crate) struct Verified {
    key: hmac::Key,
    until: Mutex<HashMap<Tag, Instant>>,
}

pub(crate) type Tag = [u8; 32];

impl Verified {
    pub(crate) fn new() -> Result<Verified, ring::error::Unspecified> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())?;
        Ok(Verified { key, until: Mutex::default() })
    }

    /// What credentials are remembered by.
    pub(crate) fn tag(&self, name: &str, password: &str, stored_hash: &str) -> Tag {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [name, password, stored_hash] {
            // With its length, so that no two triples are one text.
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part.as_bytes());
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    pub(crate) fn knows(&self, tag: &Tag, now: Instant) -> bool {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(tag).is_some_and(|until| now < *until)
    }

    pub(crate) fn remember(&self, tag: Tag, now: Instant) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= N_MAX {
            until.retain(|_, until| now < *until);
        }
        if until.len() < N_MAX {
            until.insert(tag, now + KEPT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_right_is_known_for_a_minute() {
        let (verified, now) = (Verified::new().unwrap(), Instant::now());
        let tag = verified.tag("a", "b", "c");
        assert!(!verified.knows(&tag, now));
        verified.remember(tag, now);
        assert!(verified.knows(&tag, now) && verified.knows(&tag, now + KEPT - Duration::from_nanos(1)));
        assert!(!verified.knows(&tag, now + KEPT));
    }

    #[test]
    fn every_part_counts() {
        let verified = Verified::new().unwrap();
        let triples = [("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""), ("A", "b", "c"), ("a", "b", "d")];
        let tags: Vec<Tag> =
            triples.iter().map(|(name, password, hash)| verified.tag(name, password, hash)).collect();
        assert!((1..tags.len()).all(|idx| !tags[..idx].contains(&tags[idx])));
        assert_ne!(tags[0], Verified::new().unwrap().tag("a", "b", "c"), "each process has its key");
    }

    #[test]
    fn memory_is_bounded() {
        let (verified, now) = (Verified::new().unwrap(), Instant::now());
        let tag = |n: usize| verified.tag("a", &n.to_string(), "c");
        (0..=N_MAX).for_each(|n| verified.remember(tag(n), now));
        assert!(!verified.knows(&tag(N_MAX), now));
        verified.remember(tag(N_MAX), now + KEPT);
        assert!(verified.knows(&tag(N_MAX), now + KEPT));
    }
}
