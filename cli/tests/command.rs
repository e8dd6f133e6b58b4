//! Whole commands in this process, against a mock: what is sent, what is printed, how it ends.
#![allow(clippy::unwrap_used, reason = "what a test cannot do without, it may insist on")]

#[path = "command/subscribe.rs"]
mod subscribe;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use contentlib::{Surroundings, Written, run, token};
use serde_json::{Value, json};
use vapi::content::library::ItemModel;
use vapi::content::library::item::UpdateSessionModel;
use vapi::content::library::item::update_session::{Fail, Get};
use vapi::runtime::client::{TransportError, TransportErrorKind, Untrusted};
use vapi::runtime::codec::{Dialect, EncodeOptions, Layout, json as codec};
use vapi::runtime::codegen::testing::{Filling, fill_parameters, fill_value};
use vapi::runtime::codegen::{Data, OperationTable, Ty};
use vapi::runtime::mock::{Mock, each_error};
use vapi::runtime::server::{Message, StandardError};
use vapi::runtime::{AnyStructure, AnyValue, Fault, Secret};
use vapi::vapi::std::errors::NotFound;

/// A command line and the world around it.
struct World {
    env: BTreeMap<&'static str, String>,
    config_dir: Option<PathBuf>,
    stdin: String,
}

fn world() -> World {
    World {
        env: BTreeMap::from([("CONTENTLIB_URL", "http://mock.test".to_owned())]),
        config_dir: None,
        stdin: String::new(),
    }
}

impl World {
    fn run(&self, mock: &Mock, words: &[&str]) -> Written {
        let transport = Arc::new(mock.transport());
        let said = Arc::new(Mutex::new(String::new()));
        let said_to = Arc::clone(&said);
        let (env, stdin) = (self.env.clone(), self.stdin.clone());
        let surroundings = Surroundings {
            env: Box::new(move |name| env.get(name).cloned()),
            config_dir: self.config_dir.clone(),
            transport: Box::new(move |_| transport.clone()),
            stdin: Arc::new(move || Ok(stdin.clone())),
            ask: None,
            say: Arc::new(move |line| said_to.lock().unwrap().push_str(&format!("{line}\n"))),
            screen: None,
            interrupt: Box::new(|| Box::pin(std::future::pending())),
        };
        let words = std::iter::once("contentlib").chain(words.iter().copied()).map(Into::into);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let written = runtime.block_on(run(words, &surroundings));
        // As they stand on standard error: what is said on the way goes first.
        Written { err: format!("{}{}", said.lock().unwrap(), written.err), ..written }
    }
}

fn mock() -> Mock {
    Mock::new(vapi::services())
}

const SURFACES: [&[&str]; 7] = [
    &["--surface", "json-rpc"],
    &["--surface", "rest"],
    &["--surface", "legacy-rest"],
    &["--surface", "2014"],
    &["--representation", "xml"],
    &["--representation", "form"],
    &["--representation", "form-body"],
];

fn as_json(ty: &Ty, value: &AnyValue) -> Value {
    let options = EncodeOptions { layout: Layout::default(), dialect: Dialect::Rest };
    match ty {
        Ty::Void => Value::Null,
        _ => serde_json::from_slice(&codec::encode_result(ty, value.view(), &options).unwrap()).unwrap(),
    }
}

fn input_as_json(input: &AnyStructure) -> Value {
    let options = EncodeOptions { layout: Layout::default(), dialect: Dialect::Rest };
    serde_json::from_slice(&codec::encode_input(input, &[], &options).unwrap()).unwrap()
}

/// A result as the mock gives it.
fn result(operation: &OperationTable, filling: Filling) -> AnyValue {
    // The tables are all static; only the mock's own signature is not.
    let operation = operations().find(|other| std::ptr::eq(*other, operation)).unwrap();
    let mut value = AnyValue::new(&operation.output);
    fill_value(&operation.output, value.slot(), filling);
    value
}

fn operations() -> impl Iterator<Item = &'static OperationTable> {
    vapi::services().iter().flat_map(|service| service.operations).map(|operation| operation.table())
}

