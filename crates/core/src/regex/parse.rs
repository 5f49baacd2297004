//! Go's regular expression syntax (`regexp/syntax`, with Perl's extensions), read into the tree that the
//! matching engine compiles. Every refusal is Go's, with its excerpt.

mod pieces;

use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, Look, Repetition};

use super::Go;
use super::class::{ClassBuilder, MAX_RUNE, Rune};
use super::error::{RegexError, RegexErrorKind as Kind};
use super::node::{Node, Shape, collapse};

/// Go's `maxHeight`: how deep the tree may nest.
const MAX_HEIGHT: u32 = 1000;
/// How deep the tree may nest to be evaluated here: compiling it takes stack, of which a page has little.
const MAX_EVALUATED_HEIGHT: u32 = 250;
/// Go's `maxSize`: how many instructions the program may hold.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// Go's limit of a repeat count, alone or multiplied along the nesting.
const MAX_REPEAT: u32 = 1000;
/// How many ranges the classes of a pattern may hold together. Go allows 16 million; a Unicode class holds
/// some hundreds.
const MAX_CLASS_RANGES: usize = 1 << 20;

const FOLD: u8 = 1;
const ONE_LINE: u8 = 2;
const DOT_NEWLINE: u8 = 4;
const NON_GREEDY: u8 = 8;

/// A pattern, read.
pub(super) struct ParsedPattern {
    /// The tree.
    pub hir: Hir,
    /// The capturing groups' names by number; `None` where a group has none, as the whole match.
    pub names: Vec<Option<String>>,
}

/// How to read a pattern.
#[derive(Clone, Copy)]
pub(super) struct ParseOptions {
    /// Whether `.` matches a newline where the pattern says nothing else.
    pub dot_newline: bool,
    /// Whether capturing groups are kept; without, they only group.
    pub captures: bool,
    /// Which Go it is that reads.
    pub go: Go,
}

/// Reads `pattern`.
pub(super) fn parse(pattern: &[u8], options: ParseOptions) -> Result<ParsedPattern, RegexError> {
    let flags = ONE_LINE | if options.dot_newline { DOT_NEWLINE } else { 0 };
    let parser = Parser {
        pattern,
        options,
        at: 0,
        flags,
        frames: Vec::new(),
        done: Vec::new(),
        current: Vec::new(),
        names: vec![None],
        class_ranges: 0,
        allocated: 0,
        counts: 1,
    };
    parser.run()
}

/// An open group, with what stood around it.
struct Frame {
    /// The flags to go back to.
    flags: u8,
    /// The number of the group, where it captures.
    capture: Option<u32>,
    done: Vec<Node>,
    current: Vec<Node>,
}

struct Parser<'p> {
    pattern: &'p [u8],
    options: ParseOptions,
    at: usize,
    flags: u8,
    frames: Vec<Frame>,
    /// The finished alternatives of the innermost group.
    done: Vec<Node>,
    /// The alternative being read.
    current: Vec<Node>,
    names: Vec<Option<String>>,
    class_ranges: usize,
    /// About how many nodes Go has allocated, and the product of all repeat counts: it looks at sizes only
    /// once these two make a large one possible.
    allocated: u64,
    counts: u64,
}

type Result_<T> = Result<T, RegexError>;

