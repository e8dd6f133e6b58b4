//! The errors of the protocol itself: what a server says before an implementation was asked, or instead of it.
//!
//! A [`Fault`] knows its public text and, apart from it, what goes to the log; it becomes bytes through the same codecs and
//! tables as any error of an API, so it needs no generated code.
//! Not here: the errors an API declares.

use std::fmt;

use http::StatusCode;

use crate::data::{Data, Slot, Structure, View};
use crate::table::{StructureTable, Ty, Written};

/// The standard errors. Every operation may end in one, declared or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StandardError {
    /// What is to be made is there already.
    AlreadyExists,
    /// It is as it is wanted to be.
    AlreadyInDesiredState,
    /// Somebody has it ended.
    Canceled,
    /// It was changed since the caller looked.
    ConcurrentChange,
    /// Anything that no other error says.
    Error,
    /// A feature is in use.
    FeatureInUse,
    /// The server failed; nothing the caller can do.
    InternalServerError,
    /// A parameter is missing, of the wrong type, or wrong in itself.
    InvalidArgument,
    /// It is not configured for this.
    InvalidElementConfiguration,
    /// It is of another kind than this is for.
    InvalidElementType,
    /// The request cannot be read.
    InvalidRequest,
    /// Not in the state that it is in.
    NotAllowedInCurrentState,
    /// There is no such thing.
    NotFound,
    /// There is no such operation.
    OperationNotFound,
    /// Somebody else is at it.
    ResourceBusy,
    /// Something uses it.
    ResourceInUse,
    /// Something that the call needs cannot be reached or read.
    ResourceInaccessible,
    /// Something that the server needs is not there at the moment.
    ServiceUnavailable,
    /// Something took too long.
    TimedOut,
    /// There is no room for more.
    UnableToAllocateResource,
    /// It is not known who the caller is.
    Unauthenticated,
    /// The caller may not do this.
    Unauthorized,
    /// There is a parameter or field that the operation does not know.
    UnexpectedInput,
    /// The server cannot do this.
    Unsupported,
}

impl StandardError {
    /// Canonical name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            StandardError::AlreadyExists => "com.vmware.vapi.std.errors.already_exists",
            StandardError::AlreadyInDesiredState => "com.vmware.vapi.std.errors.already_in_desired_state",
            StandardError::Canceled => "com.vmware.vapi.std.errors.canceled",
            StandardError::ConcurrentChange => "com.vmware.vapi.std.errors.concurrent_change",
            StandardError::Error => "com.vmware.vapi.std.errors.error",
            StandardError::FeatureInUse => "com.vmware.vapi.std.errors.feature_in_use",
            StandardError::InternalServerError => "com.vmware.vapi.std.errors.internal_server_error",
            StandardError::InvalidArgument => "com.vmware.vapi.std.errors.invalid_argument",
            StandardError::InvalidElementConfiguration => {
                "com.vmware.vapi.std.errors.invalid_element_configuration"
            }
            StandardError::InvalidElementType => "com.vmware.vapi.std.errors.invalid_element_type",
            StandardError::InvalidRequest => "com.vmware.vapi.std.errors.invalid_request",
            StandardError::NotAllowedInCurrentState => {
                "com.vmware.vapi.std.errors.not_allowed_in_current_state"
            }
            StandardError::NotFound => "com.vmware.vapi.std.errors.not_found",
            StandardError::OperationNotFound => "com.vmware.vapi.std.errors.operation_not_found",
            StandardError::ResourceBusy => "com.vmware.vapi.std.errors.resource_busy",
            StandardError::ResourceInUse => "com.vmware.vapi.std.errors.resource_in_use",
            StandardError::ResourceInaccessible => "com.vmware.vapi.std.errors.resource_inaccessible",
            StandardError::ServiceUnavailable => "com.vmware.vapi.std.errors.service_unavailable",
            StandardError::TimedOut => "com.vmware.vapi.std.errors.timed_out",
            StandardError::UnableToAllocateResource => {
                "com.vmware.vapi.std.errors.unable_to_allocate_resource"
            }
            StandardError::Unauthenticated => "com.vmware.vapi.std.errors.unauthenticated",
            StandardError::Unauthorized => "com.vmware.vapi.std.errors.unauthorized",
            StandardError::UnexpectedInput => "com.vmware.vapi.std.errors.unexpected_input",
            StandardError::Unsupported => "com.vmware.vapi.std.errors.unsupported",
        }
    }

    /// Its name as error bodies have it in `error_type`: `NOT_FOUND`.
    #[must_use]
    pub fn error_type(self) -> String {
        let id = self.id();
        id.rsplit('.').next().unwrap_or(id).to_ascii_uppercase()
    }

    /// Status it travels with, unless the operation declares another one or HTTP has a closer one.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            StandardError::ConcurrentChange => StatusCode::CONFLICT,
            StandardError::Error | StandardError::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            StandardError::NotFound | StandardError::OperationNotFound => StatusCode::NOT_FOUND,
            StandardError::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            StandardError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            StandardError::Unauthenticated => StatusCode::UNAUTHORIZED,
            StandardError::Unauthorized => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// A standard error on its way to the caller.
