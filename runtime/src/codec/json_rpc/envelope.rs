//! Envelopes: of calls as a server reads and a client writes them, of replies the other way round.
//!
//! In and out: bytes on one side, the parts of an envelope on the other, values still as raw JSON.
//! Not here: values.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, HeaderName};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::data::Data;
use super::write::write_structure;
use super::{Application, Input};
use crate::Secret;
use crate::codec::quoted::push_quoted;
use crate::codec::{DecodeError, DecodeKind, EncodeError};
use crate::data::Structure;
use crate::execution::{ExecutionContext, OP_ID, SecurityContext};
use crate::table::OperationTable;

/// The identifier of a call, in the very bytes that its reply repeats: text, number or `null`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id(String);

impl Id {
    /// `null`: of replies to what could not be read.
    #[must_use]
    pub fn null() -> Id {
        Id("null".to_owned())
    }
}

/// A call.
#[derive(Debug)]
pub struct Request<'b> {
    /// Its identifier.
    pub id: Id,
    /// Canonical name of the service.
    pub service: Cow<'b, str>,
    /// Name of the operation.
    pub operation: Cow<'b, str>,
    /// The parameters.
    pub input: Option<Input<'b>>,
    /// Circumstances that the caller tells, `opId` and the like.
    pub application: Application,
    /// Who calls.
    pub security: Option<Security>,
}

/// How a call says who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Security {
    /// Canonical name of the scheme, `com.vmware.vapi.std.security.user_pass`.
    pub scheme_id: String,
    /// Name of the user, of `user_pass`.
    pub user_name: Option<String>,
    /// Password, of `user_pass`.
    #[serde(default, deserialize_with = "secret")]
    pub password: Option<Secret>,
    /// Identifier of the login session, of `session_id`.
    #[serde(default, deserialize_with = "secret")]
    pub session_id: Option<Secret>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::from))
}

/// Canonical names of the schemes that are spoken here.
pub(crate) const USER_PASSWORD_SCHEME: &str = "com.vmware.vapi.std.security.user_pass";
pub(crate) const SESSION_SCHEME: &str = "com.vmware.vapi.std.security.session_id";

/// A body that is no call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolFailure {
    id: Id,
    code: i64,
    message: &'static str,
    data: Option<String>,
}

impl fmt::Display for ProtocolFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JSON-RPC error {}: {}", self.code, self.message)?;
        self.data.iter().try_for_each(|data| write!(f, " ({data})"))
    }
}

impl ProtocolFailure {
    fn new(id: Id, code: i64, message: &'static str) -> ProtocolFailure {
        ProtocolFailure { id, code, message, data: None }
    }

    fn because(mut self, data: impl Into<String>) -> ProtocolFailure {
        self.data = Some(data.into());
        self
    }

    /// The parameters are not in the protocol's notation.
    fn invalid_params(id: Id) -> ProtocolFailure {
        ProtocolFailure::new(id, -32602, "Invalid params.")
    }

    fn invalid_request() -> ProtocolFailure {
        ProtocolFailure::new(Id::null(), -32600, "Invalid Request.")
    }

    /// The body could not be received.
    pub(crate) fn not_received(reason: &str) -> ProtocolFailure {
        ProtocolFailure::invalid_request().because(reason)
    }
}

/// A call as it should be, which is read in one go.
#[derive(Deserialize)]
struct Call<'b> {
    #[serde(borrow)]
    jsonrpc: Cow<'b, str>,
    #[serde(borrow)]
    method: Cow<'b, str>,
    #[serde(borrow)]
    params: Params<'b>,
    #[serde(borrow)]
    id: &'b RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params<'b> {
    #[serde(borrow)]
    service_id: Cow<'b, str>,
    #[serde(borrow)]
    operation_id: Cow<'b, str>,
    #[serde(borrow, default, deserialize_with = "data")]
    input: Option<Data<'b>>,
    ctx: Circumstances,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Circumstances {
    app_ctx: Application,
    security_ctx: Option<Security>,
}

/// A value that `null` is one of.
fn data<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Data<'de>>, D::Error> {
    Data::deserialize(deserializer).map(Some)
}

