//! A server in a process of its own, and command lines for it.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use contentlibd::config::Config;
use contentlibd::running;
use contentlibd::users::file::{self, Edit, User};
use contentlibd::users::password;
use contentlibd::users::role::Role;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Who uses the server in these tests, and what proves it.
pub(crate) const USER: &str = "ann";
pub(crate) const PASSWORD: &str = "pa55word-of-ann";

/// A folder that goes with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static N_MADE: AtomicU32 = AtomicU32::new(0);
        let n_made = N_MADE.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("contentlib-program-{}-{n_made}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    /// A file of zeros in it.
    pub(crate) fn file(&self, name: &str, n_bytes: u64) -> PathBuf {
        let path = self.0.join(name);
        std::fs::File::create(&path).unwrap().set_len(n_bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed_or_not = std::fs::remove_dir_all(&self.0);
    }
}

/// A server; it goes with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) url: String,
    /// SHA-256 of its certificate, where it has one.
    pub(crate) thumbprint: Option<String>,
    pub(crate) folder: Folder,
}

/// How a server is started.
#[derive(Default)]
pub(crate) struct Start {
    /// What clients call it, if not by its address.
    pub(crate) public_url: Option<String>,
    pub(crate) has_tls: bool,
}

impl Served {
    pub(crate) fn start(how: &Start) -> Served {
        let folder = Folder::new();
        // Cargo builds no programs of other crates for tests, so it is this test's own again.
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "served::contentlibd", "--nocapture"])
            .env("CONTENTLIB_TEST_SERVER", &folder.0)
            .env("CONTENTLIB_TEST_URL", how.public_url.as_deref().unwrap_or_default())
            .env("CONTENTLIB_TEST_TLS", if how.has_tls { "1" } else { "" })
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.find_map(|line| line.unwrap().strip_prefix("READY ").map(str::to_owned));
        // The rest is nobody's, but has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let ready: Value = serde_json::from_str(&ready.unwrap()).unwrap();
        let text = |name: &str| ready[name].as_str().map(str::to_owned);
        Served {
            child,
            address: text("address").unwrap().parse().unwrap(),
            url: text("url").unwrap(),
            thumbprint: text("thumbprint"),
            folder,
        }
    }

    /// A command line, with the user's name and password, and nothing else of this process's surroundings.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.nobodys(words);
        command.env("CONTENTLIB_USER", USER).env("CONTENTLIB_PASSWORD", PASSWORD);
        command
    }

    /// Has it do nothing any more, without closing anything.
    pub(crate) fn stop(&self) {
        signal(&self.child, Signal::STOP);
    }

    /// The same without a user.
    pub(crate) fn nobodys(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contentlib"));
        command
            .args(words)
            .env_clear()
            .env("CONTENTLIB_URL", &self.url)
            .env("XDG_CONFIG_HOME", self.folder.0.join("config"))
            .current_dir(&self.folder.0)
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        self.command(words).output().unwrap().into()
    }

    /// Runs a command that has to succeed; what it printed.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let ended = self.run(words);
        assert_eq!(ended.code, Some(0), "{words:?} {ended:?}");
        ended.out
    }

    /// The same, for programs.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[words, &["--output", "json"]].concat())).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _killed_or_gone = self.child.kill();
        let _ended_or_gone = self.child.wait();
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Ended {
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        Ended { code: output.status.code(), out, err }
    }
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Where tests start it, this is the server; for itself it is the test that the server starts and stops.
#[test]
fn contentlibd() {
    if let Some(folder) = env::var_os("CONTENTLIB_TEST_SERVER") {
        return serve(Path::new(&folder));
    }
    let mut served = Served::start(&Start::default());
    assert!(served.url.ends_with(&served.address.to_string()));
    signal(&served.child, Signal::TERM);
    assert!(served.child.wait().unwrap().success());
}

fn serve(folder: &Path) {
    let given = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let mut config = Config { data_directory: folder.join("data"), ..Config::default() };
    config.public_url = given("CONTENTLIB_TEST_URL");
    config.tls.self_signed = given("CONTENTLIB_TEST_TLS").is_some();
    config.listen.address.set_port(0);
    // Publishers of these tests are on this machine.
    config.outbound.allow_private_networks = true;
    std::fs::create_dir(&config.data_directory).unwrap();
    let hash = password::hash(&PASSWORD.into()).unwrap();
    let user = User { name: USER.to_owned(), role: Role::Administrator, hash };
    file::edit(&config.users_file(), &Edit::Add(&user)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let ready = running::ready(config).await.unwrap();
        let thumbprint = ready.certificate().map(|certificate| certificate.thumbprints().sha256);
        let told = serde_json::json!({"address": ready.address, "url": ready.url, "thumbprint": thumbprint});
        let mut stdout = io::stdout();
        writeln!(stdout, "READY {told}").unwrap();
        ready.serve().await.unwrap();
    });
}
