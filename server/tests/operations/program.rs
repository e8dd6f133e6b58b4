//! The program itself, started as people start it.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use contentlibd::tls::Certificate;
use contentlibd::tls::self_signed::Files;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::scratch::Scratch;

fn contentlibd(scratch: &Scratch, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contentlibd"));
    command.arg("--data-directory").arg(scratch.path().join("data")).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(scratch: &Scratch, arguments: &[&str]) -> Output {
    contentlibd(scratch, arguments).output().expect("a program")
}

/// Exit code and what it says of it.
fn end(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Has a user added, whose password is a file's first line.
fn add_user(scratch: &Scratch, name: &str, password: &str) {
    add_user_as(scratch, name, password, "reader");
}

pub(crate) fn add_user_as(scratch: &Scratch, name: &str, password: &str, role: &str) {
    let file = scratch.path().join("password");
    fs::write(&file, format!("{password}\nanother line\n")).expect("a file");
    let file = file.to_str().expect("a path");
    let output = run(scratch, &["user", "add", name, "--role", role, "--password-file", file]);
    assert!(output.status.success(), "{output:?}");
}

/// A server that listens.
pub(crate) struct Served {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    pub(crate) address: SocketAddr,
}

impl Served {
    pub(crate) fn start(scratch: &Scratch, arguments: &[&str]) -> Served {
        let mut command = contentlibd(scratch, &["serve", "--set", "log.format=json"]);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = command.args(arguments).spawn().expect("a program");
        let mut log = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let line = line_with(&mut log, "contentlibd listens");
        let address = line["address"].as_str().and_then(|text| text.parse().ok()).expect("an address");
        Served { child, log, address }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).expect("a connection")
    }

    /// The reply to a request, to the end of the connection.
    pub(crate) fn ask(&self, request: &str, headers: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")
            .expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        reply
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(id, signal).expect("a signal");
    }

    fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("an end").code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next line of the log with this message.
fn line_with(log: &mut Lines<BufReader<ChildStderr>>, message: &str) -> Value {
    for line in log {
        let line = line.expect("a line");
        let parsed: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        if parsed["message"].as_str().is_some_and(|text| text.starts_with(message)) {
            return parsed;
        }
    }
    panic!("the log has no `{message}`");
}

/// Of `ann` and `correct horse`.
pub(crate) const CREDENTIALS: &str = "Authorization: Basic YW5uOmNvcnJlY3QgaG9yc2U=\r\n";
pub(crate) const LOGIN: &str = "POST /api/session";

#[test]
fn a_user_that_is_added_while_it_runs_logs_in_and_a_removed_one_does_not() {
    let scratch = Scratch::new();
    let mut served = Served::start(&scratch, &[]);
    assert!(served.ask(LOGIN, CREDENTIALS).starts_with("HTTP/1.1 401 "));
    add_user(&scratch, "ann", "correct horse");
    assert!(served.ask(LOGIN, CREDENTIALS).starts_with("HTTP/1.1 201 "));
    let listed = run(&scratch, &["user", "list"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "ann\treader\n");
    assert!(run(&scratch, &["user", "remove", "ann"]).status.success());
    assert!(served.ask(LOGIN, CREDENTIALS).starts_with("HTTP/1.1 401 "));
    served.signal(Signal::TERM);
    assert_eq!(served.wait(), Some(0));
}

#[test]
fn a_reader_begins_no_update_and_a_removed_user_nothing() {
    let scratch = Scratch::new();
    add_user(&scratch, "ann", "correct horse");
    let served = Served::start(&scratch, &[]);
    let login = served.ask(LOGIN, CREDENTIALS);
    let id = login.rsplit('"').nth(1).expect("a session").to_owned();
    let begin = || {
        let body = r#"{"library_item_id":"x"}"#;
        let (n_bytes, json) = (body.len(), "Content-Type: application/json");
        let headers = format!("vmware-api-session-id: {id}\r\n{json}\r\nContent-Length: {n_bytes}\r\n");
        let mut stream = served.connect();
        let line = "POST /api/content/library/item/update-session HTTP/1.1";
        write!(stream, "{line}\r\nHost: x\r\nConnection: close\r\n{headers}\r\n{body}").expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        reply
    };
    let refused = begin();
    assert!(
        refused.starts_with("HTTP/1.1 403 ") && refused.contains("ContentLibrary.UpdateSession"),
        "{refused}"
    );
    let users = fs::read_to_string(scratch.path().join("data/users")).expect("users");
    fs::write(scratch.path().join("data/users"), users.replace(":reader:", ":publisher:")).expect("users");
    assert!(begin().starts_with("HTTP/1.1 404 "));
    assert!(run(&scratch, &["user", "remove", "ann"]).status.success());
    assert!(begin().starts_with("HTTP/1.1 401 "));
}

#[test]
fn each_request_has_a_line_in_the_log_and_none_shows_a_secret() {
    let scratch = Scratch::new();
    add_user(&scratch, "ann", "correct horse");
    let mut served = Served::start(&scratch, &["--set", "log.level=debug"]);
    served.ask("PUT /transfer/upload/session/capability/file?also=capability", "");
    let login = served.ask(LOGIN, &format!("X-Request-Id: mine\r\n{CREDENTIALS}"));
    let id = login.rsplit('"').nth(1).expect("a session");
    served.ask("GET /api/session", &format!("vmware-api-session-id: {id}\r\n"));
    served.signal(Signal::TERM);
    assert_eq!(served.wait(), Some(0));
    let log: Vec<String> = served.log.by_ref().map(|line| line.expect("a line")).collect();
    let lines: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let calls: Vec<&Value> = lines.iter().filter(|line| line["message"] == "call").collect();
    assert_eq!(calls.len(), 2, "{log:?}");
    assert_eq!((&calls[0]["op_id"], &calls[0]["status"]), (&"mine".into(), &201.into()));
    assert_eq!(calls[1]["operation"], "com.vmware.cis.session.get");
    assert_eq!((&calls[1]["user"], &calls[1]["surface"]), (&"ann".into(), &"api".into()));
    assert!(calls[1]["op_id"].as_str().is_some_and(|name| name.len() == 36), "{log:?}");
    for secret in ["capability", id, "horse", "YW5u"] {
        assert!(!log.iter().any(|line| line.contains(secret)), "{secret}: {log:?}");
    }
}

#[test]
fn health_and_figures_are_told() {
    let scratch = Scratch::new();
    let served = Served::start(&scratch, &[]);
    let health = served.ask("GET /healthz", "");
    assert!(health.starts_with("HTTP/1.1 200 ") && health.contains(r#""status":"ok""#), "{health}");
    let figures = served.ask("GET /metrics", "");
    let counted = r#"contentlibd_requests_total{surface="http",operation="/healthz",status="200"} 1"#;
    assert!(figures.contains(counted) && figures.contains("contentlibd_disk_free_bytes "), "{figures}");
}

#[test]
fn what_is_wrong_is_told_to_whoever_watches() {
    let scratch = Scratch::new();
    let settings =
        ["--set", "metrics.disk_free_bytes_min=9000000000000000000", "--set", "metrics.visible_to=nobody"];
    let served = Served::start(&scratch, &settings);
    let health = served.ask("GET /healthz", "");
    assert!(health.starts_with("HTTP/1.1 503 ") && health.contains("MiB left on the disk"), "{health}");
    assert!(served.ask("GET /metrics", "").starts_with("HTTP/1.1 404 "));
}

#[test]
fn connections_too_many_are_told_to_come_back() {
    let scratch = Scratch::new();
    let served = Served::start(&scratch, &["--set", "listen.connections_max=1"]);
    let mut first = served.connect();
    // Its reply shows that it has its place.
    write!(first, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").expect("a request");
    let mut byte = [0];
    first.read_exact(&mut byte).expect("a reply");
    let refused = served.ask("GET /healthz", "");
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 1"), "{refused}");
}

#[test]
fn a_head_that_does_not_come_costs_a_place_for_a_while_only() {
    let scratch = Scratch::new();
    let served = Served::start(&scratch, &["--set", "listen.head_timeout_ms=50"]);
    let mut slow = served.connect();
    slow.write_all(b"GET /healthz HT").expect("a part of a request");
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).expect("the end");
}

/// A login of which the server has the head and wants the body.
fn under_way(scratch: &Scratch, served: &Served) -> TcpStream {
    add_user(scratch, "ann", "correct horse");
    let mut stream = served.connect();
    let headers =
        "Host: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n";
    write!(stream, "{LOGIN} HTTP/1.1\r\n{headers}{CREDENTIALS}\r\n").expect("a head");
    let mut reply = [0; 25];
    stream.read_exact(&mut reply).expect("a word to go on");
    assert_eq!(&reply, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[test]
fn what_is_under_way_finishes_when_the_server_stops() {
    let scratch = Scratch::new();
    let mut served = Served::start(&scratch, &[]);
    let mut stream = under_way(&scratch, &served);
    served.signal(Signal::TERM);
    line_with(&mut served.log, "stopping");
    stream.write_all(b"{}").expect("a body");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("a reply");
    assert!(reply.starts_with("HTTP/1.1 201 "), "{reply}");
    assert_eq!(served.wait(), Some(0));
}

#[test]
fn what_does_not_finish_in_time_is_cut_off() {
    let scratch = Scratch::new();
    let mut served = Served::start(&scratch, &["--set", "listen.shutdown_grace_ms=50"]);
    let _stream = under_way(&scratch, &served);
    served.signal(Signal::TERM);
    assert_eq!(served.wait(), Some(1));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let scratch = Scratch::new();
    let mut served = Served::start(&scratch, &[]);
    let _stream = under_way(&scratch, &served);
    served.signal(Signal::INT);
    line_with(&mut served.log, "stopping");
    served.signal(Signal::INT);
    assert_eq!(served.wait(), Some(contentlibd::running::STOPPED_AT_ONCE));
}

#[test]
fn a_certificate_is_made_and_its_thumbprint_printed() {
    let scratch = Scratch::new();
    let mut served = Served::start(&scratch, &["--tls-self-signed"]);
    served.signal(Signal::TERM);
    assert_eq!(served.wait(), Some(0));
    let mut printed = String::new();
    served.child.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("a text");
    let files = Files::in_directory(&scratch.path().join("data"));
    let thumbprints = Certificate::read(&files.certificate, &files.key).expect("a pair").thumbprints();
    assert!(printed.contains(&thumbprints.sha256) && printed.contains(&thumbprints.sha1), "{printed}");
}

#[test]
fn plain_http_where_tls_is_spoken_is_told_so() {
    let scratch = Scratch::new();
    let served = Served::start(&scratch, &["--tls-self-signed"]);
    let reply = served.ask("GET /api/session", "");
    assert!(reply.starts_with("HTTP/1.1 400 ") && reply.contains("This port speaks https."), "{reply}");
    let mut silent = served.connect();
    silent.write_all(b"\x16\x03\x01\x00\x02no").expect("what is no handshake");
    let mut alert = Vec::new();
    silent.read_to_end(&mut alert).expect("an end");
    assert!(!alert.starts_with(b"HTTP"), "{alert:?}");
}

#[test]
fn a_hangup_reads_the_certificate_again() {
    let (scratch, other) = (Scratch::new(), Scratch::new());
    let mut served = Served::start(&scratch, &["--tls-self-signed"]);
    contentlibd::tls::self_signed::make(other.path(), &[]).expect("another certificate");
    let (from, to) = (Files::in_directory(other.path()), Files::in_directory(&scratch.path().join("data")));
    fs::copy(&from.certificate, &to.certificate).expect("another certificate");
    fs::copy(&from.key, &to.key).expect("its key");
    served.signal(Signal::HUP);
    let line = line_with(&mut served.log, "certificate read again");
    let thumbprints = Certificate::read(&from.certificate, &from.key).expect("a pair").thumbprints();
    assert_eq!(line["sha256"], thumbprints.sha256);
}

#[test]
fn it_does_not_listen_where_strangers_could_do_harm() {
    let scratch = Scratch::new();
    let everywhere = ["serve", "--listen", "0.0.0.0:0"];
    let (code, words) = end(&run(&scratch, &everywhere));
    assert!(
        code == Some(3) && words.contains("there is no TLS") && words.contains("--tls-self-signed"),
        "{words}"
    );
    let with_tls = [&everywhere[..], &["--tls-self-signed"]].concat();
    let (code, words) = end(&run(&scratch, &with_tls));
    assert!(code == Some(3) && words.contains("contentlibd user add"), "{words}");
    add_user(&scratch, "ann", "correct horse");
    Served::start(&scratch, &["--listen", "0.0.0.0:0", "--tls-self-signed"]);
    Served::start(&scratch, &["--listen", "0.0.0.0:0", "--insecure-plain-http-beyond-loopback"]);
}

#[test]
fn what_is_in_the_way_is_told_with_what_to_do() {
    let (scratch, other) = (Scratch::new(), Scratch::new());
    let served = Served::start(&scratch, &[]);
    let (code, words) = end(&run(&scratch, &["serve", "--listen", "127.0.0.1:0"]));
    let by = format!("in use by process {};", served.child.id());
    assert!(code == Some(4) && words.contains(&by), "{words}");
    let (code, words) = end(&run(&other, &["serve", "--listen", &served.address.to_string()]));
    assert!(code == Some(4) && words.contains("is in use by another program"), "{words}");
}

#[test]
fn what_is_wrong_with_what_was_given_is_told() {
    let scratch = Scratch::new();
    let missing = scratch.path().join("missing.toml");
    let (code, words) =
        end(&run(&scratch, &["config", "check", "--config", missing.to_str().expect("a path")]));
    assert!(code == Some(3) && words.contains("missing.toml cannot be read"), "{words}");
    let (code, words) = end(&run(&scratch, &["config", "check", "--set", "listen.adress=x"]));
    assert!(code == Some(3) && words.contains("did you mean `listen.address`?"), "{words}");
    let (code, words) = end(&run(&scratch, &["sevre"]));
    assert!(code == Some(2) && words.contains("serve"), "{words}");
    let (code, words) = end(&run(&scratch, &["user", "add", "ann"]));
    assert!(code == Some(3) && words.contains("8 characters at least"), "{words}");
}

#[test]
fn the_demo_says_what_to_type_and_leaves_nothing() {
    let scratch = Scratch::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_contentlibd"))
        .arg("--demo")
        .env("TMPDIR", scratch.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a program");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let said: Vec<String> =
        lines.by_ref().map_while(Result::ok).take_while(|line| !line.contains("govc library.ls")).collect();
    let said = said.join("\n");
    assert!(
        said.contains("curl -s -X POST -u demo:") && said.contains("export GOVC_URL=http://demo:"),
        "{said}"
    );
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(id, Signal::INT).expect("a signal");
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    assert_eq!(fs::read_dir::<&Path>(scratch.path()).expect("a folder").count(), 0);
}