/// Reads a call.
///
/// A notification, which has no `id`, is refused: HTTP owes it a reply, and nobody sends any.
///
/// # Errors
/// What the caller is to be told, by [`encode_protocol_failure`].
pub fn decode_request(body: &[u8]) -> Result<Request<'_>, ProtocolFailure> {
    let body = std::str::from_utf8(body).map_err(|error| parse_error(error.to_string()))?;
    let call = match serde_json::from_str::<Call<'_>>(body) {
        Ok(call) if call.jsonrpc == "2.0" && call.method == "invoke" && is_id(call.id) => call,
        _ => return Err(why_no_call(body)),
    };
    let Params { service_id: service, operation_id: operation, input, ctx } = call.params;
    Ok(Request {
        id: Id(call.id.get().to_owned()),
        service,
        operation,
        input: input.map(Input),
        application: ctx.app_ctx,
        security: ctx.security_ctx,
    })
}

/// Text, a number or `null`.
fn is_id(id: &RawValue) -> bool {
    !id.get().starts_with(['{', '[', 't', 'f'])
}

fn parse_error(reason: String) -> ProtocolFailure {
    ProtocolFailure::new(Id::null(), -32700, "Parse error.").because(reason)
}

/// The envelope of whatever claims to be a call.
#[derive(Deserialize)]
struct Claim<'b> {
    jsonrpc: Option<Value>,
    method: Option<Value>,
    #[serde(borrow, default, deserialize_with = "raw")]
    id: Option<&'b RawValue>,
}

/// A member as it stands; `null` is one that is there.
fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// What is wrong with a body that is no call, looked at in the reference server's order.
fn why_no_call(body: &str) -> ProtocolFailure {
    let claim: Claim<'_> = match serde_json::from_str(body) {
        Ok(claim) => claim,
        Err(error) if error.is_data() => {
            return ProtocolFailure::invalid_request().because(error.to_string());
        }
        Err(error) => return parse_error(error.to_string()),
    };
    if claim.jsonrpc != Some(Value::from("2.0")) {
        return ProtocolFailure::invalid_request();
    }
    let Some(id) = claim.id else {
        return ProtocolFailure::invalid_request().because("the id is missing");
    };
    if !is_id(id) {
        return ProtocolFailure::invalid_request().because("the id is neither text nor a number");
    }
    let id = Id(id.get().to_owned());
    if claim.method != Some(Value::from("invoke")) {
        return ProtocolFailure::new(id, -32601, "Method not found.");
    }
    ProtocolFailure::invalid_params(id)
}

/// Whether the headers that repeat service and operation say the same as the envelope, where they are there.
///
/// # Errors
/// When one of them does not, or is alone.
pub fn check_headers(headers: &HeaderMap, request: &Request<'_>) -> Result<(), ProtocolFailure> {
    const SERVICE: HeaderName = HeaderName::from_static("vapi-service");
    const OPERATION: HeaderName = HeaderName::from_static("vapi-operation");
    let (service, operation) = (headers.get(SERVICE), headers.get(OPERATION));
    let is_same = service.is_some_and(|service| service.as_bytes() == request.service.as_bytes())
        && operation.is_some_and(|operation| operation.as_bytes() == request.operation.as_bytes());
    if (service.is_none() && operation.is_none()) || is_same {
        return Ok(());
    }
    // As the reference server has it, to the letter.
    let message = "Mismatching operation identifier in HTTP headerand payload";
    Err(ProtocolFailure::new(request.id.clone(), -31001, message))
}

/// What every reply begins with.
pub(super) fn begin_reply(id: &Id) -> Vec<u8> {
    const CAPACITY_AT_FIRST: usize = 1024;
    let mut out = Vec::with_capacity(CAPACITY_AT_FIRST);
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.extend_from_slice(id.0.as_bytes());
    out.push(b',');
    out
}

/// Writes the reply to a body that is no call.
#[must_use]
pub fn encode_protocol_failure(failure: &ProtocolFailure) -> Vec<u8> {
    let mut out = begin_reply(&failure.id);
    out.extend_from_slice(format!("\"error\":{{\"code\":{},\"message\":", failure.code).as_bytes());
    push_quoted(&mut out, failure.message);
    if let Some(data) = &failure.data {
        out.extend_from_slice(b",\"data\":");
        push_quoted(&mut out, data);
    }
    out.extend_from_slice(b"}}");
    out
}

