//! Talks XML, as the reference pages of 2014 show it: a request and a reply without any I/O.
//!
//! Out: the bytes of one exchange. A client that sends and fetches them as well is told once:
//! `client.surface(Surface::Rest2014(Representation::Xml))`.
//!
//! ```sh
//! cargo run -p vapi --example talk_xml
//! ```
#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::error::Error;

use http::Response;
use vapi::content::library::item::UpdateSessionModel;
use vapi::content::library::item::update_session::{Create, CreateInput};
use vapi::runtime::{ExecutionContext, Operation as _, Representation, RequestOptions, Surface};

const XML: Surface = Surface::Rest2014(Representation::Xml);

/// What a server might reply.
const REPLY: &str = r#"<?xml version="1.0" ?>
<ns0:Create-Result xmlns:ns0="http://vmware.com/content/library/item/update_session">
  <value>session-1</value>
</ns0:Create-Result>"#;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}\n", request("item-1")?);
    println!("{REPLY}\n");
    println!("the session is {}", session(REPLY)?);
    Ok(())
}

/// The request that begins a session, line, header and body.
fn request(item: &str) -> Result<String, Box<dyn Error>> {
    let input = CreateInput::new(UpdateSessionModel::for_create(item));
    let options = RequestOptions::new().surface(XML);
    let request = Create::request(&input, &options, &ExecutionContext::new())?;
    let (line, body) = (format!("{} {}", request.method(), request.uri()), request.body());
    Ok(format!("{line}\n\n{}", std::str::from_utf8(body)?))
}

/// The session that a reply names.
fn session(reply: &'static str) -> Result<String, Box<dyn Error>> {
    let response = Response::builder().header("content-type", "application/xml").body(reply.into())?;
    Ok(Create::response(response, XML)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_pages_show() {
        let request = request("item-1").unwrap();
        assert!(request.starts_with("POST /com/vmware/content/library/item/update-session"), "{request}");
        assert!(request.contains("<library_item_id>item-1</library_item_id>"), "{request}");
        assert_eq!(session(REPLY).unwrap(), "session-1");
        assert!(session("<value>session-1</value>").is_err());
    }
}
