//! How an implementation says no.

use crate::fault::Fault;
use crate::operation_error::{Declares, ErrorCase, OperationError};

/// Any error, on the heap.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why an implementation gives no result; `E` is the operation's own error type.
#[derive(Debug)]
pub enum Failure<E> {
    /// An error the operation declares; it travels with its declared status.
    Declared(E),
    /// A standard error; with the status that the operation declares for it, if it does.
    Fault(Fault),
    /// Anything else: the caller gets `internal_server_error`, the log gets the text (`secrets-stay`).
    Undeclared(BoxError),
}

impl<E> Failure<E> {
    /// A failure that is none of the caller's business.
    pub fn undeclared(error: impl Into<BoxError>) -> Failure<E> {
        Failure::Undeclared(error.into())
    }
}

impl<C: ErrorCase, E: Declares<C>> From<C> for Failure<E> {
    fn from(case: C) -> Failure<E> {
        Failure::Declared(E::declared(case))
    }
}

impl<E> From<Fault> for Failure<E>
where
    E: OperationError,
{
    fn from(fault: Fault) -> Failure<E> {
        Failure::Fault(fault)
    }
}
