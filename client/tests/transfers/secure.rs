//! Transfers over TLS: to a server that an authority vouches for, one that is pinned, one that is neither, and through a proxy.

use std::fs;

use contentlib_client::{Cause, DownloadOptions, TransferError, Transfers};
use vapi::runtime::client::{Http, HttpOptions, Proxy, Thumbprint, Trust};

use crate::bytes;
use crate::served::{Folder, Served, Setup, direct, impatient, options};
use crate::tls::{Identity, Tunnels};

/// A server whose addresses are of the scheme `https`, and what its certificate is.
async fn serve() -> (Served, Identity) {
    let identity = Identity::new();
    let served = Setup { tls: Some(identity.clone()), ..Setup::new() }.serve().await;
    (served, identity)
}

/// Sends a file and fetches it again, with calls by the first of these and bytes by the second.
async fn there_and_back(
    served: &Served,
    calls: HttpOptions,
    bytes_by: HttpOptions,
) -> Result<(), TransferError> {
    let client = vapi::runtime::Client::with_transport(&served.url, Http::with_options(calls)).unwrap();
    let transfers = Transfers::new(client.credentials("ann", "a").into(), bytes_by);
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let uploaded = transfers.upload(served.new_item(), sources, &options()).await?;
    let elsewhere = Folder::new();
    let options = DownloadOptions { patience: impatient(), ..DownloadOptions::default() };
    let fetched = transfers.download(uploaded.item, elsewhere.path(), &options).await?;
    assert_eq!(fs::read(&fetched[0].path).unwrap(), bytes());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_an_authority_vouches_for() {
    let (served, identity) = serve().await;
    let trusting = || direct().trust(Trust::authorities_pem(&identity.authority).unwrap());
    there_and_back(&served, trusting(), trusting()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_pinned() {
    let (served, identity) = serve().await;
    let trusting = || direct().trust(Trust::pinned(identity.thumbprint()));
    there_and_back(&served, trusting(), trusting()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_nobody_knows_is_refused_with_what_to_pin() {
    let (served, identity) = serve().await;
    let (pinned, shown) = (direct().trust(Trust::pinned(identity.thumbprint())), identity.thumbprint());
    // Neither calls nor bytes go there, and bytes do not because calls do.
    for (calls, bytes_by) in [(direct(), direct()), (pinned, direct())] {
        let error = there_and_back(&served, calls, bytes_by).await.unwrap_err();
        let Cause::Transport(cause) = &error.cause else { panic!("{error}") };
        assert_eq!(cause.thumbprint(), Some(shown), "{error}");
        assert!(error.to_string().contains(&shown.to_string()), "{error}");
        assert_eq!(served.items().await, []);
    }
    served.check_failed_with(&["disk.vmdk", &shown.to_string()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_than_the_pinned_one_is_refused_at_once() {
    let (served, identity) = serve().await;
    let calls = direct().trust(Trust::pinned(identity.thumbprint()));
    let bytes_by = direct().trust(Trust::pinned(Thumbprint::sha256(b"another certificate")));
    let error = there_and_back(&served, calls, bytes_by).await.unwrap_err();
    assert!(error.to_string().contains(&identity.thumbprint().to_string()), "{error}");
    assert_eq!(served.requests.with("/transfer/"), [""; 0], "nothing was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_a_proxy() {
    let (served, identity) = serve().await;
    let tunnels = Tunnels::start().await;
    let variable = format!("http://{}", tunnels.address);
    let proxy = Proxy::from_variables(|name| (name == "HTTPS_PROXY").then(|| variable.clone()));
    let through = || direct().trust(Trust::pinned(identity.thumbprint())).proxy(proxy.clone());
    there_and_back(&served, through(), through()).await.unwrap();
    // One for calls, and one for bytes at least.
    assert!(tunnels.n_opened() >= 2, "{}", tunnels.n_opened());
}
