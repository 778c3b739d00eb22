//! How much memory facts take, and what a small batch may cost.

use super::*;

/// Facts that each have an id of their own: the hard case for memory.
fn parents(count: usize) -> Facts {
    let mut change = Facts::new().change();
    for number in 0..count {
        let (child, parent) = (format!("r{number:07}"), format!("o{:07}", number / 10));
        let arguments =
            [ValueRef::entity("Repo", &child), ValueRef::String("parent"), ValueRef::entity("Org", &parent)];
        change.insert_values("has_relation", &arguments).expect("a fact");
    }
    change.commit().0
}

#[test]
fn a_fact_takes_at_most_64_bytes_with_two_indexes() {
    let facts = parents(200_000);
    let view = facts.view();
    let relation = view.relation("has_relation", 3).expect("a relation");
    facts.prepare(relation, Mask::of([0, 1]));
    facts.prepare(relation, Mask::of([1, 2]));
    let each = facts.bytes() as f64 / facts.len() as f64;
    assert!(each <= 64.0, "{each} bytes a fact");
    assert!(each > 20.0, "{each} bytes a fact cannot be all");

    let before = facts.bytes();
    let org = view.atom(ValueRef::entity("Org", "o0000007")).expect("an atom");
    assert_eq!(view.scan(relation, &[None, None, Some(org)]).count(), 10);
    assert!(facts.bytes() > before, "a new index is counted");
}

#[test]
fn layers_are_few_and_of_falling_size() {
    let mut facts = parents(1_000);
    for number in 0..3_000 {
        let mut change = facts.change();
        let child = Value::entity("Repo", format!("new {number}"));
        change.insert(&fact("has_relation", &[child, "parent".into(), org("acme")])).expect("a fact");
        if number % 3 == 0 {
            let old = Value::entity("Repo", format!("r{:07}", number / 3));
            let old = Pattern::new("has_relation", [Position::Is(old), Position::Open, Position::Open]);
            assert_eq!(change.delete_matching(&old), 1);
        }
        facts = change.commit().0;
        let lens = facts.snapshot().relations[0].layer_lens();
        assert!(lens.windows(2).all(|pair| pair[0] > 4 * pair[1]), "{lens:?}");
    }
    assert_eq!(facts.len(), 3_000);
}

#[test]
fn a_small_batch_shares_what_it_does_not_touch() {
    let facts = parents(20_000);
    let mut change = facts.change();
    change
        .insert(&fact("has_relation", &[Value::entity("Repo", "x"), "parent".into(), org("x")]))
        .expect("a fact");
    assert!(
        change.delete_matching(&Pattern::new(
            "has_relation",
            [Position::Is(Value::entity("Repo", "r0000007")), Position::Open, Position::Open,]
        )) == 1
    );
    let (next, _) = change.commit();
    let rows = |facts: &Facts| {
        let first = facts.iter().next().expect("a fact");
        first.row().atoms().as_ptr()
    };
    assert_eq!(rows(&facts), rows(&next), "the same rows in the same place");
}
