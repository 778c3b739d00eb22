//! The steps of `cargo xtask test`, in order: quick ones first.

mod databases;
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
    Step {
        name: "differential",
        about: "10,000 random policies: the machine answers as the reference evaluator does",
        run: rust::differential,
    },
    Step {
        name: "databases",
        about: "2,000 random filters select what checks allow, in SQLite, PostgreSQL and MariaDB",
        run: databases::filters,
    },
    Step {
        name: "oso-crate",
        about: "code written for the oso crate, against it and against ours",
        run: rust::oso_crate,
    },
    Step {
        name: "seaorm",
        about: "lists of SeaORM and sqlx through filters are what checks say",
        run: rust::seaorm,
    },
    Step { name: "rustdoc", about: "the API documentation builds without a warning", run: rust::rustdoc },
    Step {
        name: "python",
        about: "the binding's tests, against its wheel in a clean environment",
        run: python::python,
    },
    Step {
        name: "types",
        about: "mypy and pyright accept the sample application's use of the binding",
        run: python::types,
    },
    Step {
        name: "oso-wheel",
        about: "5,000 random policies: the package answers as the oso wheel does, departures apart",
        run: python::oso_wheel,
    },
    Step { name: "readme", about: "what the README shows of Python runs as it stands", run: python::readme },
    Step { name: "example", about: "the sample application's tests, over real HTTP", run: python::example },
    Step {
        name: "instructions",
        about: "no decision costs 10 % more instructions than committed",
        run: rust::instructions,
    },
];
