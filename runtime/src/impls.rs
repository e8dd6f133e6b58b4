//! What the generated enumerations have in common, written once as a macro.
//!
//! It names everything by its whole path: a generated module may call a structure of its own `String` or `Into`.
//! Not here: structures, which are in [`crate::structure`].

/// The impls every enumeration has but `Clone`; the values are those of its table, by number.
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
