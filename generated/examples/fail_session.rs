//! Ends an update session on purpose, so that whoever looks at it later can read why.
//!
//! In: a server, who calls, an item. Out: the reason, as the server keeps it. The password is in `PASSWORD`.
//!
//! ```sh
//! PASSWORD=... cargo run -p vapi --example fail_session -- http://127.0.0.1:8443 ann ITEM
//! ```
#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::env;
use std::error::Error as StdError;

use vapi::content::library::item::update_session::FailError;
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel};
use vapi::runtime::{Client, Error, Secret};

fn main() -> Result<(), Box<dyn StdError>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [url, user, item] = &words[..] else {
        return Err("give a URL, a user and the identifier of an item".into());
    };
    let client = Client::new(url)?.credentials(user.as_str(), Secret::new(env::var("PASSWORD")?));
    let client = vapi::Client::from(client);
    let session = client.update_session().create(UpdateSessionModel::for_create(item.as_str())).wait()?;
    println!("{}", give_up(&client, &session, "the build that makes the files has failed")?);
    client.session().delete().wait()?;
    Ok(())
}

/// Fails a session, unless it has ended; what the server says of its end.
fn give_up(client: &vapi::Client, id: &UpdateSessionId, reason: &str) -> Result<String, Box<dyn StdError>> {
    let sessions = client.update_session();
    match sessions.fail(id.clone(), reason).wait() {
        // Somebody was faster, and the reason is theirs.
        Ok(()) | Err(Error::Documented { error: FailError::NotAllowedInCurrentState(_), .. }) => {}
        Err(other) => return Err(other.into()),
    }
    let ended = sessions.get(id.clone()).wait()?;
    let state = ended.state.map(|state| state.to_string()).unwrap_or_default();
    let words = ended.error_message.map(|message| message.default_message).unwrap_or_default();
    Ok(format!("{state}: {words}"))
}

#[cfg(test)]
mod tests {
    use vapi::content::library::item::UpdateSessionModelState;
    use vapi::content::library::item::update_session::{Fail, Get};
    use vapi::runtime::mock::Mock;
    use vapi::vapi::std::LocalizableMessage;
    use vapi::vapi::std::errors::{NotAllowedInCurrentState, NotFound};

    use super::*;

    #[test]
    fn the_reason_is_the_servers() {
        let mock = Mock::new(vapi::services());
        mock.on::<Fail>().nth(1).returns(());
        mock.on::<Fail>().nth(2).fails(NotAllowedInCurrentState::new(vec![]));
        mock.on::<Fail>().nth(3).fails(NotFound::new(vec![]));
        mock.on::<Get>().returns(
            UpdateSessionModel::new()
                .state(UpdateSessionModelState::Error)
                .error_message(LocalizableMessage::new("id", "the disk is full", vec![])),
        );
        let client = vapi::Client::from(mock.client());
        let give_up = || give_up(&client, &"session-1".into(), "the disk is full");
        assert_eq!(give_up().unwrap(), "ERROR: the disk is full");
        assert_eq!(give_up().unwrap(), "ERROR: the disk is full", "it had ended before");
        assert!(give_up().is_err(), "there is no such session");
        assert_eq!(mock.calls::<Fail>()[0].client_error_message, "the disk is full");
    }
}
