//! A table as generated code writes it: one text, read when it is first looked at.
//!
//! A compiler takes as long over one field of a table in Rust as over a small function; over a text it takes no time at
//! all, however long it is, and people read it more easily. In go a text and the tables that it names, out comes the
//! table, which is then there for good. The texts themselves are read in [`super::text`].

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use super::Ty;

/// What can be read from such a text.
pub trait Table: Sized + 'static {
    /// Reads the text. `named` has the structures and enumerations that it names.
    ///
    /// # Errors
    /// What is wrong, and in which line.
    fn read(text: &'static str, named: &'static [Ty]) -> Result<Self, String>;
}

/// A table in a static: it stands for the table that its text says, as a `LazyLock` for its value.
pub struct Written<T: 'static> {
    text: &'static str,
    named: &'static [Ty],
    table: OnceLock<T>,
}

impl<T: 'static> Written<T> {
    /// A table by its text and by the structures and enumerations that this names, in any order.
    #[must_use]
    pub const fn new(text: &'static str, named: &'static [Ty]) -> Written<T> {
        Written { text, named, table: OnceLock::new() }
    }

    /// The canonical name in the first line. The rest is left unread, so that tables may name each other in circles.
    pub(super) fn name(&self) -> &'static str {
        self.text.trim_start().lines().next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default()
    }
}

impl<T: Table> Written<T> {
    /// The table. It is where it was each time, so that tables are compared by their addresses.
    ///
    /// # Panics
    /// Where somebody wrote a text by hand that is none; what generated code brings was written for this reader.
    #[inline]
    #[must_use]
    pub fn table(&self) -> &T {
        self.table.get_or_init(|| read(self.text, self.named))
    }
}

impl<T: Table> Deref for Written<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.table()
    }
}

#[cold]
fn read<T: Table>(text: &'static str, named: &'static [Ty]) -> T {
    T::read(text, named).unwrap_or_else(|wrong| {
        panic!("a table of this API cannot be read: {wrong}. Write it again with `cargo xtask gen`")
    })
}

/// Shows the name alone: tables may name each other in circles.
impl<T: 'static> fmt::Debug for Written<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
