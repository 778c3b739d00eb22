//! Tables with a header and a row for each fact.
//!
//! There are two headers. `predicate,type1,id1,type2,id2,…` is for facts of all kinds; rows with fewer arguments leave the rest
//! empty, and a wildcard has the type `_: User` and no id. `User,role: String,Repo` gives the types of one predicate's
//! arguments (a label before the colon means nothing), and the file's name tells the predicate: `has_role.csv`.
//!
//! DIVERGENCE: what RFC 4180 leaves open is refused. Every row has as many fields as the header and ends its line, since a row that
//! was cut off would otherwise be a fact about something else; a quote stands only around a whole field.

mod row;

use std::io::{self, Write};
use std::path::Path;

use arctos::facts::{FactRef, Places, ValueRef};
use arctos_syntax::{SourceId, Span, is_name};

use super::framing::End;
use super::import::{Placed, Taker};
use super::problem::{self, Found};
use crate::value::{NotAValue, Value, value_of};
use row::Field;

/// A table that is being read.
pub(super) struct Table {
    /// The predicate that the file's name tells.
    named: Option<String>,
    header: Header,
}

enum Header {
    Awaited,
    /// It was not understood, and so no row is.
    Refused,
    /// Predicate, types and ids: so many fields.
    Mixed(usize),
    /// The types of one predicate's arguments.
    Typed {
        predicate: String,
        types: Vec<String>,
    },
}

impl Table {
    pub(super) fn new(file: Option<&str>) -> Self {
        let stem = file.and_then(|file| Path::new(file).file_name()?.to_str()?.split('.').next());
        Table { named: stem.map(str::to_owned), header: Header::Awaited }
    }

    pub(super) fn awaits_header(&self) -> bool {
        matches!(self.header, Header::Awaited)
    }

    /// A record was not understood, which may have been the header.
    pub(super) fn has_seen_something(&mut self) {
        if self.awaits_header() {
            self.header = Header::Refused;
        }
    }

    /// Reads a row, or the header if there was none; an empty one is nothing.
    pub(super) fn read(&mut self, text: &str, source: SourceId, end: End, taker: &mut Taker<'_, '_>) {
        let row = row::without_line_end(text);
        if row.is_empty() {
            return;
        }
        let span = Span::new(source, 0, row.len() as u32);
        let fields = match (row::fields(row, source), end) {
            (Ok(_), End::Input) => Err(Box::new(problem::truncated(
                Span::new(source, span.end, span.end),
                "the last row does not end its line",
            ))),
            (Err(open), End::Torn) => {
                Err(Box::new(problem::truncated(open.span, "the file ends inside this quoted field")))
            }
            (fields, _) => fields,
        };
        let result = fields.and_then(|fields| match &self.header {
            Header::Awaited => self.begin(&fields, span, taker),
            Header::Refused => Ok(()),
            Header::Mixed(count) => mixed(&fields, *count, span, taker),
            Header::Typed { predicate, types } => typed(&fields, predicate, types, span, taker),
        });
        if let Err(found) = result {
            self.has_seen_something();
            taker.problem(*found);
        }
    }

    fn begin(&mut self, fields: &[Field<'_>], span: Span, taker: &mut Taker<'_, '_>) -> Found<()> {
        self.header = match fields {
            [first, rest @ ..] if first.text == "predicate" => mixed_header(rest, span)?,
            _ => typed_header(fields, self.named.as_deref(), span)?,
        };
        if let Header::Typed { predicate, types } = &self.header {
            // A row of wildcards stands for all: what is wrong with the header is told once, and not for each row.
            let arguments: Vec<ValueRef<'_>> = types.iter().map(|name| ValueRef::Any(name)).collect();
            let places = || placed(span, span, fields.iter());
            let problems = taker.problems_with(Placed { predicate, arguments: &arguments, places: &places });
            if !problems.is_empty() {
                self.header = Header::Refused;
            }
            problems.into_iter().for_each(|problem| taker.problem(problem.help(HEADERS)));
        }
        Ok(())
    }
}

/// The places of a fact whose arguments these fields are.
fn placed<'f>(whole: Span, predicate: Span, arguments: impl Iterator<Item = &'f Field<'f>>) -> Places {
    Places { whole, predicate, arguments: arguments.map(|field| field.span).collect() }
}

