//! A server of files that does what it is told, byte by byte: it breaks off, hangs, redirects, and changes its mind.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vapi::runtime::client::Thumbprint;

/// What an origin answers.
pub(crate) enum Reply {
    /// These bytes, and then the end of the connection.
    Raw(Vec<u8>),
    /// These bytes, and then nothing for as long as the client waits.
    Hanging(Vec<u8>),
    /// The first bytes, and the others when the gate lets them through.
    Gated(Vec<u8>, Arc<Semaphore>, Vec<u8>),
}

/// What an origin was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Request line and headers.
    pub(crate) head: String,
}

impl Asked {
    pub(crate) fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header; names are in lower case on the wire.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A server on a free port of this machine; it stops with the test's runtime.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Origin {
    /// One that answers like this.
    pub(crate) async fn plain(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Origin {
        Origin::start(None, answer).await
    }

    /// The same in TLS.
    pub(crate) async fn tls(
        identity: &Identity,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Origin {
        Origin::start(Some(identity.acceptor()), answer).await
    }

    async fn start(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Origin {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (answer, noted) = (Arc::new(answer), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, answer, noted) = (tls.clone(), Arc::clone(&answer), Arc::clone(&noted));
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, answer.as_ref(), &noted).await,
                        // A client that trusts nobody here is the client's matter.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, answer.as_ref(), &noted).await;
                            }
                        }
                    }
                });
            }
        });
        Origin { address, scheme, asked }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The same, by a name that a resolver has to know.
    pub(crate) fn url_by_name(&self, name: &str, path: &str) -> String {
        format!("{}://{name}:{}{path}", self.scheme, self.address.port())
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve<S>(mut stream: S, answer: &(impl Fn(&Asked) -> Reply + ?Sized), noted: &Mutex<Vec<Asked>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            // A handshake of TLS is nothing that a server of HTTP understands.
            Ok(0x16) if head.is_empty() => {
                let _sent = stream.write_all(&raw(&["HTTP/1.1 400 Bad Request"], b"")).await;
                return;
            }
            Ok(byte) => head.push(byte),
            Err(_gone) => return,
        }
    }
    let asked = Asked { head: String::from_utf8(head).unwrap() };
    noted.lock().unwrap().push(asked.clone());
    let (bytes, gate, rest) = match answer(&asked) {
        Reply::Raw(bytes) => (bytes, None, Vec::new()),
        Reply::Hanging(bytes) => (bytes, Some(Arc::new(Semaphore::new(0))), Vec::new()),
        Reply::Gated(bytes, gate, rest) => (bytes, Some(gate), rest),
    };
    // A client that has seen enough goes away.
    let _sent = stream.write_all(&bytes).await;
    if let Some(gate) = gate {
        let _flushed = stream.flush().await;
        tokio::select! {
            permit = gate.acquire() => permit.unwrap().forget(),
            _gone = stream.read_u8() => {}
        }
        let _sent = stream.write_all(&rest).await;
    }
    let _ended = stream.shutdown().await;
}

/// A response's head, its lines without their ends, and its body.
pub(crate) fn raw(lines: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{}\r\nconnection: close\r\n\r\n", lines.join("\r\n")).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A whole file with its length.
pub(crate) fn whole(body: &[u8]) -> Reply {
    Reply::Raw(raw(&["HTTP/1.1 200 OK", &format!("content-length: {}", body.len())], body))
}

/// A file with a tag, or the rest of it that a range asks for, as a good server answers; cut off after so many bytes of it.
pub(crate) fn ranged(asked: &Asked, tag: &str, body: &[u8], cut_at: Option<usize>) -> Reply {
    let first = asked.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    let first: usize = first.map_or(0, |first| first.parse().unwrap());
    let is_the_same = asked.header("if-range").is_none_or(|condition| condition == tag);
    let first = if is_the_same { first } else { 0 };
    let end = cut_at.unwrap_or(body.len()).max(first);
    let (tag, length) = (format!("etag: {tag}"), format!("content-length: {}", body.len() - first));
    let range = format!("content-range: bytes {first}-{}/{}", body.len() - 1, body.len());
    let lines = match first {
        0 => vec!["HTTP/1.1 200 OK", &tag, &length],
        _ => vec!["HTTP/1.1 206 Partial Content", &tag, &length, &range],
    };
    Reply::Raw(raw(&lines, &body[first..end]))
}

/// Where another place is.
pub(crate) fn redirect(to: &str) -> Reply {
    Reply::Raw(raw(&["HTTP/1.1 302 Found", &format!("location: {to}"), "content-length: 0"], b""))
}

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) certificate: Vec<u8>,
    pub(crate) pem: String,
    key: KeyPair,
    /// Who vouches for it, in DER.
    pub(crate) authority: Vec<u8>,
    /// The same in PEM.
    pub(crate) authority_pem: String,
}

impl Identity {
    /// For these names, by an authority that nobody knows yet.
    pub(crate) fn new(names: &[&str]) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(vec!["authority.example".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        Identity {
            certificate: certificate.der().to_vec(),
            pem: certificate.pem(),
            key,
            authority: authority.der().to_vec(),
            authority_pem: authority.pem(),
        }
    }

    pub(crate) fn sha256(&self) -> Thumbprint {
        Thumbprint::sha256(&self.certificate)
    }

    pub(crate) fn sha1(&self) -> Thumbprint {
        Thumbprint::sha1(&self.certificate)
    }

    fn acceptor(&self) -> TlsAcceptor {
        let certificate = CertificateDer::from(self.certificate.clone());
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
