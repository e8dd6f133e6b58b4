//! Passwords: hashed with argon2id, and verified.
//!
//! A hash says with which parameters it was made; verifying goes by these, so that old hashes stay good when what new ones
//! cost is changed. Both take tens of milliseconds and 19 MiB: call them where waiting is no harm.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use crate::domain::ids::Secret;

/// Characters a new password must have.
const LENGTH_MIN: usize = 8;
/// The longest password that is hashed at all; more would only be work.
pub const BYTES_MAX: usize = 1_024;

/// What the passwords of unknown users are compared with, so that they take as long as those of known ones. It is the hash of
/// something that was drawn and forgotten.
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    let hash = draw().and_then(|drawn| hash(&drawn));
    hash.map(|hash| hash.reveal().to_owned()).unwrap_or_default()
});

/// Why a password cannot be a user's.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It could be guessed.
    #[error("a password has {LENGTH_MIN} characters at least")]
    Short,
    /// It is no password.
    #[error("a password has {BYTES_MAX} bytes at most, and no line end")]
    Long,
    /// The system has no random numbers, or no memory.
    #[error("the password cannot be hashed: {0}")]
    Unhashed(String),
}

/// Refuses what is no password for a new user.
pub fn check(password: &Secret) -> Result<(), PasswordError> {
    let text = password.reveal();
    if text.len() > BYTES_MAX || text.contains(['\n', '\r', '\0']) {
        return Err(PasswordError::Long);
    }
    if text.chars().count() < LENGTH_MIN { Err(PasswordError::Short) } else { Ok(()) }
}

/// Hashes a password with a salt of its own.
pub fn hash(password: &Secret) -> Result<Secret, PasswordError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.reveal().as_bytes())
        .map_err(|error| PasswordError::Unhashed(error.to_string()))?;
    Ok(hash.to_string().into())
}

/// Whether this is the hash of some password that can be verified here.
pub fn is_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| hash.algorithm.as_str() == "argon2id" && hash.hash.is_some())
}

/// Whether the password is the one of this hash; never, if there is none, but that takes as long.
pub fn verify(password: &str, hash: Option<&Secret>) -> bool {
    let text = hash.map_or_else(|| NOBODYS.as_str(), Secret::reveal);
    let is_right = PasswordHash::new(text)
        .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    is_right && hash.is_some()
}

/// A password that nobody can guess: 120 bits in letters and digits that are not taken for each other.
pub fn draw() -> Result<Secret, PasswordError> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| PasswordError::Unhashed(error.to_string()))?;
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    Ok(letters.collect::<String>().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_hash_and_no_other() {
        let hash = hash(&"correct horse".into()).unwrap();
        assert!(is_hash(hash.reveal()) && !hash.reveal().contains("horse"));
        assert!(verify("correct horse", Some(&hash)));
        assert!(!verify("correct horsf", Some(&hash)) && !verify("", Some(&hash)));
        assert!(!verify("correct horse", None));
    }

    #[test]
    fn equal_passwords_have_different_hashes() {
        let password = Secret::from("correct horse");
        assert!(!hash(&password).unwrap().matches(&hash(&password).unwrap()));
    }

    /// Otherwise the time of an answer tells who exists.
    #[test]
    fn unknown_users_are_compared_at_the_same_cost() {
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        let of_a_user = hash(&"correct horse".into()).unwrap();
        assert_eq!(parameters(&NOBODYS), parameters(of_a_user.reveal()));
    }

    #[test]
    fn what_is_no_password_is_refused() {
        for (text, is_good) in
            [("12345678", true), ("1234567", false), ("1234567\n", false), ("äöüäöüäö", true)]
        {
            assert_eq!(check(&text.into()).is_ok(), is_good, "{text:?}");
        }
        assert!(check(&"x".repeat(BYTES_MAX + 1).into()).is_err());
        assert!(check(&draw().unwrap()).is_ok());
    }

    #[test]
    fn other_hashes_are_none() {
        for text in ["", "secret", "$1$abc$def", "$argon2id$v=19$m=19456,t=2,p=1"] {
            assert!(!is_hash(text), "{text}");
        }
    }
}
