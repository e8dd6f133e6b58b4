//! Whom `https` is spoken with: by authorities, by thumbprint, anybody; and what is said of the others.

use rcgen::{BasicConstraints, CertificateParams, IsCa, date_time_ymd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use vapi_runtime::client::{BadTrust, Http, Thumbprint, TransportErrorKind, Trust};
use vapi_runtime::{Client, Error};

use super::peer::{Identity, Peer, params};
use super::{check_refused, get, options};
use crate::parcel::ParcelClient;

const HOST: &str = "127.0.0.1";

fn trusting(trust: Trust) -> Http {
    Http::with_options(options().trust(trust))
}

fn expired(names: &[&str]) -> CertificateParams {
    let mut params = params(names);
    params.not_after = date_time_ymd(2001, 1, 1);
    params
}

async fn check_spoken_with(identity: &Identity, trust: Trust) {
    let peer = Peer::tls(identity.acceptor()).await;
    let reply = get(&trusting(trust), &peer.url("https")).await.unwrap();
    assert_eq!(reply.body(), "fine");
    assert_eq!(peer.heads(), [format!("GET / HTTP/1.1\r\nhost: {}\r\n\r\n", peer.address)]);
}

/// Nothing was sent, and the error says why and names the certificate, as text and as a value.
async fn check_not_trusted(identity: &Identity, trust: Trust, words: &str) {
    let peer = Peer::tls(identity.acceptor()).await;
    let result = get(&trusting(trust), &peer.url("https")).await;
    let shown = identity.thumbprint();
    let words = [
        &format!("{} is not trusted: {words}; ", peer.address),
        &*format!("the certificate that it shows has the thumbprint {shown}"),
    ];
    let error = check_refused(result, TransportErrorKind::Tls, &words);
    assert_eq!(error.thumbprint(), Some(shown));
    assert!(!error.is_retryable());
    assert_eq!(peer.heads(), [""; 0]);
}

#[tokio::test]
async fn the_system_knows_nobody_who_vouches_for_a_servers_own_certificate() {
    let identity = Identity::of_its_own(&[HOST]);
    let peer = Peer::tls(identity.acceptor()).await;
    let client = Client::with_transport(&peer.url("https"), Http::with_options(options())).unwrap();
    let result = ParcelClient::new(client).list().await;
    let Err(Error::Transport(error)) = result else { panic!("{result:?}") };
    assert_eq!((error.kind(), error.is_retryable()), (TransportErrorKind::Tls, false), "{error}");
    assert_eq!(error.thumbprint(), Some(identity.thumbprint()), "{error}");
    assert!(error.to_string().contains(&identity.thumbprint().to_string()), "{error}");
}

#[tokio::test]
async fn a_pinned_certificate_is_accepted_whatever_stands_in_it() {
    let mut authority = params(&[HOST]);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for params in [params(&[HOST]), expired(&["elsewhere.example"]), authority] {
        let identity = Identity::signed_by_itself(params);
        check_spoken_with(&identity, Trust::pinned(identity.thumbprint())).await;
        check_spoken_with(&identity, Trust::pinned(Thumbprint::sha1(&identity.certificate))).await;
        let as_typed = identity.thumbprint().to_string().replace(':', "").to_lowercase();
        check_spoken_with(&identity, Trust::pinned(as_typed.parse().unwrap())).await;
    }
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused() {
    let (shown, other) = (Identity::of_its_own(&[HOST]), Identity::of_its_own(&[HOST]));
    for pinned in [other.thumbprint(), Thumbprint::sha1(&other.certificate)] {
        let words = format!("its certificate is not the pinned one, {pinned}");
        check_not_trusted(&shown, Trust::pinned(pinned), &words).await;
    }
}

#[tokio::test]
async fn a_certificate_without_its_key_proves_nothing() {
    let (shown, thief) = (Identity::of_its_own(&[HOST]), Identity::of_its_own(&[HOST]));
    for version in [&TLS12, &TLS13] {
        for trust in [
            Trust::pinned(shown.thumbprint()),
            Trust::pinned(Thumbprint::sha1(&shown.certificate)),
            Trust::insecure_any_server(),
        ] {
            let peer = Peer::tls(shown.acceptor_with_key_of(&thief, &[version])).await;
            let result = get(&trusting(trust), &peer.url("https")).await;
            let error = check_refused(result, TransportErrorKind::Tls, &["no TLS with", "BadSignature"]);
            assert_eq!(error.thumbprint(), None);
            assert_eq!(peer.heads(), [""; 0]);
        }
        let peer = Peer::tls(shown.acceptor_with_key_of(&shown, &[version])).await;
        assert!(get(&trusting(Trust::pinned(shown.thumbprint())), &peer.url("https")).await.is_ok());
    }
}

#[tokio::test]
async fn servers_that_a_given_authority_vouches_for() {
    let authority = Identity::authority("Authority");
    let stranger = Identity::authority("Stranger");
    let trust = || Trust::authorities_pem(&authority.pem).unwrap();
    check_spoken_with(&authority.issue(params(&[HOST])), trust()).await;
    let both = Trust::authorities_pem(&format!("# mine\n{}\n{}", stranger.pem, authority.pem)).unwrap();
    check_spoken_with(&authority.issue(params(&[HOST])), both).await;

    let old = authority.issue(expired(&[HOST]));
    check_not_trusted(&old, trust(), "its certificate expired on 2001-01-01T00:00:00.000Z").await;
    let mut early = params(&[HOST]);
    early.not_before = date_time_ymd(4000, 1, 1);
    let early = authority.issue(early);
    check_not_trusted(&early, trust(), "its certificate is not valid before 4000-01-01T00:00:00.000Z").await;
    let elsewhere = authority.issue(params(&["vc.example", "10.0.0.1"]));
    let words = "its certificate is not for 127.0.0.1, it is for vc.example, 10.0.0.1";
    check_not_trusted(&elsewhere, trust(), words).await;
    let nameless = authority.issue(params(&[]));
    check_not_trusted(&nameless, trust(), "its certificate is not for 127.0.0.1").await;

    let unknown = "nobody who is trusted vouches for its certificate";
    check_not_trusted(&stranger.issue(params(&[HOST])), trust(), unknown).await;
    check_not_trusted(&Identity::of_its_own(&[HOST]), trust(), unknown).await;
    let words = "its certificate is that of an authority, usually one that a server made for itself";
    check_not_trusted(&Identity::authority(HOST), trust(), words).await;
}

#[tokio::test]
async fn any_server_only_when_told_so() {
    check_spoken_with(
        &Identity::signed_by_itself(expired(&["elsewhere.example"])),
        Trust::insecure_any_server(),
    )
    .await;
}

#[tokio::test]
async fn what_is_no_tls() {
    let http = trusting(Trust::insecure_any_server());
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let answering = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        stream.read_to_end(&mut Vec::new()).await
    });
    let words = [&*format!("no TLS with {address}"), "is it an http:// server?"];
    let error =
        check_refused(get(&http, &format!("https://{address}/")).await, TransportErrorKind::Tls, &words);
    assert_eq!((error.thumbprint(), error.is_retryable()), (None, false));
    answering.await.unwrap().unwrap();

    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let hanging_up = tokio::spawn(async move { listener.accept().await.map(drop) });
    let error = check_refused(
        get(&http, &url).await,
        TransportErrorKind::Connect,
        &["it broke in the TLS handshake"],
    );
    assert!(error.is_retryable());
    hanging_up.await.unwrap().unwrap();
}

