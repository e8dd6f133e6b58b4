//! Every error that an operation declares, one after the other, so that a test misses none.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::data::{Slot, Structure};
use crate::{Operation, operation_error};

/// One of each error that an operation declares, in declared order, with a message and its own type in it.
#[must_use]
pub fn declared_errors<O: Operation>() -> Vec<O::Error> {
    let make = |error_idx: usize| {
        let id = O::TABLE.errors[error_idx].id;
        let kind = id.rsplit('.').next().unwrap_or(id);
        operation_error::filled(error_idx, |payload| fill(payload, kind))
    };
    (0..O::TABLE.errors.len()).map(make).collect()
}

/// Runs a check once for each error that an operation declares, and fails with all that failed.
///
/// ```
/// # mod vapi { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/notes.rs")); }
/// use vapi_runtime::mock::{Mock, each_error};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// each_error::<vapi::Sign>(async |error| {
///     let mock = Mock::new(vapi::services());
///     mock.on::<vapi::Sign>().fails(error);
///     let client = vapi::NotesClient::new(mock.client());
///     // Here stands what the program does with it.
///     assert!(client.sign("guest-1", "hello").await.is_err());
/// })
/// .await;
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// When a check does, and when the operation declares no error.
pub async fn each_error<O: Operation>(check: impl AsyncFn(O::Error)) {
    let errors = declared_errors::<O>();
    let (service, name, n_errors) = (O::TABLE.service, O::TABLE.name, errors.len());
    assert!(n_errors > 0, "{service}.{name} declares no error, so this proves nothing");
    let mut failed = Vec::new();
    for (error, declared) in errors.into_iter().zip(O::TABLE.errors) {
        if let Err(panic) = caught(check(error)).await {
            failed.push(format!("  {}: {}", declared.id, text(&*panic)));
        }
    }
    let n_failed = failed.len();
    assert!(failed.is_empty(), "{n_failed} of {n_errors} errors of {service}.{name}:\n{}", failed.join("\n"));
}

/// A future whose panic is its result.
async fn caught<T>(future: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    // After a panic it is not polled again.
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text")
}

/// What the standard errors have in common; other payloads stay as they are.
fn fill(payload: &mut dyn Structure, name: &str) {
    let table = payload.table();
    if let Some(field_idx) = table.field_idx("error_type")
        && let Slot::Optional(optional) = payload.field_mut(field_idx)
        && let Slot::Enumeration(value) = optional.insert()
    {
        value.set(&name.to_ascii_uppercase());
    }
    if let Some(field_idx) = table.field_idx("messages")
        && let Slot::List(messages) = payload.field_mut(field_idx)
    {
        messages.add(&mut |slot| {
            let Slot::Structure(message) = slot else { return false };
            set_text(message, "id", "vapi.mock");
            set_text(message, "default_message", &format!("`{name}`, as a test has it"));
            true
        });
    }
}

fn set_text(structure: &mut dyn Structure, field: &str, text: &str) {
    if let Some(field_idx) = structure.table().field_idx(field)
        && let Slot::Text(value) = structure.field_mut(field_idx)
    {
        text.clone_into(value);
    }
}
