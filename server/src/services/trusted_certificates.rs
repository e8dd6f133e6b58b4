//! `com.vmware.content.trusted_certificates`: who vouches for servers that files are fetched from, and for signed content.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};
use vapi::content::TrustedCertificateId;
use vapi::content::trusted_certificates::{
    CreateError, CreateInput, DeleteError, DeleteInput, GetError, GetInput, Info, ListError, ListInput,
    ListResult, Summary, TrustedCertificates,
};
use vapi::runtime::Context;
use vapi::runtime::server::{Failure, Fault, Message, StandardError};

use super::Desk;
use crate::domain::Record as _;
use crate::domain::trusted::{DistrustCertificate, GetCertificate, TrustCertificate, TrustedCertificate};
use crate::formats;
use crate::hashing::hex;
use crate::ledger::Error;

impl TrustedCertificates for Desk {
    async fn create(
        &self,
        cx: &Context,
        input: CreateInput,
    ) -> Result<TrustedCertificateId, Failure<CreateError>> {
        let certificate = read(&input.spec.cert_text).map_err(|fault| no_certificate(&fault))?;
        let id = certificate.id.clone();
        self.run(cx, TrustCertificate { certificate }).await?;
        self.trust_anew()?;
        Ok(id.as_str().into())
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        let certificate = self.ask(cx, &GetCertificate { id: input.certificate.as_str().into() })?;
        Ok(Info::new(certificate.pem))
    }

    async fn list(&self, cx: &Context, _: ListInput) -> Result<ListResult, Failure<ListError>> {
        self.caller(cx)?;
        let mut snapshot = self.snapshot()?;
        let mut certificates = Vec::new();
        for id in snapshot.trusted_certificates().map_err(Error::from)? {
            let found = snapshot.look_up(&TrustedCertificate::key(&id)).map_err(Error::from)?;
            let summary = |certificate: &TrustedCertificate| {
                Summary::new(certificate.id.as_str(), certificate.pem.as_str())
            };
            certificates.extend(found.records.all().map(summary));
        }
        Ok(ListResult::new(certificates))
    }

    async fn delete(&self, cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        self.run(cx, DistrustCertificate { id: input.certificate.as_str().into() }).await?;
        Ok(self.trust_anew()?)
    }
}

impl Desk {
    fn trust_anew(&self) -> Result<(), Error> {
        Ok(self.0.trust.read(&self.0.ledger, &self.0.outbound)?)
    }
}

/// Reads a certificate that somebody wants trusted; the words end a sentence.
fn read(text: &str) -> Result<TrustedCertificate, String> {
    let mut found = CertificateDer::pem_slice_iter(text.as_bytes());
    let der = match found.next() {
        None => return Err("it has no line `-----BEGIN CERTIFICATE-----`".to_owned()),
        Some(der) => der.map_err(|error| error.to_string())?,
    };
    if found.next().is_some() {
        return Err("it has more than one; add them one by one".to_owned());
    }
    // What nobody could be vouched for with would be kept for nothing.
    webpki::anchor_from_trusted_cert(&der).map_err(|error| format!("it cannot be read: {error}"))?;
    Ok(TrustedCertificate { id: hex(&Sha256::digest(&der)).into(), pem: formats::pem(&der) })
}

/// As the operation documents it.
fn no_certificate(fault: &str) -> Fault {
    let text = format!("cert_text is no certificate in PEM that could be trusted: {fault}.");
    Fault::new(StandardError::Error, Message::new("contentlibd.no_certificate", text, [fault]))
}
