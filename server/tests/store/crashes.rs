//! Crashes: what was answered is there, what was not is whole or absent.
//!
//! A process that is killed leaves its files as they are, so a copy of them at that instant is what the next one finds.
//! A power loss can also take what was written and not synced, so the log is cut anywhere behind what was synced: the
//! records are then as they were after some commit, and never in between.

use std::fs;
use std::path::Path;

use contentlibd::domain::{Records, State};
use contentlibd::store::sqlite::SqliteStore;
use proptest::prelude::*;

use crate::invariants;
use crate::pair::Pair;
use crate::random::{n_cases, step};
use crate::scratch::{Scratch, everything, existing, ledger_on};
use crate::world::World;

/// A copy of the files of a store that is in use, cut off behind so many bytes of its log.
fn image(of: &Scratch, log_bytes_max: usize) -> Scratch {
    let image = Scratch::new();
    fs::copy(of.records(), image.records()).expect("a copy");
    let mut log = fs::read(log_of(of.path())).expect("a log");
    log.truncate(log_bytes_max);
    fs::write(log_of(image.path()), log).expect("a copy");
    image
}

fn log_of(directory: &Path) -> std::path::PathBuf {
    directory.join("records.sqlite-wal")
}

/// What the next process finds.
#[track_caller]
fn found(image: &Scratch) -> (i64, Records) {
    let store = SqliteStore::open(&image.records()).expect("a store that opens");
    let records = everything(&store);
    let mut state = State::whole();
    state.evolve(&records);
    invariants::check(&state);
    (store.n_commits().expect("a number"), records)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: n_cases(4), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_answered_is_there(steps in proptest::collection::vec(step(), 1..60)) {
        let scratch = Scratch::new();
        let store = scratch.store();
        let ledger = std::sync::Arc::new(ledger_on(store));
        let mut pair = Pair::new(World::with(Some(ledger)));
        let every = (steps.len() / 8).max(1);
        for (step_idx, step) in steps.iter().enumerate() {
            pair.take(step);
            if step_idx % every == 0 {
                let expected = existing(pair.world.state.records());
                prop_assert_eq!(found(&image(&scratch, usize::MAX)).1, expected);
            }
        }
    }

    #[test]
    fn a_torn_log_is_as_after_an_earlier_commit(
        steps in proptest::collection::vec(step(), 1..60),
        cuts in proptest::collection::vec(0.0..1.0_f64, 12),
    ) {
        let scratch = Scratch::new();
        let store = scratch.store();
        let ledger = std::sync::Arc::new(ledger_on(store.clone()));
        let mut history = vec![Records::default(); store.n_commits().expect("a number") as usize + 1];
        let mut pair = Pair::new(World::with(Some(ledger)));
        for step in &steps {
            pair.take(step);
            // A step can be several commits; those in between are not known.
            let n_commits = store.n_commits().expect("a number") as usize;
            history.resize(n_commits + 1, Records::default());
            history[n_commits] = existing(pair.world.state.records());
        }
        let log_bytes = fs::metadata(log_of(scratch.path())).expect("a log").len() as usize;
        for cut in cuts {
            let image = image(&scratch, (log_bytes as f64 * cut) as usize);
            // Before the tables were made there is nothing to find.
            let (n_commits, records) = found(&image);
            let expected = &history[n_commits as usize];
            prop_assert!(expected.is_empty() || records == *expected, "after commit {n_commits}");
        }
    }
}

#[test]
fn a_garbled_end_of_the_log_is_no_commit() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let ledger = std::sync::Arc::new(ledger_on(store));
    let mut world = World::with(Some(ledger));
    world.item("a", "");
    let before = existing(world.state.records());
    let log_bytes = fs::metadata(log_of(scratch.path())).expect("a log").len() as usize;
    world.item("b", "");
    let image = image(&scratch, usize::MAX);
    let mut log = fs::read(log_of(image.path())).expect("a log");
    for byte in &mut log[log_bytes + 100..log_bytes + 200] {
        *byte = !*byte;
    }
    fs::write(log_of(image.path()), log).expect("a log");
    assert_eq!(found(&image).1, before);
}
