//! `cargo xtask explain-http`: what a request or reply of a capture is, by the tables of the API.
//!
//! In: a request line, maybe headers, a status and a file with the body. Out: surface, operation, request line, and the
//! parameters or the result; or what does not decode and why, with the place in the spec.
//! Not here: networks, and captures of more than one exchange.

use std::fmt::Write as _;
use std::process::ExitCode;

use vapi::runtime::client::explain_reply;
use vapi::runtime::server::{ExplainedLine, explain_request};
use vapi::runtime::table::{Method, OperationTable, Route};
use vapi::runtime::{Error, OperationError as _, Representation, Surface};

const USAGE: &str =
    "usage: explain_http \"METHOD PATH\" [--status STATUS] [--body FILE] [--header \"NAME: VALUE\"]...

The body is the request's; with a status, it is the reply's.";

/// What was asked for.
struct Asked {
    line: String,
    status: Option<u16>,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
}

fn main() -> ExitCode {
    match asked(std::env::args().skip(1)).and_then(|asked| explain(&asked)) {
        Ok((text, is_understood)) => {
            out(&text);
            if is_understood { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(text) => {
            out(&text);
            ExitCode::from(2)
        }
    }
}

fn out(text: &str) {
    use std::io::Write as _;
    // Nobody reads any more; there is nobody to tell.
    let _closed_pipe = writeln!(std::io::stdout(), "{}", text.trim_end());
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked { line: String::new(), status: None, body: Vec::new(), headers: Vec::new() };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
        match argument.as_str() {
            "--status" => {
                let status = value()?;
                let parsed = status.parse().ok().filter(|status| (100..600).contains(status));
                asked.status = Some(parsed.ok_or_else(|| format!("`{status}` is not an HTTP status"))?);
            }
            "--body" => {
                let path = value()?;
                asked.body = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
            }
            "--header" => {
                let header = value()?;
                let pair = header.split_once(':').ok_or_else(|| format!("`{header}` is not NAME: VALUE"))?;
                asked.headers.push((pair.0.trim().to_owned(), pair.1.trim().to_owned()));
            }
            _ if asked.line.is_empty() && !argument.starts_with('-') => asked.line = argument,
            _ => return Err(format!("`{argument}` is not understood\n{USAGE}")),
        }
    }
    if asked.line.is_empty() { Err(USAGE.to_owned()) } else { Ok(asked) }
}

/// The explanation, and whether everything was understood.
fn explain(asked: &Asked) -> Result<(String, bool), String> {
    let mut words = asked.line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(format!("`{}` is not METHOD PATH", asked.line));
    };
    // What a proxy logs has the host before the path.
    let target = match target.split_once("://") {
        Some((_, after)) => after.find('/').map_or("/", |slash| &after[slash..]),
        None => target,
    };
    let body = if asked.status.is_none() { asked.body.clone() } else { Vec::new() };
    let mut request = http::Request::builder().method(method).uri(target);
    let has_content_type = asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !body.is_empty() && !has_content_type {
        request = request.header("content-type", looks_like(&body));
    }
    for (name, value) in &asked.headers {
        request = request.header(name, value);
    }
    let request = request.body(body.into()).map_err(|error| format!("{}: {error}", asked.line))?;
    let explained = explain_request(vapi::services(), request);

    let mut text = String::new();
    line(&mut text, "surface", surface_text(explained.surface));
    let Some(operation) = explained.operation else {
        let fault = explained.parameters.err().map(|fault| fault.to_string()).unwrap_or_default();
        line(&mut text, "not found", &fault);
        return Ok((text, false));
    };
    let name = format!("{}.{}  {}", operation.service, operation.name, operation.source);
    line(&mut text, "operation", &name);
    if let Some(explained_line) = explained.line {
        line(&mut text, "line", &line_text(operation, explained_line));
    }
    let is_understood = match asked.status {
        Some(status) => explain_status(&mut text, operation, explained.surface, status, asked),
        None => match explained.parameters {
            Ok(parameters) => {
                line(&mut text, "parameters", &format!("{parameters:#?}"));
                true
            }
            Err(fault) => {
                line(&mut text, "refused", &format!("status {}, {fault}", fault.status().as_u16()));
                line(&mut text, "declared", operation.input.source);
                false
            }
        },
    };
    Ok((text, is_understood))
}

fn explain_status(
    text: &mut String,
    operation: &'static OperationTable,
    surface: Surface,
    status: u16,
    asked: &Asked,
) -> bool {
    let declared = operation.errors.iter().filter(|declared| match surface {
        Surface::JsonRpc => false,
        Surface::Rest => declared.rest_status == status,
        Surface::LegacyRest | Surface::Rest2014(_) => declared.status == status,
    });
    let declared: Vec<&str> = declared.map(|declared| declared.id).collect();
    if !declared.is_empty() {
        line(text, &format!("status {status}"), &format!("documented for {}", declared.join(", ")));
    } else if status >= 300 {
        line(text, &format!("status {status}"), "documented for none of its errors");
    }
    if asked.body.is_empty() && status >= 300 {
        return !declared.is_empty();
    }
    let mut response = http::Response::new(asked.body.clone().into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    match explain_reply(operation, surface, response) {
        Ok(result) => {
            line(text, "result", &format!("{result:#?}"));
            true
        }
        Err(Error::Documented { error, .. }) => {
            let declared = operation.errors[error.error_idx()].payload.source;
            line(
                text,
                "error",
                &format!("{}  {declared}\n{:#?}", error.payload().table().name, error.payload()),
            );
            true
        }
        Err(error) => {
            line(text, "not as documented", &error.to_string());
            false
        }
    }
}

fn line(text: &mut String, what: &str, value: &str) {
    let _infallible = writeln!(text, "{what:<18}{value}");
}

fn surface_text(surface: Surface) -> &'static str {
    match surface {
        Surface::JsonRpc => "JSON-RPC",
        Surface::Rest => "REST below /api",
        Surface::LegacyRest => "legacy REST below /rest, JSON",
        Surface::Rest2014(Representation::Json) => "REST of 2014, JSON",
        Surface::Rest2014(Representation::Xml) => "REST of 2014, XML",
        Surface::Rest2014(Representation::Form | Representation::FormBody) => "REST of 2014, form",
    }
}

