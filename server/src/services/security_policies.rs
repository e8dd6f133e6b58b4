//! `com.vmware.content.security_policies`: there are none.
//!
//! A policy demands that signatures are checked strictly. The server does not do that, and a policy that nobody enforces
//! is worse than none.

use vapi::content::security_policies::{Info, ListError, ListInput, SecurityPolicies};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::Desk;

impl SecurityPolicies for Desk {
    async fn list(&self, _: &Context, _: ListInput) -> Result<Vec<Info>, Failure<ListError>> {
        Ok(Vec::new())
    }
}
