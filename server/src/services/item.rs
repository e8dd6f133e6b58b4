//! `com.vmware.content.library.item`.

use vapi::content::LibraryId;
use vapi::content::library::item::{
    CopyError, CopyInput, CreateError, CreateInput, DeleteError, DeleteInput, FindError, FindInput, GetError,
    GetInput, Item, ListError, ListInput, PublishError, PublishInput, UpdateError, UpdateInput,
};
use vapi::content::library::{ItemId, ItemModel};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::{Desk, date_time, library, local_library, size, token, version};
use crate::app::fresh_id;
use crate::domain::copy::CopyItem;
use crate::domain::following::{GetSubscribers, Published};
use crate::domain::item::{CreateItem, DeleteItem, GetItem, NewItem, UpdateItem};
use crate::domain::library::Via;
use crate::domain::{Refusal, ids, item};
use crate::ledger::Error;
use crate::store::ItemFilter;

impl Item for Desk {
    async fn copy(&self, cx: &Context, input: CopyInput) -> Result<ItemId, Failure<CopyError>> {
        let asks_for = (&input.source_library_item_id, &input.destination_create_spec);
        let token = token(input.client_token, &asks_for);
        let spec = input.destination_create_spec;
        let command = CopyItem {
            id: fresh_id(),
            session: fresh_id(),
            token,
            source: input.source_library_item_id.as_str().into(),
            library: spec.library_id.map(|id| id.as_str().into()),
            name: spec.name,
            description: spec.description,
            // It comes from the source, with the content.
            type_name: None,
        };
        Ok(self.run(cx, command).await?.as_str().into())
    }

    async fn create(&self, cx: &Context, input: CreateInput) -> Result<ItemId, Failure<CreateError>> {
        let token = token(input.client_token, &input.create_spec);
        let spec = input.create_spec;
        let library = spec.library_id.ok_or_else(|| Refusal::lacks("library_id"))?;
        let item = NewItem {
            library: library.as_str().into(),
            name: spec.name.ok_or_else(|| Refusal::lacks("name"))?,
            description: spec.description.unwrap_or_default(),
            type_name: spec.type_.unwrap_or_default(),
            source: spec.source_id.map(|id| id.as_str().into()),
        };
        Ok(self.run(cx, CreateItem { id: fresh_id(), token, item }).await?.as_str().into())
    }

    async fn delete(&self, cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        Ok(self.run(cx, DeleteItem { id: input.library_item_id.as_str().into() }).await?)
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<ItemModel, Failure<GetError>> {
        Ok(model(self.ask(cx, &GetItem { id: input.library_item_id.as_str().into() })?))
    }

    async fn list(&self, cx: &Context, input: ListInput) -> Result<Vec<ItemId>, Failure<ListError>> {
        let library = library::get(self, cx, &input.library_id, Via::Library)?.id;
        Ok(list(self, &ItemFilter { library: Some(library), ..ItemFilter::default() })?)
    }

    async fn find(&self, cx: &Context, input: FindInput) -> Result<Vec<ItemId>, Failure<FindError>> {
        let spec = input.spec;
        let filter = ItemFilter {
            library: spec.library_id.map(|id: LibraryId| id.as_str().into()),
            name: spec.name,
            type_name: spec.type_,
            source: spec.source_id.map(|id| id.as_str().into()),
        };
        let is_anything =
            matches!(&filter, ItemFilter { library: None, name: None, type_name: None, source: None });
        if is_anything && spec.cached.is_none() {
            return Err(Refusal::finds_everything().into());
        }
        let mut found = list(self, &filter)?;
        if let Some(cached) = spec.cached {
            let mut so = Vec::new();
            for id in found {
                match self.ask(cx, &GetItem { id: id.as_str().into() }) {
                    Ok(item) if item.is_cached() == cached => so.push(id),
                    // What is gone meanwhile is not found.
                    Ok(_) | Err(Error::Refused(_)) => {}
                    Err(fault) => return Err(fault.into()),
                }
            }
            found = so;
        }
        Ok(found)
    }

    async fn update(&self, cx: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        let spec = input.update_spec;
        let command = UpdateItem {
            id: input.library_item_id.as_str().into(),
            version: version(spec.version.as_deref())?,
            name: spec.name,
            description: spec.description,
            type_name: spec.type_,
        };
        Ok(self.run(cx, command).await?)
    }

    async fn publish(&self, cx: &Context, input: PublishInput) -> Result<(), Failure<PublishError>> {
        let subscriptions = input.subscriptions.map(|destinations| {
            destinations.iter().map(|destination| destination.subscription.as_str().into()).collect()
        });
        let item = ids::ItemId::from(input.library_item_id.as_str());
        let of = Published::Item(item.clone());
        let subscribers = self.ask(cx, &GetSubscribers { of, subscriptions })?;
        Ok(local_library::tell(self, &subscribers, Some((&item, input.force_sync_content))).await?)
    }
}

fn list(desk: &Desk, filter: &ItemFilter) -> Result<Vec<ItemId>, Error> {
    let ids: Vec<ids::ItemId> = desk.snapshot()?.items(filter)?;
    Ok(ids.iter().map(|id| id.as_str().into()).collect())
}

fn model(item: item::Item) -> ItemModel {
    let (size, is_cached) = (size(item.size()), item.is_cached());
    let mut model = ItemModel::new()
        .id(item.id.as_str())
        .library_id(item.library.as_str())
        .content_version(item.content_version.to_string())
        .creation_time(date_time(item.created))
        .description(item.description)
        .last_modified_time(date_time(item.modified))
        .metadata_version(item.metadata_version.to_string())
        .name(item.name)
        .cached(is_cached)
        .size(size)
        .version(item.version.to_string());
    model.type_ = Some(item.type_name).filter(|name| !name.is_empty());
    model.last_sync_time = item.followed.and_then(|followed| followed.last_sync).map(date_time);
    model.source_id = item.source.map(|id| id.as_str().into());
    model
}
