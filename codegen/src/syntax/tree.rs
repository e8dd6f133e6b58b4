//! A document as marked YAML: every key and value with its place.
//!
//! `read` builds it, `shape` checks it, and whoever reports a mistake in a typed document asks it for places.
//! Not here: what keys mean.

use crate::source::{SourceIdx, Span};

/// Index of a [`Node`] of a [`Tree`]; the root by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeIdx(u32);

/// The nodes of one document.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    /// From its first to its last character; without the blanks after a collection.
    pub(crate) span: Span,
    /// Line it starts on, from 1.
    pub(crate) line: u32,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a [`Node`] is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Text, number, boolean or nothing.
    Scalar(Scalar),
    /// A list of values.
    List(Vec<NodeIdx>),
    /// Keys and values, keys distinct; a key that was refused is empty, and so is its value.
    Map(Vec<Entry>),
    /// Reported already; nothing more is to be said about it.
    Refused,
}

/// A scalar's text.
#[derive(Debug)]
pub(crate) struct Scalar {
    /// After escapes and folding.
    pub(crate) text: String,
    /// How it is written.
    pub(crate) style: ScalarStyle,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// With either kind of quotes.
    Quoted,
    /// After `|`.
    Block,
    /// After `>`.
    Folded,
    /// Not at all.
    Absent,
}

/// An entry of a mapping.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Key.
    pub(crate) key: String,
    /// Place of the key.
    pub(crate) key_span: Span,
    /// Value.
    pub(crate) value: NodeIdx,
}

impl Tree {
    /// A tree without nodes; the last node added is the root.
    pub(super) fn new(source: SourceIdx) -> Tree {
        Tree {
            nodes: vec![Node {
                span: Span { source, start: 0, end: 0 },
                line: 1,
                kind: Kind::List(Vec::new()),
            }],
        }
    }

    pub(super) fn add(&mut self, node: Node) -> NodeIdx {
        let idx = NodeIdx(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        idx
    }

    pub(super) fn refuse(&mut self, idx: NodeIdx) {
        self.nodes[idx.0 as usize].kind = Kind::Refused;
    }

    /// Makes `node` what [`NodeIdx::default`] stands for.
    pub(super) fn set_root(&mut self, node: Node) {
        self.nodes[0] = node;
    }

    pub(super) fn take(&mut self, idx: NodeIdx) -> Node {
        let empty = Node { span: Span::default(), line: 1, kind: Kind::List(Vec::new()) };
        std::mem::replace(&mut self.nodes[idx.0 as usize], empty)
    }

    /// A node.
    #[must_use]
    pub(crate) fn node(&self, idx: NodeIdx) -> &Node {
        &self.nodes[idx.0 as usize]
    }

    /// The value of `key` in a mapping.
    #[must_use]
    pub(crate) fn value(&self, map: NodeIdx, key: &str) -> Option<NodeIdx> {
        self.entry(map, key).map(|entry| entry.value)
    }

    /// The elements of the list that is the value of `key`; none if there is no such list.
    #[must_use]
    pub(crate) fn list(&self, map: NodeIdx, key: &str) -> &[NodeIdx] {
        match self.value(map, key).map(|value| &self.node(value).kind) {
            Some(Kind::List(elements)) => elements,
            _ => &[],
        }
    }

    /// Place of the value of `key`; of the mapping's first line if it has no such key.
    #[must_use]
    pub(crate) fn span(&self, map: NodeIdx, key: &str) -> Span {
        self.value(map, key).map_or_else(|| self.head(map), |value| self.node(value).span)
    }

    /// Place of `key` itself; of the mapping's first line if it has no such key.
    #[must_use]
    pub(crate) fn key_span(&self, map: NodeIdx, key: &str) -> Span {
        self.entry(map, key).map_or_else(|| self.head(map), |entry| entry.key_span)
    }

    /// Place of element `element_idx` of the list that is the value of `key`.
    #[must_use]
    pub(crate) fn element_span(&self, map: NodeIdx, key: &str, element_idx: usize) -> Span {
        let element = self.list(map, key).get(element_idx);
        element.map_or_else(|| self.span(map, key), |element| self.node(*element).span)
    }

    /// Line of the value of `key`, from 1; of the mapping if it has no such key.
    #[must_use]
    pub(crate) fn line(&self, map: NodeIdx, key: &str) -> u32 {
        self.node(self.value(map, key).unwrap_or(map)).line
    }

    /// What stands for a whole node in a diagnostic: a mapping's first key, else the node.
    #[must_use]
    pub(crate) fn head(&self, idx: NodeIdx) -> Span {
        let node = self.node(idx);
        match &node.kind {
            Kind::Map(entries) => entries.first().map_or(node.span, |entry| entry.key_span),
            Kind::List(_) | Kind::Scalar(_) | Kind::Refused => node.span,
        }
    }

    /// The text of a scalar; none for the other kinds.
    #[must_use]
    pub(crate) fn scalar(&self, idx: NodeIdx) -> Option<&str> {
        match &self.node(idx).kind {
            Kind::Scalar(scalar) => Some(&scalar.text),
            Kind::List(_) | Kind::Map(_) | Kind::Refused => None,
        }
    }

    /// Line `line_idx` of a scalar that is a block after `|`.
    pub(crate) fn block_line(&self, idx: NodeIdx, line_idx: usize) -> Option<&str> {
        match &self.node(idx).kind {
            Kind::Scalar(scalar) if scalar.style == ScalarStyle::Block => {
                scalar.text.split('\n').nth(line_idx)
            }
            _ => None,
        }
    }

    /// The bytes `start..end` of a scalar's value, as a place in the text.
    ///
    /// Exact where the scalar stands in the text as it is, which `text` is needed to see; else the whole scalar.
    #[must_use]
    pub(crate) fn part_of_scalar(&self, text: &str, idx: NodeIdx, start: usize, end: usize) -> Span {
        let node = self.node(idx);
        let (Kind::Scalar(scalar), Some(written)) =
            (&node.kind, text.get(node.span.start as usize..node.span.end as usize))
        else {
            return node.span;
        };
        match scalar.style {
            ScalarStyle::Plain if written == scalar.text => node.span.part(start, end),
            ScalarStyle::Quoted if written.get(1..written.len().saturating_sub(1)) == Some(&scalar.text) => {
                node.span.part(start + 1, end + 1)
            }
            _ => node.span,
        }
    }

    fn entry(&self, map: NodeIdx, key: &str) -> Option<&Entry> {
        match &self.node(map).kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key),
            Kind::List(_) | Kind::Scalar(_) | Kind::Refused => None,
        }
    }
}
