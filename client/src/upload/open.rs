//! What an upload has open on the server, and how it is left when the upload does not come to its end.

use tokio::runtime::Handle;
use tokio::sync::watch;
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel};
use vapi::content::library::{ItemId, ItemModel};

use crate::Transfers;
use crate::error::{Cause, TransferError};

/// An item and a session that are given up when this is dropped.
pub(super) struct Open {
    client: vapi::Client,
    keeps_empty_item: bool,
    made: Option<ItemId>,
    pub(super) session: Option<UpdateSessionId>,
    is_over: bool,
    n_unsettled: watch::Sender<usize>,
}

impl Open {
    pub(super) fn new(transfers: &Transfers, keeps_empty_item: bool) -> Open {
        let (client, n_unsettled) = (transfers.client.clone(), transfers.n_unsettled.clone());
        Open { client, keeps_empty_item, made: None, session: None, is_over: false, n_unsettled }
    }

    pub(super) async fn make(&mut self, item: ItemModel) -> Result<ItemId, Cause> {
        let made = self.client.item().create(item).await?;
        self.made = Some(made.clone());
        Ok(made)
    }

    pub(super) async fn begin(&mut self, item: &ItemId) -> Result<UpdateSessionId, Cause> {
        let model = UpdateSessionModel::for_create(item.clone());
        let session = self.client.update_session().create(model).await?;
        self.session = Some(session.clone());
        Ok(session)
    }

    /// There is nothing to give up any more.
    pub(super) fn done(&mut self) {
        self.is_over = true;
    }

    /// Leaves the session with the reason. Should this be dropped too, it is done again.
    pub(super) async fn fail(&mut self, error: &TransferError) {
        self.left_with(error.to_string()).await;
        self.is_over = true;
    }

    fn left_with(&self, reason: String) -> impl Future<Output = ()> + Send + use<> {
        let (client, session) = (self.client.clone(), self.session.clone());
        let made = self.made.clone().filter(|_| !self.keeps_empty_item);
        async move {
            // The upload has failed whether the server hears of it or not; a session expires by itself.
            if let Some(session) = session {
                let _heard_or_not = client.update_session().fail(session, reason).await;
            }
            if let Some(made) = made {
                let _heard_or_not = client.item().delete(made).await;
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let is_empty = self.session.is_none() && self.made.is_none();
        if self.is_over || is_empty {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let left = self.left_with("the client gave the upload up".to_owned());
            let n_unsettled = self.n_unsettled.clone();
            n_unsettled.send_modify(|n| *n += 1);
            runtime.spawn(async move {
                left.await;
                n_unsettled.send_modify(|n| *n -= 1);
            });
        }
    }
}
