//! A mapping in a file: TOML that says what rows there are and where.
//!
//! What is wrong is said with its place, all of it at once: a mapping is taken whole or not at all.

mod class;
mod reading;

use std::fmt;

use arctos::residual::RowTypes;
use arctos_syntax::suggest::near;

use crate::tables::Tables;
use class::Class;
use reading::{Reading, Table};

/// Something that is wrong with the text of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What, in a sentence.
    pub message: String,
    /// The line, from 1 on.
    pub line: usize,
    /// The column in characters, from 1 on.
    pub column: usize,
}

/// A text that is no mapping, and all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAMapping {
    /// In the order of the text.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl fmt::Display for NotAMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if place == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for NotAMapping {}

impl Tables {
    /// The tables that a text in TOML describes.
    ///
    /// ```
    /// use arctos_sql::Tables;
    /// let tables = Tables::parse(r#"
    ///     [class.Page]
    ///     table = "pages"
    ///     key = "id"
    ///     columns = { id = "integer", title = "string", folder_id = { type = "integer", nullable = true } }
    ///     relations.folder = { to = "Folder", on = { folder_id = "id" } }
    ///
    ///     [class.Folder]
    ///     key = "id"
    ///     columns.id = "integer"
    /// "#)?;
    /// assert!(tables.rows().get("Page").is_some_and(|page| page.relation_named("folder").is_some()));
    ///
    /// let wrong = Tables::parse("[class.Page]\nkey = \"id\"\ncolumns.id = \"integr\"").unwrap_err();
    /// assert_eq!(wrong.to_string(), "line 3, column 14: there is no type `integr`; did you mean `integer`?");
    /// # Ok::<(), arctos_sql::NotAMapping>(())
    /// ```
    ///
    /// # Errors
    /// What is no TOML, a name that means nothing, a type or a class that there is not, a key or an end of a relation without a column: with their places.
    pub fn parse(text: &str) -> Result<Tables, NotAMapping> {
        let mut reading = Reading::new(text);
        let classes = reading.document().map(|document| classes(&mut reading, &document)).unwrap_or_default();
        for class in &classes {
            class.check_relations(&classes, &mut reading);
        }
        let rows = classes.iter().fold(RowTypes::new(), |rows, class| rows.with(&class.name, class.row()));
        let tables = Tables::new(rows);
        let tables = classes.into_iter().fold(tables, |tables, class| tables.with(&class.name, class.table));
        reading.finish(tables)
    }
}

fn classes<'t>(reading: &mut Reading<'_>, document: &Table<'t>) -> Vec<Class<'t>> {
    reading.only(document, &["class"], "a mapping");
    let Some(listed) = reading.required(document, "class", "a mapping") else { return Vec::new() };
    let Some(listed) = reading.table(listed) else { return Vec::new() };
    listed.entries().filter_map(|(name, value)| Class::read(reading, name, value)).collect()
}

/// `; did you mean `near`?`, where something is near.
fn hint<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    near(name, names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests;