/// Calls an operation with its parameters in a file or by options; false where it has no such line.
fn check_call(operation: &'static OperationTable, way: &[&str], filling: Filling, by_options: bool) -> bool {
    let what =
        format!("{}.{} {way:?} {filling:?} by options: {by_options}", operation.service, operation.name);
    let mock = mock();
    mock.answers_rest(move |call| Ok(result(call.operation, filling)));
    let mut input = AnyStructure::new(operation.input);
    fill_parameters(operation, &mut input, filling);
    let object = input_as_json(&input);
    let mut world = world();
    let mut words: Vec<String> = ["call", operation.service, operation.name].map(str::to_owned).into();
    words.extend(way.iter().map(|&word| word.to_owned()));
    words.extend(["--output", "json"].map(str::to_owned));
    if by_options {
        for (name, value) in object.as_object().unwrap() {
            words.push(format!("--{}", name.replace('_', "-")));
            words.push(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
    } else {
        words.extend(["--input", "-"].map(str::to_owned));
        world.stdin = object.to_string();
    }
    let written = world.run(&mock, &words.iter().map(String::as_str).collect::<Vec<_>>());
    if written.code == 2 && (written.err.contains("is not set") || written.err.contains("is not below /api"))
    {
        return false;
    }
    assert_eq!((written.code, written.err.as_str()), (0, ""), "{what}");
    let calls = mock.all_calls();
    assert_eq!(calls.len(), 1, "{what}");
    assert_eq!(input_as_json(&calls[0].input), object, "{what}");
    let printed: Value = serde_json::from_str(&written.out).unwrap();
    assert_eq!(printed, as_json(&operation.output, &result(operation, filling)), "{what}");
    true
}

#[test]
fn every_operation_on_every_surface() {
    for operation in operations() {
        for way in SURFACES {
            let is_called = check_call(operation, way, Filling::Most(0), false);
            let is_there = way != ["--surface", "rest"] || operation.rest.is_some();
            assert_eq!(is_called, is_there, "{}.{} {way:?}", operation.service, operation.name);
            check_call(operation, way, Filling::Least, false);
        }
    }
}

#[test]
fn every_operation_by_options() {
    for operation in operations() {
        assert!(check_call(operation, &["--surface", "json-rpc"], Filling::Most(1), true));
    }
}

#[track_caller]
fn check_code(written: &Written, code: u8, words: &[&str]) {
    assert_eq!(written.code, code, "{written:?}");
    for word in words {
        assert!(written.err.contains(word), "`{word}` is not in {}", written.err);
    }
}

#[test]
fn each_declared_error_has_an_exit_code() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(each_error::<Fail>(async |error| {
        // A command has a runtime of its own.
        std::thread::spawn(move || {
            let mock = mock();
            let is_not_found = error.to_string().contains("not_found");
            mock.on::<Fail>().fails(error);
            let written = world().run(&mock, &["session", "fail", "s-1", "disk full", "--surface", "rest"]);
            check_code(&written, if is_not_found { 3 } else { 4 }, &["as a test has it"]);
            assert_eq!(mock.calls::<Fail>()[0].client_error_message, "disk full");
        })
        .join()
        .unwrap();
    }));
}

#[test]
fn other_ends_have_codes_of_their_own() {
    let show = ["session", "show", "s-1", "--surface", "json-rpc"];
    let fault = |error| Fault::new(error, Message::new("a", "who", <[String; 0]>::default()));
    for (error, code) in [(StandardError::Unauthenticated, 6), (StandardError::Unauthorized, 7)] {
        let mock = mock();
        mock.on::<Get>().fails(fault(error));
        check_code(&world().run(&mock, &show), code, &["error:"]);
    }
    for (kind, code) in [(TransportErrorKind::Connect, 5), (TransportErrorKind::Tls, 8)] {
        let mock = mock();
        let untrusted =
            Untrusted::new("nobody vouches for it", format!("{}AB", "AB:".repeat(31)).parse().unwrap());
        mock.on::<Get>().breaks(TransportError::new(kind, "no way").caused_by(untrusted));
        check_code(&world().run(&mock, &show), code, &["no way", "--thumbprint AB:AB"]);
    }
}

#[test]
fn wrong_words_are_usage_errors_and_the_nearest_is_named() {
    let mock = mock();
    let check = |words: &[&str], said: &[&str]| check_code(&world().run(&mock, words), 2, said);
    check(&["sesion"], &["session"]);
    check(&["call", "update_sesion", "get"], &["update_session"]);
    check(&["call", "update_session", "gett"], &["get"]);
    check(&["call", "update_session", "fail", "--update-sesion-id", "x"], &["--update-session-id"]);
    check(&["call", "update_session", "get"], &["update_session_id", "hint:"]);
    check(
        &["call", "update_session", "keep_alive", "--update-session-id", "x", "--client-progress", "many"],
        &["whole number"],
    );
    check(&["ls", "--surface", "rest", "--representation", "xml"], &["JSON alone"]);
}

#[test]
fn without_a_server_the_variables_are_named() {
    let world = World { env: BTreeMap::new(), ..world() };
    check_code(&world.run(&mock(), &["ls"]), 2, &["CONTENTLIB_URL"]);
}

#[test]
fn errors_for_programs_have_one_shape() {
    let mock = mock();
    mock.on::<Get>().fails(NotFound::new(vec![]));
    let written = world().run(&mock, &["session", "show", "s-1", "--surface", "rest", "--output", "json"]);
    let error: Value = serde_json::from_str(&written.err).unwrap();
    assert_eq!(error["error"]["exit_code"], 3);
    assert_eq!(error["error"]["id"], "com.vmware.vapi.std.errors.not_found");
}

/// A folder for one test.
fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _there_or_not = std::fs::remove_dir_all(&folder);
    folder
}

