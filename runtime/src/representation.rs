//! The forms a request and a reply can take: the caller's choices on one side, `Content-Type` and `Accept` on the other.
//!
//! In go header texts, out come closed sets; what is inside the bodies is the codecs' business ([`crate::codec`]).

use mediatype::{MediaType, MediaTypeList, Name, ReadParams};

/// How a client sends an operation's parameters.
///
/// The operations of `GET` and `DELETE` lines have no body: there the parameters stand in the query, form encoded,
/// whatever the representation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Representation {
    /// A JSON body.
    #[default]
    Json,
    /// An XML body.
    Xml,
    /// In the query, as the reference pages show it.
    Form,
    /// As an `application/x-www-form-urlencoded` body, for what is too long for a request line.
    FormBody,
}

impl Representation {
    /// Every representation, for code that goes through them all.
    pub const ALL: [Representation; 4] =
        [Representation::Json, Representation::Xml, Representation::Form, Representation::FormBody];

    /// What a client asks for unless told otherwise.
    #[must_use]
    pub fn reply(self) -> ReplyRepresentation {
        match self {
            Representation::Xml => ReplyRepresentation::Xml,
            Representation::Json | Representation::Form | Representation::FormBody => {
                ReplyRepresentation::Json
            }
        }
    }
}

/// How a server answers; there are no form replies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReplyRepresentation {
    /// `application/json`.
    #[default]
    Json,
    /// `application/xml`.
    Xml,
}

impl ReplyRepresentation {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            ReplyRepresentation::Json => JSON,
            ReplyRepresentation::Xml => XML,
        }
    }
}

/// Which of an operation's request lines a client uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UrlForm {
    /// The first one of the reference page.
    #[default]
    First,
    /// The first one with a parameter in its path; where there is none, as [`UrlForm::First`].
    IdInPath,
    /// The first one without a parameter in its path; where there is none, as [`UrlForm::First`].
    IdInBody,
    /// The one with this number, from 0, in the reference page's order.
    Line(usize),
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const XML: &str = "application/xml";
pub(crate) const TEXT_XML: &str = "text/xml";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// What a `Content-Type` says about a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Json,
    Xml,
    Form,
}

impl Content {
    /// Reads a `Content-Type`; the error is what is wrong with it, for a message.
    pub(crate) fn parse(text: &str) -> Result<Content, String> {
        // What nearly every request says needs no parser.
        if text == JSON {
            return Ok(Content::Json);
        }
        let media_type = MediaType::parse(text).map_err(|_| format!("`{text}` is not a media type"))?;
        let content = match essence(&media_type).as_str() {
            JSON => Content::Json,
            XML | TEXT_XML => Content::Xml,
            FORM => Content::Form,
            other => return Err(format!("`{other}` is none of {JSON}, {XML}, {TEXT_XML} and {FORM}")),
        };
        let charset = Name::new("charset").and_then(|name| media_type.get_param(name));
        match charset.map(|charset| charset.unquoted_str().to_ascii_lowercase()) {
            None => Ok(content),
            Some(charset) if ["utf-8", "utf8", "us-ascii"].contains(&charset.as_str()) => Ok(content),
            Some(charset) => Err(format!("the charset `{charset}` is not utf-8")),
        }
    }
}

/// A reply's representation together with the spelling of its media type that the client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) representation: ReplyRepresentation,
    pub(crate) content_type: &'static str,
}

impl Accepted {
    /// What a client gets that says nothing.
    pub(crate) const JSON: Accepted =
        Accepted { representation: ReplyRepresentation::Json, content_type: JSON };

    /// The best reply for an `Accept` header: highest quality, then the range named first, then JSON.
    /// `None` when none of ours will do; ranges that cannot be read count as absent.
    pub(crate) fn parse(accept: &str) -> Option<Accepted> {
        if is_plainly_json(accept) {
            return Some(Accepted::JSON);
        }
        let offers = [
            Accepted::JSON,
            Accepted { representation: ReplyRepresentation::Xml, content_type: XML },
            Accepted { representation: ReplyRepresentation::Xml, content_type: "text/xml; charset=utf-8" },
        ];
        Accepted::best(accept, &offers)
    }

