//! Why something could not be fetched, in words for whoever gave the address: what is wrong, and what to do about it.
//!
//! Nothing that a server says is repeated but its status: whoever gives an address inside is not to read there through
//! error messages.

use std::error::Error;
use std::io;
use std::net::IpAddr;

use http::StatusCode;
use vapi::runtime::client::{Thumbprint, TransportError, TransportErrorKind, Untrusted};

use super::location::Location;

/// Why something could not be fetched. The words are the end of a sentence, without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address is none.
    #[error("`{uri}` cannot be fetched: {fault}; give an http or https address, percent-encoded")]
    BadUri {
        /// As it was given, without secrets.
        uri: String,
        /// What is wrong with it.
        fault: String,
    },
    /// What the server is to be known by is none.
    #[error("the server cannot be checked: {fault}; give the thumbprint or the certificate that it has")]
    BadPin {
        /// What is wrong with it.
        fault: String,
    },
    /// Without TLS a server shows no certificate.
    #[error(
        "a thumbprint or certificate is given for {place}, but http has none; give an https address, or no thumbprint"
    )]
    PinWithoutTls {
        /// The address.
        place: String,
    },
    /// The host's name is not known.
    #[error("the name {host} cannot be resolved: {fault}; correct it, or have the server's DNS know it")]
    Unresolved {
        /// The name.
        host: String,
        /// What the system said.
        fault: String,
    },
    /// The host is where the server lets nobody reach through it.
    #[error(
        "{host} is {address}, {network}, and from there nothing is fetched; if that is meant, the server's administrator \
         allows it in outbound.allowed_networks"
    )]
    Forbidden {
        /// The name, or the address as it was written.
        host: String,
        /// The address.
        address: IpAddr,
        /// What kind of network it is in.
        network: &'static str,
    },
    /// There is no connection.
    #[error("{fault}; see that it runs there and that no firewall is between")]
    NotConnected {
        /// How far it came.
        fault: String,
    },
    /// The server took too long.
    #[error("{place} {fault}; try again when it answers")]
    TimedOut {
        /// The address.
        place: String,
        /// What it does not do.
        fault: String,
    },
    /// The server is not believed to be who it says.
    #[error(
        "{fault}; if its owner says that this is its thumbprint, give it as ssl_certificate_thumbprint, or have the server \
         trust who issued it"
    )]
    Untrusted {
        /// Why not, and which certificate it shows.
        fault: String,
        /// The thumbprint of the certificate, SHA-256.
        thumbprint: Thumbprint,
        /// The certificate, in DER.
        certificate: Option<Vec<u8>>,
    },
    /// The server does not speak TLS as it should.
    #[error("{fault}; see that it is an https address, and that the server speaks TLS 1.2 or 1.3")]
    NoTls {
        /// What it does instead.
        fault: String,
    },
    /// The proxy does not want to.
    #[error("{fault}; see what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say where the server runs")]
    Proxy {
        /// What it said.
        fault: String,
    },
    /// The answer is not the file.
    #[error("{place} answers {status}; {}", way_out(*.status))]
    Status {
        /// The address.
        place: String,
        /// What it answers.
        status: StatusCode,
    },
    /// A redirect is not followed.
    #[error("{place} {fault}; give the address that it leads to, if you trust it")]
    Redirect {
        /// The address.
        place: String,
        /// Where it leads.
        fault: String,
    },
    /// The answer is another form of the file.
    #[error(
        "{place} sends the file encoded as {encoding}, although it was asked for the file itself; have it sent as it is"
    )]
    Encoded {
        /// The address.
        place: String,
        /// What it says that it is.
        encoding: String,
    },
    /// It has more bytes than it may.
    #[error("there are more than {bytes_max} bytes, which is all that was announced or is allowed")]
    TooLarge {
        /// How many it may have.
        bytes_max: u64,
    },
    /// The answer broke off.
    #[error("{place} was cut off at {received} of {} bytes: {fault}; try again when the connection is better",
        size.map_or_else(|| "unknown".to_owned(), |size| size.to_string()))]
    CutOff {
        /// The address.
        place: String,
        /// How many bytes are here.
        received: u64,
        /// How many there should be.
        size: Option<u64>,
        /// What happened.
        fault: String,
    },
    /// The rest that was asked for is not what came.
    #[error("{place} was replaced while it was fetched; try again")]
    Replaced {
        /// The address.
        place: String,
    },
}

impl Failure {
    /// Whether the same may well be had a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Failure::NotConnected { .. } | Failure::TimedOut { .. } | Failure::CutOff { .. } => true,
            Failure::Replaced { .. } => true,
            Failure::Status { status, .. } => {
                const PASSING: [u16; 7] = [408, 425, 429, 500, 502, 503, 504];
                PASSING.contains(&status.as_u16())
            }
            _ => false,
        }
    }

    pub(super) fn of_transport(location: &Location, error: &TransportError) -> Failure {
        let cause = error.cause();
        if let Some(failure) = cause.and_then(|cause| cause.downcast_ref::<Failure>()) {
            return failure.clone();
        }
        if let Some(untrusted) = cause.and_then(|cause| cause.downcast_ref::<Untrusted>()) {
            return Failure::Untrusted {
                fault: error.to_string(),
                thumbprint: untrusted.thumbprint(),
                certificate: untrusted.certificate().map(<[u8]>::to_vec),
            };
        }
        let fault = error.to_string();
        match error.kind() {
            TransportErrorKind::Connect if is_late(error) => {
                let fault = "cannot be connected to in time".to_owned();
                Failure::TimedOut { place: location.to_string(), fault }
            }
            TransportErrorKind::Connect => Failure::NotConnected { fault },
            TransportErrorKind::Tls => Failure::NoTls { fault },
            TransportErrorKind::Proxy => Failure::Proxy { fault },
            _ => Failure::CutOff { place: location.to_string(), received: 0, size: None, fault },
        }
    }
}

/// Whether it took too long: all of it, which has no cause, or one of its addresses.
fn is_late(error: &TransportError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.cause();
    if cause.is_none() {
        return true;
    }
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn way_out(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 | 403 | 407 => "give an address that may be read, or credentials that it takes",
        404 | 410 => "correct the address",
        408 | 425 | 429 | 500..=599 => "try again when it is well",
        _ => "give an address that answers with the file itself",
    }
}
