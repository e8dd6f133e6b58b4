//! What the generated structures and enumerations have in common, written once as macros.
//!
//! They name everything by its whole path: a generated module may call a structure of its own `String` or `Into`.

/// The impls every structure has: its fields by number, and itself as a value.
#[doc(hidden)]
#[macro_export]
macro_rules! __vapi_structure {
    ($name:ident, $table:path $(, $field_idx:literal $field:ident)*) => {
        impl $crate::codegen::Structure for $name {
            fn table(&self) -> &'static $crate::codegen::StructureTable {
                &$table
            }
            fn field(&self, field_idx: usize) -> $crate::codegen::View<'_> {
                match field_idx {
                    $($field_idx => $crate::codegen::Data::view(&self.$field),)*
                    _ => $crate::codegen::no_such_field(&$table, field_idx),
                }
            }
            fn field_mut(&mut self, field_idx: usize) -> $crate::codegen::Slot<'_> {
                match field_idx {
                    $($field_idx => $crate::codegen::Data::slot(&mut self.$field),)*
                    _ => $crate::codegen::no_such_field(&$table, field_idx),
                }
            }
            fn blank() -> Self {
                Self { $($field: $crate::codegen::Data::empty(),)* }
            }
        }

        impl ::std::clone::Clone for $name {
            fn clone(&self) -> Self {
                $crate::codegen::clone(self)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::codegen::debug(self, ::std::stringify!($name), f)
            }
        }

        impl ::std::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $crate::codegen::eq(self, other)
            }
        }
    };
}

/// The impls every enumeration has; the values are those of its table.
#[doc(hidden)]
#[macro_export]
macro_rules! __vapi_enumeration {
    ($name:ident, $table:path $(, $variant:ident = $wire:literal)*) => {
        impl $crate::codegen::Enumeration for $name {
            const TABLE: &'static $crate::codegen::EnumerationTable = &$table;
            fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unrecognized(wire) => wire,
                }
            }
            fn from_wire(wire: &str) -> Self {
                match wire {
                    $($wire => Self::$variant,)*
                    _ => Self::Unrecognized(wire.to_owned()),
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(wire: &str) -> Self {
                <Self as $crate::codegen::Enumeration>::from_wire(wire)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::codegen::Enumeration::as_str(self))
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
    };
}
