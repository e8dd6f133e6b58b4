//! Who uses a library, through the API.

use vapi::content::library::usages::AddSpec;
use vapi::runtime::Surface;

use crate::served::{Served, check_refused};

#[tokio::test]
async fn a_usage_keeps_a_library_until_it_is_removed() {
    let served = Served::new();
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let library = served.library().await;
        let client = served.client("ann", surface);
        let usages = client.usages();
        let spec = || AddSpec::new("urn:cluster-1");
        let id = usages.add(library.as_str(), spec()).await.unwrap();
        check_refused(usages.add(library.as_str(), spec()).await, "already_exists", &["urn:cluster-1"]);
        let nameless = usages.add(library.as_str(), AddSpec::new(" ")).await;
        check_refused(nameless, "invalid_argument", &["resource_urn"]);
        check_refused(usages.add("nowhere", spec()).await, "not_found", &["nowhere"]);

        let list = usages.list(library.as_str()).await.unwrap().library_usage_list;
        let [usage] = list.as_slice() else { panic!("{surface:?}: {list:?}") };
        assert_eq!((usage.usage.clone(), usage.resource_urn.as_str()), (id.clone(), "urn:cluster-1"));
        let info = usages.get(library.as_str(), &id).await.unwrap();
        assert_eq!(info.addition_time.unix_ms(), 1_400_000_000_000);
        check_refused(usages.get(library.as_str(), "other").await, "not_found", &["other"]);

        let used = client.library().delete(library.as_str()).await;
        check_refused(used, "not_allowed_in_current_state", &["urn:cluster-1"]);
        usages.remove(library.as_str(), &id).await.unwrap();
        check_refused(usages.remove(library.as_str(), &id).await, "not_found", &[id.as_str()]);
        client.library().delete(library.as_str()).await.unwrap();
    }
}
