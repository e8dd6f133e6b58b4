//! Certificates that are trusted, through the API.

use vapi::content::trusted_certificates::CreateSpec;
use vapi::runtime::Surface;

use crate::served::{Served, check_refused};

#[tokio::test]
async fn no_certificate_is_taken_that_would_not_be_looked_at() {
    let served = Served::new();
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let certificates = served.client("root", surface).trusted_certificates();
        let pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
        let added = certificates.create(CreateSpec::new(pem)).await;
        check_refused(added, "unsupported", &["certificates", "preview"]);
        assert_eq!(certificates.list().await.unwrap().certificates, [], "{surface:?}");
        check_refused(certificates.get("abc").await, "not_found", &["abc"]);
        check_refused(certificates.delete("abc").await, "not_found", &["abc"]);
    }
}
