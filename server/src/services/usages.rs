//! `com.vmware.content.library.usages`.

use vapi::content::library::UsagesId;
use vapi::content::library::usages::{
    AddError, AddInput, GetError, GetInput, Info, ListError, ListInput, ListResult, RemoveError, RemoveInput,
    Summary, Usages,
};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::{Desk, date_time, library};
use crate::app::fresh_id;
use crate::domain::following::{AddUsage, GetUsage, RemoveUsage};
use crate::domain::library::Via;

impl Usages for Desk {
    async fn add(&self, cx: &Context, input: AddInput) -> Result<UsagesId, Failure<AddError>> {
        let command = AddUsage {
            id: fresh_id(),
            library: input.library.as_str().into(),
            resource: input.spec.resource_urn.as_str().to_owned(),
        };
        Ok(self.run(cx, command).await?.as_str().into())
    }

    async fn remove(&self, cx: &Context, input: RemoveInput) -> Result<(), Failure<RemoveError>> {
        let (library, id) = (input.library.as_str().into(), input.usage.as_str().into());
        Ok(self.run(cx, RemoveUsage { library, id }).await?)
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        let (library, id) = (input.library.as_str().into(), input.usage.as_str().into());
        let usage = self.ask(cx, &GetUsage { library, id })?;
        Ok(Info::new(usage.id.as_str(), usage.resource, date_time(usage.added)))
    }

    async fn list(&self, cx: &Context, input: ListInput) -> Result<ListResult, Failure<ListError>> {
        let usages = library::get(self, cx, &input.library, Via::Library)?.usages;
        let summary = usages.iter().map(|usage| Summary::new(usage.id.as_str(), usage.resource.as_str()));
        Ok(ListResult::new(summary.collect()))
    }
}
