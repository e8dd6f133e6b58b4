//! The login service through a router: logging in, asking about the session, logging out, and what goes wrong with it.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use tower_service::Service as _;
use vapi_runtime::server::{
    Authenticating, Authenticator, Credentials, Denied, KnownUsers, SessionLimits, SessionService,
};
use vapi_runtime::{Context, Router, Secret};

use crate::log::Log;

use super::{BASIC, MINUTE_MS, PASSWORD, USER, headers, service, sessions, tables};

/// Sends a request to a router of the service; the status, headers and body of the reply.
async fn call(service: &SessionService, line: &str, shown: &[(&str, &str)]) -> (u16, HeaderMap, String) {
    let (method, uri) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri).body(String::new()).unwrap();
    *request.headers_mut() = headers(shown);
    send(service, request).await
}

/// The body of the reply to a JSON-RPC call of this operation with this security context.
async fn rpc(service: &SessionService, operation: &str, security_ctx: &str) -> String {
    let body = format!(
        r#"{{"jsonrpc":"2.0","method":"invoke","params":{{"serviceId":"com.vmware.cis.session","operationId":"{operation}","input":{{"STRUCTURE":{{"operation-input":{{}}}}}},"ctx":{{"appCtx":{{}},"securityCtx":{security_ctx}}}}},"id":"0"}}"#
    );
    let (status, headers, body) = send(service, Request::post("/api").body(body).unwrap()).await;
    assert_eq!((status, headers["content-type"].as_bytes()), (200, b"application/json".as_slice()));
    body
}

