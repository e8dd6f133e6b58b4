//! What a measurement needs to be there: a login, a library, items, sessions and files, made with the generated client.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Runtime};
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{UpdateSessionId, UpdateSessionModel};
use vapi::content::library::{ItemId, ItemModel, StorageBacking, StorageBackingType};
use vapi::content::{LibraryId, LibraryModel};

/// Everything that is there, on a runtime of one thread.
pub(crate) struct Stage {
    pub(crate) runtime: Runtime,
    pub(crate) client: vapi::Client,
    pub(crate) address: SocketAddr,
    /// Identifier of the login session.
    pub(crate) login: String,
    pub(crate) library: LibraryId,
    n_items: AtomicUsize,
}

impl Stage {
    pub(crate) fn set_up(url: &str, user: &str, password: &str) -> Result<Stage, Box<dyn Error>> {
        let address = url.strip_prefix("http://").ok_or("the URL does not begin with http://")?.parse()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = vapi::runtime::Client::new(url)?.credentials(user, password);
        let login = runtime.block_on(client.login())?.ok_or("the server knows no logins")?;
        let login = login.expose().to_owned();
        let client = vapi::Client::from(client);
        let place = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
        let library = client.local_library().create(LibraryModel::for_create("bench", vec![place]));
        let library = runtime.block_on(async { library.await })?;
        Ok(Stage { runtime, client, address, login, library, n_items: AtomicUsize::new(0) })
    }

    /// A new item.
    pub(crate) async fn item(&self) -> Result<ItemId, Box<dyn Error>> {
        let name = format!("item {}", self.n_items.fetch_add(1, Ordering::Relaxed));
        Ok(self.client.item().create(ItemModel::for_create(&self.library, name)).await?)
    }

    /// A session on a new item.
    pub(crate) async fn session(&self) -> Result<UpdateSessionId, Box<dyn Error>> {
        let item = self.item().await?;
        Ok(self.client.update_session().create(UpdateSessionModel::for_create(item)).await?)
    }

    /// A file of a session; the path of its upload address.
    pub(crate) async fn file(
        &self,
        session: &UpdateSessionId,
        spec: AddSpec,
    ) -> Result<String, Box<dyn Error>> {
        let info = self.client.update_session_file().add(session, spec).await?;
        let endpoint = info.upload_endpoint.ok_or("the file has no upload address")?;
        path_of(endpoint.uri.as_str())
    }
}

/// A file that is sent, of so many bytes.
pub(crate) fn pushed(name: &str, n_bytes: usize) -> Result<AddSpec, Box<dyn Error>> {
    Ok(AddSpec::new(name, SourceType::Push).size(i64::try_from(n_bytes)?))
}

/// The path of an address, with the slash before it.
pub(crate) fn path_of(uri: &str) -> Result<String, Box<dyn Error>> {
    let (_, rest) = uri.split_once("://").ok_or("an address without a scheme")?;
    Ok(rest[rest.find('/').ok_or("an address without a path")?..].to_owned())
}
