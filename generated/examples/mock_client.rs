//! Tests a program that calls the API, without a server: what `vapi::runtime::mock` is for.
//!
//! Out: what the program finds at the mock. Its tests are below, and are the example as much as it is.
//! Where the crate is a dependency, the feature `testing` belongs into `[dev-dependencies]`.
//!
//! ```sh
//! cargo run -p vapi --example mock_client
//! cargo test -p vapi --example mock_client
//! ```
#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::error::Error as StdError;

use vapi::content::library::item::{Get, GetError, List};
use vapi::content::library::ItemModel;
use vapi::runtime::Error;
use vapi::runtime::mock::Mock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let mock = Mock::new(vapi::services());
    mock.on::<List>().returns(vec!["item-1".into(), "item-2".into()]);
    // The first rule that is for a call counts.
    mock.on::<Get>().when(|input| input.library_item_id.as_str() == "item-2").returns(ItemModel::new().size(7));
    mock.on::<Get>().returns(ItemModel::new().size(35));
    println!("{} bytes", bytes_of_library(&mock.client().into(), "library-1").await?);
    Ok(())
}

/// The program: how many bytes the items of a library have. An item that goes meanwhile has none.
async fn bytes_of_library(client: &vapi::Client, library: &str) -> Result<i64, Box<dyn StdError>> {
    let mut n_bytes = 0;
    for item in client.item().list(library).await? {
        n_bytes += match client.item().get(item).await {
            Ok(item) => item.size.unwrap_or(0),
            Err(Error::Documented { error: GetError::NotFound(_), .. }) => 0,
            Err(other) => return Err(other.into()),
        };
    }
    Ok(n_bytes)
}

#[cfg(test)]
mod tests {
    use vapi::runtime::client::Retry;
    use vapi::runtime::mock::each_error;
    use vapi::vapi::std::errors::NotFound;

    use super::*;

    /// What the program finds, where nothing is tried again.
    async fn found(mock: &Mock) -> Result<i64, Box<dyn StdError>> {
        bytes_of_library(&mock.client().retry(Retry::never()).into(), "library-1").await
    }

    #[tokio::test]
    async fn an_item_that_went_has_no_bytes() {
        let mock = Mock::new(vapi::services());
        mock.on::<List>().returns(vec!["item-1".into(), "item-2".into()]);
        mock.on::<Get>().nth(1).fails(NotFound::new(vec![]));
        mock.on::<Get>().nth(2).returns(ItemModel::new().size(7));
        assert_eq!(found(&mock).await.unwrap(), 7);
        assert_eq!(mock.calls::<List>()[0].library_id.as_str(), "library-1");
    }

    #[tokio::test]
    async fn only_not_found_is_no_error() {
        each_error::<Get>(async |error| {
            let is_harmless = matches!(error, GetError::NotFound(_));
            let mock = Mock::new(vapi::services());
            mock.on::<List>().returns(vec!["item-1".into()]);
            mock.on::<Get>().fails(error);
            assert_eq!(found(&mock).await.is_ok(), is_harmless);
        })
        .await;
    }

    #[tokio::test]
    async fn a_connection_that_breaks_is_no_missing_item() {
        let mock = Mock::new(vapi::services());
        mock.on::<List>().returns(vec!["item-1".into()]);
        mock.on::<Get>().refuses_connection();
        assert!(found(&mock).await.is_err());
    }
}