async fn send(service: &SessionService, request: Request<String>) -> (u16, HeaderMap, String) {
    let request = request.map(|body| Full::new(Bytes::from(body)));
    let Ok(response) = Router::new().sessions(service.clone()).call(request).await;
    let (parts, body) = Response::into_parts(response);
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

const LOGIN: &str = "POST /com/vmware/cis/session";
const GET: &str = "POST /com/vmware/cis/session?~action=get";
const LOGOUT: &str = "DELETE /com/vmware/cis/session";

#[tokio::test]
async fn log_in_ask_log_out() {
    let (sessions, clock) = sessions(SessionLimits::new());
    let service = service(&sessions);
    let (status, _, body) = call(&service, LOGIN, &[("authorization", BASIC)]).await;
    assert_eq!(status, 200, "{body}");
    let id = body.strip_prefix("{\"value\":\"").and_then(|rest| rest.strip_suffix("\"}")).unwrap();
    assert!(sessions.resume(&Secret::new(id)).is_some(), "{id}");

    clock.set(877);
    let shown = [("vmware-api-session-id", id)];
    let (status, _, body) = call(&service, GET, &shown).await;
    assert_eq!(
        (status, body.as_str()),
        (
            200,
            "{\"value\":{\"created_time\":\"2014-09-01T10:20:30.123\",\"last_accessed_time\":\"2014-09-01T10:20:31\",\
             \"user\":\"Administrator@VSPHERE.LOCAL\"}}"
        )
    );
    clock.set(30 * MINUTE_MS);
    assert_eq!(
        call(&service, GET, &shown).await.0,
        200,
        "asking is a use, as keep-alives of clients rely on"
    );

    let (status, _, body) = call(&service, LOGOUT, &shown).await;
    assert_eq!((status, body.as_str()), (200, ""));
    for line in [GET, LOGOUT] {
        let (status, _, body) = call(&service, line, &shown).await;
        assert_eq!(status, 401);
        assert!(body.contains("Authentication required."), "{body}");
    }
    assert_eq!(sessions.sweep(), 0);
}

fn session_ctx(id: &str) -> String {
    format!(r#"{{"schemeId":"com.vmware.vapi.std.security.session_id","sessionId":"{id}"}}"#)
}

/// The replies are those that the official SDK was seen to read.
#[tokio::test]
async fn json_rpc() {
    let (sessions, clock) = sessions(SessionLimits::new());
    let service = service(&sessions);
    let user_pass = format!(
        r#"{{"schemeId":"com.vmware.vapi.std.security.user_pass","userName":"administrator@vsphere.local","password":"{PASSWORD}"}}"#
    );
    let body = rpc(&service, "create", &user_pass).await;
    let id = body.strip_prefix(r#"{"jsonrpc":"2.0","id":"0","result":{"output":{"SECRET":""#);
    let id = id.and_then(|rest| rest.strip_suffix("\"}}}")).unwrap_or_else(|| panic!("{body}"));
    clock.set(877);
    assert_eq!(
        rpc(&service, "get", &session_ctx(id)).await,
        r#"{"jsonrpc":"2.0","id":"0","result":{"output":{"STRUCTURE":{"com.vmware.cis.session.info":{"user":"Administrator@VSPHERE.LOCAL","created_time":"2014-09-01T10:20:30.123Z","last_accessed_time":"2014-09-01T10:20:31.000Z"}}}}}"#
    );
    let body = rpc(&service, "delete", &session_ctx(id)).await;
    assert_eq!(body, r#"{"jsonrpc":"2.0","id":"0","result":{"output":null}}"#);
    assert_eq!(sessions.sweep(), 0);

    let wrong = user_pass.replace(PASSWORD, "x");
    assert_eq!(
        rpc(&service, "create", &wrong).await,
        r#"{"jsonrpc":"2.0","id":"0","result":{"error":{"ERROR":{"com.vmware.vapi.std.errors.unauthenticated":{"messages":[{"STRUCTURE":{"com.vmware.vapi.std.localizable_message":{"id":"vapi.security.authentication.invalid","default_message":"The user cannot be authenticated","args":[],"params":{"OPTIONAL":null},"localized":{"OPTIONAL":null}}}}],"data":{"OPTIONAL":null},"error_type":{"OPTIONAL":"UNAUTHENTICATED"},"challenge":{"OPTIONAL":"Basic realm=\"VAPI endpoint\""}}}}}}"#
    );
}

#[tokio::test]
async fn a_login_is_good_on_every_surface() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let service = service(&sessions);
    let (status, _, body) = call(&service, "POST /api/session", &[("authorization", BASIC)]).await;
    assert_eq!(status, 201, "{body}");
    let id = body.trim_matches('"');
    let by_header = [("vmware-api-session-id", id)];
    let by_cookie = format!("vmware-api-session-id={id}");
    for (line, shown) in [
        ("GET /api/session", by_header),
        ("POST /rest/com/vmware/cis/session?~action=get", by_header),
        ("POST /rest/com/vmware/cis/session?~action=get", [("cookie", by_cookie.as_str())]),
        (GET, by_header),
    ] {
        let (status, _, body) = call(&service, line, &shown).await;
        assert_eq!(status, 200, "{line} {body}");
        assert!(body.contains(USER), "{line} {body}");
    }
    assert!(rpc(&service, "get", &session_ctx(id)).await.contains(USER));
    assert_eq!(call(&service, "DELETE /api/session", &by_header).await.0, 204);
    assert_eq!(call(&service, GET, &by_header).await.0, 401);
}

#[tokio::test]
async fn a_legacy_login_sets_a_cookie_unless_headers_are_used() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let service = service(&sessions);
    let login = [("authorization", BASIC)];
    let (_, headers, body) = call(&service, "POST /rest/com/vmware/cis/session", &login).await;
    let id = body.replace("{\"value\":\"", "").replace("\"}", "");
    assert_eq!(headers["set-cookie"], format!("vmware-api-session-id={id};Path=/rest;Secure;HttpOnly"));
    for line in [LOGIN, "POST /api/session"] {
        assert!(!call(&service, line, &login).await.1.contains_key("set-cookie"), "{line}");
    }
    for value in ["true", "false", ""] {
        let shown = [("authorization", BASIC), ("Vmware-Use-Header-Authn", value)];
        let (status, headers, _) = call(&service, "POST /rest/com/vmware/cis/session", &shown).await;
        assert_eq!(status, 200);
        assert!(!headers.contains_key("set-cookie"), "{value}");
    }
}

#[tokio::test]
async fn the_identifier_comes_in_every_representation() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let shown = [("authorization", BASIC), ("accept", "application/xml")];
    let (status, _, body) = call(&service(&sessions), LOGIN, &shown).await;
    assert_eq!(status, 200);
    assert!(body.contains("<ns0:Create-Result xmlns:ns0=\"http://vmware.com/cis/session\""), "{body}");
    let (_, rest) = body.split_once("<value>").unwrap();
    let (id, _) = rest.split_once("</value>").unwrap();
    assert!(sessions.resume(&Secret::new(id)).is_some(), "{body}");
}

#[tokio::test]
async fn credentials_must_be_right() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let service = service(&sessions);
    let longer = format!("{PASSWORD}x");
    let wrong = [
        (USER, ""),
        (USER, &PASSWORD[1..]),
        (USER, &longer),
        (USER, "P@ss:w0rd"),
        ("nobody", PASSWORD),
        ("", ""),
    ];
    for (user, password) in wrong {
        let (status, headers, body) =
            call(&service, LOGIN, &[("authorization", &basic(user, password))]).await;
        assert_eq!(headers["www-authenticate"], "Basic realm=\"VAPI endpoint\"");
        assert_eq!(
            (status, body.as_str()),
            (
                401,
                "{\"type\":\"com.vmware.vapi.std.errors.unauthenticated\",\"value\":{\"challenge\":\"Basic realm=\\\"VAPI \
                 endpoint\\\"\",\"messages\":[{\"args\":[],\"default_message\":\"The user cannot be \
                 authenticated\",\"id\":\"vapi.security.authentication.invalid\"}]}}"
            ),
            "{user} {password}"
        );
    }
    assert_eq!(sessions.sweep(), 0);
    let upper_case = basic(&USER.to_uppercase(), PASSWORD);
    assert_eq!(call(&service, LOGIN, &[("authorization", &upper_case)]).await.0, 200);
}

#[tokio::test]
async fn a_challenge_is_in_xml_too() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let shown = [("authorization", "Basic eDp5"), ("accept", "application/xml")];
    let (status, _, body) = call(&service(&sessions), LOGIN, &shown).await;
    assert_eq!(status, 401);
    assert!(body.contains("<challenge>Basic realm=\"VAPI endpoint\"</challenge>"), "{body}");
}

