//! The tables themselves, from the document down to what an operation has; what a document declares besides is in
//! `constructs/declarations.rs`.

mod declarations;

use self::declarations::{
    ACCEPTED, CONSTANT, ENUMERATION, ENUMERATION_VALUE, ERROR, STRUCTURE, UNION, UNION_CASE,
};
use super::{Construct, Key, Text, Value};

/// Every construct, in the order spec/README.md shows them.
pub(crate) const CONSTRUCTS: &[&Construct] = &[
    &DOCUMENT,
    &OPERATION,
    &REQUEST,
    &RESPONSE,
    &REST_HEADER,
    &PRIVILEGES_ON,
    &FIELD,
    &PRESENCE,
    &RESULT,
    &OPERATION_ERROR,
    &STRUCTURE,
    &CONSTANT,
    &UNION,
    &UNION_CASE,
    &ENUMERATION,
    &ENUMERATION_VALUE,
    &ERROR,
    &ACCEPTED,
];

const fn required(name: &'static str, value: Value, doc: &'static str) -> Key {
    Key { name, required: true, value, doc }
}

const fn optional(name: &'static str, value: Value, doc: &'static str) -> Key {
    Key { name, required: false, value, doc }
}

const fn many(element: &'static Construct) -> Value {
    Value::Many { element, some: false }
}

const fn accepts() -> Key {
    optional(
        "accepts",
        Value::Many { element: &ACCEPTED, some: true },
        "What the linter warns about here although it is meant.",
    )
}

const fn since() -> Key {
    optional("since", Value::Text(Text::Release), "Release it came with, in quotes: `\"6.8\"`.")
}

const fn until() -> Key {
    optional("until", Value::Text(Text::Release), "The last release that has it, in quotes.")
}

pub(crate) static DOCUMENT: Construct = Construct {
    name: "document",
    indefinite: "a document",
    doc: "A file: a service, or a package of declarations.",
    keys: &[
        optional(
            "service",
            Value::Text(Text::CanonicalName),
            "Canonical name of the service that the file declares; this or `package`.",
        ),
        optional(
            "package",
            Value::Text(Text::CanonicalName),
            "Canonical name of the package whose structures the file declares; this or `service`.",
        ),
        optional(
            "client_name",
            Value::Text(Text::Name),
            "Service only: name of the method that gives its client, where two services end in the same segment.",
        ),
        since(),
        until(),
        optional(
            "doc",
            Value::Text(Text::Prose),
            "What it is for. Paragraphs are separated by an empty line.",
        ),
        optional(
            "copyright",
            Value::Text(Text::Prose),
            "The copyright line of the pages, where they have one; printed at the foot of the generated pages.",
        ),
        optional("operations", many(&OPERATION), "Service only."),
        optional("structures", many(&STRUCTURE), "The structures it declares."),
        optional("enumerations", many(&ENUMERATION), "The enumerations it declares."),
        optional("errors", many(&ERROR), "The errors it declares."),
    ],
    example: "\
service: com.vmware.cis.tagging.tag
doc: |
  What the service is for.

  A second paragraph.
operations:
  - name: list
    doc: Lists the tags.
",
};

pub(crate) static OPERATION: Construct = Construct {
    name: "operation",
    indefinite: "an operation",
    doc: "What a service can be asked to do: one reference page.",
    keys: &[
        required("name", Value::Text(Text::Name), "As on the page."),
        since(),
        until(),
        optional("doc", Value::Text(Text::Prose), "What it does."),
        accepts(),
        optional(
            "requests",
            Value::Texts { element: Text::RequestLine, some: true },
            "The request lines as on the page, checked against the naming rules; without them the lines are derived.",
        ),
        optional("requests_deviate", Value::Text(Text::Prose), "Why the lines are not the derived ones."),
        optional("request", Value::One(&REQUEST), "Samples of the request."),
        optional("response", Value::One(&RESPONSE), "Samples of the response."),
        optional(
            "rest",
            Value::Text(Text::RequestLine),
            "The request line below `/api`, `POST /cis/tagging/tag/{tag_id}?action=revoke`; without it the operation is not there.",
        ),
        optional(
            "rest_headers",
            Value::Many { element: &REST_HEADER, some: true },
            "Below `/api`: the parameters that are headers.",
        ),
        optional(
            "rest_body",
            Value::Word(&["whole", "fields"]),
            "Below `/api`: whether the body is the parameter itself or an object with it, where it is not what the rules give.",
        ),
        optional(
            "privileges",
            Value::Texts { element: Text::Name, some: true },
            "Privileges that the caller needs on the server as a whole.",
        ),
        optional(
            "privileges_on",
            Value::Many { element: &PRIVILEGES_ON, some: true },
            "Privileges that the caller needs on what the parameters identify.",
        ),
        optional("parameters", many(&FIELD), "In declared order."),
        optional("result", Value::One(&RESULT), "What it returns; without it, nothing."),
        optional("errors", many(&OPERATION_ERROR), "In page order."),
        optional(
            "errata",
            Value::Texts { element: Text::Prose, some: true },
            "What differs from the page, and why.",
        ),
    ],
    example: "\
name: revoke
doc: Takes a tag back.
requests:
  - POST /com/vmware/cis/tagging/tag/id:{tag_id}?~action=revoke
  - POST /com/vmware/cis/tagging/tag?~action=revoke
parameters:
  - {name: tag_id, type: ID<com.vmware.cis.tagging.Tag>, required: true, doc: Which tag.}
errors:
  - {type: not_found, condition: if there is no such tag., status: 404}
",
};

