//! JSON without blanks: a serializer for what the writers of this codec ask of one, and for nothing else.
//!
//! It writes the bytes that `serde_json`'s would; texts and names go out faster (see [`crate::codec::quoted`]), and its error has
//! no size, since what went wrong is in the writers' context.

use std::fmt::Error;

use serde::ser::{Impossible, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::codec::quoted::push_quoted;

/// A document under way.
pub(super) struct Compact<'b>(pub(super) &'b mut Vec<u8>);

/// An array or object under way.
pub(super) struct Members<'b> {
    out: &'b mut Vec<u8>,
    is_first: bool,
    close: u8,
}

impl<'b> Members<'b> {
    #[inline]
    fn open(out: &'b mut Vec<u8>, open: u8, close: u8) -> Members<'b> {
        out.push(open);
        Members { out, is_first: true, close }
    }

    #[inline]
    fn add<T: Serialize + ?Sized>(&mut self, member: &T) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        member.serialize(Compact(self.out))
    }

    fn close(self) -> Result<(), Error> {
        self.out.push(self.close);
        Ok(())
    }
}

impl SerializeSeq for Members<'_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Error> {
        self.add(element)
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Error;

    /// Names are text, and written as such.
    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Error> {
        self.add(name)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.out.push(b':');
        value.serialize(Compact(self.out))
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

/// Values that no view has, so that the writers never ask for them.
macro_rules! unknown_to_views {
    ($($name:ident $([$type:ident])? ($($argument:ty),*) -> $out:ty;)*) => {$(
        fn $name $(<$type: Serialize + ?Sized>)? (self, $(_: $argument),*) -> Result<$out, Error> {
            Err(Error)
        }
    )*};
}

impl<'b> Serializer for Compact<'b> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Members<'b>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Members<'b>;
    type SerializeStruct = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Error> {
        push_quoted(self.0, text);
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        serde_json::to_writer(self.0, &value).map_err(|_| Error)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        serde_json::to_writer(self.0, &value).map_err(|_| Error)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'b>, Error> {
        Ok(Members::open(self.0, b'[', b']'))
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Members<'b>, Error> {
        Ok(Members::open(self.0, b'{', b'}'))
    }

    unknown_to_views! {
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_some[T](&T) -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_newtype_struct[T](&'static str, &T) -> ();
        serialize_newtype_variant[T](&'static str, u32, &'static str, &T) -> ();
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}
