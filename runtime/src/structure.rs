//! What the generated structures have in common: the impls, as a macro, and access to fields by number, as traits.
//!
//! In go a structure's fields as a tuple of references, out comes the view or the slot of the one with a number.
//! A generated `field` is one expression that way; a `match` of its own, with a call in each arm, is what half of all
//! function bodies would be about to the compiler. Optimized, both are the same jump.
//! Not here: what fields are made of, which is [`crate::data`].

use crate::data::{Data, Slot, View};

/// References to fields: a tuple of up to [`N_IN_TUPLE`].
pub trait Views<'a> {
    /// The value of the field with this number.
    fn nth(self, field_idx: usize) -> View<'a>;
}

/// Mutable references to fields: a tuple of up to [`N_IN_TUPLE`].
pub trait Slots<'a> {
    /// Where the value of the field with this number goes.
    fn nth(self, field_idx: usize) -> Slot<'a>;
}

/// The value of one of these fields.
#[inline]
pub fn nth_view<'a>(fields: impl Views<'a>, field_idx: usize) -> View<'a> {
    fields.nth(field_idx)
}

/// Where the value of one of these fields goes.
#[inline]
pub fn nth_slot<'a>(fields: impl Slots<'a>, field_idx: usize) -> Slot<'a> {
    fields.nth(field_idx)
}

/// A value to decode into; [`Data::empty`] in fewer words for the compiler.
#[inline]
#[must_use]
pub fn empty<T: Data>() -> T {
    T::empty()
}

/// The table and the tuple are of one generator run, so this is never reached.
#[cold]
fn not_in_tuple(field_idx: usize) -> ! {
    panic!("there is no field {field_idx} among these")
}

/// How many fields a tuple has at most; the generator gives those of larger structures in groups of as many.
pub const N_IN_TUPLE: usize = 16;

macro_rules! tuples {
    ($($ty:ident $field_idx:tt),*) => {
        impl<'a $(, $ty: Data)*> Views<'a> for ($(&'a $ty,)*) {
            #[inline]
            fn nth(self, field_idx: usize) -> View<'a> {
                match field_idx {
                    $($field_idx => self.$field_idx.view(),)*
                    _ => not_in_tuple(field_idx),
                }
            }
        }

        impl<'a $(, $ty: Data)*> Slots<'a> for ($(&'a mut $ty,)*) {
            #[inline]
            fn nth(self, field_idx: usize) -> Slot<'a> {
                match field_idx {
                    $($field_idx => self.$field_idx.slot(),)*
                    _ => not_in_tuple(field_idx),
                }
            }
        }
    };
}

tuples!();
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15);

/// The impls every structure has: its fields by number, and itself as a value. The fields come in the order of the table,
/// those of a structure with many in groups of [`N_IN_TUPLE`].
#[doc(hidden)]
#[macro_export]
macro_rules! __vapi_structure {
    ($name:ident, $table:expr $(, $field:ident)*) => {
        impl $crate::codegen::Structure for $name {
            fn table(&self) -> &'static $crate::codegen::StructureTable {
                &$table
            }
            fn field(&self, field_idx: usize) -> $crate::codegen::View<'_> {
                $crate::codegen::nth_view(($(&self.$field,)*), field_idx)
            }
            fn field_mut(&mut self, field_idx: usize) -> $crate::codegen::Slot<'_> {
                $crate::codegen::nth_slot(($(&mut self.$field,)*), field_idx)
            }
            fn blank() -> Self {
                Self { $($field: $crate::codegen::empty(),)* }
            }
        }
        $crate::codegen::structure!(@std $name);
    };
    ($name:ident, $table:expr $(, $group_idx:literal => [$($field:ident),*])+) => {
        impl $crate::codegen::Structure for $name {
            fn table(&self) -> &'static $crate::codegen::StructureTable {
                &$table
            }
            fn field(&self, field_idx: usize) -> $crate::codegen::View<'_> {
                let in_group = field_idx % $crate::codegen::N_IN_TUPLE;
                match field_idx / $crate::codegen::N_IN_TUPLE {
                    $($group_idx => $crate::codegen::nth_view(($(&self.$field,)*), in_group),)*
                    _ => $crate::codegen::no_such_field(&$table, field_idx),
                }
            }
            fn field_mut(&mut self, field_idx: usize) -> $crate::codegen::Slot<'_> {
                let in_group = field_idx % $crate::codegen::N_IN_TUPLE;
                match field_idx / $crate::codegen::N_IN_TUPLE {
                    $($group_idx => $crate::codegen::nth_slot(($(&mut self.$field,)*), in_group),)*
                    _ => $crate::codegen::no_such_field(&$table, field_idx),
                }
            }
            fn blank() -> Self {
                Self { $($($field: $crate::codegen::empty(),)*)* }
            }
        }
        $crate::codegen::structure!(@std $name);
    };
    (@std $name:ident) => {
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
