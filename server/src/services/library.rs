//! `com.vmware.content.library`, and how libraries look on all services that are about them.

use vapi::content::library::{
    ConfigurationInfo, ConvertError, ConvertInput, DeleteError, DeleteInput, EnterMaintenanceError,
    EnterMaintenanceInput, ExitMaintenanceError, ExitMaintenanceInput, FindError, FindInput,
    ForceDeleteError, ForceDeleteInput, GetError, GetInput, Library, ListInput, MigrateError, MigrateInput,
    OptimizationInfo, PublishInfo, PublishInfoAuthenticationMethod, StateInfo, StateInfoState,
    StorageBacking, StorageBackingType, SubscriptionInfo, SubscriptionInfoAuthenticationMethod, UpdateError,
    UpdateInput,
};
use vapi::content::{LibraryId, LibraryModel, LibraryModelLibraryType};
use vapi::runtime::server::Failure;
use vapi::runtime::{Context, NoDeclaredError};

use super::{Desk, date_time, version};
use crate::addresses;
use crate::domain::following;
use crate::domain::library::{self, Content, DeleteLibrary, GetLibrary, SetMaintenance, UpdateLibrary, Via};
use crate::domain::{Refusal, ids};
use crate::ledger::Error;
use crate::store::LibraryFilter;
use crate::vcsp::gate::FOLLOWER;

impl Library for Desk {
    async fn get(&self, cx: &Context, input: GetInput) -> Result<LibraryModel, Failure<GetError>> {
        Ok(model(self, get(self, cx, &input.library_id, Via::Library)?))
    }

    async fn list(&self, _: &Context, _: ListInput) -> Result<Vec<LibraryId>, Failure<NoDeclaredError>> {
        Ok(list(self, &LibraryFilter::default())?)
    }

    async fn find(&self, cx: &Context, input: FindInput) -> Result<Vec<LibraryId>, Failure<FindError>> {
        let spec = input.spec;
        if spec.name.is_none() && spec.type_.is_none() && spec.storage_backing.is_none() {
            return Err(Refusal::finds_everything().into());
        }
        let is_local = match spec.type_ {
            None => None,
            Some(LibraryModelLibraryType::Local) => Some(true),
            Some(LibraryModelLibraryType::Subscribed) => Some(false),
            // There are no libraries of kinds that this server does not know.
            Some(_) => return Ok(Vec::new()),
        };
        let mut found = list(self, &LibraryFilter { is_local, name: spec.name })?;
        if let Some(wanted) = spec.storage_backing {
            let wanted = backing(wanted)?;
            let mut in_it = Vec::new();
            for id in found {
                match get(self, cx, &id, Via::Library) {
                    Ok(library) if library.backing == wanted => in_it.push(id),
                    // What is gone meanwhile is not found.
                    Ok(_) | Err(Error::Refused(_)) => {}
                    Err(fault) => return Err(fault.into()),
                }
            }
            found = in_it;
        }
        Ok(found)
    }

    async fn update(&self, cx: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        Ok(self.run(cx, changes(&input.library_id, Via::Library, &input.update_spec)?).await?)
    }

    async fn migrate(&self, cx: &Context, input: MigrateInput) -> Result<(), Failure<MigrateError>> {
        get(self, cx, &input.library_id, Via::Library)?;
        Err(Refusal::storage_stays().into())
    }

    async fn convert(&self, cx: &Context, input: ConvertInput) -> Result<(), Failure<ConvertError>> {
        get(self, cx, &input.library_id, Via::SubscribedLibrary)?;
        let way_out = "Make a local library, and copy the items into it.";
        Err(Refusal::unsupported("turn a library into one of another kind", way_out).into())
    }

    async fn enter_maintenance(
        &self,
        cx: &Context,
        input: EnterMaintenanceInput,
    ) -> Result<(), Failure<EnterMaintenanceError>> {
        let id = input.library_id.as_str().into();
        Ok(self.run(cx, SetMaintenance { id, on: true }).await?)
    }

    async fn exit_maintenance(
        &self,
        cx: &Context,
        input: ExitMaintenanceInput,
    ) -> Result<(), Failure<ExitMaintenanceError>> {
        let id = input.library_id.as_str().into();
        Ok(self.run(cx, SetMaintenance { id, on: false }).await?)
    }

    async fn delete(&self, cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        let id = input.library_id.as_str().into();
        Ok(self.run(cx, DeleteLibrary { id, via: Via::Library, force: false }).await?)
    }

    async fn force_delete(
        &self,
        cx: &Context,
        input: ForceDeleteInput,
    ) -> Result<(), Failure<ForceDeleteError>> {
        let id = input.library_id.as_str().into();
        Ok(self.run(cx, DeleteLibrary { id, via: Via::Library, force: true }).await?)
    }
}

pub(super) fn get(desk: &Desk, cx: &Context, id: &LibraryId, via: Via) -> Result<library::Library, Error> {
    desk.ask(cx, &GetLibrary { id: id.as_str().into(), via })
}

pub(super) fn list(desk: &Desk, filter: &LibraryFilter) -> Result<Vec<LibraryId>, Error> {
    let ids = desk.snapshot()?.libraries(filter)?;
    Ok(ids.iter().map(|id| id.as_str().into()).collect())
}

