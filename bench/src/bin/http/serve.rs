//! Either server on a free loopback port and one thread, until its input ends.
//!
//! Out: a line with the root URL; then, for each line that comes in, a line with the number of tasks that are alive.

use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use vapi_runtime::{Router, server};

type Served = Result<String, Box<dyn Error>>;

/// The runtime's own loop around a router.
pub(crate) fn ours(router: Router) -> Served {
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = listen().await?;
        server::serve(listener, router, input_ends()).await?;
        Ok(String::new())
    })
}

/// axum's loop around one of its routers.
pub(crate) fn by_hand(router: axum::Router) -> Served {
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        use axum::serve::ListenerExt as _;
        let listener = listen().await?.tap_io(|stream| {
            // As ours does.
            let _best_effort = stream.set_nodelay(true);
        });
        axum::serve(listener, router).with_graceful_shutdown(input_ends()).await?;
        Ok(String::new())
    })
}

async fn listen() -> Result<TcpListener, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    Ok(listener)
}

/// Ends with standard input, and answers its lines meanwhile.
async fn input_ends() {
    let (end, ended) = oneshot::channel::<()>();
    let runtime = Handle::current();
    std::thread::spawn(move || {
        for _line in std::io::stdin().lock().lines() {
            if writeln!(std::io::stdout(), "{}", runtime.metrics().num_alive_tasks()).is_err() {
                break;
            }
        }
        drop(end);
    });
    let _dropped = ended.await;
}

/// Host and port of a root URL.
pub(crate) fn address(url: &str) -> Result<SocketAddr, Box<dyn Error>> {
    let address = url.strip_prefix("http://").ok_or("the URL does not begin with http://")?;
    Ok(address.parse()?)
}
