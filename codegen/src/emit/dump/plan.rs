//! The plan as indented text: what each declaration is called in Rust, module by module.
//!
//! In: the API and its plan. Out: text in which a change of naming shows as a change of lines.

use super::Lines;
use crate::ir::{self, Api};
use crate::plan::{self, Plan};

/// The plan as text; `->` reads "is called".
#[must_use]
pub fn dump_plan(api: &Api, plan: &Plan) -> String {
    let mut out = Lines::default();
    for module in &plan.modules {
        out.line(0, &format!("module {} -> {}", module.id, module.file()));
        for idx in &module.resources {
            let (declared, planned) = (&api.resources[idx.get()], &plan.resources[idx.get()]);
            out.line(1, &format!("resource {} -> {}, {}", declared.id, planned.id.name, planned.marker));
        }
        for idx in &module.structures {
            let (declared, planned) = (&api.structures[idx.get()], &plan.structures[idx.get()]);
            write_structure(
                &mut out,
                1,
                &format!("structure {}", declared.local_name),
                &declared.fields,
                planned,
            );
        }
        for idx in &module.enumerations {
            let (declared, planned) = (&api.enumerations[idx.get()], &plan.enumerations[idx.get()]);
            let name = &planned.named.name;
            out.line(1, &format!("enumeration {} -> {name}, {}", declared.local_name, planned.table));
            for (value, variant) in declared.values.iter().zip(&planned.variants) {
                out.line(2, &format!("{} -> {variant}", value.name));
            }
        }
        if let Some(idx) = module.service {
            write_service(&mut out, &api.services[idx.get()], &plan.services[idx.get()]);
        }
    }
    out.text
}

fn write_service(out: &mut Lines, declared: &ir::Service, planned: &plan::Service) {
    let (name, method) = (&planned.named.name, &planned.client_method);
    out.line(1, &format!("service -> {name}, {}, {}, {method}()", planned.server(), planned.client()));
    out.line(2, &format!("feature {}", planned.feature));
    for (declared, planned) in declared.operations.iter().zip(&planned.operations) {
        let plan::Operation { name, method, table, error, .. } = planned;
        out.line(2, &format!("operation {} -> {name}, {method}(), {table}, {error}", declared.name));
        write_structure(out, 3, "parameters", &declared.parameters, &planned.input);
        for error in &planned.errors {
            let lines: Vec<String> = error.lines.iter().map(usize::to_string).collect();
            let converts = if error.converts { "" } else { ", without conversion" };
            out.line(
                3,
                &format!("error line {} -> {} {}{converts}", lines.join(", "), error.name, error.status),
            );
        }
    }
}

fn write_structure(
    out: &mut Lines,
    depth: usize,
    what: &str,
    fields: &[ir::Field],
    planned: &plan::Structure,
) {
    let default = if planned.has_default { ", with default" } else { "" };
    let table = planned.table.as_ref().map_or_else(String::new, |table| format!(", {table}"));
    out.line(depth, &format!("{what} -> {}{table}{default}", planned.named.name));
    for (declared, planned) in fields.iter().zip(&planned.fields) {
        let setter = planned.setter.as_ref().map_or_else(String::new, |setter| format!(", {setter}()"));
        let boxed = if planned.boxed { ", boxed" } else { "" };
        out.line(depth + 1, &format!("{} -> {}{setter}{boxed}", declared.name, planned.name));
    }
    let names = |numbers: &[usize]| {
        let names: Vec<&str> = numbers.iter().map(|&idx| fields[idx].name.as_str()).collect();
        names.join(" ")
    };
    if fields.len() > 1 {
        out.line(depth + 1, &format!("on pages: {}", names(&planned.page_order)));
    }
}
