//! What YAML takes an unquoted scalar for.
//!
//! Readers of YAML 1.1 and 1.2 disagree, and both turn some words into other things than text. Whatever either of them turns is
//! named here, so that it can be asked to stand in quotes.

/// What an unquoted scalar is to some reader of YAML, if it is not just text.
pub(super) fn taken_for(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "" | "~" | "null" => return Some("nothing"),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" => return Some("a boolean"),
        "=" | "<<" => return Some("a special key"),
        _ => {}
    }
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    if matches!(unsigned, ".inf" | ".nan") {
        return Some("a number");
    }
    let starts_as_number = unsigned.starts_with(|c: char| c.is_ascii_digit())
        || (unsigned.starts_with('.') && unsigned.len() > 1);
    if !starts_as_number {
        return None;
    }
    if is_date(unsigned) {
        return Some("a date");
    }
    if is_base_60(unsigned) {
        return Some("a number of base 60");
    }
    is_number(unsigned).then_some("a number")
}

fn is_number(text: &str) -> bool {
    let digits = |text: &str, allowed: fn(char) -> bool| {
        !text.is_empty() && text.chars().all(|c| c == '_' || allowed(c))
    };
    if let Some(rest) = text.strip_prefix("0x") {
        return digits(rest, |c| c.is_ascii_hexdigit());
    }
    if let Some(rest) = text.strip_prefix("0o").or_else(|| text.strip_prefix("0b")) {
        return digits(rest, |c| c.is_ascii_digit());
    }
    let (mantissa, exponent) =
        text.split_once('e').map_or((text, None), |(mantissa, rest)| (mantissa, Some(rest)));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        digits(exponent, |c| c.is_ascii_digit())
    });
    exponent_fits
        && digits(mantissa, |c| c.is_ascii_digit() || c == '.')
        && mantissa.matches('.').count() <= 1
}

/// `12:30`, `1:30:00.5`.
fn is_base_60(text: &str) -> bool {
    let mut parts = text.split(':');
    let n_parts = text.split(':').count();
    n_parts > 1
        && parts.all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || "._".contains(c)))
}

/// `2014-10-27`, with or without a time after it.
fn is_date(text: &str) -> bool {
    let date = text.split(['t', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split('-').collect();
    parts.len() == 3
        && parts[0].len() == 4
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.len() <= 4 && part.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::taken_for;

    #[test]
    fn words_that_yaml_turns() {
        for (word, expected) in [
            ("on", "a boolean"),
            ("Yes", "a boolean"),
            ("True", "a boolean"),
            ("n", "a boolean"),
            ("null", "nothing"),
            ("~", "nothing"),
            ("1e3", "a number"),
            ("0x10", "a number"),
            ("0o17", "a number"),
            ("0777", "a number"),
            ("-1_000", "a number"),
            ("6.8", "a number"),
            (".5", "a number"),
            ("-.inf", "a number"),
            ("12:30", "a number of base 60"),
            ("2014-10-27", "a date"),
            ("2001-12-14 21:59:43.10 -5", "a date"),
            ("<<", "a special key"),
        ] {
            assert_eq!(taken_for(word), Some(expected), "{word}");
        }
    }

    #[test]
    fn words_that_stay() {
        for word in [
            "name", "one", "7.0.3.0", "1st", "e3", "0xyz", "x:1", "12:", "-", "no one", "1-2-3", ".",
            "3 items",
        ] {
            assert_eq!(taken_for(word), None, "{word}");
        }
    }
}
