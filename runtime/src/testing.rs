//! What generated wire tests are made of; behind the feature `testing`, not for people.
//!
//! A generated test brings the types, the values and bytes of a reference page, and an implementation that plays a
//! [`Script`]; everything it does with them is written here, once.
//! Every check panics with what was being tried; nothing here waits for a clock.

mod coverage;
mod filling;
mod loopback;
mod page;
mod random;
mod round_trip;
mod script;
mod socket;

pub use self::coverage::ways;
pub use self::filling::{Filling, fill, fill_parameters, fill_value};
pub use self::loopback::check_loopback;
pub use self::page::{Page, SurfaceSample, check_page};
pub use self::round_trip::{check_enumeration, check_structure};
pub use self::script::{Answer, Script};
pub use self::socket::Socket;
