//! `upload` and `download`, against a server in this process.
#![allow(clippy::unwrap_used, reason = "what a test cannot do without, it may insist on")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use contentlib::{Surroundings, Written, run};
use contentlibd::app::{Directory, Rights, SystemClock};
use contentlibd::front;
use contentlibd::life::{Opened, Working};
use contentlibd::settings::Settings;
use serde_json::Value;
use vapi::runtime::client::Http;
use vapi::runtime::server::{KnownUsers, SessionLimits, Sessions};

struct Nobody;

impl Directory for Nobody {
    fn rights(&self, _: &str) -> Rights {
        Rights { is_administrator: false, reads_storage: false }
    }
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("contentlib-{name}-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed_or_not = std::fs::remove_dir_all(&self.0);
    }
}

/// A server, and command lines for it.
struct World {
    url: String,
    said: Arc<Mutex<Vec<String>>>,
    _working: Working,
}

impl World {
    async fn new(folder: &Path) -> World {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (settings, logins) = (Settings::new(url.as_str()), Sessions::new(SessionLimits::new()));
        let opened =
            Opened::new(&folder.join("data"), settings, Arc::new(SystemClock), logins, Arc::new(Nobody));
        let opened = opened.unwrap();
        let users = Arc::new(KnownUsers::new().user("ann", "a"));
        let routes = front::routes(&opened.app, front::api(&opened.app, Arc::clone(&users)), &users);
        let working = opened.work().await.unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let world = World { url, said: Arc::default(), _working: working };
        let made = world.run(&["mk", "images", "--datastore", "datastore-1"]).await;
        assert_eq!(made.code, 0, "{made:?}");
        world
    }

    async fn run(&self, words: &[&str]) -> Written {
        let (url, said) = (self.url.clone(), Arc::clone(&self.said));
        let surroundings = Surroundings {
            env: Box::new(move |name| match name {
                "CONTENTLIB_URL" => Some(url.clone()),
                "CONTENTLIB_USER" => Some("ann".to_owned()),
                "CONTENTLIB_PASSWORD" => Some("a".to_owned()),
                _ => None,
            }),
            config_dir: None,
            transport: Box::new(|options| Arc::new(Http::with_options(options))),
            stdin: Arc::new(|| Ok(String::new())),
            ask: None,
            say: Arc::new(move |line| said.lock().unwrap().push(line.to_owned())),
            screen: None,
            interrupt: Box::new(|| Box::pin(std::future::pending())),
        };
        run(["contentlib"].iter().chain(words).map(Into::into), &surroundings).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_go_there_and_come_back() {
    let folder = Folder::new("there-and-back");
    let world = World::new(&folder.0).await;
    let (path, back) = (folder.0.join("ein Äpfel.iso"), folder.0.join("back"));
    std::fs::write(&path, b"bytes of it").unwrap();
    std::fs::create_dir(&back).unwrap();
    let path = path.to_str().unwrap();
    let sent = world.run(&["upload", "images", path, "--output", "json"]).await;
    assert_eq!((sent.code, sent.err.as_str()), (0, ""));
    assert_eq!(world.said.lock().unwrap().len(), 0, "nothing but the result, for programs");
    let sent: Value = serde_json::from_str(&sent.out).unwrap();
    assert_eq!(sent["files"], serde_json::json!(["ein Äpfel.iso"]));
    let again = world.run(&["upload", "images/ein Äpfel", path]).await;
    assert_eq!(again.out, format!("uploaded {}\n", sent["item"].as_str().unwrap()), "{again:?}");
    let said = world.said.lock().unwrap().join("\n");
    assert!(said.starts_with("session ") && said.ends_with("\"ein Äpfel.iso\": done"), "{said}");
    let fetched = world.run(&["download", "images/ein Äpfel", back.to_str().unwrap()]).await;
    assert_eq!(fetched.code, 0, "{fetched:?}");
    assert_eq!(std::fs::read(back.join("ein Äpfel.iso")).unwrap(), b"bytes of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failure_has_its_code() {
    let folder = Folder::new("failures");
    let world = World::new(&folder.0).await;
    let absent = folder.0.join("absent.iso");
    let absent = absent.to_str().unwrap();
    for (words, code) in [
        (&["upload", "images", absent][..], 1),
        (&["upload", "images"], 2),
        (&["download", "images"], 2),
        (&["download", "images/absent"], 3),
        (&["upload", "absent", absent], 3),
    ] {
        let written = world.run(words).await;
        assert_eq!(written.code, code, "{words:?} {written:?}");
    }
    let items = world.run(&["ls", "images"]).await;
    assert_eq!((items.code, items.out.as_str()), (0, ""), "no empty item is left");
}
