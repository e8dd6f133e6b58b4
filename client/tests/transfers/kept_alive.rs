//! Sessions and logins that live on for as long as a transfer takes, and a login that does not.
//!
//! The server's clock is moved by hand; its own reports of bytes that come, which keep both alive too, are switched off.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use contentlib_client::{DownloadOptions, Patience, UploadOptions};
use contentlibd::app::Clock;
use contentlibd::domain::ids::Time;
use vapi::runtime::DateTime;
use vapi::runtime::server::{SessionLimits, Sessions};

use crate::bytes;
use crate::proxy::Cut;
use crate::served::{Folder, Served, Setup, impatient, options};

/// A clock that stands until it is moved.
#[derive(Default)]
struct Hand(AtomicI64);

impl Hand {
    fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Time {
        Time(1_700_000_000_000 + self.0.load(Ordering::Relaxed))
    }
}

/// Sessions and logins that nobody uses end after this.
const IDLE_MS: u64 = 300_000;

/// A server whose clock is this one, with such a proxy before it.
async fn serve(clock: &Arc<Hand>, logins: &Sessions, cut: Cut) -> Served {
    let (clock, logins) = (Arc::<Hand>::clone(clock), logins.clone());
    let settings = |settings: &mut contentlibd::settings::Settings| {
        settings.limits.session_idle_ms = IDLE_MS;
        settings.transfers.report_ms = 86_400_000;
    };
    Setup { clock, logins, settings, ..Setup::cut(&[cut]) }.serve().await
}

fn logins(clock: &Arc<Hand>) -> Sessions {
    let clock = Arc::clone(clock);
    let limits = SessionLimits::new().idle_timeout(Duration::from_millis(IDLE_MS));
    Sessions::with_clock(limits, move || DateTime::from_unix_ms(clock.now().0).unwrap())
}

/// As often as can be.
fn lively() -> Patience {
    Patience { keep_alive_every: Duration::ZERO, ..impatient() }
}

/// Has several times as much time pass as an unused session has, while keep-alives come.
async fn pass_long(served: &Served, clock: &Hand) {
    for _ in 0..8 {
        clock.pass_ms(IDLE_MS as i64 / 2);
        let n_before = served.requests.n_with("keep-alive");
        // One of them may have been on its way when the time passed.
        while served.requests.n_with("keep-alive") < n_before + 2 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_keeps_its_session_and_its_login() {
    let clock = Arc::new(Hand::default());
    let served = serve(&clock, &logins(&clock), Cut::Stall(2 << 20)).await;
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let options = UploadOptions { patience: lively(), ..UploadOptions::default() };
    let meanwhile = async {
        served.proxy.stalled().await;
        pass_long(&served, &clock).await;
        let session = served.client.update_session().list().await.unwrap().remove(0);
        let session = served.client.update_session().get(session).await.unwrap();
        // Two of three MiB are with the proxy, and the rest may be on its way there.
        assert!(session.client_progress.unwrap() >= 66, "{session:?}");
        served.proxy.release();
    };
    let (uploaded, ()) =
        tokio::join!(served.transfers.upload(served.new_item(), sources, &options), meanwhile);
    assert_eq!(uploaded.unwrap().files, ["disk.vmdk"]);
    assert_eq!(served.requests.n_with("POST /api/session"), 1, "it logged in once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_keeps_its_session_and_its_login() {
    let clock = Arc::new(Hand::default());
    let served = serve(&clock, &logins(&clock), Cut::Stall(u64::MAX)).await;
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
    let elsewhere = Folder::new();
    let options = DownloadOptions { patience: lively(), ..DownloadOptions::default() };
    served.proxy.hold_replies();
    let meanwhile = async {
        served.proxy.stalled().await;
        pass_long(&served, &clock).await;
        served.proxy.release();
    };
    let fetching = served.transfers.download(uploaded.item, elsewhere.path(), &options);
    let (fetched, ()) = tokio::join!(fetching, meanwhile);
    assert_eq!(fetched.unwrap().len(), 1);
    assert_eq!(served.requests.n_with("POST /api/session"), 1, "it logged in once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_logs_in_again_when_its_login_is_gone() {
    let clock = Arc::new(Hand::default());
    let logins = logins(&clock);
    let served = serve(&clock, &logins, Cut::Stall(2 << 20)).await;
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let options = options();
    let meanwhile = async {
        served.proxy.stalled().await;
        assert_eq!(logins.log_out_user("ann"), 1);
        served.proxy.release();
    };
    let (uploaded, ()) =
        tokio::join!(served.transfers.upload(served.new_item(), sources, &options), meanwhile);
    assert_eq!(uploaded.unwrap().files, ["disk.vmdk"]);
    assert_eq!(served.requests.n_with("POST /api/session"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_whose_session_is_gone_says_so_at_once() {
    let clock = Arc::new(Hand::default());
    let served = serve(&clock, &logins(&clock), Cut::Stall(2 << 20)).await;
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let options = UploadOptions { patience: lively(), ..UploadOptions::default() };
    let meanwhile = async {
        served.proxy.stalled().await;
        // Only the keep-alive can tell then.
        served.proxy.hold_replies();
        let session = served.client.update_session().list().await.unwrap().remove(0);
        served.client.update_session().cancel(session).await.unwrap();
    };
    let (uploaded, ()) =
        tokio::join!(served.transfers.upload(served.new_item(), sources, &options), meanwhile);
    let error = uploaded.unwrap_err().to_string();
    assert!(error.contains("ended the session"), "{error}");
    assert_eq!(served.items().await, []);
}
