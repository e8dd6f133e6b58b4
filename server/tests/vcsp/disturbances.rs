//! Random publishers, disturbed at random: whatever happens in between, a synchronisation that nothing disturbs makes the
//! follower what the publisher is, and after every step all invariants hold.

use std::collections::BTreeMap;

use contentlibd::domain::following::SubscriptionChange;
use contentlibd::domain::library::{Library, UpdateLibrary, Via};
use contentlibd::domain::on_demand::{EvictItem, EvictLibrary};
use contentlibd::domain::published::PublishedItem;
use contentlibd::domain::synchronisation::{FailSync, StartSync, SyncItem, TakeOver};
use contentlibd::domain::transfer::TransferOutcome;
use contentlibd::domain::update::{CancelUpdateSession, ExpireUpdateSession, UpdateSession};
use contentlibd::domain::{Caller, Refusal};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::follower::{Follower, item};
use crate::world::{IDLE_MS, user};

const IDS: [&str; 3] = ["a", "b", "c"];
const FILES: [&str; 3] = ["x", "yy", "zzz"];

#[derive(Clone, Debug)]
enum Step {
    /// The publisher changes a file of an item, which is published then, or takes it away.
    File(usize, usize, bool),
    /// The publisher takes an item away.
    Withdraw(usize),
    /// Items get the names of each other.
    Rename(usize, usize),
    Start,
    SyncItem(usize, bool),
    Read,
    ReadFaulty(usize),
    FailRead,
    Bring(usize, bool),
    Cancel(usize),
    Evict(usize),
    EvictAll,
    OnDemand(bool),
    Prepare(usize, usize),
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    let (id, name) = (0..IDS.len(), 0..FILES.len());
    prop_oneof![
        4 => (id.clone(), name.clone(), any::<bool>()).prop_map(|(id, name, is_there)| Step::File(id, name, is_there)),
        1 => id.clone().prop_map(Step::Withdraw),
        1 => (id.clone(), id.clone()).prop_map(|(one, other)| Step::Rename(one, other)),
        3 => Just(Step::Start),
        2 => (id.clone(), any::<bool>()).prop_map(|(id, with_content)| Step::SyncItem(id, with_content)),
        4 => Just(Step::Read),
        1 => id.clone().prop_map(Step::ReadFaulty),
        1 => Just(Step::FailRead),
        5 => (any::<usize>(), any::<bool>()).prop_map(|(idx, is_good)| Step::Bring(idx, is_good)),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => id.clone().prop_map(Step::Evict),
        1 => Just(Step::EvictAll),
        1 => any::<bool>().prop_map(Step::OnDemand),
        3 => (id, name).prop_map(|(id, name)| Step::Prepare(id, name)),
        1 => Just(Step::Wait),
    ]
}

/// A publisher, and who follows it.
struct Pair {
    follower: Follower,
    published: BTreeMap<&'static str, PublishedItem>,
    n_changes: u64,
}

impl Pair {
    fn listed(&self) -> Vec<PublishedItem> {
        self.published.values().cloned().collect()
    }

    fn ours(&self, id: usize) -> Option<contentlibd::domain::item::Item> {
        let items = self.follower.items();
        items.into_iter().find(|ours| ours.source.as_ref().is_some_and(|source| source.as_str() == IDS[id]))
    }

    fn is_unread(&self) -> bool {
        self.follower.following().sync.is_some_and(|sync| sync.version.is_none())
    }

