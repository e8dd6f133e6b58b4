//! Random sequences of commands, decided by the domain and by the plain model: the two answer alike, and what can be
//! seen afterwards is the same. The invariants are checked after every step as well.
//!
//! `CONTENTLIBD_MODEL_CASES` says how many sequences; without it there are few enough for every run.

use proptest::prelude::*;

use crate::model::{End, IDLE_MS, KEPT_MS};
use crate::pair::Pair;
use crate::world::World;

pub(crate) const USERS: [&str; 2] = ["ann", "bob"];
pub(crate) const NAMES: [&str; 6] = ["a", "A", "b", "c", "d", "e"];
pub(crate) const FILES: [&str; 3] = ["a", "bb", "ccc"];
/// How far back a step looks for what it is about.
pub(crate) const WHICH_MAX: usize = 5;

/// A step; numbers choose among what was made so far, dead or alive.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    CreateItem {
        name: usize,
    },
    RenameItem {
        item: usize,
        name: usize,
    },
    DeleteItem {
        item: usize,
    },
    CopyItem {
        item: usize,
        name: usize,
    },
    Open {
        by: usize,
        item: usize,
        token: Option<u8>,
    },
    Add {
        by: usize,
        session: usize,
        file: usize,
        fetched: bool,
        says_size: bool,
    },
    Leave {
        by: usize,
        session: usize,
        file: usize,
    },
    Remove {
        by: usize,
        session: usize,
        file: usize,
    },
    Start {
        session: usize,
        file: usize,
        offset: u64,
    },
    Report {
        session: usize,
        number: u64,
        came: u64,
        stay: u64,
    },
    End {
        session: usize,
        number: u64,
        end: End,
    },
    /// A whole file: added, begun, received.
    Send {
        by: usize,
        session: usize,
        file: usize,
    },
    /// Files of an item, in a session of their own.
    Fill {
        item: usize,
    },
    Complete {
        by: usize,
        session: usize,
    },
    Cancel {
        by: usize,
        session: usize,
    },
    Fail {
        by: usize,
        session: usize,
    },
    Keep {
        by: usize,
        session: usize,
        progress: i64,
    },
    Delete {
        by: usize,
        session: usize,
    },
    Sweep {
        session: usize,
    },
    OpenDownload {
        by: usize,
        item: usize,
    },
    Prepare {
        by: usize,
        session: usize,
        file: usize,
    },
    ReportPrepared {
        session: usize,
        file: usize,
        is_ready: bool,
    },
    CancelDownload {
        by: usize,
        session: usize,
    },
    DeleteDownload {
        by: usize,
        session: usize,
    },
    SweepDownload {
        session: usize,
    },
    Erase,
    Pass {
        ms: i64,
    },
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    // Mostly the last ones that were made, and mostly by Ann, so that sequences get somewhere.
    let which = || prop_oneof![4 => Just(0_usize), 2 => Just(1), 1 => 0..=WHICH_MAX];
    let by = || prop_oneof![5 => Just(0_usize), 1 => Just(1_usize)];
    let (name, file) = (|| 0..NAMES.len(), || 0..FILES.len());
    let end = prop_oneof![
        4 => (1..4_u64).prop_map(End::Received),
        1 => (0..3_u64).prop_map(End::Broken),
        1 => Just(End::Failed),
    ];
    let pass = prop_oneof![3 => Just(1_000), 1 => Just(IDLE_MS - 1), 1 => Just(IDLE_MS), 1 => Just(KEPT_MS)];
    let of_items = prop_oneof![
        3 => name().prop_map(|name| Step::CreateItem { name }),
        1 => (which(), name()).prop_map(|(item, name)| Step::RenameItem { item, name }),
        1 => which().prop_map(|item| Step::DeleteItem { item }),
        1 => (which(), name()).prop_map(|(item, name)| Step::CopyItem { item, name }),
        2 => which().prop_map(|item| Step::Fill { item }),
        6 => (by(), which(), proptest::option::weighted(0.3, 0..2_u8))
            .prop_map(|(by, item, token)| Step::Open { by, item, token }),
    ];
    let of_files = prop_oneof![
        3 => (by(), which(), file(), any::<bool>(), any::<bool>()).prop_map(
            |(by, session, file, fetched, says_size)| Step::Add { by, session, file, fetched, says_size }
        ),
        1 => (by(), which(), file()).prop_map(|(by, session, file)| Step::Leave { by, session, file }),
        2 => (by(), which(), file()).prop_map(|(by, session, file)| Step::Remove { by, session, file }),
        4 => (which(), file(), 0..3_u64)
            .prop_map(|(session, file, offset)| Step::Start { session, file, offset: offset.saturating_sub(1) }),
        2 => (which(), 0..3_u64, 0..3_u64, 0..3_u64)
            .prop_map(|(session, number, came, stay)| Step::Report { session, number, came, stay }),
        5 => (which(), 0..3_u64, end).prop_map(|(session, number, end)| Step::End { session, number, end }),
        5 => (by(), which(), file()).prop_map(|(by, session, file)| Step::Send { by, session, file }),
    ];
    let of_sessions = prop_oneof![
        6 => (by(), which()).prop_map(|(by, session)| Step::Complete { by, session }),
        1 => (by(), which()).prop_map(|(by, session)| Step::Cancel { by, session }),
        1 => (by(), which()).prop_map(|(by, session)| Step::Fail { by, session }),
        1 => (by(), which(), -10..200_i64)
            .prop_map(|(by, session, progress)| Step::Keep { by, session, progress }),
        1 => (by(), which()).prop_map(|(by, session)| Step::Delete { by, session }),
        1 => which().prop_map(|session| Step::Sweep { session }),
    ];
    let of_downloads = prop_oneof![
        3 => (by(), which()).prop_map(|(by, item)| Step::OpenDownload { by, item }),
        2 => (by(), which(), file()).prop_map(|(by, session, file)| Step::Prepare { by, session, file }),
        2 => (which(), file(), any::<bool>())
            .prop_map(|(session, file, is_ready)| Step::ReportPrepared { session, file, is_ready }),
        1 => (by(), which()).prop_map(|(by, session)| Step::CancelDownload { by, session }),
        1 => (by(), which()).prop_map(|(by, session)| Step::DeleteDownload { by, session }),
        1 => which().prop_map(|session| Step::SweepDownload { session }),
        2 => Just(Step::Erase),
    ];
    prop_oneof![
        3 => of_items, 8 => of_files, 4 => of_sessions, 3 => of_downloads,
        1 => pass.prop_map(|ms| Step::Pass { ms }),
    ]
}

/// So many cases by default, and in proportion more if more were asked for.
pub(crate) fn n_cases(by_default: u32) -> u32 {
    let asked = std::env::var("CONTENTLIBD_MODEL_CASES").ok();
    asked.map_or(by_default, |text| {
        let n_asked: u32 = text.parse().expect("CONTENTLIBD_MODEL_CASES is a number");
        n_asked.div_ceil(200 / by_default)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: n_cases(200), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_domain_and_the_model_agree(steps in proptest::collection::vec(step(), 1..80)) {
        let mut pair = Pair::new(World::new());
        for step in &steps {
            pair.take(step);
            pair.compare();
        }
    }
}