/// An authenticator that notes what it is asked, and cannot say.
#[derive(Clone, Default)]
struct Absent(Arc<Mutex<Vec<String>>>);

impl Authenticator for Absent {
    fn authenticate<'a>(&'a self, cx: &'a Context, credentials: &'a Credentials) -> Authenticating<'a> {
        let from = cx.headers()["x-from"].to_str().unwrap();
        self.0.lock().unwrap().push(format!("{from} {credentials:?}"));
        Box::pin(async {
            tokio::task::yield_now().await;
            Err(Denied::unavailable("the directory at 10.0.0.7 is down"))
        })
    }
}

#[tokio::test]
async fn credentials_that_cannot_be_checked_are_not_wrong() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let absent = Absent::default();
    let service = SessionService::new(&tables::SERVICE, sessions, absent.clone());
    let (status, _, body) = call(&service, LOGIN, &[("authorization", BASIC), ("x-from", "here")]).await;
    assert_eq!(
        (status, body.as_str()),
        (
            503,
            "{\"type\":\"com.vmware.vapi.std.errors.service_unavailable\",\"value\":{\"messages\":[{\"args\":[],\
             \"default_message\":\"Credentials cannot be checked at the moment\",\
             \"id\":\"vapi.security.authentication.unavailable\"}]}}"
        )
    );
    let asked = std::mem::take(&mut *absent.0.lock().unwrap());
    assert_eq!(asked, ["here UserPassword { user: \"administrator@vsphere.local\", password: Secret(…) }"]);
    let (status, _, _) = call(&service, GET, &[("authorization", BASIC), ("x-from", "here")]).await;
    assert_eq!(status, 401);
    assert!(absent.0.lock().unwrap().is_empty(), "only a login asks");
}

/// A login with a body that is none makes no session that nobody knows of.
#[tokio::test]
async fn a_login_that_cannot_be_read_makes_no_session() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let (status, _, body) =
        call(&service(&sessions), "POST /com/vmware/cis/session?x=1", &[("authorization", BASIC)]).await;
    assert_eq!(status, 400, "{body}");
    assert_eq!(sessions.sweep(), 0);
}

#[tokio::test]
async fn logins_are_logged_without_their_secrets() {
    let (sessions, _clock) = sessions(SessionLimits::new().n_sessions_per_user_max(1));
    let service = service(&sessions);
    let log = Log::up_to(tracing::Level::TRACE);
    let guard = tracing::subscriber::set_default(log.clone());
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (_, _, body) = call(&service, LOGIN, &[("authorization", BASIC)]).await;
        ids.push(body.replace("{\"value\":\"", "").replace("\"}", ""));
    }
    call(&service, LOGIN, &[("authorization", &basic("a\u{2028}b", "sesame"))]).await;
    let fingerprint = sessions.resume(&Secret::new(&*ids[1])).unwrap().fingerprint();
    call(&service, LOGOUT, &[("vmware-api-session-id", &ids[1])]).await;
    drop(guard);
    let lines = log.lines();
    let begins = ["message=logged in user=", "message=a session gave way to a new one of its user's user="];
    assert!(lines[0].starts_with(begins[0]) && lines[1].starts_with(begins[1]), "{lines:?}");
    let session = format!("user=\"{USER}\" session=\"{fingerprint}\" ");
    assert_eq!(lines[2], format!("message=logged in {session}"));
    assert_eq!(lines[3], "message=a login was refused user=\"a\\u{2028}b\" ");
    assert_eq!(lines[4..], [format!("message=logged out {session}")]);
    for secret in ids.iter().map(String::as_str).chain([PASSWORD, "sesame"]) {
        assert!(!lines.concat().contains(secret), "{lines:?}");
    }
}

/// In a router that does not know who calls nobody is logged in, and nothing panics.
#[tokio::test]
async fn nobody_logs_in_unadmitted() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let mut router = Router::new().mount(service(&sessions));
    for line in [LOGIN, GET, LOGOUT] {
        let (method, uri) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(uri).header("authorization", BASIC);
        let Ok(response) = router.call(request.body(Full::new(Bytes::new())).unwrap()).await;
        assert_eq!(response.status(), 401, "{line}");
    }
    assert_eq!(sessions.sweep(), 0);
}

#[test]
fn a_table_has_to_fit() {
    for (table, expected) in &tables::MISFITS {
        let new = || SessionService::new(table, vapi_runtime::server::Sessions::default(), KnownUsers::new());
        let panic = std::panic::catch_unwind(new).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), expected);
    }
}

#[test]
fn nothing_shows_a_password() {
    let users = KnownUsers::new().user(USER, PASSWORD);
    assert_eq!(format!("{users:?}"), "KnownUsers { n_users: 1, .. }");
    let (sessions, _clock) = sessions(SessionLimits::new());
    let shown = format!("{:?}", service(&sessions));
    assert!(shown.starts_with("SessionService { service: \"com.vmware.cis.session\""), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}
