//! Update sessions in memory behind the generated server trait; `by_hand` keeps the same and does the same with it.
//!
//! Sessions never end, so that any call can be repeated and every request of a run does the same work.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vapi::content::library::item::update_session::{
    CancelError, CancelInput, CompleteError, CompleteInput, CreateError, CreateInput, DeleteError,
    DeleteInput, FailError, FailInput, GetError, GetInput, KeepAliveError, KeepAliveInput, ListError,
    ListInput, UpdateError, UpdateInput, UpdateSession, UpdateSessionServer,
};
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel, UpdateSessionModelState};
use vapi::vapi::std::LocalizableMessage;
use vapi::vapi::std::errors::NotFound;
use vapi_runtime::{Context, DateTime, Failure, Router};

use crate::sample;

/// A router with the service and nothing else.
pub(crate) fn router() -> Router {
    Router::new().mount(UpdateSessionServer(Sessions::sample()))
}

type Held = HashMap<UpdateSessionId, UpdateSessionModel>;

struct Sessions(Mutex<Held>);

impl Sessions {
    fn sample() -> Sessions {
        let model = |id: &str| {
            let mut model = UpdateSessionModel::new()
                .id(id)
                .library_item_id(sample::ITEM)
                .library_item_content_version(sample::VERSION)
                .client_progress(sample::PROGRESS)
                .state(UpdateSessionModelState::Active)
                .error_message(client_error(sample::MESSAGE.to_owned()));
            model.expiration_time = DateTime::from_unix_ms(sample::EXPIRES_MS);
            model
        };
        let ids = (0..sample::N_SESSIONS).map(sample::id);
        Sessions(Mutex::new(ids.map(|id| (UpdateSessionId::from(id.as_str()), model(&id))).collect()))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Every change is one assignment, so a panic leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        id: &UpdateSessionId,
        change: impl FnOnce(&mut UpdateSessionModel),
    ) -> Result<(), NotFound> {
        self.held().get_mut(id).map(change).ok_or_else(|| not_found(id))
    }
}

fn client_error(text: String) -> LocalizableMessage {
    LocalizableMessage::new(sample::MESSAGE_ID, text, Vec::new())
}

fn not_found(id: &UpdateSessionId) -> NotFound {
    let text = format!("There is no update session {id}");
    let message = LocalizableMessage::new("com.example.session.not_found", text, vec![id.to_string()]);
    NotFound::new(vec![message])
}

impl UpdateSession for Sessions {
    async fn create(&self, _: &Context, input: CreateInput) -> Result<UpdateSessionId, Failure<CreateError>> {
        let mut held = self.held();
        let id = UpdateSessionId::from(sample::id(held.len()).as_str());
        held.insert(id.clone(), input.create_spec.id(&id));
        Ok(id)
    }

    async fn get(&self, _: &Context, input: GetInput) -> Result<UpdateSessionModel, Failure<GetError>> {
        let id = input.update_session_id;
        let session = self.held().get(&id).cloned();
        session.ok_or_else(|| not_found(&id).into())
    }

    async fn list(&self, _: &Context, input: ListInput) -> Result<Vec<UpdateSessionId>, Failure<ListError>> {
        let wanted = input.library_item_id;
        let held = self.held();
        let of_item =
            held.iter().filter(|(_, session)| wanted.is_none() || session.library_item_id == wanted);
        Ok(of_item.map(|(id, _)| id.clone()).collect())
    }

    async fn complete(&self, _: &Context, input: CompleteInput) -> Result<(), Failure<CompleteError>> {
        let done = Some(UpdateSessionModelState::Done);
        Ok(self.change(&input.update_session_id, |session| session.state = done)?)
    }

    async fn keep_alive(&self, _: &Context, input: KeepAliveInput) -> Result<(), Failure<KeepAliveError>> {
        let progress = input.client_progress;
        Ok(self.change(&input.update_session_id, |session| session.client_progress = progress)?)
    }

    async fn cancel(&self, _: &Context, input: CancelInput) -> Result<(), Failure<CancelError>> {
        let cancelled = Some(UpdateSessionModelState::Canceled);
        Ok(self.change(&input.update_session_id, |session| session.state = cancelled)?)
    }

    async fn fail(&self, _: &Context, input: FailInput) -> Result<(), Failure<FailError>> {
        Ok(self.change(&input.update_session_id, |session| {
            session.state = Some(UpdateSessionModelState::Error);
            session.error_message = Some(client_error(input.client_error_message));
        })?)
    }

    async fn delete(&self, _: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        let id = input.update_session_id;
        self.held().remove(&id).map(drop).ok_or_else(|| not_found(&id).into())
    }

    async fn update(&self, _: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        let behavior = input.update_spec.warning_behavior;
        Ok(self.change(&input.update_session_id, |session| session.warning_behavior = behavior)?)
    }
}
