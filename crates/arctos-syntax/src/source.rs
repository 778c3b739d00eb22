//! Source texts and places in them.
//!
//! A [`Span`] is a half-open range of *byte* offsets into one source; people are shown lines and columns counted in
//! characters, which [`Sources::position`] computes on demand.
//!
//! INVARIANT: a span made by the lexer starts and ends on character boundaries of its source.

use std::fmt;
use std::sync::Arc;

/// Which source of a [`Sources`] a span lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(pub u32);

/// A half-open range of byte offsets in one source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The source the range lies in.
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `source`.
    pub const fn new(source: SourceId, start: u32, end: u32) -> Self {
        Span { source, start, end }
    }

    /// The smallest span that covers `self` and `other`; both lie in the same source.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.source.0, self.start, self.end)
    }
}

/// A line and a column, both counted from 1; columns count characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One text with its name.
#[derive(Clone, Debug)]
pub struct Source {
    name: Option<Arc<str>>,
    text: Arc<str>,
    /// PERF: in such a text columns are not counted.
    is_ascii: bool,
    line_starts: Arc<[u32]>,
    before: Before,
}

/// What stands in a file before a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// How many whole lines.
    pub lines: u64,
    /// How many bytes.
    pub bytes: u64,
}

impl Source {
    /// The file name, where the text came from a file.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the text in its file; nothing, unless it is a part of one.
    pub fn before(&self) -> Before {
        self.before
    }

    /// The text of line `line` (of the file, from 1) without its line end; empty where there is no such line.
    pub fn line(&self, line: u32) -> &str {
        let Some(index) = u64::from(line).checked_sub(self.before.lines + 1) else { return "" };
        let Some(&start) = self.line_starts.get(index as usize) else { return "" };
        let end = self.line_starts.get(index as usize + 1).map_or(self.text.len(), |&end| end as usize);
        self.text.get(start as usize..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// Where the line with the first offset begins and the one with the last ends, before its line end.
    pub(crate) fn lines_around(&self, first: usize, last: usize) -> (usize, usize) {
        let next = |offset: usize| self.line_starts.partition_point(|&start| start as usize <= offset);
        let begin = |line: usize| self.line_starts.get(line).map(|&start| start as usize);
        let from = begin(next(first).saturating_sub(1)).unwrap_or(0);
        let end = begin(next(last)).map_or(self.text.len(), |next| next - 1);
        let is_return = end > last && self.text.as_bytes().get(end - 1) == Some(&b'\r');
        (from, if is_return { end - 1 } else { end })
    }

    fn position(&self, offset: u32) -> Position {
        let index = self.line_starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.line_starts.get(index).copied().unwrap_or(0) as usize;
        let before = self.text.get(start..offset as usize).unwrap_or("");
        let characters = if self.is_ascii { before.len() } else { before.chars().count() };
        let line = u32::try_from(self.before.lines + index as u64 + 1).unwrap_or(u32::MAX);
        Position { line, column: characters as u32 + 1 }
    }
}

/// The sources of one load, in load order.
///
/// ```
/// use arctos_syntax::{Sources, Span};
/// let mut sources = Sources::default();
/// let id = sources.add(Some("a.polar"), "# 💯\nf(1);");
/// let position = sources.position(Span::new(id, 9, 10));
/// assert_eq!((position.line, position.column), (2, 3));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sources {
    all: Vec<Source>,
}

impl Sources {
    /// Adds a text; `name` is the file it came from, if any.
    pub fn add(&mut self, name: Option<&str>, text: &str) -> SourceId {
        self.add_part(name, Before::default(), text)
    }

    /// Adds a part of a file that is not read as a whole: a line of it, say. The part begins where a line does, and lines are
    /// counted from the beginning of the file.
    pub fn add_part(&mut self, name: Option<&str>, before: Before, text: &str) -> SourceId {
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        let id = SourceId(self.all.len() as u32);
        self.all.push(Source {
            name: name.map(Arc::from),
            text: Arc::from(text),
            is_ascii: text.is_ascii(),
            line_starts: line_starts.into(),
            before,
        });
        id
    }

    /// The source of that id.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.all.get(id.0 as usize)
    }

    /// All sources in load order.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.all.iter().enumerate().map(|(i, source)| (SourceId(i as u32), source))
    }

    /// The text a span covers; empty for a span of no source.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).and_then(|s| s.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Where a span starts.
    pub fn position(&self, span: Span) -> Position {
        self.get(span.source).map_or(Position { line: 1, column: 1 }, |s| s.position(span.start))
    }

    /// `file.polar:3:14`, or `line 3, column 14` for a text without a file name.
    pub fn locate(&self, span: Span) -> String {
        let Position { line, column } = self.position(span);
        match self.get(span.source).and_then(Source::name) {
            Some(name) => format!("{name}:{line}:{column}"),
            None => format!("line {line}, column {column}"),
        }
    }
}
