//! "Did you mean": the nearest of the known words.

/// `; did you mean ...?` or nothing.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let within = word.chars().count() / 3 + 1;
    let nearest = known.map(|known| (distance(word, known), known)).min();
    match nearest {
        Some((distance, known)) if distance <= within => format!("; did you mean `{known}`?"),
        _ => String::new(),
    }
}

/// Letters to insert, delete or replace to make one word the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words() {
        assert_eq!(did_you_mean("chekc", ["gen", "check"].into_iter()), "; did you mean `check`?");
        assert_eq!(did_you_mean("frobnicate", ["gen", "check"].into_iter()), "");
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
