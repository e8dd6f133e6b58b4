//! A server that is killed in the middle of an upload and started again: its logins are gone, its connections are, and what
//! was durable is not.

use contentlib_client::{DownloadOptions, Target, Transfers, UploadOptions};
use http::{Method, Request};
use vapi::content::LibraryModel;
use vapi::content::library::{StorageBacking, StorageBackingType};
use vapi::runtime::Surface;
use vapi::runtime::client::{Http, Transport as _};

use crate::process::Process;
use crate::proxy::{Cut, Proxy};
use crate::served::{Folder, direct, impatient, options};
use crate::told::Told;
use crate::{N_BYTES, bytes};

fn client(url: &str) -> vapi::Client {
    let client = vapi::runtime::Client::with_transport(url, Http::with_options(direct())).unwrap();
    client.credentials("ann", "a").surface(Surface::Rest).into()
}

/// Waits until the server says that some of the only file's bytes are durable.
async fn some_are_durable(server: &Process) {
    let client = client(&format!("http://{}", server.address));
    let session = client.update_session().list().await.unwrap().remove(0);
    let file = client.update_session_file().list(session).await.unwrap().remove(0);
    let uri = file.upload_endpoint.unwrap().uri.to_string();
    let path = uri.splitn(4, '/').nth(3).unwrap();
    let (http, uri) = (Http::with_options(direct()), format!("http://{}/{path}", server.address));
    loop {
        let request = Request::builder().method(Method::HEAD).uri(&uri).body(bytes::Bytes::new()).unwrap();
        let reply = http.send(request).await.unwrap();
        if reply.headers()["upload-offset"] != "0" {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_on_after_the_server_was_killed() {
    let (data, folder, told) = (Folder::new(), Folder::new(), Told::default());
    let proxy = Proxy::start(None, vec![Cut::Stall(N_BYTES as u64 / 2)]).await;
    // Calls go another way, since nobody knows how many connections they need.
    let calls = Proxy::start(None, Vec::new()).await;
    let url = format!("http://{}", proxy.address);
    let lead_to = |server| {
        proxy.lead_to(server);
        calls.lead_to(server);
    };
    let mut first = Process::start(&data, &url);
    lead_to(Some(first.address));
    let client = client(&format!("http://{}", calls.address));
    let backing = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
    let library = LibraryModel::for_create("images", vec![backing]);
    let library = client.local_library().create(library).await.unwrap();
    let transfers = Transfers::new(client, direct());
    let sources = vec![folder.source("disk.vmdk", &bytes())];
    let target = Target::New { library, name: "disk".to_owned() };
    let options = UploadOptions { progress: told.progress(), ..options() };
    let meanwhile = async {
        proxy.stalled().await;
        some_are_durable(&first).await;
        // Whoever connects meanwhile waits for the next one.
        lead_to(None);
        first.kill();
        let second = Process::start(&data, &url);
        lead_to(Some(second.address));
        second
    };
    let (uploaded, _second) = tokio::join!(transfers.upload(target, sources, &options), meanwhile);
    let uploaded = uploaded.unwrap();
    let offsets = told.offsets();
    assert!(offsets.len() == 2 && offsets[1] > 0, "{offsets:?}");
    let options = DownloadOptions { patience: impatient(), ..DownloadOptions::default() };
    let back = Folder::new();
    let fetched = transfers.download(uploaded.item, back.path(), &options).await.unwrap();
    assert_eq!(std::fs::read(&fetched[0].path).unwrap(), bytes());
}
