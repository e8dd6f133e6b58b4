//! Who may read a published library: everybody, or whoever has its password.
//!
//! Followers ask for many files one after the other and send the password with each, so one that was right is remembered
//! for a minute, as that of users is.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::domain::ids::Secret;
use crate::users::password;
use crate::users::verified::Verified;

/// The one name that followers log in with.
pub const FOLLOWER: &str = "vcsp";
/// How many passwords are verified at once; each takes memory.
const TURNS: usize = 2;

/// Lets followers in.
pub struct Gate {
    /// Unset where the system has no random numbers; then nothing is remembered.
    verified: Option<Verified>,
    turns: Semaphore,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { verified: Verified::new().ok(), turns: Semaphore::new(TURNS) }
    }
}

impl Gate {
    /// Whether whoever sent these headers may read what is published with a password of this hash.
    pub async fn admits(&self, headers: &HeaderMap, hash: &Secret) -> bool {
        let Some((name, password)) = basic(headers) else { return false };
        if name != FOLLOWER || password.reveal().len() > password::BYTES_MAX {
            return false;
        }
        let tag = self.verified.as_ref().map(|known| known.tag(&name, password.reveal(), hash.reveal()));
        if let (Some(verified), Some(tag)) = (&self.verified, &tag)
            && verified.knows(tag, Instant::now())
        {
            return true;
        }
        let Ok(_turn) = self.turns.acquire().await else { return false };
        let hash = hash.clone();
        let is_right = spawn_blocking(move || password::verify(password.reveal(), Some(&hash))).await;
        let is_right = is_right.unwrap_or(false);
        if let (Some(verified), Some(tag), true) = (&self.verified, tag, is_right) {
            verified.remember(tag, Instant::now());
        }
        is_right
    }
}

/// Name and password of basic authentication.
fn basic(headers: &HeaderMap) -> Option<(String, Secret)> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    let decoded = BASE64.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (name, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((name.to_owned(), Secret::from(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, text.parse().unwrap())])
    }

    #[test]
    fn credentials_are_read() {
        let (name, password) = basic(&headers("basic dmNzcDphOmI=")).unwrap();
        assert_eq!((name.as_str(), password.reveal()), ("vcsp", "a:b"));
        for none in ["", "Basic", "Bearer dmNzcDphOmI=", "Basic ====", "Basic dmNzcA==", "Basic /w=="] {
            assert!(basic(&headers(none)).is_none(), "{none}");
        }
    }

    #[tokio::test]
    async fn only_the_followers_name_with_the_right_password_is_admitted() {
        let (gate, hash) = (Gate::default(), password::hash(&"a secret".into()).unwrap());
        let admits = async |text: &str| {
            let headers = headers(&format!("Basic {}", BASE64.encode(text)));
            gate.admits(&headers, &hash).await
        };
        assert!(admits("vcsp:a secret").await && admits("vcsp:a secret").await);
        for wrong in ["vcsp:a secreT", "vcsp:", "root:a secret", "VCSP:a secret"] {
            assert!(!admits(wrong).await, "{wrong}");
        }
        assert!(!gate.admits(&HeaderMap::new(), &hash).await);
    }
}
