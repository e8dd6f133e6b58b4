//! Sends an ISO image into a library, as an item that is called after it.
//!
//! In: a server, who calls, the identifier of a library, a file. Out: the item, once it shows the file; if anything goes
//! wrong, the session says why and no item is left. The password is in `PASSWORD`.
//!
//! ```sh
//! PASSWORD=... cargo run -p contentlib-client --example upload_iso -- http://127.0.0.1:8443 ann LIBRARY debian.iso
//! ```
#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::env;
use std::error::Error;
use std::path::Path;

use contentlib_client::{Event, Progress, Source, Target, Transfers, UploadOptions, Uploaded};
use vapi::runtime::client::HttpOptions;
use vapi::runtime::{Client, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [url, user, library, file] = &words[..] else {
        return Err("give a URL, a user, the identifier of a library and a file".into());
    };
    let client = Client::new(url)?.credentials(user.as_str(), Secret::new(env::var("PASSWORD")?));
    let client = vapi::Client::from(client);
    let uploaded = upload(&client, library, Path::new(file)).await?;
    println!("item {} has {}", uploaded.item, uploaded.files.join(", "));
    client.session().delete().await?;
    Ok(())
}

/// Everything but who calls.
pub(crate) async fn upload(
    client: &vapi::Client,
    library: &str,
    file: &Path,
) -> Result<Uploaded, Box<dyn Error>> {
    let source = Source::at(file).ok_or("the file has no name")?;
    let name = file.file_stem().and_then(|stem| stem.to_str()).ok_or("the file has no name")?;
    let target = Target::New { library: library.into(), name: name.to_owned() };
    let options = UploadOptions {
        progress: Progress::new(|event| {
            if let Event::Moved { file, n_bytes } = event {
                println!("{file}: {n_bytes} bytes");
            }
        }),
        ..UploadOptions::default()
    };
    // Bytes travel on connections of their own; whom these trust is said here as it was for the client.
    let transfers = Transfers::new(client.clone(), HttpOptions::new());
    Ok(transfers.upload(target, vec![source], &options).await?)
}
