//! Everything that has a name or a text, as the rules look at it: in groups of what stands beside each other.

use crate::ir::Release;
use crate::resolve::{Field, Model, Operation, Type};
use crate::source::Span;
use crate::syntax::{Accepted, Constant, Document, Enumeration, NodeIdx, ReleaseText, Structure};

/// Something with a name.
pub(super) struct Thing<'a> {
    pub(super) document: &'a Document<'a>,
    /// As written; of a result or a condition what it is the one of.
    pub(super) name: &'a str,
    /// Where it is pointed at.
    pub(super) span: Span,
    /// What is said of it.
    pub(super) doc: Option<&'a str>,
    /// Warnings that are meant.
    pub(super) accepts: &'a [Accepted],
    /// The release it came with.
    pub(super) since: Release,
    pub(super) kind: Kind<'a>,
}

/// What a [`Thing`] is.
pub(super) enum Kind<'a> {
    Document,
    Operation(&'a Operation<'a>),
    Parameter(&'a Type),
    Result(&'a Type),
    /// An error that an operation reports; its documentation is the condition.
    Condition,
    Structure,
    /// With its index.
    Error(usize),
    Field(&'a Type),
    Enumeration,
    Value,
    Constant,
}

impl<'a> Kind<'a> {
    /// With its article.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Kind::Document => "the document",
            Kind::Operation(_) => "the operation",
            Kind::Parameter(_) => "the parameter",
            Kind::Result(_) => "the result of",
            Kind::Condition => "the condition of",
            Kind::Structure => "the structure",
            Kind::Error(_) => "the error",
            Kind::Field(_) => "the field",
            Kind::Enumeration => "the enumeration",
            Kind::Value => "the value",
            Kind::Constant => "the constant",
        }
    }

    /// The type of what holds a value.
    pub(super) fn ty(&self) -> Option<&'a Type> {
        match self {
            Kind::Parameter(ty) | Kind::Result(ty) | Kind::Field(ty) => Some(ty),
            _ => None,
        }
    }
}

/// The release of the innermost that states one.
pub(super) fn since(stated: &[&Option<ReleaseText>]) -> Release {
    let numerals = stated.iter().rev().find_map(|release| release.as_ref()?.numerals.clone());
    numerals.map(Release).unwrap_or_default()
}

/// Every thing, together with those that it must not be taken for.
pub(super) fn each_group<'a>(model: &'a Model<'a>, visit: &mut dyn FnMut(&[Thing<'a>])) {
    for (document_idx, document) in model.documents.iter().enumerate() {
        let page = Page { document };
        visit(&[page.document()]);
        let services = model.services.iter().filter(|service| service.document_idx == document_idx);
        for service in services {
            visit(&Vec::from_iter(service.operations.iter().map(|operation| page.operation(operation))));
            for operation in &service.operations {
                page.in_operation(operation, visit);
            }
        }
        visit(&page.declarations(model, document_idx));
        for structure in model.structures.iter().filter(|structure| structure.document_idx == document_idx) {
            visit(&page.fields(&structure.fields, &structure.syntax.since, Kind::Field));
            visit(&page.constants(structure.syntax));
        }
        for enumeration in &document.body.enumerations {
            visit(&page.values(enumeration));
        }
    }
}

struct Page<'a> {
    document: &'a Document<'a>,
}

impl<'a> Page<'a> {
    fn since(&self, owner: &Option<ReleaseText>, own: &Option<ReleaseText>) -> Release {
        since(&[&self.document.body.since, owner, own])
    }

    fn span(&self, at: NodeIdx, key: &str) -> Span {
        self.document.tree.span(at, key)
    }

