//! Names -> declarations, over all documents.
//!
//! In: parsed documents. Out: a [`Model`] in which every type and error is an index of a declaration, and a diagnostic for every
//! name that there is not, with the name that was probably meant.
//! Not here: whether a declaration may stand where it stands (`check`). A name that cannot be resolved is [`Kind::Unknown`],
//! and every later rule keeps silent about it.

mod follow;
mod names;

pub(crate) use follow::{Followed, Lost, follow};
use names::{Found, Names};

use crate::diag::{Code, Diagnostic, Report};
use crate::source::Span;
use crate::syntax::{self, Builtin, NodeIdx, TypeExpr, TypeKind};

/// Where the standard errors are declared.
pub(crate) const STANDARD_ERRORS: &str = "com.vmware.vapi.std.errors";

/// All documents with their names resolved.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    /// Sorted by path.
    pub(crate) documents: &'a [syntax::Document<'a>],
    /// In the order of the documents.
    pub(crate) services: Vec<Service<'a>>,
    /// Structures and errors, in the order of the documents; a document's structures before its errors.
    pub(crate) structures: Vec<Structure<'a>>,
    /// In the order of the documents.
    pub(crate) enumerations: Vec<Enumeration<'a>>,
}

/// A service.
#[derive(Debug)]
pub(crate) struct Service<'a> {
    /// Index of its document.
    pub(crate) document_idx: usize,
    /// Operations in page order.
    pub(crate) operations: Vec<Operation<'a>>,
}

/// An operation.
#[derive(Debug)]
pub(crate) struct Operation<'a> {
    /// As written.
    pub(crate) syntax: &'a syntax::Operation,
    /// Parameters in declared order.
    pub(crate) parameters: Vec<Field<'a>>,
    /// Type of the result; none where nothing is said.
    pub(crate) result: Option<Type>,
    /// Errors in page order.
    pub(crate) errors: Vec<OperationError<'a>>,
}

/// An error that an operation reports.
#[derive(Debug)]
pub(crate) struct OperationError<'a> {
    /// As written.
    pub(crate) syntax: &'a syntax::OperationError,
    /// Index of the error; none where there is no such.
    pub(crate) structure_idx: Option<usize>,
}

/// A structure or error.
#[derive(Debug)]
pub(crate) struct Structure<'a> {
    /// As written.
    pub(crate) syntax: &'a syntax::Structure,
    /// Index of its document.
    pub(crate) document_idx: usize,
    /// Canonical name.
    pub(crate) id: String,
    /// Fields in declared order.
    pub(crate) fields: Vec<Field<'a>>,
}

impl Structure<'_> {
    /// Whether it is an error.
    #[must_use]
    pub(crate) fn is_error(&self) -> bool {
        self.syntax.status.is_some()
    }
}

/// A field or parameter.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    /// As written.
    pub(crate) syntax: &'a syntax::Field,
    /// Its type, without the `Optional` of a field that is not required.
    pub(crate) ty: Type,
}

/// An enumeration.
#[derive(Debug)]
pub(crate) struct Enumeration<'a> {
    /// As written.
    pub(crate) syntax: &'a syntax::Enumeration,
    /// Index of its document.
    pub(crate) document_idx: usize,
    /// Canonical name.
    pub(crate) id: String,
}

/// A type, or a part of one, with its place.
#[derive(Debug)]
pub(crate) struct Type {
    /// Where it is written.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a [`Type`] is.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names are the grammar's own")]
pub(crate) enum Kind {
    Builtin(Builtin),
    /// With the resource type.
    Id(String),
    /// Index of the structure or error.
    Structure(usize),
    /// Index of the enumeration.
    Enumeration(usize),
    DynamicStructure(Option<Box<Type>>),
    Optional(Box<Type>),
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// Reported already.
    Unknown,
}

impl Type {
    /// Whether it says that there is no value.
    pub(crate) fn is_void(&self) -> bool {
        matches!(self.kind, Kind::Builtin(Builtin::Void))
    }

