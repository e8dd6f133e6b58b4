//! Which names are names: of libraries, items and files.

use super::refusal::Refusal;

/// How many characters a library's or an item's name may have.
pub const NAME_CHARS_MAX: usize = 80;
/// How many characters a description may have.
pub const DESCRIPTION_CHARS_MAX: usize = 2_000;
/// How many bytes the name of a file may have; what file systems take.
pub const FILE_NAME_BYTES_MAX: usize = 255;

/// A name without regard to capitals.
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// The name of a library or an item.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let n_chars = name.chars().count();
    if name.trim().is_empty() {
        return Err(Refusal::invalid("name", "it is empty", "Give it 1 to 80 characters."));
    }
    if n_chars > NAME_CHARS_MAX {
        let what = format!("it has {n_chars} characters");
        return Err(Refusal::invalid("name", &what, "80 are the most; shorten it."));
    }
    Ok(())
}

pub(super) fn check_description(description: &str) -> Result<(), Refusal> {
    let n_chars = description.chars().count();
    if n_chars > DESCRIPTION_CHARS_MAX {
        let what = format!("it has {n_chars} characters");
        return Err(Refusal::invalid("description", &what, "2,000 are the most; shorten it."));
    }
    Ok(())
}

/// Why the text is no name of a file; a name has no path in it.
pub(crate) fn fault_of_file_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > FILE_NAME_BYTES_MAX {
        Some("it is longer than 255 bytes")
    } else if name == "." || name == ".." {
        Some("it is a folder")
    } else if name.contains(['/', '\\']) {
        Some("it has a path in it")
    } else if name.chars().any(char::is_control) {
        Some("it has a control character in it")
    } else {
        None
    }
}

/// Whether a file's name ends in this extension, without regard to capitals.
pub(crate) fn has_extension(name: &str, extension: &str) -> bool {
    let dot = name.len().checked_sub(extension.len() + 1);
    dot.filter(|&dot| dot > 0 && name.as_bytes()[dot] == b'.')
        .is_some_and(|dot| name.as_bytes()[dot + 1..].eq_ignore_ascii_case(extension.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for name in ["a", "a.iso", "ä ö.vmdk", "a..b", "...", "-", "a:b", &"a".repeat(255)] {
            assert_eq!(fault_of_file_name(name), None, "{name}");
        }
        for name in
            ["", ".", "..", "a/b", "../a", "a\\b", "a\0", "a\nb", "\u{7f}", "\u{85}", &"a".repeat(256)]
        {
            assert!(fault_of_file_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn extensions() {
        for name in ["a.ovf", "a.b.OVF", "ä.ovf"] {
            assert!(has_extension(name, "ovf"), "{name}");
        }
        for name in [".ovf", "ovf", "aovf", "a.ovf.gz", "a.ovä", "ä", ""] {
            assert!(!has_extension(name, "ovf"), "{name}");
        }
    }

    #[test]
    fn lengths_count_characters() {
        assert!(check_name(&"ä".repeat(80)).is_ok() && check_name(&"a".repeat(81)).is_err());
        assert!(
            check_description(&"ä".repeat(2_000)).is_ok() && check_description(&"a".repeat(2_001)).is_err()
        );
        assert!(check_name("").is_err() && check_name("  ").is_err());
    }
}
