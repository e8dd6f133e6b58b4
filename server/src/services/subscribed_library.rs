//! `com.vmware.content.subscribed_library`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use vapi::content::library::{SubscriptionInfo, SubscriptionInfoAuthenticationMethod};
use vapi::content::subscribed_library::{
    CreateError, CreateInput, DeleteError, DeleteInput, EvictError, EvictInput, ForceDeleteError,
    ForceDeleteInput, GetError, GetInput, ListInput, ProbeInput, ProbeResult, ProbeResultStatus,
    SubscribedLibrary, SyncError, SyncInput, UpdateError, UpdateInput,
};
use vapi::content::{LibraryId, LibraryModel};
use vapi::runtime::server::Failure;
use vapi::runtime::{Context, NoDeclaredError};
use vapi::vapi::std::LocalizableMessage;

use super::{Desk, library, token};
use crate::app::fresh_id;
use crate::domain::following::{self, SubscriptionChange};
use crate::domain::ids;
use crate::domain::library::{Content, CreateLibrary, DeleteLibrary, NewContent, Via};
use crate::domain::on_demand::EvictLibrary;
use crate::domain::synchronisation::StartSync;
use crate::domain::{Kind, Message, Refusal};
use crate::ledger::Error;
use crate::outbound::Failure as Unreached;
use crate::store::LibraryFilter;
use crate::vcsp::publisher::{Fault, Publisher};

impl SubscribedLibrary for Desk {
    async fn create(&self, cx: &Context, input: CreateInput) -> Result<LibraryId, Failure<CreateError>> {
        let token = token(input.client_token, &input.create_spec);
        let spec = input.create_spec;
        let info = spec.subscription_info.as_ref().ok_or_else(|| Refusal::lacks("subscription_info"))?;
        let subscription = subscription(info)?;
        let begins = subscription.automatic_sync;
        let command = CreateLibrary {
            id: fresh_id(),
            token,
            applies_usages_to_items: library::applies_usages_to_items(&spec).unwrap_or_default(),
            name: spec.name.ok_or_else(|| Refusal::lacks("name"))?,
            description: spec.description.unwrap_or_default(),
            content: NewContent::Subscribed(subscription.clone()),
            backings: library::backings(spec.storage_backings)?,
            security_policy: spec.security_policy_id.map(|id| id.as_str().to_owned()),
            optimize_remote_publishing: None,
        };
        self.reach(&subscription).await?;
        let id = self.run(cx, command).await?;
        if begins {
            self.run(cx, StartSync { library: id.clone() }).await?;
        }
        Ok(id.as_str().into())
    }

    async fn delete(&self, cx: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        let id = input.library_id.as_str().into();
        Ok(self.run(cx, DeleteLibrary { id, via: Via::SubscribedLibrary, force: false }).await?)
    }

    async fn force_delete(
        &self,
        cx: &Context,
        input: ForceDeleteInput,
    ) -> Result<(), Failure<ForceDeleteError>> {
        let id = input.library_id.as_str().into();
        Ok(self.run(cx, DeleteLibrary { id, via: Via::SubscribedLibrary, force: true }).await?)
    }

    async fn evict(&self, cx: &Context, input: EvictInput) -> Result<(), Failure<EvictError>> {
        Ok(self.run(cx, EvictLibrary { library: input.library_id.as_str().into() }).await?)
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<LibraryModel, Failure<GetError>> {
        Ok(library::model(self, library::get(self, cx, &input.library_id, Via::SubscribedLibrary)?))
    }

    async fn list(&self, _: &Context, _: ListInput) -> Result<Vec<LibraryId>, Failure<NoDeclaredError>> {
        Ok(library::list(self, &LibraryFilter { is_local: Some(false), name: None })?)
    }

    // A publisher that cannot be reached is told to whoever asks, and not only to those who look later.
    async fn sync(&self, cx: &Context, input: SyncInput) -> Result<(), Failure<SyncError>> {
        let subscription = subscription_of(self, cx, &input.library_id)?;
        self.reach(&subscription).await?;
        Ok(self.run(cx, StartSync { library: input.library_id.as_str().into() }).await?)
    }

    async fn update(&self, cx: &Context, input: UpdateInput) -> Result<(), Failure<UpdateError>> {
        let (id, spec) = (input.library_id, input.update_spec);
        let mut subscription = subscription_of(self, cx, &id)?;
        let mut command = library::changes(&id, Via::SubscribedLibrary, &spec)?;
        let Some(info) = &spec.subscription_info else { return Ok(self.run(cx, command).await?) };
        let change = subscription_change(info)?;
        subscription.change(&change)?;
        self.reach(&subscription).await?;
        command.subscription = Some(change);
        self.run(cx, command).await?;
        if subscription.automatic_sync {
            self.run(cx, StartSync { library: id.as_str().into() }).await?;
        }
        Ok(())
    }

    async fn probe(&self, _: &Context, input: ProbeInput) -> Result<ProbeResult, Failure<NoDeclaredError>> {
        let mut info = input.subscription_info;
        if info.password.is_none() {
            // Whether one is needed, the publisher says.
            info.authentication_method = None;
        }
        let fault = match subscription(&info) {
            Ok(subscription) => match self.probed(&subscription).await {
                Ok(()) => return Ok(ProbeResult::new(ProbeResultStatus::Success, Vec::new())),
                Err(fault) => fault,
            },
            Err(refusal) => {
                let words = vec![super::localizable(&refusal.message)];
                return Ok(ProbeResult::new(ProbeResultStatus::InvalidUrl, words));
            }
        };
        let words = LocalizableMessage::new("contentlibd.publisher_unreached", said(&fault), Vec::new());
        let mut result = ProbeResult::new(status_of(&fault), vec![words]);
        if let Fault::Unreached(Unreached::Untrusted { thumbprint, certificate, .. }) = &fault {
            result = result.ssl_thumbprint(thumbprint.to_string());
            result.ssl_certificate = certificate.as_deref().map(pem);
        }
        Ok(result)
    }
}

impl Desk {
    async fn probed(&self, subscription: &following::SubscriptionInfo) -> Result<(), Fault> {
        let settings = &self.0.settings.pull;
        Publisher::of(subscription, &self.0.outbound, settings)?.probe().await.map(drop)
    }

