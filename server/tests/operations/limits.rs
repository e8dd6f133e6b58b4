//! What a server may be asked for at once, and what it counts.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use vapi::content::LibraryModel;
use vapi::content::library::item::UpdateSessionModel;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::{ItemModel, StorageBacking, StorageBackingType};

use crate::operations_program::{CREDENTIALS, LOGIN, Served, add_user_as};
use crate::scratch::Scratch;

fn client(served: &Served) -> vapi::Client {
    let client = vapi::runtime::Client::new(&format!("http://{}", served.address)).expect("a client");
    client.credentials("ann", "correct horse").into()
}

/// Adds these files to a session; where they are sent.
fn addresses(client: &vapi::Client, names: &[&str]) -> Vec<String> {
    let place = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
    let library = client.local_library().create(LibraryModel::for_create("l", vec![place])).wait();
    let item = client.item().create(ItemModel::for_create(library.expect("a library"), "i")).wait();
    let session =
        client.update_session().create(UpdateSessionModel::for_create(item.expect("an item"))).wait();
    let session = session.expect("a session");
    let add = |name: &&str| {
        let file = AddSpec::new(*name, SourceType::Push);
        let info = client.update_session_file().add(&session, file).wait().expect("a file");
        info.upload_endpoint.expect("an address").uri.to_string()
    };
    names.iter().map(add).collect()
}

/// An upload whose bytes the server waits for.
fn begin(served: &Served, address: &str) -> TcpStream {
    let mut stream = served.connect();
    let path = address.splitn(4, '/').nth(3).expect("a path");
    let headers = "Host: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    write!(stream, "PUT /{path} HTTP/1.1\r\n{headers}").expect("a head");
    stream
}

fn rest(mut stream: TcpStream) -> String {
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("a reply");
    reply
}

#[test]
fn uploads_too_many_are_told_to_come_back_and_those_under_way_are_counted() {
    let scratch = Scratch::new();
    add_user_as(&scratch, "ann", "correct horse", "publisher");
    let served = Served::start(&scratch, &["--set", "transfers.uploads_max=1"]);
    let addresses = addresses(&client(&served), &["a", "b"]);
    let mut first = begin(&served, &addresses[0]);
    let mut word = [0; 25];
    first.read_exact(&mut word).expect("a word to go on");
    assert_eq!(&word, b"HTTP/1.1 100 Continue\r\n\r\n");
    let refused = rest(begin(&served, &addresses[1]));
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 5"), "{refused}");
    let figures = served.ask("GET /metrics", "");
    for line in [
        "contentlibd_transfers{direction=\"in\"} 1\n",
        "contentlibd_sessions{kind=\"update\",state=\"ACTIVE\"} 1\n",
        "contentlibd_logins 1\n",
        "contentlibd_ledger_waiting 0\n",
    ] {
        assert!(figures.contains(line), "{line}{figures}");
    }
    first.write_all(b"ok").expect("bytes");
    assert!(rest(first).starts_with("HTTP/1.1 200 "));
    let mut second = begin(&served, &addresses[1]);
    second.write_all(b"ok").expect("bytes");
    assert!(rest(second).contains("HTTP/1.1 200 "));
    let figures = served.ask("GET /metrics", "");
    for line in [
        "contentlibd_transfers{direction=\"in\"} 0\n",
        "contentlibd_transfer_bytes_total{direction=\"in\"} 4\n",
    ] {
        assert!(figures.contains(line), "{line}{figures}");
    }
}

#[test]
fn logins_are_as_many_as_was_set() {
    let scratch = Scratch::new();
    add_user_as(&scratch, "ann", "correct horse", "reader");
    let served = Served::start(&scratch, &["--set", "logins.sessions_per_user_max=1"]);
    let first = served.ask(LOGIN, CREDENTIALS);
    let shown = format!("vmware-api-session-id: {}\r\n", first.rsplit('"').nth(1).expect("a session"));
    assert!(served.ask("GET /api/session", &shown).starts_with("HTTP/1.1 200 "));
    assert!(served.ask(LOGIN, CREDENTIALS).starts_with("HTTP/1.1 201 "));
    let reply = served.ask("GET /api/session", &shown);
    assert!(reply.starts_with("HTTP/1.1 401 "), "the second login ended the first: {reply}");
}
