//! Facts as text: JSON lines, CSV, and the notation of policies.
//!
//! [`Import`] reads files, record by record, into a batch that is applied as a whole or not at all; [`write()`] writes what a
//! snapshot holds. What is written comes back as it was, in each format. A reader holds one record at a time.
//!
//! ```
//! use arctos::Facts;
//! use arctos_wire::facts::{Format, Import, write};
//!
//! let lines = r#"{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}"#;
//! let mut import = Import::onto(&Facts::new());
//! import.read(Some("my.jsonl"), Format::JsonLines, lines.as_bytes());
//! let (facts, imported) = import.finish()?;
//! assert_eq!((imported.records, facts.len()), (1, 1));
//!
//! let mut text = Vec::new();
//! write(&facts, Format::Notation, &mut text)?;
//! assert_eq!(text, b"is_public(Doc{\"plan\"});\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way in: `framing` cuts bytes into records, `json_lines`, `csv` and `notation` make facts of a record, `import` checks
//! and inserts them; `problem` has what can be wrong. A place is kept all the way, so that every problem is shown where it is.
//!
//! INVARIANT: a record that was not understood, in whole or in part, is a problem; a batch with a problem is never applied.

mod csv;
mod format;
mod forms;
mod framing;
mod import;
mod json_lines;
mod limits;
mod notation;
mod problem;
mod write;

pub use format::Format;
pub use import::{Import, Imported};
pub use limits::ReadLimits;
pub use problem::{Cause, Unread};
pub use write::{Unwritable, write};
