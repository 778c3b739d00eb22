//! Reading policy files.
//!
//! Several files are one policy, so all unreadable ones are reported, and nothing is done by halves.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use arctos::Sources;

use crate::output::Failure;

/// The text of one policy file with the name that messages use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// As the user wrote it, or as it was found in a folder; `<stdin>` for `-`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Reads files, the `*.polar` files of folders, and stdin for `-`. A file that is named twice is read once.
///
/// # Errors
/// [`Failure::Usage`] with a message for every path that cannot be read.
pub fn read_policies(paths: &[PathBuf]) -> Result<Vec<PolicyText>, Failure> {
    let mut reader = Reader::default();
    for path in paths {
        if path.as_os_str() == "-" {
            reader.stdin();
        } else if path.is_dir() {
            reader.folder(path);
        } else {
            reader.file(path);
        }
    }
    if reader.problems.is_empty() { Ok(reader.texts) } else { Err(Failure::Usage(reader.problems)) }
}

/// Reads a text file that is not a policy.
///
/// # Errors
/// [`Failure::Usage`] where it cannot be read.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| Failure::usage(unreadable(&name, &error)))?;
    text_of(&name, bytes).map_err(Failure::usage)
}

/// The sources in that order.
pub fn sources(texts: &[PolicyText]) -> Sources {
    let mut sources = Sources::default();
    for text in texts {
        sources.add(Some(&text.name), &text.text);
    }
    sources
}

#[derive(Default)]
struct Reader {
    seen: HashSet<PathBuf>,
    texts: Vec<PolicyText>,
    problems: Vec<String>,
}

impl Reader {
    fn stdin(&mut self) {
        if !self.seen.insert(PathBuf::from("-")) {
            return;
        }
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes);
        self.add("<stdin>".to_owned(), read);
    }

    fn file(&mut self, path: &Path) {
        if let Ok(canonical) = path.canonicalize()
            && !self.seen.insert(canonical)
        {
            return;
        }
        let shown = path.strip_prefix(".").unwrap_or(path).display().to_string();
        self.add(shown, fs::read(path));
    }

    fn folder(&mut self, folder: &Path) {
        let mut found = Vec::new();
        if let Err(error) = find_policies(folder, &mut found) {
            self.problems.push(unreadable(&folder.display().to_string(), &error));
        } else if found.is_empty() {
            self.problems.push(format!("there is no `.polar` file in `{}`", folder.display()));
        }
        for path in found {
            self.file(&path);
        }
    }

    fn add(&mut self, name: String, read: io::Result<Vec<u8>>) {
        match read.map_err(|error| unreadable(&name, &error)).and_then(|bytes| text_of(&name, bytes)) {
            Ok(text) => self.texts.push(PolicyText { name, text }),
            Err(problem) => self.problems.push(problem),
        }
    }
}

/// Folders inside are searched too, in the order of their names, except hidden ones and symbolic links (which may
/// lead round in circles).
fn find_policies(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if entry.file_type()?.is_dir() {
            if !hidden {
                find_policies(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "polar") && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// Why a file cannot be read.
pub(crate) fn unreadable(name: &str, error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission is missing".to_owned(),
        _ => error.to_string(),
    };
    format!("cannot read `{name}`: {why}")
}

/// Places in a text are 32-bit offsets.
const LARGEST: usize = u32::MAX as usize;

fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() >= LARGEST {
        return Err(format!("cannot read `{name}`: it has more than 4 GiB"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            Err(format!("cannot read `{name}`: it is not UTF-8 text; the first bad byte is on line {line}"))
        }
    }
}
