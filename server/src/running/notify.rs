//! Tells systemd how the server is, if it runs under it: a datagram to the socket that `NOTIFY_SOCKET` names.

use std::env;
use std::io;
use std::os::unix::net::UnixDatagram;

/// Tells it; without systemd there is nobody to tell.
pub(super) fn tell(state: &str) {
    let Ok(name) = env::var("NOTIFY_SOCKET") else { return };
    if let Err(error) = send(&name, state) {
        tracing::warn!("systemd cannot be told {state}: {error}");
    }
}

fn send(name: &str, state: &str) -> io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    #[cfg(target_os = "linux")]
    if let Some(name) = name.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt as _;
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
        return socket.send_to_addr(state.as_bytes(), &address).map(drop);
    }
    socket.send_to(state.as_bytes(), name).map(drop)
}
