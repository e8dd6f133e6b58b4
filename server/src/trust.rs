//! Certificates that the server was told to trust, at work: for connections to other hosts, and for signatures of content.
//!
//! In: the records. Out: certificates in DER. What was read last is kept, because signatures are looked at often and
//! certificates change rarely; whoever changes a record says so with [`TrustStore::read`].

use std::sync::{Arc, Mutex, PoisonError};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::domain::trusted::TrustedCertificate;
use crate::domain::{Key, Record as _};
use crate::ledger::Ledger;
use crate::outbound::Outbound;
use crate::store::Fault;

/// Certificates that are trusted, as they were read last.
#[derive(Debug, Default)]
pub struct TrustStore(Mutex<Arc<Vec<Vec<u8>>>>);

impl TrustStore {
    /// Reads them from the records, and has connections go by them.
    ///
    /// One at a time, so that an older reading never takes the place of a newer one.
    pub fn read(&self, ledger: &Ledger, outbound: &Outbound) -> Result<(), Fault> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut snapshot = ledger.snapshot()?;
        let mut ders = Vec::new();
        for id in snapshot.trusted_certificates()? {
            let key: Key = TrustedCertificate::key(&id);
            for certificate in snapshot.look_up(&key)?.records.all::<TrustedCertificate>() {
                ders.extend(CertificateDer::pem_slice_iter(certificate.pem.as_bytes()).flatten());
            }
        }
        let ders: Vec<Vec<u8>> = ders.iter().map(|der| der.to_vec()).collect();
        outbound.trust_also(ders.clone());
        *current = Arc::new(ders);
        Ok(())
    }

    /// All of them, in DER.
    pub fn certificates(&self) -> Arc<Vec<Vec<u8>>> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
