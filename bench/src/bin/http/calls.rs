//! The requests that are measured, byte for byte, and whether two servers answer them alike.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::sample;

/// One operation on one surface.
pub(crate) struct Call {
    name: &'static str,
    /// Method and target, `ID` for the session.
    line: &'static str,
    /// The body, `ID` for the session.
    body: &'static str,
    pub(crate) status: u16,
}

/// The line below `/rest` and the one of JSON-RPC differ from those below `/api` in nothing but spelling.
const CALLS: [Call; 6] = [
    Call { name: "rest-get", line: "GET /api/content/library/item/update-session/ID", body: "", status: 200 },
    Call {
        name: "rest-fail",
        line: "POST /api/content/library/item/update-session/ID?action=fail",
        body: r#"{"client_error_message":"Could not read disk-0.vmdk: \"connection reset by peer\""}"#,
        status: 204,
    },
    Call {
        name: "legacy-get",
        line: "GET /rest/com/vmware/content/library/item/update-session/id:ID",
        body: "",
        status: 200,
    },
    Call {
        name: "legacy-fail",
        line: "POST /rest/com/vmware/content/library/item/update-session/id:ID?~action=fail",
        body: r#"{"client_error_message":"Could not read disk-0.vmdk: \"connection reset by peer\""}"#,
        status: 200,
    },
    Call {
        name: "json-rpc-get",
        line: "POST /api",
        body: r#"{"id":"1","jsonrpc":"2.0","method":"invoke","params":{"serviceId":"com.vmware.content.library.item.update_session","operationId":"get","ctx":{"appCtx":{"opId":"b3a54cfe-9aa5-4f4c-8a53-4a3ae08a1b2f"}},"input":{"STRUCTURE":{"operation-input":{"update_session_id":"ID"}}}}}"#,
        status: 200,
    },
    Call {
        name: "json-rpc-fail",
        line: "POST /api",
        body: r#"{"id":"1","jsonrpc":"2.0","method":"invoke","params":{"serviceId":"com.vmware.content.library.item.update_session","operationId":"fail","ctx":{"appCtx":{"opId":"b3a54cfe-9aa5-4f4c-8a53-4a3ae08a1b2f"}},"input":{"STRUCTURE":{"operation-input":{"client_error_message":"Could not read disk-0.vmdk: \"connection reset by peer\"","update_session_id":"ID"}}}}}"#,
        status: 200,
    },
];

/// The call of this name.
pub(crate) fn named(name: &str) -> Result<&'static Call, Box<dyn Error>> {
    CALLS.iter().find(|call| call.name == name).ok_or_else(|| format!("no call `{name}`").into())
}

impl Call {
    /// The whole request for a session, with the headers that a common client sends.
    pub(crate) fn request(&self, id: &str) -> Vec<u8> {
        let line = self.line.replace("ID", id);
        let body = self.body.replace("ID", id);
        let mut head = format!(
            "{line} HTTP/1.1\r\nhost: localhost:8080\r\naccept: application/json\r\nuser-agent: bench/0\r\n"
        );
        if !body.is_empty() {
            head.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        format!("{head}\r\n{body}").into_bytes()
    }
}

/// Fails unless both servers give the same status and body to every call that both have, and to one that fails.
pub(crate) fn agree(ours: SocketAddr, by_hand: SocketAddr) -> Result<String, Box<dyn Error>> {
    let both_have = CALLS.iter().filter(|call| call.line != "POST /api");
    for call in both_have {
        for (id, status) in [(sample::id(0).as_str(), call.status), ("nobody", 404)] {
            let request = call.request(id);
            let (one, other) = (exchange(ours, &request)?, exchange(by_hand, &request)?);
            let line = format!("HTTP/1.1 {status} ");
            let is_alike = status != call.status || one.1 == other.1;
            if !one.0.starts_with(&line) || !other.0.starts_with(&line) || !is_alike {
                return Err(format!("{} of {id} is answered with {one:?} and {other:?}", call.name).into());
            }
        }
    }
    Ok(String::new())
}

/// Head and body of the reply to a request on a connection of its own.
fn exchange(address: SocketAddr, request: &[u8]) -> Result<(String, String), Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    let closing = String::from_utf8_lossy(request).replacen("\r\n", "\r\nconnection: close\r\n", 1);
    stream.write_all(closing.as_bytes())?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    let (head, body) = reply.split_once("\r\n\r\n").ok_or("a reply without end of head")?;
    Ok((head.to_owned(), body.to_owned()))
}