fn line_text(operation: &OperationTable, line: ExplainedLine) -> String {
    let text = |route: &Route, prefix: &str, key: &str| {
        let action = route.action.map(|action| format!("?{key}={action}")).unwrap_or_default();
        format!("{} {prefix}{}{action}", Method::as_str(route.method), route.path)
    };
    match line {
        ExplainedLine::Rest(rest) => text(&rest.route, "/api", "action"),
        ExplainedLine::Page(idx, route) => {
            format!("{} ({} of {})", text(route, "", "~action"), idx + 1, operation.routes.len())
        }
    }
}

fn looks_like(body: &[u8]) -> &'static str {
    match body.trim_ascii_start().first() {
        Some(b'<') => "application/xml",
        Some(b'{' | b'[' | b'"') => "application/json",
        _ => "application/x-www-form-urlencoded",
    }
}

#[cfg(test)]
mod tests {
    use super::{asked, explain};

    /// The explanation has these words, and was or was not understood.
    #[track_caller]
    fn check(arguments: &[&str], body: &str, is_understood: bool, words: &[&str]) {
        let mut asked = asked(arguments.iter().map(|&argument| argument.to_owned())).unwrap();
        asked.body = body.as_bytes().to_vec();
        let (text, understood) = explain(&asked).unwrap();
        for word in words {
            assert!(text.contains(word), "`{word}` is not in\n{text}");
        }
        assert_eq!(understood, is_understood, "{text}");
    }

    const FAIL: &str = "POST /rest/com/vmware/content/library/item/update-session/id:obj-103?%7Eaction=fail";

    #[test]
    fn requests() {
        let operation = "com.vmware.content.library.item.update_session.fail  spec/content/library/item/update_session.yaml:";
        check(&[FAIL], "", true, &["legacy REST", operation, "(1 of 2)", "update_session_id: \"obj-103\""]);
        check(
            &[FAIL],
            "{\"client_error_massage\":\"\"}",
            false,
            &["unexpected_input", "client_error_massage"],
        );
        check(&[FAIL], "<a/>", false, &["REST of 2014, XML", "Fail-Input"]);
        let rest = "POST https://vc/api/content/library/item/update-session/obj-103?action=fail";
        check(&[rest], "{}", false, &["below /api", operation, "client_error_message", "status 400"]);
        let call = r#"{"jsonrpc":"2.0","method":"invoke","params":{"serviceId":"com.vmware.content.library.item.update_session","operationId":"fail","input":{"STRUCTURE":{"operation-input":{"update_session_id":"a","client_error_message":"b"}}},"ctx":{"appCtx":{}}},"id":"1"}"#;
        check(&["POST /api"], call, true, &["JSON-RPC", operation, "client_error_message: \"b\""]);
        check(&["POST /api"], "{}", false, &["JSON-RPC error -32600"]);
        check(&["GET /rest/com/vmware/content/librari"], "", false, &["There is no service"]);
    }

    #[test]
    fn replies() {
        check(&[FAIL, "--status", "404"], "", true, &["documented for com.vmware.vapi.std.errors.not_found"]);
        check(&[FAIL, "--status", "418"], "", false, &["documented for none"]);
        let not_found = r#"{"type":"com.vmware.vapi.std.errors.not_found","value":{"messages":[]}}"#;
        check(&[FAIL, "--status", "404"], not_found, true, &["not_found", "spec/vapi/std/errors.yaml:"]);
        check(&[FAIL, "--status", "502"], "<html>", false, &["not as documented"]);
        let get = "GET /api/content/library/item/update-session/obj-103";
        check(&[get, "--status", "200"], r#"{"state":"ACTIVE"}"#, true, &["state: Some("]);
        check(&[get, "--status", "200"], r#"{"state":7}"#, false, &["`state`"]);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        let refused = |arguments: &[&str]| asked(arguments.iter().map(|&argument| argument.to_owned())).err();
        assert!(refused(&[]).unwrap().contains("usage"));
        assert!(refused(&["GET /", "--status", "ok"]).unwrap().contains("`ok`"));
        assert!(refused(&["GET /", "--body", "no/such/file"]).unwrap().contains("no/such/file"));
        assert!(refused(&["GET /", "--header", "x"]).unwrap().contains("NAME: VALUE"));
        assert!(refused(&["GET /", "POST /"]).unwrap().contains("`POST /`"));
    }
}
