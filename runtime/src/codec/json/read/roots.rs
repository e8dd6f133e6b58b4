//! Objects with members of fixed names: parameters, the envelopes of results and errors, entries of maps.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Context, Node, read_dynamic, read_structure};
use crate::codec::failure::Step;
use crate::codec::fields::Which;
use crate::codec::json::ERROR_TYPE;
use crate::codec::{DecodeKind, Dialect, Seen, Unknown, fields};
use crate::data::{Data, Slot, Structure};
use crate::table::{STRUCTURE, Ty};
use crate::{DynamicStructure, Value};

/// What the members of an object are read into.
pub(in crate::codec::json) enum Task<'t, 's> {
    /// The parameters of an operation, or any structure.
    Input { structure: &'s mut dyn Structure, which: Which<'t> },
    /// `value` of a result's envelope.
    Result { ty: &'t Ty, slot: Slot<'s> },
    /// `type` of an error's envelope.
    ErrorId { id: &'s mut String },
    /// `value` of an error's envelope.
    Error { payload: &'s mut dyn Structure },
    /// Both of an error's envelope.
    UnknownError { id: &'s mut String, payload: &'s mut DynamicStructure },
    /// `key` and `value` of a map's entry, whose depth is `depth`.
    Entry { tys: (&'t Ty, &'t Ty), key: &'s mut dyn Data, value: &'s mut dyn Data, depth: usize },
}

impl Task<'_, '_> {
    fn is_error(&self) -> bool {
        matches!(self, Task::ErrorId { .. } | Task::Error { .. } | Task::UnknownError { .. })
    }

    fn object(&self) -> &'static str {
        match self {
            Task::Input { .. } => "an object with parameters or fields",
            Task::Result { .. } => "an object with the member `value`",
            Task::ErrorId { .. } | Task::Error { .. } | Task::UnknownError { .. } => {
                "an object with the members `type` and `value`"
            }
            Task::Entry { .. } => "an object with the members `key` and `value`",
        }
    }
}

/// An object to read.
pub(in crate::codec::json) struct Root<'s, 'c> {
    pub(in crate::codec::json) task: Task<'c, 's>,
    pub(in crate::codec::json) context: &'c Context<'c>,
}

impl Root<'_, '_> {
    #[cold]
    fn mismatch<E: Error>(&self, got: &str) -> E {
        self.context.fail(DecodeKind::Mismatch { expected: self.task.object(), got: got.to_owned() })
    }
}

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = Seen;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.task.object())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Seen, A::Error> {
        let context = self.context;
        if context.options.dialect == Dialect::Rest && self.task.is_error() {
            return read_rest_error(members, self.task, context);
        }
        let node = |ty, slot| Node { ty, slot, depth: 2, context };
        match self.task {
            Task::Input { structure, which } => {
                let mut seen = read_structure(members, structure, which, 1, context)?;
                fields::forget_unset(structure, structure.table(), &mut seen);
                return Ok(seen);
            }
            Task::Result { ty, slot } => {
                read_members(members, "the result", &mut [Member::wanted("value", node(ty, slot))], context)?;
            }
            Task::ErrorId { id } => {
                let id = Member::wanted("type", node(&Ty::String, Slot::Text(id)));
                read_members(members, "the error", &mut [id, Member::passed_over("value")], context)?;
            }
            Task::Error { payload } => {
                let payload = Node { ty: &STRUCTURE, slot: Slot::Structure(payload), depth: 2, context };
                let payload = Member::wanted("value", payload);
                read_members(members, "the error", &mut [Member::passed_over("type"), payload], context)?;
            }
            Task::UnknownError { id, payload } => {
                let id = Member::wanted("type", node(&Ty::String, Slot::Text(id)));
                let payload = Member::wanted("value", node(&Ty::AnyError, Slot::Dynamic(payload)));
                read_members(members, "the error", &mut [id, payload], context)?;
            }
            Task::Entry { tys: (key_ty, value_ty), key, value, depth } => {
                context.check_depth(depth)?;
                let key = Node { ty: key_ty, slot: key.slot(), depth: depth + 1, context };
                let value = Node { ty: value_ty, slot: value.slot(), depth: depth + 1, context };
                let entry = &mut [Member::wanted("key", key), Member::wanted("value", value)];
                read_members(members, "the map entry", entry, context)?;
            }
        }
        Ok(Seen::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Seen, E> {
        Err(self.mismatch("a boolean"))
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<Seen, E> {
        Err(self.mismatch("a number"))
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<Seen, E> {
        Err(self.mismatch("a number"))
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Seen, E> {
        Err(self.mismatch("a number"))
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<Seen, E> {
        Err(self.mismatch("a string"))
    }
    fn visit_unit<E: Error>(self) -> Result<Seen, E> {
        Err(self.mismatch("null"))
    }
    fn visit_none<E: Error>(self) -> Result<Seen, E> {
        Err(self.mismatch("null"))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Seen, A::Error> {
        Err(self.mismatch("an array"))
    }
}

/// An error whose payload and type stand side by side.
fn read_rest_error<'de, A: MapAccess<'de>>(
    mut members: A,
    task: Task<'_, '_>,
    context: &Context<'_>,
) -> Result<Seen, A::Error> {
    const ERROR: &str = "the error";
    let missing = || DecodeKind::MissingField { structure: ERROR, field: ERROR_TYPE };
    match task {
        Task::ErrorId { id } => {
            let mut is_there = false;
            while let Some(Name(name)) = members.next_key::<Name<'de>>()? {
                if name != ERROR_TYPE {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
                if is_there {
                    let field = ERROR_TYPE.to_owned();
                    return Err(context.fail(DecodeKind::DuplicateField { structure: ERROR, field }));
                }
                let node = Node { ty: &Ty::String, slot: Slot::Text(id), depth: 2, context };
                members.next_value_seed(node).map_err(context.at(|| Step::Field(ERROR_TYPE)))?;
                is_there = true;
            }
            if !is_there {
                return Err(context.fail(missing()));
            }
        }
        Task::Error { payload } => {
            return read_structure(members, payload, Which::ALL, 1, context);
        }
        Task::UnknownError { id, payload } => {
            read_dynamic(members, payload, 1, context)?;
            match payload.fields.get(ERROR_TYPE) {
                Some(Value::Text(error_type)) => id.clone_from(error_type),
                Some(_) => {
                    let got = "another value".to_owned();
                    let kind = DecodeKind::Mismatch { expected: "string", got };
                    return Err(context.fail(kind)).map_err(context.at(|| Step::Field(ERROR_TYPE)));
                }
                None => return Err(context.fail(missing())),
            }
        }
        Task::Input { .. } | Task::Result { .. } | Task::Entry { .. } => {}
    }
    Ok(Seen::default())
}

/// A member with a fixed name.
struct Member<'s, 'c> {
    name: &'static str,
    is_required: bool,
    /// What it is read into; it is passed over when there is nothing.
    node: Option<Node<'s, 'c>>,
}

impl<'s, 'c> Member<'s, 'c> {
    fn wanted(name: &'static str, node: Node<'s, 'c>) -> Member<'s, 'c> {
        Member { name, is_required: !node.ty.is_optional(), node: Some(node) }
    }
    fn passed_over(name: &'static str) -> Member<'s, 'c> {
        Member { name, is_required: false, node: None }
    }
}

fn read_members<'de, A: MapAccess<'de>>(
    mut members: A,
    structure: &'static str,
    fixed: &mut [Member<'_, '_>],
    context: &Context<'_>,
) -> Result<(), A::Error> {
    let mut seen = Seen::default();
    while let Some(Name(name)) = members.next_key::<Name<'de>>()? {
        let Some(idx) = fixed.iter().position(|member| member.name == name) else {
            if context.options.unknown == Unknown::Refuse {
                return Err(context.fail(DecodeKind::UnknownField { structure, field: name.into_owned() }));
            }
            members.next_value::<IgnoredAny>()?;
            continue;
        };
        if !seen.insert(idx) {
            return Err(context.fail(DecodeKind::DuplicateField { structure, field: name.into_owned() }));
        }
        let member = &mut fixed[idx];
        match member.node.take() {
            Some(node) => members.next_value_seed(node).map_err(context.at(|| Step::Field(member.name)))?,
            None => {
                members.next_value::<IgnoredAny>()?;
            }
        }
    }
    for (idx, member) in fixed.iter().enumerate() {
        if member.is_required && !seen.contains(idx) {
            return Err(context.fail(DecodeKind::MissingField { structure, field: member.name }));
        }
    }
    Ok(())
}

/// A member's name, borrowed where the format can.
struct Name<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name<'de>, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_identifier(NameVisitor)
    }
}
