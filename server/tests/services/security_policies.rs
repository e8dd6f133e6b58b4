//! Security policies through the API.

use vapi::content::LibraryModel;
use vapi::content::library::{StorageBacking, StorageBackingType};
use vapi::runtime::Surface;

use crate::served::{Served, check_refused};

#[tokio::test]
async fn there_is_no_policy_that_nobody_enforces() {
    let served = Served::new();
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let policies = served.client("ann", surface).security_policies().list().await.unwrap();
        assert_eq!(policies, [], "{surface:?}");
    }
}

#[tokio::test]
async fn a_library_does_not_name_a_policy_that_is_not_there() {
    let served = Served::new();
    let library = served.library().await;
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let libraries = served.client("ann", surface).local_library();
        let backing = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
        let spec = LibraryModel::for_create("images", vec![backing]).security_policy_id("strict");
        let words = &["security_policy_id", "strict"];
        check_refused(libraries.create(spec).await, "invalid_argument", words);
        let change = LibraryModel::new().security_policy_id("strict");
        check_refused(libraries.update(library.as_str(), change).await, "invalid_argument", words);
        let unset = LibraryModel::new().unset_security_policy_id(true);
        libraries.update(library.as_str(), unset).await.unwrap();
    }
}