    /// Calls `visit` with this type and every type in it.
    pub(crate) fn each<'t>(&'t self, visit: &mut dyn FnMut(&'t Type)) {
        visit(self);
        match &self.kind {
            Kind::Optional(inner)
            | Kind::List(inner)
            | Kind::Set(inner)
            | Kind::DynamicStructure(Some(inner)) => {
                inner.each(visit);
            }
            Kind::Map(key, value) => {
                key.each(visit);
                value.each(visit);
            }
            Kind::Builtin(_)
            | Kind::Id(_)
            | Kind::Structure(_)
            | Kind::Enumeration(_)
            | Kind::DynamicStructure(None)
            | Kind::Unknown => {}
        }
    }
}

/// Resolves every name of the documents.
pub(crate) fn resolve_documents<'a>(parsed: &'a syntax::Parsed<'a>, report: &mut Report) -> Model<'a> {
    let names = Names::of(parsed);
    let mut model =
        Model { documents: &parsed.documents, services: vec![], structures: vec![], enumerations: vec![] };
    for (document_idx, document) in parsed.documents.iter().enumerate() {
        let mut resolver = Resolver { names: &names, document, report };
        let body = &document.body;
        for syntax in body.structures.iter().chain(&body.errors) {
            let fields = resolver.fields(&syntax.fields);
            model.structures.push(Structure {
                syntax,
                document_idx,
                id: canonical(document, &syntax.name),
                fields,
            });
        }
        for syntax in &body.enumerations {
            model.enumerations.push(Enumeration {
                syntax,
                document_idx,
                id: canonical(document, &syntax.name),
            });
        }
        if body.service.is_some() {
            let operations = body.operations.iter().map(|operation| resolver.operation(operation)).collect();
            model.services.push(Service { document_idx, operations });
        }
    }
    model
}

/// The canonical name of what `document` declares as `name`.
pub(crate) fn canonical(document: &syntax::Document<'_>, name: &str) -> String {
    format!("{}.{name}", document.id())
}

struct Resolver<'a, 'n> {
    names: &'n Names<'a>,
    document: &'a syntax::Document<'a>,
    report: &'n mut Report,
}

impl<'a> Resolver<'a, '_> {
    fn operation(&mut self, syntax: &'a syntax::Operation) -> Operation<'a> {
        let parameters = self.fields(&syntax.parameters);
        let result = syntax.result.as_ref().map(|result| self.ty(result.at, &result.ty));
        let errors = syntax.errors.iter().map(|error| self.error(error)).collect();
        Operation { syntax, parameters, result, errors }
    }

    fn fields(&mut self, fields: &'a [syntax::Field]) -> Vec<Field<'a>> {
        fields.iter().map(|syntax| Field { syntax, ty: self.ty(syntax.at, &syntax.ty) }).collect()
    }

    fn ty(&mut self, at: NodeIdx, ty: &syntax::TypeText) -> Type {
        match &ty.parsed {
            Ok(expr) => self.expr(at, expr),
            Err(_) => Type { span: self.document.tree.span(at, "type"), kind: Kind::Unknown },
        }
    }

    fn expr(&mut self, at: NodeIdx, expr: &TypeExpr) -> Type {
        let span = self.document.part(at, "type", expr.start, expr.end);
        let kind = match &expr.kind {
            TypeKind::Builtin(builtin) => Kind::Builtin(*builtin),
            TypeKind::Id(resource) => Kind::Id(resource.clone()),
            TypeKind::Name(name) => self.name(name, span),
            TypeKind::DynamicStructure(None) => Kind::DynamicStructure(None),
            TypeKind::DynamicStructure(Some(inner)) => {
                Kind::DynamicStructure(Some(Box::new(self.expr(at, inner))))
            }
            TypeKind::Optional(inner) => Kind::Optional(Box::new(self.expr(at, inner))),
            TypeKind::List(inner) => Kind::List(Box::new(self.expr(at, inner))),
            TypeKind::Set(inner) => Kind::Set(Box::new(self.expr(at, inner))),
            TypeKind::Map(key, value) => {
                Kind::Map(Box::new(self.expr(at, key)), Box::new(self.expr(at, value)))
            }
        };
        Type { span, kind }
    }

    fn name(&mut self, name: &str, span: Span) -> Kind {
        match self.names.find(self.document.id(), name) {
            Found::Structure(structure_idx) => Kind::Structure(structure_idx),
            Found::Enumeration(enumeration_idx) => Kind::Enumeration(enumeration_idx),
            Found::Unread => Kind::Unknown,
            Found::Nothing => {
                let message = format!("no structure or enumeration named `{name}`");
                let diagnostic = Diagnostic::new(Code::UnknownType, message).at(span, "not found");
                self.report.push(match self.names.meant_type(self.document.id(), name) {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                });
                Kind::Unknown
            }
        }
    }

    fn error(&mut self, syntax: &'a syntax::OperationError) -> OperationError<'a> {
        let own = self.names.find(self.document.id(), &syntax.ty);
        let found = match own {
            Found::Nothing => self.names.find(STANDARD_ERRORS, &syntax.ty),
            own => own,
        };
        let structure_idx = match found {
            Found::Structure(structure_idx) => Some(structure_idx),
            Found::Unread => None,
            Found::Enumeration(_) | Found::Nothing => {
                let message = format!("no error named `{}`", syntax.ty);
                let span = self.document.tree.span(syntax.at, "type");
                let diagnostic = Diagnostic::new(Code::UnknownError, message).at(span, "not found");
                self.report.push(match self.names.meant_error(self.document.id(), &syntax.ty) {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                });
                None
            }
        };
        OperationError { syntax, structure_idx }
    }
}
