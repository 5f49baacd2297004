//! The tree: nodes in one arena, so that aliases are cheap and nothing recurses when it is dropped.

use crate::text::{SourceMap, Span};

use super::resolve::Tag;

/// The first document of a text.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub(super) nodes: Vec<NodeData>,
    pub(super) root: Option<u32>,
    pub(super) comments: Vec<Comment>,
    pub(super) broken_at: Option<u32>,
}

/// A comment, without its `#`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub span: Span,
    /// What follows the `#`.
    pub text: String,
}

#[derive(Clone, Debug)]
pub(super) struct NodeData {
    pub(super) span: Span,
    /// Where the node begins with its anchor and tag, which is where go-yaml says that it is.
    pub(super) start: u32,
    /// The line, from 1, in which that is.
    pub(super) line: u32,
    pub(super) tag: Option<Tag>,
    pub(super) anchor: Option<Box<str>>,
    pub(super) kind: Data,
}

#[derive(Clone, Debug)]
pub(super) enum Data {
    Scalar {
        value: Box<str>,
        style: ScalarStyle,
        /// Where the value is spelled: inside of the quotes. Verbatim, unless there is a map.
        content: Span,
        map: Option<Box<SourceMap>>,
    },
    Sequence {
        style: Style,
        items: Vec<u32>,
    },
    Mapping {
        style: Style,
        entries: Vec<(u32, u32)>,
    },
    Alias {
        name: Box<str>,
        target: Option<u32>,
    },
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes: the only style whose text decides its type.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// How a collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// By indentation.
    Block,
    /// In brackets or braces.
    Flow,
}

/// A node of a [`Document`], as cheap to copy as a reference.
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    document: &'d Document,
    id: u32,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind<'d> {
    /// A single value.
    Scalar {
        /// The text, with escapes, quotes and folds undone.
        value: &'d str,
        /// How it is written.
        style: ScalarStyle,
    },
    /// A list.
    Sequence(Style),
    /// Keys and values.
    Mapping(Style),
    /// A reference to an anchor before it; the target is absent where there is no such anchor.
    Alias {
        /// The anchor's name.
        name: &'d str,
        /// The node that it names.
        target: Option<Node<'d>>,
    },
}

/// A key of a mapping and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    /// The key.
    pub key: Node<'d>,
    /// The value; an empty plain scalar where nothing is written.
    pub value: Node<'d>,
}

impl Entry<'_> {
    /// From the key's first byte to the value's last.
    #[must_use]
    pub fn span(&self) -> Span {
        self.key.span().to(self.value.span())
    }
}

impl Document {
    /// The outermost node; `None` for a text without any.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        self.root.map(|id| Node { document: self, id })
    }

    /// All comments of the text, in its order.
    #[must_use]
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Where the first syntax error is, if there is one. What the tree holds from there on is a guess:
    /// good enough to complete and to preview, not to report on.
    #[must_use]
    pub fn broken_at(&self) -> Option<u32> {
        self.broken_at
    }

    pub(super) fn node(&self, id: u32) -> Node<'_> {
        Node { document: self, id }
    }

    pub(super) fn data(&self, id: u32) -> &NodeData {
        &self.nodes[id as usize]
    }
}

impl<'d> Node<'d> {
    fn data(self) -> &'d NodeData {
        self.document.data(self.id)
    }

    pub(super) fn id(self) -> u32 {
        self.id
    }

    /// The node's place: quotes, brackets, a list's dashes and a block scalar's header included, its anchor
    /// and tag not.
    #[must_use]
    pub fn span(self) -> Span {
        self.data().span
    }

    /// The node's line, from 1, as go-yaml names it: where its anchor, its tag or it begins.
    #[must_use]
    pub fn line(self) -> u32 {
        self.data().line
    }

    /// Its explicit tag.
    #[must_use]
    pub fn tag(self) -> Option<&'d Tag> {
        self.data().tag.as_ref()
    }

    /// The name of its anchor.
    #[must_use]
    pub fn anchor(self) -> Option<&'d str> {
        self.data().anchor.as_deref()
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind<'d> {
        match &self.data().kind {
            Data::Scalar { value, style, .. } => Kind::Scalar { value, style: *style },
            Data::Sequence { style, .. } => Kind::Sequence(*style),
            Data::Mapping { style, .. } => Kind::Mapping(*style),
            Data::Alias { name, target } => {
                Kind::Alias { name, target: target.map(|id| self.document.node(id)) }
            }
        }
    }

    /// The node that an alias stands for, or itself; `None` for an alias of nothing.
    #[must_use]
    pub fn resolved(self) -> Option<Node<'d>> {
        let mut node = self;
        // An anchor on an alias is no YAML, so that one step suffices; the bound is for the reader.
        for _ in 0..8 {
            match &node.data().kind {
                Data::Alias { target, .. } => node = self.document.node((*target)?),
                _ => return Some(node),
            }
        }
        None
    }

    /// The items of a list; none for anything else.
    #[must_use]
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'d>> {
        let items = match &self.data().kind {
            Data::Sequence { items, .. } => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |&id| self.document.node(id))
    }

    /// The entries of a mapping as they are written, merge keys and duplicates included; none for anything
    /// else.
    #[must_use]
    pub fn entries(self) -> impl ExactSizeIterator<Item = Entry<'d>> {
        let entries = match &self.data().kind {
            Data::Mapping { entries, .. } => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(move |&(key, value)| Entry {
            key: self.document.node(key),
            value: self.document.node(value),
        })
    }

    /// The value of the first entry with the key `name`, through aliases but not through merge keys.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Node<'d>> {
        self.resolved()?.entries().find(|entry| entry.key.text() == Some(name)).map(|entry| entry.value)
    }

    /// The text of a scalar, whatever type it may have; `None` for anything else.
    #[must_use]
    pub fn text(self) -> Option<&'d str> {
        match &self.resolved()?.data().kind {
            Data::Scalar { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Where each byte of a scalar's text stands in the file. Empty for anything else.
    #[must_use]
    pub fn source_map(self) -> SourceMap {
        match &self.data().kind {
            Data::Scalar { map: Some(map), .. } => SourceMap::clone(map),
            Data::Scalar { content, .. } => SourceMap::verbatim(content.start, content.len()),
            _ => SourceMap::default(),
        }
    }
}
