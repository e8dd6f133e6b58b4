//! `com.vmware.content.library.item.changes`.

use vapi::content::library::item::changes::{
    Changes, GetError, GetInput, Info, ListError, ListInput, Summary,
};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::{Desk, date_time};
use crate::domain::item::{Change, GetChange, GetItem};

/// How many characters of a message a summary has.
const SHORT_CHARS_MAX: usize = 80;

impl Changes for Desk {
    async fn list(&self, cx: &Context, input: ListInput) -> Result<Vec<Summary>, Failure<ListError>> {
        let item = self.ask(cx, &GetItem { id: input.library_item.as_str().into() })?;
        Ok(item.history.iter().rev().map(summary).collect())
    }

    async fn get(&self, cx: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        let item = input.library_item.as_str().into();
        let change = self.ask(cx, &GetChange { item, version: input.version.to_string() })?;
        let mut info = Info::new(date_time(change.time)).message(change.message);
        info.user = change.user.map(|user| user.to_string());
        Ok(info)
    }
}

fn summary(change: &Change) -> Summary {
    let mut summary = Summary::new(change.version.to_string(), date_time(change.time))
        .short_message(change.message.chars().take(SHORT_CHARS_MAX).collect::<String>());
    summary.user = change.user.as_ref().map(ToString::to_string);
    summary
}