#[derive(Clone, Debug)]
pub struct Fault {
    error: StandardError,
    status: StatusCode,
    messages: Vec<Message>,
    log: Option<String>,
    allow: Option<String>,
    challenge: Option<String>,
    is_unrouted: bool,
}

impl Fault {
    /// The error with one message.
    #[must_use]
    pub fn new(error: StandardError, message: Message) -> Fault {
        Fault {
            error,
            status: error.status(),
            messages: vec![message],
            log: None,
            allow: None,
            challenge: None,
            is_unrouted: false,
        }
    }

    /// Adds a message: what lies behind the ones before.
    #[must_use]
    pub fn and(mut self, message: Message) -> Fault {
        self.messages.push(message);
        self
    }

    /// Sets what is logged; the caller never sees it.
    #[must_use]
    pub fn log(mut self, text: impl Into<String>) -> Fault {
        self.log = Some(text.into());
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Fault {
        self.status = status;
        self
    }

    /// Says how the caller could have proved who it is; for [`StandardError::Unauthenticated`] and
    /// [`StandardError::Unauthorized`], the others have no room for it.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> Fault {
        self.challenge = Some(challenge.into());
        self
    }

    /// Sets the `Allow` header.
    pub(crate) fn allowing(mut self, methods: String) -> Fault {
        self.allow = Some(methods);
        self
    }

    /// Says that nothing is at the request's path.
    pub(crate) fn unrouted(mut self) -> Fault {
        self.is_unrouted = true;
        self
    }

    pub(crate) fn is_unrouted(&self) -> bool {
        self.is_unrouted
    }

    /// Which error it is.
    #[must_use]
    pub fn error(&self) -> StandardError {
        self.error
    }

    /// Status it travels with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What the caller is told.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// What the log is told.
    #[must_use]
    pub fn logged(&self) -> Option<&str> {
        self.log.as_deref()
    }

    pub(crate) fn allow(&self) -> Option<&str> {
        self.allow.as_deref()
    }

