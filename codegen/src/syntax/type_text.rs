//! The type grammar: what stands after `type:`.
//!
//! In: text. Out: a [`TypeExpr`] with offsets into the text, or the one mistake in it.
//! Names are not looked up here (`resolve`), and where a type may stand is a rule of `check`.

use serde::Deserialize;

/// Types nested deeper than this are a mistake.
const DEPTH_MAX: usize = 16;

/// A type as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct TypeText {
    /// As understood.
    pub(crate) parsed: Result<TypeExpr, TypeError>,
}

impl From<String> for TypeText {
    fn from(text: String) -> TypeText {
        TypeText { parsed: parse_type(&text) }
    }
}

/// A type, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeExpr {
    /// First byte in the text.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// What it is.
    pub(crate) kind: TypeKind,
}

/// What a [`TypeExpr`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the grammar's own")]
pub(crate) enum TypeKind {
    Builtin(Builtin),
    /// A structure or enumeration by name.
    Name(String),
    /// With the resource type.
    Id(String),
    /// With the structure whose fields it has to have.
    DynamicStructure(Option<Box<TypeExpr>>),
    Optional(Box<TypeExpr>),
    List(Box<TypeExpr>),
    Set(Box<TypeExpr>),
    Map(Box<TypeExpr>, Box<TypeExpr>),
}

/// A type that is a word alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the grammar's own")]
pub(crate) enum Builtin {
    Void,
    Boolean,
    Long,
    Double,
    String,
    Secret,
    Binary,
    DateTime,
    Uri,
    AnyError,
    Opaque,
}

/// Words of the grammar, as they are written.
pub(crate) const WORDS: &[(&str, Builtin)] = &[
    ("VOID", Builtin::Void),
    ("boolean", Builtin::Boolean),
    ("long", Builtin::Long),
    ("double", Builtin::Double),
    ("string", Builtin::String),
    ("secret", Builtin::Secret),
    ("binary", Builtin::Binary),
    ("date_time", Builtin::DateTime),
    ("URI", Builtin::Uri),
    ("any_error", Builtin::AnyError),
    ("opaque", Builtin::Opaque),
];

/// Words of the grammar that take arguments.
pub(crate) const GENERICS: &[&str] = &["ID", "dynamic_structure", "Optional", "List", "Set", "Map"];

/// What is wrong with a type, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeError {
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// What is wrong.
    pub(crate) message: String,
    /// What stands there.
    pub(crate) label: String,
}

fn parse_type(text: &str) -> Result<TypeExpr, TypeError> {
    let mut parser = Parser { text, position: 0, depth: 0 };
    let parsed = parser.ty()?;
    parser.blanks();
    if parser.position < text.len() {
        return Err(parser.error_here("a type ends before this", "too much"));
    }
    Ok(parsed)
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
}

