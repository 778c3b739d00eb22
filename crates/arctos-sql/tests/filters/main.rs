//! Filters in databases: the law that a row is selected exactly where a check of it says yes, the plans that databases make, and the page of the book.
//!
//! `ARCTOS_FILTERS=100000` compares that many filters, `ARCTOS_FACT_FILTERS=100000` that many over facts in tables; `ARCTOS_SEED=7` begins at another seed. SQLite is always asked; `ARCTOS_DATABASES=postgres,mariadb`
//! starts servers of these, too, and fails where they are not installed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail where it stands"
)]

mod bindings;
mod databases;
mod fact_law;
mod fact_tables;
mod fact_world;
mod indexes;
mod law;
mod odd;
mod page;
mod policies;
mod rows;
mod security;
mod servers;
mod tables;

use arctos_testkit::run::on_large_stack;

use crate::databases::Database;
use crate::law::compare_many;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

/// The servers that are to be asked, too.
fn wanted() -> impl Iterator<Item = String> {
    let wanted = std::env::var("ARCTOS_DATABASES").unwrap_or_default();
    let names: Vec<String> = wanted.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    names.into_iter()
}

fn databases() -> Vec<Database> {
    let servers = wanted().map(|name| match &*name {
        "postgres" => Database::postgres(),
        "mariadb" => Database::mariadb(),
        other => panic!("ARCTOS_DATABASES has no `{other}`"),
    });
    std::iter::once(Database::sqlite()).chain(servers).collect()
}

#[test]
fn filters_select_what_checks_allow() {
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_FILTERS", 500));
    let tally = on_large_stack(move || compare_many(seed, count, &mut databases()));
    println!("{tally:#?}");
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    let unfilterable: usize = tally.unfilterable.values().sum();
    assert!(unfilterable * 4 < tally.filters, "too few policies have a filter");
    assert!(
        tally.selected * 3 > tally.left && tally.left * 3 > tally.selected,
        "too few rows are told apart"
    );
    let told = tally.selected + tally.left;
    assert!(tally.unknown * 2 < told && tally.unknown * 20 > told, "too many rows or too few are unknown");
    assert!(tally.recursive * 20 > tally.filters, "too little recursion to mean much");
}

#[test]
fn filters_over_facts_in_tables_select_what_checks_over_all_facts_allow() {
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_FACT_FILTERS", 300));
    let tally = on_large_stack(move || fact_law::compare_many(seed, count, &mut databases()));
    println!("{tally:#?}");
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    let refused: usize = tally.refused.values().sum();
    assert!(refused * 5 < tally.filters, "too few policies have a filter");
    assert!(
        tally.selected * 3 > tally.left && tally.left * 3 > tally.selected,
        "too few entities are told apart"
    );
    assert!(tally.with_tables * 2 > tally.filters, "too few filters look at tables");
    assert!(tally.recursive * 3 > tally.filters, "too little recursion to mean much");
}
