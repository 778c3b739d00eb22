//! TOML with its places, and what is wrong with it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{NotAMapping, Problem, hint};

/// A name or a value of the text, with its place.
pub(super) type Name<'t> = Spanned<DeString<'t>>;
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A table of the text.
#[derive(Clone)]
pub(super) struct Table<'t> {
    span: Range<usize>,
    entries: DeTable<'t>,
}

impl<'t> Table<'t> {
    /// Its names and values, in the order of the text.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Name<'t>, &Value<'t>)> {
        self.entries.iter()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value<'t>> {
        self.entries.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
    }
}

/// A text that is being read.
pub(super) struct Reading<'t> {
    text: &'t str,
    problems: Vec<(usize, Problem)>,
}

impl<'t> Reading<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Reading { text, problems: Vec::new() }
    }

    /// The outermost table; `None` where the text is no TOML.
    pub(super) fn document(&mut self) -> Option<Table<'t>> {
        match DeTable::parse(self.text) {
            Ok(document) => Some(Table { span: 0..0, entries: document.into_inner() }),
            Err(error) => {
                self.problem(&error.span().unwrap_or(0..0), error.message());
                None
            }
        }
    }

    /// What was made of the text, unless something is wrong with it.
    pub(super) fn finish<T>(mut self, made: T) -> Result<T, NotAMapping> {
        if self.problems.is_empty() {
            return Ok(made);
        }
        self.problems.sort_by_key(|(at, _)| *at);
        Err(NotAMapping { problems: self.problems.into_iter().map(|(_, problem)| problem).collect() })
    }

    /// Notes that something is wrong there.
    pub(super) fn problem(&mut self, span: &Range<usize>, message: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let problem = Problem {
            message: message.into(),
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        };
        self.problems.push((span.start, problem));
    }

    /// Notes names that mean nothing in a table.
    pub(super) fn only(&mut self, table: &Table<'_>, names: &[&str], what: &str) {
        for (key, _) in table.entries() {
            let name = key.get_ref();
            if !names.contains(&&**name) {
                let hint = hint(name, names.iter().copied());
                self.problem(&key.span(), format!("`{name}` means nothing in {what}{hint}"));
            }
        }
    }

    /// A value that must be there.
    pub(super) fn required<'a, 'v>(
        &mut self,
        table: &'a Table<'v>,
        name: &str,
        what: &str,
    ) -> Option<&'a Value<'v>> {
        let found = table.get(name);
        if found.is_none() {
            self.problem(&table.span, format!("{what} has no `{name}`"));
        }
        found
    }

    pub(super) fn table<'v>(&mut self, value: &Value<'v>) -> Option<Table<'v>> {
        match value.get_ref() {
            DeValue::Table(entries) => Some(Table { span: value.span(), entries: entries.clone() }),
            _ => self.other(value, "a table"),
        }
    }

    pub(super) fn string<'v>(&mut self, value: &Value<'v>) -> Option<Name<'v>> {
        match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(value.span(), text.clone())),
            _ => self.other(value, "a string"),
        }
    }

    /// A string that may be left out.
    pub(super) fn string_in(&mut self, table: &Table<'_>, name: &str) -> Option<String> {
        let value = table.get(name)?;
        self.string(value).map(|text| text.into_inner().into_owned())
    }

    /// A boolean, false where it is left out.
    pub(super) fn flag(&mut self, table: &Table<'_>, name: &str) -> bool {
        match table.get(name).map(|value| (value, value.get_ref())) {
            None => false,
            Some((_, DeValue::Boolean(flag))) => *flag,
            Some((value, _)) => self.other(value, "true or false").unwrap_or_default(),
        }
    }

    /// A string, or several.
    pub(super) fn strings<'v>(&mut self, value: &Value<'v>) -> Vec<Name<'v>> {
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.string(item)).collect(),
            _ => self.string(value).into_iter().collect(),
        }
    }

    /// Notes that a value is another one than it should be.
    pub(super) fn other<T>(&mut self, value: &Value<'_>, wanted: &str) -> Option<T> {
        self.problem(&value.span(), format!("this must be {wanted}"));
        None
    }
}
