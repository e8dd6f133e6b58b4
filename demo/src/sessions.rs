//! Update sessions in memory, behind the generated server trait: the state machine without files and transfers.
//!
//! A session is ACTIVE until it is completed, fails or is cancelled, never leaves the state it ended in, and can only be
//! deleted then. An ACTIVE session that nobody keeps alive expires, and is gone.
//! One lock around everything: an operation happens at once or not at all.
//! Not here: who is calling, files, and anything that outlives the process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vapi::content::library::ItemId;
use vapi::content::library::item::update_session::{
    CancelError, CancelInput, CompleteError, CompleteInput, CreateError, CreateInput, DeleteError,
    DeleteInput, FailError, FailInput, GetError, GetInput, KeepAliveError, KeepAliveInput, ListError,
    ListInput, UpdateError, UpdateInput, UpdateSession,
};
use vapi::content::library::item::updatesession::{PreviewInfo, PreviewInfoState};
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel, UpdateSessionModelState};
use vapi::runtime::{Context, DateTime, Failure};
use vapi::vapi::std::LocalizableMessage;
use vapi::vapi::std::errors::{InvalidArgument, NotAllowedInCurrentState, NotFound, ResourceBusy};

/// How long a session lives without being used.
const LIFE_MS: i64 = 300_000;

/// All sessions on the items there are. Cheap to clone; clones are the same.
#[derive(Clone)]
pub(crate) struct Sessions {
    items: Arc<BTreeSet<ItemId>>,
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Default)]
struct Shelf {
    sessions: BTreeMap<UpdateSessionId, UpdateSessionModel>,
    /// What `create` gave for a client token, so that a repeated call gets the same.
    tokens: BTreeMap<String, UpdateSessionId>,
    n_created: usize,
}

impl Sessions {
    /// No sessions, on these items.
    pub(crate) fn new(items: impl IntoIterator<Item = String>) -> Sessions {
        let items = items.into_iter().map(ItemId::from).collect();
        Sessions { items: Arc::new(items), shelf: Arc::default() }
    }

    /// Whether there is such a session, whatever its state.
    pub(crate) fn check_exists(&self, id: &UpdateSessionId) -> Result<(), NotFound> {
        self.shelf().session(id).map(drop)
    }

    /// Whether there is such a session and it has not ended.
    pub(crate) fn check_active<E>(&self, id: &UpdateSessionId) -> Result<(), Failure<E>>
    where
        Failure<E>: From<NotFound> + From<NotAllowedInCurrentState>,
    {
        self.shelf().active(id).map(drop)
    }

    /// The sessions that have not expired.
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Every change is one assignment, so a panic leaves nothing half done.
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let now = DateTime::now();
        shelf.sessions.retain(|_, session| {
            !is_active(session) || session.expiration_time.is_none_or(|expires| now < expires)
        });
        shelf
    }

    fn item(&self, id: &ItemId) -> Result<(), NotFound> {
        if self.items.contains(id) {
            return Ok(());
        }
        Err(NotFound::new(vec![message("item_not_found", "there is no library item {0}", id.as_str())]))
    }
}

impl Shelf {
    fn session(&mut self, id: &UpdateSessionId) -> Result<&mut UpdateSessionModel, NotFound> {
        self.sessions.get_mut(id).ok_or_else(|| {
            NotFound::new(vec![message("session_not_found", "there is no update session {0}", id.as_str())])
        })
    }

    /// The session, if it is ACTIVE; using it keeps it alive.
    fn active<E>(&mut self, id: &UpdateSessionId) -> Result<&mut UpdateSessionModel, Failure<E>>
    where
        Failure<E>: From<NotFound> + From<NotAllowedInCurrentState>,
    {
        let session = self.session(id)?;
        if !is_active(session) {
            return Err(state_forbids(session, "the update session has ended: it is {0}").into());
        }
        session.expiration_time = Some(expiry());
        Ok(session)
    }
}

