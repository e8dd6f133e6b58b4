//! The spec's names as Rust names: fields, methods and modules in snake case, types in camel case, statics in capitals.
//!
//! In goes one name as declared, out comes one Rust identifier; the same name always gives the same identifier, whatever
//! stands beside it. That two names give one identifier is for [`super::collisions`] to find.
//! The table of these rules is in `spec/README.md`; the tests below have a line for each of its rows.

use super::Structure;

/// Words of the 2024 edition that cannot be identifiers, and those it reserves.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Methods that every value has or that its user would take for the standard trait's.
const TRAIT_METHODS: &[&str] = &[
    "borrow",
    "borrow_mut",
    "clone",
    "cmp",
    "default",
    "eq",
    "fmt",
    "from",
    "hash",
    "into",
    "ne",
    "new",
    "partial_cmp",
    "to_owned",
    "to_string",
    "try_from",
    "try_into",
    "type_id",
];

/// Methods of operators: a setter has their shape, `self` and one argument.
const OPERATOR_METHODS: &[&str] =
    &["add", "bitand", "bitor", "bitxor", "div", "mul", "rem", "shl", "shr", "sub"];

/// A field or argument: `tag_id`, `type_`.
pub(super) fn field(name: &str) -> String {
    escape(snake(name))
}

/// The method of an operation, on the client and in the server's trait: `keep_alive`, `new_`.
pub(super) fn operation_method(name: &str) -> String {
    let method = field(name);
    if TRAIT_METHODS.contains(&method.as_str()) { method + "_" } else { method }
}

/// The setter of an optional field: `tag_id`, `clone_`, `add_`.
pub(super) fn setter(name: &str) -> String {
    let method = operation_method(name);
    let is_taken = method == Structure::FOR_CREATE || OPERATOR_METHODS.contains(&method.as_str());
    if is_taken { method + "_" } else { method }
}

/// A segment of a module path: `tagging`, `type_`.
pub(super) fn module(segment: &str) -> String {
    escape(snake(segment))
}

/// A type, from the name local to its document: `TagModelState` for `tag_model.state`.
pub(super) fn type_name(local_name: &str) -> String {
    escape(camel(local_name.split(['.', '_', '-']).map(capitalized)))
}

/// A variant, from the value on the wire: `WaitingForTransfer` for `WAITING_FOR_TRANSFER`.
pub(super) fn variant(value: &str) -> String {
    let word = |word: &str| {
        let has_lower = word.contains(|c: char| c.is_ascii_lowercase());
        capitalized(&if has_lower { word.to_owned() } else { word.to_ascii_lowercase() })
    };
    escape(camel(value.split(['.', '_', '-']).map(word)))
}

/// The table of a file's service.
pub(super) const SERVICE: &str = "SERVICE";
/// What the tables of a file name.
pub(crate) const NAMED: &str = "NAMED";
/// What a file has in capitals besides those of what the spec declares.
const STATICS: [&str; 2] = [SERVICE, NAMED];

/// A static, from the name local to its document: `UPDATE_SESSION_MODEL_STATE`.
pub(super) fn table(local_name: &str) -> String {
    let words: Vec<String> = local_name.split('.').map(snake).collect();
    let name = escape(words.join("_").to_ascii_uppercase());
    // One letter is the same in capitals and in camel case, and an operation's type is a value as its static is.
    let is_taken = name == type_name(local_name) || STATICS.contains(&name.as_str());
    if is_taken { name + "_" } else { name }
}

fn escape(name: String) -> String {
    if KEYWORDS.contains(&name.as_str()) {
        name + "_"
    } else if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() || name == "_" {
        format!("_{name}_")
    } else {
        name
    }
}

/// Lower case; a name written in humps gets its underscores, one that has underscores keeps just those.
fn snake(name: &str) -> String {
    let in_humps = !name.contains(['_', '-']);
    let mut snake = String::with_capacity(name.len() + 4);
    let mut previous = ' ';
    for c in name.chars() {
        if in_humps && c.is_ascii_uppercase() && (previous.is_ascii_lowercase() || previous.is_ascii_digit())
        {
            snake.push('_');
        }
        snake.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        previous = c;
    }
    snake
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars().filter(char::is_ascii_alphanumeric);
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

/// Words without underscores, but for one between two digits: `VMX_10_1` is not `VMX_101`.
fn camel(words: impl Iterator<Item = String>) -> String {
    let mut camel = String::new();
    for word in words {
        let digits =
            camel.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit());
        if digits {
            camel.push('_');
        }
        camel.push_str(&word);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_names(rust_name: fn(&str) -> String, rows: &[(&str, &str)]) {
        for (declared, expected) in rows {
            assert_eq!(rust_name(declared), *expected, "for {declared}");
            assert!(syn::parse_str::<syn::Ident>(expected).is_ok(), "{expected} is no identifier");
        }
    }

    #[test]
    fn fields_are_snake_case() {
        check_names(
            field,
            &[
                ("client_token", "client_token"),
                ("clientToken", "client_token"),
                ("dynamic_ID", "dynamic_id"),
                ("size_MiB", "size_mib"),
                ("type", "type_"),
                ("self", "self_"),
                ("Self", "self_"),
                ("gen", "gen_"),
                ("await", "await_"),
                ("new", "new"),
                ("input", "input"),
                ("2d", "_2d_"),
            ],
        );
    }

    #[test]
    fn methods_avoid_the_standard_traits() {
        check_names(
            operation_method,
            &[("new", "new_"), ("clone", "clone_"), ("add", "add"), ("send", "send"), ("type", "type_")],
        );
        check_names(
            setter,
            &[
                ("new", "new_"),
                ("default", "default_"),
                ("add", "add_"),
                ("for_create", "for_create_"),
                ("name", "name"),
            ],
        );
    }

    #[test]
    fn modules_are_segments() {
        check_names(module, &[("update_session", "update_session"), ("type", "type_"), ("vAPI", "v_api")]);
    }

    #[test]
    fn types_are_camel_case() {
        check_names(
            type_name,
            &[
                ("update_session_model", "UpdateSessionModel"),
                ("update_session_model.state", "UpdateSessionModelState"),
                ("UpdateSession", "UpdateSession"),
                ("I_pv6_address", "IPv6Address"),
                ("self", "Self_"),
                ("v1_2", "V1_2"),
            ],
        );
    }

    #[test]
    fn variants_are_camel_case() {
        check_names(
            variant,
            &[
                ("ACTIVE", "Active"),
                ("WAITING_FOR_TRANSFER", "WaitingForTransfer"),
                ("SH_a1", "ShA1"),
                ("VMX_03", "Vmx03"),
                ("VMX_10_1", "Vmx10_1"),
                ("VMX_101", "Vmx101"),
                ("IPv4", "IPv4"),
                ("SELF", "Self_"),
            ],
        );
    }

    #[test]
    fn statics_are_capitals() {
        check_names(
            table,
            &[
                ("fail", "FAIL"),
                ("update_session_model.state", "UPDATE_SESSION_MODEL_STATE"),
                ("keepAlive", "KEEP_ALIVE"),
                ("a", "A_"),
            ],
        );
    }
}
