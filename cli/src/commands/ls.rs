//! `ls` and `info`: what there is.

use serde_json::Value;
use vapi::content::LibraryModel;
use vapi::content::library::ItemModel;

use super::{Run, json_of, path};
use crate::exit::Failure;

pub(super) async fn ls(run: &mut Run<'_>, of: Option<&str>) -> Result<(), Failure> {
    let client = run.client()?;
    let Some(of) = of else {
        let mut libraries = Vec::new();
        for id in client.library().list().await? {
            libraries.push(json_of(&client.library().get(id).await?)?);
        }
        return list(run, libraries, &["id", "type", "name"]);
    };
    let (library, item) = path::split(of);
    let library = path::library(&client, library).await?;
    let Some(item) = item else {
        let mut items = Vec::new();
        for id in client.item().list(id_of_library(&library)).await? {
            items.push(json_of(&client.item().get(id).await?)?);
        }
        return list(run, items, &["id", "type", "size", "name"]);
    };
    let item = path::item(&client, &library, item).await?;
    let files = client.file().list(id_of_item(&item)).await?;
    let files = files.iter().map(|file| json_of(file)).collect::<Result<Vec<_>, _>>()?;
    list(run, files, &["size", "version", "name"])
}

pub(super) async fn info(run: &mut Run<'_>, of: &str) -> Result<(), Failure> {
    let client = run.client()?;
    let (library, item) = path::split(of);
    let library = path::library(&client, library).await?;
    let shown = match item {
        None => json_of(&library)?,
        Some(item) => json_of(&path::item(&client, &library, item).await?)?,
    };
    run.print(&shown);
    Ok(())
}

/// A line for each, its columns aligned; for programs everything that is known.
pub(super) fn list(run: &mut Run<'_>, rows: Vec<Value>, columns: &[&str]) -> Result<(), Failure> {
    if run.connection.is_json() {
        run.print(&Value::Array(rows));
        return Ok(());
    }
    let cell = |row: &Value, column: &str| match &row[column] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(),
        other => other.to_string(),
    };
    let cells: Vec<Vec<String>> =
        rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect()).collect();
    let width = |idx: usize| cells.iter().map(|row| row[idx].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    for row in &cells {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = padded.collect::<Vec<_>>().join("  ");
        run.print_text(&format!("{}\n", line.trim_end()));
    }
    Ok(())
}

pub(super) fn id_of_library(library: &LibraryModel) -> &str {
    library.id.as_ref().map_or("", |id| id.as_str())
}

pub(super) fn id_of_item(item: &ItemModel) -> &str {
    item.id.as_ref().map_or("", |id| id.as_str())
}
