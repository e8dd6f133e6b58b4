//! The grammar of request lines: `POST /com/vmware/a/id:{b}?~action=c`, and `POST /a/{b}?action=c` below `/api`.
//!
//! In: text. Out: its parts with the places of the parameters, or the one mistake in it.
//! Which parameters there are is not known here.

use serde::Deserialize;

/// Methods as they are written.
pub(crate) const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A request line as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct RequestText {
    /// As written.
    pub(crate) text: String,
    /// As understood.
    pub(crate) parsed: Result<RequestExpr, RequestError>,
}

impl From<String> for RequestText {
    fn from(text: String) -> RequestText {
        let parsed = parse_line(&text, "~action=", "id:");
        RequestText { text, parsed }
    }
}

/// A request line of the newer URL space as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct RestText {
    /// As understood.
    pub(crate) parsed: Result<RequestExpr, RequestError>,
}

impl From<String> for RestText {
    fn from(text: String) -> RestText {
        RestText { parsed: parse_line(&text, "action=", "") }
    }
}

/// The parts of a request line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestExpr {
    /// One of [`METHODS`].
    pub(crate) method: String,
    /// Path template.
    pub(crate) path: String,
    /// Names of the parameters in the path with their byte ranges in the line, in order.
    pub(crate) path_params: Vec<(String, usize, usize)>,
    /// Value of `~action`, or of `action`.
    pub(crate) action: Option<String>,
}

/// What is wrong with a request line, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestError {
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// What is wrong.
    pub(crate) message: String,
}

/// A line whose action has this key, and whose parameters may have this prefix in the path.
fn parse_line(text: &str, action_key: &str, id_prefix: &str) -> Result<RequestExpr, RequestError> {
    let error =
        |start: usize, end: usize, message: &str| RequestError { start, end, message: message.to_owned() };
    let Some((method, target)) = text.split_once(' ') else {
        return Err(error(0, text.len(), "a request line is a method, a blank and a path"));
    };
    if !METHODS.contains(&method) {
        let message = format!("a request line starts with a method: {}", METHODS.join(", "));
        return Err(error(0, method.len(), &message));
    }
    let path_start = method.len() + 1;
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    if !path.starts_with('/') {
        return Err(error(path_start, text.len(), "the path starts with `/`"));
    }
    let mut path_params = Vec::new();
    let mut start = path_start + 1;
    for segment in path[1..].split('/') {
        if let Some(param) = parse_segment(segment, start, id_prefix)? {
            path_params.push(param);
        }
        start += segment.len() + 1;
    }
    let action = match query {
        None => None,
        Some(query) => {
            let query_start = path_start + path.len() + 1;
            let action = query.strip_prefix(action_key).filter(|action| is_literal(action));
            let message = || format!("after the path only `?{action_key}name` can stand");
            Some(action.ok_or_else(|| error(query_start, text.len(), &message()))?.to_owned())
        }
    };
    Ok(RequestExpr { method: method.to_owned(), path: path.to_owned(), path_params, action })
}

/// `literal`, `{param}` or `id:{param}`.
fn parse_segment(
    segment: &str,
    start: usize,
    id_prefix: &str,
) -> Result<Option<(String, usize, usize)>, RequestError> {
    let error =
        |message: &str| RequestError { start, end: start + segment.len(), message: message.to_owned() };
    if is_literal(segment) {
        return Ok(None);
    }
    if segment.is_empty() {
        return Err(RequestError {
            start: start - 1,
            end: start,
            message: "a part of the path is empty".to_owned(),
        });
    }
    let prefix_length = if segment.starts_with(id_prefix) { id_prefix.len() } else { 0 };
    let param = segment[prefix_length..].strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match param {
        Some(param) if is_param(param) => {
            let param_start = start + prefix_length + 1;
            Ok(Some((param.to_owned(), param_start, param_start + param.len())))
        }
        _ if id_prefix.is_empty() => Err(error("a part of the path is a word or `{parameter}`")),
        _ => Err(error("a part of the path is a word, `{parameter}` or `id:{parameter}`")),
    }
}

fn is_literal(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn is_param(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_line() {
        let text = "POST /com/a-b/id:{x_id}/{y}?~action=keep-alive".to_owned();
        let line = RequestText::from(text).parsed.unwrap();
        assert_eq!(line.method, "POST");
        assert_eq!(line.path, "/com/a-b/id:{x_id}/{y}");
        assert_eq!(line.path_params, [("x_id".to_owned(), 18, 22), ("y".to_owned(), 25, 26)]);
        assert_eq!(line.action.as_deref(), Some("keep-alive"));
    }

    #[test]
    fn what_is_refused_and_where() {
        for (line, start, end) in [
            ("POST", 0, 4),
            ("post /a", 0, 4),
            ("GET a", 4, 5),
            ("GET /a//b", 6, 7),
            ("GET /a/id:{}", 7, 12),
            ("GET /a/{x", 7, 9),
            ("GET /a?action=b", 7, 15),
            ("GET /a?~action=", 7, 15),
            ("GET /é", 5, 7),
            ("GET /a ", 5, 7),
        ] {
            let error = RequestText::from(line.to_owned()).parsed.unwrap_err();
            assert_eq!((error.start, error.end), (start, end), "{line}: {}", error.message);
        }
    }

    #[test]
    fn below_api_there_is_no_prefix_and_no_tilde() {
        let parse = |line: &str| RestText::from(line.to_owned()).parsed;
        let line = parse("POST /a/{x}/b?action=keep-alive").unwrap();
        assert_eq!(line.path_params, [("x".to_owned(), 9, 10)]);
        assert_eq!(line.action.as_deref(), Some("keep-alive"));
        for (line, start, end) in [("GET /a/id:{x}", 7, 13), ("GET /a?~action=b", 7, 16), ("GET /a?b", 7, 8)]
        {
            let error = parse(line).unwrap_err();
            assert_eq!((error.start, error.end), (start, end), "{line}: {}", error.message);
        }
    }
}
