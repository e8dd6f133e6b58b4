//! The application context of a call: texts by key, which a caller tells in the envelope or in headers.
//!
//! Few calls are asked for any of it, so it is kept as it came and looked up when it is wanted.

use std::fmt;

use http::HeaderMap;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::execution::OP_ID;

/// What the envelope says.
#[derive(Clone, Debug, Default)]
pub struct Application(Vec<(String, Value)>);

/// Keys whose capitals a header's name has lost.
const CAPITALS: [(&str, &str); 8] = [
    ("opid", OP_ID),
    ("actid", "actId"),
    ("vmwaresessionid", "vmwareSessionId"),
    ("activationid", "ActivationId"),
    ("$showunreleasedapis", "$showUnreleasedAPIs"),
    ("$useragent", "$userAgent"),
    ("$donotroute", "$doNotRoute"),
    ("$taskid", "$taskId"),
];

/// Headers with a key of their own.
const OTHERS: [(&str, &str); 4] = [
    ("accept-language", "locale"),
    ("format-locale", "format-locale"),
    ("timezone", "timezone"),
    ("user-agent", "$userAgent"),
];

impl Application {
    /// The value of a key, of which the headers of the call have the last word.
    #[must_use]
    pub fn get<'a>(&'a self, headers: &'a HeaderMap, key: &str) -> Option<&'a str> {
        let in_own_header = || {
            let (name, _) = OTHERS.iter().find(|(_, of_header)| *of_header == key)?;
            headers.get(*name)?.to_str().ok()
        };
        let in_body = || self.0.iter().rfind(|(name, _)| name == key)?.1.as_str();
        in_prefixed_header(headers, key).or_else(in_own_header).or_else(in_body)
    }
}

/// What a header says that is named for the key.
fn in_prefixed_header<'a>(headers: &'a HeaderMap, key: &str) -> Option<&'a str> {
    let key_of =
        |lower: &'a str| CAPITALS.iter().find(|(known, _)| *known == lower).map_or(lower, |(_, key)| key);
    let of_key = headers.iter().filter_map(|(name, value)| {
        let lower = name.as_str().strip_prefix("vapi-ctx-")?;
        if key_of(lower) == key { value.to_str().ok() } else { None }
    });
    of_key.last()
}

impl<'de> Deserialize<'de> for Application {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Application, D::Error> {
        deserializer.deserialize_map(ApplicationVisitor)
    }
}

struct ApplicationVisitor;

impl<'de> Visitor<'de> for ApplicationVisitor {
    type Value = Application;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the application context")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Application, A::Error> {
        let mut application = Vec::new();
        while let Some(member) = members.next_entry()? {
            application.push(member);
        }
        Ok(Application(application))
    }
}