impl UpdateSession for Sessions {
    async fn create(
        &self,
        _cx: &Context,
        input: CreateInput,
    ) -> Result<UpdateSessionId, Failure<CreateError>> {
        let Some(item) = input.create_spec.library_item_id else {
            let text = message("no_item", "create_spec has to name the item in {0}", "library_item_id");
            return Err(InvalidArgument::new(vec![text]).into());
        };
        if let Some(token) = input.client_token.as_deref().filter(|token| !is_uuid(token)) {
            let text = message("bad_token", "the client token {0} is no UUID", token);
            return Err(InvalidArgument::new(vec![text]).into());
        }
        self.item(&item)?;
        let mut shelf = self.shelf();
        if let Some(id) = input.client_token.as_ref().and_then(|token| shelf.tokens.get(token)) {
            return Ok(id.clone());
        }
        let is_busy = |session: &&UpdateSessionModel| {
            is_active(session) && session.library_item_id.as_ref() == Some(&item)
        };
        if let Some(id) = shelf.sessions.values().find(is_busy).and_then(|session| session.id.as_ref()) {
            let text = message("item_busy", "the item has another ACTIVE update session: {0}", id.as_str());
            return Err(ResourceBusy::new(vec![text]).into());
        }
        shelf.n_created += 1;
        let id = UpdateSessionId::new(format!("session-{}", shelf.n_created));
        let mut session = UpdateSessionModel::new()
            .id(&id)
            .library_item_id(&item)
            .library_item_content_version("1")
            .client_progress(0)
            .state(UpdateSessionModelState::Active)
            .expiration_time(expiry());
        session.warning_behavior = input.create_spec.warning_behavior;
        shelf.sessions.insert(id.clone(), session);
        if let Some(token) = input.client_token {
            shelf.tokens.insert(token, id.clone());
        }
        Ok(id)
    }

    async fn get(&self, _cx: &Context, input: GetInput) -> Result<UpdateSessionModel, Failure<GetError>> {
        let mut session = self.shelf().session(&input.update_session_id)?.clone();
        // There are no files, so there is never anything to preview.
        session.preview_info = is_active(&session).then(|| PreviewInfo::new(PreviewInfoState::Unavailable));
        Ok(session)
    }

    async fn list(
        &self,
        _cx: &Context,
        input: ListInput,
    ) -> Result<Vec<UpdateSessionId>, Failure<ListError>> {
        if let Some(item) = &input.library_item_id {
            self.item(item)?;
        }
        let is_wanted = |session: &UpdateSessionModel| {
            input.library_item_id.is_none() || session.library_item_id == input.library_item_id
        };
        let shelf = self.shelf();
        let wanted = shelf.sessions.iter().filter(|(_, session)| is_wanted(session));
        Ok(wanted.map(|(id, _)| id.clone()).collect())
    }

    async fn complete(&self, _cx: &Context, input: CompleteInput) -> Result<(), Failure<CompleteError>> {
        self.shelf().active(&input.update_session_id)?.state = Some(UpdateSessionModelState::Done);
        Ok(())
    }

    async fn keep_alive(&self, _cx: &Context, input: KeepAliveInput) -> Result<(), Failure<KeepAliveError>> {
        let mut shelf = self.shelf();
        let session = shelf.active(&input.update_session_id)?;
        // Progress never runs backwards, and never out of its scale.
        let progress = input.client_progress.map(|progress| progress.clamp(0, 100));
        session.client_progress = session.client_progress.max(progress);
        Ok(())
    }

    async fn cancel(&self, _cx: &Context, input: CancelInput) -> Result<(), Failure<CancelError>> {
        self.shelf().active(&input.update_session_id)?.state = Some(UpdateSessionModelState::Canceled);
        Ok(())
    }

    async fn fail(&self, _cx: &Context, input: FailInput) -> Result<(), Failure<FailError>> {
        let mut shelf = self.shelf();
        let session = shelf.active(&input.update_session_id)?;
        session.state = Some(UpdateSessionModelState::Error);
        // The client's own words, in no catalogue.
        session.error_message =
            Some(LocalizableMessage::new("demo.client_error", input.client_error_message, Vec::new()));
        Ok(())
    }

    async fn delete(&self, _cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        let mut shelf = self.shelf();
        let session = shelf.session(&input.update_session_id)?;
        if is_active(session) {
            return Err(state_forbids(session, "the update session has not ended: it is {0}").into());
        }
        shelf.sessions.remove(&input.update_session_id);
        Ok(())
    }

    async fn update(&self, _cx: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        let mut shelf = self.shelf();
        let session = shelf.active(&input.update_session_id)?;
        // The one field that may change; the others are the server's.
        if let Some(behavior) = input.update_spec.warning_behavior {
            session.warning_behavior = Some(behavior);
        }
        Ok(())
    }
}

fn is_active(session: &UpdateSessionModel) -> bool {
    session.state == Some(UpdateSessionModelState::Active)
}

fn expiry() -> DateTime {
    let now = DateTime::now();
    DateTime::from_unix_ms(now.unix_ms() + LIFE_MS).unwrap_or(now)
}

fn state_forbids(session: &UpdateSessionModel, text: &str) -> NotAllowedInCurrentState {
    let state = session.state.as_ref().map_or_else(String::new, ToString::to_string);
    NotAllowedInCurrentState::new(vec![message("wrong_state", text, &state)])
}

