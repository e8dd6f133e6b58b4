//! `upload`: files into an item, which is made if there is none.

use std::path::PathBuf;

use contentlib_client::{Checksums, Source, Target, UploadOptions};
use serde_json::json;
use vapi::content::LibraryModel;

use super::ls::{id_of_item, id_of_library};
use super::{Run, path};
use crate::exit::{Exit, Failure};

pub(super) async fn run(
    run: &mut Run<'_>,
    of: &str,
    files: Vec<PathBuf>,
    read_once: bool,
) -> Result<(), Failure> {
    let sources = files.into_iter().map(source).collect::<Result<Vec<_>, _>>()?;
    let (library, item) = path::split(of);
    // Without a name, the first file's own, which is what most items are called anyway.
    let named = item.map(str::to_owned).or_else(|| {
        let stem = sources.first()?.path().file_stem()?.to_str()?;
        Some(stem.to_owned())
    });
    let named = named.ok_or_else(|| Failure::usage("the item has no name").hint("give LIBRARY/ITEM"))?;
    let client = run.client()?;
    let library = path::library(&client, library).await?;
    let target = target(&client, &library, named).await?;
    let (transfers, progress) = run.moving(&client)?;
    let checksums = if read_once { Checksums::Meanwhile } else { Checksums::Before };
    let options = UploadOptions { progress, checksums, ..UploadOptions::default() };
    let transfer = transfers.upload(target, sources, &options);
    let uploaded = run.follow("looking at what is to be sent", transfer).await?;
    if run.connection.is_json() {
        let (item, session) = (uploaded.item.as_str(), uploaded.session.as_str());
        run.print(&json!({"item": item, "session": session, "files": uploaded.files}));
    } else {
        run.done("uploaded", uploaded.item.as_str());
    }
    Ok(())
}

fn source(path: PathBuf) -> Result<Source, Failure> {
    let shown = path.display().to_string();
    Source::at(path).ok_or_else(|| Failure::usage(format!("{shown:?} has no name that can be told")))
}

/// The item of this name, or one to make.
async fn target(client: &vapi::Client, library: &LibraryModel, name: String) -> Result<Target, Failure> {
    match path::item(client, library, &name).await {
        Ok(item) => Ok(Target::Item(id_of_item(&item).into())),
        Err(failure) if failure.exit == Exit::NotFound => {
            Ok(Target::New { library: id_of_library(library).into(), name })
        }
        Err(failure) => Err(failure),
    }
}
