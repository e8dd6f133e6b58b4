//! Releases: numerals with dots, what stands after `since:`.

use serde::Deserialize;

/// A release as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct ReleaseText {
    /// As written.
    pub(crate) text: String,
    /// Its numerals; none where it is not a release.
    pub(crate) numerals: Option<Vec<u32>>,
}

impl From<String> for ReleaseText {
    fn from(text: String) -> ReleaseText {
        let numerals = parse_release(&text);
        ReleaseText { text, numerals }
    }
}

/// Two to four numerals; a numeral has no zeros in front.
fn parse_release(text: &str) -> Option<Vec<u32>> {
    let numerals: Option<Vec<u32>> = text.split('.').map(parse_numeral).collect();
    numerals.filter(|numerals| (2..=4).contains(&numerals.len()))
}

fn parse_numeral(text: &str) -> Option<u32> {
    let is_plain = text == "0" || !text.starts_with(['0', '+']);
    if is_plain && text.len() <= 5 { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::parse_release;

    #[test]
    fn numerals_with_dots() {
        assert_eq!(parse_release("6.8"), Some(vec![6, 8]));
        assert_eq!(parse_release("7.0.3.0"), Some(vec![7, 0, 3, 0]));
        for wrong in ["", "6", "6.", "6.08", "6.8a", "+6.8", "6.8.1.2.3", "6.123456", "vSphere 6.5"] {
            assert_eq!(parse_release(wrong), None, "{wrong}");
        }
    }
}
