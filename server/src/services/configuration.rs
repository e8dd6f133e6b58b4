//! `com.vmware.content.configuration`: the settings of synchronisation.
//!
//! What this server goes by can be changed. Settings of hosts, of pools of threads and of bandwidth stay unset, since the
//! server has none of these, and setting one of them is refused rather than overlooked.

use std::collections::BTreeMap;

use vapi::content::configuration::{Configuration, GetInput, UpdateError, UpdateInput};
use vapi::content::{ConfigurationModel, ConfigurationSetting, ConfigurationSettingConstraintType};
use vapi::runtime::server::Failure;
use vapi::runtime::{Context, NoDeclaredError};

use super::{Desk, size};
use crate::domain::Refusal;
use crate::domain::configuration::{ChangeConfiguration, MINUTES_MAX, SYNCS_MAX};

impl Configuration for Desk {
    async fn update(&self, cx: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        let model = input.model;
        let strange = [
            ("automatic_sync_setting_refresh_interval", model.automatic_sync_setting_refresh_interval),
            ("transfer_throttling_bandwidth_total", model.transfer_throttling_bandwidth_total),
            (
                "transfer_nfc_max_concurrent_transfers_per_host",
                model.transfer_nfc_max_concurrent_transfers_per_host,
            ),
            ("priority_transfer_threads_pool_size", model.priority_transfer_threads_pool_size),
            ("transfer_threads_pool_size", model.transfer_threads_pool_size),
        ];
        if let Some((name, _)) = strange.iter().find(|(_, value)| value.is_some()) {
            let way_out = "Leave it out; the settings that this server goes by are those that get shows.";
            return Err(Refusal::unsupported(&format!("go by {name}"), way_out).into());
        }
        let change = ChangeConfiguration {
            automatic_sync: model.automatic_sync_enabled,
            start_hour: model.automatic_sync_start_hour,
            stop_hour: model.automatic_sync_stop_hour,
            syncs_max: model.maximum_concurrent_item_syncs,
            refresh_minutes: model.automatic_sync_refresh_interval,
        };
        let rules = self.run(cx, change).await?;
        self.0.places.change(rules.syncs_max);
        Ok(())
    }

    async fn get(&self, _: &Context, _: GetInput) -> Result<ConfigurationModel, Failure<NoDeclaredError>> {
        let rules = self.0.rules()?;
        let mut model = ConfigurationModel::new()
            .automatic_sync_enabled(rules.automatic_sync)
            .automatic_sync_start_hour(i64::from(rules.start_hour))
            .automatic_sync_stop_hour(i64::from(rules.stop_hour))
            .maximum_concurrent_item_syncs(size(rules.syncs_max as u64))
            .automatic_sync_refresh_interval(size(rules.refresh_minutes));
        model.automatic_sync_enabled_setting = Some(setting("automatic_sync_enabled", None));
        model.automatic_sync_start_hour_setting = Some(setting("automatic_sync_start_hour", Some((0, 23))));
        model.automatic_sync_stop_hour_setting = Some(setting("automatic_sync_stop_hour", Some((0, 23))));
        let name = "maximum_concurrent_item_syncs";
        model.maximum_concurrent_item_syncs_setting = Some(setting(name, Some((1, size(SYNCS_MAX as u64)))));
        let name = "automatic_sync_refresh_interval";
        model.automatic_sync_refresh_interval_setting = Some(setting(name, Some((1, size(MINUTES_MAX)))));
        Ok(model)
    }
}

fn setting(name: &str, range: Option<(i64, i64)>) -> ConfigurationSetting {
    let constraint = |(min, max): (i64, i64)| {
        BTreeMap::from([
            (ConfigurationSettingConstraintType::MinInclusive, min.to_string()),
            (ConfigurationSettingConstraintType::MaxInclusive, max.to_string()),
        ])
    };
    ConfigurationSetting::new(name, false, range.map(constraint).into_iter().collect())
}
