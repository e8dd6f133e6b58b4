//! The files of items through the API.

use vapi::runtime::Surface;

use crate::served::{Served, check_refused};

#[tokio::test]
async fn files_are_shown_as_they_are_now() {
    let served = Served::new();
    let library = served.library().await;
    let item = served.item(&library, "disk").await;
    served.fill(&item, &["a b.iso", "readme"]).await;
    served.fill(&item, &["a b.iso"]).await;
    for surface in Surface::ALL {
        let files = served.client("ann", surface).file();
        let names: Vec<String> =
            files.list(item.as_str()).await.unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["a b.iso", "readme"], "{surface:?}");
        let file = files.get(item.as_str(), "a b.iso").await.unwrap();
        assert_eq!((file.size, file.cached, file.version.as_str()), (10, true, "2"));
        assert_eq!(file.checksum_info.unwrap().checksum.len(), 64);
        // The surface of 2014 has none.
        if !matches!(surface, Surface::Rest2014(_)) {
            let address = file.file_download_endpoint.unwrap().to_string();
            let path = format!("/cls/static/{library}/{item}/a%20b.iso?version=2");
            assert_eq!(address, format!("https://lib.example:8443{path}"));
        }
        check_refused(files.get(item.as_str(), "A b.iso").await, "not_found", &["A b.iso"]);
        check_refused(files.list("nothing").await, "not_found", &["nothing"]);
    }
}
