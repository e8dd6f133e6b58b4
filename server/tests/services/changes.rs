//! The history of an item through the API.

use vapi::content::library::ItemModel;
use vapi::runtime::Surface;

use crate::served::{Served, check_refused};

#[tokio::test]
async fn a_history_tells_who_made_which_version_and_when() {
    let served = Served::new();
    let library = served.library().await;
    for (idx, surface) in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest].into_iter().enumerate() {
        let client = served.client("ann", surface);
        let name = format!("item-{idx}");
        let id = client.item().create(ItemModel::for_create(library.as_str(), name)).await.unwrap();
        served.clock.pass_ms(5);
        served.fill(&id.as_str().into(), &["a.iso"]).await;

        let changes = client.changes();
        let history = changes.list(&id).await.unwrap();
        let [second, first] = history.as_slice() else { panic!("{surface:?}: {history:?}") };
        assert_eq!((first.version.as_str(), first.user.as_deref()), ("0000000001", Some("ann")));
        assert_eq!((second.version.as_str(), second.user.as_deref()), ("0000000002", None));
        assert!(first.time < second.time);
        let info = changes.get(&id, first.version.clone()).await.unwrap();
        assert_eq!((info.time, info.user.as_deref()), (first.time, Some("ann")));
        assert_eq!(info.message, first.short_message);
        check_refused(changes.get(&id, "0000000003").await, "not_found", &["0000000003"]);
        check_refused(changes.list("nothing").await, "not_found", &["nothing"]);
    }
}
