//! "Did you mean": the nearest of the known words, as the generator's diagnostics find it.

/// `; did you mean ...?` or nothing.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    vapi_codegen::nearest(word, known)
        .map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words() {
        assert_eq!(did_you_mean("chekc", ["gen", "check"].into_iter()), "; did you mean `check`?");
        assert_eq!(did_you_mean("frobnicate", ["gen", "check"].into_iter()), "");
    }
}
