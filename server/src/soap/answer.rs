//! What each operation answers, without I/O.
//!
//! In: a call, who calls, and the time. Out: a reply, or what is to be done before there is one.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use vapi::runtime::server::Caller;
use vapi::runtime::{DateTime, Secret};

use super::element::Element;
use super::fault::Fault;
use super::inventory::{find, properties, root, view};
use super::value::{Reference, Value};
use super::{API_VERSION, NAMESPACE, collector};

/// A call as it came.
pub struct Call(Element);

impl Call {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// `InvalidRequest`, if it is no envelope with a call in it.
    pub fn read(body: &[u8]) -> Result<Call, Fault> {
        let envelope = Element::read(body).map_err(Fault::InvalidRequest)?;
        let body = envelope.child("Body").filter(|_| envelope.name == "Envelope");
        let call = body.and_then(|body| body.children.first());
        let call =
            call.ok_or_else(|| Fault::InvalidRequest("there is no SOAP envelope with a body".to_owned()))?;
        Ok(Call(call.clone()))
    }

    fn receiver(&self) -> Reference {
        self.0.child("_this").map_or_else(|| Reference::new("", ""), Reference::read)
    }
}

/// Its arguments may hold a password.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.0.name).finish()
    }
}

/// Who calls.
pub struct Visitor {
    user: String,
    /// Tells the session from others, and lets nobody in.
    key: String,
    login_time: String,
    last_active_time: String,
    user_agent: String,
}

impl Visitor {
    /// Whose session this is.
    pub fn new(caller: &Caller, headers: &HeaderMap) -> Visitor {
        let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Visitor {
            user: caller.user().to_owned(),
            key: caller.fingerprint(),
            login_time: instant(&caller.created()),
            last_active_time: instant(&caller.last_accessed()),
            user_agent: user_agent.unwrap_or_default().to_owned(),
        }
    }

    /// The session as it is shown to its user.
    pub(super) fn session(&self) -> Value {
        let fields = vec![
            ("key", Value::text(&self.key)),
            ("userName", Value::text(&self.user)),
            ("fullName", Value::text(&self.user)),
            ("loginTime", Value::Instant(self.login_time.clone())),
            ("lastActiveTime", Value::Instant(self.last_active_time.clone())),
            ("locale", Value::text("en")),
            ("messageLocale", Value::text("en")),
            ("extensionSession", Value::Boolean(false)),
            ("ipAddress", Value::text("")),
            ("userAgent", Value::text(&self.user_agent)),
            ("callCount", Value::Long(1)),
        ];
        Value::Structure("UserSession", fields)
    }
}

/// Instants here have a zone, always.
fn instant(time: &DateTime) -> String {
    let text = time.to_string();
    if text.ends_with('Z') { text } else { format!("{text}Z") }
}

/// What a call comes to.
pub enum Answer {
    /// This is to be sent.
    Reply(String),
    /// These credentials are to be looked at.
    LogIn {
        /// Name as the caller spells it.
        user: String,
        /// Password.
        password: Secret,
    },
    /// The caller's session is to be ended, and this is to be sent.
    LogOut(String),
}

/// Answers a call.
///
/// # Errors
/// The fault to send.
pub fn answer(call: &Call, visitor: Option<&Visitor>, now: &DateTime) -> Result<Answer, Fault> {
    let Call(element) = call;
    let operation = element.name.as_str();
    let inside = match operation {
        "RetrieveServiceContent" => typed(&service_content()),
        "CurrentTime" => plain(&Value::Instant(instant(now))),
        "Login" => {
            return Ok(Answer::LogIn {
                user: element.text_of("userName").to_owned(),
                password: Secret::new(element.text_of("password")),
            });
        }
        _ => {
            let visitor = visitor.ok_or(Fault::NotAuthenticated)?;
            of_visitor(call, visitor)?
        }
    };
    let reply = response(operation, &inside);
    Ok(if operation == "Logout" { Answer::LogOut(reply) } else { Answer::Reply(reply) })
}

