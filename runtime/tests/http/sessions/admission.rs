//! Which of the things that a request shows counts, and what a caller hears that is not let in.

use http::HeaderMap;
use proptest::prelude::*;
use proptest::sample::select;
use vapi_runtime::Secret;
use vapi_runtime::codec::json_rpc::Security;
use vapi_runtime::server::{
    Admitted, Credentials, Login, Presented, SessionLimits, SessionService, Sessions,
};

use super::{BASIC, PASSWORD, headers, log_in, service, sessions, tables, text};

const REQUIRED: &str =
    "Unauthenticated | com.vmware.vapi.endpoint.method.authentication.required [] Authentication required.";

/// Who is logged in, and a service that lets them in: as users `a` and `b`.
struct Two {
    sessions: Sessions,
    service: SessionService,
    a: Login,
    b: Login,
}

impl Two {
    fn new() -> Two {
        let (sessions, _clock) = sessions(SessionLimits::new());
        let (a, b) = (log_in(&sessions, "a"), log_in(&sessions, "b"));
        Two { service: service(&sessions), sessions, a, b }
    }

    /// Who calls an ordinary operation, or what is said to nobody. `$a` and `$b` in headers stand for identifiers.
    fn caller(&self, shown: &[(&str, &str)]) -> String {
        said(self.service.admit(&tables::OTHER, Presented::from_headers(&self.headers(shown))))
    }

    /// The same for a JSON-RPC call with this security context.
    fn rpc_caller(&self, shown: &[(&str, &str)], security_ctx: Option<&str>) -> String {
        let security = security_ctx.map(|security_ctx| security(&self.fill(security_ctx)));
        let presented = Presented::from_security_context(&self.headers(shown), security.as_ref());
        said(self.service.admit(&tables::OTHER, presented))
    }

