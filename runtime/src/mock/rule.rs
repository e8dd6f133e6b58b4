//! A rule of a mock: which calls it is for, and what becomes of them.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;

use super::{Mock, Received, is_same, typed};
use crate::client::{TransportError, TransportErrorKind};
use crate::server::Told;
use crate::table::OperationTable;
use crate::{Failure, Operation};

type Condition = Box<dyn Fn(&Received) -> bool + Send + Sync>;

pub(super) struct Rule {
    pub(super) operation: &'static OperationTable,
    when: Option<Condition>,
    /// From 1.
    nth: Option<usize>,
    times: Option<usize>,
    is_optional: bool,
    pub(super) latency: Option<Duration>,
    pub(super) n_bytes: Option<usize>,
    pub(super) is_lost: bool,
    pub(super) then: Then,
    n_seen: usize,
    pub(super) n_used: usize,
}

pub(super) enum Then {
    Tell(Box<dyn Fn(&Received) -> Told + Send + Sync>),
    Reply(http::Response<Bytes>),
    Break(TransportError),
    Pass,
}

impl Rule {
    /// Counts the call if it is one of the rule's kind; whether the rule is for it.
    pub(super) fn takes(&mut self, call: &Received) -> bool {
        if !is_same(self.operation, call.operation) || self.when.as_ref().is_some_and(|when| !when(call)) {
            return false;
        }
        self.n_seen += 1;
        self.nth.is_none_or(|nth| nth == self.n_seen) && self.times.is_none_or(|times| self.n_used < times)
    }

    pub(super) fn is_met(&self) -> bool {
        self.is_optional || self.n_used >= self.times.unwrap_or(1)
    }
}

/// `the 2nd call of com.vmware.cis.tagging.tag.get: 0 calls so far`
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.nth, self.times) {
            (Some(nth), _) => write!(f, "call {nth} of ")?,
            (None, Some(times)) => write!(f, "{times} calls of ")?,
            (None, None) => f.write_str("calls of ")?,
        }
        let OperationTable { service, name, .. } = self.operation;
        write!(f, "{service}.{name}")?;
        if self.when.is_some() {
            f.write_str(" with certain parameters")?;
        }
        write!(f, ": {} so far", self.n_used)
    }
}

/// A rule being made for an operation: first which calls, then what happens to their replies, last what they are.
#[must_use = "there is no rule until it is said what happens"]
pub struct On<'m, O> {
    mock: &'m Mock,
    rule: Rule,
    operation: PhantomData<fn() -> O>,
}

impl<O> fmt::Debug for On<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("On").field(&self.rule.to_string()).finish()
    }
}

impl<'m, O: Operation> On<'m, O> {
    pub(super) fn new(mock: &'m Mock) -> On<'m, O> {
        let rule = Rule {
            operation: O::TABLE,
            when: None,
            nth: None,
            times: None,
            is_optional: false,
            latency: None,
            n_bytes: None,
            is_lost: false,
            then: Then::Pass,
            n_seen: 0,
            n_used: 0,
        };
        On { mock, rule, operation: PhantomData }
    }

    /// Only calls with such parameters.
    pub fn when(mut self, condition: impl Fn(&O::Input) -> bool + Send + Sync + 'static) -> Self {
        self.rule.when = Some(Box::new(move |call| condition(&typed::<O>(call))));
        self
    }

    /// Only the call with this number, from 1, among those of the operation, or of those with such parameters.
    pub fn nth(mut self, number: usize) -> Self {
        self.rule.nth = Some(number);
        self
    }

    /// So many calls and no fewer; for those after them the rule is not.
    pub fn times(mut self, n_calls: usize) -> Self {
        self.rule.times = Some(n_calls);
        self
    }

    /// There need be no such call.
    pub fn optional(mut self) -> Self {
        self.rule.is_optional = true;
        self
    }

    /// Answers so late, by tokio's clock: paused, it takes no time.
    pub fn after(mut self, latency: Duration) -> Self {
        self.rule.latency = Some(latency);
        self
    }

    /// Of the reply's body only so many bytes arrive.
    pub fn cut(mut self, n_bytes: usize) -> Self {
        self.rule.n_bytes = Some(n_bytes);
        self
    }

    /// The connection breaks before the reply has arrived; what was asked for has been done.
    pub fn lost(mut self) -> Self {
        self.rule.is_lost = true;
        self
    }

    /// Answers with this result.
    pub fn returns(self, output: O::Output) {
        let told = Told::of::<O>(Ok(output));
        self.then(Then::Tell(Box::new(move |_| told.clone())));
    }

    /// Answers with an error: one that the operation declares, or a [`Fault`](crate::Fault).
    pub fn fails(self, error: impl Into<Failure<O::Error>>) {
        let told = Told::of::<O>(Err(error.into()));
        self.then(Then::Tell(Box::new(move |_| told.clone())));
    }

    /// Answers with what the function gives for the parameters.
    pub fn answers(
        self,
        answer: impl Fn(O::Input) -> Result<O::Output, Failure<O::Error>> + Send + Sync + 'static,
    ) {
        self.then(Then::Tell(Box::new(move |call| Told::of::<O>(answer(typed::<O>(call))))));
    }

    /// Answers with these bytes, whatever they are: a proxy's page, for instance.
    pub fn replies(self, response: http::Response<Bytes>) {
        self.then(Then::Reply(response));
    }

    /// There is no connection.
    pub fn refuses_connection(self) {
        let text = "connection refused, as a rule says";
        self.breaks(TransportError::new(TransportErrorKind::Connect, text));
    }

    /// The network fails like this, and nothing is asked.
    pub fn breaks(self, error: TransportError) {
        self.then(Then::Break(error));
    }

    /// Lets the transport behind the mock answer.
    ///
    /// # Panics
    /// When there is none.
    pub fn passes(self) {
        assert!(self.mock.stage.behind.is_some(), "nothing is behind the mock; it is made by `Mock::over`");
        self.then(Then::Pass);
    }

    fn then(mut self, then: Then) {
        self.rule.then = then;
        self.mock.add(self.rule);
    }
}