    /// Whether the publisher is there and lets this server in.
    async fn reach(&self, subscription: &following::SubscriptionInfo) -> Result<(), Refusal> {
        self.probed(subscription).await.map_err(|fault| match &fault {
            Fault::NoLibrary(..) => {
                let way_out = "Give the address of a lib.json, such as a publish_url.";
                Refusal::invalid("subscription_url", &fault.to_string(), way_out)
            }
            Fault::Unreached(_) => Refusal {
                kind: Kind::ResourceInaccessible,
                message: Message::publisher_unreached(&said(&fault)),
            },
        })
    }
}

fn said(fault: &Fault) -> String {
    let text = fault.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn status_of(fault: &Fault) -> ProbeResultStatus {
    let Fault::Unreached(failure) = fault else { return ProbeResultStatus::InvalidUrl };
    match failure {
        Unreached::BadUri { .. } | Unreached::PinWithoutTls { .. } | Unreached::TooLarge { .. } => {
            ProbeResultStatus::InvalidUrl
        }
        Unreached::Unresolved { .. } => ProbeResultStatus::HostNotFound,
        Unreached::TimedOut { .. } => ProbeResultStatus::TimedOut,
        Unreached::Untrusted { .. } | Unreached::BadPin { .. } | Unreached::NoTls { .. } => {
            ProbeResultStatus::CertificateError
        }
        Unreached::Status { status, .. } => match status.as_u16() {
            401 | 403 => ProbeResultStatus::InvalidCredentials,
            404 | 410 => ProbeResultStatus::ResourceNotFound,
            _ => ProbeResultStatus::UnknownError,
        },
        _ => ProbeResultStatus::UnknownError,
    }
}

fn pem(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
}

fn subscription_of(desk: &Desk, cx: &Context, id: &LibraryId) -> Result<following::SubscriptionInfo, Error> {
    match library::get(desk, cx, id, Via::SubscribedLibrary)?.content {
        Content::Subscribed { subscription, .. } => Ok(subscription),
        Content::Local { .. } => Err(Refusal::library_kind(&ids::LibraryId::from(id.as_str()), true).into()),
    }
}

/// What a library is to follow; what is unset is as a vCenter has it.
fn subscription(info: &SubscriptionInfo) -> Result<following::SubscriptionInfo, Refusal> {
    let url = info.subscription_url.as_ref().ok_or_else(|| Refusal::lacks("subscription_url"))?;
    let mut subscription = following::SubscriptionInfo {
        url: url.as_str().to_owned(),
        needs_password: false,
        user_name: None,
        password: None,
        automatic_sync: false,
        on_demand: false,
        thumbprint: None,
        certificate: None,
    };
    subscription.change(&subscription_change(info)?)?;
    Ok(subscription)
}

fn subscription_change(info: &SubscriptionInfo) -> Result<SubscriptionChange, Refusal> {
    let needs_password = match &info.authentication_method {
        None => None,
        Some(SubscriptionInfoAuthenticationMethod::Basic) => Some(true),
        Some(SubscriptionInfoAuthenticationMethod::None) => Some(false),
        Some(unknown) => {
            let what = format!("{unknown} is no way to authenticate");
            return Err(Refusal::invalid("authentication_method", &what, "Choose BASIC or NONE."));
        }
    };
    if info.source_info.is_some() {
        let way_out = "Give the publish_url as subscription_url.";
        return Err(Refusal::unsupported("follow what has no address", way_out));
    }
    Ok(SubscriptionChange {
        url: info.subscription_url.as_ref().map(|url| url.as_str().to_owned()),
        needs_password,
        user_name: info.user_name.clone(),
        password: info.password.as_ref().map(|password| password.expose().into()),
        automatic_sync: info.automatic_sync_enabled,
        on_demand: info.on_demand,
        thumbprint: info.ssl_thumbprint.clone(),
        certificate: info.ssl_certificate.clone(),
    })
}
