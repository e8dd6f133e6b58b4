//! The error types of operations: an enumeration of payloads each, made and looked at by number.
//!
//! In go the variants that the generator names, out come the impls that each such type has, and the way from a payload to
//! the error it is a case of.
//! Not here: what else a call can end in, which is [`crate::error`].

use std::any::Any;
use std::fmt;

use crate::data::Structure;

/// The declared errors of one operation, as an enumeration of payloads; implemented by generated code.
pub trait OperationError: fmt::Debug + Send + Sync + 'static {
    /// The error with this number in [`OperationTable::errors`].
    ///
    /// [`OperationTable::errors`]: crate::table::OperationTable::errors
    fn build(error_idx: usize, payload: NewPayload<'_>) -> Self
    where
        Self: Sized;
    /// Its number among the errors its operation declares, and its payload.
    fn parts(&self) -> (usize, &dyn Structure);

    /// Its number among the errors its operation declares.
    fn error_idx(&self) -> usize {
        self.parts().0
    }
    /// Its payload; the payload's table bears the error's canonical name.
    fn payload(&self) -> &dyn Structure {
        self.parts().1
    }
}

/// Where the payload of an error comes from that is being made.
pub struct NewPayload<'a>(Source<'a>);

enum Source<'a> {
    /// Whoever wants the error fills a blank one.
    Filled(&'a mut dyn FnMut(&mut dyn Structure)),
    /// It is there already, in an `Option` of its type.
    Given(&'a mut dyn Any),
}

impl NewPayload<'_> {
    /// The payload; blank where one of another type was given.
    pub fn make<P: Structure + 'static>(self) -> P {
        match self.0 {
            Source::Filled(fill) => {
                let mut payload = P::blank();
                fill(&mut payload);
                payload
            }
            Source::Given(given) => {
                given.downcast_mut::<Option<P>>().and_then(Option::take).unwrap_or_else(P::blank)
            }
        }
    }
}

/// The error with this number, its payload filled.
pub(crate) fn filled<E: OperationError>(error_idx: usize, mut fill: impl FnMut(&mut dyn Structure)) -> E {
    E::build(error_idx, NewPayload(Source::Filled(&mut fill)))
}

/// What an implementation may end in with `?` or `.into()`: an operation's error, or the payload of one it declares.
///
/// One conversion into [`crate::server::Failure`] serves all of these; one for each payload and operation, which are all
/// conversions into the same generic type, would cost the compiler a comparison of each with every other.
pub trait ErrorCase: 'static {}

impl<E: OperationError> ErrorCase for E {}

/// The operation's errors include this one: the payload of one it declares, or any of its own.
///
/// Generated code says so and no more. A conversion of its own for each payload and operation cost three times as much to
/// compile, and there are more of these than of any other impl.
#[diagnostic::on_unimplemented(
    message = "`{C}` is no error that the operation of `{Self}` declares",
    label = "not declared as an error of this operation"
)]
pub trait Declares<C: ErrorCase>: OperationError + Sized {
    /// The operation's error.
    fn declared(case: C) -> Self {
        let mut given = Some(case);
        // Which number has the type is not said anywhere. An operation declares a few errors, and blank payloads are cheap.
        let mut error_idx = 0;
        loop {
            let error = Self::build(error_idx, NewPayload(Source::Given(&mut given)));
            if given.is_none() {
                return error;
            }
            error_idx += 1;
        }
    }
}

impl<E: OperationError> Declares<E> for E {
    fn declared(error: E) -> E {
        error
    }
}

/// The error type of operations that declare none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDeclaredError {}

impl OperationError for NoDeclaredError {
    fn build(error_idx: usize, _: NewPayload<'_>) -> Self {
        panic!("an operation without declared errors was asked for its error {error_idx}")
    }
    fn parts(&self) -> (usize, &dyn Structure) {
        match *self {}
    }
}

impl fmt::Display for NoDeclaredError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for NoDeclaredError {}

/// The impls every operation's error type has: its variants by number, and the standard traits.
#[doc(hidden)]
#[macro_export]
macro_rules! __vapi_operation_error {
    ($name:ident $(, $error_idx:literal $variant:ident)*) => {
        impl $crate::codegen::OperationError for $name {
            fn build(error_idx: usize, payload: $crate::codegen::NewPayload<'_>) -> Self {
                match error_idx {
                    $($error_idx => Self::$variant(payload.make()),)*
                    _ => $crate::codegen::no_such_error(error_idx),
                }
            }
            fn parts(&self) -> (usize, &dyn $crate::codegen::Structure) {
                match self {
                    $(Self::$variant(payload) => ($error_idx, payload),)*
                }
            }
        }

        impl ::std::clone::Clone for $name {
            fn clone(&self) -> Self {
                $crate::codegen::clone_error(self)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::codegen::debug_error(self, f)
            }
        }

        impl ::std::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $crate::codegen::eq_errors(self, other)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::codegen::fmt_error(self, f)
            }
        }

        impl ::std::error::Error for $name {}
    };
}
