//! `session`: update sessions, listed, shown and ended.

use super::{Run, json_of, ls};
use crate::args::SessionVerb;
use crate::exit::Failure;

pub(super) async fn run(run: &mut Run<'_>, verb: SessionVerb) -> Result<(), Failure> {
    let client = run.client()?.update_session();
    match verb {
        SessionVerb::Ls { item } => {
            let call = client.list().with(|input| match item {
                Some(item) => input.library_item_id(item),
                None => input,
            });
            let mut sessions = Vec::new();
            for id in call.await? {
                sessions.push(json_of(&client.get(id).await?)?);
            }
            ls::list(run, sessions, &["id", "state", "client_progress", "library_item_id"])?;
        }
        SessionVerb::Show { id } => {
            let session = json_of(&client.get(id).await?)?;
            run.print(&session);
        }
        SessionVerb::Fail { id, message } => {
            client.fail(id.as_str(), message).await?;
            run.done("failed", &id);
        }
        SessionVerb::Cancel { id } => {
            client.cancel(id.as_str()).await?;
            run.done("canceled", &id);
        }
        SessionVerb::Rm { id } => {
            client.delete(id.as_str()).await?;
            run.done("removed", &id);
        }
    }
    Ok(())
}
