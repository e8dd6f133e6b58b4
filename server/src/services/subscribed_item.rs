//! `com.vmware.content.library.subscribed_item`.

use vapi::content::library::subscribed_item::{EvictError, EvictInput, SubscribedItem, SyncError, SyncInput};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::Desk;
use crate::domain::on_demand::EvictItem;
use crate::domain::synchronisation::SyncItem;

impl SubscribedItem for Desk {
    async fn evict(&self, cx: &Context, input: EvictInput) -> Result<(), Failure<EvictError>> {
        Ok(self.run(cx, EvictItem { item: input.library_item_id.as_str().into() }).await?)
    }

    // No file of an item is one that its content can do without, so sync_optional_files changes nothing.
    async fn sync(&self, cx: &Context, input: SyncInput) -> Result<(), Failure<SyncError>> {
        let (item, with_content) = (input.library_item_id.as_str().into(), input.force_sync_content);
        Ok(self.run(cx, SyncItem { item, with_content }).await?)
    }
}
