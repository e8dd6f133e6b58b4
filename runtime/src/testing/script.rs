//! The two halves of a scripted exchange: what the implementation is to answer, and what it was given.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Failure, Operation};

/// What a server's method gives back.
pub type Answer<O> = Result<<O as Operation>::Output, Failure<<O as Operation>::Error>>;

/// Shared between a test and the implementation it put into a router.
#[derive(Clone, Debug, Default)]
pub struct Script(Arc<Mutex<Scene>>);

#[derive(Debug, Default)]
struct Scene {
    /// A [`Told`] of the operation that is expected.
    answer: Option<Box<dyn Any + Send>>,
    /// The input of the operation that was called.
    input: Option<Box<dyn Any + Send>>,
}

/// An answer that knows its operation: results and errors of several may have one type.
struct Told<O: Operation>(Result<O::Output, O::Error>);

impl Script {
    /// The next call is to be of this operation, and gets this answer.
    pub(super) fn tell<O: Operation>(&self, answer: Result<O::Output, O::Error>) {
        *self.scene() = Scene { answer: Some(Box::new(Told::<O>(answer))), input: None };
    }

    /// For the implementation: keeps the input and gives the answer.
    ///
    /// # Errors
    /// As told; undeclared where another operation is expected.
    pub fn play<O: Operation>(&self, input: O::Input) -> Answer<O> {
        let mut scene = self.scene();
        scene.input = Some(Box::new(input));
        match scene.answer.take().map(<Box<dyn Any + Send>>::downcast::<Told<O>>) {
            Some(Ok(told)) => told.0.map_err(Failure::from),
            Some(Err(_)) => Err(Failure::undeclared("the test expects a call of another operation")),
            None => Err(Failure::undeclared("the test expects no call")),
        }
    }

    /// The input of the operation, if it was called.
    pub(super) fn received<O: Operation>(&self) -> Option<O::Input> {
        let input = self.scene().input.take()?;
        input.downcast::<O::Input>().ok().map(|input| *input)
    }

    fn scene(&self) -> MutexGuard<'_, Scene> {
        // A test that panicked elsewhere has failed already.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
