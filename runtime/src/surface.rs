//! The wire protocols that the API is spoken in, and the URL spaces they stand in.
//!
//! All of them come from the same tables, on both sides: a client chooses one, a router answers all on one port.
//! Not here: how values are spelt in each, which is the codecs' business ([`crate::codec::Dialect`]).

use crate::codec::Dialect;
use crate::representation::Representation;

/// Which wire protocol a call travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// JSON-RPC 2.0: every call is a `POST /api` with its parameters in a typed envelope. Every server since 6.0 has it, and
    /// the official SDKs speak it.
    JsonRpc,
    /// Below `/api`: short paths, bare JSON bodies. Servers since 7.0.
    Rest,
    /// Below `/rest`: the paths of the reference pages, JSON bodies keyed by parameter. Servers from 6.5 to 8.
    LegacyRest,
    /// As the reference pages of 2014 show it, without a prefix: parameters in JSON, XML or a form.
    Rest2014(Representation),
}

impl Default for Surface {
    fn default() -> Surface {
        Surface::Rest2014(Representation::Json)
    }
}

impl Surface {
    /// Every surface in every representation, for code that goes through them all.
    pub const ALL: [Surface; 7] = [
        Surface::JsonRpc,
        Surface::Rest,
        Surface::LegacyRest,
        Surface::Rest2014(Representation::Json),
        Surface::Rest2014(Representation::Xml),
        Surface::Rest2014(Representation::Form),
        Surface::Rest2014(Representation::FormBody),
    ];

    /// How its JSON bodies are spelt; of no matter to JSON-RPC, which has a codec of its own.
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Surface::JsonRpc | Surface::Rest => Dialect::Rest,
            Surface::LegacyRest => Dialect::Legacy,
            Surface::Rest2014(_) => Dialect::Page2014,
        }
    }

    /// Where the parameters stand and in which form, on the surfaces that have the reference pages' lines.
    pub(crate) fn representation(self) -> Representation {
        match self {
            Surface::Rest2014(representation) => representation,
            Surface::JsonRpc | Surface::Rest | Surface::LegacyRest => Representation::Json,
        }
    }
}

/// The part of a server's paths that belongs to one way of naming operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// Exactly `/api`: the operation is named in the body.
    JsonRpc,
    /// Below `/api`.
    Rest,
    /// Below `/rest`: the lines of the reference pages.
    Legacy,
    /// Everywhere else: the same lines, as the pages show them.
    Page,
}

impl Space {
    /// The space of a path, and the path in it.
    pub(crate) fn of(path: &str) -> (Space, &str) {
        if let Some(below) = path.strip_prefix(API) {
            match below {
                "" | "/" => return (Space::JsonRpc, ""),
                _ if below.starts_with('/') => return (Space::Rest, below),
                _ => {}
            }
        }
        match path.strip_prefix(REST) {
            Some(below) if below.starts_with('/') => (Space::Legacy, below),
            _ => (Space::Page, path),
        }
    }
}

/// Where newer servers have JSON-RPC, and the paths of [`Surface::Rest`] below it.
pub(crate) const API: &str = "/api";
/// Where servers have the paths of the reference pages.
pub(crate) const REST: &str = "/rest";

#[cfg(test)]
mod tests {
    use super::Space;

    #[test]
    fn spaces() {
        let check = |path: &str, expected: (Space, &str)| assert_eq!(Space::of(path), expected, "{path}");
        check("/api", (Space::JsonRpc, ""));
        check("/api/", (Space::JsonRpc, ""));
        check("/api/a", (Space::Rest, "/a"));
        check("/apis/a", (Space::Page, "/apis/a"));
        check("/rest/com/x", (Space::Legacy, "/com/x"));
        check("/rest", (Space::Page, "/rest"));
        check("/com/x", (Space::Page, "/com/x"));
        check("", (Space::Page, ""));
    }
}
