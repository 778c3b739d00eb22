//! Generated cases whose choices the fuzzer makes: the engines must agree on each.

use crate::differential::{self, Verdict};
use crate::facts as over_facts;
use crate::generate::{self, Random};
use crate::plans::{Tally, compare_case, compare_search};
use crate::run::on_large_stack;

/// Machine and reference give the same answers.
pub fn machine(bytes: &[u8]) {
    let case = generate::Generator::case_of(&mut Random::of_bytes(bytes));
    on_large_stack(move || {
        if let Verdict::Differ { .. } = differential::compare(&case) {
            differ(&differential::describe(&differential::shrink(case), "fuzzing"));
        }
    });
}

/// Machine, reference and plans give the same answers over facts.
pub fn facts(bytes: &[u8]) {
    let case = over_facts::Generator::case_of(Random::of_bytes(bytes));
    on_large_stack(move || {
        if let Verdict::Differ { .. } = over_facts::compare(&case) {
            differ(&over_facts::describe(&over_facts::shrink(case), "fuzzing"));
        }
    });
}

/// Plans decide what the machine decides. A quarter of the cases are policies that search lists; of the others the bytes
/// after those that made the case choose the arguments.
pub fn plans(bytes: &[u8]) {
    let mut random = Random::of_bytes(bytes);
    let mut tally = Tally::default();
    if random.below(4) == 1 {
        compare_search(&mut random, &mut tally, "fuzzing");
    } else {
        let case = generate::Generator::case_of(&mut random);
        compare_case(&case, &mut random, &mut tally, "fuzzing");
    }
    if !tally.differences.is_empty() {
        differ(&tally.differences.join("\n"));
    }
}

#[expect(clippy::panic, reason = "a finding is told by a panic")]
fn differ(shown: &str) {
    panic!("they differ:\n{shown}");
}