    fn document(&self) -> Thing<'a> {
        let (document, body) = (self.document, &self.document.body);
        Thing {
            document,
            name: document.id(),
            span: self.span(body.at, document.id_key()),
            doc: body.doc.as_deref(),
            accepts: &[],
            since: since(&[&body.since]),
            kind: Kind::Document,
        }
    }

    fn operation(&self, operation: &'a Operation<'a>) -> Thing<'a> {
        let syntax = operation.syntax;
        Thing {
            document: self.document,
            name: &syntax.name,
            span: self.span(syntax.at, "name"),
            doc: syntax.doc.as_deref(),
            accepts: &syntax.accepts,
            since: self.since(&None, &syntax.since),
            kind: Kind::Operation(operation),
        }
    }

    /// Parameters, result and conditions; a result that is nothing has nothing to be said of it.
    fn in_operation(&self, operation: &'a Operation<'a>, visit: &mut dyn FnMut(&[Thing<'a>])) {
        let syntax = operation.syntax;
        visit(&self.fields(&operation.parameters, &syntax.since, Kind::Parameter));
        let result = syntax.result.as_ref().zip(operation.result.as_ref());
        if let Some((result, ty)) = result.filter(|(_, ty)| !ty.is_void()) {
            visit(&[Thing {
                document: self.document,
                name: &syntax.name,
                span: self.span(result.at, "type"),
                doc: result.doc.as_deref(),
                accepts: &[],
                since: self.since(&None, &syntax.since),
                kind: Kind::Result(ty),
            }]);
        }
        for error in &syntax.errors {
            visit(&[Thing {
                document: self.document,
                name: &error.ty,
                span: self.span(error.at, "condition"),
                doc: Some(&error.condition),
                accepts: &[],
                since: self.since(&syntax.since, &error.since),
                kind: Kind::Condition,
            }]);
        }
    }

    fn declarations(&self, model: &'a Model<'a>, document_idx: usize) -> Vec<Thing<'a>> {
        let structures = model.structures.iter().enumerate();
        let own = structures.filter(|(_, structure)| structure.document_idx == document_idx);
        let structures = own.map(|(structure_idx, structure)| Thing {
            document: self.document,
            name: &structure.syntax.name,
            span: self.span(structure.syntax.at, "name"),
            doc: structure.syntax.doc.as_deref(),
            accepts: &structure.syntax.accepts,
            since: self.since(&None, &structure.syntax.since),
            kind: if structure.is_error() { Kind::Error(structure_idx) } else { Kind::Structure },
        });
        let enumerations = self.document.body.enumerations.iter().map(|enumeration| Thing {
            document: self.document,
            name: &enumeration.name,
            span: self.span(enumeration.at, "name"),
            doc: enumeration.doc.as_deref(),
            accepts: &enumeration.accepts,
            since: self.since(&None, &enumeration.since),
            kind: Kind::Enumeration,
        });
        structures.chain(enumerations).collect()
    }

    fn fields(
        &self,
        fields: &'a [Field<'a>],
        owner_since: &Option<ReleaseText>,
        kind: fn(&'a Type) -> Kind<'a>,
    ) -> Vec<Thing<'a>> {
        let field = |field: &'a Field<'a>| Thing {
            document: self.document,
            name: &field.syntax.name,
            span: self.span(field.syntax.at, "name"),
            doc: field.syntax.doc.as_deref(),
            accepts: &field.syntax.accepts,
            since: self.since(owner_since, &field.syntax.since),
            kind: kind(&field.ty),
        };
        fields.iter().map(field).collect()
    }

    fn values(&self, enumeration: &'a Enumeration) -> Vec<Thing<'a>> {
        let value = |value: &'a crate::syntax::EnumerationValue| Thing {
            document: self.document,
            name: &value.name,
            span: self.span(value.at, "name"),
            doc: value.doc.as_deref(),
            accepts: &value.accepts,
            since: self.since(&enumeration.since, &value.since),
            kind: Kind::Value,
        };
        enumeration.values.iter().map(value).collect()
    }

    fn constants(&self, structure: &'a Structure) -> Vec<Thing<'a>> {
        let constant = |constant: &'a Constant| Thing {
            document: self.document,
            name: &constant.name,
            span: self.span(constant.at, "name"),
            doc: constant.doc.as_deref(),
            accepts: &[],
            since: self.since(&None, &structure.since),
            kind: Kind::Constant,
        };
        structure.constants.iter().map(constant).collect()
    }
}
