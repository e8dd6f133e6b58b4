//! `com.vmware.content.configuration`: the settings of synchronisation, to be read only.
//!
//! What is shown is what the API documents as the settings at first. Those that are about hosts and pools of threads stay
//! unset: the server has none.

use vapi::content::ConfigurationModel;
use vapi::content::configuration::{Configuration, GetInput, UpdateError, UpdateInput};
use vapi::runtime::server::Failure;
use vapi::runtime::{Context, NoDeclaredError};

use super::Desk;
use crate::domain::Refusal;

impl Configuration for Desk {
    async fn update(&self, _: &Context, _: UpdateInput) -> Result<(), Failure<UpdateError>> {
        let way_out = "Synchronise libraries by subscribed_library.sync, whenever it suits.";
        Err(Refusal::unsupported("change its settings by a call", way_out).into())
    }

    async fn get(&self, _: &Context, _: GetInput) -> Result<ConfigurationModel, Failure<NoDeclaredError>> {
        Ok(ConfigurationModel::new()
            .automatic_sync_enabled(true)
            .automatic_sync_start_hour(20)
            .automatic_sync_stop_hour(7)
            .maximum_concurrent_item_syncs(5)
            .automatic_sync_refresh_interval(240))
    }
}
