//! What enumerations have in common: the impls, as a macro, and how their values are numbered, shown, compared and ordered.
//!
//! In go values of one generated enumeration, which knows of itself only its text, out comes what derived impls would say.
//! Derived per type they are the larger half of what an enumeration costs to compile.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;

use crate::data::Enumeration;
use crate::table::EnumerationTable;

/// The text on the wire of the declared value with this number.
#[inline]
#[must_use]
pub fn value(table: &'static EnumerationTable, value_idx: usize) -> &'static str {
    table.values[value_idx]
}

/// The number of the declared value with this text; beyond all numbers where there is none.
#[must_use]
pub fn value_idx(table: &EnumerationTable, wire: &str) -> usize {
    table.values.iter().position(|declared| *declared == wire).unwrap_or(usize::MAX)
}

/// Shows a value as on the wire, and one that is not declared as what it is.
///
/// # Errors
/// As the formatter's.
pub fn debug_value<E: Enumeration>(value: &E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if is_undeclared(value) {
        return f.debug_tuple("Unrecognized").field(&value.as_str()).finish();
    }
    f.write_str(value.as_str())
}

/// Whether two values are the same.
#[must_use]
pub fn eq_values<E: Enumeration>(left: &E, right: &E) -> bool {
    discriminant(left) == discriminant(right) && left.as_str() == right.as_str()
}

/// Which value comes first: declared ones in the order of their declaration, then the others by their text.
///
/// Sets are written in this order.
#[must_use]
pub fn cmp_values<E: Enumeration>(left: &E, right: &E) -> Ordering {
    let rank = |value: &E| {
        if is_undeclared(value) { usize::MAX } else { value_idx(E::TABLE, value.as_str()) }
    };
    rank(left).cmp(&rank(right)).then_with(|| left.as_str().cmp(right.as_str()))
}

/// Hashes a value.
pub fn hash_value<E: Enumeration, H: Hasher>(value: &E, state: &mut H) {
    value.as_str().hash(state);
}

/// Whether a value is none of the declared ones. So is the empty one, and all of these are one variant.
fn is_undeclared<E: Enumeration>(value: &E) -> bool {
    discriminant(value) == discriminant(&E::empty())
}

/// The impls every enumeration has but `Clone`; the values are those of its table, by number.
/// It names everything by its whole path: a generated module may call a structure of its own `String` or `Into`.
#[doc(hidden)]
#[macro_export]
macro_rules! __vapi_enumeration {
    ($name:ident, $table:path $(, $value_idx:literal $variant:ident)*) => {
        impl $crate::codegen::Enumeration for $name {
            const TABLE: &'static $crate::codegen::EnumerationTable = &$table;
            fn as_str(&self) -> &str {
                let value_idx = match self {
                    $(Self::$variant => $value_idx,)*
                    Self::Unrecognized(wire) => return wire,
                };
                $crate::codegen::value(&$table, value_idx)
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(wire: &str) -> Self {
                match $crate::codegen::value_idx(&$table, wire) {
                    $($value_idx => Self::$variant,)*
                    _ => Self::Unrecognized(wire.to_owned()),
                }
            }
        }

        impl $crate::codegen::Data for $name {
            fn view(&self) -> $crate::codegen::View<'_> {
                $crate::codegen::View::Text($crate::codegen::Enumeration::as_str(self))
            }
            fn slot(&mut self) -> $crate::codegen::Slot<'_> {
                $crate::codegen::Slot::Enumeration(self)
            }
            fn empty() -> Self {
                Self::Unrecognized(::std::string::String::new())
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::codegen::Enumeration::as_str(self))
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::codegen::debug_value(self, f)
            }
        }

        impl ::std::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $crate::codegen::eq_values(self, other)
            }
        }

        impl ::std::cmp::Eq for $name {}

        impl ::std::cmp::PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> ::std::option::Option<::std::cmp::Ordering> {
                ::std::option::Option::Some(::std::cmp::Ord::cmp(self, other))
            }
        }

        impl ::std::cmp::Ord for $name {
            fn cmp(&self, other: &Self) -> ::std::cmp::Ordering {
                $crate::codegen::cmp_values(self, other)
            }
        }

        impl ::std::hash::Hash for $name {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                $crate::codegen::hash_value(self, state);
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::DefaultHasher;

    use super::*;

    #[derive(Clone)]
    enum Color {
        Red,
        Green,
        DarkBlue,
        Unrecognized(String),
    }

    static COLOR: EnumerationTable = EnumerationTable {
        name: "com.example.color",
        values: &["RED", "GREEN", "DARK_BLUE"],
        source: "spec/color.yaml:1",
    };

    crate::codegen::enumeration!(Color, COLOR, 0 Red, 1 Green, 2 DarkBlue);

    /// The same with what the compiler derives.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Derived {
        Red,
        Green,
        DarkBlue,
        Unrecognized(String),
    }

    /// Declared values, others, and one that is not declared although it has the text of one that is.
    fn values() -> Vec<(Color, Derived)> {
        let undeclared =
            |text: &str| (Color::Unrecognized(text.to_owned()), Derived::Unrecognized(text.to_owned()));
        vec![
            (Color::Red, Derived::Red),
            (Color::Green, Derived::Green),
            (Color::DarkBlue, Derived::DarkBlue),
            undeclared(""),
            undeclared("BLACK"),
            undeclared("ZINNOBER"),
            undeclared("GREEN"),
        ]
    }

    fn hash(value: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn values_compare_as_if_it_were_derived() {
        for (left, left_derived) in values() {
            for (right, right_derived) in values() {
                assert_eq!(left.cmp(&right), left_derived.cmp(&right_derived), "{left:?} {right:?}");
                assert_eq!(left.partial_cmp(&right), Some(left.cmp(&right)));
                assert_eq!(left == right, left_derived == right_derived, "{left:?} {right:?}");
                assert!(left != right || hash(&left) == hash(&right), "{left:?}");
            }
        }
    }

    #[test]
    fn a_value_is_read_from_its_text() {
        for wire in ["RED", "GREEN", "DARK_BLUE", "BLACK", ""] {
            let value = Color::from(wire);
            assert_eq!((value.as_str(), value.to_string().as_str()), (wire, wire));
            assert_eq!(is_undeclared(&value), !COLOR.values.contains(&wire));
        }
        assert_eq!(Color::from("DARK_BLUE"), Color::DarkBlue);
    }

    #[test]
    fn a_value_is_shown_as_on_the_wire() {
        assert_eq!(format!("{:?}", Color::DarkBlue), "DARK_BLUE");
        assert_eq!(format!("{:?}", Color::from("BLACK")), r#"Unrecognized("BLACK")"#);
    }
}
