//! `com.vmware.content.library.item.downloadsession.file`.

use vapi::content::library::item::TransferEndpoint;
use vapi::content::library::item::downloadsession::file::{
    EndpointType, File, GetError, GetInput, Info, ListError, ListInput, PrepareError, PrepareInput,
    PrepareStatus,
};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::session_file::checksum_info;
use super::{Desk, localizable, size};
use crate::addresses::{DOWNLOADS, Transfer};
use crate::app::fresh_secret;
use crate::domain::Refusal;
use crate::domain::download::{
    DownloadFile, EndpointKind, GetDownloadFile, GetDownloadSession, Preparation, PrepareFile,
};
use crate::domain::ids::DownloadSessionId;

impl File for Desk {
    async fn list(&self, cx: &Context, input: ListInput) -> Result<Vec<Info>, Failure<ListError>> {
        let id = DownloadSessionId::from(input.download_session_id.as_str());
        let session = self.ask(cx, &GetDownloadSession { id: id.clone() })?;
        Ok(session.files.iter().map(|file| self.download_file(&id, file)).collect())
    }

    async fn prepare(&self, cx: &Context, input: PrepareInput) -> Result<Info, Failure<PrepareError>> {
        let session = DownloadSessionId::from(input.download_session_id.as_str());
        let endpoint = match input.endpoint_type {
            None | Some(EndpointType::Https) => EndpointKind::Https,
            Some(EndpointType::Direct) => EndpointKind::Direct,
            Some(other) => return Err(Refusal::unknown_endpoint(&other.to_string()).into()),
        };
        let command =
            PrepareFile { session: session.clone(), name: input.file_name, endpoint, secret: fresh_secret() };
        let file = self.run(cx, command).await?;
        Ok(self.download_file(&session, &file))
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        let session = DownloadSessionId::from(input.download_session_id.as_str());
        let file = self.ask(cx, &GetDownloadFile { session: session.clone(), name: input.file_name })?;
        Ok(self.download_file(&session, &file))
    }
}

impl Desk {
    /// Both kinds of addresses lead through the server: its storage has no address that others could read.
    fn download_file(&self, session: &DownloadSessionId, file: &DownloadFile) -> Info {
        let status = match &file.status {
            Preparation::Unprepared => PrepareStatus::Unprepared,
            Preparation::Requested => PrepareStatus::PrepareRequested,
            Preparation::Preparing => PrepareStatus::Preparing,
            Preparation::Prepared => PrepareStatus::Prepared,
            Preparation::Error(_) => PrepareStatus::Error,
        };
        let mut info = Info::new(file.name.as_str(), 0, status);
        info.size = Some(size(file.size));
        info.checksum_info = file.checksum.as_ref().map(checksum_info);
        match (&file.status, &file.secret) {
            (Preparation::Prepared, Some(secret)) => {
                let (session, name) = (session.to_string(), file.name.clone());
                let path = Transfer { session, secret: secret.clone(), name }.path(DOWNLOADS);
                info.download_endpoint = Some(TransferEndpoint::new(self.0.settings.url(&path)));
            }
            (Preparation::Error(words), _) => info.error_message = Some(localizable(words)),
            _ => {}
        }
        info
    }
}
