//! Everything that speaks HTTP, behind one port: the API on all its surfaces, and what the server answers besides.

use std::sync::Arc;

use axum::Router;
use vapi::cis::session::SessionClient;
use vapi::content::library::LibraryServer;
use vapi::content::library::item::changes::ChangesServer;
use vapi::content::library::item::download_session::DownloadSessionServer;
use vapi::content::library::item::storage::StorageServer;
use vapi::content::library::item::update_session::UpdateSessionServer;
use vapi::content::library::item::{ItemServer, downloadsession, file, updatesession};
use vapi::content::local_library::LocalLibraryServer;
use vapi::runtime::server::{self, Authenticator, SessionService};

use crate::app::App;
use crate::services::Desk;
use crate::{soap, transfers};

/// The API: every service, behind a login.
pub fn api(app: &Arc<App>, users: impl Authenticator) -> server::Router {
    let desk = Desk(Arc::clone(app));
    server::Router::new()
        .sessions(SessionService::new(SessionClient::TABLE, app.logins.clone(), users))
        .mount(LibraryServer(desk.clone()))
        .mount(LocalLibraryServer(desk.clone()))
        .mount(ItemServer(desk.clone()))
        .mount(file::FileServer(desk.clone()))
        .mount(StorageServer(desk.clone()))
        .mount(ChangesServer(desk.clone()))
        .mount(UpdateSessionServer(desk.clone()))
        .mount(updatesession::file::FileServer(desk.clone()))
        .mount(DownloadSessionServer(desk.clone()))
        .mount(downloadsession::file::FileServer(desk))
}

/// All of it.
pub fn routes(app: &Arc<App>, users: impl Authenticator) -> Router {
    let users = Arc::new(users);
    Router::new()
        .merge(transfers::routes(app))
        .merge(soap::routes(app, &users))
        .fallback_service(api(app, users))
}
