//! The formats and how they are told apart.

use std::path::Path;

/// A format of facts as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object per line: `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`.
    JsonLines,
    /// A header and a row for each fact: `predicate,type1,id1,…`, or the types of one predicate's arguments.
    Csv,
    /// As in policies: `is_public(Doc{"plan"});`.
    Notation,
}

impl Format {
    /// The format of a file by the end of its name: `.jsonl` or `.ndjson`, `.csv`, `.facts`.
    ///
    /// ```
    /// use arctos_wire::facts::Format;
    /// assert_eq!(Format::of_path("roles.JSONL"), Some(Format::JsonLines));
    /// assert_eq!(Format::of_path("roles.txt"), None);
    /// ```
    pub fn of_path(path: impl AsRef<Path>) -> Option<Self> {
        let end = path.as_ref().extension()?.to_str()?.to_ascii_lowercase();
        match &*end {
            "jsonl" | "ndjson" => Some(Format::JsonLines),
            "csv" => Some(Format::Csv),
            "facts" => Some(Format::Notation),
            _ => None,
        }
    }
}