/// What a model changes of a library of either kind.
pub(super) fn changes(id: &LibraryId, via: Via, model: &LibraryModel) -> Result<UpdateLibrary, Refusal> {
    let policy = model.security_policy_id.as_ref().map(|id| Some(id.as_str().to_owned()));
    let unsets_policy = model.unset_security_policy_id == Some(true);
    Ok(UpdateLibrary {
        version: version(model.version.as_deref())?,
        name: model.name.clone(),
        description: model.description.clone(),
        security_policy: if unsets_policy { Some(None) } else { policy },
        applies_usages_to_items: applies_usages_to_items(model),
        backings: model.storage_backings.clone().map(|given| backings(Some(given))).transpose()?,
        ..UpdateLibrary::new(ids::LibraryId::from(id.as_str()), via)
    })
}

pub(super) fn applies_usages_to_items(model: &LibraryModel) -> Option<bool> {
    model.configuration_info.as_ref()?.apply_library_usage_to_items
}

pub(super) fn backings(
    backings: Option<Vec<StorageBacking>>,
) -> Result<Vec<library::StorageBacking>, Refusal> {
    backings.unwrap_or_default().into_iter().map(backing).collect()
}

fn backing(model: StorageBacking) -> Result<library::StorageBacking, Refusal> {
    match model.type_.ok_or_else(|| Refusal::lacks("type"))? {
        StorageBackingType::Datastore => {
            let id = model.datastore_id.ok_or_else(|| Refusal::lacks("datastore_id"))?;
            Ok(library::StorageBacking::Datastore(id.as_str().to_owned()))
        }
        StorageBackingType::Other => {
            let uri = model.storage_uri.ok_or_else(|| Refusal::lacks("storage_uri"))?;
            Ok(library::StorageBacking::Other(uri.as_str().to_owned()))
        }
        unknown => {
            let what = format!("keep a library in {unknown}");
            Err(Refusal::unsupported(&what, "Name a datastore, or storage by its address with OTHER."))
        }
    }
}

pub(super) fn storage_backing(backing: &library::StorageBacking) -> StorageBacking {
    match backing {
        library::StorageBacking::Datastore(id) => {
            StorageBacking::for_create(StorageBackingType::Datastore).datastore_id(id.as_str())
        }
        library::StorageBacking::Other(uri) => {
            StorageBacking::for_create(StorageBackingType::Other).storage_uri(uri.as_str())
        }
    }
}

pub(super) fn model(desk: &Desk, library: library::Library) -> LibraryModel {
    let state = if library.in_maintenance { StateInfoState::Maintenance } else { StateInfoState::Active };
    let configuration =
        ConfigurationInfo::new().apply_library_usage_to_items(library.applies_usages_to_items);
    let mut model = LibraryModel::new()
        .id(library.id.as_str())
        .creation_time(date_time(library.created))
        .description(library.description)
        .last_modified_time(date_time(library.modified))
        .name(library.name)
        .storage_backings(vec![storage_backing(&library.backing)])
        .version(library.version.to_string())
        .server_guid(desk.0.settings.server_id())
        .state_info(StateInfo::new().state(state))
        .configuration_info(configuration);
    model.optimization_info = library
        .optimize_remote_publishing
        .map(|optimize| OptimizationInfo::new().optimize_remote_publishing(optimize));
    model.security_policy_id = library.security_policy.map(LibraryId::from);
    match &library.content {
        Content::Local { publish, .. } => {
            let mut info = publish_info(publish);
            if publish.is_published {
                info = info.publish_url(publish_url(desk, &library.id));
            }
            model.type_(LibraryModelLibraryType::Local).publish_info(info)
        }
        Content::Subscribed { subscription, following } => {
            model.last_sync_time = following.last_sync.map(date_time);
            model
                .type_(LibraryModelLibraryType::Subscribed)
                .subscription_info(subscription_info(subscription))
        }
    }
}

/// Where followers find a published library.
pub(super) fn publish_url(desk: &Desk, library: &ids::LibraryId) -> String {
    desk.0.settings.url(&addresses::published_path(library, "lib.json"))
}

fn publish_info(publish: &following::PublishInfo) -> PublishInfo {
    let method = match publish.password {
        Some(_) => PublishInfoAuthenticationMethod::Basic,
        None => PublishInfoAuthenticationMethod::None,
    };
    let mut info = PublishInfo::new()
        .authentication_method(method)
        .published(publish.is_published)
        .persist_json_enabled(publish.persists_json);
    info.user_name = publish.password.as_ref().map(|_| FOLLOWER.to_owned());
    info
}

fn subscription_info(subscription: &following::SubscriptionInfo) -> SubscriptionInfo {
    let method = if subscription.needs_password {
        SubscriptionInfoAuthenticationMethod::Basic
    } else {
        SubscriptionInfoAuthenticationMethod::None
    };
    let mut info = SubscriptionInfo::new()
        .authentication_method(method)
        .automatic_sync_enabled(subscription.automatic_sync)
        .on_demand(subscription.on_demand)
        .subscription_url(subscription.url.as_str());
    info.user_name.clone_from(&subscription.user_name);
    info.ssl_thumbprint.clone_from(&subscription.thumbprint);
    info.ssl_certificate.clone_from(&subscription.certificate);
    info
}