    fn headers(&self, shown: &[(&str, &str)]) -> HeaderMap {
        let filled: Vec<_> = shown.iter().map(|(name, value)| (*name, self.fill(value))).collect();
        headers(&filled.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
    }

    fn fill(&self, text: &str) -> String {
        text.replace("$a", self.a.id().expose()).replace("$b", self.b.id().expose())
    }
}

/// Who was let in, or what those hear who were not.
fn said(admitted: Result<Admitted, vapi_runtime::Fault>) -> String {
    match admitted {
        Ok(Admitted::Caller(caller)) => caller.user().to_owned(),
        Ok(Admitted::LoggingIn(Credentials::UserPassword { user, password })) => {
            format!("{user} with {}", password.expose())
        }
        Ok(other) => panic!("{other:?}"),
        Err(fault) => {
            assert_eq!(fault.status(), 401);
            text(&fault)
        }
    }
}

fn security(security_ctx: &str) -> Security {
    serde_json::from_str(security_ctx).unwrap()
}

fn session_ctx(id: &str) -> String {
    format!(r#"{{"schemeId":"com.vmware.vapi.std.security.session_id","sessionId":"{id}"}}"#)
}

const USER_PASS: &str = r#"{"schemeId":"com.vmware.vapi.std.security.user_pass","userName":"administrator@vsphere.local","password":"p@ss:w0rd"}"#;

#[test]
fn the_header_comes_before_the_cookie() {
    let two = Two::new();
    let check = |shown: &[(&str, &str)], expected: &str| assert_eq!(two.caller(shown), expected, "{shown:?}");
    let (header, cookie) = (("vmware-api-session-id", "$a"), ("cookie", "vmware-api-session-id=$b"));
    check(&[header], "a");
    check(&[("Vmware-Api-Session-Id", "$b")], "b");
    check(&[cookie], "b");
    check(&[header, cookie], "a");
    check(&[cookie, header], "a");
    check(&[("vmware-api-session-id", "gone"), cookie], REQUIRED);
    check(&[("vmware-api-session-id", ""), cookie], REQUIRED);
    check(&[header, ("authorization", BASIC)], "a");
    check(&[cookie, ("authorization", BASIC)], "b");
    check(&[header, ("authorization", "Bearer x")], "a");
    check(&[], REQUIRED);
}

#[test]
fn a_cookie_is_found_among_others() {
    let two = Two::new();
    let check = |cookies: &[&str], expected: &str| {
        let shown: Vec<_> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
        assert_eq!(two.caller(&shown), expected, "{cookies:?}");
    };
    check(&["x=1; vmware-api-session-id=$a; y"], "a");
    check(&["x=1;vmware-api-session-id=$a;"], "a");
    check(&["x=\u{fc}; ;=; vmware-api-session-id = $a "], "a");
    check(&["x=1", "vmware-api-session-id=$a"], "a");
    check(&["vmware-api-session-id=$a; vmware-api-session-id=$b"], "a");
    check(&["Vmware-Api-Session-Id=$a"], REQUIRED);
    check(&["xvmware-api-session-id=$a"], REQUIRED);
    check(&["vmware-api-session-idx=$a"], REQUIRED);
    check(&["vmware-api-session-id"], REQUIRED);
    check(&["vmware-api-session-id=\"$a\""], REQUIRED);
}

#[test]
fn the_header_comes_before_the_security_context() {
    let two = Two::new();
    let check = |shown: &[(&str, &str)], security_ctx: Option<&str>, expected: &str| {
        assert_eq!(two.rpc_caller(shown, security_ctx), expected, "{shown:?} {security_ctx:?}");
    };
    let (in_body, header) = (session_ctx("$b"), ("vmware-api-session-id", "$a"));
    check(&[], Some(&in_body), "b");
    check(&[header], Some(&in_body), "a");
    check(&[header], None, "a");
    check(&[header], Some(USER_PASS), "a");
    check(&[("vmware-api-session-id", "gone")], Some(&in_body), REQUIRED);
    check(&[("cookie", "vmware-api-session-id=$a")], None, REQUIRED);
    check(&[("authorization", BASIC)], None, REQUIRED);
    check(&[], None, REQUIRED);
    check(&[], Some(r#"{"schemeId":"com.vmware.vapi.std.security.no_authentication"}"#), REQUIRED);
}

#[test]
fn a_security_context_has_what_its_scheme_needs() {
    let two = Two::new();
    let check = |security_ctx: &str, expected: &str| {
        assert_eq!(
            two.rpc_caller(&[], Some(security_ctx)),
            format!("{REQUIRED} | vapi.security.authentication.{expected}"),
            "{security_ctx}"
        );
    };
    check(
        r#"{"schemeId":"com.vmware.vapi.std.security.session_id","userName":"x"}"#,
        "malformed [sessionId, it is missing] sessionId cannot be read: it is missing",
    );
    for (scheme, shown) in [
        ("com.vmware.vapi.std.security.saml_hok_token", "com.vmware.vapi.std.security.saml_hok_token"),
        ("user_pass", "user_pass"),
        ("", ""),
    ] {
        let security_ctx = format!(r#"{{"schemeId":"{scheme}"}}"#);
        let session_id = "com.vmware.vapi.std.security.session_id";
        check(
            &security_ctx,
            &format!("scheme [{session_id}, {shown}] This needs the scheme {session_id}, not {shown}"),
        );
    }
}

#[test]
fn no_password_stands_for_a_session() {
    let two = Two::new();
    let needs_session = "vapi.security.authentication.scheme [com.vmware.vapi.std.security.session_id, \
                         com.vmware.vapi.std.security.user_pass] This needs the scheme \
                         com.vmware.vapi.std.security.session_id, not com.vmware.vapi.std.security.user_pass";
    let expected = format!("{REQUIRED} | {needs_session}");
    assert_eq!(two.caller(&[("authorization", BASIC)]), expected);
    assert_eq!(two.rpc_caller(&[], Some(USER_PASS)), expected);
}

#[test]
fn a_login_takes_credentials_whatever_else_is_shown() {
    let two = Two::new();
    let who = format!("administrator@vsphere.local with {PASSWORD}");
    let check = |presented: Presented, expected: &str| {
        assert_eq!(said(two.service.admit(&tables::CREATE, presented)), expected);
    };
    let with_session = two.headers(&[("vmware-api-session-id", "$a"), ("authorization", BASIC)]);
    check(Presented::from_headers(&with_session), &who);
    let stale = two.headers(&[("cookie", "vmware-api-session-id=gone"), ("authorization", BASIC)]);
    check(Presented::from_headers(&stale), &who);
    check(Presented::from_security_context(&with_session, Some(&security(USER_PASS))), &who);
    check(Presented::from_headers(&two.headers(&[("cookie", "vmware-api-session-id=$a")])), REQUIRED);
    check(
        Presented::from_security_context(&HeaderMap::new(), Some(&security(&two.fill(&session_ctx("$a"))))),
        REQUIRED,
    );
    check(Presented::from_headers(&HeaderMap::new()), REQUIRED);
    let ctx = r#"{"schemeId":"com.vmware.vapi.std.security.user_pass","userName":"x"}"#;
    let presented = Presented::from_security_context(&HeaderMap::new(), Some(&security(ctx)));
    assert_eq!(
        said(two.service.admit(&tables::CREATE, presented)),
        format!(
            "{REQUIRED} | vapi.security.authentication.malformed [password, it is missing] password cannot be read: it is \
             missing"
        )
    );
}

/// Operations are told apart by which table they are of, not by what they are called.
#[test]
fn only_the_login_of_the_login_service_needs_no_session() {
    let two = Two::new();
    let admit = |operation| {
        said(
            two.service
                .admit(operation, Presented::from_headers(&two.headers(&[("vmware-api-session-id", "$a")]))),
        )
    };
    assert_eq!(admit(&tables::GET), "a");
    assert_eq!(admit(&tables::DELETE), "a");
    assert_eq!(admit(&tables::OTHER), "a");
    assert_eq!(admit(&tables::CREATE), REQUIRED);
}

#[test]
fn one_identifier_is_good_everywhere() {
    let two = Two::new();
    assert_eq!(two.caller(&[("vmware-api-session-id", "$a")]), "a");
    assert_eq!(two.rpc_caller(&[], Some(&session_ctx("$a"))), "a");
    assert!(two.sessions.resume(two.a.id()).unwrap().log_out());
    assert_eq!(two.caller(&[("vmware-api-session-id", "$a")]), REQUIRED);
    assert_eq!(two.rpc_caller(&[], Some(&session_ctx("$a"))), REQUIRED);
}

#[test]
fn nothing_shown_is_quoted() {
    let secrets = ["hunter2", "aHVudGVyMg"];
    let shown: [&[(&str, &str)]; 5] = [
        &[("authorization", "hunter2")],
        &[("authorization", "Basic hunter2")],
        &[("authorization", "SIGN token=\"hunter2\"")],
        &[("authorization", "Basic eDpodW50ZXIy")],
        &[("vmware-api-session-id", "hunter2"), ("vmware-api-session-id", "hunter2")],
    ];
    let presented = shown.map(|shown| Presented::from_headers(&headers(shown))).into_iter();
    let in_body = security(&USER_PASS.replace(PASSWORD, "hunter2"));
    let presented = presented.chain([Presented::from_security_context(&HeaderMap::new(), Some(&in_body))]);
    let two = Two::new();
    for presented in presented {
        let debug = format!("{presented:?}");
        let admitted = [&tables::OTHER, &tables::CREATE]
            .map(|operation| format!("{:?}", two.service.admit(operation, presented.clone())));
        for text in [debug, admitted.concat()] {
            assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
        }
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: &[&str] = &[
        "Basic ",
        "basic",
        "SIGN ",
        "Bearer ",
        " ",
        "=",
        ";",
        ":",
        ",",
        "\"",
        "vmware-api-session-id",
        "eDp5",
        "eDp5=",
        "Og==",
        "/w==",
    ];
    prop_oneof![
        4 => select(known).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..6).prop_map(|pieces| pieces.concat())
}

fn security_strategy() -> impl Strategy<Value = Security> {
    let scheme = prop_oneof![
        3 => select(&["no_authentication", "user_pass", "session_id", "oauth"][..]).prop_map(|scheme| {
            format!("com.vmware.vapi.std.security.{scheme}")
        }),
        1 => "\\PC{0,9}",
    ];
    let text = prop::option::of("\\PC{0,9}");
    (scheme, text.clone(), text.clone(), text).prop_map(|(scheme_id, user_name, password, session_id)| {
        Security {
            scheme_id,
            user_name,
            password: password.map(Secret::from),
            session_id: session_id.map(Secret::from),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Whatever is shown, nobody is let in with it and nothing panics.
    #[test]
    fn garbage_lets_nobody_in(
        values in prop::collection::vec((select(&["authorization", "cookie", "vmware-api-session-id"][..]), value()), 0..4),
        security in security_strategy(),
    ) {
        let two = Two::new();
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            if let Ok(value) = http::HeaderValue::from_bytes(&value) {
                headers.append(name, value);
            }
        }
        for presented in [
            Presented::from_headers(&headers),
            Presented::from_security_context(&headers, Some(&security)),
        ] {
            let said = said(two.service.admit(&tables::OTHER, presented));
            prop_assert!(said.starts_with(REQUIRED), "{said}");
        }
    }
}
