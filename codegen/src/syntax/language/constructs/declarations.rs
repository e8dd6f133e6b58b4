//! The tables of what a document declares: structures, enumerations and errors, with their parts.
//!
//! In: nothing. Out: constructs. Not here: fields, which parameters are as well.

use super::{FIELD, accepts, many, optional, required, since, until};
use crate::syntax::language::{Construct, Text, Value};

pub(crate) static STRUCTURE: Construct = Construct {
    name: "structure",
    indefinite: "a structure",
    doc: "A declared record of fields.",
    keys: &[
        required(
            "name",
            Value::Text(Text::Name),
            "Relative to the document: `tag_model` in package `com.vmware.cis.tagging`.",
        ),
        since(),
        until(),
        optional("doc", Value::Text(Text::Prose), "What it is."),
        accepts(),
        optional("constants", many(&CONSTANT), "Texts that the API has names for."),
        optional("fields", many(&FIELD), "In declared order."),
        optional("unions", many(&UNION), "Which fields go with which value of a tag field."),
    ],
    example: "\
name: tag_model
doc: A tag.
fields:
  - {name: name, type: string, required: true, doc: What people see.}
  - {name: category_id, type: ID<com.vmware.cis.tagging.Category>, required: false, doc: Unset means none.}
",
};

pub(crate) static CONSTANT: Construct = Construct {
    name: "constant",
    indefinite: "a constant",
    doc: "A text that has a name in the API; it never travels by that name.",
    keys: &[
        required("name", Value::Text(Text::Name), "Capitals, digits and underscores: `PLAIN_TEXT`."),
        required("value", Value::Text(Text::Prose), "The text."),
        optional("doc", Value::Text(Text::Prose), "What it stands for."),
    ],
    example: "\
name: PLAIN_TEXT
value: text/plain
doc: A tag without markup.
",
};

pub(crate) static UNION: Construct = Construct {
    name: "union",
    indefinite: "a union rule",
    doc: "The value of one field, the tag, decides which other fields must, may and must not be set.",
    keys: &[
        required("tag", Value::Text(Text::Name), "The field that decides; of an enumeration type."),
        required("cases", Value::Many { element: &UNION_CASE, some: true }, "At least one."),
    ],
    example: "\
tag: kind
cases:
  - {value: COLOUR, requires: [colour]}
  - {value: TEXT, allows: [text]}
  - {value: NONE}
",
};

pub(crate) static UNION_CASE: Construct = Construct {
    name: "union case",
    indefinite: "a union case",
    doc: "The fields that go with one value of the tag.",
    keys: &[
        required("value", Value::Text(Text::Name), "One of the tag's enumeration."),
        optional(
            "requires",
            Value::Texts { element: Text::Name, some: false },
            "Fields that must be set with this value.",
        ),
        optional(
            "allows",
            Value::Texts { element: Text::Name, some: false },
            "Fields that may be set with this value.",
        ),
    ],
    example: "\
value: COLOUR
requires: [colour]
allows: [shade]
",
};

pub(crate) static ENUMERATION: Construct = Construct {
    name: "enumeration",
    indefinite: "an enumeration",
    doc: "A declared set of values, open: a peer may send a value that the spec does not have, and it survives a round trip.",
    keys: &[
        required(
            "name",
            Value::Text(Text::Name),
            "Relative to the document; `tag_model.kind` for one that a structure contains.",
        ),
        since(),
        until(),
        optional("doc", Value::Text(Text::Prose), "What it tells apart."),
        accepts(),
        required(
            "values",
            Value::Many { element: &ENUMERATION_VALUE, some: true },
            "In declared order; samples show the first.",
        ),
    ],
    example: "\
name: tag_model.kind
doc: What a tag shows.
values:
  - {name: COLOUR, doc: A colour.}
  - {name: NONE}
",
};

pub(crate) static ENUMERATION_VALUE: Construct = Construct {
    name: "value",
    indefinite: "a value of an enumeration",
    doc: "One value of an enumeration.",
    keys: &[
        required("name", Value::Text(Text::Name), "As on the wire: `COLOUR`."),
        since(),
        until(),
        optional("doc", Value::Text(Text::Prose), "What it means."),
        accepts(),
    ],
    example: "\
name: TEXT
since: \"6.5\"
doc: A word.
",
};

pub(crate) static ERROR: Construct = Construct {
    name: "error",
    indefinite: "an error",
    doc: "A structure with the HTTP status that it travels with.",
    keys: &[
        required("name", Value::Text(Text::Name), "Relative to the document."),
        required("status", Value::Status, "The status that it travels with."),
        optional("rest_status", Value::Status, "The status that it travels with below `/api`, where it is another one."),
        since(),
        until(),
        optional("doc", Value::Text(Text::Prose), "What it says, and what to do about it."),
        accepts(),
        optional("fields", many(&FIELD), "The payload, in declared order."),
        optional("unions", many(&UNION), "As of a structure."),
    ],
    example: "\
name: not_found
status: 404
doc: Nothing has this identifier.
fields:
  - {name: messages, type: List<com.vmware.vapi.std.localizable_message>, required: true, doc: What went wrong.}
",
};

pub(crate) static ACCEPTED: Construct = Construct {
    name: "accepted warning",
    indefinite: "an accepted warning",
    doc: "A warning about what it stands in, which is then not given. Documentation is always owed, so `poor-doc` is not among them.",
    keys: &[
        required(
            "warning",
            Value::Word(&[
                "no-errors",
                "untyped-id",
                "near-duplicate",
                "singular-list",
                "unreported-error",
                "older-than-type",
            ]),
            "Its code.",
        ),
        required("because", Value::Text(Text::Prose), "Why it is meant."),
    ],
    example: "\
warning: untyped-id
because: Every tool makes its own, and the server only compares them.
",
};
