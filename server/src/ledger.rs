//! Decides commands on what a store keeps, and answers when the changes are kept.
//!
//! One thread decides, one command after the other; what waits at that moment is decided together, kept with one commit,
//! and answered after it. So a hundred waiting clients cost one sync of the disk, and an answer still means that what it
//! says survives a power loss (`kept-then-answered`).
//! Records in use are remembered between commits, if nobody else writes to the store. If somebody does, everything is
//! looked up for each commit, and decided again when it was changed meanwhile.
//! Questions do not wait here: they are answered from what is kept, in the thread that asks.

mod job;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use tokio::sync::{mpsc, oneshot};

use crate::domain::ids::Time;
use crate::domain::{
    Caller, Command, Effect, Key, Limits, Question, Records, Refusal, Situation, State, Unloaded, ask,
};
use crate::metrics::SECONDS;
use crate::store::{Fault, FaultKind, Found, Guard, Snapshot, Store};
use job::{Decided, Job, Waiting};

/// How many commands are decided together at most, unless told otherwise.
pub const COMMANDS_PER_COMMIT_MAX: usize = 256;
/// How many commands may wait; more wait to wait.
const QUEUE_MAX: usize = 1_024;
/// How many records are remembered at most.
const REMEMBERED_MAX: usize = 20_000;
/// How often a batch is decided again because of others.
const TRIES_MAX: usize = 8;

/// Decides commands and answers questions.
pub struct Ledger {
    store: Arc<dyn Store>,
    limits: Limits,
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    figures: Figures,
}

/// What the ledger has done. Clones are one.
#[derive(Clone)]
pub struct Figures {
    /// Commands that were decided.
    pub commands: Counter,
    /// Commits, each of all commands that waited.
    pub commits: Counter,
    /// How long they took.
    pub commit_seconds: Histogram,
}

impl Default for Figures {
    fn default() -> Figures {
        Figures {
            commands: Counter::default(),
            commits: Counter::default(),
            commit_seconds: Histogram::new(SECONDS),
        }
    }
}

/// Where the answer to a command comes out.
type Answer<R> = oneshot::Receiver<Result<R, Error>>;

/// Why something was not done or told.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// It may not be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store could not.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Ledger {
    /// Decides on what the store keeps. What is to be done outside comes out of the receiver, after it was kept.
    pub fn new(store: Arc<dyn Store>, limits: Limits) -> (Ledger, mpsc::UnboundedReceiver<Effect>) {
        Ledger::with_commits_of(COMMANDS_PER_COMMIT_MAX, store, limits)
    }

    /// The same, with so many commands in a commit at most.
    pub fn with_commits_of(
        n_commands_max: usize,
        store: Arc<dyn Store>,
        limits: Limits,
    ) -> (Ledger, mpsc::UnboundedReceiver<Effect>) {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let (effects, to_be_done) = mpsc::unbounded_channel();
        let figures = Figures::default();
        let mut clerk = Clerk {
            store: Arc::clone(&store),
            state: State::partial(),
            seen: Vec::new(),
            effects,
            figures: figures.clone(),
        };
        let thread = std::thread::spawn(move || clerk.work(waiting, n_commands_max));
        (Ledger { store, limits, queue: Some(queue), thread: Some(thread), figures }, to_be_done)
    }

    /// Decides a command. The reply comes when the changes are kept.
    pub async fn run<C>(&self, by: Caller, now: Time, command: C) -> Result<C::Reply, Error>
    where
        C: Command + Send + 'static,
        C::Reply: Send + 'static,
    {
        let (job, answer) = self.job(by, now, command);
        let Some(queue) = &self.queue else { return Err(closed().into()) };
        queue.send(job).await.map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(closed().into()))
    }

    /// The same for threads that may wait.
    pub fn run_blocking<C>(&self, by: Caller, now: Time, command: C) -> Result<C::Reply, Error>
    where
        C: Command + Send + 'static,
        C::Reply: Send + 'static,
    {
        let (job, answer) = self.job(by, now, command);
        let Some(queue) = &self.queue else { return Err(closed().into()) };
        queue.blocking_send(job).map_err(|_| closed())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(closed().into()))
    }

    fn job<C>(&self, by: Caller, now: Time, command: C) -> (Box<dyn Job>, Answer<C::Reply>)
    where
        C: Command + Send + 'static,
        C::Reply: Send + 'static,
    {
        let (to, answer) = oneshot::channel();
        let situation = Situation { by, now, limits: self.limits.clone() };
        (Box::new(Waiting { command, situation, decided: None, to }), answer)
    }

    /// Answers a question from what is kept. It reads a few records and waits for nobody.
    pub fn ask<Q: Question>(&self, by: Caller, now: Time, question: &Q) -> Result<Q::Answer, Error> {
        let situation = Situation { by, now, limits: self.limits.clone() };
        let mut snapshot = self.store.snapshot()?;
        let mut state = State::partial();
        loop {
            match ask(&state, &situation, question) {
                Ok(answer) => return Ok(answer?),
                Err(Unloaded(key)) => state.learn(&key, snapshot.look_up(&key)?.records),
            }
        }
    }

    /// What it has done.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// How many commands wait to be decided.
    pub fn n_waiting(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    /// What is kept now, for lists.
    pub fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Fault> {
        self.store.snapshot()
    }
}

