//! `LIBRARY` and `LIBRARY/ITEM`: what is named, by name or identifier.

use vapi::content::LibraryModel;
use vapi::content::library::{FindSpec, ItemModel};
use vapi::runtime::Error;

use crate::exit::{Exit, Failure};

/// A library, and an item of it.
pub(super) fn split(path: &str) -> (&str, Option<&str>) {
    match path.split_once('/') {
        Some((library, "")) => (library, None),
        Some((library, item)) => (library, Some(item)),
        None => (path, None),
    }
}

pub(super) async fn library(client: &vapi::Client, name: &str) -> Result<LibraryModel, Failure> {
    let found = client.library().find(FindSpec::new().name(name)).await?;
    match &found[..] {
        [] => match client.library().get(name).await {
            Err(Error::Documented { .. }) => {
                Err(Failure::new(Exit::NotFound, format!("there is no library `{name}`"))
                    .hint("`contentlib ls` lists them"))
            }
            library => Ok(library?),
        },
        [id] => Ok(client.library().get(id.clone()).await?),
        several => Err(Failure::usage(format!("{} libraries are called `{name}`", several.len()))
            .hint("name it by its identifier; `contentlib ls` shows these")),
    }
}

pub(super) async fn item(
    client: &vapi::Client,
    library: &LibraryModel,
    name: &str,
) -> Result<ItemModel, Failure> {
    let mut spec = vapi::content::library::item::FindSpec::new().name(name);
    spec.library_id.clone_from(&library.id);
    let found = client.item().find(spec).await?;
    match &found[..] {
        [] => match client.item().get(name).await {
            Ok(item) if item.library_id == library.id => Ok(item),
            Ok(_) | Err(Error::Documented { .. }) => {
                Err(Failure::new(Exit::NotFound, format!("the library has no item `{name}`"))
                    .hint("`contentlib ls LIBRARY` lists its items"))
            }
            Err(error) => Err(error.into()),
        },
        [id] => Ok(client.item().get(id.clone()).await?),
        several => Err(Failure::usage(format!("{} items are called `{name}`", several.len()))
            .hint("name it by its identifier; `contentlib ls LIBRARY` shows these")),
    }
}
