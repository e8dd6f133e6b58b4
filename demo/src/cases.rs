//! The calls of the demo, and what each has to look like: on the wire, to the caller, and in the session afterwards.
//!
//! Expectations are literals, so that the generated code cannot agree with itself alone.

use std::error::Error as StdError;
use std::fmt;

use vapi::content::library::item::update_session::{FailError, UpdateSessionClient};
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel, UpdateSessionModelState};
use vapi::runtime::{Error, Representation, UrlForm};

use crate::tap::Recorded;

/// What the client says went wrong; holds characters that JSON, XML and forms each have to escape.
pub(crate) const MESSAGE: &str = "cannot read \"disk 1.vmdk\" & gave up";

const PATH: &str = "/com/vmware/content/library/item/update-session";
const UNKNOWN_ID: &str = "no-such-session";

/// The session that is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// May fail.
    Active,
    /// Was completed.
    Finished,
    /// Never was.
    Unknown,
}

/// A call.
pub(crate) struct Case {
    pub(crate) representation: Representation,
    pub(crate) url_form: UrlForm,
    pub(crate) state: State,
    /// The library item its session is on; an item of its own, because an item has one ACTIVE session at most.
    pub(crate) item: String,
}

/// Every representation, both URL forms, every kind of session.
pub(crate) fn all_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for representation in [Representation::Json, Representation::Xml, Representation::Form] {
        for url_form in [UrlForm::IdInPath, UrlForm::IdInBody] {
            for state in [State::Active, State::Finished, State::Unknown] {
                let item = format!("item-{}", cases.len() + 1);
                cases.push(Case { representation, url_form, state, item });
            }
        }
    }
    cases
}

impl Case {
    /// Makes the session; its identifier.
    pub(crate) async fn prepare(
        &self,
        client: &UpdateSessionClient,
    ) -> Result<UpdateSessionId, Box<dyn StdError>> {
        if self.state == State::Unknown {
            return Ok(UNKNOWN_ID.into());
        }
        let id = client.create(UpdateSessionModel::new().library_item_id(self.item.as_str())).await?;
        if self.state == State::Finished {
            client.complete(&id).await?;
        }
        Ok(id)
    }