/// A message whose text has one argument in it.
pub(crate) fn message(id: &str, text: &str, argument: &str) -> LocalizableMessage {
    LocalizableMessage::new(format!("demo.{id}"), text.replace("{0}", argument), vec![argument.to_owned()])
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use vapi::content::library::item::update_session::{UpdateSessionClient, UpdateSessionServer};
    use vapi::runtime::client::{Client, Local};
    use vapi::runtime::{Error, OperationError, Router};

    use super::*;

    const TOKEN: &str = "b8a2a2e3-2314-43cd-a871-6ede0f429751";
    const FORBIDDEN: &str = "not_allowed_in_current_state";

    fn client() -> UpdateSessionClient {
        let router = Router::new().mount(UpdateSessionServer(Sessions::new(["item".to_owned()])));
        UpdateSessionClient::new(Client::with_transport("http://local", Local(router)).unwrap())
    }

    fn on(item: &str) -> UpdateSessionModel {
        UpdateSessionModel::new().library_item_id(item)
    }

    /// `ok` or the last word of the error's name.
    fn word<T, E: OperationError>(result: Result<T, Error<E>>) -> String {
        match result {
            Ok(_) => "ok".to_owned(),
            Err(error) => {
                error.id().and_then(|id| id.rsplit('.').next()).unwrap_or("no error of the API").to_owned()
            }
        }
    }

    /// What an operation gives on an ACTIVE session, on one in each end state, and on none.
    #[track_caller]
    fn check_operation(
        call: fn(&UpdateSessionClient, &UpdateSessionId) -> String,
        active: &str,
        ended: &str,
    ) {
        let client = client();
        let create = || client.create(on("item")).wait().unwrap();
        for end in [
            |client: &UpdateSessionClient, id: &UpdateSessionId| client.complete(id).wait().unwrap(),
            |client: &UpdateSessionClient, id: &UpdateSessionId| client.cancel(id).wait().unwrap(),
            |client: &UpdateSessionClient, id: &UpdateSessionId| client.fail(id, "no").wait().unwrap(),
        ] {
            let id = create();
            end(&client, &id);
            assert_eq!(call(&client, &id), ended);
        }
        assert_eq!(call(&client, &create()), active);
        assert_eq!(call(&client, &"nobody".into()), "not_found");
    }

    #[test]
    fn operations_by_state() {
        check_operation(|client, id| word(client.get(id).wait()), "ok", "ok");
        check_operation(|client, id| word(client.complete(id).wait()), "ok", FORBIDDEN);
        check_operation(|client, id| word(client.keep_alive(id).wait()), "ok", FORBIDDEN);
        check_operation(|client, id| word(client.cancel(id).wait()), "ok", FORBIDDEN);
        check_operation(|client, id| word(client.fail(id, "no").wait()), "ok", FORBIDDEN);
        check_operation(
            |client, id| word(client.update(id, UpdateSessionModel::new()).wait()),
            "ok",
            FORBIDDEN,
        );
        check_operation(|client, id| word(client.delete(id).wait()), FORBIDDEN, "ok");
    }

    #[test]
    fn sessions_are_created_once() {
        let client = client();
        let again = || client.create(on("item")).with(|input| input.client_token(TOKEN)).wait();
        let id = again().unwrap();
        assert_eq!(again().unwrap(), id);
        assert_eq!(word(client.create(on("item")).wait()), "resource_busy");
        assert_eq!(word(client.create(on("other")).wait()), "not_found");
        assert_eq!(word(client.create(UpdateSessionModel::new()).wait()), "invalid_argument");
        let bad_token = client.create(on("item")).with(|input| input.client_token("token"));
        assert_eq!(word(bad_token.wait()), "invalid_argument");
        assert_eq!(client.list().wait().unwrap(), [id]);
        assert_eq!(word(client.list().with(|input| input.library_item_id("other")).wait()), "not_found");
    }

    #[test]
    fn a_session_tells_where_it_stands() {
        let client = client();
        let id = client.create(on("item")).wait().unwrap();
        for (progress, shown) in [(40, 40), (30, 40), (400, 100)] {
            client.keep_alive(&id).with(|input| input.client_progress(progress)).wait().unwrap();
            assert_eq!(client.get(&id).wait().unwrap().client_progress, Some(shown));
        }
        assert!(client.get(&id).wait().unwrap().preview_info.is_some());
        client.fail(&id, "the disk is full").wait().unwrap();
        let session = client.get(&id).wait().unwrap();
        assert_eq!(session.state, Some(UpdateSessionModelState::Error));
        assert_eq!(session.error_message.unwrap().default_message, "the disk is full");
        client.delete(&id).wait().unwrap();
        assert!(client.list().wait().unwrap().is_empty());
    }
}
