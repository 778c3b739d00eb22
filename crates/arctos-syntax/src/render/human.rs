//! Diagnostics for people: the source with the places marked, in the manner of rustc.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::{LONGEST_LINE, advice};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Source, SourceId, Sources, Span};

/// What stands for the name of a text without one.
const UNNAMED: &str = "<policy>";

/// Bytes of source between the first place of a diagnostic and the last, up to which they are shown in one piece.
const LONGEST_PIECE: usize = 4096;

/// All diagnostics, one paragraph each, with or without colour.
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let paragraphs: Vec<String> =
        diagnostics.iter().map(|diagnostic| one(diagnostic, sources, &renderer)).collect();
    paragraphs.join("\n")
}

fn one(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group =
        Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str()));
    for (source, marks) in marks_by_source(diagnostic) {
        if let Some(source) = sources.get(source) {
            group = group.elements(excerpts(sources, source, &marks));
        }
    }
    for help in advice(diagnostic) {
        group = group.element(Level::HELP.message(help));
    }
    let mut text = renderer.render(&[group]);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A place to mark, with its text.
struct Mark<'a> {
    span: Span,
    kind: AnnotationKind,
    text: &'a str,
}

/// The places of a diagnostic, the primary one's source first.
fn marks_by_source(diagnostic: &Diagnostic) -> Vec<(SourceId, Vec<Mark<'_>>)> {
    let primary = Mark { span: diagnostic.span, kind: AnnotationKind::Primary, text: &diagnostic.label };
    let mut by_source = vec![(diagnostic.span.source, vec![primary])];
    for label in &diagnostic.labels {
        let mark = Mark { span: label.span, kind: AnnotationKind::Context, text: &label.text };
        match by_source.iter_mut().find(|(source, _)| *source == label.span.source) {
            Some((_, marks)) => marks.push(mark),
            None => by_source.push((label.span.source, vec![mark])),
        }
    }
    by_source
}

/// The lines of all marks in one piece, or of each in its own where they are far from one another; of a line that is too
/// long for anyone to read only its number.
fn excerpts<'a>(sources: &Sources, source: &'a Source, marks: &[Mark<'a>]) -> Vec<Element<'a>> {
    match (excerpt(sources, source, marks), marks) {
        (Some(excerpt), _) => vec![excerpt.into()],
        (None, [mark]) => {
            let position = sources.position(mark.span);
            let origin = Origin::path(source.name().unwrap_or(UNNAMED))
                .line(position.line as usize)
                .char_column(position.column as usize);
            let text = (!mark.text.is_empty()).then(|| Level::NOTE.message(mark.text).into());
            std::iter::once(origin.into()).chain(text).collect()
        }
        (None, _) => marks.chunks(1).flat_map(|mark| excerpts(sources, source, mark)).collect(),
    }
}

/// The lines from the first mark to the last, unless that is too much.
///
/// PERF: only these are handed on, so that a long file with many mistakes is not read through for each.
fn excerpt<'a>(
    sources: &Sources,
    source: &'a Source,
    marks: &[Mark<'a>],
) -> Option<Snippet<'a, Annotation<'a>>> {
    let text = source.text();
    let clamp = |offset: u32| {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let places: Vec<(usize, usize)> =
        marks.iter().map(|mark| (clamp(mark.span.start), clamp(mark.span.end))).collect();
    let first = places.iter().map(|&(start, _)| start).min().unwrap_or(0);
    let last = places.iter().map(|&(start, end)| start.max(end)).max().unwrap_or(0);
    let (from, to) = source.lines_around(first, last);
    let shown = text.get(from..to).unwrap_or("");
    if shown.len() > LONGEST_PIECE || shown.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let line = marks.first().map_or(1, |mark| {
        sources.position(Span { start: from as u32, end: from as u32, ..mark.span }).line as usize
    });
    let annotations = marks.iter().zip(&places).map(|(mark, &(start, end))| {
        let annotation = mark.kind.span(start - from..end.max(start) - from);
        match mark.text {
            "" => annotation,
            text => annotation.label(text),
        }
    });
    let snippet = Snippet::source(shown).line_start(line).path(source.name().unwrap_or(UNNAMED));
    Some(snippet.annotations(annotations))
}
