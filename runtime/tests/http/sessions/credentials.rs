//! `Authorization`, read strictly: what is a user and a password, and what is not.

use vapi_runtime::server::{Admitted, Credentials, Presented, SessionLimits};

use super::{headers, service, sessions, tables};

/// User and password of these `Authorization` headers, or the last thing that is said instead.
#[track_caller]
fn check_login(authorization: &[&str], expected: Result<(&str, &str), &str>) {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let shown: Vec<_> = authorization.iter().map(|value| ("authorization", *value)).collect();
    let admitted = service(&sessions).admit(&tables::CREATE, Presented::from_headers(&headers(&shown)));
    let said = match admitted {
        Ok(Admitted::LoggingIn(Credentials::UserPassword { user, password })) => {
            Ok((user, password.expose().to_owned()))
        }
        Ok(other) => panic!("{other:?}"),
        Err(fault) => Err(fault.messages().last().unwrap().default_message.clone()),
    };
    let expected =
        expected.map(|(user, password)| (user.to_owned(), password.to_owned())).map_err(str::to_owned);
    assert_eq!(said, expected, "{authorization:?}");
}

fn basic(text: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
}

#[test]
fn user_and_password() {
    check_login(&["Basic dXNlcjpwYXNz"], Ok(("user", "pass")));
    check_login(&["basic dXNlcjpwYXNz"], Ok(("user", "pass")));
    check_login(&["BASIC   dXNlcjpwYXNz "], Ok(("user", "pass")));
    check_login(&[&basic("user:a:b::")], Ok(("user", "a:b::")));
    check_login(&[&basic("user:")], Ok(("user", "")));
    check_login(&[&basic(":pass")], Ok(("", "pass")));
    check_login(&[&basic(" us er : pass ")], Ok((" us er ", " pass ")));
    check_login(&[&basic("jürgen:päß\u{1f511}")], Ok(("jürgen", "päß\u{1f511}")));
    let long = "x".repeat(10_000);
    check_login(&[&basic(format!("u:{long}"))], Ok(("u", &long)));
}

#[test]
fn what_is_neither() {
    let malformed = |reason: &str| format!("Authorization cannot be read: {reason}");
    let check = |authorization: &[&str], reason: &str| check_login(authorization, Err(&malformed(reason)));
    check(&["Basic"], "it has no colon between user and password");
    check(&["Basic "], "it has no colon between user and password");
    check(&["Basic dXNlcg=="], "it has no colon between user and password");
    check(&["Basic dXNlcjpwYXN"], "it is no base64");
    check(&["Basic dXNlcjpwYXNz="], "it is no base64");
    check(&["Basic dXNlcjo"], "it is no base64");
    check(&["Basic dXNlcjo_"], "it is no base64");
    check(&["Basic dXNl cjpw"], "it is no base64");
    check(&["Basic user:pass"], "it is no base64");
    check(&["Basic realm=x, x"], "it is no base64");
    check(&[&basic(b"user:\xff")], "it is no UTF-8");
    check(&[&basic("user:pa\0ss")], "it has control characters");
    check(&[&basic("us\ner:pass")], "it has control characters");
    check(&["dXNlcjpwYXNz"], "it has no scheme that is known");
    check(&["Basicx dXNlcjpwYXNz"], "it has no scheme that is known");
    check(&[""], "it has no scheme that is known");
    check(&["Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz"], "there is more than one");
}

#[test]
fn other_schemes_are_named() {
    let expected =
        |scheme: &str| format!("This needs the scheme com.vmware.vapi.std.security.user_pass, not {scheme}");
    check_login(&["SIGN token=\"x\""], Err(&expected("SIGN")));
    check_login(&["sign token=\"x\""], Err(&expected("SIGN")));
    check_login(&["Bearer x"], Err(&expected("Bearer")));
    check_login(&["Negotiate x"], Err(&expected("Negotiate")));
}
