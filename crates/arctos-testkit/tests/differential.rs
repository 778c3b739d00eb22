//! Random policies, put to machine and reference. The seeds are fixed, so that a failure is a failure for everyone.
//!
//! `ARCTOS_DIFFERENTIAL=10000` compares that many cases; `ARCTOS_SEED=7` begins at another seed.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use arctos_testkit::differential::compare_many;
use arctos_testkit::run::on_large_stack;
use arctos_testkit::{consistency, facts, graphs, models, plans, steps, trials};

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

#[test]
fn machine_and_reference_agree() {
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000));
    let most = usize::try_from(number("ARCTOS_DIFFERENCES", 3)).unwrap();
    let tally = on_large_stack(move || compare_many(seed, count, most));
    println!(
        "{} agreed, {} of them with answers, {} over cycles ({} open, {} negated); skipped: {:?}",
        tally.agreed, tally.answered, tally.looped, tally.open, tally.negated, tally.skipped
    );
    let skipped: usize = tally.skipped.values().sum();
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    assert!(tally.answered * 5 > tally.agreed, "too few cases have an answer to mean much");
    assert!(skipped < tally.agreed, "too many cases are skipped");
    assert!(tally.open * 10 > tally.agreed, "too few recursive goals are open and meet themselves");
    assert!(tally.negated * 50 > tally.agreed, "too few negations meet a cycle");
}

#[test]
fn machine_and_reference_agree_over_facts() {
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000));
    let most = usize::try_from(number("ARCTOS_DIFFERENCES", 3)).unwrap();
    let tally = on_large_stack(move || facts::compare_many(seed, count, most));
    println!(
        "facts: {} agreed, {} of them with answers, {} over cycles ({} open, {} negated); skipped: {:?}",
        tally.agreed, tally.answered, tally.looped, tally.open, tally.negated, tally.skipped
    );
    let skipped: usize = tally.skipped.values().sum();
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    assert!(tally.answered * 5 > tally.agreed, "too few cases have an answer to mean much");
    assert!(skipped < tally.agreed, "too many cases are skipped");
}

#[test]
fn recursion_over_graphs_is_what_their_matrices_say() {
    // A graph is some twenty questions, each asked of three.
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000) / 10);
    let tally = on_large_stack(move || graphs::compare_many(seed, count));
    println!(
        "graphs: {} right, {} of them negated; {} of {count} graphs with a cycle, {} positions drawn",
        tally.right, tally.negated, tally.cyclic, tally.drawn
    );
    let shown: Vec<String> = tally.differences.iter().take(3).cloned().collect();
    assert!(shown.is_empty(), "{} wrong:\n\n{}", tally.differences.len(), shown.join("\n\n"));
    assert!(tally.cyclic * 2 > count as usize, "too few graphs have a cycle");
    assert!(tally.negated * 4 > tally.right && tally.drawn > 0, "too little negation to mean much");
}

#[test]
fn rules_say_what_their_least_model_says() {
    // A policy is four questions, each asked of three.
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000) / 2);
    let tally = on_large_stack(move || models::compare_many(seed, count));
    println!("models: {} right, {} of them negated", tally.right, tally.negated);
    let shown: Vec<String> = tally.differences.iter().take(3).cloned().collect();
    assert!(shown.is_empty(), "{} wrong:\n\n{}", tally.differences.len(), shown.join("\n\n"));
    assert!(tally.negated * 4 > tally.right, "too little negation to mean much");
}

#[test]
fn plans_decide_as_the_machine_does() {
    // A case is several questions here, so that fewer take as long.
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000) / 3);
    let tally = plans::compare_many(seed, count);
    println!("plans: {tally:?}");
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    let decided: usize = tally.decided.iter().sum();
    assert!(decided * 3 > count as usize, "plans decide too little to mean much");
}

#[test]
fn searches_find_what_loops_find() {
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000) / 3);
    let tally = plans::compare_searches(seed, count);
    println!("searches: {tally:?}");
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    assert!(tally.searches > count as usize, "too few searches to mean much");
}

#[test]
fn recursion_in_last_place_is_what_the_machine_says() {
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000) / 3);
    let tally = on_large_stack(move || steps::compare_many(seed, count));
    println!("steps: {tally:?}");
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    let decided: usize = tally.decided.iter().sum();
    assert!(decided > 3 * count as usize, "plans decide too little to mean much");
    assert!(tally.closures * 20 > count as usize, "too few closures to mean much");
}

#[test]
fn lists_are_what_checks_say() {
    // A case is a dozen lists, each with a check of every value.
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000) / 5);
    let most = usize::try_from(number("ARCTOS_DIFFERENCES", 3)).unwrap();
    let tally = on_large_stack(move || consistency::compare_many(seed, count, most));
    println!(
        "lists: {} agreed, {} with answers, {} with every value, {} with some, {} enumerated too; skipped: {:?}",
        tally.agreed, tally.answered, tally.every, tally.mixed, tally.enumerated, tally.skipped
    );
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    let skipped: usize = tally.skipped.values().sum();
    assert!(skipped < tally.agreed, "too many questions are skipped");
    assert!(tally.answered * 6 > tally.agreed, "too few questions have an answer to mean much");
    assert!(tally.every * 20 > tally.agreed, "too few wildcards are met");
    assert!(tally.mixed * 12 > tally.agreed, "too few lists tell values apart");
}

#[test]
fn tests_of_policies_pass_where_they_say_what_checks_say() {
    // A case is eight questions, each asserted in several ways.
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_DIFFERENTIAL", 1_000) / 20);
    let tally = on_large_stack(move || trials::compare_many(seed, count));
    println!(
        "tests: {} right, {} of them list values; {} wrong, {} undecided, {} skipped",
        tally.right, tally.listed, tally.wrong, tally.undecided, tally.skipped
    );
    let shown: Vec<String> = tally.differences.iter().take(3).cloned().collect();
    assert!(shown.is_empty(), "{} differ:\n\n{}", tally.differences.len(), shown.join("\n\n"));
    assert!(
        tally.listed * 10 > tally.right && tally.wrong > tally.right,
        "too little is asserted to mean much"
    );
    assert!(tally.undecided * 20 < tally.right && tally.skipped < tally.right, "too little is compared");
}
