//! A program that calls the API, tested without a server: `vapi::runtime::mock` with the generated operations.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use vapi::content::library::item::UpdateSessionModel;
use vapi::content::library::item::update_session::{self, Complete, Create, Fail, Get, UpdateSessionServer};
use vapi::runtime::client::{Local, Retry, TransportErrorKind};
use vapi::runtime::mock::{Mock, declared_errors, each_error};
use vapi::runtime::server::{Message, StandardError};
use vapi::runtime::{Context, Error, Failure, Fault, Representation, Router, Surface};
use vapi::vapi::std::errors::NotFound;

fn mock() -> Mock {
    Mock::new(vapi::services())
}

/// A client that sends everything once.
fn client(mock: &Mock) -> vapi::Client {
    mock.client().retry(Retry::never()).into()
}

#[test]
fn answers_on_every_surface() {
    for surface in Surface::ALL {
        let mock = mock();
        mock.on::<Create>().returns("session-1".into());
        let client = vapi::Client::from(mock.client().surface(surface));
        let made = client.update_session().create(UpdateSessionModel::for_create("item-1")).wait();
        assert_eq!(made.unwrap().as_str(), "session-1", "{surface:?}");
        let calls = mock.calls::<Create>();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].create_spec.library_item_id.as_ref().unwrap().as_str(), "item-1", "{surface:?}");
        assert_eq!(mock.all_calls()[0].operation.name, "create");
    }
}

#[test]
fn the_first_rule_for_a_call_counts() {
    let mock = mock();
    mock.on::<Fail>().when(|input| input.update_session_id.as_str() == "gone").fails(NotFound::new(vec![]));
    mock.on::<Fail>().times(2).returns(());
    mock.on::<Fail>().nth(4).refuses_connection();
    let fail = |id: &str| client(&mock).update_session().fail(id, "disk full").wait();
    assert!(fail("a").is_ok());
    assert!(matches!(fail("gone"), Err(Error::Documented { status, .. }) if status == 404));
    assert!(fail("b").is_ok());
    let Err(Error::Transport(refused)) = fail("c") else { panic!("there is a connection") };
    assert_eq!(refused.kind(), TransportErrorKind::Connect);
}

#[test]
fn answers_follow_the_parameters() {
    let mock = mock();
    mock.on::<Get>().answers(|input| match input.update_session_id.as_str() {
        "there" => Ok(UpdateSessionModel::new().client_progress(40)),
        _ => Err(NotFound::new(vec![]).into()),
    });
    let get = |id: &str| client(&mock).update_session().get(id).wait();
    assert_eq!(get("there").unwrap().client_progress, Some(40));
    assert!(get("gone").is_err());
}

#[tokio::test(start_paused = true)]
async fn latency_takes_no_time() {
    let mock = mock();
    mock.on::<Get>().after(Duration::from_secs(3600)).returns(UpdateSessionModel::new());
    let call = client(&mock).update_session().get("a").timeout(Duration::from_secs(60));
    let Err(Error::Transport(late)) = call.await else { panic!("an hour is no minute") };
    assert_eq!(late.kind(), TransportErrorKind::Timeout);
}

#[test]
fn a_reply_can_be_cut_or_lost() {
    let mock = mock();
    mock.on::<Get>().nth(1).cut(5).returns(UpdateSessionModel::new());
    mock.on::<Get>().nth(2).lost().returns(UpdateSessionModel::new());
    let get = || client(&mock).update_session().get("a").wait();
    assert!(matches!(get(), Err(Error::BadPayload { bytes, .. }) if bytes.len() == 5));
    assert!(matches!(get(), Err(Error::Transport(e)) if e.kind() == TransportErrorKind::Interrupted));
}

#[test]
fn a_proxy_may_answer() {
    let mock = mock();
    let mut page = http::Response::new("<html>".into());
    *page.status_mut() = http::StatusCode::BAD_GATEWAY;
    mock.on::<Get>().replies(page);
    let answer = client(&mock).update_session().get("a").wait();
    assert!(answer.is_err_and(|error| error.is_retryable()));
}

#[test]
fn everybody_may_log_in_and_the_surface_is_found() {
    let mock = mock();
    mock.on::<Get>().returns(UpdateSessionModel::new());
    let client = vapi::runtime::Client::with_transport("http://a.test", mock.transport()).unwrap();
    let client = vapi::Client::from(client.credentials("ada", "secret"));
    client.update_session().get("a").wait().unwrap();
    let calls = mock.all_calls();
    let last = calls.last().unwrap();
    assert_eq!((last.operation.name, last.surface), ("get", Surface::Rest));
    assert_eq!(last.headers["vmware-api-session-id"], "mock-session");
}

