//! Instants, as the API carries them.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::Offset;

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

    /// Reads `YYYY-MM-DDThh:mm:ss`, a fraction of any number of digits if there is one, and `Z` or an offset like `+02:00`;
    /// with `zoneless`, also without these, as UTC (what the 2014 reference pages show).
    ///
    /// # Errors
    /// The text, when it is no such date-time.
    pub fn parse(text: &str, zoneless: bool) -> Result<DateTime, NotADateTime> {
        parse_parts(text.as_bytes(), zoneless).ok_or_else(|| NotADateTime(text.to_owned()))
    }

    /// The spelling of the 2014 reference pages, `2013-06-06T22:13:05`: UTC without saying so, three fraction digits only
    /// where they are not zero, so that nothing is lost.
    #[must_use]
    pub fn page_spelling(self) -> String {
        let mut text = self.spelling();
        let without_zone = text.trim_end_matches('Z');
        let n_bytes = without_zone.strip_suffix(".000").unwrap_or(without_zone).len();
        text.truncate(n_bytes);
        text
    }

    /// The spelling of every other surface, `2013-06-06T22:13:05.000Z`. Replies are full of these, so the digits are put in
    /// their places without the machinery of formatting.
    pub(crate) fn spelling(self) -> String {
        let civil = Offset::UTC.to_datetime(self.0);
        let Ok(year @ 0..=9999) = u32::try_from(civil.year()) else { return format!("{:.3}", self.0) };
        let mut text = *b"YYYY-MM-DDThh:mm:ss.mmmZ";
        let small = |part: i8| u32::from(part.unsigned_abs());
        put_digits(&mut text[..4], year);
        put_digits(&mut text[5..7], small(civil.month()));
        put_digits(&mut text[8..10], small(civil.day()));
        put_digits(&mut text[11..13], small(civil.hour()));
        put_digits(&mut text[14..16], small(civil.minute()));
        put_digits(&mut text[17..19], small(civil.second()));
        put_digits(&mut text[20..23], civil.subsec_nanosecond().unsigned_abs() / 1_000_000);
        std::str::from_utf8(&text).unwrap_or_default().to_owned()
    }
}

/// The last digits of a number, as many as there is room for.
fn put_digits(room: &mut [u8], mut number: u32) {
    for digit in room.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Jiff's own reader takes far more than the API has: week dates, blanks, lower case, a second 60.
fn parse_parts(text: &[u8], zoneless: bool) -> Option<DateTime> {
    let (seconds, rest) = text.split_at_checked(b"YYYY-MM-DDThh:mm:ss".len())?;
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.iter().any(|&(at, separator)| seconds[at] != separator) {
        return None;
    }
    let part = |from: usize| number(&seconds[from..from + 2]).and_then(|part| i8::try_from(part).ok());
    let year = i16::try_from(number(&seconds[..4])?).ok()?;
    let (fraction, zone) = match rest.strip_prefix(b".") {
        Some(rest) => rest.split_at(rest.iter().take_while(|byte| byte.is_ascii_digit()).count()),
        None => (&b"000"[..], rest),
    };
    // Of what is finer, nothing is kept.
    let ms = match fraction {
        [] => return None,
        [a] => number(&[*a, b'0', b'0'])?,
        [a, b] => number(&[*a, *b, b'0'])?,
        [a, b, c, ..] => number(&[*a, *b, *c])?,
    };
    let offset_s = match zone {
        b"Z" => 0,
        b"" if zoneless => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset_s = hours * 3600 + minutes * 60;
            if *sign == b'+' { offset_s } else { -offset_s }
        }
        _ => return None,
    };
    let ns = ms * 1_000_000;
    let civil =
        jiff::civil::DateTime::new(year, part(5)?, part(8)?, part(11)?, part(14)?, part(17)?, ns).ok()?;
    Offset::from_seconds(offset_s).ok()?.to_timestamp(civil).ok().map(DateTime)
}

/// The number that these digits spell; they are few.
fn number(digits: &[u8]) -> Option<i32> {
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0')))
}

/// `2013-06-06T22:13:05.000Z`: UTC, exactly three fraction digits.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling())
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
        check("2013-06-06T22:13:05.1Z", false, Some(("2013-06-06T22:13:05.100Z", "2013-06-06T22:13:05.100")));
        let many = "2013-06-06T22:13:05.123456789012345-00:30";
        check(many, false, Some(("2013-06-06T22:43:05.123Z", "2013-06-06T22:43:05.123")));
        for bad in [
            "",
            "x",
            "2013-06-06",
            "2013-06-06 22:13:05",
            "2013-06-06T22:13:05z",
            "2013-06-06t22:13:05Z",
            "2013-06-06T25:00:00Z",
            "2013-06-06T22:13:60Z",
            "2013-06-06T22:13Z",
            "2013-06-06T221305Z",
            "2013-02-29T22:13:05Z",
            "2013-W23-4T22:13:05Z",
            "2013-06-06T22:13:05.Z",
            "2013-06-06T22:13:05,5Z",
            "2013-06-06T22:13:05+02",
            "2013-06-06T22:13:05+0200",
            "2013-06-06T22:13:05+24:00",
            "2013-06-06T22:13:05+02:60",
            "2013-06-06T22:13:05Z[UTC]",
            "+002013-06-06T22:13:05Z",
            "-0001-06-06T22:13:05Z",
            "2013-06-06T22:13:0\u{665}Z",
        ] {
            check(bad, true, None);
        }
    }

    /// Digits are put in their places by hand; jiff knows where they belong.
    #[test]
    fn spellings_are_those_of_jiff() {
        let day_ms = 86_400_000;
        for day in (-719_528_i64..2_932_896).step_by(37) {
            let date_time = DateTime::from_unix_ms(day * day_ms + day.rem_euclid(day_ms)).unwrap();
            assert_eq!(date_time.to_string(), format!("{:.3}", date_time.0));
        }
        let before_year_0 = DateTime::from_unix_ms(-719_529 * day_ms).unwrap();
        assert_eq!(before_year_0.to_string(), format!("{:.3}", before_year_0.0));
    }
}
