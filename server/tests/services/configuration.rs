//! The settings of synchronisation through the API.

use vapi::content::ConfigurationModel;
use vapi::runtime::Surface;

use crate::served::{Served, check_refused};

#[tokio::test]
async fn settings_that_the_server_goes_by_are_changed_and_others_are_refused() {
    let served = Served::new();
    for (surface, hour) in Surface::ALL.into_iter().zip(1..) {
        let configuration = served.client("root", surface).configuration();
        let before = configuration.get().await.unwrap();
        let change =
            ConfigurationModel::new().automatic_sync_start_hour(hour).automatic_sync_refresh_interval(60);
        configuration.update(change).await.unwrap();
        let model = configuration.get().await.unwrap();
        assert_eq!(model.automatic_sync_enabled, Some(true), "{surface:?}");
        let hours = (model.automatic_sync_start_hour, model.automatic_sync_stop_hour);
        assert_eq!(hours, (Some(hour), Some(7)), "{before:?}");
        assert_eq!(model.maximum_concurrent_item_syncs, Some(5));

        let bad = configuration.update(ConfigurationModel::new().automatic_sync_start_hour(24));
        check_refused(bad.await, "invalid_argument", &["automatic_sync_start_hour", "0 to 23"]);
        let none = configuration.update(ConfigurationModel::new().maximum_concurrent_item_syncs(0));
        check_refused(none.await, "invalid_argument", &["maximum_concurrent_item_syncs"]);
        if !matches!(surface, Surface::Rest2014(_)) {
            let strange =
                ConfigurationModel::new().transfer_throttling_bandwidth_total(1).automatic_sync_start_hour(9);
            check_refused(
                configuration.update(strange).await,
                "unsupported",
                &["transfer_throttling_bandwidth_total"],
            );
        }
        assert_eq!(configuration.get().await.unwrap(), model, "what is refused changes nothing");
    }
}
