//! Pieces of a tree under construction, with what Go's limits ask of them.

use regex_syntax::hir::Hir;

/// What a node is, as far as collapsing and limits depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Literal { fold: bool, single: bool },
    Class,
    Concat,
    Alternate,
    Other,
}

/// A piece of the tree with what Go's limits ask of it.
#[derive(Debug)]
pub(super) struct Node {
    pub hir: Hir,
    pub shape: Shape,
    /// How deep Go's tree of it is.
    pub height: u32,
    /// The largest product of repeat counts along one way down.
    pub repeats: u32,
    /// How many instructions Go counts for it.
    pub size: u64,
}

impl Node {
    pub(super) fn leaf(hir: Hir, shape: Shape) -> Self {
        Self { hir, shape, height: 1, repeats: 1, size: 1 }
    }

    /// Whether one character or a class of them is all it can be.
    pub(super) fn is_class(&self) -> bool {
        matches!(self.shape, Shape::Class | Shape::Literal { single: true, .. })
    }
}

/// Go's `collapse`: a sequence in a sequence and a choice in a choice are one.
pub(super) fn collapse(mut nodes: Vec<Node>, into: Shape) -> Node {
    if nodes.len() == 1
        && let Some(node) = nodes.pop()
    {
        return node;
    }
    if nodes.is_empty() {
        return Node::leaf(Hir::empty(), Shape::Other);
    }
    let repeats = nodes.iter().map(|node| node.repeats).max().unwrap_or(1);
    let mut size = nodes.iter().fold(0u64, |sum, node| sum.saturating_add(node.size));
    let mut height =
        1 + nodes.iter().map(|node| node.height - u32::from(node.shape == into)).max().unwrap_or(0);
    let mut shape = into;
    if into == Shape::Concat {
        // Literals next to each other are one.
        let fold = match nodes[0].shape {
            Shape::Literal { fold, .. } => Some(fold),
            _ => None,
        };
        let one =
            |node: &Node| matches!(node.shape, Shape::Literal { fold: other, .. } if Some(other) == fold);
        if nodes.iter().all(one) {
            shape = Shape::Literal { fold: fold == Some(true), single: false };
            height = 1;
        }
    } else {
        size += nodes.len() as u64 - 1;
        // Single characters of a choice are a class.
        if nodes.iter().all(Node::is_class) {
            shape = Shape::Class;
            height = 1;
        }
    }
    let hirs = nodes.into_iter().map(|node| node.hir).collect();
    let hir = if into == Shape::Concat { Hir::concat(hirs) } else { Hir::alternation(hirs) };
    Node { hir, shape, height, repeats, size }
}
