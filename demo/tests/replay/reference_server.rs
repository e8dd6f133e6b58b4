//! The official SDK's own server stack, request by request: our router with the same implementation behind it gives the same
//! replies.

use vapi::content::library::item::update_session as session;
use vapi::content::library::item::updatesession::file;
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel, UpdateSessionModelState};
use vapi::runtime::{Context, DynamicStructure, Failure, Router, Value};
use vapi::vapi::std::LocalizableMessage;
use vapi::vapi::std::errors::{ErrorType, NotAllowedInCurrentState, NotFound};

use super::{answer, dictionary, fixtures, json};

/// Where our router answers otherwise, and why.
const DEVIATIONS: &[(&str, &str)] = &[
    ("not_json", "the text of `data` is the parser's"),
    ("batch", "the text of `data` is ours"),
    ("notification_no_id", "the reference server breaks; ours says that the id is missing"),
    ("create_min", PRESENCE),
    ("create_bad_enum", PRESENCE),
    ("list_bare_value_for_optional", "the reference server breaks; ours says what is wrong with the value"),
    ("keep_alive_bigint", "a long has 64 bits: the reference server hands on more"),
    (
        "fail_python_exception",
        "an implementation's exception is logged, its text is none of the caller's business",
    ),
    ("fail_undeclared_busy", "cannot happen: an implementation's errors are typed"),
    ("complete_bad_impl_output", "cannot happen: an implementation's results are typed"),
];

const PRESENCE: &str = "what a create needs is checked before the implementation is asked, which the reference server leaves to it";

struct Reference;

impl session::UpdateSession for Reference {
    async fn create(
        &self,
        _: &Context,
        _: session::CreateInput,
    ) -> Result<UpdateSessionId, Failure<session::CreateError>> {
        Ok("new-1".into())
    }
    async fn get(
        &self,
        _: &Context,
        _: session::GetInput,
    ) -> Result<UpdateSessionModel, Failure<session::GetError>> {
        Ok(UpdateSessionModel::new()
            .id("obj-103")
            .library_item_id("obj-7")
            .library_item_content_version("2")
            .error_message(LocalizableMessage::new("i", "d", vec!["x".to_owned()]))
            .client_progress(10)
            .state(UpdateSessionModelState::Active)
            .expiration_time("2013-06-06T22:13:05.000Z".parse().unwrap()))
    }
    async fn list(
        &self,
        _: &Context,
        _: session::ListInput,
    ) -> Result<Vec<UpdateSessionId>, Failure<session::ListError>> {
        Ok(vec!["obj-103".into(), "obj-104".into()])
    }
    async fn complete(
        &self,
        _: &Context,
        _: session::CompleteInput,
    ) -> Result<(), Failure<session::CompleteError>> {
        Ok(())
    }
    async fn keep_alive(
        &self,
        _: &Context,
        _: session::KeepAliveInput,
    ) -> Result<(), Failure<session::KeepAliveError>> {
        Ok(())
    }
    async fn cancel(
        &self,
        _: &Context,
        _: session::CancelInput,
    ) -> Result<(), Failure<session::CancelError>> {
        Ok(())
    }
    async fn fail(&self, _: &Context, input: session::FailInput) -> Result<(), Failure<session::FailError>> {
        match input.update_session_id.as_str() {
            "nf" => {
                let message =
                    LocalizableMessage::new("com.x.nf", "Session nf was not found", vec!["nf".to_owned()]);
                Err(NotFound::new(vec![message]).error_type(ErrorType::NotFound).into())
            }
            "data" => {
                let fields =
                    [("primary", Value::Text("a".to_owned())), ("secondary", Value::List(Vec::new()))];
                let data = DynamicStructure {
                    name: Some("com.vmware.vapi.std.errors.argument_locations".to_owned()),
                    fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                };
                let error = NotAllowedInCurrentState::new(Vec::new()).data(data);
                Err(error.error_type(ErrorType::NotAllowedInCurrentState).into())
            }
            _ => Ok(()),
        }
    }
    async fn delete(
        &self,
        _: &Context,
        _: session::DeleteInput,
    ) -> Result<(), Failure<session::DeleteError>> {
        Ok(())
    }
    async fn update(
        &self,
        _: &Context,
        _: session::UpdateInput,
    ) -> Result<(), Failure<session::UpdateError>> {
        Ok(())
    }
}

impl file::File for Reference {
    async fn validate(
        &self,
        _: &Context,
        _: file::ValidateInput,
    ) -> Result<file::ValidationResult, Failure<file::ValidateError>> {
        Ok(file::ValidationResult::new(false, ["a".to_owned()].into(), Vec::new()))
    }
    async fn add(&self, _: &Context, _: file::AddInput) -> Result<file::Info, Failure<file::AddError>> {
        unasked()
    }
    async fn remove(&self, _: &Context, _: file::RemoveInput) -> Result<(), Failure<file::RemoveError>> {
        unasked()
    }
    async fn list(
        &self,
        _: &Context,
        _: file::ListInput,
    ) -> Result<Vec<file::Info>, Failure<file::ListError>> {
        unasked()
    }
    async fn get(&self, _: &Context, _: file::GetInput) -> Result<file::Info, Failure<file::GetError>> {
        unasked()
    }
}

fn unasked<T, E>() -> Result<T, Failure<E>> {
    Err(Failure::undeclared("no capture asks for this"))
}

#[test]
fn replies_are_those_of_the_reference_server() {
    let router =
        Router::new().mount(session::UpdateSessionServer(Reference)).mount(file::FileServer(Reference));
    let (mut n_same, mut n_deviating) = (0, 0);
    for (name, capture) in fixtures("json_rpc_reference_server") {
        let (request, reply) = capture.split_once("\n<<< HEADERS ").unwrap();
        let (headers, body) = request.trim_start_matches(">>> BODY").split_once('\n').unwrap();
        let (wanted_headers, wanted) = reply.split_once('\n').unwrap();
        let mut request = http::Request::post("/api").header("content-type", "application/json");
        for (name, value) in dictionary(headers) {
            request = request.header(name, value);
        }
        let reply = answer(&router, request.body(body.trim().to_owned().into()).unwrap());
        let got = json(std::str::from_utf8(reply.body()).unwrap());
        assert_eq!(reply.status(), 200, "{name}");
        assert_eq!(reply.headers()["content-type"], "application/json", "{name}");

        let wanted = wanted.trim();
        let vapi_error = reply.headers().get("vapi-error").map(|id| id.to_str().unwrap());
        let is_same = wanted.starts_with('{')
            && got == json(wanted)
            && vapi_error == dictionary(wanted_headers).get("vapi-error").map(String::as_str);
        let deviation = DEVIATIONS.iter().find(|(deviating, _)| *deviating == name);
        assert_eq!(is_same, deviation.is_none(), "{name}: {got}\nnot {wanted}");
        match deviation {
            Some(_) => n_deviating += 1,
            None => n_same += 1,
        }
    }
    assert_eq!((n_same, n_deviating), (37, DEVIATIONS.len()));
}
