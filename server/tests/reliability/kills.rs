//! The program is killed again and again while clients edit items, and started again; see `docs/reliability.md`.
//!
//! `CRASH_KILLS` says how often (32), `CRASH_SEED` with which sequences and pauses. The same seed has the same calls in
//! the same order; where in them the kill falls is up to the machine.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use vapi::content::LibraryModel;
use vapi::content::library::{ItemModel, StorageBacking, StorageBackingType};

use crate::editor::Editor;
use crate::killable::Data;
use crate::machine::Machine;
use crate::random_numbers::Random;

const N_EDITORS: usize = 3;
/// How long a server lives at most while clients edit.
const LIFE_US_MAX: u64 = 120_000;
/// How often a server is killed before that while it starts.
const KILLED_EARLY_PERCENT: u64 = 25;
/// Longer than a start takes.
const START_US_MAX: u64 = 60_000;
/// After how many kills everything is given up, to see whether bytes stay.
const CLEARED_EVERY: u64 = 8;
/// Far longer than a round of housekeeping takes to come. Only a test that fails waits for it.
const CLEARED_WITHIN: Duration = Duration::from_secs(90);

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

async fn clients(data: &Data, random: &mut Random) -> (Vec<Editor>, Machine) {
    let server = data.start();
    let client = server.client();
    let backing = StorageBacking::for_create(StorageBackingType::Other).storage_uri("nfs://host/share");
    let library = LibraryModel::for_create("images", vec![backing]);
    let library = client.local_library().create(library).await.unwrap();
    let mut editors = Vec::new();
    for idx in 0..N_EDITORS {
        let item = ItemModel::for_create(library.as_str(), format!("item {idx}"));
        let item = client.item().create(item).await.unwrap();
        editors.push(Editor::new(item.to_string(), Random(random.next())));
    }
    let item = ItemModel::for_create(library.as_str(), "machine").type_("ovf");
    let item = client.item().create(item).await.unwrap();
    (editors, Machine::new(item.to_string(), Random(random.next())))
}

/// Waits until only the items' files are on the disk.
async fn check_cleared(data: &Data, editors: &[Editor], machine: &Machine) {
    let n_files = editors.iter().map(Editor::n_files).sum::<usize>() + machine.n_files();
    let cleared = async {
        while data.blobs().len() != n_files {
            tokio::task::yield_now().await;
        }
    };
    let is_cleared = timeout(CLEARED_WITHIN, cleared).await.is_ok();
    assert!(is_cleared, "{} blobs stay for {n_files} files", data.blobs().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_kills_and_nothing_else_stays() {
    let n_kills = number("CRASH_KILLS").unwrap_or(32);
    let seed = number("CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("CRASH_SEED={seed} CRASH_KILLS={n_kills}");
    let mut random = Random(seed);
    let data = Data::new();
    let (mut editors, mut machine) = clients(&data, &mut random).await;
    let mut n_early = 0;
    for kill_idx in 1..=n_kills {
        if random.is_chosen(KILLED_EARLY_PERCENT) {
            data.start_and_kill(Duration::from_micros(random.below(START_US_MAX))).await;
            data.check_left();
            n_early += 1;
        }
        let mut server = data.start();
        let (client, url) = (server.client(), server.url.clone());
        for editor in &mut editors {
            editor.check(&client, &url).await;
        }
        machine.check(&client).await;
        if kill_idx % CLEARED_EVERY == 0 {
            for editor in &mut editors {
                editor.give_up(&client).await;
            }
            machine.give_up(&client).await;
            check_cleared(&data, &editors, &machine).await;
        }
        let (client, url, life_us) = (&client, &url, random.below(LIFE_US_MAX));
        let [first, second, third] = &mut editors[..] else { panic!("there are {N_EDITORS}") };
        // The clock only says where the kill falls; what has to hold then is the same anywhere.
        let killed = async {
            sleep(Duration::from_micros(life_us)).await;
            server.kill();
        };
        let edited = async {
            tokio::join!(first.edit(client, url), second.edit(client, url), third.edit(client, url))
        };
        tokio::join!(edited, machine.bring(client, url), killed);
        data.check_left();
    }
    let server = data.start();
    for editor in &mut editors {
        editor.check(&server.client(), &server.url).await;
        editor.give_up(&server.client()).await;
    }
    machine.check(&server.client()).await;
    machine.give_up(&server.client()).await;
    check_cleared(&data, &editors, &machine).await;
    let n_acknowledged =
        editors.iter().map(|editor| editor.n_acknowledged).sum::<u64>() + machine.n_acknowledged;
    let n_in_doubt = editors.iter().map(|editor| editor.n_in_doubt).sum::<u64>() + machine.n_in_doubt;
    println!("{n_kills} kills, {n_early} early: {n_acknowledged} calls answered, {n_in_doubt} cut off");
    assert!(n_acknowledged > 0, "nothing was edited");
}