impl<'p> Parser<'p> {
    fn run(mut self) -> Result_<ParsedPattern> {
        let mut last_repeat: Option<usize> = None;
        while let Some(byte) = self.peek(0) {
            let start = self.at;
            let mut repeat = None;
            match byte {
                b'(' if self.peek(1) == Some(b'?') => self.perl_group()?,
                b'(' => {
                    self.names.push(None);
                    self.open(Some(self.names.len() as u32 - 1));
                    self.at += 1;
                }
                b'|' => {
                    let node = self.finish_concat()?;
                    self.done.push(node);
                    self.at += 1;
                }
                b')' => {
                    self.close()?;
                    self.at += 1;
                }
                b'^' => self.look(if self.has(ONE_LINE) { Look::Start } else { Look::StartLF }, 1)?,
                b'$' => self.look(if self.has(ONE_LINE) { Look::End } else { Look::EndLF }, 1)?,
                b'.' => {
                    let mut class = ClassBuilder::default();
                    if self.has(DOT_NEWLINE) {
                        class.range(0, MAX_RUNE, false);
                    } else {
                        class.range(0, 9, false);
                        class.range(11, MAX_RUNE, false);
                    }
                    self.at += 1;
                    self.push_class(class)?;
                }
                b'[' => self.class()?,
                b'*' | b'+' | b'?' => {
                    let (min, max) = match byte {
                        b'*' => (0, None),
                        b'+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.at += 1;
                    self.repeat(min, max, false, start, last_repeat)?;
                    repeat = Some(start);
                }
                b'{' => match self.counts() {
                    None => {
                        self.at += 1;
                        self.literal(Rune::from(b'{'))?;
                    }
                    Some((counts, end)) => {
                        self.at = end;
                        let Some((min, max)) = counts else {
                            return Err(self.error(Kind::RepeatSize, start));
                        };
                        self.repeat(min, max, true, start, last_repeat)?;
                        repeat = Some(start);
                    }
                },
                b'\\' => self.backslash()?,
                _ => {
                    let rune = self.rune()?;
                    self.literal(rune)?;
                }
            }
            last_repeat = repeat;
        }
        let last = self.finish_concat()?;
        self.done.push(last);
        let done = std::mem::take(&mut self.done);
        let root = self.alternate(done)?;
        if !self.frames.is_empty() {
            return Err(RegexError::new(Kind::Paren, self.pattern));
        }
        if root.height > MAX_EVALUATED_HEIGHT {
            return Err(RegexError::new(Kind::Budget, self.pattern));
        }
        Ok(ParsedPattern { hir: root.hir, names: self.names })
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.pattern.get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'p [u8] {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    /// The text from `start` to where reading stands, as Go's excerpts are.
    fn error(&self, kind: Kind, start: usize) -> RegexError {
        RegexError::new(kind, self.pattern.get(start..self.at).unwrap_or_default())
    }

    /// Reads one rune, or Go's `RuneError` without moving at the end.
    fn rune(&mut self) -> Result_<Rune> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(0xFFFD);
        }
        let (Some(c), size) = bstr::decode_utf8(rest) else {
            return Err(RegexError::new(Kind::Utf8, rest));
        };
        self.at += size;
        Ok(Rune::from(c))
    }

    // Building the tree.

    fn literal(&mut self, rune: Rune) -> Result_<()> {
        let fold = self.has(FOLD);
        let hir = match char::from_u32(rune) {
            // A surrogate is in no text.
            None => Hir::fail(),
            Some(c) if fold => {
                let mut class = ClassBuilder::default();
                class.range(rune, rune, true);
                let class = class.finish();
                if class.iter().map(ClassUnicodeRange::len).sum::<usize>() == 1 {
                    Hir::literal(c.encode_utf8(&mut [0; 4]).as_bytes())
                } else {
                    Hir::class(Class::Unicode(class))
                }
            }
            Some(c) => Hir::literal(c.encode_utf8(&mut [0; 4]).as_bytes()),
        };
        self.push(Node::leaf(hir, Shape::Literal { fold, single: true }))
    }

    fn look(&mut self, look: Look, width: usize) -> Result_<()> {
        self.at += width;
        self.push(Node::leaf(Hir::look(look), Shape::Other))
    }

    fn push_class(&mut self, class: ClassBuilder) -> Result_<()> {
        self.class_ranges += class.len();
        if self.class_ranges > MAX_CLASS_RANGES {
            return Err(RegexError::new(Kind::Budget, self.pattern));
        }
        let class: ClassUnicode = class.finish();
        self.push(Node::leaf(Hir::class(Class::Unicode(class)), Shape::Class))
    }

    fn push(&mut self, node: Node) -> Result_<()> {
        let is_literal = |node: &Node| matches!(node.shape, Shape::Literal { .. });
        if !(is_literal(&node) && self.current.last().is_some_and(is_literal)) {
            self.allocated += 1;
        }
        self.check(&node)?;
        self.current.push(node);
        Ok(())
    }

