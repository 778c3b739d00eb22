//! Bytes to records: a line of JSON, a row, some statements of the notation.
//!
//! Records are cut at ends of lines where the format says that nothing is open: no quoted field, no string, no statement.

use std::io::{self, BufRead, Read};

use arctos_syntax::Before;

use super::format::Format;

/// Statements are handed on in pieces of at least so many bytes, which is quicker than one by one.
const PIECE: usize = 16 << 10;

/// Cuts an input into records.
pub(super) struct Framing<R> {
    input: R,
    open: Open,
    longest: usize,
    /// What stands before the next record.
    before: Before,
}

/// What was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) before: Before,
    pub(super) end: End,
}

/// How a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With its line.
    Line,
    /// With the input, where nothing was open.
    Input,
    /// With the input, inside something.
    Torn,
    /// It goes on beyond the limit; the rest of it is skipped.
    TooLong,
    /// It goes on beyond the limit, and nobody knows where it ends.
    Lost,
}

/// What is open at the end of a line.
enum Open {
    /// Nothing ever is.
    Lines,
    /// A quoted field.
    Row(Field),
    /// A statement of the notation.
    Statement(Statement),
}

/// Where in a field of a row a byte stands.
#[derive(Clone, Copy, Default, PartialEq)]
enum Field {
    #[default]
    Start,
    Plain,
    Quoted,
    /// After a quote that may be the closing one.
    Quote,
}

#[derive(Default)]
struct Statement {
    /// Something stands after the last `;`.
    has_begun: bool,
    inside: Inside,
    /// Bytes up to the last end of a line where no statement was open.
    whole: usize,
}

#[derive(Default, PartialEq)]
enum Inside {
    #[default]
    Plain,
    Comment,
    Text,
    Escape,
}

impl<R: BufRead> Framing<R> {
    pub(super) fn new(input: R, format: Format, longest: usize) -> Self {
        let open = match format {
            Format::JsonLines => Open::Lines,
            Format::Csv => Open::Row(Field::Start),
            Format::Notation => Open::Statement(Statement::default()),
        };
        Framing { input, open, longest, before: Before::default() }
    }

    /// Puts the next record into `record`; `None` at the end.
    pub(super) fn next(&mut self, record: &mut Vec<u8>) -> io::Result<Option<Frame>> {
        record.clear();
        let before = self.before;
        if self.before.bytes == 0 {
            self.skip_mark()?;
        }
        loop {
            let start = record.len();
            let room = self.longest.saturating_add(1).saturating_sub(start - self.open.whole());
            let read = Read::take(&mut self.input, room as u64).read_until(b'\n', record)?;
            let line = record.get(start..).unwrap_or_default();
            let has_end = line.last() == Some(&b'\n');
            self.before.bytes += read as u64;
            self.before.lines += u64::from(has_end);
            let is_open = self.open.after(line, record.len());
            let is_too_long = !has_end && read == room || record.len() - self.open.whole() > self.longest;
            let end = if is_too_long {
                self.too_long(has_end)?
            } else if !has_end && is_open {
                End::Torn
            } else if !has_end {
                End::Input
            } else if is_open {
                continue;
            } else {
                End::Line
            };
            self.open.reset();
            return Ok((read > 0 || !record.is_empty()).then_some(Frame { before, end }));
        }
    }

    /// Editors on some systems begin a text with a mark of its byte order.
    fn skip_mark(&mut self) -> io::Result<()> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        if self.input.fill_buf()?.starts_with(MARK) {
            self.input.consume(MARK.len());
            self.before.bytes = MARK.len() as u64;
        }
        Ok(())
    }

    fn too_long(&mut self, has_end: bool) -> io::Result<End> {
        if !matches!(self.open, Open::Lines) {
            return Ok(End::Lost);
        }
        if !has_end {
            self.before.bytes += self.input.skip_until(b'\n')? as u64;
            self.before.lines += 1;
        }
        Ok(End::TooLong)
    }
}

impl Open {
    /// Whether something is open after this line; `length` is that of the record.
    fn after(&mut self, line: &[u8], length: usize) -> bool {
        match self {
            Open::Lines => false,
            Open::Row(field) => {
                *field = line.iter().fold(*field, |field, byte| field.after(*byte));
                *field == Field::Quoted
            }
            Open::Statement(statement) => statement.after(line, length),
        }
    }

    /// Bytes of the record that are whole in themselves.
    fn whole(&self) -> usize {
        if let Open::Statement(statement) = self { statement.whole } else { 0 }
    }

    fn reset(&mut self) {
        match self {
            Open::Lines => {}
            Open::Row(field) => *field = Field::Start,
            Open::Statement(statement) => *statement = Statement::default(),
        }
    }
}

impl Field {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Field::Start, b'"') | (Field::Quote, b'"') => Field::Quoted,
            (Field::Quoted, b'"') => Field::Quote,
            (Field::Quoted, _) => Field::Quoted,
            (_, b',' | b'\n') => Field::Start,
            _ => Field::Plain,
        }
    }
}

impl Statement {
    fn after(&mut self, line: &[u8], length: usize) -> bool {
        for byte in line {
            match (&self.inside, byte) {
                (Inside::Escape, _) => self.inside = Inside::Text,
                (Inside::Text, b'\\') => self.inside = Inside::Escape,
                (Inside::Text, b'"' | b'\n') | (Inside::Comment, b'\n' | b'\r') => {
                    self.inside = Inside::Plain
                }
                (Inside::Text | Inside::Comment, _) | (Inside::Plain, b' ' | b'\t' | b'\r' | b'\n') => {}
                (Inside::Plain, b'#') => self.inside = Inside::Comment,
                (Inside::Plain, b';') => self.has_begun = false,
                (Inside::Plain, byte) => {
                    self.has_begun = true;
                    if *byte == b'"' {
                        self.inside = Inside::Text;
                    }
                }
            }
        }
        let is_open = self.has_begun || matches!(self.inside, Inside::Text | Inside::Escape);
        if !is_open {
            self.whole = length;
        }
        is_open || line.last() == Some(&b'\n') && length < PIECE
    }
}