#[test]
fn a_session_may_expire_between_two_calls() {
    let mock = mock();
    let gone = Message::new("gone", "It is over", <[String; 0]>::default());
    mock.on::<Get>().times(1).fails(Fault::new(StandardError::Unauthenticated, gone));
    mock.on::<Get>().returns(UpdateSessionModel::new());
    let client = vapi::Client::from(mock.client().credentials("ada", "secret"));
    client.update_session().get("a").wait().unwrap();
    let names: Vec<_> = mock.all_calls().iter().map(|call| call.operation.name).collect();
    assert_eq!(names, ["create", "get", "create", "get"]);
}

/// What a mock says when it goes.
fn complaint(mock: Mock) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(mock))).expect_err("there is something to say");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn unexpected_calls_are_named() {
    let mock = mock();
    mock.on::<Get>().optional().returns(UpdateSessionModel::new());
    let error = client(&mock).update_session().fail("session-1", "disk full").wait().unwrap_err();
    for text in [error.to_string(), complaint(mock)] {
        for part in ["update_session.fail", "session-1", "disk full", "calls of", "update_session.get"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}

#[test]
fn rules_without_their_calls_are_named() {
    let mock = mock();
    mock.on::<Complete>().times(2).returns(());
    client(&mock).update_session().complete("a").wait().unwrap();
    assert!(
        complaint(mock).contains("2 calls of com.vmware.content.library.item.update_session.complete: 1")
    );
}

/// Answers `get` and nothing else.
struct OnlyGet;

macro_rules! never {
    ($($method:ident $input:ident $output:ty, $error:ident;)*) => {$(
        async fn $method(
            &self, _: &Context, _: update_session::$input,
        ) -> Result<$output, Failure<update_session::$error>> {
            Err(Failure::undeclared("not here"))
        }
    )*};
}

impl update_session::UpdateSession for OnlyGet {
    never! {
        create CreateInput vapi::content::library::item::UpdateSessionId, CreateError;
        list ListInput Vec<vapi::content::library::item::UpdateSessionId>, ListError;
        complete CompleteInput (), CompleteError;
        keep_alive KeepAliveInput (), KeepAliveError;
        cancel CancelInput (), CancelError;
        fail FailInput (), FailError;
        delete DeleteInput (), DeleteError;
        update UpdateInput (), UpdateError;
    }
    async fn get(
        &self,
        _: &Context,
        _: update_session::GetInput,
    ) -> Result<UpdateSessionModel, Failure<update_session::GetError>> {
        Ok(UpdateSessionModel::new().client_progress(1))
    }
}

#[test]
fn a_server_fails_at_will() {
    let router = Router::new().mount(UpdateSessionServer(OnlyGet));
    let mock = Mock::over(vapi::services(), Local(router));
    mock.on::<Get>().nth(2).lost().passes();
    let xml = Surface::Rest2014(Representation::Xml);
    let get = || client(&mock).update_session().get("a").surface(xml).wait();
    assert_eq!(get().unwrap().client_progress, Some(1));
    assert!(matches!(get(), Err(Error::Transport(_))));
    assert_eq!(get().unwrap().client_progress, Some(1));
    assert_eq!(mock.calls::<Get>().len(), 3);
}

#[tokio::test]
async fn each_declared_error_comes() {
    let ids = std::cell::RefCell::new(Vec::new());
    each_error::<Create>(async |error| {
        let mock = mock();
        mock.on::<Create>().fails(error.clone());
        let spec = UpdateSessionModel::for_create("item-1");
        match client(&mock).update_session().create(spec).await {
            Err(Error::Documented { error: came, .. }) => assert_eq!(came, error),
            other => panic!("{other:?}"),
        }
        ids.borrow_mut().push(error.to_string());
    })
    .await;
    let ids = ids.into_inner();
    assert_eq!(ids.len(), declared_errors::<Create>().len());
    assert!(ids[2].contains("not_found: `not_found`, as a test has it"), "{ids:?}");
}

#[tokio::test]
#[should_panic(expected = "1 of 2 errors of com.vmware.content.library.item.update_session.fail")]
async fn an_error_that_is_not_dealt_with_is_named() {
    each_error::<Fail>(async |error| {
        assert!(!matches!(error, update_session::FailError::NotFound(_)), "what now?");
    })
    .await;
}
