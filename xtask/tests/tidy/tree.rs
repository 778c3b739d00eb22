//! The files of the checkout, without what is built or downloaded.

use std::fs;
use std::path::{Path, PathBuf};

const NOT_OURS: &[&str] = &[
    "target",
    "node_modules",
    ".git",
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    "dist",
    "build",
    ".ipynb_checkpoints",
];

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the checkout")
}

/// Paths relative to the checkout, with `/`, sorted.
pub(crate) fn files() -> Vec<String> {
    let root = root();
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort();
    assert!(found.len() > 20, "the checkout has files");
    found
}

/// Those that end so.
pub(crate) fn files_ending(end: &str) -> Vec<String> {
    files().into_iter().filter(|path| path.ends_with(end)).collect()
}

/// A file's text; `None` for one that is not text.
pub(crate) fn text(path: &str) -> Option<String> {
    String::from_utf8(fs::read(root().join(path)).expect("a readable file")).ok()
}

/// True when the checkout has that file or folder.
pub(crate) fn exists(path: &str) -> bool {
    root().join(path).exists()
}

fn walk(root: &Path, dir: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_symlink() || NOT_OURS.contains(&&*name) || name.ends_with(".egg-info") {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, found);
        } else {
            let relative = path.strip_prefix(root).expect("inside the checkout");
            found.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}
