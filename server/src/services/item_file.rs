//! `com.vmware.content.library.item.file`.

use vapi::content::library::item::file::{File, GetError, GetInput, Info, ListError, ListInput};
use vapi::runtime::server::Failure;
use vapi::runtime::{Context, Uri};

use super::session_file::checksum_info;
use super::{Desk, size};
use crate::addresses;
use crate::domain::Refusal;
use crate::domain::ids::{ItemId, LibraryId};
use crate::domain::item::{GetFiles, ItemFile};

impl File for Desk {
    async fn get(&self, cx: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        let item = ItemId::from(input.library_item_id.as_str());
        let question = GetFiles { item: item.clone(), name: Some(input.name.clone()) };
        let seen = self.ask(cx, &question)?;
        let file = seen.files.first().ok_or_else(|| Refusal::no_item_file(&input.name))?;
        Ok(info(self, &seen.library, &item, file))
    }

    async fn list(&self, cx: &Context, input: ListInput) -> Result<Vec<Info>, Failure<ListError>> {
        let item = ItemId::from(input.library_item_id.as_str());
        let seen = self.ask(cx, &GetFiles { item: item.clone(), name: None })?;
        Ok(seen.files.iter().map(|file| info(self, &seen.library, &item, file)).collect())
    }
}

fn info(desk: &Desk, library: &LibraryId, item: &ItemId, file: &ItemFile) -> Info {
    let is_cached = file.is_cached();
    let mut info = Info::new(file.name.as_str(), size(file.size), is_cached, file.version.to_string());
    if is_cached {
        info = info.file_download_endpoint(address(desk, library, item, file));
    }
    info.checksum_info = file.checksum.as_ref().map(checksum_info);
    info
}

/// Where those who are logged in fetch a file as it is now.
pub(super) fn address(desk: &Desk, library: &LibraryId, item: &ItemId, file: &ItemFile) -> Uri {
    let path = addresses::static_path(library, item, &file.name, file.version);
    desk.0.settings.url(&path).into()
}
