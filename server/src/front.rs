//! Everything that speaks HTTP, behind one port: the API on all its surfaces, and what the server answers besides.

use std::sync::Arc;

use axum::Router;
use vapi::cis::session::SessionClient;
use vapi::content::configuration::ConfigurationServer;
use vapi::content::library::LibraryServer;
use vapi::content::library::item::changes::ChangesServer;
use vapi::content::library::item::download_session::DownloadSessionServer;
use vapi::content::library::item::storage::StorageServer;
use vapi::content::library::item::update_session::UpdateSessionServer;
use vapi::content::library::item::{ItemServer, downloadsession, file, updatesession};
use vapi::content::library::subscribed_item::SubscribedItemServer;
use vapi::content::library::subscriptions::SubscriptionsServer;
use vapi::content::library::usages::UsagesServer;
use vapi::content::local_library::LocalLibraryServer;
use vapi::content::security_policies::SecurityPoliciesServer;
use vapi::content::subscribed_library::SubscribedLibraryServer;
use vapi::content::trusted_certificates::TrustedCertificatesServer;
use vapi::content::type_::TypeServer;
use vapi::runtime::server::{self, Authenticator, SessionService};

use crate::app::App;
use crate::services::Desk;
use crate::vcsp::publish;
use crate::{soap, transfers};

/// The API: every service, behind a login.
pub fn api(app: &Arc<App>, users: impl Authenticator) -> server::Router {
    let desk = Desk(Arc::clone(app));
    server::Router::new()
        .sessions(SessionService::new(SessionClient::TABLE, app.logins.clone(), users))
        .mount(LibraryServer(desk.clone()))
        .mount(LocalLibraryServer(desk.clone()))
        .mount(SubscribedLibraryServer(desk.clone()))
        .mount(SubscribedItemServer(desk.clone()))
        .mount(UsagesServer(desk.clone()))
        .mount(SubscriptionsServer(desk.clone()))
        .mount(ConfigurationServer(desk.clone()))
        .mount(TypeServer(desk.clone()))
        .mount(SecurityPoliciesServer(desk.clone()))
        .mount(TrustedCertificatesServer(desk.clone()))
        .mount(ItemServer(desk.clone()))
        .mount(file::FileServer(desk.clone()))
        .mount(StorageServer(desk.clone()))
        .mount(ChangesServer(desk.clone()))
        .mount(UpdateSessionServer(desk.clone()))
        .mount(updatesession::file::FileServer(desk.clone()))
        .mount(DownloadSessionServer(desk.clone()))
        .mount(downloadsession::file::FileServer(desk))
}

/// All of it, with the API as [`api`] gives it, and a login at `/sdk` for the same users.
pub fn routes(app: &Arc<App>, api: server::Router, users: &Arc<impl Authenticator>) -> Router {
    Router::new()
        .merge(transfers::routes(app))
        .merge(publish::routes(app))
        .merge(soap::routes(app, users))
        .fallback_service(api)
}
