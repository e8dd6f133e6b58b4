//! Calls that may be repeated: a client's token stands for what the first of them made.
//!
//! A token counts for one user and one operation, as long as what was made is there. The caller of the domain says with a
//! fingerprint what was asked for; the same token with another fingerprint is a mistake of the client and refused.

use serde::{Deserialize, Serialize};

use super::decision::{Draft, Stop};
use super::ids::UserName;
use super::refusal::Refusal;

/// A token as it came with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientToken {
    /// The text of the token; a UUID, or the call is refused.
    pub text: String,
    /// A digest of everything that the call asked for.
    pub fingerprint: String,
}

/// Which calls a token makes one of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestKey {
    /// Whose calls; unset, the server's own.
    pub user: Option<UserName>,
    /// Calls of which operation.
    pub operation: String,
    /// The token in small letters.
    pub token: String,
}

/// What a token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Which calls.
    pub id: RequestKey,
    /// What they asked for.
    pub fingerprint: String,
    /// The identifier of what the first of them made.
    pub made: String,
}

/// What becomes of a call with or without a token.
pub(super) enum Attempt {
    /// Go on, and put this with what is made.
    First(Option<RequestKey>),
    /// It was made already.
    Repeated(String),
}

/// Looks whether a call was made before.
pub(super) fn attempt(
    draft: &Draft<'_>,
    operation: &str,
    token: Option<&ClientToken>,
) -> Result<Attempt, Stop> {
    let Some(token) = token else { return Ok(Attempt::First(None)) };
    let key = key(draft, operation, token)?;
    match draft.get::<Remembered>(&key)? {
        None => Ok(Attempt::First(Some(key))),
        Some(remembered) if remembered.fingerprint == token.fingerprint => {
            Ok(Attempt::Repeated(remembered.made.clone()))
        }
        Some(_) => Err(Refusal::token_is_used(&token.text).into()),
    }
}

/// The identifier of what the token stands for, whatever was asked for.
pub(super) fn made_with(
    draft: &Draft<'_>,
    operation: &str,
    token: Option<&ClientToken>,
) -> Result<Option<String>, Stop> {
    let Some(token) = token else { return Ok(None) };
    let key = key(draft, operation, token)?;
    Ok(draft.get::<Remembered>(&key)?.map(|remembered| remembered.made.clone()))
}

fn key(draft: &Draft<'_>, operation: &str, token: &ClientToken) -> Result<RequestKey, Refusal> {
    if !is_uuid(&token.text) {
        return Err(Refusal::token_is_no_uuid(&token.text));
    }
    Ok(RequestKey {
        user: draft.user().cloned(),
        operation: operation.to_owned(),
        token: token.text.to_ascii_lowercase(),
    })
}

/// Remembers what a call with a token made.
pub(super) fn remember(
    draft: &mut Draft<'_>,
    key: Option<&RequestKey>,
    token: Option<&ClientToken>,
    made: &str,
) {
    if let (Some(key), Some(token)) = (key, token) {
        draft.put(Remembered {
            id: key.clone(),
            fingerprint: token.fingerprint.clone(),
            made: made.to_owned(),
        });
    }
}

/// Forgets a token together with what it stood for.
pub(super) fn forget(draft: &mut Draft<'_>, key: Option<&RequestKey>) {
    if let Some(key) = key {
        draft.remove::<Remembered>(key);
    }
}

/// Whether the text has the form of a UUID: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    groups.len() == lengths.len()
        && groups
            .iter()
            .zip(lengths)
            .all(|(group, length)| group.len() == length && group.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn texts_of_uuids() {
        assert!(
            is_uuid("b8a2a2e3-2314-43cd-a871-6ede0f429751")
                && is_uuid("B8A2A2E3-2314-43CD-A871-6EDE0F429751")
        );
        for text in [
            "",
            "b8a2a2e3",
            "b8a2a2e3-2314-43cd-a871-6ede0f42975",
            "b8a2a2e3-2314-43cd-a871-6ede0f42975g",
            "b8a2a2e3231443cda8716ede0f429751",
            "{b8a2a2e3-2314-43cd-a871-6ede0f429751}",
            "ä8a2a2e3-2314-43cd-a871-6ede0f4297",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
