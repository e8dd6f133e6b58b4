//! A way to a server on which transfers stop half-way, until they may go on: so that what is seen in the middle of one can be
//! looked at for as long as it takes.

use std::io::{Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread;

/// What passes on a connection before it is held; calls are shorter.
const N_BYTES_FREE: usize = 4 << 20;

/// The way.
pub(crate) struct Gate {
    pub(crate) url: String,
    state: Arc<(Mutex<State>, Condvar)>,
    server: Arc<OnceLock<SocketAddr>>,
}

#[derive(Default)]
struct State {
    n_held: usize,
    is_open: bool,
}

impl Gate {
    /// To a server that is not known yet.
    pub(crate) fn new() -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let gate = Gate { url, state: Arc::default(), server: Arc::default() };
        let (state, server) = (Arc::clone(&gate.state), Arc::clone(&gate.server));
        thread::spawn(move || {
            for near in listener.incoming() {
                let (Ok(near), Some(server)) = (near, server.get()) else { return };
                let Ok(far) = TcpStream::connect(server) else { continue };
                for (from, to) in [(near.try_clone(), far.try_clone()), (Ok(far), Ok(near))] {
                    let (state, from, to) = (Arc::clone(&state), from.unwrap(), to.unwrap());
                    thread::spawn(move || pass(from, to, &state));
                }
            }
        });
        gate
    }

    pub(crate) fn leads_to(&self, server: SocketAddr) {
        self.server.set(server).unwrap();
    }

    /// Waits until a transfer is held.
    pub(crate) fn holds(&self) {
        let (state, changed) = &*self.state;
        let held = changed.wait_while(state.lock().unwrap(), |state| state.n_held == 0).unwrap();
        assert!(!held.is_open, "an open gate holds nothing");
    }

    /// Lets everything pass from now on.
    pub(crate) fn open(&self) {
        let (state, changed) = &*self.state;
        state.lock().unwrap().is_open = true;
        changed.notify_all();
    }

    /// Holds transfers again.
    pub(crate) fn close(&self) {
        let (state, changed) = &*self.state;
        // None may still be on its way out of here.
        let mut state = changed.wait_while(state.lock().unwrap(), |state| state.n_held > 0).unwrap();
        state.is_open = false;
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, state: &(Mutex<State>, Condvar)) {
    let (mut chunk, mut n_passed) = (vec![0; 64 << 10], 0);
    while let Ok(n_read @ 1..) = from.read(&mut chunk) {
        if to.write_all(&chunk[..n_read]).is_err() {
            break;
        }
        n_passed += n_read;
        if n_passed > N_BYTES_FREE {
            let (state, changed) = state;
            let mut held = state.lock().unwrap();
            held.n_held += 1;
            changed.notify_all();
            let mut held = changed.wait_while(held, |state| !state.is_open).unwrap();
            held.n_held -= 1;
            changed.notify_all();
        }
    }
    let _closed_or_gone = (to.shutdown(Shutdown::Write), from.shutdown(Shutdown::Read));
}
