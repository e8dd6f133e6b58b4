//! The other end of connections: a server that notes what it is asked and always answers the same, plain or in TLS, and a
//! proxy; and certificates for them.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::{default_provider, sign::any_supported_type};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion};
use vapi_runtime::client::Thumbprint;

pub(super) const REPLY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine";

/// What a listener does with a connection, and what it saw; stops with the test's runtime.
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    open: Arc<Semaphore>,
}

/// How many connections a peer has at most at a time.
const N_OPEN_MAX: u32 = 8;

#[derive(Default)]
struct Seen {
    n_connections: usize,
    heads: Vec<String>,
}

/// What a peer is.
#[derive(Clone)]
enum Role {
    Server {
        tls: Option<TlsAcceptor>,
        reply: Arc<str>,
    },
    /// Opens tunnels to this address whatever it is told, when the reply lets it, and answers plain requests itself.
    Proxy {
        target: SocketAddr,
        reply: Arc<str>,
    },
}

impl Peer {
    pub(super) async fn plain(reply: impl Into<Arc<str>>) -> Peer {
        Peer::start(Role::Server { tls: None, reply: reply.into() }).await
    }

    pub(super) async fn tls(tls: TlsAcceptor) -> Peer {
        Peer::start(Role::Server { tls: Some(tls), reply: REPLY.into() }).await
    }

    /// A proxy that answers with this; when it is a 200, tunnels are open from then on.
    pub(super) async fn proxy(target: SocketAddr, reply: &str) -> Peer {
        Peer::start(Role::Proxy { target, reply: reply.into() }).await
    }

    async fn start(role: Role) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let open = Arc::new(Semaphore::new(N_OPEN_MAX as usize));
        let peer = Peer { address, seen: Arc::clone(&seen), open: Arc::clone(&open) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.lock().unwrap().n_connections += 1;
                let permit = Arc::clone(&open).acquire_owned().await.unwrap();
                let serving = role.clone().serve(stream, Arc::clone(&seen));
                tokio::spawn(async move {
                    // A client that breaks off is no failure here.
                    let _ended = serving.await;
                    drop(permit);
                });
            }
        });
        peer
    }

    /// A URL at it; by this scheme, with its address as the host.
    pub(super) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/", self.address)
    }

    pub(super) fn heads(&self) -> Vec<String> {
        self.seen.lock().unwrap().heads.clone()
    }

    /// Is over when no connection is open.
    pub(super) async fn all_closed(&self) {
        let _permits = self.open.acquire_many(N_OPEN_MAX).await.unwrap();
    }

    pub(super) fn n_connections(&self) -> usize {
        self.seen.lock().unwrap().n_connections
    }
}

impl Role {
    /// Ends when the client does.
    async fn serve(self, stream: TcpStream, seen: Arc<Mutex<Seen>>) -> io::Result<()> {
        match self {
            Role::Server { tls: None, reply } => answer(stream, &reply, &seen).await.map(drop),
            Role::Server { tls: Some(tls), reply } => {
                answer(tls.accept(stream).await?, &reply, &seen).await.map(drop)
            }
            Role::Proxy { target, reply } => {
                let Some(mut tunnel) = answer(stream, &reply, &seen).await? else { return Ok(()) };
                let mut target = TcpStream::connect(target).await?;
                tokio::io::copy_bidirectional(&mut tunnel, &mut target).await.map(drop)
            }
        }
    }
}

/// Answers every request with the same; gives the stream back when one was answered that opens a tunnel.
async fn answer<S>(mut stream: S, reply: &str, seen: &Mutex<Seen>) -> io::Result<Option<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return Ok(None),
            }
        }
        let head = String::from_utf8(head).unwrap();
        let opens_tunnel = head.starts_with("CONNECT ") && reply.contains(" 200 ");
        seen.lock().unwrap().heads.push(head);
        let answer = if opens_tunnel { "HTTP/1.1 200 Open\r\n\r\n" } else { reply };
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
        if opens_tunnel {
            return Ok(Some(stream));
        }
    }
}

/// A certificate with its key.
pub(super) struct Identity {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) pem: String,
    params: CertificateParams,
    key: KeyPair,
}

impl Identity {
    /// One that a server made for itself, for these names.
    pub(super) fn of_its_own(names: &[&str]) -> Identity {
        Identity::signed_by_itself(params(names))
    }

    pub(super) fn signed_by_itself(params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Identity { certificate: certificate.der().clone(), pem: certificate.pem(), params, key }
    }

    /// An authority's.
    pub(super) fn authority(name: &str) -> Identity {
        let mut params = params(&[name]);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Identity::signed_by_itself(params)
    }

    /// One that this authority vouches for.
    pub(super) fn issue(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        Identity { certificate: certificate.der().clone(), pem: certificate.pem(), params, key }
    }

    pub(super) fn thumbprint(&self) -> Thumbprint {
        Thumbprint::sha256(&self.certificate)
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor_of(&self.key, tokio_rustls::rustls::ALL_VERSIONS)
    }

    /// Shows this certificate, and has the key of another.
    pub(super) fn acceptor_with_key_of(
        &self,
        other: &Identity,
        versions: &[&'static SupportedProtocolVersion],
    ) -> TlsAcceptor {
        self.acceptor_of(&other.key, versions)
    }

    fn acceptor_of(&self, key: &KeyPair, versions: &[&'static SupportedProtocolVersion]) -> TlsAcceptor {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        // A server's usual constructor would notice that a key is of another certificate.
        let certified = CertifiedKey::new(vec![self.certificate.clone()], any_supported_type(&key).unwrap());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A certificate to be, for these names and addresses.
pub(super) fn params(names: &[&str]) -> CertificateParams {
    CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap()
}
