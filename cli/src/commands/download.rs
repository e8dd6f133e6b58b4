//! `download`: the files of an item into a folder.

use std::path::Path;

use contentlib_client::DownloadOptions;
use serde_json::{Value, json};

use super::ls::{id_of_item, list};
use super::{Run, path};
use crate::exit::Failure;

pub(super) async fn run(run: &mut Run<'_>, of: &str, dir: &Path) -> Result<(), Failure> {
    let (library, Some(item)) = path::split(of) else {
        return Err(Failure::usage("an item is missing").hint("give LIBRARY/ITEM"));
    };
    let client = run.client()?;
    let library = path::library(&client, library).await?;
    let item = path::item(&client, &library, item).await?;
    let (transfers, progress) = run.moving(&client)?;
    let options = DownloadOptions { progress, ..DownloadOptions::default() };
    let transfer = transfers.download(id_of_item(&item), dir, &options);
    let fetched = run.follow("asking for the files", transfer).await?;
    let rows: Vec<Value> = fetched
        .iter()
        .map(|file| {
            let path = file.path.display().to_string();
            json!({"name": file.name, "path": path, "size": file.n_bytes, "checked": file.is_checked})
        })
        .collect();
    list(run, rows, &["size", "path"])
}
