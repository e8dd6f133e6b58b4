//! The same structures as a program would write them by hand for one representation: plain types with serde's derive.
//!
//! Dates go through the runtime's own date type on both sides, so the comparison is about the codec.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vapi_runtime::DateTime;

/// Parameters of `create`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_token: Option<String>,
    pub(crate) create_spec: Model,
}

/// `update_session_model`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_progress: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expiration_time: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) library_item_content_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) library_item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warning_behavior: Option<Vec<Behavior>>,
}

/// `localizable_message`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) args: Vec<String>,
    pub(crate) default_message: String,
    pub(crate) id: String,
}

/// `warning_behavior`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Behavior {
    pub(crate) ignored: bool,
    #[serde(rename = "type")]
    pub(crate) kind: Warning,
}

/// `update_session_model.state`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum State {
    Active,
    Done,
    Error,
    Canceled,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            State::Active => "ACTIVE",
            State::Done => "DONE",
            State::Error => "ERROR",
            State::Canceled => "CANCELED",
        }
    }
    pub(crate) fn from_wire(wire: &str) -> Option<State> {
        [State::Active, State::Done, State::Error, State::Canceled].into_iter().find(|s| s.as_str() == wire)
    }
}

/// `warning_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Warning {
    #[default]
    SelfSignedCertificate,
    UntrustedCertificate,
}

impl Warning {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Warning::SelfSignedCertificate => "SELF_SIGNED_CERTIFICATE",
            Warning::UntrustedCertificate => "UNTRUSTED_CERTIFICATE",
        }
    }
    pub(crate) fn from_wire(wire: &str) -> Option<Warning> {
        [Warning::SelfSignedCertificate, Warning::UntrustedCertificate]
            .into_iter()
            .find(|w| w.as_str() == wire)
    }
}

/// A date in the pages' spelling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Date(pub(crate) DateTime);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.page_spelling())
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        DateTime::parse(&text, true).map(Date).map_err(serde::de::Error::custom)
    }
}
