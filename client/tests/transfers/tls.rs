//! What stands before a server: TLS with a certificate that nobody knows, and a proxy that only lets tunnels through.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vapi::runtime::client::Thumbprint;

/// A certificate for this machine, and the authority that vouches for it.
#[derive(Clone)]
pub(crate) struct Identity {
    certificate: Vec<u8>,
    key: Vec<u8>,
    /// The authority's certificate.
    pub(crate) authority: String,
}

impl Identity {
    pub(crate) fn new() -> Identity {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = authority.self_signed(&authority_key).unwrap().pem();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
        Identity { certificate: certificate.der().to_vec(), key: key.serialize_der(), authority: pem }
    }

    pub(crate) fn thumbprint(&self) -> Thumbprint {
        Thumbprint::sha256(&self.certificate)
    }

    fn acceptor(&self) -> TlsAcceptor {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(self.certificate.clone())],
                PrivateKeyDer::try_from(self.key.clone()).unwrap(),
            );
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }

    /// Speaks TLS for a server that speaks none; where.
    pub(crate) async fn stand_before(&self, server: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, acceptor) = (listener.local_addr().unwrap(), self.acceptor());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust it goes away.
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut server = TcpStream::connect(server).await.unwrap();
                    let _ended_or_cut = copy_bidirectional(&mut stream, &mut server).await;
                });
            }
        });
        address
    }
}

/// A proxy that opens tunnels.
pub(crate) struct Tunnels {
    pub(crate) address: SocketAddr,
    n_opened: Arc<AtomicUsize>,
}

impl Tunnels {
    pub(crate) async fn start() -> Tunnels {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tunnels = Tunnels { address: listener.local_addr().unwrap(), n_opened: Arc::default() };
        let n_opened = Arc::clone(&tunnels.n_opened);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let n_opened = Arc::clone(&n_opened);
                tokio::spawn(async move {
                    let _ended_or_cut = tunnel(stream, &n_opened).await;
                });
            }
        });
        tunnels
    }

    pub(crate) fn n_opened(&self) -> usize {
        self.n_opened.load(Ordering::Relaxed)
    }
}

async fn tunnel(stream: TcpStream, n_opened: &AtomicUsize) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 2 {
        line.clear();
    }
    let Some(target) = first.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) else {
        return stream.write_all(b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n").await;
    };
    let mut server = TcpStream::connect(target).await?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    n_opened.fetch_add(1, Ordering::Relaxed);
    copy_bidirectional(&mut stream, &mut server).await.map(drop)
}
