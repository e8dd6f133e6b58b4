//! What a transfer has open on the server, and how it is left when the transfer does not come to its end.
//!
//! Whatever is asked for is noted before it is asked for: a transfer that is dropped while the server makes a session gets to
//! know it by asking once more with the same token, and fails it.

use tokio::runtime::Handle;
use uuid::Uuid;
use vapi::content::library::item::{
    self, DownloadSessionId, DownloadSessionModel, UpdateSessionId, UpdateSessionModel,
    UpdateSessionModelState, download_session, update_session,
};
use vapi::content::library::{ItemId, ItemModel};
use vapi::runtime::{Call, Operation};

use crate::Transfers;
use crate::error::{Cause, TransferError};
use crate::patience::{Patience, insist};

/// An item and a session that are given up when this is dropped.
pub(crate) struct Open {
    client: vapi::Client,
    keeps_empty_item: bool,
    item: Option<Asked<ItemModel, ItemId>>,
    update: Option<Asked<UpdateSessionModel, UpdateSessionId>>,
    download: Option<Asked<DownloadSessionModel, DownloadSessionId>>,
    is_over: bool,
    transfers: Transfers,
}

/// Something that the server was asked to make.
#[derive(Clone)]
struct Asked<M, I> {
    model: M,
    token: String,
    /// Unset until the reply is there.
    id: Option<I>,
}

impl<M, I> Asked<M, I> {
    fn now(model: M) -> Asked<M, I> {
        Asked { model, token: Uuid::new_v4().to_string(), id: None }
    }
}

impl Open {
    pub(crate) fn new(transfers: &Transfers, keeps_empty_item: bool) -> Open {
        let (client, transfers) = (transfers.client.clone(), transfers.clone());
        let (item, update, download) = (None, None, None);
        Open { client, keeps_empty_item, item, update, download, is_over: false, transfers }
    }

    pub(crate) async fn make_item(&mut self, item: ItemModel, patience: &Patience) -> Result<ItemId, Cause> {
        let asked = self.item.insert(Asked::now(item));
        let id = insist(patience, || create_item(&self.client, asked)).await?;
        Ok(asked.id.insert(id).clone())
    }

    pub(crate) async fn begin_update(
        &mut self,
        item: &ItemId,
        patience: &Patience,
    ) -> Result<UpdateSessionId, Cause> {
        let asked = self.update.insert(Asked::now(UpdateSessionModel::for_create(item.clone())));
        let id = insist(patience, || create_update(&self.client, asked)).await?;
        Ok(asked.id.insert(id).clone())
    }

    pub(crate) async fn begin_download(
        &mut self,
        item: &ItemId,
        patience: &Patience,
    ) -> Result<DownloadSessionId, Cause> {
        let asked = self.download.insert(Asked::now(DownloadSessionModel::for_create(item.clone())));
        let id = insist(patience, || create_download(&self.client, asked)).await?;
        Ok(asked.id.insert(id).clone())
    }

    /// There is nothing to give up any more.
    pub(crate) fn done(&mut self) {
        self.is_over = true;
    }

    /// Leaves the session with the reason, and tells the error which session it was. Should this be dropped too, it is done
    /// again.
    pub(crate) async fn fail(&mut self, error: &mut TransferError) {
        self.left_with(error.to_string()).await;
        let update = self.update.as_ref().and_then(|asked| asked.id.as_ref()).map(ToString::to_string);
        let download = self.download.as_ref().and_then(|asked| asked.id.as_ref()).map(ToString::to_string);
        error.session = update.or(download);
        self.is_over = true;
    }

    /// The transfer has failed whether the server hears of it or not; a session expires by itself.
    fn left_with(&self, reason: String) -> impl Future<Output = ()> + Send + use<> {
        let client = self.client.clone();
        let (update, download) = (self.update.clone(), self.download.clone());
        let item = self.item.clone().filter(|_| !self.keeps_empty_item);
        async move {
            if let Some(asked) = update
                && let Some(session) = known(asked.id.clone(), create_update(&client, &asked)).await
                && client.update_session().fail(session.clone(), reason.as_str()).await.is_err()
                && let Ok(UpdateSessionModel { state: Some(UpdateSessionModelState::Done), .. }) =
                    client.update_session().get(session).await
            {
                // Only the news of its end was lost, and the item has everything.
                return;
            }
            if let Some(asked) = download
                && let Some(session) = known(asked.id.clone(), create_download(&client, &asked)).await
            {
                let _heard_or_not = client.download_session().fail(session, reason).await;
            }
            if let Some(asked) = item
                && let Some(item) = known(asked.id.clone(), create_item(&client, &asked)).await
            {
                let _heard_or_not = client.item().delete(item).await;
            }
        }
    }
}

fn create_item(client: &vapi::Client, asked: &Asked<ItemModel, ItemId>) -> Call<item::Create> {
    client.item().create(asked.model.clone()).with(|input| input.client_token(asked.token.as_str()))
}

fn create_update(
    client: &vapi::Client,
    asked: &Asked<UpdateSessionModel, UpdateSessionId>,
) -> Call<update_session::Create> {
    let call = client.update_session().create(asked.model.clone());
    call.with(|input| input.client_token(asked.token.as_str()))
}

fn create_download(
    client: &vapi::Client,
    asked: &Asked<DownloadSessionModel, DownloadSessionId>,
) -> Call<download_session::Create> {
    let call = client.download_session().create(asked.model.clone());
    call.with(|input| input.client_token(asked.token.as_str()))
}

/// The identifier, if need be by asking once more.
async fn known<O: Operation>(id: Option<O::Output>, again: Call<O>) -> Option<O::Output> {
    match id {
        Some(id) => Some(id),
        None => again.await.ok(),
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let is_empty = self.item.is_none() && self.update.is_none() && self.download.is_none();
        if self.is_over || is_empty {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let what = if self.download.is_some() { "download" } else { "upload" };
            let left = self.left_with(format!("the client gave the {what} up"));
            let unsettled = self.transfers.unsettled();
            runtime.spawn(async move {
                left.await;
                drop(unsettled);
            });
        }
    }
}