#[tokio::test]
async fn connections_are_shared() {
    let identity = Identity::of_its_own(&[HOST]);
    let peer = Peer::tls(identity.acceptor()).await;
    let http = trusting(Trust::pinned(identity.thumbprint()));
    for http in [http.clone(), http] {
        assert!(get(&http, &peer.url("https")).await.is_ok());
    }
    assert_eq!((peer.heads().len(), peer.n_connections()), (2, 1));
}

#[test]
fn what_names_no_authority() {
    let check = |pem: &str, words: &str| {
        let error = Trust::authorities_pem(pem).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    let pem = Identity::authority("Authority").pem;
    check("", "no certificate");
    check("-----BEGIN X-----\nAA==\n-----END X-----\n", "no certificate");
    check("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "certificate 1 of it is damaged");
    check(&format!("{pem}-----BEGIN CERTIFICATE-----\n"), "certificate 2 of it is damaged");

    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("authority.pem");
    std::fs::write(&path, &pem).unwrap();
    assert!(Trust::authorities_file(&path).is_ok());
    let missing = folder.join("there-is-no-such.pem");
    let error = Trust::authorities_file(&missing).unwrap_err();
    assert!(matches!(&error, BadTrust::Unreadable { path, .. } if *path == missing), "{error}");
    assert!(error.to_string().contains("there-is-no-such.pem cannot be read"), "{error}");
}
