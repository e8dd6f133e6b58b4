//! The word somebody probably meant.

/// The candidate nearest to `word`, if one is near enough to be a slip; of equally near ones the first.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let distance_max = (word.len() / 3).clamp(1, 4);
    let mut best = None;
    for candidate in candidates {
        let limit = best.map_or(distance_max + 1, |(distance, _)| distance);
        if candidate.len().abs_diff(word.len()) >= limit + 4 {
            continue;
        }
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let distance = distance(&word, &letters);
        if distance < limit {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether two names are one but for a single slip; names that differ in their numbers never are.
pub(crate) fn is_slip(left: &str, right: &str) -> bool {
    let digits = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    let letters = |name: &str| -> Vec<char> {
        name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
    };
    let (left_letters, right_letters) = (letters(left), letters(right));
    left_letters.len().abs_diff(right_letters.len()) <= 1
        && digits(left) == digits(right)
        && distance(&left_letters, &right_letters) <= 1
}

/// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            let mut least = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            let is_swap = row > 0 && column > 0 && *letter == right[column - 1] && left[row - 1] == *other;
            if is_swap {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{is_slip, nearest};

    #[test]
    fn one_slip_or_none() {
        for (left, right) in [("file_name", "filename"), ("File_Name", "file_nmae"), ("locale", "locales")] {
            assert!(is_slip(left, right), "{left} {right}");
        }
        for (left, right) in [("source_type", "source_size"), ("start", "restart"), ("VMX_10", "VMX_11")] {
            assert!(!is_slip(left, right), "{left} {right}");
        }
    }

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let words = ["update_session_model", "update_session", "state", "long"];
        assert_eq!(nearest("update_sesion_model", words), Some("update_session_model"));
        assert_eq!(nearest("Long", words), Some("long"));
        assert_eq!(nearest("satte", words), Some("state"));
        assert_eq!(nearest("library", words), None);
        assert_eq!(nearest("x", ["y", "z"]), Some("y"));
    }
}
