//! The example that needs a server to be tried; the others are tried where they stand.

use vapi::runtime::{Client, Secret};

use crate::served::{PASSWORD, Served, Start, USER};

#[allow(dead_code, reason = "a program of its own, of which one function is tried here")]
#[path = "../../../client/examples/upload_iso.rs"]
mod upload_iso;

#[tokio::test]
async fn an_image_becomes_an_item() {
    let served = Served::start(&Start::default());
    let library = served.json(&["mk", "images", "--datastore", "datastore-1"]);
    let file = served.folder.file("debian.iso", 100_000);
    let client = Client::new(&served.url).unwrap().credentials(USER, Secret::new(PASSWORD));
    let library = library["made"].as_str().unwrap();
    let uploaded = upload_iso::upload(&client.into(), library, &file).await.unwrap();
    assert_eq!(uploaded.files, ["debian.iso"]);
    let item = served.json(&["info", "images/debian"]);
    assert_eq!((&item["id"], &item["size"]), (&uploaded.item.as_str().into(), &100_000.into()));
}
