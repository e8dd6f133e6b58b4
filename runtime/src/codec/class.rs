//! What representations say of the type of a dynamic structure or error.

/// Stands for a dynamic structure that has no name, as the reference pages print it.
pub(super) const STRUCTURE: &str = "dynamic_structure";

/// Stands for an error that has no name, as the reference pages print it.
pub(super) const ERROR: &str = "exception";

/// The name that a peer gave, where it is one.
pub(super) fn name_of(class: String) -> Option<String> {
    (class != STRUCTURE && class != ERROR).then_some(class)
}
