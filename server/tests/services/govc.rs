//! What govc sends below `/rest`, command by command, over one connection as its client keeps it: requests with the heads
//! that were captured of it, and of the replies what it reads.
//!
//! It takes a status of 200, 201, 202 or 204 for a call, 200 or 201 for an upload, and decodes `{"value": ...}`.
//! Not here: its SOAP.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::served::Listening;

const SHAPES: &str = include_str!("../fixtures/govc.txt");
const LOGIN: &str = "/rest/com/vmware/cis/session";
pub(crate) const CONTENT: &str = "/rest/com/vmware/content";
/// `ann:a` and `root:r`; only the latter may see where files are.
const ANN: &str = "YW5uOmE=";
pub(crate) const ROOT: &str = "cm9vdDpy";
/// When the clock of these tests stands still.
const NOW: &str = "2014-05-13T16:53:20.000Z";
const DESCRIPTOR: &str = r#"<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References><File ovf:id="f1" ovf:href="disk-0.vmdk" ovf:size="6"/></References>
</Envelope>"#;
/// Of no bytes at all.
const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// One run of govc: from its login to its logout.
pub(crate) struct Govc {
    connection: BufReader<TcpStream>,
    url: String,
    /// The session, or before that what is shown to get one.
    login: String,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Reply {
    /// What a call gives.
    #[track_caller]
    pub(crate) fn value(&self) -> Value {
        assert!([200, 201, 202, 204].contains(&self.status), "{}: {}", self.status, self.body);
        let mut body: Value = serde_json::from_str(&self.body).expect("a body");
        body["value"].take()
    }

    #[track_caller]
    pub(crate) fn text(&self) -> String {
        self.value().as_str().expect("text").to_owned()
    }

    /// A call that gives nothing.
    #[track_caller]
    pub(crate) fn is_done(&self) {
        assert_eq!((self.status, self.body.as_str()), (200, ""));
    }

    /// There is no such thing, of which it shows the status alone.
    #[track_caller]
    pub(crate) fn is_missing(&self) {
        assert_eq!(self.status, 404, "{}", self.body);
    }

    /// What govc prints of a refusal: the whole body.
    #[track_caller]
    pub(crate) fn is_refused(&self, error: &str, word: &str) {
        assert_eq!(self.status, 400, "{}", self.body);
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["type"], format!("com.vmware.vapi.std.errors.{error}"));
        let message = body["value"]["messages"][0]["default_message"].as_str().unwrap();
        assert!(message.contains(word), "{message:?} does not say {word:?}");
    }
}

impl Govc {
    pub(crate) async fn new(listening: &Listening) -> Govc {
        Govc::login(listening, ANN).await
    }

    pub(crate) async fn login(listening: &Listening, basic: &str) -> Govc {
        let url = listening.url.clone();
        let connection = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
        let mut govc = Govc { connection: BufReader::new(connection), url, login: String::new() };
        govc.login = basic.to_owned();
        govc.login = govc.send("login", LOGIN, "").await.text();
        assert!(govc.login.len() >= 32, "{}", govc.login);
        govc
    }

    pub(crate) async fn end(mut self) {
        self.send("delete", LOGIN, "").await.is_done();
        assert_eq!(self.send("get", &format!("{CONTENT}/library"), "").await.status, 401);
    }

    /// A request of this shape, and the reply to it.
    pub(crate) async fn send(&mut self, shape: &str, path: &str, body: &str) -> Reply {
        let (_, text) = SHAPES.split_once(&format!("=== {shape}\n")).unwrap();
        let text = text.split("=== ").next().unwrap().replace('\n', "\r\n");
        let text = text.replace("{path}", path).replace("{host}", self.url.strip_prefix("http://").unwrap());
        let text = text.replace("{login}", &self.login).replace("{length}", &body.len().to_string());
        self.connection.write_all((text + body).as_bytes()).await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let n_read = self.connection.read_line(&mut head).await.unwrap();
            assert_ne!(n_read, 0, "{shape} {path}: the connection ends after {head:?}");
        }
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        // A reply without a body may leave its length out; one with a body says it.
        let mut bytes = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.connection.read_exact(&mut bytes).await.unwrap();
        Reply { status, body: String::from_utf8(bytes).unwrap() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send("get", &format!("{CONTENT}{path}"), "").await
    }

