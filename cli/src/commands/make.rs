//! `mk` and `rm`: libraries and items come and go.

use vapi::content::library::{ItemModel, StorageBacking, StorageBackingType};
use vapi::content::{LibraryModel, LibraryModelLibraryType};

use super::ls::{id_of_item, id_of_library};
use super::{Run, path};
use crate::exit::Failure;

pub(super) async fn mk(
    run: &mut Run<'_>,
    of: &str,
    datastore: Option<&str>,
    item_type: Option<String>,
) -> Result<(), Failure> {
    match (path::split(of).1, datastore, &item_type) {
        (Some(_), Some(_), _) => return Err(Failure::usage("--datastore is for a library")),
        (None, _, Some(_)) => return Err(Failure::usage("--type is for an item").hint("give LIBRARY/ITEM")),
        _ => {}
    }
    let client = run.client()?;
    match path::split(of) {
        (library, Some(item)) => {
            let library = path::library(&client, library).await?;
            let mut spec = ItemModel::for_create(id_of_library(&library), item);
            spec.type_ = item_type;
            let id = client.item().create(spec).await?;
            run.done("made", id.as_str());
        }
        (library, None) => {
            let backing = match datastore {
                Some(datastore) => {
                    StorageBacking::for_create(StorageBackingType::Datastore).datastore_id(datastore)
                }
                None => {
                    return Err(Failure::usage("a library needs a datastore").hint("give --datastore ID"));
                }
            };
            let id = client.local_library().create(LibraryModel::for_create(library, vec![backing])).await?;
            run.done("made", id.as_str());
        }
    }
    Ok(())
}

pub(super) async fn rm(run: &mut Run<'_>, of: &str) -> Result<(), Failure> {
    let client = run.client()?;
    let (library, item) = path::split(of);
    let library = path::library(&client, library).await?;
    let library_id = id_of_library(&library).to_owned();
    match item {
        Some(item) => {
            let item = path::item(&client, &library, item).await?;
            client.item().delete(id_of_item(&item)).await?;
            run.done("removed", id_of_item(&item));
        }
        None => {
            if library.type_ == Some(LibraryModelLibraryType::Subscribed) {
                client.subscribed_library().delete(library_id.as_str()).await?;
            } else {
                client.local_library().delete(library_id.as_str()).await?;
            }
            run.done("removed", &library_id);
        }
    }
    Ok(())
}
