//! Instants, as the API carries them.

use std::fmt;

use jiff::Timestamp;

/// An instant in UTC with millisecond precision; finer input is truncated, as the official SDKs do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(Timestamp);

/// Text that is not a date-time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date-time like `2013-06-06T22:13:05.000Z`")]
pub struct NotADateTime(pub String);

impl DateTime {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: DateTime = DateTime(Timestamp::UNIX_EPOCH);

    /// From milliseconds since 1970-01-01T00:00:00Z; `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn from_unix_ms(unix_ms: i64) -> Option<DateTime> {
        Timestamp::from_millisecond(unix_ms).ok().map(DateTime)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_ms(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Now.
    #[must_use]
    pub fn now() -> DateTime {
        DateTime::from_timestamp(Timestamp::now())
    }

    fn from_timestamp(timestamp: Timestamp) -> DateTime {
        let unix_ms = timestamp.as_nanosecond().div_euclid(1_000_000);
        let unix_ms = i64::try_from(unix_ms).expect("a timestamp's milliseconds fit in 64 bits");
        // The euclidean floor of the least timestamp may lie a fraction of a millisecond below it.
        DateTime(Timestamp::from_millisecond(unix_ms).unwrap_or(timestamp))
    }

    /// Reads RFC 3339 with any offset and any number of fraction digits; with `zoneless`, also without an offset, as UTC
    /// (what the 2014 reference pages show).
    ///
    /// # Errors
    /// The text, when it is no such date-time.
    pub fn parse(text: &str, zoneless: bool) -> Result<DateTime, NotADateTime> {
        let not_a_date_time = || NotADateTime(text.to_owned());
        // Jiff is more liberal than the API: week dates, blanks, lower case and bracketed zones are not the API's.
        let shape_fits = text.is_ascii()
            && text.as_bytes().get(10) == Some(&b'T')
            && !text.contains(|c: char| c.is_ascii_lowercase() || c == '[' || c == ' ' || c == ',');
        if !shape_fits {
            return Err(not_a_date_time());
        }
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(DateTime::from_timestamp(timestamp));
        }
        if !zoneless {
            return Err(not_a_date_time());
        }
        format!("{text}Z").parse::<Timestamp>().map(DateTime::from_timestamp).map_err(|_| not_a_date_time())
    }

    /// The spelling of the 2014 reference pages, `2013-06-06T22:13:05`: UTC without saying so, three fraction digits only
    /// where they are not zero, so that nothing is lost.
    #[must_use]
    pub fn page_spelling(self) -> String {
        let mut text = format!("{:.3}", self.0);
        let without_zone = text.trim_end_matches('Z');
        let n_bytes = without_zone.strip_suffix(".000").unwrap_or(without_zone).len();
        text.truncate(n_bytes);
        text
    }
}

/// `2013-06-06T22:13:05.000Z`: UTC, exactly three fraction digits.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl std::str::FromStr for DateTime {
    type Err = NotADateTime;
    fn from_str(text: &str) -> Result<Self, NotADateTime> {
        DateTime::parse(text, false)
    }
}

#[cfg(test)]
mod tests {
    use super::DateTime;

    #[test]
    fn spellings() {
        let check = |text: &str, zoneless: bool, expected: Option<(&str, &str)>| {
            let parsed = DateTime::parse(text, zoneless).ok();
            let spelt = parsed.map(|d| (d.to_string(), d.page_spelling()));
            assert_eq!(spelt, expected.map(|(rfc, page)| (rfc.to_owned(), page.to_owned())), "{text}");
        };
        check("2013-06-06T22:13:05", true, Some(("2013-06-06T22:13:05.000Z", "2013-06-06T22:13:05")));
        check("2013-06-06T22:13:05", false, None);
        check(
            "2013-06-06T22:13:05.651Z",
            false,
            Some(("2013-06-06T22:13:05.651Z", "2013-06-06T22:13:05.651")),
        );
        check(
            "2013-06-06T22:13:05.6519+02:00",
            false,
            Some(("2013-06-06T20:13:05.651Z", "2013-06-06T20:13:05.651")),
        );
        check(
            "1969-12-31T23:59:59.9999Z",
            false,
            Some(("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999")),
        );
        for bad in
            ["", "2013-06-06", "2013-06-06 22:13:05", "2013-06-06T22:13:05z", "x", "2013-06-06T25:00:00Z"]
        {
            check(bad, true, None);
        }
    }
}
