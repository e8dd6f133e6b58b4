//! What the generated identifiers and enumerations have in common, written once as macros.
//!
//! They name everything by its whole path: a generated module may call a structure of its own `String` or `Into`.
//! Not here: structures, which are in [`crate::structure`].

/// Makes the identifier type of one resource type: a newtype over `String` that no other identifier converts into.
#[doc(hidden)]
#[macro_export]
macro_rules! __vapi_id {
    ($(#[$meta:meta])* $name:ident, $resource:literal) => {
        #[doc = ::std::concat!("Identifier of a resource of type `", $resource, "`.")]
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(::std::string::String);

        impl $name {
            /// The resource type this identifies.
            pub const RESOURCE_TYPE: &'static str = $resource;

            /// Takes the identifier as the server gave it.
            #[must_use]
            pub fn new(id: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(id.into())
            }

            /// The identifier as the server gave it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(id: ::std::string::String) -> Self {
                Self(id)
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl ::std::convert::From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::codegen::Data for $name {
            fn view(&self) -> $crate::codegen::View<'_> {
                $crate::codegen::View::Text(&self.0)
            }
            fn slot(&mut self) -> $crate::codegen::Slot<'_> {
                $crate::codegen::Slot::Text(&mut self.0)
            }
            fn empty() -> Self {
                Self(::std::string::String::new())
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
