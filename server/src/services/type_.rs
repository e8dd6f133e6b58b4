//! `com.vmware.content.type`: the types of items whose files the server looks into.

use vapi::content::type_::{Info, ListInput, Type};
use vapi::runtime::server::Failure;
use vapi::runtime::{Context, NoDeclaredError};

use super::Desk;

impl Type for Desk {
    // No rule of security policies is checked, so none is said to be supported.
    async fn list(&self, _: &Context, _: ListInput) -> Result<Vec<Info>, Failure<NoDeclaredError>> {
        let info = |type_name, name, description| {
            Info::new(description, name, type_name, env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        };
        Ok(vec![
            info("ovf", "OVF", "A virtual machine or several: a descriptor and the files that it speaks of."),
            info("iso", "ISO", "The image of a disc."),
        ])
    }
}
