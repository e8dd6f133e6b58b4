//! The types of items through the API.

use vapi::runtime::Surface;

use crate::served::Served;

#[tokio::test]
async fn the_types_that_are_looked_into_are_listed() {
    let served = Served::new();
    for surface in Surface::ALL {
        let types = served.client("ann", surface).type_().list().await.unwrap();
        let names: Vec<&str> = types.iter().map(|info| info.type_.as_str()).collect();
        assert_eq!(names, ["ovf", "iso"], "{surface:?}");
        assert!(types.iter().all(|info| info.supported_rules.is_none()), "{types:?}");
    }
}