impl Drop for Ledger {
    /// What waits is decided and kept first.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // Whoever waits for an answer of a thread that panicked is told so by the broken channel.
            let _ = thread.join();
        }
    }
}

fn closed() -> Fault {
    Fault::new(FaultKind::Unavailable, "the ledger is closed")
}

/// Who decides.
struct Clerk {
    store: Arc<dyn Store>,
    /// The records that are known.
    state: State,
    /// What was seen of them, if others write as well.
    seen: Vec<Guard>,
    effects: mpsc::UnboundedSender<Effect>,
    figures: Figures,
}

impl Clerk {
    fn work(&mut self, mut waiting: mpsc::Receiver<Box<dyn Job>>, n_commands_max: usize) {
        while let Some(first) = waiting.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < n_commands_max
                && let Ok(next) = waiting.try_recv()
            {
                batch.push(next);
            }
            self.settle(batch);
        }
    }

    /// Decides, keeps and answers.
    fn settle(&mut self, mut batch: Vec<Box<dyn Job>>) {
        let mut tries_left = TRIES_MAX;
        let kept = loop {
            if !self.store.is_sole_writer() || self.state.records().n_rows() > REMEMBERED_MAX {
                self.forget();
            }
            let kept = self.decide(&mut batch);
            tries_left -= 1;
            match &kept {
                Err(fault) if fault.kind == FaultKind::Conflict && tries_left > 0 => self.forget(),
                _ => break kept,
            }
        };
        if kept.is_err() {
            self.forget();
        }
        for effect in kept.iter().flatten() {
            // Nobody listens when the server is going down; whoever starts it finds the same in the records.
            let _ = self.effects.send(effect.clone());
        }
        let outcome = kept.map(drop);
        self.figures.commands.inc_by(batch.len() as u64);
        for job in batch {
            job.answer(outcome.clone());
        }
    }

    /// Decides all, and keeps what has changed.
    fn decide(&mut self, batch: &mut [Box<dyn Job>]) -> Result<Vec<Effect>, Fault> {
        let (mut changes, mut effects) = (Records::default(), Vec::new());
        for job in batch {
            let (changed, to_do) = self.decide_one(job.as_mut());
            self.state.evolve(&changed);
            changes.take_over(changed);
            effects.extend(to_do);
        }
        if !changes.is_empty() {
            let began = Instant::now();
            self.store.commit(&self.seen, &changes)?;
            self.figures.commits.inc();
            self.figures.commit_seconds.observe(began.elapsed().as_secs_f64());
        }
        Ok(effects)
    }

    fn decide_one(&mut self, job: &mut dyn Job) -> Decided {
        loop {
            let key = match job.decide(&self.state) {
                Ok(decided) => return decided,
                Err(Unloaded(key)) => key,
            };
            match self.store.look_up(&key) {
                Ok(found) => self.learn(key, found),
                Err(fault) => {
                    job.give_up(fault);
                    return Decided::default();
                }
            }
        }
    }

    fn learn(&mut self, key: Key, found: Found) {
        self.state.learn(&key, found.records);
        if !self.store.is_sole_writer() {
            self.seen.push(Guard { key, revisions: found.revisions });
        }
    }

    fn forget(&mut self) {
        self.state = State::partial();
        self.seen.clear();
    }
}