pub(crate) static REQUEST: Construct = Construct {
    name: "request",
    indefinite: "a request",
    doc: "Samples of a request, literally as on the page; compared with what the declarations give, to the byte.",
    keys: &[
        optional("json", Value::Text(Text::Sample), "JSON body, as on the page."),
        optional("xml", Value::Text(Text::Sample), "XML document, as on the page."),
        optional(
            "form",
            Value::Text(Text::Sample),
            "The request line, then one form parameter a line, as on the page.",
        ),
    ],
    example: "\
json: |
  {
      \"tag_id\": \"obj-103\"
  }
form: |
  POST /com/vmware/cis/tagging/tag?~action=revoke
  &tag_id=obj-103
",
};

pub(crate) static RESPONSE: Construct = Construct {
    name: "response",
    indefinite: "a response",
    doc: "Samples of a response, compared like those of a request.",
    keys: &[
        optional("json", Value::Text(Text::Sample), "JSON body, as on the page."),
        optional("xml", Value::Text(Text::Sample), "XML document, as on the page."),
    ],
    example: "\
json: |
  {
      \"value\": \"obj-103\"
  }
",
};

pub(crate) static REST_HEADER: Construct = Construct {
    name: "header",
    indefinite: "a header",
    doc: "A parameter that is a header of the request below `/api`.",
    keys: &[
        required("name", Value::Text(Text::Prose), "Name of the header."),
        required("parameter", Value::Text(Text::Name), "The parameter: one that has one value."),
    ],
    example: "\
name: Request-Token
parameter: token
",
};

pub(crate) static PRIVILEGES_ON: Construct = Construct {
    name: "privileges on a resource",
    indefinite: "privileges on a resource",
    doc: "Privileges that a caller needs on the resource that an ID identifies.",
    keys: &[
        required(
            "of",
            Value::Text(Text::Name),
            "The ID: a parameter, or a field in one, with dots between: `new_tag.category_id`.",
        ),
        required(
            "privileges",
            Value::Texts { element: Text::Name, some: true },
            "Their names, as the server's roles list them.",
        ),
    ],
    example: "\
of: new_tag.category_id
privileges: [Tagging.CreateTag]
",
};

pub(crate) static FIELD: Construct = Construct {
    name: "parameter or field",
    indefinite: "a parameter or field",
    doc: "A parameter of an operation and a field of a structure or error have the same keys.",
    keys: &[
        required("name", Value::Text(Text::Name), "Wire name, capitals kept: `memory_size_MiB`."),
        required("type", Value::Text(Text::Type), "Its type."),
        required("required", Value::Flag, "`false`: it may be left out. Always stated, as on the page."),
        optional(
            "lenient",
            Value::Flag,
            "Required parameters of type `string` only. `true`: clients of `/rest` are known to leave it out and mean an empty text.",
        ),
        since(),
        until(),
        optional(
            "presence",
            Value::One(&PRESENCE),
            "Fields of structures only: what it means that the field is set, where that depends on the use.",
        ),
        optional("doc", Value::Text(Text::Prose), "What it means: unit, limits, what unset means."),
        accepts(),
    ],
    example: "\
name: used_by
type: Set<string>
required: false
since: \"6.5\"
doc: Who uses the tag.
",
};

const WHEN_SENT: Value = Value::Word(&["required", "optional", "unused"]);

pub(crate) static PRESENCE: Construct = Construct {
    name: "presence",
    indefinite: "a presence",
    doc: "What becomes of a field when the structure is used to create, change or show something. A use that is left out says nothing.",
    keys: &[
        optional("create", WHEN_SENT, "What a call that creates expects."),
        optional("update", WHEN_SENT, "What a call that changes expects; what is not set stays as it is."),
        optional("get", Value::Word(&["always", "optional", "absent"]), "What an answer holds."),
    ],
    example: "\
create: required
update: unused
get: always
",
};

pub(crate) static RESULT: Construct = Construct {
    name: "result",
    indefinite: "a result",
    doc: "What an operation returns.",
    keys: &[
        required("type", Value::Text(Text::Type), "`VOID` where nothing is returned."),
        optional("required", Value::Flag, "`false`: the result may be unset. `true` if not stated."),
        optional("doc", Value::Text(Text::Prose), "What it is."),
    ],
    example: "\
type: List<ID<com.vmware.cis.tagging.Tag>>
doc: Identifiers of the tags; empty where there are none.
",
};

pub(crate) static OPERATION_ERROR: Construct = Construct {
    name: "operation error",
    indefinite: "an operation's error",
    doc: "An error that an operation declares.",
    keys: &[
        required(
            "type",
            Value::Text(Text::Reference),
            "A standard error by its short name, any other like a type.",
        ),
        required(
            "condition",
            Value::Text(Text::Prose),
            "When it is reported, as a clause: `if the tag does not exist.`",
        ),
        required("status", Value::Status, "As on the page. Checked against the error's own."),
        optional("status_deviates", Value::Text(Text::Prose), "Why the status is not the error's own."),
        optional("rest_status", Value::Status, "Below `/api`, where it is not what the error says itself."),
        since(),
        until(),
    ],
    example: "\
type: not_found
condition: if the tag does not exist.
status: 404
",
};
