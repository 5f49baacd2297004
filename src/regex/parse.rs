//! Go's regular expression syntax (`regexp/syntax`, with Perl's extensions), read into the tree that the
//! matching engine compiles. Every refusal is Go's, with its excerpt.

use bstr::ByteSlice as _;
use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, Look, Repetition};

use super::Go;
use super::class::{self, ClassBuilder, MAX_RUNE, Rune};
use super::error::{RegexError, RegexErrorKind as Kind};

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

/// What a node is, as far as collapsing and limits depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Literal { fold: bool, single: bool },
    Class,
    Concat,
    Alternate,
    Other,
}

/// A piece of the tree with what Go's limits ask of it.
#[derive(Debug)]
struct Node {
    hir: Hir,
    shape: Shape,
    /// How deep Go's tree of it is.
    height: u32,
    /// The largest product of repeat counts along one way down.
    repeats: u32,
    /// How many instructions Go counts for it.
    size: u64,
}

impl Node {
    fn leaf(hir: Hir, shape: Shape) -> Self {
        Self { hir, shape, height: 1, repeats: 1, size: 1 }
    }

    /// Whether one character or a class of them is all it can be.
    fn is_class(&self) -> bool {
        matches!(self.shape, Shape::Class | Shape::Literal { single: true, .. })
    }
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

    // Reading the pieces.

    /// `{n}`, `{n,}` or `{n,m}` from where reading stands: the counts, `None` where they are out of range,
    /// and where they end. `None` where it is no repetition.
    #[expect(clippy::type_complexity, reason = "a pair of counts, and where they end")]
    fn counts(&self) -> Option<(Option<(u32, Option<u32>)>, usize)> {
        let mut at = self.at + 1;
        let min = self.count(&mut at)?;
        let mut max = Some(min);
        if *self.pattern.get(at)? == b',' {
            at += 1;
            max = if *self.pattern.get(at)? == b'}' { None } else { Some(self.count(&mut at)?) };
        }
        if *self.pattern.get(at)? != b'}' {
            return None;
        }
        let fits = min <= MAX_REPEAT && max.is_none_or(|max| max <= MAX_REPEAT && min <= max);
        Some((fits.then_some((min, max)), at + 1))
    }

    /// Decimal digits without leading zeros; what exceeds a billion stays there.
    fn count(&self, at: &mut usize) -> Option<u32> {
        let digits = self.pattern.get(*at..)?;
        let digits = &digits[..digits.iter().take_while(|byte| byte.is_ascii_digit()).count()];
        if digits.is_empty() || digits.len() > 1 && digits[0] == b'0' {
            return None;
        }
        *at += digits.len();
        Some(digits.iter().fold(0u32, |number, digit| {
            number.saturating_mul(10).saturating_add(u32::from(digit - b'0')).min(1_000_000_000)
        }))
    }

