//! Rules on union rules: the tag is an enumeration, its values and the fields exist, and the fields can be left out.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Report, nearest};
use crate::resolve::{Kind, Model, Structure};
use crate::source::Span;
use crate::syntax::{Document, Union, UnionCase};

pub(super) fn check_unions(model: &Model<'_>, report: &mut Report) {
    for structure in &model.structures {
        let document = &model.documents[structure.document_idx];
        let mut tags: BTreeMap<&str, Span> = BTreeMap::new();
        let mut rules = Rules { model, document, structure, report };
        for union in &structure.syntax.unions {
            let span = document.tree.span(union.at, "tag");
            match tags.insert(&union.tag, span) {
                Some(first) => rules.refuse_second_tag(union, span, first),
                None => rules.union(union, span),
            }
        }
    }
}

struct Rules<'m, 'r> {
    model: &'m Model<'m>,
    document: &'m Document<'m>,
    structure: &'m Structure<'m>,
    report: &'r mut Report,
}

impl<'m> Rules<'m, '_> {
    fn union(&mut self, union: &Union, tag_span: Span) {
        let values = self.tag_values(union, tag_span);
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for case in &union.cases {
            let span = self.document.tree.span(case.at, "value");
            if let Some(first) = seen.insert(&case.value, span) {
                let message = format!("the case `{}` is twice in the rule on `{}`", case.value, union.tag);
                self.report.push(
                    Diagnostic::new(Code::DuplicateName, message).at(span, "again").at(first, "first here"),
                );
            }
            if let Some(values) = &values
                && !values.contains(&case.value.as_str())
            {
                let message = format!("the enumeration of `{}` has no value `{}`", union.tag, case.value);
                let diagnostic = Diagnostic::new(Code::UnknownValue, message).at(span, "not found");
                self.report.push(suggest(diagnostic, nearest(&case.value, values.iter().copied())));
            }
            self.case(union, case);
        }
    }

    /// Values of the tag's enumeration; none where it has none, which is reported here, or is not known.
    fn tag_values(&mut self, union: &Union, span: Span) -> Option<Vec<&'m str>> {
        let structure = self.structure;
        let Some(tag) = structure.fields.iter().find(|field| field.syntax.name == union.tag) else {
            self.refuse_field(&union.tag, span);
            return None;
        };
        match tag.ty.kind {
            Kind::Enumeration(enumeration_idx) => {
                let values = &self.model.enumerations[enumeration_idx].syntax.values;
                Some(values.iter().map(|value| value.name.as_str()).collect())
            }
            Kind::Unknown => None,
            _ => {
                self.report.push(
                    Diagnostic::new(Code::BadUnion, format!("the tag `{}` is not an enumeration", union.tag))
                        .at(span, "decides by its value")
                        .at(tag.ty.span, "of this type"),
                );
                None
            }
        }
    }

    fn case(&mut self, union: &Union, case: &UnionCase) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for (key, names) in [("requires", &case.requires), ("allows", &case.allows)] {
            for (name_idx, name) in names.iter().enumerate() {
                let span = self.document.tree.element_span(case.at, key, name_idx);
                if let Some(first) = seen.insert(name, span) {
                    let message = format!("the field `{name}` is twice in the case `{}`", case.value);
                    self.report.push(
                        Diagnostic::new(Code::BadUnion, message).at(span, "again").at(first, "first here"),
                    );
                } else {
                    self.ruled_field(union, name, span);
                }
            }
        }
    }

    fn ruled_field(&mut self, union: &Union, name: &str, span: Span) {
        if name == union.tag {
            let message = format!("the tag `{name}` cannot depend on itself");
            return self.report.push(Diagnostic::new(Code::BadUnion, message).at(span, "the tag"));
        }
        let Some(field) = self.structure.fields.iter().find(|field| field.syntax.name == name) else {
            return self.refuse_field(name, span);
        };
        if field.syntax.required {
            let stated = self.document.tree.span(field.syntax.at, "required");
            self.report.push(
                Diagnostic::new(
                    Code::BadUnion,
                    format!("the field `{name}` depends on `{}` but is always required", union.tag),
                )
                .at(span, "goes with some values only")
                .at(stated, "always required")
                .help("write `required: false` for the field; the rule says when it has to be there"),
            );
        }
    }

    fn refuse_field(&mut self, name: &str, span: Span) {
        let names = self.structure.fields.iter().map(|field| field.syntax.name.as_str());
        let message = format!("`{}` has no field `{name}`", self.structure.syntax.name);
        let diagnostic = Diagnostic::new(Code::UnknownField, message).at(span, "not found");
        let diagnostic = suggest(diagnostic, nearest(name, names));
        self.report.push(diagnostic);
    }

    fn refuse_second_tag(&mut self, union: &Union, span: Span, first: Span) {
        let message = format!("there are two rules on the tag `{}`", union.tag);
        self.report.push(
            Diagnostic::new(Code::BadUnion, message)
                .at(span, "again")
                .at(first, "first here")
                .help("put all cases into one rule"),
        );
    }
}

fn suggest(diagnostic: Diagnostic, meant: Option<&str>) -> Diagnostic {
    match meant {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}