impl Parser<'_> {
    fn ty(&mut self) -> Result<TypeExpr, TypeError> {
        let (start, word) = self.word("a type")?;
        let word_end = self.position;
        let kind = if self.eat('<') {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return Err(self.error(start, word_end, "the type is nested too deep", "one too many"));
            }
            let kind = self.generic(&word, start, word_end)?;
            self.close(start)?;
            self.depth -= 1;
            kind
        } else {
            self.plain(word, start, word_end)?
        };
        Ok(TypeExpr { start, end: self.position, kind })
    }

    fn plain(&self, word: String, start: usize, end: usize) -> Result<TypeKind, TypeError> {
        if let Some((_, builtin)) = WORDS.iter().find(|(name, _)| *name == word) {
            return Ok(TypeKind::Builtin(*builtin));
        }
        Ok(match word.as_str() {
            "dynamic_structure" => TypeKind::DynamicStructure(None),
            "ID" => {
                let message = "an `ID` says of which resource type: `ID<com.vmware.cis.tagging.Tag>`";
                return Err(self.error(start, end, message, "of what?"));
            }
            "Optional" | "List" | "Set" => {
                let message = format!("`{word}` says of what: `{word}<string>`");
                return Err(self.error(start, end, &message, "of what?"));
            }
            "Map" => {
                return Err(self.error(start, end, "`Map` says of what: `Map<string, long>`", "of what?"));
            }
            _ => TypeKind::Name(word),
        })
    }

    fn generic(&mut self, word: &str, start: usize, end: usize) -> Result<TypeKind, TypeError> {
        Ok(match word {
            "ID" => TypeKind::Id(self.word("a resource type")?.1),
            "dynamic_structure" => TypeKind::DynamicStructure(Some(Box::new(self.ty()?))),
            "Optional" => TypeKind::Optional(Box::new(self.ty()?)),
            "List" => TypeKind::List(Box::new(self.ty()?)),
            "Set" => TypeKind::Set(Box::new(self.ty()?)),
            "Map" => {
                let key = self.ty()?;
                if !self.eat(',') {
                    return Err(
                        self.error_here("a `Map` has a key and a value: `Map<string, long>`", "`,` expected")
                    );
                }
                TypeKind::Map(Box::new(key), Box::new(self.ty()?))
            }
            _ => {
                let meant = crate::diag::nearest(word, GENERICS.iter().copied());
                let message = match meant {
                    Some(meant) => format!("no type `{word}<..>`; did you mean `{meant}`?"),
                    None => format!("`{word}` takes no argument; {} do", GENERICS.join(", ")),
                };
                return Err(self.error(start, end, &message, "not one of those"));
            }
        })
    }

    fn close(&mut self, start: usize) -> Result<(), TypeError> {
        if self.eat('>') {
            return Ok(());
        }
        let opened = &self.text[start..];
        let opened = &opened[..opened.find('<').map_or(opened.len(), |bracket| bracket + 1)];
        let message = format!("the `{opened}` is not closed here");
        Err(self.error_here(&message, "`>` expected"))
    }

    /// A word of letters, digits, `_`, `$` and dots.
    fn word(&mut self, what: &str) -> Result<(usize, String), TypeError> {
        self.blanks();
        let rest = &self.text[self.position..];
        let length =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.$".contains(c))).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.error_here(&format!("{what} is expected here"), "no name"));
        }
        let start = self.position;
        self.position += length;
        Ok((start, rest[..length].to_owned()))
    }

    fn eat(&mut self, wanted: char) -> bool {
        let before = self.position;
        self.blanks();
        if self.text[self.position..].starts_with(wanted) {
            self.position += wanted.len_utf8();
            return true;
        }
        self.position = before;
        false
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.position..];
        self.position += rest.len() - rest.trim_start().len();
    }

    fn error_here(&mut self, message: &str, label: &str) -> TypeError {
        self.blanks();
        match self.text[self.position..].chars().next() {
            Some(next) => self.error(self.position, self.position + next.len_utf8(), message, label),
            // Past the end there is nothing to point at: the last character stands for it.
            None => {
                let last = self.text.char_indices().next_back().map_or(0, |(start, _)| start);
                self.error(last, self.text.len(), message, label)
            }
        }
    }

    fn error(&self, start: usize, end: usize, message: &str, label: &str) -> TypeError {
        TypeError { start, end, message: message.to_owned(), label: label.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(expr: &TypeExpr, text: &str) -> String {
        let part = &text[expr.start..expr.end];
        match &expr.kind {
            TypeKind::Builtin(builtin) => format!("{builtin:?}@{part}"),
            TypeKind::Name(name) => format!("name {name}"),
            TypeKind::Id(resource) => format!("id {resource}"),
            TypeKind::DynamicStructure(None) => "dynamic".to_owned(),
            TypeKind::DynamicStructure(Some(inner)) => format!("dynamic({})", shown(inner, text)),
            TypeKind::Optional(inner) => format!("optional({})", shown(inner, text)),
            TypeKind::List(inner) => format!("list({})", shown(inner, text)),
            TypeKind::Set(inner) => format!("set({})", shown(inner, text)),
            TypeKind::Map(key, value) => format!("map({}, {})", shown(key, text), shown(value, text)),
        }
    }

    #[track_caller]
    fn check_type(text: &str, expected: &str) {
        let parsed = parse_type(text)
            .map(|expr| shown(&expr, text))
            .map_err(|error| format!("{}..{} {}", error.start, error.end, error.message));
        assert_eq!(parsed.unwrap_or_else(|error| error), expected);
    }

    #[test]
    fn what_the_grammar_takes() {
        check_type("long", "Long@long");
        check_type("VOID", "Void@VOID");
        check_type("Map< string ,List<a.b_c>>", "map(String@string, list(name a.b_c))");
        check_type("ID<com.vmware.cis.tagging.Tag>", "id com.vmware.cis.tagging.Tag");
        check_type("Optional<Set<URI>>", "optional(set(Uri@URI))");
        check_type("dynamic_structure", "dynamic");
        check_type("dynamic_structure<spec>", "dynamic(name spec)");
    }

    #[test]
    fn what_it_refuses_and_where() {
        check_type("List<string", "10..11 the `List<` is not closed here");
        check_type("List", "0..4 `List` says of what: `List<string>`");
        check_type("Map<string>", "10..11 a `Map` has a key and a value: `Map<string, long>`");
        check_type("list<string>", "0..4 no type `list<..>`; did you mean `List`?");
        check_type("Set<>", "4..5 a type is expected here");
        check_type("string]", "6..7 a type ends before this");
        check_type("é", "0..2 a type is expected here");
        check_type(&"List<".repeat(20), "80..84 the type is nested too deep");
    }
}