/// What only who has logged in may ask; what stands in the response.
fn of_visitor(call: &Call, visitor: &Visitor) -> Result<String, Fault> {
    let Call(element) = call;
    match element.name.as_str() {
        "Logout" | "DestroyView" => Ok(String::new()),
        "SessionIsActive" => Ok(plain(&Value::Boolean(element.text_of("sessionID") == visitor.key))),
        "RetrieveProperties" => collector::collect(element, "returnval", visitor),
        "RetrievePropertiesEx" => {
            let objects = collector::collect(element, "objects", visitor)?;
            // Nothing found is no result, not an empty one.
            Ok(if objects.is_empty() { objects } else { format!("<returnval>{objects}</returnval>") })
        }
        "Fetch" => fetch(element, &call.receiver(), visitor),
        "FindByInventoryPath" => {
            let found = find(element.text_of("inventoryPath"));
            Ok(found.map(|object| plain(&Value::Object(object))).unwrap_or_default())
        }
        "CreateContainerView" => {
            let container = element.child("container").map_or_else(root, Reference::read);
            let types: Vec<&str> = element.children("type").map(|of_type| of_type.text.trim()).collect();
            Ok(plain(&Value::Object(view(&container, &types))))
        }
        method => {
            let Reference { of_type, id } = call.receiver();
            Err(Fault::MethodNotFound { of_type, id, method: method.to_owned() })
        }
    }
}

/// One property of one object, as pyVmomi asks for it.
fn fetch(element: &Element, receiver: &Reference, visitor: &Visitor) -> Result<String, Fault> {
    let (_, fields) = properties(receiver, Some(visitor)).ok_or_else(|| Fault::ManagedObjectNotFound {
        of_type: receiver.of_type.clone(),
        id: receiver.id.clone(),
    })?;
    Ok(fields.at(element.text_of("prop").trim()).map(typed).unwrap_or_default())
}

/// The response to a login.
pub(super) fn logged_in(visitor: &Visitor) -> String {
    response("Login", &plain(&visitor.session()))
}

fn response(operation: &str, inside: &str) -> String {
    format!("<{operation}Response xmlns=\"{NAMESPACE}\">{inside}</{operation}Response>")
}

fn plain(value: &Value) -> String {
    let mut xml = String::new();
    value.write("returnval", &mut xml);
    xml
}

fn typed(value: &Value) -> String {
    let mut xml = String::new();
    value.write_typed("returnval", &mut xml);
    xml
}

/// What there is to talk to. What is not named here does not exist, and clients look before they use it.
pub(super) fn service_content() -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let about = vec![
        ("name", Value::text("contentlibd")),
        ("fullName", Value::Text(format!("contentlibd {version}"))),
        ("vendor", Value::text("contentlibd")),
        ("version", Value::text(API_VERSION.trim_end_matches(".0"))),
        ("build", Value::text(version)),
        ("localeVersion", Value::text("INTL")),
        ("localeBuild", Value::text("000")),
        ("osType", Value::text("linux-x64")),
        ("productLineId", Value::text("vpx")),
        // The clients use a content library of a vCenter only.
        ("apiType", Value::text("VirtualCenter")),
        ("apiVersion", Value::text(API_VERSION)),
    ];
    let object = |of_type: &str, id: &str| Value::Object(Reference::new(of_type, id));
    let fields = vec![
        ("rootFolder", Value::Object(root())),
        ("propertyCollector", object("PropertyCollector", "propertyCollector")),
        ("viewManager", object("ViewManager", "ViewManager")),
        ("about", Value::Structure("AboutInfo", about)),
        ("sessionManager", object("SessionManager", "SessionManager")),
        // govmomi takes it for granted.
        ("searchIndex", object("SearchIndex", "SearchIndex")),
    ];
    Value::Structure("ServiceContent", fields)
}
