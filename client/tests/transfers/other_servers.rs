//! Servers that know less of broken uploads, and one that has all bytes of a file and waits for its end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_RANGE;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use contentlib_client::{Checksums, UploadOptions};

use crate::proxy::Cut;
use crate::requests::{Meddler, Requests};
use crate::served::{Setup, options};
use crate::told::Told;
use crate::{N_BYTES, bytes};

fn answer(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Takes all bytes of a file and says that it has not taken the file.
#[derive(Default)]
struct Forgetful {
    n_sent: AtomicUsize,
    n_answered: AtomicUsize,
    /// Where what was sent then begins and ends.
    ranges: Arc<Mutex<Vec<String>>>,
    knows_no_ends: bool,
}

impl Meddler for Forgetful {
    fn request(&self, request: &mut Request) -> Option<Response> {
        if request.method() != Method::PUT {
            return None;
        }
        if self.n_sent.fetch_add(1, Ordering::Relaxed) == 0 {
            // As if one byte more were to come.
            let range = format!("bytes 0-{}/{}", N_BYTES - 1, N_BYTES + 1);
            request.headers_mut().insert(CONTENT_RANGE, range.parse().unwrap());
            return None;
        }
        let range = request.headers().get(CONTENT_RANGE).map(|range| range.to_str().unwrap().to_owned());
        let is_refused = self.knows_no_ends && range.is_some();
        self.ranges.lock().unwrap().push(range.unwrap_or_default());
        is_refused.then(|| answer(StatusCode::BAD_REQUEST))
    }

    fn reply(&self, method: &Method, reply: Response) -> Response {
        let is_first = method == Method::PUT && self.n_answered.fetch_add(1, Ordering::Relaxed) == 0;
        if is_first { answer(StatusCode::SERVICE_UNAVAILABLE) } else { reply }
    }
}

async fn check_end(knows_no_ends: bool, offsets: &[usize], ranges: &[&str]) {
    let forgetful = Forgetful { knows_no_ends, ..Forgetful::default() };
    let seen = Arc::clone(&forgetful.ranges);
    let served = Setup { requests: Requests::meddled_with(forgetful), ..Setup::new() }.serve().await;
    let told = Told::default();
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let options = UploadOptions { progress: told.progress(), ..options() };
    let uploaded = served.transfers.upload(served.new_item(), sources, &options).await.unwrap();
    let offsets: Vec<u64> = offsets.iter().map(|offset| *offset as u64).collect();
    assert_eq!(told.offsets(), offsets);
    assert_eq!(*seen.lock().unwrap(), ranges);
    let files = served.client.file().list(uploaded.item).await.unwrap();
    assert_eq!(files[0].size, N_BYTES as i64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_file_that_is_all_there_only_the_end_is_said() {
    check_end(false, &[0, N_BYTES], &[&format!("bytes */{N_BYTES}")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_understand_the_end_gets_the_file_again() {
    check_end(true, &[0, N_BYTES, 0], &[&format!("bytes */{N_BYTES}"), ""]).await;
}

/// Knows nothing of offsets; answers so when it is asked for one.
struct Plain {
    asked: StatusCode,
}

impl Meddler for Plain {
    fn request(&self, request: &mut Request) -> Option<Response> {
        match *request.method() {
            Method::HEAD => Some(answer(self.asked)),
            Method::PUT => {
                assert!(!request.headers().contains_key(CONTENT_RANGE), "it would be taken for a whole file");
                None
            }
            _ => None,
        }
    }

    fn reply(&self, _: &Method, reply: Response) -> Response {
        reply
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_starts_over_where_the_server_does_not_say_how_much_it_has() {
    for asked in [StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED] {
        let requests = Requests::meddled_with(Plain { asked });
        let served = Setup { requests, ..Setup::cut(&[Cut::Up(N_BYTES as u64 / 2)]) }.serve().await;
        let told = Told::default();
        let sources = vec![served.folder.source("disk.vmdk", &bytes())];
        let options = UploadOptions { progress: told.progress(), ..options() };
        let uploaded = served.transfers.upload(served.new_item(), sources, &options).await.unwrap();
        assert_eq!(told.offsets(), [0, 0], "{asked}");
        assert_eq!(served.client.file().list(uploaded.item).await.unwrap()[0].size, N_BYTES as i64);
    }
}

/// Gets other bytes than were sent.
struct Noisy;

/// Of what it gets.
const OTHER_SHA256: &str = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa";

impl Meddler for Noisy {
    fn request(&self, request: &mut Request) -> Option<Response> {
        if request.method() == Method::PUT {
            *request.body_mut() = Body::from("other");
        }
        None
    }

    fn reply(&self, _: &Method, reply: Response) -> Response {
        reply
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_changed_on_the_way_are_noticed_before_the_item_has_them() {
    for checksums in [Checksums::Before, Checksums::Meanwhile] {
        let served = Setup { requests: Requests::meddled_with(Noisy), ..Setup::new() }.serve().await;
        let sources = vec![served.folder.source("disk.vmdk", b"bytes")];
        let options = UploadOptions { checksums, ..options() };
        let error = served.transfers.upload(served.new_item(), sources, &options).await.unwrap_err();
        assert_eq!(error.file.as_deref(), Some("disk.vmdk"), "{error}");
        served.check_failed_with(&["disk.vmdk", OTHER_SHA256]).await;
        assert_eq!(served.items().await, []);
    }
}
