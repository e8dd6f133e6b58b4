//! `cargo xtask demo`: one operation over real HTTP, on every surface in every representation and both URL forms, byte for byte.
//!
//! In: where contentlibd is, a user and a password. The generated client calls it through a tap that keeps every byte.
//! Out: each exchange as it went over the socket, and exit code 1 if any was not as expected.
//! Not here: what `fail` looks like on the wire; that is generated, and checked here against literals.

mod cases;
mod show;
mod tap;

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use vapi::Client;
use vapi::content::library::item::update_session::UpdateSessionClient;
use vapi::content::library::{StorageBacking, StorageBackingType};
use vapi::content::{LibraryId, LibraryModel};
use vapi::runtime::Secret;

use cases::{Case, MESSAGE, SURFACES, State, all_cases};
use show::Show;
use tap::Tap;

const USAGE: &str =
    "usage: demo URL USER PASSWORD [SURFACE]; `cargo xtask demo` starts a server and gives these";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (&[url, user, password], only) = arguments.split_first_chunk().ok_or(USAGE)?;
    let only = only.first().copied();
    if let Some(name) = only.filter(|name| !SURFACES.contains(name)) {
        return Err(format!("no surface `{name}`; there are {}", SURFACES.join(", ")).into());
    }
    let n_surprises = run(&mut Show::stdout(), url, (user, password), only)?;
    Ok(if n_surprises == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs everything on this thread; the number of things that were not as expected.
fn run(
    show: &mut Show<impl Write>,
    url: &str,
    (user, password): (&str, &str),
    only: Option<&str>,
) -> Result<usize, Box<dyn Error>> {
    let address: SocketAddr =
        url.strip_prefix("http://").ok_or("the server's URL is not plain HTTP")?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let cases = all_cases(only);
        let stage = Stage::set_up(url, address, (user, password)).await?;
        show.title(address, cases.len());
        let mut n_surprises = 0;
        for case in &cases {
            n_surprises += stage.exchange(case, show).await?;
        }
        show.summary(cases.len(), n_surprises);
        stage.clear().await?;
        Ok(n_surprises)
    })
}

/// Clients that are logged in, and a library for the items of the cases.
struct Stage {
    /// Logs in and out.
    login: vapi::runtime::Client,
    /// The same, for operations; it prepares and inspects, and what it says is not shown.
    direct: Client,
    /// Calls through the tap.
    tapped: UpdateSessionClient,
    tap: Arc<Tap>,
    /// The identifier of the login session, which is the same for both.
    session: Secret,
    library: LibraryId,
}

impl Stage {
    async fn set_up(
        url: &str,
        address: SocketAddr,
        (user, password): (&str, &str),
    ) -> Result<Stage, Box<dyn Error>> {
        let tap = Tap::before(address).await?;
        let login = vapi::runtime::Client::new(url)?.credentials(user, password);
        let session = login.login().await?.ok_or("the server knows no logins")?;
        let tapped = vapi::runtime::Client::new(&format!("http://{}", tap.address()))?;
        let tapped = UpdateSessionClient::new(tapped.session_id(session.clone()));
        let direct = Client::from(login.clone());
        let place = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
        let library = direct.local_library().create(LibraryModel::for_create("demo", vec![place])).await?;
        Ok(Stage { login, direct, tapped, tap, session, library })
    }

    /// One call through the tap, shown; the number of things that were not as expected.
    async fn exchange(&self, case: &Case, show: &mut Show<impl Write>) -> Result<usize, Box<dyn Error>> {
        let id = case.prepare(&self.direct, &self.library).await?;
        self.tap.take();
        let call = self.tapped.fail(&id, MESSAGE).surface(case.surface).url_form(case.url_form);
        let outcome = call.await;
        let recorded = self.tap.take();
        let after = match case.state {
            State::Unknown => None,
            State::Active | State::Finished => Some(self.direct.update_session().get(&id).await?),
        };
        show.exchange(case, &recorded);
        let surprises = case.surprises(&id, &self.session, &outcome, after.as_ref(), &recorded);
        show.verdict(case, &surprises);
        Ok(surprises.len())
    }

    /// Leaves the server as it was.
    async fn clear(self) -> Result<(), Box<dyn Error>> {
        self.direct.local_library().delete(&self.library).await?;
        self.login.logout().await?;
        Ok(())
    }
}
