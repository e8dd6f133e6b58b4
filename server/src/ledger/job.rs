//! A command that waits to be decided, whatever its type.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::Error;
use crate::domain::{Command, Effect, Outcome, Records, Situation, State, Unloaded, apply};
use crate::store::{Fault, FaultKind};

/// What a decision changes, and what is to be done outside.
pub(super) type Decided = (Records, Vec<Effect>);

/// A command that waits.
pub(super) trait Job: Send {
    /// Decides it, maybe not for the first time.
    fn decide(&mut self, state: &State) -> Result<Decided, Unloaded>;

    /// Gives it up, because what it needs cannot be looked up.
    fn give_up(&mut self, fault: Fault);

    /// Tells whoever waits, once it is clear whether the changes are kept.
    fn answer(self: Box<Self>, kept: Result<(), Fault>);
}

pub(super) struct Waiting<C: Command> {
    pub(super) command: C,
    pub(super) situation: Situation,
    pub(super) decided: Option<Result<C::Reply, Error>>,
    pub(super) to: oneshot::Sender<Result<C::Reply, Error>>,
}

impl<C> Job for Waiting<C>
where
    C: Command + Send,
    C::Reply: Send,
{
    fn decide(&mut self, state: &State) -> Result<Decided, Unloaded> {
        // A decision that panics has changed nothing, and is no reason to leave everybody else without an answer.
        let decide = AssertUnwindSafe(|| apply(state, &self.situation, &self.command));
        let Ok(outcome) = catch_unwind(decide) else {
            self.give_up(Fault::new(FaultKind::Corrupt, "a decision panicked; the log says where"));
            return Ok(Decided::default());
        };
        let Outcome { changes, effects, answer } = outcome?;
        self.decided = Some(answer.map_err(Error::from));
        Ok((changes, effects))
    }

    fn give_up(&mut self, fault: Fault) {
        self.decided = Some(Err(fault.into()));
    }

    fn answer(self: Box<Self>, kept: Result<(), Fault>) {
        let answer = match (kept, self.decided) {
            (Ok(()), Some(answer)) => answer,
            (Err(fault), _) => Err(fault.into()),
            (Ok(()), None) => Err(Fault::new(FaultKind::Unavailable, "nothing was decided").into()),
        };
        // Whoever went away meanwhile can ask again; what was kept stays.
        let _ = self.to.send(answer);
    }
}
