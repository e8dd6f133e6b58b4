//! `com.vmware.content.library.item.update_session`.

use vapi::content::library::item::update_session::{
    CancelError, CancelInput, CompleteError, CompleteInput, CreateError, CreateInput, DeleteError,
    DeleteInput, FailError, FailInput, GetError, GetInput, KeepAliveError, KeepAliveInput, ListError,
    ListInput, UpdateError, UpdateInput, UpdateSession,
};
use vapi::content::library::item::updatesession::{
    CertificateInfo, PreviewInfo, PreviewInfoState, PreviewWarningInfo, WarningBehavior, WarningType,
};
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::{Desk, date_time, localizable, token};
use crate::app::fresh_id;
use crate::domain::completion::CompleteUpdateSession;
use crate::domain::content::{Preview, WarningChoice};
use crate::domain::ids::{ItemId, UserName};
use crate::domain::item::GetItem;
use crate::domain::update::{
    CancelUpdateSession, ChangeUpdateSession, CreateUpdateSession, DeleteUpdateSession, FailUpdateSession,
    GetUpdateSession, KeepUpdateSession, SeenUpdateSession,
};
use crate::domain::{Caller, Refusal};
use crate::ledger::Error;
use crate::store::SessionFilter;

impl UpdateSession for Desk {
    async fn create(
        &self,
        cx: &Context,
        input: CreateInput,
    ) -> Result<UpdateSessionId, Failure<CreateError>> {
        let token = token(input.client_token, &input.create_spec);
        let spec = input.create_spec;
        let item = spec.library_item_id.ok_or_else(|| Refusal::lacks("library_item_id"))?;
        let command = CreateUpdateSession {
            id: fresh_id(),
            token,
            item: ItemId::from(item.as_str()),
            warnings: choices(spec.warning_behavior.unwrap_or_default()),
        };
        Ok(self.run(cx, command).await?.as_str().into())
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<UpdateSessionModel, Failure<GetError>> {
        Ok(model(self.ask(cx, &GetUpdateSession { id: input.update_session_id.as_str().into() })?))
    }

    async fn list(&self, cx: &Context, input: ListInput) -> Result<Vec<UpdateSessionId>, Failure<ListError>> {
        let item = input.library_item_id.map(|id| ItemId::from(id.as_str()));
        if let Some(id) = item.clone() {
            self.ask(cx, &GetItem { id })?;
        }
        let filter = SessionFilter {
            owner: owner(&self.caller(cx)?),
            item,
            is_active: false,
            alive_at: Some(self.0.now()),
        };
        let ids = self.snapshot()?.update_sessions(&filter).map_err(Error::from)?;
        Ok(ids.iter().map(|id| id.as_str().into()).collect())
    }

    async fn complete(&self, cx: &Context, input: CompleteInput) -> Result<(), Failure<CompleteError>> {
        // Whether it is done or waits for the server's own transfers shows in the session.
        self.run(cx, CompleteUpdateSession { id: input.update_session_id.as_str().into() }).await?;
        Ok(())
    }

    async fn keep_alive(&self, cx: &Context, input: KeepAliveInput) -> Result<(), Failure<KeepAliveError>> {
        let id = input.update_session_id.as_str().into();
        Ok(self.run(cx, KeepUpdateSession { id, progress: input.client_progress }).await?)
    }

    async fn cancel(&self, cx: &Context, input: CancelInput) -> Result<(), Failure<CancelError>> {
        Ok(self.run(cx, CancelUpdateSession { id: input.update_session_id.as_str().into() }).await?)
    }

    async fn fail(&self, cx: &Context, input: FailInput) -> Result<(), Failure<FailError>> {
        let id = input.update_session_id.as_str().into();
        // Clients that send no message at all are let through with an empty one.
        let message = Some(input.client_error_message).filter(|message| !message.is_empty());
        Ok(self.run(cx, FailUpdateSession { id, message }).await?)
    }

    async fn delete(&self, cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        Ok(self.run(cx, DeleteUpdateSession { id: input.update_session_id.as_str().into() }).await?)
    }

    async fn update(&self, cx: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        let id = input.update_session_id.as_str().into();
        let warnings = input.update_spec.warning_behavior.map(choices);
        Ok(self.run(cx, ChangeUpdateSession { id, warnings }).await?)
    }
}

/// Whose sessions a list shows: an administrator sees all.
pub(super) fn owner(caller: &Caller) -> Option<UserName> {
    match caller {
        Caller::User { name, is_administrator: false, .. } => Some(name.clone()),
        Caller::User { .. } | Caller::Server => None,
    }
}

fn choices(behaviors: Vec<WarningBehavior>) -> Vec<WarningChoice> {
    let choice = |behavior: WarningBehavior| WarningChoice {
        kind: behavior.type_.to_string(),
        is_ignored: behavior.ignored,
    };
    behaviors.into_iter().map(choice).collect()
}

fn model(seen: SeenUpdateSession) -> UpdateSessionModel {
    let SeenUpdateSession { session, preview } = seen;
    let behaviors = session
        .warnings
        .iter()
        .map(|warning| WarningBehavior::new(WarningType::from(warning.kind.name()), warning.is_ignored));
    let mut model = UpdateSessionModel::new()
        .id(session.id.as_str())
        .library_item_id(session.item.as_str())
        .library_item_content_version(session.content_version.to_string())
        .client_progress(i64::from(session.progress))
        .state(session.state.name().into())
        .expiration_time(date_time(session.expires));
    model.error_message = session.error.as_ref().map(localizable);
    model.warning_behavior = (!session.warnings.is_empty()).then(|| behaviors.collect());
    model.preview_info = preview.map(preview_info);
    model
}

fn preview_info(preview: Preview) -> PreviewInfo {
    let (certificate, warnings) = match preview {
        Preview::Unavailable => return PreviewInfo::new(PreviewInfoState::Unavailable),
        Preview::Preparing => return PreviewInfo::new(PreviewInfoState::Preparing),
        Preview::NotApplicable => return PreviewInfo::new(PreviewInfoState::NotApplicable),
        Preview::Available { certificate, warnings } => (certificate, warnings),
    };
    let warnings = warnings.iter().map(|warning| {
        let kind = WarningType::from(warning.kind.name());
        PreviewWarningInfo::new(kind, localizable(&warning.message), warning.is_ignored)
    });
    let mut info = PreviewInfo::new(PreviewInfoState::Available).warnings(warnings.collect());
    if let Some(certificate) = certificate {
        let (issuer, subject) = (certificate.issuer, certificate.subject);
        info = info.certificate_info(CertificateInfo::new(
            issuer,
            subject,
            certificate.is_self_signed,
            certificate.x509,
        ));
        info.cert_chain = Some(certificate.chain);
    }
    info
}
