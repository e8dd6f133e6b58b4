//! `demo serve`: the services of the demo behind a login, on a free loopback port, for clients of others.
//!
//! In: nothing but the end of standard input, which ends the server. Out: a line with the server's root URL, user and
//! password. Not here: what the clients are to see, which is in `interop/`.

use std::error::Error;
use std::io::{Read as _, Write as _};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use vapi::cis::session::SessionClient;
use vapi::content::library::item::update_session::UpdateSessionServer;
use vapi::content::library::item::updatesession::file::FileServer;
use vapi::runtime::server::{self, KnownUsers, Router, SessionLimits, SessionService};

use crate::files::Files;
use crate::sessions::Sessions;

const USER: &str = "administrator@vsphere.local";
/// Library items that sessions can be on: `item-1` and so on.
const N_ITEMS: usize = 20;
const PASSWORD: &str = "p@ss:w0rd";

/// Serves until nobody holds the other end of standard input.
pub(crate) fn serve_until_input_ends() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        // Whoever started the server reads this line and nothing else.
        writeln!(std::io::stdout(), "http://{} {USER} {PASSWORD}", listener.local_addr()?)?;
        let (end, ended) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let _closed = std::io::stdin().read_to_end(&mut Vec::new());
            drop(end);
        });
        server::serve(listener, router(), super::ended(ended)).await?;
        Ok(())
    })
}

fn router() -> Router {
    let users = KnownUsers::new().user(USER, PASSWORD);
    let login_sessions = server::Sessions::new(SessionLimits::new());
    let sessions = Sessions::new((1..=N_ITEMS).map(|number| format!("item-{number}")));
    let files = Files::new(sessions.clone());
    Router::new()
        .sessions(SessionService::new(SessionClient::TABLE, login_sessions, users))
        .mount(UpdateSessionServer(sessions))
        .mount(FileServer(files))
}
