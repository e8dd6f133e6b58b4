//! Certificates that are trusted, through the API, and what they are good for.

use http::{Method, Request};
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{TransferStatus, UpdateSessionModel};
use vapi::content::trusted_certificates::CreateSpec;
use vapi::runtime::Surface;

use crate::origin::{Identity, Origin, whole};
use crate::served::{Listening, Served, check_refused};
use crate::session::{Session, pull, settings};

const ROOT: &str = include_str!("../fixtures/signed/root.pem");
const LEAF: &str = include_str!("../fixtures/signed/leaf.pem");
const LEAF_SHA256: &str = include_str!("../fixtures/signed/leaf.sha256");
/// 2027, when the signer's certificate is valid.
const IN_TIME_MS: i64 = 1_798_761_600_000;

#[tokio::test]
async fn a_certificate_is_trusted_until_it_is_removed() {
    let served = Served::new();
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let certificates = served.client("root", surface).trusted_certificates();
        assert_eq!(certificates.list().await.unwrap().certificates, [], "{surface:?}");
        let id = certificates.create(CreateSpec::new(ROOT)).await.unwrap();
        // Whatever stands around it, it is the same one.
        let again = format!("# root\r\n{}\r\n", ROOT.replace('\n', "\r\n"));
        assert_eq!(certificates.create(CreateSpec::new(again)).await.unwrap(), id);
        let other = certificates.create(CreateSpec::new(LEAF)).await.unwrap();
        assert_eq!(certificates.get(id.as_str()).await.unwrap().cert_text, ROOT);
        let listed = certificates.list().await.unwrap().certificates;
        let mut listed: Vec<_> = listed.into_iter().map(|one| (one.certificate, one.cert_text)).collect();
        listed.sort_by_key(|(_, text)| text != ROOT);
        assert_eq!(listed, [(id.clone(), ROOT.to_owned()), (other.clone(), LEAF.to_owned())]);
        for id in [&id, &other] {
            certificates.delete(id.as_str()).await.unwrap();
            check_refused(certificates.get(id.as_str()).await, "not_found", &[id.as_str()]);
            check_refused(certificates.delete(id.as_str()).await, "not_found", &[id.as_str()]);
        }
    }
}

#[tokio::test]
async fn what_is_no_certificate_is_not_trusted() {
    let certificates = Served::new().client("root", Surface::Rest).trusted_certificates();
    let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    let cut = ROOT.replacen("-----END", "", 1);
    let two = format!("{ROOT}{LEAF}");
    for (text, words) in
        [("", "BEGIN CERTIFICATE"), ("a", "BEGIN"), (empty, "read"), (&cut, "PEM"), (&two, "one by one")]
    {
        let created = certificates.create(CreateSpec::new(text)).await;
        check_refused(created, "error", &["no certificate in PEM", words]);
    }
    assert_eq!(certificates.list().await.unwrap().certificates, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_certificate_vouches_for_servers_also_after_a_restart() {
    let identity = Identity::new(&["127.0.0.1"]);
    let origin = Origin::tls(&identity, |_| whole(b"bytes")).await;
    let session = Session::new("", settings()).await;
    let spec = || pull("a", &origin.url("/"));
    session.check_failed(spec(), &["not trusted"]).await;
    let certificates = session.client.trusted_certificates();
    let id = certificates.create(CreateSpec::new(identity.authority_pem.as_str())).await.unwrap();
    assert_eq!(session.fetch(spec()).await.status, TransferStatus::Ready);

    drop(certificates);
    let session = session.again().await;
    assert_eq!(session.fetch(spec()).await.status, TransferStatus::Ready);
    session.client.trusted_certificates().delete(id.as_str()).await.unwrap();
    session.check_failed(spec(), &["not trusted"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_certificate_vouches_for_signers() {
    let listening = Listening::new().await;
    let served = &listening.served;
    served.clock.pass_ms(IN_TIME_MS - served.app.now().0);
    let library = served.library().await;
    let client = served.client("root", Surface::Rest);
    let signed = format!("SHA256(vm.mf)= {LEAF_SHA256}\n{LEAF}");
    let descriptor = r#"<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"><References/></Envelope>"#;
    let warnings = async |name: &str| {
        let item = served.item_of_type(&library, name, "ovf").await;
        let session = client.update_session().create(UpdateSessionModel::for_create(item.as_str()));
        let session = session.await.unwrap();
        for (name, bytes) in [("vm.cert", signed.as_str()), ("vm.ovf", descriptor)] {
            let files = client.update_session_file();
            let added = files.add(session.as_str(), AddSpec::new(name, SourceType::Push)).await.unwrap();
            let uri = added.upload_endpoint.unwrap().uri;
            let request = Request::builder().method(Method::PUT).uri(uri.as_str());
            let sent = listening.send(request.body(bytes.as_bytes().to_vec()).unwrap()).await;
            assert_eq!(sent.status(), 200, "{sent:?}");
            while files.get(session.as_str(), name).await.unwrap().status != TransferStatus::Ready {
                tokio::task::yield_now().await;
            }
        }
        let preview = client.update_session().get(session.as_str()).await.unwrap().preview_info.unwrap();
        preview.warnings.unwrap().into_iter().map(|warning| warning.type_.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(warnings("before").await, ["UNTRUSTED_CERTIFICATE"]);
    let id = client.trusted_certificates().create(CreateSpec::new(ROOT)).await.unwrap();
    assert_eq!(warnings("while").await, [""; 0]);
    client.trusted_certificates().delete(id.as_str()).await.unwrap();
    assert_eq!(warnings("after").await, ["UNTRUSTED_CERTIFICATE"]);
}