    /// The publisher changes.
    fn publish(&mut self, id: usize, change: impl FnOnce(&mut PublishedItem, u64)) {
        self.n_changes += 1;
        let n_changes = self.n_changes;
        let published = self.published.entry(IDS[id]).or_insert_with(|| item(IDS[id], n_changes, &[]));
        change(published, n_changes);
        published.version = n_changes;
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::File(id, name, is_there) => self.publish(*id, |published, n_changes| {
                published.content_version = Some(n_changes);
                published.files.retain(|file| file.name != FILES[*name]);
                if *is_there {
                    published.files.push(crate::follower::file(FILES[*name], n_changes));
                }
            }),
            Step::Withdraw(id) => drop(self.published.remove(IDS[*id])),
            Step::Rename(one, other) => {
                let name_of = |id: usize| self.published.get(IDS[id]).map(|item| item.name.clone());
                if let (Some(first), Some(second)) = (name_of(*one), name_of(*other)) {
                    self.publish(*one, |item, _| item.name = second);
                    self.publish(*other, |item, _| item.name = first);
                }
            }
            Step::Read => self.read(None),
            Step::ReadFaulty(id) => self.read(Some(*id)),
            Step::Bring(idx, is_good) => self.bring(*idx, *is_good),
            other => drop(self.ask(other)),
        }
    }

    /// Somebody calls; what is refused changes nothing, which the world sees to.
    fn ask(&mut self, step: &Step) -> Result<(), Refusal> {
        let library = self.follower.library.clone();
        let ours = |pair: &Pair, id: usize| pair.ours(id).map_or("nowhere".into(), |item| item.id);
        match step {
            Step::Start => self.follower.start(),
            Step::SyncItem(id, with_content) => {
                let (item, with_content) = (ours(self, *id), *with_content);
                self.follower.world.run(&SyncItem { item, with_content })
            }
            Step::FailRead => {
                let number = self.follower.following().n_syncs;
                self.follower.world.serve(&FailSync { library, number, reason: "no".to_owned() })
            }
            Step::Cancel(idx) => {
                let sessions = self.follower.sessions();
                let Some(id) = sessions.get(idx % sessions.len().max(1)).cloned() else { return Ok(()) };
                self.follower.world.run_by(user("root"), &CancelUpdateSession { id })
            }
            Step::Evict(id) => {
                let item = ours(self, *id);
                self.follower.world.run(&EvictItem { item })
            }
            Step::EvictAll => self.follower.world.run(&EvictLibrary { library }),
            Step::OnDemand(on_demand) => {
                let change =
                    SubscriptionChange { on_demand: Some(*on_demand), ..SubscriptionChange::default() };
                let mut command = UpdateLibrary::new(library, Via::SubscribedLibrary);
                command.subscription = Some(change);
                self.follower.world.run(&command)
            }
            Step::Prepare(id, name) => {
                let Some(item) = self.ours(*id).filter(|item| item.file(FILES[*name]).is_some()) else {
                    return Ok(());
                };
                let session = self.follower.world.open_download(&item.id);
                self.follower.prepare(&session, FILES[*name]);
                Ok(())
            }
            Step::Wait => {
                self.follower.world.pass_ms(IDLE_MS);
                for id in self.follower.sessions() {
                    self.follower.world.serve(&ExpireUpdateSession { id })?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn read(&mut self, faulty: Option<usize>) {
        if !self.is_unread() {
            return;
        }
        let listed = self.listed();
        let mut take_over = self.follower.take_over(&listed);
        if let Some(id) = faulty {
            let items = take_over.items.iter_mut().flatten();
            let others = items.filter(|new| new.published.id.as_str() != IDS[id]).map(|new| new.clone());
            take_over.items = Some(others.collect());
            take_over.faulty.insert(IDS[id].into(), "it makes no sense".to_owned());
        }
        self.follower.world.serve(&take_over).expect("it is taken over");
    }

    /// One of the files that are on their way comes, or will not come.
    fn bring(&mut self, idx: usize, is_good: bool) {
        let sessions = self.follower.sessions();
        let Some(id) = sessions.get(idx % sessions.len().max(1)) else { return };
        let session = self.follower.world.get::<UpdateSession>(id).expect("the session").clone();
        let mut waiting = session.files.iter().filter(|file| !session_file_is_through(&file.status));
        let Some(file) = waiting.next() else { return };
        if is_good {
            self.follower.world.receive(id, &file.name);
            return;
        }
        let grant = self.follower.world.start(id, &file.name).expect("a transfer");
        let outcome = TransferOutcome::Failed { reason: "no".to_owned() };
        self.follower.world.end(id, grant.attempt, outcome).expect("it ends");
    }

    /// Lets everything come that is under way.
    fn settle(&mut self) {
        while self.follower.following().sync.is_some() || !self.follower.sessions().is_empty() {
            self.read(None);
            for session in self.follower.sessions() {
                let files =
                    self.follower.world.get::<UpdateSession>(&session).expect("the session").files.clone();
                for file in files.iter().filter(|file| !session_file_is_through(&file.status)) {
                    self.follower.world.receive(&session, &file.name);
                }
            }
        }
    }
}

fn session_file_is_through(status: &contentlibd::domain::session_file::Status) -> bool {
    use contentlibd::domain::session_file::Status;
    matches!(status, Status::Ready | Status::Error(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_synchronisation_that_nothing_disturbs_makes_the_follower_what_the_publisher_is(
        steps in vec(step(), 1..50),
        on_demand in any::<bool>(),
    ) {
        let mut pair = Pair { follower: Follower::new(on_demand), published: BTreeMap::new(), n_changes: 0 };
        for step in &steps {
            pair.take(step);
        }
        pair.settle();
        let library = pair.follower.library.clone();
        pair.follower.world.run_by(Caller::Server, &StartSync { library: library.clone() }).expect("it starts");
        pair.settle();
        let following = pair.follower.following();
        prop_assert_eq!((following.error, following.last_sync), (None, Some(pair.follower.world.now)));
        let library = pair.follower.world.get::<Library>(&library).expect("the library").clone();
        let is_on_demand = matches!(&library.content,
            contentlibd::domain::library::Content::Subscribed { subscription, .. } if subscription.on_demand);
        let mut ours = pair.follower.items();
        ours.sort_by_key(|item| item.source.clone());
        prop_assert_eq!(ours.len(), pair.published.len());
        for (ours, published) in ours.iter().zip(pair.published.values()) {
            prop_assert_eq!((ours.source.as_ref(), &ours.name), (Some(&published.id), &published.name));
            prop_assert!(is_on_demand || ours.is_cached());
            let files: Vec<_> = ours.files.iter().map(|file| (&file.name, file.published.as_ref())).collect();
            let expected: Vec<_> = published.files.iter().map(|file| (&file.name, Some(&file.at))).collect();
            prop_assert_eq!(files, expected);
        }
        let unchanged = TakeOver { items: None, ..pair.follower.take_over(&[]) };
        prop_assert!(pair.follower.world.serve(&unchanged).is_err(), "nothing is under way");
    }
}
