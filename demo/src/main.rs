//! `cargo xtask demo`: one operation over real HTTP, on every surface in every representation and both URL forms, byte for byte.
//!
//! A server with the generated stub listens on a free loopback port; the generated client calls it through a tap that
//! keeps every byte. Out: each exchange as it went over the socket, and exit code 1 if any was not as expected.
//! Not here: what `fail` looks like on the wire; that is generated, and checked here against literals.

mod cases;
mod files;
mod serve;
mod sessions;
mod show;
mod tap;

use std::error::Error;
use std::future::Future;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use vapi::content::library::item::update_session::{UpdateSessionClient, UpdateSessionServer};
use vapi::runtime::server::{self, Router};

use cases::{Case, MESSAGE, SURFACES, State, all_cases};
use sessions::Sessions;
use show::Show;
use tap::Tap;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let only = std::env::args().nth(1);
    match only.as_deref() {
        Some("serve") => return serve::serve_until_input_ends().map(|()| ExitCode::SUCCESS),
        Some(name) if !SURFACES.contains(&name) => {
            return Err(format!("no surface `{name}`; there are {}", SURFACES.join(", ")).into());
        }
        _ => {}
    }
    let n_surprises = run(&mut Show::stdout(), only.as_deref())?;
    Ok(if n_surprises == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs everything on this thread; the number of things that were not as expected.
fn run(show: &mut Show<impl Write>, only: Option<&str>) -> Result<usize, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let cases = all_cases(only);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let sessions = Sessions::new(cases.iter().map(|case| case.item.clone()));
        let router = Router::new().mount(UpdateSessionServer(sessions));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(server::serve(listener, router, ended(stopped)));

        let tap = Tap::before(address).await?;
        // What is said to the server directly prepares and inspects; only what goes through the tap is shown.
        let direct = vapi::Client::new(&format!("http://{address}"))?.update_session();
        let tapped = vapi::Client::new(&format!("http://{}", tap.address()))?.update_session();
        show.title(address, cases.len());
        let mut n_surprises = 0;
        for case in &cases {
            n_surprises += exchange(case, &direct, &tapped, &tap, show).await?;
        }
        show.summary(cases.len(), n_surprises);

        drop((direct, tapped, stop));
        server.await??;
        Ok(n_surprises)
    })
}

/// One call through the tap, shown; the number of things that were not as expected.
async fn exchange(
    case: &Case,
    direct: &UpdateSessionClient,
    tapped: &UpdateSessionClient,
    tap: &Arc<Tap>,
    show: &mut Show<impl Write>,
) -> Result<usize, Box<dyn Error>> {
    let id = case.prepare(direct).await?;
    tap.take();
    let call = tapped.fail(&id, MESSAGE).surface(case.surface).url_form(case.url_form);
    let outcome = call.await;
    let recorded = tap.take();
    let after = match case.state {
        State::Unknown => None,
        State::Active | State::Finished => Some(direct.get(&id).await?),
    };
    show.exchange(case, &recorded);
    let surprises = case.surprises(&id, &outcome, after.as_ref(), &recorded);
    show.verdict(case, &surprises);
    Ok(surprises.len())
}

async fn ended(stopped: impl Future) {
    // Dropping the sender is the signal, so there is nothing to receive.
    let _dropped = stopped.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_as_expected() {
        let mut shown = Show { out: Vec::new(), coloured: false };
        let n_surprises = run(&mut shown, None).unwrap();
        let text = String::from_utf8(shown.out).unwrap();
        assert_eq!(n_surprises, 0, "{text}");
        assert_eq!(text.matches("\nas expected: ").count(), 30, "{text}");
        assert!(text.ends_with("\n30 calls, all as expected\n"), "{text}");
    }
}
