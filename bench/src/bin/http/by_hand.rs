//! `get` and `fail` of update sessions as one would write them for these two surfaces alone: axum, and serde's derives.
//!
//! The same data behind the same kind of lock as `ours`, answers equal to the byte but for wording of errors.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Serialize, Serializer};

use crate::sample;

/// Both surfaces.
pub(crate) fn router() -> axum::Router {
    axum::Router::new()
        .route("/api/content/library/item/update-session/{id}", get(get_rest).post(act_rest))
        .route(
            "/rest/com/vmware/content/library/item/update-session/id:{id}",
            get(get_legacy).post(act_legacy),
        )
        .with_state(Sessions::sample())
}

#[derive(Clone, Debug, Serialize)]
struct Session {
    client_progress: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<Message>,
    #[serde(serialize_with = "with_milliseconds")]
    expiration_time: Timestamp,
    id: String,
    library_item_content_version: String,
    library_item_id: String,
    state: SessionState,
}

#[derive(Clone, Debug, Serialize)]
struct Message {
    args: Vec<String>,
    default_message: String,
    id: String,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum SessionState {
    Active,
    Error,
}

/// `2013-06-06T22:13:05.250Z`: what is below `/api` and `/rest` always has three digits.
fn with_milliseconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    let mut text = String::with_capacity(24);
    PRINTER.print_timestamp(time, &mut text).map_err(serde::ser::Error::custom)?;
    serializer.serialize_str(&text)
}

#[derive(Clone)]
struct Sessions(Arc<Mutex<HashMap<String, Session>>>);

impl Sessions {
    fn sample() -> Sessions {
        let session = |id: String| Session {
            client_progress: sample::PROGRESS,
            error_message: Some(client_error(sample::MESSAGE.to_owned())),
            expiration_time: Timestamp::from_millisecond(sample::EXPIRES_MS).unwrap_or_default(),
            id,
            library_item_content_version: sample::VERSION.to_owned(),
            library_item_id: sample::ITEM.to_owned(),
            state: SessionState::Active,
        };
        let ids = (0..sample::N_SESSIONS).map(sample::id);
        Sessions(Arc::new(Mutex::new(ids.map(|id| (id.clone(), session(id))).collect())))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, id: &str) -> Result<Session, Refusal> {
        self.held().get(id).cloned().ok_or_else(|| Refusal::not_found(id))
    }

    fn fail(&self, id: &str, message: String) -> Result<(), Refusal> {
        let mut held = self.held();
        let session = held.get_mut(id).ok_or_else(|| Refusal::not_found(id))?;
        session.state = SessionState::Error;
        session.error_message = Some(client_error(message));
        Ok(())
    }
}

fn client_error(default_message: String) -> Message {
    Message { args: Vec::new(), default_message, id: sample::MESSAGE_ID.to_owned() }
}

/// Parameters of `fail` that are not in the path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fail {
    client_error_message: String,
}

#[derive(Debug, Deserialize)]
struct RestAction {
    action: String,
}

#[derive(Debug, Deserialize)]
struct LegacyAction {
    #[serde(rename = "~action")]
    action: String,
}

async fn get_rest(
    State(sessions): State<Sessions>,
    Path(id): Path<String>,
) -> Result<Json<Session>, RestError> {
    Ok(Json(sessions.get(&id)?))
}

async fn act_rest(
    State(sessions): State<Sessions>,
    Path(id): Path<String>,
    query: Result<Query<RestAction>, QueryRejection>,
    body: Result<Json<Fail>, JsonRejection>,
) -> Result<StatusCode, RestError> {
    let Query(RestAction { action }) = query.map_err(Refusal::from)?;
    act(&sessions, &id, &action, body)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What results stand in below `/rest`.
#[derive(Serialize)]
struct Envelope<T> {
    value: T,
}

async fn get_legacy(
    State(sessions): State<Sessions>,
    Path(id): Path<String>,
) -> Result<Json<Envelope<Session>>, LegacyError> {
    Ok(Json(Envelope { value: sessions.get(&id)? }))
}

async fn act_legacy(
    State(sessions): State<Sessions>,
    Path(id): Path<String>,
    query: Result<Query<LegacyAction>, QueryRejection>,
    body: Result<Json<Fail>, JsonRejection>,
) -> Result<StatusCode, LegacyError> {
    let Query(LegacyAction { action }) = query.map_err(Refusal::from)?;
    act(&sessions, &id, &action, body)?;
    Ok(StatusCode::OK)
}

fn act(
    sessions: &Sessions,
    id: &str,
    action: &str,
    body: Result<Json<Fail>, JsonRejection>,
) -> Result<(), Refusal> {
    if action != "fail" {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "operation_not_found",
            format!("There is no {action}"),
        ));
    }
    let Json(Fail { client_error_message }) = body?;
    sessions.fail(id, client_error_message)
}

/// Why there is no result, on either surface.
struct Refusal {
    status: StatusCode,
    /// Last part of the error's name.
    error: &'static str,
    message: Message,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, default_message: String) -> Refusal {
        let message = Message { args: Vec::new(), default_message, id: format!("com.example.{error}") };
        Refusal { status, error, message }
    }

    fn not_found(id: &str) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "not_found", format!("There is no update session {id}"))
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "invalid_argument", rejection.body_text())
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "invalid_argument", rejection.body_text())
    }
}

/// As it looks below `/api`.
struct RestError(Refusal);

impl From<Refusal> for RestError {
    fn from(refusal: Refusal) -> RestError {
        RestError(refusal)
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error_type: String,
            messages: [Message; 1],
        }
        let RestError(Refusal { status, error, message }) = self;
        (status, Json(Body { error_type: error.to_ascii_uppercase(), messages: [message] })).into_response()
    }
}

/// As it looks below `/rest`.
struct LegacyError(Refusal);

impl From<Refusal> for LegacyError {
    fn from(refusal: Refusal) -> LegacyError {
        LegacyError(refusal)
    }
}

impl IntoResponse for LegacyError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            #[serde(rename = "type")]
            name: String,
            value: Value,
        }
        #[derive(Serialize)]
        struct Value {
            messages: [Message; 1],
        }
        let LegacyError(Refusal { status, error, message }) = self;
        let name = format!("com.vmware.vapi.std.errors.{error}");
        (status, Json(Body { name, value: Value { messages: [message] } })).into_response()
    }
}
