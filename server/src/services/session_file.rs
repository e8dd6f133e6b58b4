//! `com.vmware.content.library.item.updatesession.file`.

use vapi::content::library::item::file::{ChecksumAlgorithm, ChecksumInfo};
use vapi::content::library::item::updatesession::file::{
    AddError, AddInput, File, GetError, GetInput, Info, ListError, ListInput, RemoveError, RemoveInput,
    SourceType, ValidateError, ValidateInput, ValidationError, ValidationResult,
};
use vapi::content::library::item::{TransferEndpoint, TransferStatus};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::{Desk, localizable, size};
use crate::addresses::{Transfer, UPLOADS};
use crate::app::fresh_secret;
use crate::domain::checksum::{AnnouncedChecksum, Checksum};
use crate::domain::ids::UpdateSessionId;
use crate::domain::session_file::{
    AddFile, Endpoint, GetSessionFile, ListSessionFiles, NewSource, RemoveFile, SeenFile, Source, Status,
    ValidateSession,
};

impl File for Desk {
    async fn validate(
        &self,
        cx: &Context,
        input: ValidateInput,
    ) -> Result<ValidationResult, Failure<ValidateError>> {
        let session = input.update_session_id.as_str().into();
        let validation = self.ask(cx, &ValidateSession { session })?;
        let has_errors = validation.has_errors();
        let invalid = validation.invalid.iter();
        let invalid = invalid.map(|(name, words)| ValidationError::new(name.as_str(), localizable(words)));
        let invalid = invalid.collect();
        Ok(ValidationResult::new(has_errors, validation.missing, invalid))
    }

    async fn add(&self, cx: &Context, input: AddInput) -> Result<Info, Failure<AddError>> {
        let session = UpdateSessionId::from(input.update_session_id.as_str());
        let spec = input.file_spec;
        let endpoint = spec.source_endpoint.map(|endpoint| Endpoint {
            uri: endpoint.uri.as_str().to_owned(),
            thumbprint: endpoint.ssl_certificate_thumbprint,
            certificate: endpoint.ssl_certificate,
        });
        let source = match spec.source_type {
            SourceType::None => NewSource::None,
            SourceType::Push => NewSource::Push,
            SourceType::Pull => NewSource::Pull(endpoint),
            other => NewSource::Other(other.to_string()),
        };
        let checksum = spec.checksum_info.map(|checksum| AnnouncedChecksum {
            algorithm: checksum.algorithm.map(|algorithm| algorithm.to_string()),
            text: checksum.checksum,
        });
        let command = AddFile {
            session: session.clone(),
            name: spec.name,
            source,
            size: spec.size,
            checksum,
            secret: fresh_secret(),
        };
        let seen = self.run(cx, command).await?;
        if let Some(login) = cx.caller() {
            // Official clients send the bytes without their login; it is theirs that is to live on meanwhile.
            self.0.senders.remember(&session, login);
        }
        Ok(self.session_file(&session, &seen))
    }

    async fn remove(&self, cx: &Context, input: RemoveInput) -> Result<(), Failure<RemoveError>> {
        let session = input.update_session_id.as_str().into();
        Ok(self.run(cx, RemoveFile { session, name: input.file_name }).await?)
    }

    async fn list(&self, cx: &Context, input: ListInput) -> Result<Vec<Info>, Failure<ListError>> {
        let session = UpdateSessionId::from(input.update_session_id.as_str());
        let files = self.ask(cx, &ListSessionFiles { session: session.clone() })?;
        Ok(files.iter().map(|file| self.session_file(&session, file)).collect())
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        let session = UpdateSessionId::from(input.update_session_id.as_str());
        let file = self.ask(cx, &GetSessionFile { session: session.clone(), name: input.file_name })?;
        Ok(self.session_file(&session, &file))
    }
}

impl Desk {
    fn session_file(&self, session: &UpdateSessionId, file: &SeenFile) -> Info {
        let (source, status) = (source_type(file.source.as_ref()), transfer_status(&file.status));
        let mut info = Info::new(file.name.as_str(), source, size(file.received), status);
        info.size = file.size.map(size);
        info.checksum_info = file.checksum.as_ref().map(checksum_info);
        info.keep_in_storage = Some(file.keep_in_storage);
        match &file.source {
            Some(Source::Push(secret)) => {
                let (session, name) = (session.to_string(), file.name.clone());
                let path = Transfer { session, secret: secret.clone(), name }.path(UPLOADS);
                info.upload_endpoint = Some(TransferEndpoint::new(self.0.settings.url(&path)));
            }
            Some(Source::Pull(endpoint)) => {
                let mut shown = TransferEndpoint::new(endpoint.uri.as_str());
                shown.ssl_certificate_thumbprint.clone_from(&endpoint.thumbprint);
                shown.ssl_certificate.clone_from(&endpoint.certificate);
                info.source_endpoint = Some(shown);
            }
            Some(Source::Published(at)) => {
                info.source_endpoint = Some(TransferEndpoint::new(at.href.as_str()));
            }
            Some(Source::Copy(_)) | None => {}
        }
        if let Status::Error(words) = &file.status {
            info.error_message = Some(localizable(words));
        }
        info
    }
}

/// A checksum as the API has it.
pub(super) fn checksum_info(checksum: &Checksum) -> ChecksumInfo {
    let algorithm = ChecksumAlgorithm::from(checksum.algorithm.name());
    ChecksumInfo::new(checksum.hex.as_str()).algorithm(algorithm)
}

fn source_type(source: Option<&Source>) -> SourceType {
    match source {
        // Whoever made a copy sees it as bytes that the server gets itself.
        Some(Source::Pull(_) | Source::Copy(_) | Source::Published(_)) => SourceType::Pull,
        Some(Source::Push(_)) => SourceType::Push,
        None => SourceType::None,
    }
}

fn transfer_status(status: &Status) -> TransferStatus {
    match status {
        Status::Waiting => TransferStatus::WaitingForTransfer,
        Status::Transferring => TransferStatus::Transferring,
        Status::Validating => TransferStatus::Validating,
        Status::Ready => TransferStatus::Ready,
        Status::Error(_) => TransferStatus::Error,
    }
}