/// Writes a call.
///
/// # Errors
/// As [`super::super::json::encode_input`].
pub fn encode_request(
    table: &OperationTable,
    input: &dyn Structure,
    cx: &ExecutionContext,
    id: &str,
) -> Result<Vec<u8>, EncodeError> {
    const CAPACITY_AT_FIRST: usize = 512;
    let mut out = Vec::with_capacity(CAPACITY_AT_FIRST);
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"method\":\"invoke\",\"params\":{\"serviceId\":");
    push_quoted(&mut out, table.service);
    out.extend_from_slice(b",\"operationId\":");
    push_quoted(&mut out, table.name);
    out.extend_from_slice(b",\"input\":");
    write_structure(&mut out, input, 2)?;
    out.extend_from_slice(b",\"ctx\":{\"appCtx\":{");
    if let Some(op_id) = &cx.op_id {
        write_member(&mut out, OP_ID, op_id);
    }
    out.push(b'}');
    if let Some(security) = &cx.security {
        out.extend_from_slice(b",\"securityCtx\":{");
        write_security(&mut out, security);
        out.push(b'}');
    }
    out.extend_from_slice(b"}},\"id\":");
    push_quoted(&mut out, id);
    out.push(b'}');
    Ok(out)
}

fn write_security(out: &mut Vec<u8>, security: &SecurityContext) {
    let members: &[(&str, &str)] = match security {
        SecurityContext::UserPassword { user, password } => {
            &[("schemeId", USER_PASSWORD_SCHEME), ("userName", user), ("password", password.expose())]
        }
        SecurityContext::Session(id) => &[("schemeId", SESSION_SCHEME), ("sessionId", id.expose())],
    };
    for (idx, (name, value)) in members.iter().enumerate() {
        if idx > 0 {
            out.push(b',');
        }
        write_member(out, name, value);
    }
}

fn write_member(out: &mut Vec<u8>, name: &str, value: &str) {
    push_quoted(out, name);
    out.push(b':');
    push_quoted(out, value);
}

/// What a reply's envelope holds.
pub(super) enum Reply<'b> {
    Result(ReplyResult<'b>),
    /// An error of JSON-RPC itself.
    Failure {
        code: i64,
        message: String,
    },
}

#[derive(Deserialize)]
pub(super) struct ReplyResult<'b> {
    #[serde(borrow, default, deserialize_with = "data")]
    pub(super) output: Option<Data<'b>>,
    #[serde(borrow, default, deserialize_with = "data")]
    pub(super) error: Option<Data<'b>>,
}

#[derive(Deserialize)]
struct ReplyEnvelope<'b> {
    jsonrpc: Option<Value>,
    id: Option<Value>,
    #[serde(borrow)]
    result: Option<ReplyResult<'b>>,
    error: Option<ReplyFailure>,
}

#[derive(Deserialize)]
struct ReplyFailure {
    code: i64,
    #[serde(default)]
    message: String,
    data: Option<Value>,
}

/// Reads a reply's envelope. The id has to be the request's, unless the server could not read that.
pub(super) fn decode_reply<'b>(body: &'b [u8], id: &str) -> Result<Reply<'b>, DecodeError> {
    let wrong = |text: String| {
        let kind = DecodeKind::Syntax { line: 1, column: 1, text };
        DecodeError { path: String::new(), kind }
    };
    let body = std::str::from_utf8(body).map_err(|error| wrong(error.to_string()))?;
    let envelope: ReplyEnvelope<'_> = serde_json::from_str(body).map_err(|error| super::syntax(&error))?;
    if envelope.jsonrpc != Some(Value::from("2.0")) {
        return Err(wrong("it is no JSON-RPC 2.0 reply".to_owned()));
    }
    let is_same_id = envelope.id == Some(Value::from(id));
    if let Some(ReplyFailure { code, message, data }) = envelope.error {
        let is_unreadable = matches!(code, -32700 | -32600) && envelope.id.is_none();
        if !is_same_id && !is_unreadable {
            return Err(wrong(format!("its id is {}, not \"{id}\"", shown(envelope.id))));
        }
        let data = data.as_ref().and_then(Value::as_str).map(|data| format!(" ({data})"));
        return Ok(Reply::Failure { code, message: message + &data.unwrap_or_default() });
    }
    if !is_same_id {
        return Err(wrong(format!("its id is {}, not \"{id}\"", shown(envelope.id))));
    }
    let result = envelope.result.ok_or_else(|| wrong("it has neither a result nor an error".to_owned()))?;
    Ok(Reply::Result(result))
}

fn shown(id: Option<Value>) -> String {
    id.map_or_else(|| "null".to_owned(), |id| id.to_string())
}
