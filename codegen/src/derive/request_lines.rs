//! The request lines of an operation by the naming rules of the 2014 pages.
//!
//! In: a service id, an operation's name and parameters. Out: its lines in page order.
//! The rules: a line in the manner of REST for five names, the `~action` line with the first ID in the path, the `~action`
//! line with everything in the body. Pages that deviate say so in the spec and are not looked at here.

use crate::ir::{Field, Method, RequestLine, Type};

const SERVICE_PREFIX: &str = "com.vmware.";

/// The request lines of an operation of service `service_id`, preferred first.
#[must_use]
pub fn request_lines(service_id: &str, operation_name: &str, parameters: &[Field]) -> Vec<RequestLine> {
    let path = service_path(service_id);
    let id = parameters.iter().position(is_id);
    let bare = |method| RequestLine { method, path: path.clone(), path_params: Vec::new(), action: None };
    let with_id = |method| match id {
        Some(parameter_idx) => RequestLine {
            method,
            path: format!("{path}/id:{{{}}}", parameters[parameter_idx].name),
            path_params: vec![parameter_idx],
            action: None,
        },
        None => bare(method),
    };
    let mut lines = Vec::new();
    match operation_name {
        "create" => lines.push(bare(Method::Post)),
        "get" if parameters.len() == 1 && id.is_some() => lines.push(with_id(Method::Get)),
        "list" => lines.push(bare(Method::Get)),
        "delete" => lines.push(with_id(Method::Delete)),
        "update" => lines.push(with_id(Method::Patch)),
        _ => {}
    }
    let action = Some(hyphens(operation_name));
    if id.is_some() && operation_name != "create" {
        lines.push(RequestLine { action: action.clone(), ..with_id(Method::Post) });
    }
    lines.push(RequestLine { action, ..bare(Method::Post) });
    lines
}

/// The line as a page prints it: `POST /com/vmware/content/type?~action=list`.
#[must_use]
pub fn request_line_text(line: &RequestLine) -> String {
    let mut text = format!("{} {}", line.method.as_str(), line.path);
    if let Some(action) = &line.action {
        text.push_str("?~action=");
        text.push_str(action);
    }
    text
}

/// The line on top of the form sample: the first without a parameter in the path.
#[must_use]
pub fn form_line(lines: &[RequestLine]) -> Option<&RequestLine> {
    lines.iter().find(|line| line.path_params.is_empty()).or_else(|| lines.first())
}

fn service_path(service_id: &str) -> String {
    let local = service_id.strip_prefix(SERVICE_PREFIX).unwrap_or(service_id);
    format!("/com/vmware/{}", hyphens(&local.replace('.', "/")))
}

fn hyphens(name: &str) -> String {
    name.replace('_', "-")
}

fn is_id(parameter: &Field) -> bool {
    match &parameter.ty {
        Type::Id(_) => true,
        Type::Optional(inner) => matches!(**inner, Type::Id(_)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Doc, Place, Presence, Releases, ResourceIdx};

    const ID: Type = Type::Id(ResourceIdx(0));

    #[track_caller]
    fn check_lines(operation_name: &str, parameters: &[(&str, Type)], expected: &[&str]) {
        let parameters: Vec<Field> = parameters
            .iter()
            .map(|(name, ty)| Field {
                name: (*name).to_owned(),
                ty: ty.clone(),
                doc: Doc::default(),
                releases: Releases::default(),
                is_lenient: false,
                presence: Presence::default(),
                place: Place::default(),
            })
            .collect();
        let lines = request_lines("com.vmware.a.b_c", operation_name, &parameters);
        let texts: Vec<String> = lines.iter().map(request_line_text).collect();
        assert_eq!(texts, expected);
        for line in &lines {
            assert_eq!(line.path_params.len(), line.path.matches('{').count());
        }
    }

    #[test]
    fn create_has_no_id_in_its_path() {
        check_lines(
            "create",
            &[("x", ID)],
            &["POST /com/vmware/a/b-c", "POST /com/vmware/a/b-c?~action=create"],
        );
    }

    #[test]
    fn get_has_a_get_line_for_one_id_alone() {
        let by_action = "POST /com/vmware/a/b-c/id:{x}?~action=get";
        let in_body = "POST /com/vmware/a/b-c?~action=get";
        check_lines("get", &[("x", ID)], &["GET /com/vmware/a/b-c/id:{x}", by_action, in_body]);
        check_lines("get", &[("x", ID), ("y", Type::String)], &[by_action, in_body]);
        check_lines("get", &[("y", Type::String)], &[in_body]);
        check_lines("get", &[], &[in_body]);
    }

    #[test]
    fn list_takes_an_optional_id_in_the_action_line_only() {
        let optional = Type::Optional(Box::new(ID));
        check_lines(
            "list",
            &[("x", optional)],
            &[
                "GET /com/vmware/a/b-c",
                "POST /com/vmware/a/b-c/id:{x}?~action=list",
                "POST /com/vmware/a/b-c?~action=list",
            ],
        );
    }

    #[test]
    fn delete_and_update_take_the_id_where_there_is_one() {
        check_lines("delete", &[], &["DELETE /com/vmware/a/b-c", "POST /com/vmware/a/b-c?~action=delete"]);
        check_lines(
            "update",
            &[("token", Type::String), ("x", ID), ("y", ID)],
            &[
                "PATCH /com/vmware/a/b-c/id:{x}",
                "POST /com/vmware/a/b-c/id:{x}?~action=update",
                "POST /com/vmware/a/b-c?~action=update",
            ],
        );
    }

    #[test]
    fn other_names_are_actions_with_hyphens() {
        check_lines(
            "keep_alive",
            &[("x", ID)],
            &[
                "POST /com/vmware/a/b-c/id:{x}?~action=keep-alive",
                "POST /com/vmware/a/b-c?~action=keep-alive",
            ],
        );
        check_lines("find", &[("spec", Type::String)], &["POST /com/vmware/a/b-c?~action=find"]);
    }
}