    /// Go's `checkLimits`.
    fn check(&self, node: &Node) -> Result_<()> {
        let kind = if node.size > MAX_SIZE {
            if self.allocated < MAX_SIZE / self.counts {
                Kind::Budget
            } else if self.options.go.syntax >= 20 {
                Kind::Large
            } else {
                Kind::Internal
            }
        } else if node.height > MAX_HEIGHT {
            Kind::NestingDepth
        } else {
            return Ok(());
        };
        Err(RegexError::new(kind, self.pattern))
    }

    fn open(&mut self, capture: Option<u32>) {
        self.frames.push(Frame {
            flags: self.flags,
            capture,
            done: std::mem::take(&mut self.done),
            current: std::mem::take(&mut self.current),
        });
    }

    fn close(&mut self) -> Result_<()> {
        let last = self.finish_concat()?;
        self.done.push(last);
        let done = std::mem::take(&mut self.done);
        let inner = self.alternate(done)?;
        let Some(frame) = self.frames.pop() else {
            return Err(RegexError::new(Kind::UnexpectedParen, self.pattern));
        };
        self.flags = frame.flags;
        self.done = frame.done;
        self.current = frame.current;
        let Some(index) = frame.capture else {
            return self.push(inner);
        };
        let hir = if self.options.captures {
            Hir::capture(Capture { index, name: None, sub: Box::new(inner.hir) })
        } else {
            inner.hir
        };
        self.push(Node { hir, shape: Shape::Other, height: inner.height + 1, size: inner.size + 2, ..inner })
    }

    fn finish_concat(&mut self) -> Result_<Node> {
        let nodes = std::mem::take(&mut self.current);
        let node = collapse(nodes, Shape::Concat);
        self.check(&node)?;
        Ok(node)
    }

    fn alternate(&self, nodes: Vec<Node>) -> Result_<Node> {
        let node = collapse(nodes, Shape::Alternate);
        self.check(&node)?;
        Ok(node)
    }

    /// Repeats what was read last. `start` is where the operator begins, `last_repeat` where the one right
    /// before it does.
    fn repeat(
        &mut self,
        min: u32,
        max: Option<u32>,
        counted: bool,
        start: usize,
        last_repeat: Option<usize>,
    ) -> Result_<()> {
        let mut greedy = !self.has(NON_GREEDY);
        if self.peek(0) == Some(b'?') {
            self.at += 1;
            greedy = !greedy;
        }
        if let Some(last) = last_repeat {
            return Err(self.error(Kind::RepeatOp, last));
        }
        let Some(sub) = self.current.pop() else {
            return Err(self.error(Kind::RepeatArgument, start));
        };
        let mut repeats = sub.repeats;
        let size = match (min, max) {
            (0, None) => sub.size + 2,
            (1, None) | (0, Some(1)) => sub.size + 1,
            (min, None) => sub.size.saturating_mul(u64::from(min)) + 1,
            (min, Some(max)) => {
                sub.size.saturating_mul(u64::from(max)).saturating_add(u64::from(max.saturating_sub(min)))
            }
        };
        self.allocated += 1;
        if counted {
            let count = u64::from(max.unwrap_or(min).max(1));
            self.counts = self.counts.saturating_mul(count).min(MAX_SIZE);
            repeats = match max {
                Some(0) => 1,
                Some(max) => repeats.saturating_mul(max),
                None => repeats.saturating_mul(min.max(1)),
            };
        }
        let node = Node {
            hir: Hir::repetition(Repetition { min, max, greedy, sub: Box::new(sub.hir) }),
            shape: Shape::Other,
            height: sub.height + 1,
            repeats,
            size: size.max(1),
        };
        self.check(&node)?;
        if counted && (min >= 2 || max.is_some_and(|max| max >= 2)) && repeats > MAX_REPEAT {
            return Err(self.error(Kind::RepeatSize, start));
        }
        self.current.push(node);
        Ok(())
    }
}
