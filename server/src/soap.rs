//! The little SOAP that govc and pyVmomi insist on before they talk to a content library: `/sdk`.
//!
//! A vCenter with one datacenter and one datastore, which can be logged in to, walked through and logged out of. It is
//! there so that `govc library.create` finds the datastore that it makes a library on; nothing in it can be changed.
//! A login here is a login: it is checked by the same authenticator, and its session stands among those of the API.
//! In: HTTP. Out: replies and faults as the clients parse them. [`answer`] decides without I/O; the shell around it reads
//! the body, asks the authenticator, and sets the cookie.

mod answer;
mod collector;
mod element;
mod fault;
mod inventory;
mod value;

pub use self::answer::{Answer, Call, Visitor, answer};
pub use self::fault::Fault;
pub use self::inventory::DATASTORE;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use vapi::cis::session::SessionClient;
use vapi::runtime::server::{Authenticator, Context, Credentials, Denied, Principal};
use vapi::runtime::{Secret, Surface};

use crate::app::App;

/// The namespace of the API, and the release that is spoken.
const NAMESPACE: &str = "urn:vim25";
const API_VERSION: &str = "8.0.2.0";
/// What clients of older releases may choose.
const PRIOR_VERSIONS: [&str; 4] = ["8.0.1.0", "8.0.0.0", "7.0", "6.7"];

/// A walk through the whole inventory is asked for in a few kilobytes.
const BODY_BYTES_MAX: usize = 256 << 10;
const COOKIE_NAME: &str = "vmware_soap_session";

/// What the routes share.
struct Desk<A> {
    app: Arc<App>,
    users: Arc<A>,
}

/// `/sdk` and what is below it.
pub fn routes<A: Authenticator>(app: &Arc<App>, users: &Arc<A>) -> Router {
    let desk = Arc::new(Desk { app: Arc::clone(app), users: Arc::clone(users) });
    Router::new()
        .route("/sdk", post(call::<A>))
        .route("/sdk/", post(call::<A>))
        .route("/sdk/vimService", post(call::<A>))
        .route("/sdk/vimServiceVersions.xml", get(versions))
        .with_state(desk)
}

/// Which releases are spoken; clients choose one that they know.
async fn versions() -> Response {
    let prior: String =
        PRIOR_VERSIONS.iter().map(|version| format!("<version>{version}</version>")).collect();
    reply(
        StatusCode::OK,
        &format!(
            "<namespaces version=\"1.0\"><namespace><name>{NAMESPACE}</name><version>{API_VERSION}</version>\
             <priorVersions>{prior}</priorVersions></namespace></namespaces>"
        ),
    )
}

async fn call<A: Authenticator>(State(desk): State<Arc<Desk<A>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match desk.answer(parts, body).await {
        Ok(response) => response,
        Err(fault) => reply(StatusCode::INTERNAL_SERVER_ERROR, &enveloped(&fault.to_xml())),
    }
}

impl<A: Authenticator> Desk<A> {
    async fn answer(&self, parts: Parts, body: Body) -> Result<Response, Fault> {
        let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
            Fault::InvalidRequest(format!("the request broke off or is longer than {BODY_BYTES_MAX} bytes"))
        })?;
        let call = Call::read(&body)?;
        let caller = session(&parts.headers).and_then(|id| self.app.logins.resume(&id));
        let visitor = caller.as_ref().map(|caller| Visitor::new(caller, &parts.headers));
        let now = crate::services::date_time(self.app.now());
        match answer(&call, visitor.as_ref(), &now)? {
            Answer::Reply(xml) => Ok(reply(StatusCode::OK, &enveloped(&xml))),
            Answer::LogIn { user, password } => self.log_in(parts, user, password).await,
            Answer::LogOut(xml) => {
                if let Some(caller) = &caller {
                    caller.log_out();
                }
                Ok(reply(StatusCode::OK, &enveloped(&xml)))
            }
        }
    }

    async fn log_in(&self, parts: Parts, user: String, password: Secret) -> Result<Response, Fault> {
        let headers = parts.headers.clone();
        let credentials = Credentials::UserPassword { user, password };
        let principal = self.authenticate(parts, &credentials).await?;
        let login = self.app.logins.open(principal).map_err(|fault| {
            let words = fault.messages().first().map(|message| message.default_message.clone());
            Fault::RuntimeFault(words.unwrap_or_else(|| "nobody can log in now".to_owned()))
        })?;
        let xml = answer::logged_in(&Visitor::new(login.caller(), &headers));
        let mut response = reply(StatusCode::OK, &enveloped(&xml));
        // A cookie that is only for TLS would not come back without it.
        let secure = if self.app.settings.public_url.starts_with("https:") { "; Secure" } else { "" };
        let cookie = format!("{COOKIE_NAME}=\"{}\"; Path=/; HttpOnly{secure}", login.id().expose());
        if let Ok(mut cookie) = HeaderValue::try_from(cookie) {
            cookie.set_sensitive(true);
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        Ok(response)
    }

    async fn authenticate(&self, parts: Parts, credentials: &Credentials) -> Result<Principal, Fault> {
        // The authenticator is told the operation that a login is on the other surfaces.
        let operation = SessionClient::TABLE.operations.iter().find(|operation| operation.name == "create");
        let operation = operation.ok_or_else(|| Fault::RuntimeFault("there is no login".to_owned()))?;
        let cx = Context::new(parts, operation, Surface::Rest);
        self.users.authenticate(&cx, credentials).await.map_err(|denied| match denied {
            Denied::Unavailable(error) => {
                tracing::error!(error, "a login could not be checked");
                Fault::RuntimeFault("logins cannot be checked now; try again later".to_owned())
            }
            _ => Fault::InvalidLogin,
        })
    }
}

/// The session that a request shows; clients put quotes around it as often as not.
fn session(headers: &HeaderMap) -> Option<Secret> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|value| value.split(';'));
    cookies.find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == COOKIE_NAME).then(|| Secret::new(value.trim_matches('"')))
    })
}

fn enveloped(body: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}</soapenv:Body>\
         </soapenv:Envelope>"
    )
}

fn reply(status: StatusCode, xml: &str) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let xml = HeaderValue::from_static("text/xml; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, xml);
    response
}
