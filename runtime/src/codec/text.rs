//! Scalars as text: path variables, XML element text and form values.
//!
//! Not here: escaping and percent-encoding, which belong to the place the text goes to.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::failure::kind_name;
use super::{DecodeError, DecodeKind, Dialect, EncodeReason};
use crate::DateTime;
use crate::data::{Slot, View};
use crate::table::Ty;

/// The text of a scalar; `None` for structures, lists, maps, opaque values, what is unset, and what no representation can
/// carry.
#[must_use]
pub fn to_text(view: View<'_>, dialect: Dialect) -> Option<Cow<'_, str>> {
    scalar_text(view, dialect).ok()
}

/// Whether values of this type are text as they are.
pub(super) fn is_text(ty: &Ty) -> bool {
    matches!(ty, Ty::String | Ty::Secret | Ty::Uri | Ty::Id | Ty::Enumeration(_))
}

/// Whether values of this type have a text.
pub(super) fn is_scalar(ty: &Ty) -> bool {
    is_text(ty) || matches!(ty, Ty::Boolean | Ty::Long | Ty::Double | Ty::Binary | Ty::DateTime)
}

/// The text of a scalar, or why there is none.
pub(super) fn scalar_text(view: View<'_>, dialect: Dialect) -> Result<Cow<'_, str>, EncodeReason> {
    match view {
        View::Boolean(value) => Ok(if value { "true" } else { "false" }.into()),
        View::Long(value) => Ok(value.to_string().into()),
        View::Double(value) => double_text(value).map(Cow::from),
        View::Text(text) => Ok(text.into()),
        View::Binary(bytes) => Ok(base64_text(bytes).into()),
        View::DateTime(instant) if instant.unix_ms() < FIRST_UNIX_MS => Err(EncodeReason::Year(instant)),
        View::DateTime(instant) => Ok(match dialect {
            Dialect::Page2014 => instant.page_spelling().into(),
            Dialect::Legacy | Dialect::Rest => instant.spelling().into(),
        }),
        View::Unset
        | View::Structure(_)
        | View::List(_)
        | View::Map(_)
        | View::Dynamic(_)
        | View::Opaque(_) => Err(EncodeReason::Misfit { expected: "scalar", got: view.kind() }),
    }
}

/// 0000-01-01T00:00:00Z: what is before has no year of four digits.
const FIRST_UNIX_MS: i64 = -62_167_219_200_000;

/// Reads the text of a scalar into its slot; an optional scalar becomes set.
///
/// # Errors
/// When the text spells no value of the type, or the type is not a scalar.
pub fn from_text(ty: &Ty, text: &str, slot: Slot<'_>, dialect: Dialect) -> Result<(), DecodeError> {
    read_text(ty, text, slot, dialect).map_err(|kind| DecodeError { path: String::new(), kind })
}

/// Bytes as every representation has them.
pub(super) fn base64_text(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// `1.5`, `10.0`, `1e300`: the shortest text that reads back as the same number.
pub(super) fn double_text(value: f64) -> Result<String, EncodeReason> {
    if value.is_finite() { Ok(format!("{value:?}")) } else { Err(EncodeReason::NotFinite(value)) }
}

#[inline]
pub(super) fn read_text(ty: &Ty, text: &str, slot: Slot<'_>, dialect: Dialect) -> Result<(), DecodeKind> {
    let (ty, slot) = match (ty, slot) {
        (Ty::Optional(inner), Slot::Optional(optional)) => (*inner, optional.insert()),
        required => required,
    };
    match (ty, slot) {
        (Ty::String | Ty::Secret | Ty::Uri | Ty::Id, Slot::Text(target)) => {
            *target = text.to_owned();
        }
        (Ty::Enumeration(_), Slot::Enumeration(target)) => target.set(text),
        (Ty::Boolean, Slot::Boolean(target)) => *target = read_boolean(text)?,
        (Ty::Long, Slot::Long(target)) => *target = read_long(text)?,
        (Ty::Double, Slot::Double(target)) => *target = read_double(text)?,
        (Ty::Binary, Slot::Binary(target)) => *target = read_binary(text)?,
        (Ty::DateTime, Slot::DateTime(target)) => *target = read_date_time(text, dialect)?,
        (
            Ty::Void
            | Ty::Structure(_)
            | Ty::DynamicStructure
            | Ty::AnyError
            | Ty::Opaque
            | Ty::Optional(_)
            | Ty::List(_)
            | Ty::Set(_)
            | Ty::Map(..),
            _,
        ) => return Err(DecodeKind::Mismatch { expected: kind_name(ty), got: "text".to_owned() }),
        (_, slot) => return Err(DecodeKind::Misfit { expected: kind_name(ty), got: slot.kind() }),
    }
    Ok(())
}

fn bad_text(expected: &'static str, text: &str) -> DecodeKind {
    /// Enough to recognise a value by; a message is not the place for a megabyte.
    const SHOWN_CHARS_MAX: usize = 60;
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    DecodeKind::BadText { expected, text: shown }
}

fn read_boolean(text: &str) -> Result<bool, DecodeKind> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(bad_text("boolean", text)),
    }
}

fn read_long(text: &str) -> Result<i64, DecodeKind> {
    text.parse().map_err(|_| bad_text("long", text))
}

fn read_double(text: &str) -> Result<f64, DecodeKind> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(bad_text("double", text)),
    }
}

/// Standard or URL-safe alphabet, padded or not.
pub(super) fn read_binary(text: &str) -> Result<Vec<u8>, DecodeKind> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD_LENIENT: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
    const URL_SAFE_LENIENT: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);
    STANDARD_LENIENT
        .decode(text)
        .or_else(|_| URL_SAFE_LENIENT.decode(text))
        .map_err(|_| bad_text("base64 text", text))
}

fn read_date_time(text: &str, dialect: Dialect) -> Result<DateTime, DecodeKind> {
    match DateTime::parse(text, dialect.reads_zoneless()) {
        Ok(instant) if instant.unix_ms() >= FIRST_UNIX_MS => Ok(instant),
        _ => Err(bad_text("date_time", text)),
    }
}
