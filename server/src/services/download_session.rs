//! `com.vmware.content.library.item.download_session`.

use vapi::content::library::item::download_session::{
    CancelError, CancelInput, CreateError, CreateInput, DeleteError, DeleteInput, DownloadSession, FailError,
    FailInput, GetError, GetInput, KeepAliveError, KeepAliveInput, ListError, ListInput,
};
use vapi::content::library::item::{DownloadSessionId, DownloadSessionModel};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::update_session::owner;
use super::{Desk, date_time, localizable, token};
use crate::app::fresh_id;
use crate::domain::Refusal;
use crate::domain::download::{
    CancelDownloadSession, CreateDownloadSession, DeleteDownloadSession, FailDownloadSession,
    GetDownloadSession, KeepDownloadSession,
};
use crate::domain::ids::ItemId;
use crate::domain::item::GetItem;
use crate::ledger::Error;
use crate::store::SessionFilter;

impl DownloadSession for Desk {
    async fn create(
        &self,
        cx: &Context,
        input: CreateInput,
    ) -> Result<DownloadSessionId, Failure<CreateError>> {
        let token = token(input.client_token, &input.create_spec);
        let item = input.create_spec.library_item_id.ok_or_else(|| Refusal::lacks("library_item_id"))?;
        let command = CreateDownloadSession { id: fresh_id(), token, item: item.as_str().into() };
        Ok(self.run(cx, command).await?.as_str().into())
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<DownloadSessionModel, Failure<GetError>> {
        let id = input.download_session_id.as_str().into();
        let session = self.ask(cx, &GetDownloadSession { id })?;
        let mut model = DownloadSessionModel::new()
            .id(session.id.as_str())
            .library_item_id(session.item.as_str())
            .library_item_content_version(session.content_version.to_string())
            .client_progress(i64::from(session.progress))
            .state(session.state.name().into())
            .expiration_time(date_time(session.expires));
        model.error_message = session.error.as_ref().map(localizable);
        Ok(model)
    }

    async fn list(
        &self,
        cx: &Context,
        input: ListInput,
    ) -> Result<Vec<DownloadSessionId>, Failure<ListError>> {
        // Its type says that it identifies a session; its name and all clients say an item.
        let item = input.library_item_id.map(|id| ItemId::from(id.as_str()));
        if let Some(id) = item.clone() {
            self.ask(cx, &GetItem { id })?;
        }
        let owner = owner(&self.caller(cx)?);
        let filter = SessionFilter { owner, item, is_active: false, alive_at: Some(self.0.now()) };
        let ids = self.snapshot()?.download_sessions(&filter).map_err(Error::from)?;
        Ok(ids.iter().map(|id| id.as_str().into()).collect())
    }

    async fn keep_alive(&self, cx: &Context, input: KeepAliveInput) -> Result<(), Failure<KeepAliveError>> {
        let id = input.download_session_id.as_str().into();
        Ok(self.run(cx, KeepDownloadSession { id, progress: input.progress }).await?)
    }

    async fn cancel(&self, cx: &Context, input: CancelInput) -> Result<(), Failure<CancelError>> {
        Ok(self.run(cx, CancelDownloadSession { id: input.download_session_id.as_str().into() }).await?)
    }

    async fn delete(&self, cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        Ok(self.run(cx, DeleteDownloadSession { id: input.download_session_id.as_str().into() }).await?)
    }

    async fn fail(&self, cx: &Context, input: FailInput) -> Result<(), Failure<FailError>> {
        let id = input.download_session_id.as_str().into();
        let message = Some(input.client_error_message).filter(|message| !message.is_empty());
        Ok(self.run(cx, FailDownloadSession { id, message }).await?)
    }
}