fn mixed_header(rest: &[Field<'_>], span: Span) -> Found<Header> {
    for (at, field) in rest.iter().enumerate() {
        let expected = format!("{}{}", if at % 2 == 0 { "type" } else { "id" }, at / 2 + 1);
        if field.text != expected {
            return Err(Box::new(
                problem::malformed(
                    field.span,
                    format!("expected the column `{expected}`, found `{}`", field.text),
                )
                .help("the header of a table of all predicates is `predicate,type1,id1,type2,id2,…`"),
            ));
        }
    }
    if rest.is_empty() || rest.len() % 2 == 1 {
        return Err(Box::new(
            problem::malformed(span, "a type without its id ends the header")
                .help("the header of a table of all predicates is `predicate,type1,id1,type2,id2,…`"),
        ));
    }
    Ok(Header::Mixed(rest.len() + 1))
}

const HEADERS: &str = "the first line is `predicate,type1,id1,…`, or has the types of one predicate's arguments, such as `User,role: String,Repo`";

fn typed_header(fields: &[Field<'_>], named: Option<&str>, span: Span) -> Found<Header> {
    let mut types = Vec::new();
    for field in fields {
        let name = field.text.rsplit_once(": ").map_or(&*field.text, |(_, name)| name).trim();
        if !is_name(name) {
            let found = problem::malformed(field.span, format!("`{}` is no name of a type", field.text))
                .help(HEADERS);
            let is_other = fields.len() == 1 && field.text.contains([';', '\t']);
            return Err(Box::new(if is_other { found.help("separate the fields by commas") } else { found }));
        }
        types.push(name.to_owned());
    }
    match named.filter(|name| is_name(name)) {
        Some(predicate) => Ok(Header::Typed { predicate: predicate.to_owned(), types }),
        None => Err(Box::new(
            problem::malformed(span, "neither the header nor the file's name tells the predicate")
                .help("name the file after it, `has_role.csv`, or begin with `predicate,type1,id1,…`"),
        )),
    }
}

fn check_count(fields: &[Field<'_>], count: usize, span: Span) -> Found<()> {
    if fields.len() == count {
        return Ok(());
    }
    let found = fields.len();
    let plural = if found == 1 { "field" } else { "fields" };
    Err(Box::new(problem::malformed(
        span,
        format!("this row has {found} {plural}, and the header has {count}"),
    )))
}

fn mixed(fields: &[Field<'_>], count: usize, span: Span, taker: &mut Taker<'_, '_>) -> Found<()> {
    // Programs for tables write empty rows so.
    if fields.iter().all(|field| field.text.is_empty()) {
        return Ok(());
    }
    check_count(fields, count, span)?;
    let Some((predicate, rest)) = fields.split_first() else { return Ok(()) };
    let used = rest.iter().rposition(|field| !field.text.is_empty()).map_or(0, |last| last / 2 + 1);
    let pairs = || rest.chunks_exact(2).take(used).filter_map(|pair| <&[Field<'_>; 2]>::try_from(pair).ok());
    let arguments = pairs().map(|[kind, id]| argument(kind, id)).collect::<Result<Vec<_>, _>>()?;
    let telling = |[kind, id]: &'_ [Field<'_>; 2]| if id.text.is_empty() { kind.span } else { id.span };
    let places =
        || Places { whole: span, predicate: predicate.span, arguments: pairs().map(telling).collect() };
    taker.fact(Placed { predicate: &predicate.text, arguments: &arguments, places: &places });
    Ok(())
}

fn argument<'a>(kind: &'a Field<'_>, id: &'a Field<'_>) -> Found<ValueRef<'a>> {
    if let Some(name) = kind.text.strip_prefix(WILDCARD) {
        return match &*id.text {
            "" => Ok(ValueRef::Any(name)),
            _ => Err(Box::new(problem::malformed(
                id.span,
                format!("`{}` stands for every id, and has none itself", kind.text),
            ))),
        };
    }
    if kind.text.is_empty() {
        return Err(Box::new(problem::malformed(kind.span, "the type of this argument is missing")));
    }
    value_of(&kind.text, Some(&id.text))
        .map_err(|error: NotAValue| Box::new(problem::not_a_value(id.span, &error)))
}

fn typed(
    fields: &[Field<'_>],
    predicate: &str,
    types: &[String],
    span: Span,
    taker: &mut Taker<'_, '_>,
) -> Found<()> {
    check_count(fields, types.len(), span)?;
    let mut arguments = Vec::with_capacity(fields.len());
    for (field, kind) in fields.iter().zip(types) {
        let value = value_of(kind, Some(&field.text));
        arguments.push(value.map_err(|error| Box::new(problem::not_a_value(field.span, &error)))?);
    }
    let places = || placed(span, span, fields.iter());
    taker.fact(Placed { predicate, arguments: &arguments, places: &places });
    Ok(())
}

/// What stands before the type of a wildcard.
const WILDCARD: &str = "_: ";

/// Writes the header of rows with room for `most` arguments.
pub(super) fn write_header(most: usize, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"predicate")?;
    for at in 1..=most {
        write!(out, ",type{at},id{at}")?;
    }
    out.write_all(b"\n")
}

/// Writes a fact, in a row with room for `most` arguments.
pub(super) fn write(fact: &FactRef<'_>, most: usize, out: &mut impl Write) -> io::Result<()> {
    row::write_field(fact.predicate(), out)?;
    for argument in fact.arguments() {
        let Value { type_name, id } = Value::from(argument);
        out.write_all(b",")?;
        if id.is_none() {
            out.write_all(WILDCARD.as_bytes())?;
        }
        row::write_field(&type_name, out)?;
        out.write_all(b",")?;
        row::write_field(&id.unwrap_or_default(), out)?;
    }
    for _ in fact.row().atoms().len()..most {
        out.write_all(b",,")?;
    }
    out.write_all(b"\n")
}