    /// Go's encoder ends a body with a line feed.
    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Reply {
        self.send("post", &format!("{CONTENT}{path}"), &format!("{body}\n")).await
    }

    pub(crate) async fn patch(&mut self, path: &str, body: Value) -> Reply {
        self.send("patch", &format!("{CONTENT}{path}"), &format!("{body}\n")).await
    }

    pub(crate) async fn act(&mut self, path: &str) -> Reply {
        self.send("action", &format!("{CONTENT}{path}"), "").await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Reply {
        self.send("delete", &format!("{CONTENT}{path}"), "").await
    }

    /// To or from an address that the server gave.
    pub(crate) async fn bytes(&mut self, shape: &str, uri: &str, bytes: &str) -> Reply {
        let path = uri.strip_prefix(&self.url).expect("an address of this server").to_owned();
        self.send(shape, &path, bytes).await
    }

    /// `library.create NAME`.
    pub(crate) async fn create(&mut self, name: &str) -> String {
        let backings = json!([{"datastore_id": "datastore-1", "type": "DATASTORE"}]);
        let spec = json!({"name": name, "type": "LOCAL", "storage_backings": backings});
        self.post("/local-library", json!({"create_spec": spec})).await.text()
    }

    /// How every command finds a library by its name: the identifier, then the rest.
    pub(crate) async fn library(&mut self, name: &str) -> Value {
        let found = self.post("/library?~action=find", json!({"spec": {"name": name}})).await.value();
        let id = found[0].as_str().expect("one that is found").to_owned();
        self.get(&format!("/library/id:{id}")).await.value()
    }

    pub(crate) async fn item(&mut self, library: &str, name: &str) -> Value {
        let spec = json!({"spec": {"library_id": library, "name": name}});
        let found = self.post("/library/item?~action=find", spec).await.value();
        let id = found[0].as_str().expect("one that is found").to_owned();
        self.get(&format!("/library/item/id:{id}")).await.value()
    }

    /// The part of `library.import` before the bytes: item and session.
    pub(crate) async fn begin(&mut self, library: &str, name: &str, type_name: &str) -> (String, String) {
        let spec = json!({"name": name, "description": "", "library_id": library, "type": type_name});
        let item = self.post("/library/item", json!({"create_spec": spec})).await.text();
        let spec = json!({"create_spec": {"library_item_id": item}});
        (item, self.post("/library/item/update-session", spec).await.text())
    }

    /// One file of `library.import`; the reply to its bytes.
    pub(crate) async fn push(
        &mut self,
        session: &str,
        name: &str,
        bytes: &str,
        checksum: Option<&str>,
    ) -> Reply {
        let mut spec = json!({"name": name, "size": bytes.len(), "source_type": "PUSH"});
        if let Some(checksum) = checksum {
            spec["checksum_info"] = json!({"algorithm": "SHA256", "checksum": checksum});
        }
        let path = format!("/library/item/updatesession/file/id:{session}?~action=add");
        let added = self.post(&path, json!({"file_spec": spec})).await.value();
        assert_eq!(added["name"], name);
        assert_ne!(added["status"], "ERROR", "{added}");
        let uri = added["upload_endpoint"]["uri"].as_str().expect("where to send it").to_owned();
        self.bytes("put", &uri, bytes).await
    }

    pub(crate) async fn complete(&mut self, session: &str) {
        self.act(&format!("/library/item/update-session/id:{session}?~action=complete")).await.is_done();
    }

    /// Looks at a session until it has ended; it does so every three seconds.
    pub(crate) async fn ended(&mut self, path: &str) -> Value {
        loop {
            let session = self.get(path).await.value();
            if session["state"] != "ACTIVE" {
                return session;
            }
            tokio::task::yield_now().await;
        }
    }

    /// What `library.import` is for `image.iso`.
    pub(crate) async fn import(&mut self, library: &str) -> (String, String) {
        let (item, session) = self.begin(library, "image", "iso").await;
        let sent = self.push(&session, "image.iso", "image bytes", None).await;
        assert!([200, 201].contains(&sent.status), "{}", sent.body);
        self.complete(&session).await;
        (item, session)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_makes_fills_and_removes_a_library() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("images").await;
    govc.end().await;

    let mut govc = Govc::new(&listening).await;
    assert_eq!(govc.library("images").await["id"], library);
    let (item, session) = govc.import(&library).await;
    // It does not wait for the end, but what it leaves has to come to one.
    let path = format!("/library/item/update-session/id:{session}");
    let left = govc.get(&path).await.value();
    assert_eq!((&left["state"], &left["library_item_id"]), (&json!("DONE"), &json!(item)));
    govc.end().await;

    let mut govc = Govc::new(&listening).await;
    let found = govc.library("images").await;
    let spec =
        json!({"create_spec": {"name": "image", "description": "", "library_id": library, "type": "iso"}});
    govc.post("/library/item", spec).await.is_refused("already_exists", "image");
    assert_eq!(found["name"], "images");
    assert_eq!(govc.item(&library, "image").await["id"], item);
    govc.delete(&format!("/library/item/id:{item}")).await.is_done();
    assert_eq!(govc.get(&format!("/library/item?library_id={library}")).await.value(), json!([]));
    govc.delete(&format!("/local-library/id:{library}")).await.is_done();
    assert_eq!(govc.get("/library").await.value(), json!([]));
    assert_eq!(govc.get(&format!("/library/id:{library}")).await.status, 404);
    govc.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_lists_what_there_is() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("images").await;
    let (item, _) = govc.import(&library).await;

    // `library.ls`, and `library.ls /images/*`.
    assert_eq!(govc.get("/library").await.value(), json!([library]));
    let shown = govc.get(&format!("/library/id:{library}")).await.value();
    assert_eq!((&shown["name"], &shown["type"]), (&json!("images"), &json!("LOCAL")));
    assert_eq!((&shown["creation_time"], &shown["id"]), (&json!(NOW), &json!(library)));
    assert_eq!(shown["last_modified_time"], NOW);
    assert_eq!(shown["storage_backings"], json!([{"type": "DATASTORE", "datastore_id": "datastore-1"}]));
    assert!(shown["version"].is_string() && shown["description"].is_string(), "{shown}");
    assert_eq!(govc.get(&format!("/library/item?library_id={library}")).await.value(), json!([item]));

    // A name that nothing has is tried as an identifier.
    let nothing = govc.post("/library?~action=find", json!({"spec": {"name": "none"}})).await.value();
    assert_eq!(nothing, json!([]));
    assert_eq!(govc.get("/library/id:none").await.status, 404);
    govc.end().await;
}

/// `library.info /images/image`, and of its file, with `-s`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_shows_an_item_and_its_file() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("images").await;
    let (item, _) = govc.import(&library).await;

    let shown = govc.item(&library, "image").await;
    for (field, wanted) in [
        ("id", json!(item)),
        ("library_id", json!(library)),
        ("name", json!("image")),
        ("type", json!("iso")),
        ("size", json!(11)),
        ("cached", json!(true)),
        ("creation_time", json!(NOW)),
        ("last_modified_time", json!(NOW)),
    ] {
        assert_eq!(shown[field], wanted, "{field}");
    }
    for field in ["content_version", "metadata_version", "version", "description"] {
        assert!(shown[field].is_string(), "{field} of {shown}");
    }
    let of_name = json!({"name": "image.iso"});
    let file = govc.post(&format!("/library/item/file/id:{item}?~action=get"), of_name).await.value();
    assert_eq!(
        (&file["name"], &file["size"], &file["cached"]),
        (&json!("image.iso"), &json!(11), &json!(true))
    );
    assert!(file["version"].is_string(), "{file}");
    assert_eq!(govc.get(&format!("/library/item/file?library_item_id={item}")).await.value(), json!([file]));
    let of_name = json!({"file_name": "image.iso"});
    let path = format!("/library/item/storage/id:{item}?~action=get");
    assert_eq!(govc.post(&path, of_name.clone()).await.status, 403);
    govc.end().await;
    let mut govc = Govc::login(&listening, ROOT).await;
    let stored = govc.post(&path, of_name).await.value();
    assert_eq!((&stored[0]["name"], &stored[0]["size"]), (&json!("image.iso"), &json!(11)));
    assert!(stored[0]["storage_uris"][0].is_string(), "{stored}");
    assert_eq!(stored[0]["storage_backing"]["type"], "DATASTORE", "{stored}");
    govc.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_exports_an_item() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("images").await;
    let (item, _) = govc.import(&library).await;

    let spec = json!({"create_spec": {"library_item_id": item}});
    let session = govc.post("/library/item/download-session", spec).await.text();
    let files =
        govc.get(&format!("/library/item/downloadsession/file?download_session_id={session}")).await.value();
    assert_eq!(files.as_array().unwrap().len(), 1);
    assert_eq!((&files[0]["name"], &files[0]["status"]), (&json!("image.iso"), &json!("UNPREPARED")));
    let path = format!("/library/item/downloadsession/file/id:{session}");
    let of_name = json!({"file_name": "image.iso"});
    let asked = govc.post(&format!("{path}?~action=prepare"), of_name.clone()).await.value();
    assert_eq!(asked["name"], "image.iso");
    // It looks every second, for this status and no other.
    let file = loop {
        let file = govc.post(&format!("{path}?~action=get"), of_name.clone()).await.value();
        if file["status"] == "PREPARED" {
            break file;
        }
        assert_ne!(file["status"], "ERROR", "{file}");
        tokio::task::yield_now().await;
    };
    let uri = file["download_endpoint"]["uri"].as_str().expect("where it is").to_owned();
    let fetched = govc.bytes("fetch", &uri, "").await;
    assert_eq!((fetched.status, fetched.body.as_str()), (200, "image bytes"));
    govc.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_imports_a_machine_without_waiting() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("machines").await;
    let (item, session) = govc.begin(&library, "vm", "ovf").await;
    for (name, bytes) in [("vm.ovf", DESCRIPTOR), ("disk-0.vmdk", "a disk")] {
        assert_eq!(govc.push(&session, name, bytes, None).await.status, 200, "{name}");
    }
    govc.complete(&session).await;
    let ended = govc.ended(&format!("/library/item/update-session/id:{session}")).await;
    assert_eq!(ended["state"], "DONE");
    let files = govc.get(&format!("/library/item/file?library_item_id={item}")).await.value();
    let mut names: Vec<_> = files.as_array().unwrap().iter().map(|file| file["name"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["disk-0.vmdk", "vm.ovf"]);
    govc.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_removes_what_a_failed_import_left() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("images").await;
    let (_, session) = govc.begin(&library, "image", "iso").await;
    let sent = govc.push(&session, "image.iso", "image bytes", Some(SHA256)).await;
    assert_eq!(sent.status, 400, "{}", sent.body);
    govc.end().await;

    // `library.session.ls -i`.
    let mut govc = Govc::new(&listening).await;
    let sessions = "/library/item/update-session";
    assert_eq!(govc.get(sessions).await.value(), json!([session]));
    let path = format!("{sessions}/id:{session}");
    let shown = govc.get(&path).await.value();
    assert_eq!((&shown["id"], &shown["state"]), (&json!(session), &json!("ACTIVE")));
    assert!(shown["expiration_time"].is_string() && shown["client_progress"].is_u64(), "{shown}");
    let files =
        govc.get(&format!("/library/item/updatesession/file?update_session_id={session}")).await.value();
    assert_eq!((&files[0]["name"], &files[0]["status"]), (&json!("image.iso"), &json!("ERROR")));
    assert!(files[0]["error_message"]["default_message"].is_string(), "{files}");
    assert_eq!(govc.get("/library/item/download-session").await.value(), json!([]));

    // `library.session.rm`, without and with `-f`.
    govc.delete(&path).await.is_refused("not_allowed_in_current_state", "ACTIVE");
    govc.act(&format!("{path}?~action=cancel")).await.is_done();
    govc.delete(&path).await.is_done();
    assert_eq!(govc.get(sessions).await.value(), json!([]));
    govc.end().await;
}
