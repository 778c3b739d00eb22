//! The part of YAML that data bindings are written in: mappings of text, each with its place.

use saphyr_parser::{Event, Parser, Span};

use super::BindingError;

/// How deep mappings may be inside one another.
const DEEPEST: usize = 8;

/// Where something stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

/// A value of YAML.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Text(String),
    Mapping(Vec<(Node, Node)>),
    /// A sequence.
    Other,
}

impl Place {
    fn of(span: &Span) -> Place {
        Place { line: span.start.line(), column: span.start.col() + 1 }
    }

    pub(super) fn error(self, message: String) -> BindingError {
        BindingError { line: self.line, column: self.column, message }
    }
}

impl Node {
    /// The text that it is.
    pub(super) fn text(&self, wanted: &str) -> Result<&str, BindingError> {
        match &self.kind {
            Kind::Text(text) => Ok(text),
            _ => Err(self.place.error(format!("{wanted} stands here"))),
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        matches!(&self.kind, Kind::Text(text) if text == name)
    }

    /// The entries of the mapping that it is. Nothing at all is a mapping without any.
    pub(super) fn entries(&self, wanted: &str) -> Result<&[(Node, Node)], BindingError> {
        match &self.kind {
            Kind::Mapping(entries) => Ok(entries),
            Kind::Text(text) if text.is_empty() => Ok(&[]),
            _ => Err(self.place.error(format!("{wanted} stands here"))),
        }
    }
}

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Node, BindingError> {
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    let mut root = None;
    loop {
        let (event, place) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            Event::StreamEnd => break,
            _ if root.is_some() => return Err(place.error("data bindings are one document".to_owned())),
            event => root = Some(reader.node(event, place, 0)?),
        }
    }
    let nothing = Node { place: Place { line: 1, column: 1 }, kind: Kind::Mapping(Vec::new()) };
    Ok(root.unwrap_or(nothing))
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Place), BindingError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, Place::of(&span))),
            Some(Err(error)) => {
                let place = Place { line: error.marker().line(), column: error.marker().col() + 1 };
                Err(place.error(error.info().to_owned()))
            }
            None => Ok((Event::StreamEnd, Place { line: 1, column: 1 })),
        }
    }

    fn node(&mut self, event: Event<'t>, place: Place, depth: usize) -> Result<Node, BindingError> {
        if depth > DEEPEST {
            return Err(place.error("this is nested too deeply".to_owned()));
        }
        let kind = match event {
            Event::Scalar(text, _, 0, None) => Kind::Text(text.into_owned()),
            Event::MappingStart(0, None) => Kind::Mapping(self.mapping(depth)?),
            Event::SequenceStart(0, None) => {
                loop {
                    match self.next()? {
                        (Event::SequenceEnd | Event::StreamEnd, _) => break,
                        (event, place) => self.node(event, place, depth + 1)?,
                    };
                }
                Kind::Other
            }
            _ => return Err(place.error("aliases, anchors and tags mean nothing here".to_owned())),
        };
        Ok(Node { place, kind })
    }

    fn mapping(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, BindingError> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        loop {
            let (event, place) = self.next()?;
            if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                return Ok(entries);
            }
            let key = self.node(event, place, depth + 1)?;
            let name = key.text("a name")?;
            if entries.iter().any(|(known, _)| known.is(name)) {
                return Err(place.error(format!("`{name}` is there twice")));
            }
            let (event, place) = self.next()?;
            let value = self.node(event, place, depth + 1)?;
            entries.push((key, value));
        }
    }
}
