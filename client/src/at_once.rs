//! Several things at once, not too many: they begin in order, and the first that fails ends all.

use std::panic::resume_unwind;

use tokio::task::JoinSet;

use crate::error::TransferError;

/// Does this for each of these, `n_max` at once, and gives what came of them in the same order.
///
/// Whatever is under way is over when this returns; dropped, it ends soon after.
pub(crate) async fn at_once<I, T, F>(
    items: Vec<I>,
    n_max: usize,
    work: impl Fn(I) -> F,
) -> Result<Vec<T>, TransferError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, TransferError>> + Send + 'static,
{
    let mut waiting = items.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut done = Vec::with_capacity(waiting.len());
    loop {
        while running.len() < n_max.max(1)
            && let Some((idx, item)) = waiting.next()
        {
            let work = work(item);
            running.spawn(async move { (idx, work.await) });
        }
        match running.join_next().await {
            None => break,
            Some(Ok((idx, Ok(value)))) => done.push((idx, value)),
            Some(Ok((_, Err(error)))) => {
                running.shutdown().await;
                return Err(error);
            }
            // Nobody aborts one of these alone.
            Some(Err(panic)) => resume_unwind(panic.into_panic()),
        }
    }
    done.sort_by_key(|(idx, _)| *idx);
    Ok(done.into_iter().map(|(_, value)| value).collect())
}