    /// What is to come of it, in words.
    pub(crate) fn expectation(&self) -> &'static str {
        match self.state {
            State::Active => "200 without a body; the session is in state ERROR and holds the message",
            State::Finished => "400 not_allowed_in_current_state; the session is DONE as before",
            State::Unknown => "404 not_found",
        }
    }

    /// Everything that is not as expected.
    pub(crate) fn surprises(
        &self,
        id: &UpdateSessionId,
        outcome: &Result<(), Error<FailError>>,
        after: Option<&UpdateSessionModel>,
        recorded: &Recorded,
    ) -> Vec<String> {
        let mut surprises = Vec::new();
        self.check_outcome(outcome, &mut surprises);
        self.check_session(after, &mut surprises);
        self.check_request(id.as_str(), &String::from_utf8_lossy(&recorded.request), &mut surprises);
        self.check_reply(&String::from_utf8_lossy(&recorded.reply), &mut surprises);
        surprises
    }

    fn check_outcome(&self, outcome: &Result<(), Error<FailError>>, surprises: &mut Vec<String>) {
        let as_expected = match (self.state, outcome) {
            (State::Active, Ok(())) => true,
            (State::Finished, Err(Error::Documented { status, error })) => {
                status.as_u16() == 400 && matches!(error, FailError::NotAllowedInCurrentState(_))
            }
            (State::Unknown, Err(Error::Documented { status, error })) => {
                status.as_u16() == 404 && matches!(error, FailError::NotFound(_))
            }
            _ => false,
        };
        if !as_expected {
            surprises.push(format!("the client got {outcome:?}"));
        }
    }

    fn check_session(&self, after: Option<&UpdateSessionModel>, surprises: &mut Vec<String>) {
        let Some(session) = after else { return };
        let state = match self.state {
            State::Active => UpdateSessionModelState::Error,
            State::Finished | State::Unknown => UpdateSessionModelState::Done,
        };
        let message = session.error_message.as_ref().map(|message| message.default_message.as_str());
        if session.state.as_ref() != Some(&state)
            || message != (self.state == State::Active).then_some(MESSAGE)
        {
            surprises.push(format!("afterwards the session is {session:?}"));
        }
    }

    fn check_request(&self, id: &str, request: &str, surprises: &mut Vec<String>) {
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
        let id_in_path = self.url_form == UrlForm::IdInPath;
        let path = if id_in_path { format!("{PATH}/id:{id}") } else { PATH.to_owned() };
        let (query, wanted_body) = match self.representation {
            Representation::Json => (String::new(), json(id, id_in_path)),
            Representation::Xml => (String::new(), xml(id, id_in_path)),
            _ => (form(id, id_in_path), String::new()),
        };
        let wanted_line = format!("POST {path}?~action=fail{query} HTTP/1.1");
        let line = head.lines().next().unwrap_or_default();
        if line != wanted_line {
            surprises.push(format!("the request line is\n  {line}\nand should be\n  {wanted_line}"));
        }
        if body != wanted_body {
            surprises.push(format!("the request's body is\n  {body}\nand should be\n  {wanted_body}"));
        }
    }

    fn check_reply(&self, reply: &str, surprises: &mut Vec<String>) {
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((reply, ""));
        let (line, error) = match self.state {
            State::Active => ("HTTP/1.1 200 OK", ""),
            State::Finished => {
                ("HTTP/1.1 400 Bad Request", "com.vmware.vapi.std.errors.not_allowed_in_current_state")
            }
            State::Unknown => ("HTTP/1.1 404 Not Found", "com.vmware.vapi.std.errors.not_found"),
        };
        if head.lines().next() != Some(line) {
            surprises.push(format!("the reply's first line should be {line}"));
        }
        let (media_type, wanted_in_body) = match self.representation {
            Representation::Xml => ("application/xml", format!("<type>{error}</type>")),
            _ => ("application/json", format!("\"type\":\"{error}\"")),
        };
        if self.state == State::Active {
            if !body.is_empty() {
                surprises.push("the reply has a body; the operation has no result".to_owned());
            }
            return;
        }
        if !head.lines().any(|header| header.eq_ignore_ascii_case(&format!("content-type: {media_type}"))) {
            surprises.push(format!("the reply should be {media_type}"));
        }
        if !body.contains(&wanted_in_body) {
            surprises.push(format!("the reply should hold {wanted_in_body}"));
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let representation = match self.representation {
            Representation::Json => "JSON",
            Representation::Xml => "XML",
            Representation::Form | Representation::FormBody => "form",
        };
        let id_in = if self.url_form == UrlForm::IdInPath { "the path" } else { "the parameters" };
        let session = match self.state {
            State::Active => "an ACTIVE session",
            State::Finished => "a finished session",
            State::Unknown => "an unknown session",
        };
        write!(f, "fail in {representation}, the id in {id_in}, {session}")
    }
}

fn json(id: &str, id_in_path: bool) -> String {
    let message = r#""client_error_message":"cannot read \"disk 1.vmdk\" & gave up""#;
    if id_in_path {
        format!("{{{message}}}")
    } else {
        format!("{{{message},\"update_session_id\":\"{id}\"}}")
    }
}

fn xml(id: &str, id_in_path: bool) -> String {
    let id = if id_in_path { String::new() } else { format!("<update_session_id>{id}</update_session_id>") };
    format!(
        "<?xml version=\"1.0\" ?><ns0:Fail-Input xmlns:ns0=\"http://vmware.com/content/library/item/update_session\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><client_error_message>cannot read \"disk 1.vmdk\" \
         &amp; gave up</client_error_message>{id}</ns0:Fail-Input>"
    )
}

fn form(id: &str, id_in_path: bool) -> String {
    let id = if id_in_path { String::new() } else { format!("&update_session_id={id}") };
    format!("&client_error_message=cannot%20read%20%22disk%201.vmdk%22%20%26%20gave%20up{id}")
}
