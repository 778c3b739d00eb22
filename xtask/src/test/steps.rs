//! The steps of `cargo xtask test`, in order: quick ones first.

mod python;
mod rust;

use super::Step;

/// Every step.
pub(crate) const ALL: &[Step] = &[
    Step { name: "format", about: "rustfmt has nothing to change", run: rust::format },
    Step {
        name: "tidy",
        about: "the rules of the house: edges, headers, lengths, links, names",
        run: rust::tidy,
    },
    Step { name: "clippy", about: "no lint warns, in any target", run: rust::clippy },
    Step {
        name: "rust",
        about: "every Rust test: units, corpus, laws, the book, examples in docs",
        run: rust::rust,
    },
    Step { name: "rustdoc", about: "the API documentation builds without a warning", run: rust::rustdoc },
    Step {
        name: "python",
        about: "the binding's tests, against its wheel in a clean environment",
        run: python::python,
    },
    Step {
        name: "types",
        about: "mypy and pyright accept the binding, and the sample application's use of it",
        run: python::types,
    },
    Step { name: "readme", about: "what the README shows of Python runs as it stands", run: python::readme },
    Step { name: "example", about: "the sample application's tests, over real HTTP", run: python::example },
];