    /// Whether an `Accept` header lets JSON pass, for where nothing else is written.
    pub(crate) fn json(accept: &str) -> bool {
        is_plainly_json(accept) || Accepted::best(accept, &[Accepted::JSON]).is_some()
    }

    fn best(accept: &str, offers: &[Accepted]) -> Option<Accepted> {
        let ranges: Vec<Range> = MediaTypeList::new(accept)
            .filter_map(Result::ok)
            .enumerate()
            .map(|(position, media_type)| Range {
                essence: essence(&media_type),
                quality: quality(&media_type),
                position,
            })
            .collect();
        offers
            .iter()
            .filter_map(|offer| Some((Range::of(&ranges, offer.content_type)?, *offer)))
            .filter(|(range, _)| range.quality > 0)
            // The first of equals wins: `min_by_key` keeps it, `max_by_key` would not.
            .min_by_key(|(range, _)| (u16::MAX - range.quality, range.position))
            .map(|(_, offer)| offer)
    }
}

/// Whether an `Accept` header is one of those that nearly every request has, and that need no parser to mean JSON.
fn is_plainly_json(accept: &str) -> bool {
    matches!(accept.trim(), "" | JSON | "*/*")
}

/// One element of an `Accept` header.
struct Range {
    essence: String,
    /// In thousandths.
    quality: u16,
    position: usize,
}

impl Range {
    /// The most specific of the ranges that cover a media type.
    fn of<'r>(ranges: &'r [Range], content_type: &str) -> Option<&'r Range> {
        let exact = content_type.split(';').next().unwrap_or_default();
        let group = exact.split('/').next().unwrap_or_default();
        [exact, &format!("{group}/*"), "*/*"]
            .into_iter()
            .find_map(|pattern| ranges.iter().find(|range| range.essence == pattern))
    }
}

fn essence(media_type: &MediaType<'_>) -> String {
    let suffix = media_type.suffix.map(|suffix| format!("+{suffix}")).unwrap_or_default();
    format!("{}/{}{suffix}", media_type.ty, media_type.subty).to_ascii_lowercase()
}

/// The weight of a range; one that cannot be read counts as 1, as an absent one does.
fn quality(media_type: &MediaType<'_>) -> u16 {
    Name::new("q")
        .and_then(|name| media_type.get_param(name))
        .and_then(|q| q.unquoted_str().parse::<f32>().ok())
        .filter(|q| (0.0..=1.0).contains(q))
        // In range, so nothing is lost but digits after the third.
        .map_or(1000, |q| (q * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::{Accepted, Content};

    #[test]
    fn content_types() {
        let check = |text: &str, expected: Option<Content>| {
            assert_eq!(Content::parse(text).ok(), expected, "{text}");
        };
        check("application/json", Some(Content::Json));
        check("Application/JSON; charset=\"UTF-8\"", Some(Content::Json));
        check("application/xml;charset=utf-8", Some(Content::Xml));
        check("text/xml", Some(Content::Xml));
        check("application/x-www-form-urlencoded", Some(Content::Form));
        for refused in
            ["", "json", "text/plain", "application/json; charset=latin1", "application/vnd.x+json"]
        {
            check(refused, None);
        }
    }

    #[test]
    fn accepts() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Accepted::parse(text).map(|accepted| accepted.content_type), expected, "{text}");
        };
        check("", Some("application/json"));
        check("*/*", Some("application/json"));
        check("application/*", Some("application/json"));
        check("application/xml", Some("application/xml"));
        check("text/xml", Some("text/xml; charset=utf-8"));
        check("text/*", Some("text/xml; charset=utf-8"));
        check("application/json;q=0.5, application/xml", Some("application/xml"));
        check("application/xml;q=0.5, application/json;q=0.6", Some("application/json"));
        check("application/xml, */*", Some("application/xml"));
        check("application/json;q=0, */*", Some("application/xml"));
        check("text/html, application/xml;q=0.9, */*;q=0.8", Some("application/xml"));
        check("garbage, application/xml", Some("application/xml"));
        for refused in ["text/html", "application/json;q=0", "garbage", "image/*"] {
            check(refused, None);
        }
    }
}
