//! `com.vmware.content.library.item.storage`: where files lie, said by the addresses that the server has for them.

use vapi::content::library::ItemId;
use vapi::content::library::item::storage::{GetError, GetInput, Info, ListError, ListInput, Storage};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::item_file::address;
use super::session_file::checksum_info;
use super::{Desk, library, size};
use crate::domain::ids;
use crate::domain::item::{GetFiles, LocateFiles};
use crate::ledger::Error;

impl Storage for Desk {
    async fn get(&self, cx: &Context, input: GetInput) -> Result<Vec<Info>, Failure<GetError>> {
        Ok(located(self, cx, &input.library_item_id, Some(input.file_name))?)
    }

    async fn list(&self, cx: &Context, input: ListInput) -> Result<Vec<Info>, Failure<ListError>> {
        Ok(located(self, cx, &input.library_item_id, None)?)
    }
}

fn located(desk: &Desk, cx: &Context, item: &ItemId, name: Option<String>) -> Result<Vec<Info>, Error> {
    let item = ids::ItemId::from(item.as_str());
    let seen = desk.ask(cx, &LocateFiles(GetFiles { item: item.clone(), name }))?;
    let backing = || library::storage_backing(&seen.backing);
    let info = |file| {
        let address = address(desk, &seen.library, &item, file);
        let (name, version) = (file.name.as_str(), file.version.to_string());
        let uris = if file.is_cached() { vec![address.clone()] } else { Vec::new() };
        let mut info = Info::new(backing(), uris, name, size(file.size), file.is_cached(), version);
        info.file_download_endpoint = file.is_cached().then_some(address);
        info.checksum_info = file.checksum.as_ref().map(checksum_info);
        info
    };
    Ok(seen.files.iter().map(info).collect())
}
