//! An example of a call for the docs of its method: short, compiled as a doc test, made from the operation's sample.
//!
//! In: an operation. Out: lines of Rust that make a client, call, and look at the answer.
//! Not here: the whole sample, which is on the operation's page and in the wire tests.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Emitter;
use crate::derive::sample::{self, Sample, Shape};
use crate::emit::expression::{Expression, WIDTH_IN_DOCS};
use crate::emit::values::{Style, Usage, Values, is_plain};
use crate::ir::{Operation, Type};
use crate::plan;

impl Emitter<'_> {
    /// The lines of a doc test; one that begins with `#` is not shown.
    pub(super) fn example(
        &self,
        client_method: &str,
        operation: &Operation,
        planned: &plan::Operation,
    ) -> Vec<String> {
        let style = Style::Example(Usage::of(operation), RefCell::default());
        let values = Values { api: self.api, plan: self.plan, style };
        let call = self.example_call(&values, client_method, operation, planned).layout(0, WIDTH_IN_DOCS);
        let mut lines = self.example_imports(&values);
        lines.push("let client = vapi::Client::new(\"http://127.0.0.1:8080\")?;".to_owned());
        if operation.result == Type::Void {
            lines.extend(format!("{call}?;").lines().map(str::to_owned));
        } else {
            lines.extend(format!("let answer = {call}?;").lines().map(str::to_owned));
            lines.push("println!(\"{answer:?}\");".to_owned());
        }
        lines.push("# Ok::<(), Box<dyn std::error::Error>>(())".to_owned());
        lines
    }

    fn example_call(
        &self,
        values: &Values<'_>,
        client_method: &str,
        operation: &Operation,
        planned: &plan::Operation,
    ) -> Expression {
        let sample = sample::of_parameters(self.api, operation, &Shape::full());
        let value_of = |idx: usize| match &sample {
            Some(Sample::Structure(members)) => {
                members.iter().find(|member| member.field_idx == idx).map(|member| &member.value)
            }
            _ => None,
        };
        let (mut arguments, mut options) = (Vec::new(), Vec::new());
        for (idx, (field, planned)) in operation.parameters.iter().zip(&planned.input.fields).enumerate() {
            let Some(value) = value_of(idx) else { continue };
            match (&field.ty, &planned.setter) {
                (Type::Optional(inner), Some(setter)) if is_plain(inner) => {
                    let argument = vec![values.argument(inner, value)];
                    options.push(Expression::group(format!(".{setter}("), argument, ")"));
                }
                (Type::Optional(_), _) => {}
                (ty, _) => arguments.push(values.argument(ty, value)),
            }
        }
        let mut calls = vec![Expression::word(format!(".{client_method}()"))];
        calls.push(Expression::group(format!(".{}(", planned.method), arguments, ")"));
        if !options.is_empty() {
            let input = Expression::Chain(Box::new(Expression::word("input")), options);
            calls.push(Expression::group(".with(|input| ", vec![input], ")"));
        }
        calls.push(Expression::word(".wait()"));
        Expression::Chain(Box::new(Expression::word("client")), calls)
    }

    /// One line for each module that types come from.
    fn example_imports(&self, values: &Values<'_>) -> Vec<String> {
        let Style::Example(_, imports) = &values.style else { return Vec::new() };
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for named in imports.borrow().iter() {
            let module = self.plan.modules[named.module.0].path.join("::");
            names.entry(module).or_default().push(named.name.clone());
        }
        let import = |(module, names): (String, Vec<String>)| match &names[..] {
            [name] => format!("use vapi::{module}::{name};"),
            _ => Expression::group(format!("use vapi::{module}::{{"), words(&names), "};")
                .layout(0, WIDTH_IN_DOCS),
        };
        let mut lines: Vec<String> = Vec::new();
        for import in names.into_iter().map(import) {
            lines.extend(import.lines().map(str::to_owned));
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }
}

fn words(names: &[String]) -> Vec<Expression> {
    names.iter().map(Expression::word).collect()
}
