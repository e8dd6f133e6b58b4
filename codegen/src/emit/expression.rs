//! Rust expressions of calls, laid out on one line where they fit and over several where they do not.
//!
//! In: expressions as trees. Out: text. Not here: what they mean.

/// Columns of a line of code, and of one in a doc comment.
pub(super) const WIDTH: usize = 110;
pub(super) const WIDTH_IN_DOCS: usize = 100;
/// What may stand before an expression on its line: a field's name.
const BEFORE: usize = 12;

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// As it stands.
    Word(String),
    /// Expressions between an opening and a closing: `Some(` and `)`.
    Group { open: String, separator: char, inner: Vec<Expression>, close: &'static str },
    /// A value and the methods called on it, each a group.
    Chain(Box<Expression>, Vec<Expression>),
}

impl Expression {
    pub(super) fn word(word: impl Into<String>) -> Expression {
        Expression::Word(word.into())
    }

    /// A call, its arguments separated by commas; `open` ends with the opening bracket.
    pub(super) fn group(open: impl Into<String>, inner: Vec<Expression>, close: &'static str) -> Expression {
        Expression::Group { open: open.into(), separator: ',', inner, close }
    }

    /// The text of an expression that begins somewhere on a line indented by `indent` blanks.
    pub(super) fn layout(&self, indent: usize, width: usize) -> String {
        let flat = self.flat();
        if indent + BEFORE + flat.len() <= width { flat } else { self.broken(indent, width) }
    }

    fn flat(&self) -> String {
        match self {
            Expression::Word(word) => word.clone(),
            Expression::Group { open, separator, inner, close } => {
                let inner: Vec<String> = inner.iter().map(Expression::flat).collect();
                format!("{open}{}{close}", inner.join(&format!("{separator} ")))
            }
            Expression::Chain(value, calls) => {
                let calls: String = calls.iter().map(Expression::flat).collect();
                format!("{}{calls}", value.flat())
            }
        }
    }

    fn broken(&self, indent: usize, width: usize) -> String {
        let next = indent + 4;
        let line = |out: &mut String, indent: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
        };
        match self {
            Expression::Word(word) => word.clone(),
            Expression::Group { open, separator, inner, close } => {
                let mut out = open.clone();
                for (idx, expression) in inner.iter().enumerate() {
                    line(&mut out, next);
                    out.push_str(&expression.layout(next, width));
                    // `vec![value; n]` has no semicolon at its end, a list of arguments may have its comma.
                    if *separator == ',' || idx + 1 < inner.len() {
                        out.push(*separator);
                    }
                }
                line(&mut out, indent);
                out.push_str(close);
                out
            }
            Expression::Chain(value, calls) => {
                let mut out = value.layout(indent, width);
                for call in calls {
                    line(&mut out, next);
                    out.push_str(&call.layout(next, width));
                }
                out
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_broken() {
        let word = |n| Expression::word("x".repeat(n));
        let call = |n| Expression::group("f(", vec![word(n), word(2)], ")");
        assert_eq!(call(3).layout(4, WIDTH), "f(xxx, xx)");
        let long = "x".repeat(100);
        assert_eq!(call(100).layout(4, WIDTH), format!("f(\n        {long},\n        xx,\n    )"));
        let chain = Expression::Chain(Box::new(call(3)), vec![Expression::group(".g(", vec![word(90)], ")")]);
        assert_eq!(chain.layout(0, WIDTH), format!("f(xxx, xx)\n    .g({})", "x".repeat(90)));
    }
}
