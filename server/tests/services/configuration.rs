//! The settings of synchronisation through the API.

use vapi::content::ConfigurationModel;
use vapi::runtime::Surface;

use crate::served::{Served, check_refused};

#[tokio::test]
async fn settings_are_read_and_not_changed() {
    let served = Served::new();
    for surface in Surface::ALL {
        let configuration = served.client("root", surface).configuration();
        let change = configuration.update(ConfigurationModel::new().automatic_sync_start_hour(3)).await;
        check_refused(change, "unsupported", &["settings", "sync"]);
        let model = configuration.get().await.unwrap();
        assert_eq!(model.automatic_sync_enabled, Some(true), "{surface:?}");
        let hours = (model.automatic_sync_start_hour, model.automatic_sync_stop_hour);
        assert_eq!(hours, (Some(20), Some(7)));
        assert_eq!(model.maximum_concurrent_item_syncs, Some(5));
    }
}
