//! What a server overlooks because clients that are in use send it: a named set, switched per URL space.
//!
//! Read by `paths` and `input`. Not here: what every client may send on every surface, such as white space after a body,
//! cookies that nobody set, or `%7E` for `~`.

/// What a server overlooks in requests.
///
/// By default everything in requests below `/rest`, whose clients are many and old, and nothing elsewhere;
/// [`Router::legacy_leniencies`](super::Router::legacy_leniencies) and
/// [`Router::page_leniencies`](super::Router::page_leniencies) set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leniencies {
    /// A required text that the spec marks as left out by clients counts as empty when it is missing: `govc` and Terraform
    /// end an upload they give up without saying why.
    pub missing_text: bool,
    /// A request with the content type of JSON or XML and no body at all has no parameters: `govmomi` posts that, chunked.
    pub empty_body: bool,
    /// An action that is posted may come with `DELETE`, too, where nothing else is deleted so: `govmomi` deletes libraries
    /// that are in use so.
    pub deleting_action: bool,
}

impl Leniencies {
    /// Everything there is to overlook.
    pub const ALL: Leniencies = Leniencies { missing_text: true, empty_body: true, deleting_action: true };
    /// Nothing.
    pub const NONE: Leniencies =
        Leniencies { missing_text: false, empty_body: false, deleting_action: false };

    /// Sets [`Leniencies::missing_text`].
    #[must_use]
    pub fn missing_text(mut self, missing_text: bool) -> Leniencies {
        self.missing_text = missing_text;
        self
    }

    /// Sets [`Leniencies::empty_body`].
    #[must_use]
    pub fn empty_body(mut self, empty_body: bool) -> Leniencies {
        self.empty_body = empty_body;
        self
    }

    /// Sets [`Leniencies::deleting_action`].
    #[must_use]
    pub fn deleting_action(mut self, deleting_action: bool) -> Leniencies {
        self.deleting_action = deleting_action;
        self
    }
}
