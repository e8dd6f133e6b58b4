//! The calls of the demo, and what each has to look like: on the wire, to the caller, and in the session afterwards.
//!
//! Expectations are literals, so that the generated code cannot agree with itself alone.

use std::error::Error as StdError;
use std::fmt;

use vapi::Client;
use vapi::content::LibraryId;
use vapi::content::library::ItemModel;
use vapi::content::library::item::update_session::FailError;
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel, UpdateSessionModelState};
use vapi::runtime::{Error, Representation, Secret, Surface, UrlForm};

use crate::tap::Recorded;

/// What the client says went wrong; holds characters that JSON, XML and forms each have to escape.
pub(crate) const MESSAGE: &str = "cannot read \"disk 1.vmdk\" & gave up";

const PATH: &str = "/com/vmware/content/library/item/update-session";
const REST_PATH: &str = "/api/content/library/item/update-session";
const UNKNOWN_ID: &str = "no-such-session";
const NOT_ALLOWED: &str = "com.vmware.vapi.std.errors.not_allowed_in_current_state";
const NOT_FOUND: &str = "com.vmware.vapi.std.errors.not_found";

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
    pub(crate) surface: Surface,
    pub(crate) url_form: UrlForm,
    pub(crate) state: State,
}

/// The names of the surfaces on the command line.
pub(crate) const SURFACES: [&str; 4] = ["json-rpc", "rest", "legacy-rest", "2014"];

/// Every kind of session on every surface, on one of these names or on all: with the id in the path and among the parameters
/// where there is a choice.
pub(crate) fn all_cases(only: Option<&str>) -> Vec<Case> {
    let mut cases = Vec::new();
    for surface in Surface::ALL {
        let (name, url_forms) = match surface {
            Surface::JsonRpc => (SURFACES[0], &[UrlForm::IdInBody][..]),
            Surface::Rest => (SURFACES[1], &[UrlForm::IdInPath][..]),
            Surface::LegacyRest => (SURFACES[2], &[UrlForm::IdInPath, UrlForm::IdInBody][..]),
            Surface::Rest2014(Representation::FormBody) => continue,
            Surface::Rest2014(_) => (SURFACES[3], &[UrlForm::IdInPath, UrlForm::IdInBody][..]),
        };
        if only.is_some_and(|only| only != name) {
            continue;
        }
        for &url_form in url_forms {
            for state in [State::Active, State::Finished, State::Unknown] {
                cases.push(Case { surface, url_form, state });
            }
        }
    }
    cases
}

impl Case {
    /// Makes the session, on an item of its own: an item has one ACTIVE session at most. Its identifier.
    pub(crate) async fn prepare(
        &self,
        client: &Client,
        library: &LibraryId,
    ) -> Result<UpdateSessionId, Box<dyn StdError>> {
        if self.state == State::Unknown {
            return Ok(UNKNOWN_ID.into());
        }
        let item = client.item().create(ItemModel::for_create(library, self.to_string())).await?;
        let id = client.update_session().create(UpdateSessionModel::for_create(&item)).await?;
        if self.state == State::Finished {
            client.update_session().complete(&id).await?;
        }
        Ok(id)
    }