#[test]
fn a_login_is_kept_for_its_owner_alone() {
    let dir = scratch("login");
    let world = World { config_dir: Some(dir.clone()), stdin: "secret\n".to_owned(), ..world() };
    let mock = mock();
    mock.on::<Get>().returns(UpdateSessionModel::new());
    let written = world.run(&mock, &["login", "--user", "ada"]);
    assert_eq!((written.code, written.out.as_str()), (0, "logged_in http://mock.test\n"), "{written:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(dir.join("session.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let calls = mock.all_calls();
    let login = calls.iter().find(|call| call.operation.name == "create").unwrap();
    assert_eq!(login.headers["authorization"], "Basic YWRhOnNlY3JldA==");

    // A later command names nothing and has the session.
    let later = World { env: BTreeMap::new(), ..world };
    assert_eq!(later.run(&mock, &["session", "show", "s-1"]).code, 0);
    let calls = mock.all_calls();
    assert_eq!(calls.last().unwrap().headers["vmware-api-session-id"], "mock-session");

    assert_eq!(later.run(&mock, &["logout"]).code, 0);
    assert_eq!(mock.all_calls().last().unwrap().operation.name, "delete");
    assert_eq!(token::read(&dir).unwrap(), None);
}

#[test]
fn options_come_before_variables_and_these_before_govcs() {
    let mock = mock();
    mock.on::<Get>().returns(UpdateSessionModel::new());
    let govc = [("GOVC_URL", "mock.test/sdk"), ("GOVC_USERNAME", "grace"), ("GOVC_PASSWORD", "p")];
    let mut world = World { env: govc.map(|(name, value)| (name, value.to_owned())).into(), ..world() };
    let show = ["session", "show", "s-1", "--surface", "rest"];
    let user = |world: &World, more: &[&str]| {
        let before = mock.all_calls().len();
        let written = world.run(&mock, &[&show, more].concat());
        assert_eq!(written.code, 0, "{written:?}");
        let calls = mock.all_calls();
        // A login for one command ends with it.
        assert_eq!(calls.last().unwrap().operation.name, "delete");
        calls[before].headers["authorization"].to_str().unwrap().to_owned()
    };
    assert_eq!(user(&world, &[]), "Basic Z3JhY2U6cA==");
    world.env.insert("CONTENTLIB_USER", "ada".to_owned());
    assert_eq!(user(&world, &[]), "Basic YWRhOnA=");
    assert_eq!(user(&world, &["--user", "joan"]), "Basic am9hbjpw");
}

#[test]
fn exchanges_are_shown_without_secrets() {
    for way in SURFACES {
        let mock = mock();
        mock.on::<Get>().returns(UpdateSessionModel::new().client_progress(40));
        mock.on::<vapi::cis::session::Create>().returns(Secret::new("tok-4711"));
        let mut world = world();
        world
            .env
            .extend([("CONTENTLIB_USER", "ada".to_owned()), ("CONTENTLIB_PASSWORD", "pa55word".to_owned())]);
        let written = world.run(&mock, &[&["session", "show", "s-1", "-v"], way].concat());
        assert_eq!(written.code, 0, "{written:?}");
        assert!(written.err.contains("> ") && written.err.contains("< 200"), "{}", written.err);
        for secret in ["tok-4711", "pa55word", "YWRhOnBhNTV3b3Jk"] {
            assert!(!written.err.contains(secret), "{way:?}: {}", written.err);
        }
    }
}

#[test]
fn libraries_and_items_are_listed() {
    use vapi::content::LibraryModel;
    use vapi::content::library::item::{Find as FindItem, Get as GetItem};
    use vapi::content::library::{Find, Get as GetLibrary, List};
    let mock = mock();
    let library = |id: &str| LibraryModel::new().id(id).name(format!("Name {id}"));
    mock.on::<List>().optional().returns(vec!["l-1".into(), "l-22".into()]);
    mock.on::<GetLibrary>().answers(move |input| Ok(library(input.library_id.as_str())));
    let written = world().run(&mock, &["ls", "--surface", "rest"]);
    assert_eq!(written.out, "l-1   -  Name l-1\nl-22  -  Name l-22\n", "{written:?}");

    mock.on::<Find>().when(|input| input.spec.name.as_deref() == Some("isos")).returns(vec!["l-1".into()]);
    mock.on::<FindItem>().answers(|input| match input.spec.name.as_deref() {
        Some("debian") => Ok(vec!["i-1".into()]),
        _ => Ok(vec![]),
    });
    let item = || ItemModel::new().id("i-1").name("debian").size(7);
    mock.on::<GetItem>().when(|input| input.library_item_id.as_str() == "i-1").returns(item());
    mock.on::<GetItem>().fails(NotFound::new(vec![]));
    let written = world().run(&mock, &["info", "isos/debian", "--surface", "rest", "--output", "json"]);
    assert_eq!(
        serde_json::from_str::<Value>(&written.out).unwrap(),
        json!({"id": "i-1", "name": "debian", "size": 7})
    );
    check_code(
        &world().run(&mock, &["info", "isos/none", "--surface", "rest"]),
        3,
        &["no item `none`", "hint:"],
    );
}

#[test]
fn completions_and_man_pages_are_made() {
    let mock = mock();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let written = world().run(&mock, &["completions", shell]);
        assert!(written.code == 0 && written.out.contains("session"), "{shell}: {written:?}");
    }
    let dir = scratch("man");
    assert_eq!(world().run(&mock, &["man", dir.to_str().unwrap()]).code, 0);
    assert!(std::fs::read_to_string(dir.join("contentlib-session-fail.1")).unwrap().contains("MESSAGE"));
}

/// Help texts as they are; `UPDATE_GOLDENS=1` writes them.
#[test]
fn help_texts() {
    let mock = mock();
    for (name, words) in [
        ("contentlib", &["--help"][..]),
        ("ls", &["ls", "--help"]),
        ("session", &["session", "--help"]),
        ("call", &["call", "--help"]),
        ("call_update_session_create", &["call", "update_session", "create", "--help"]),
    ] {
        let written = world().run(&mock, words);
        assert_eq!(written.code, 0, "{written:?}");
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/help/{name}.txt"));
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &written.out).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written.out, golden, "{name}; UPDATE_GOLDENS=1 writes it anew");
    }
}

/// The program itself: what a test in this process passes by.
#[test]
fn the_program_ends_with_the_code() {
    // Bound and closed again, so nobody listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_contentlib"))
        .args(["call", "update_session", "get", "--update-session-id", "s-1", "--surface", "rest"])
        .args(["--url", &format!("http://{address}")])
        .env("XDG_CONFIG_HOME", scratch("program"))
        .env_remove("GOVC_URL")
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(5), "{ended:?}");
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("no connection to 127.0.0.1") && said.contains("hint:"), "{said}");
}
