//! A server in a process of its own, to be killed and started again on the same data.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use contentlibd::config::Config;
use contentlibd::running;
use contentlibd::users::file::{self, Edit, User};
use contentlibd::users::password;
use contentlibd::users::role::Role;

use crate::served::Folder;

const DATA: &str = "CONTENTLIB_TEST_DATA";
const URL: &str = "CONTENTLIB_TEST_URL";

/// A server; it goes with the test.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// On this folder's data; clients know it by this URL.
    pub(crate) fn start(folder: &Folder, url: &str) -> Process {
        // Cargo builds no programs of other crates for tests, so it is this test's own again, as another of its tests.
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "process::contentlibd", "--nocapture"])
            .env(DATA, folder.path())
            .env(URL, url)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().strip_prefix("LISTENS ")?.parse().ok());
        // The rest is nobody's, but has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        Process { child, address: address.expect("it starts") }
    }

    /// `SIGKILL`; it is gone when this returns.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _killed_or_gone = self.child.kill();
        let _ended_or_gone = self.child.wait();
    }
}

/// Where tests start it, this is the server; for itself it is the test that the server starts and can be killed.
#[test]
fn contentlibd() {
    if let (Some(folder), Ok(url)) = (env::var_os(DATA), env::var(URL)) {
        return serve(Path::new(&folder), url);
    }
    let folder = Folder::new();
    let mut first = Process::start(&folder, "http://library.example");
    first.kill();
    let second = Process::start(&folder, "http://library.example");
    assert!(std::net::TcpStream::connect(second.address).is_ok());
}

fn serve(folder: &Path, url: String) {
    let mut config = Config { data_directory: folder.join("data"), ..Config::default() };
    config.public_url = Some(url);
    config.listen.address.set_port(0);
    // So that what came is noted and synced in the middle of uploads.
    config.transfers.sync_bytes = 64 << 10;
    config.transfers.report_ms = 1;
    if !config.data_directory.exists() {
        std::fs::create_dir(&config.data_directory).unwrap();
        let hash = password::hash(&"a".into()).unwrap();
        let user = User { name: "ann".to_owned(), role: Role::Publisher, hash };
        file::edit(&config.users_file(), &Edit::Add(&user)).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let ready = running::ready(config).await.unwrap();
        let mut stdout = io::stdout();
        writeln!(stdout, "LISTENS {}", ready.address).unwrap();
        ready.serve().await.unwrap();
    });
}