    /// What is to come of it, in words.
    pub(crate) fn expectation(&self) -> &'static str {
        match (self.surface, self.state) {
            (Surface::JsonRpc, State::Active) => {
                "no output; the session is in state ERROR and holds the message"
            }
            (Surface::JsonRpc, State::Finished) => {
                "200 not_allowed_in_current_state; the session is DONE as before"
            }
            (Surface::JsonRpc, State::Unknown) => "200 not_found",
            (Surface::Rest, State::Active) => "204; the session is in state ERROR and holds the message",
            (_, State::Active) => "200 without a body; the session is in state ERROR and holds the message",
            (_, State::Finished) => "400 not_allowed_in_current_state; the session is DONE as before",
            (_, State::Unknown) => "404 not_found",
        }
    }

    /// Everything that is not as expected.
    pub(crate) fn surprises(
        &self,
        id: &UpdateSessionId,
        login: &Secret,
        outcome: &Result<(), Error<FailError>>,
        after: Option<&UpdateSessionModel>,
        recorded: &Recorded,
    ) -> Vec<String> {
        let mut surprises = Vec::new();
        self.check_outcome(outcome, &mut surprises);
        self.check_session(after, &mut surprises);
        self.check_request(id.as_str(), login, &String::from_utf8_lossy(&recorded.request), &mut surprises);
        self.check_reply(&String::from_utf8_lossy(&recorded.reply), &mut surprises);
        surprises
    }

    fn check_outcome(&self, outcome: &Result<(), Error<FailError>>, surprises: &mut Vec<String>) {
        let is_status =
            |status: u16, wanted| status == if self.surface == Surface::JsonRpc { 200 } else { wanted };
        let as_expected = match (self.state, outcome) {
            (State::Active, Ok(())) => true,
            (State::Finished, Err(Error::Documented { status, error })) => {
                is_status(status.as_u16(), 400) && matches!(error, FailError::NotAllowedInCurrentState(_))
            }
            (State::Unknown, Err(Error::Documented { status, error })) => {
                is_status(status.as_u16(), 404) && matches!(error, FailError::NotFound(_))
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

    fn check_request(&self, id: &str, login: &Secret, request: &str, surprises: &mut Vec<String>) {
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
        let id_in_path = self.url_form == UrlForm::IdInPath;
        let path = if id_in_path { format!("{PATH}/id:{id}") } else { PATH.to_owned() };
        let (target, wanted_body) = match self.surface {
            Surface::JsonRpc => ("/api".to_owned(), json_rpc(id, login.expose())),
            Surface::Rest => (format!("{REST_PATH}/{id}?action=fail"), json(id, true)),
            Surface::LegacyRest => (format!("/rest{path}?~action=fail"), json(id, id_in_path)),
            Surface::Rest2014(Representation::Json) => (format!("{path}?~action=fail"), json(id, id_in_path)),
            Surface::Rest2014(Representation::Xml) => (format!("{path}?~action=fail"), xml(id, id_in_path)),
            Surface::Rest2014(_) => (format!("{path}?~action=fail{}", form(id, id_in_path)), String::new()),
        };
        let wanted_line = format!("POST {target} HTTP/1.1");
        let line = head.lines().next().unwrap_or_default();
        if line != wanted_line {
            surprises.push(format!("the request line is\n  {line}\nand should be\n  {wanted_line}"));
        }
        let body = without_op_id(body);
        if body != wanted_body {
            surprises.push(format!("the request's body is\n  {body}\nand should be\n  {wanted_body}"));
        }
    }

    fn check_reply(&self, reply: &str, surprises: &mut Vec<String>) {
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((reply, ""));
        let (line, error) = match (self.surface, self.state) {
            (Surface::Rest, State::Active) => ("HTTP/1.1 204 No Content", ""),
            (_, State::Active) => ("HTTP/1.1 200 OK", ""),
            (Surface::JsonRpc, State::Finished) => ("HTTP/1.1 200 OK", NOT_ALLOWED),
            (_, State::Finished) => ("HTTP/1.1 400 Bad Request", NOT_ALLOWED),
            (Surface::JsonRpc, State::Unknown) => ("HTTP/1.1 200 OK", NOT_FOUND),
            (_, State::Unknown) => ("HTTP/1.1 404 Not Found", NOT_FOUND),
        };
        if head.lines().next() != Some(line) {
            surprises.push(format!("the reply's first line should be {line}"));
        }
        let short = error.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
        let (media_type, wanted_in_body) = match (self.surface, self.state) {
            (Surface::JsonRpc, State::Active) => {
                ("application/json", "\"result\":{\"output\":null}".to_owned())
            }
            (Surface::JsonRpc, _) => {
                ("application/json", format!("{{\"ERROR\":{{\"{error}\":{{\"messages\":["))
            }
            (Surface::Rest, _) => ("application/json", format!("\"error_type\":\"{short}\"")),
            (Surface::Rest2014(Representation::Xml), _) => {
                ("application/xml", format!("<type>{error}</type>"))
            }
            _ => ("application/json", format!("\"type\":\"{error}\"")),
        };
        if self.state == State::Active && self.surface != Surface::JsonRpc {
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
        let surface = match self.surface {
            Surface::JsonRpc => "JSON-RPC",
            Surface::Rest => "REST below /api",
            Surface::LegacyRest => "legacy REST below /rest",
            Surface::Rest2014(Representation::Json) => "2014's JSON",
            Surface::Rest2014(Representation::Xml) => "2014's XML",
            Surface::Rest2014(_) => "2014's form",
        };
        let id_in = if self.url_form == UrlForm::IdInPath { "the path" } else { "the parameters" };
        let session = match self.state {
            State::Active => "an ACTIVE session",
            State::Finished => "a finished session",
            State::Unknown => "an unknown session",
        };
        write!(f, "fail in {surface}, the id in {id_in}, {session}")
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

fn json_rpc(id: &str, login: &str) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"invoke\",\"params\":\
         {{\"serviceId\":\"com.vmware.content.library.item.update_session\",\"operationId\":\"fail\",\
         \"input\":{{\"STRUCTURE\":{{\"operation-input\":{{\"update_session_id\":\"{id}\",\
         \"client_error_message\":\"cannot read \\\"disk 1.vmdk\\\" & gave up\"}}}}}},\
         \"ctx\":{{\"appCtx\":{{\"opId\":\"\"}},\
         \"securityCtx\":{{\"schemeId\":\"com.vmware.vapi.std.security.session_id\",\"sessionId\":\"{login}\"}}}}}},\
         \"id\":\"0\"}}"
    )
}

/// The body with the call's identifier, which is new each time, left empty.
fn without_op_id(body: &str) -> String {
    const BEFORE: &str = "\"opId\":\"";
    let Some((before, after)) = body.split_once(BEFORE) else { return body.to_owned() };
    let after = after.split_once('"').map_or("", |(_, after)| after);
    format!("{before}{BEFORE}\"{after}")
}
