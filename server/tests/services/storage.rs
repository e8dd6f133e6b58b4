//! Where files lie, through the API.

use vapi::content::library::{StorageBacking, StorageBackingType};
use vapi::runtime::Surface;

use crate::served::{Served, check_refused};

#[tokio::test]
async fn those_who_read_storage_are_told_where_files_lie() {
    let served = Served::new();
    let library = served.library().await;
    let item = served.item(&library, "disk").await;
    served.fill(&item, &["a.iso", "readme"]).await;
    for surface in Surface::ALL {
        let storage = served.client("root", surface).storage();
        assert_eq!(storage.list(item.as_str()).await.unwrap().len(), 2, "{surface:?}");
        let places = storage.get(item.as_str(), "a.iso").await.unwrap();
        let [place] = places.as_slice() else { panic!("{surface:?}: {places:?}") };
        let backing = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
        assert_eq!(place.storage_backing, backing);
        let uri = format!("https://lib.example:8443/cls/static/{library}/{item}/a.iso?version=1");
        assert_eq!(place.storage_uris.iter().map(|uri| uri.as_str()).collect::<Vec<_>>(), [uri.as_str()]);
        // The surface of 2014 has the place alone.
        if !matches!(surface, Surface::Rest2014(_)) {
            assert_eq!((place.name.as_str(), place.size, place.cached), ("a.iso", 10, true));
            assert_eq!(place.version, "1");
        }
        check_refused(storage.get(item.as_str(), "b.iso").await, "not_found", &["b.iso"]);
        check_refused(storage.list("nothing").await, "not_found", &["nothing"]);

        let storage = served.client("ann", surface).storage();
        check_refused(storage.list(item.as_str()).await, "unauthorized", &["ReadStorage"]);
        check_refused(storage.get(item.as_str(), "a.iso").await, "unauthorized", &["ReadStorage"]);
    }
}
