//! Where results are kept: a table and a picture each, and the chapter of the book that shows them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Machine, Table};

/// Writes `<name>.md` and `<name>.svg` into that folder.
///
/// # Errors
/// Where a file cannot be written.
pub fn publish(table: &Table, machine: &Machine, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let write = |end: &str, text: String| {
        let path = folder.join(format!("{}.{end}", table.name));
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write(
        "md",
        format!("# {}: {}\n\n{}\n![{1}]({1}.svg)\n\n_{machine}._\n", table.id, table.name, table.markdown()),
    )?;
    write("svg", table.picture())
}

/// Puts a table into the chapter, between `<!-- W1 -->` and `<!-- /W1 -->`.
///
/// # Errors
/// Where the chapter cannot be read or written, or has no such place.
pub fn update_chapter(chapter: &Path, table: &Table, machine: &Machine) -> Result<()> {
    let text = fs::read_to_string(chapter).with_context(|| format!("cannot read {}", chapter.display()))?;
    let (begin, end) = (format!("<!-- {} -->\n", table.id), format!("<!-- /{} -->", table.id));
    let places = text.find(&begin).zip(text.find(&end));
    let (from, to) =
        places.with_context(|| format!("{} has no place for {}", chapter.display(), table.id))?;
    let before = text.get(..from + begin.len()).unwrap_or_default();
    let after = text.get(to..).unwrap_or_default();
    let picture = format!("![{0}](../benches/results/{0}.svg)", table.name);
    fs::write(chapter, format!("{before}{}\n{picture}\n\n_{machine}._\n{after}", table.markdown()))?;
    Ok(())
}
