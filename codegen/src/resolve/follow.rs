//! A path of names from a parameter to a field in it: `new_tag.category_id`.

use super::{Field, Kind, Model, Operation, Type};

/// Where a path ends.
pub(crate) struct Followed<'m> {
    /// Index of the structure that has the last field; none where the path is a parameter.
    pub(crate) owner_idx: Option<usize>,
    /// What the last part is.
    pub(crate) ty: &'m Type,
}

/// Why a path cannot be followed.
pub(crate) enum Lost<'m> {
    /// There is no such parameter.
    Parameter,
    /// The structure of this index has no field of this name.
    Field(usize, String),
    /// Something on the way has no fields.
    NoFields(&'m Type),
    /// Reported already.
    Unknown,
}

/// Follows a path through structures, lists and what is optional.
pub(crate) fn follow<'m>(
    model: &'m Model<'_>,
    operation: &'m Operation<'_>,
    path: &str,
) -> Result<Followed<'m>, Lost<'m>> {
    let mut parts = path.split('.');
    let first = parts.next().and_then(|name| field(&operation.parameters, name)).ok_or(Lost::Parameter)?;
    let mut followed = Followed { owner_idx: None, ty: element(&first.ty) };
    for name in parts {
        let owner_idx = match followed.ty.kind {
            Kind::Structure(structure_idx) => structure_idx,
            Kind::Unknown => return Err(Lost::Unknown),
            _ => return Err(Lost::NoFields(followed.ty)),
        };
        let fields = &model.structures[owner_idx].fields;
        let next = field(fields, name).ok_or_else(|| Lost::Field(owner_idx, name.to_owned()))?;
        followed = Followed { owner_idx: Some(owner_idx), ty: element(&next.ty) };
    }
    Ok(followed)
}

fn field<'f, 'a>(fields: &'f [Field<'a>], name: &str) -> Option<&'f Field<'a>> {
    fields.iter().find(|field| field.syntax.name == name)
}

/// What a list holds, and what is there if it is set.
fn element(ty: &Type) -> &Type {
    match &ty.kind {
        Kind::Optional(inner) | Kind::List(inner) | Kind::Set(inner) => element(inner),
        _ => ty,
    }
}