    pub(crate) fn challenged(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// Its payload, writable in every representation. Older servers do not say the error's type in it.
    pub(crate) fn payload(&self) -> impl Structure {
        self.payload_with(None)
    }

    /// Its payload with the error's type in it.
    pub(crate) fn typed_payload(&self) -> impl Structure {
        self.payload_with(Some(self.error.error_type()))
    }

    fn payload_with(&self, error_type: Option<String>) -> Payload {
        let has_challenge =
            matches!(self.error, StandardError::Unauthenticated | StandardError::Unauthorized);
        Payload {
            table: if has_challenge { &CHALLENGING_PAYLOAD } else { &PAYLOAD },
            messages: self.messages.iter().map(Message::writable).collect(),
            error_type,
            challenge: self.challenge.clone(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.id())?;
        self.messages.iter().try_for_each(|message| write!(f, ": {}", message.default_message))
    }
}

impl std::error::Error for Fault {}

/// A message that a program can translate: its id, the text in English, and what was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Stable id, `vapi.data.structure.field.missing`.
    pub id: String,
    /// English text with the arguments in it.
    pub default_message: String,
    /// The arguments, in the order the id defines.
    pub args: Vec<String>,
}

impl Message {
    /// Takes id, text and arguments.
    pub fn new<A: Into<String>>(
        id: impl Into<String>,
        default_message: impl Into<String>,
        args: impl IntoIterator<Item = A>,
    ) -> Message {
        Message {
            id: id.into(),
            default_message: default_message.into(),
            args: args.into_iter().map(Into::into).collect(),
        }
    }

    /// With the characters XML cannot hold replaced: a message often quotes what a caller sent.
    fn writable(&self) -> Message {
        let text = |text: &String| text.replace(|c| !is_xml_char(c), "\u{fffd}");
        Message {
            id: text(&self.id),
            default_message: text(&self.default_message),
            args: self.args.iter().map(text).collect(),
        }
    }
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A caller's text as it is quoted in messages: not without end.
pub(crate) fn quoted(text: &str) -> String {
    const CHARS_MAX: usize = 200;
    match text.char_indices().nth(CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The payload all standard errors have in common, and what those about the caller have besides.
#[derive(Debug)]
struct Payload {
    table: &'static StructureTable,
    messages: Vec<Message>,
    error_type: Option<String>,
    challenge: Option<String>,
}

static PAYLOAD: Written<StructureTable> = Written::new(
    "
    structure com.vmware.vapi.std.errors.error
    messages: List<com.vmware.vapi.std.localizable_message>
    data: dynamic_structure?
    error_type: string?
    pages data messages error_type
    ",
    &[Ty::Structure(&MESSAGE)],
);

static CHALLENGING_PAYLOAD: Written<StructureTable> = Written::new(
    "
    structure com.vmware.vapi.std.errors.unauthenticated
    messages: List<com.vmware.vapi.std.localizable_message>
    data: dynamic_structure?
    error_type: string?
    challenge: string?
    pages data messages error_type challenge
    ",
    &[Ty::Structure(&MESSAGE)],
);

static MESSAGE: Written<StructureTable> = Written::new(
    "
    structure com.vmware.vapi.std.localizable_message
    id: string
    default_message: string
    args: List<string>
    params: opaque?
    localized: string?
    pages default_message id args params localized
    ",
    &[],
);

/// Payloads and messages are only written.
const NEVER_READ: &str = "a fault is written and never read into";

impl Structure for Payload {
    fn table(&self) -> &'static StructureTable {
        self.table
    }
    fn field(&self, field_idx: usize) -> View<'_> {
        match field_idx {
            0 => self.messages.view(),
            1 => View::Unset,
            2 => self.error_type.view(),
            3 => self.challenge.view(),
            _ => crate::codegen::no_such_field(self.table, field_idx),
        }
    }
    fn field_mut(&mut self, _field_idx: usize) -> Slot<'_> {
        unreachable!("{NEVER_READ}")
    }
    fn blank() -> Self {
        unreachable!("{NEVER_READ}")
    }
}

impl Structure for Message {
    fn table(&self) -> &'static StructureTable {
        &MESSAGE
    }
    fn field(&self, field_idx: usize) -> View<'_> {
        match field_idx {
            0 => self.id.view(),
            1 => self.default_message.view(),
            2 => self.args.view(),
            3 | 4 => View::Unset,
            _ => crate::codegen::no_such_field(&MESSAGE, field_idx),
        }
    }
    fn field_mut(&mut self, _field_idx: usize) -> Slot<'_> {
        unreachable!("{NEVER_READ}")
    }
    fn blank() -> Self {
        unreachable!("{NEVER_READ}")
    }
}
