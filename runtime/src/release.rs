//! Releases of the API: which one a server has, and which ones have an operation.

use std::fmt;
use std::str::FromStr;

/// A release of the API, `6.8` or `9.1.0.0`; as a server names its version.
///
/// Releases compare by their numerals; those that are not said are zero, so `7.0` is `7.0.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release([u32; N_NUMERALS]);

const N_NUMERALS: usize = 4;

impl Release {
    /// The first, 6.0.
    pub const FIRST: Release = Release([6, 0, 0, 0]);

    /// The release of these numerals.
    #[must_use]
    pub const fn new(major: u32, minor: u32, update: u32, patch: u32) -> Release {
        Release([major, minor, update, patch])
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_shown = self.0.iter().rposition(|&numeral| numeral != 0).map_or(0, |last| last + 1).max(2);
        for (position, numeral) in self.0[..n_shown].iter().enumerate() {
            write!(f, "{}{numeral}", if position == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

/// A text that is not a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotARelease(String);

impl fmt::Display for NotARelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a release: two to four numbers with dots, such as 6.8 or 8.0.3", self.0)
    }
}

impl std::error::Error for NotARelease {}

impl FromStr for Release {
    type Err = NotARelease;

    fn from_str(text: &str) -> Result<Release, NotARelease> {
        let mut numerals = [0; N_NUMERALS];
        let mut n_read = 0;
        for part in text.split('.') {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            match (numerals.get_mut(n_read), part.parse()) {
                (Some(numeral), Ok(number)) if is_number => *numeral = number,
                _ => return Err(NotARelease(text.to_owned())),
            }
            n_read += 1;
        }
        if n_read < 2 { Err(NotARelease(text.to_owned())) } else { Ok(Release(numerals)) }
    }
}

/// The releases that have something: all from one on, maybe up to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Releases {
    /// The first.
    pub since: Release,
    /// The last; `None` where newer ones have it too.
    pub until: Option<Release>,
}

impl Releases {
    /// Every release.
    pub const ALL: Releases = Releases::since(Release::FIRST);

    /// From `since` on.
    #[must_use]
    pub const fn since(since: Release) -> Releases {
        Releases { since, until: None }
    }

    /// From `since` up to `until`.
    #[must_use]
    pub const fn between(since: Release, until: Release) -> Releases {
        Releases { since, until: Some(until) }
    }

    /// Whether `release` is one of them.
    #[must_use]
    pub fn contain(&self, release: Release) -> bool {
        self.since <= release && self.until.is_none_or(|until| release <= until)
    }
}

impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            None => write!(f, "{} and later", self.since),
            Some(until) => write!(f, "{} to {until}", self.since),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn numerals_that_are_not_said_are_zero() {
        assert_eq!(release("7.0"), release("7.0.0.0"));
        assert_eq!(release("9.1.0.0").to_string(), "9.1");
        assert_eq!(release("7.0.0.1").to_string(), "7.0.0.1");
        assert!(release("6.10") > release("6.9"));
        for wrong in ["", "7", "7.", "7.0.0.0.0", "7.x", "+7.0", "7.0 U2", "7.99999999999"] {
            assert!(wrong.parse::<Release>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn both_ends_are_inside() {
        let releases = Releases::between(release("6.5"), release("6.7"));
        let is_in = |text: &str| releases.contain(release(text));
        assert!(!is_in("6.0") && is_in("6.5") && is_in("6.7") && !is_in("6.7.1"));
        assert!(Releases::ALL.contain(release("6.0")) && !Releases::ALL.contain(release("5.5")));
    }
}
