//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

/// The checkout.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo builds: `CARGO_TARGET_DIR`, else `target` in the checkout.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Where xtask keeps what it makes.
pub(crate) fn made(name: &str) -> PathBuf {
    root().join("target").join("xtask").join(name)
}

/// The Python binding.
pub(crate) fn binding() -> PathBuf {
    root().join("bindings/python")
}

/// The sample application in Python.
pub(crate) fn codehost() -> PathBuf {
    root().join("examples/codehost/python")
}

/// The benchmarks.
pub(crate) fn benches() -> PathBuf {
    root().join("benches")
}
