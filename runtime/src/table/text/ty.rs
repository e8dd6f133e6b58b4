//! Types as the texts write them: `List<ID>?`, `Map<string, com.vmware.cis.tagging.tag_model>`.

use crate::table::Ty;

/// Reads a type; structures and enumerations are looked up by their names.
pub(super) fn read(text: &str, named: &[Ty]) -> Result<Ty, String> {
    if let Some(inner) = text.strip_suffix('?') {
        return Ok(Ty::Optional(keep(read(inner, named)?)));
    }
    if let Some((kind, inner)) = text.strip_suffix('>').and_then(|text| text.split_once('<')) {
        return generic(kind, inner, named)?.ok_or_else(|| format!("there is no type {kind}<>"));
    }
    let ty = match text {
        "VOID" => Ty::Void,
        "boolean" => Ty::Boolean,
        "long" => Ty::Long,
        "double" => Ty::Double,
        "string" => Ty::String,
        "secret" => Ty::Secret,
        "binary" => Ty::Binary,
        "date_time" => Ty::DateTime,
        "URI" => Ty::Uri,
        "ID" => Ty::Id,
        "dynamic_structure" => Ty::DynamicStructure,
        "error" => Ty::AnyError,
        "opaque" => Ty::Opaque,
        name => return find(name, named).ok_or_else(|| format!("{name} is not among what the table names")),
    };
    Ok(ty)
}

fn generic(kind: &str, inner: &str, named: &[Ty]) -> Result<Option<Ty>, String> {
    let ty = match kind {
        "List" => Ty::List(keep(read(inner, named)?)),
        "Set" => Ty::Set(keep(read(inner, named)?)),
        "Map" => {
            let (key, value) = inner.split_once(", ").ok_or("a map has a key and a value")?;
            Ty::Map(keep(read(key, named)?), keep(read(value, named)?))
        }
        _ => return Ok(None),
    };
    Ok(Some(ty))
}

fn find(name: &str, named: &[Ty]) -> Option<Ty> {
    named.iter().copied().find(|ty| match ty {
        Ty::Structure(table) => table.name() == name,
        Ty::Enumeration(table) => table.name == name,
        _ => false,
    })
}

fn keep(ty: Ty) -> &'static Ty {
    Box::leak(Box::new(ty))
}
