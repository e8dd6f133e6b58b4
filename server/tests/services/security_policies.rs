//! Security policies through the API.

use vapi::runtime::Surface;

use crate::served::Served;

#[tokio::test]
async fn there_is_no_policy_that_nobody_enforces() {
    let served = Served::new();
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let policies = served.client("ann", surface).security_policies().list().await.unwrap();
        assert_eq!(policies, [], "{surface:?}");
    }
}