    /// A group that begins with `(?`: flags, a name or neither.
    fn perl_group(&mut self) -> Result_<()> {
        let start = self.at;
        let rest = self.rest();
        let named_at = if rest.len() > 4 && rest.starts_with(b"(?P<") {
            Some(4)
        } else if rest.len() > 3 && rest.starts_with(b"(?<") && self.options.go.syntax >= 22 {
            Some(3)
        } else {
            None
        };
        if let Some(named_at) = named_at {
            let Some(end) = rest.find_byte(b'>') else {
                return Err(Self::utf8(rest).err().unwrap_or(RegexError::new(Kind::NamedCapture, rest)));
            };
            let name = &rest[named_at..end];
            Self::utf8(name)?;
            if name.is_empty() || !name.iter().all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                return Err(RegexError::new(Kind::NamedCapture, &rest[..=end]));
            }
            self.names.push(Some(String::from_utf8_lossy(name).into_owned()));
            self.open(Some(self.names.len() as u32 - 1));
            self.at += end + 1;
            return Ok(());
        }
        self.at += 2;
        let mut flags = self.flags;
        let mut negated = false;
        let mut saw_flag = false;
        while !self.rest().is_empty() {
            match char::from_u32(self.rune()?) {
                Some('i') => flags |= FOLD,
                Some('m') => flags &= !ONE_LINE,
                Some('s') => flags |= DOT_NEWLINE,
                Some('U') => flags |= NON_GREEDY,
                Some('-') if !negated => {
                    // What is switched off is switched on in the complement.
                    negated = true;
                    flags = !flags;
                    saw_flag = false;
                    continue;
                }
                Some(c @ (':' | ')')) if !negated || saw_flag => {
                    if negated {
                        flags = !flags;
                    }
                    if c == ':' {
                        self.open(None);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            saw_flag = true;
        }
        Err(self.error(Kind::PerlOp, start))
    }

    fn utf8(bytes: &[u8]) -> Result_<()> {
        match bytes.to_str() {
            Ok(_) => Ok(()),
            Err(error) => Err(RegexError::new(Kind::Utf8, &bytes[error.valid_up_to()..])),
        }
    }

    fn backslash(&mut self) -> Result_<()> {
        let start = self.at;
        match self.peek(1) {
            Some(b'A') => return self.look(Look::Start, 2),
            Some(b'z') => return self.look(Look::End, 2),
            Some(b'b') => return self.look(Look::WordAscii, 2),
            Some(b'B') => return self.look(Look::WordAsciiNegate, 2),
            Some(b'C') => {
                self.at += 2;
                return Err(self.error(Kind::Escape, start));
            }
            Some(b'Q') => {
                self.at += 2;
                let quoted = self.rest();
                let end = quoted.find(b"\\E");
                let stop = self.at + end.unwrap_or(quoted.len());
                while self.at < stop {
                    // An excerpt of bytes that are not UTF-8 ends with the quotation.
                    let (Some(c), size) = bstr::decode_utf8(&self.pattern[self.at..stop]) else {
                        return Err(RegexError::new(Kind::Utf8, &self.pattern[self.at..stop]));
                    };
                    self.at += size;
                    self.literal(Rune::from(c))?;
                }
                if end.is_some() {
                    self.at += 2;
                }
                return Ok(());
            }
            _ => {}
        }
        let mut class = ClassBuilder::default();
        if self.named_escape(&mut class)? {
            return self.push_class(class);
        }
        let rune = self.escape()?;
        self.literal(rune)
    }

    /// Reads `\pN`, `\p{Greek}`, `\d` and their like into `class`; whether there was one.
    fn named_escape(&mut self, class: &mut ClassBuilder) -> Result_<bool> {
        let fold = self.has(FOLD);
        if self.peek(0) != Some(b'\\') {
            return Ok(false);
        }
        let Some(letter) = self.peek(1) else {
            return Ok(false);
        };
        if !matches!(letter, b'p' | b'P') {
            let Some((perl, negated)) = class::perl(letter) else {
                return Ok(false);
            };
            self.at += 2;
            class.class(perl, fold, negated);
            return Ok(true);
        }
        let start = self.at;
        let rest = self.rest();
        self.at += 2;
        let name = if self.rune()? == Rune::from(b'{') {
            let Some(end) = rest.find_byte(b'}') else {
                return Err(Self::utf8(rest).err().unwrap_or(RegexError::new(Kind::CharRange, rest)));
            };
            self.at = start + end + 1;
            Self::utf8(&rest[3..end])?;
            &rest[3..end]
        } else {
            &rest[2..self.at - start]
        };
        let (name, negated) = match name.strip_prefix(b"^") {
            Some(name) => (name, letter == b'p'),
            None => (name, letter == b'P'),
        };
        let known = name.to_str().ok().and_then(|name| class::unicode(name, self.options.go));
        let Some(known) = known else {
            return Err(self.error(Kind::CharRange, start));
        };
        class.class(known, fold, negated);
        Ok(true)
    }

    /// Reads an escape of a single character.
    fn escape(&mut self) -> Result_<Rune> {
        let start = self.at;
        self.at += 1;
        if self.rest().is_empty() {
            return Err(RegexError::new(Kind::TrailingBackslash, b""));
        }
        let rune = self.rune()?;
        let Some(c) = char::from_u32(rune) else {
            return Err(self.error(Kind::Escape, start));
        };
        match c {
            '1'..='7' if !matches!(self.peek(0), Some(b'0'..=b'7')) => {}
            '0'..='7' => {
                let mut value = rune - Rune::from(b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek(0) else { break };
                    value = value * 8 + Rune::from(digit - b'0');
                    self.at += 1;
                }
                return Ok(value);
            }
            'x' => {
                if let Some(value) = self.hexadecimal()? {
                    return Ok(value);
                }
            }
            'a' => return Ok(0x07),
            'f' => return Ok(0x0C),
            'n' => return Ok(0x0A),
            'r' => return Ok(0x0D),
            't' => return Ok(0x09),
            'v' => return Ok(0x0B),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => return Ok(rune),
            _ => {}
        }
        Err(self.error(Kind::Escape, start))
    }

    /// What follows `\x`: two digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Result_<Option<Rune>> {
        let digit = |rune: Rune| char::from_u32(rune).and_then(|c| c.to_digit(16));
        if self.rest().is_empty() {
            return Ok(None);
        }
        let first = self.rune()?;
        if first != Rune::from(b'{') {
            let second = self.rune()?;
            return Ok(digit(first).zip(digit(second)).map(|(high, low)| high * 16 + low));
        }
        let mut value = None;
        loop {
            if self.rest().is_empty() {
                return Ok(None);
            }
            let rune = self.rune()?;
            if rune == Rune::from(b'}') {
                return Ok(value);
            }
            let Some(digit) = digit(rune) else { return Ok(None) };
            let next = value.unwrap_or(0) * 16 + digit;
            if next > MAX_RUNE {
                return Ok(None);
            }
            value = Some(next);
        }
    }

    /// A class in brackets.
    fn class(&mut self) -> Result_<()> {
        let whole = self.rest();
        let fold = self.has(FOLD);
        self.at += 1;
        let negated = self.peek(0) == Some(b'^');
        if negated {
            self.at += 1;
        }
        let mut class = ClassBuilder::default();
        let mut first = true;
        while first || self.peek(0) != Some(b']') {
            first = false;
            if self.class_ranges + class.len() > MAX_CLASS_RANGES {
                return Err(RegexError::new(Kind::Budget, self.pattern));
            }
            if self.posix_class(&mut class)? || self.named_escape(&mut class)? {
                continue;
            }
            let start = self.at;
            let low = self.class_character(whole)?;
            let mut high = low;
            if self.peek(0) == Some(b'-') && self.peek(1).is_some_and(|next| next != b']') {
                self.at += 1;
                high = self.class_character(whole)?;
                if high < low {
                    return Err(self.error(Kind::CharRange, start));
                }
            }
            class.range(low, high, fold);
        }
        self.at += 1;
        if negated {
            let mut complement = ClassBuilder::default();
            complement.class(class.finish(), false, true);
            class = complement;
        }
        self.push_class(class)
    }

    fn class_character(&mut self, whole: &[u8]) -> Result_<Rune> {
        match self.peek(0) {
            None => Err(RegexError::new(Kind::Bracket, whole)),
            Some(b'\\') => self.escape(),
            Some(_) => self.rune(),
        }
    }

    /// Reads `[:alpha:]` and its like into `class`; whether there was one.
    fn posix_class(&mut self, class: &mut ClassBuilder) -> Result_<bool> {
        let rest = self.rest();
        let Some(after) = rest.strip_prefix(b"[:") else {
            return Ok(false);
        };
        let Some(end) = after.find(b":]") else {
            return Ok(false);
        };
        let start = self.at;
        self.at += end + 4;
        let Some((posix, negated)) = class::posix(&after[..end]) else {
            return Err(self.error(Kind::CharRange, start));
        };
        class.class(posix, self.has(FOLD), negated);
        Ok(true)
    }
}

/// Go's `collapse`: a sequence in a sequence and a choice in a choice are one.
fn collapse(mut nodes: Vec<Node>, into: Shape) -> Node {
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
