//! Whatever batches come, a snapshot and its views answer as the model does.

use super::model::{Model, Random, World};
use super::*;

const WORLDS: &[World] = &[
    World { ids: 3, wildcards: 6 },
    World { ids: 12, wildcards: 0 },
    World { ids: 40, wildcards: 25 },
    World { ids: 2000, wildcards: 0 },
];

/// One batch, applied to both; each change must say the same.
fn apply_batch(world: World, random: &mut Random, facts: &Facts, model: &mut Model) -> Facts {
    let mut change = facts.change();
    let (mut inserted, mut deleted) = (0, 0);
    for _ in 0..[1, 3, 40, 400][random.below(4) as usize] {
        match random.below(20) {
            0 => {
                let pattern = world.pattern(random);
                let doomed = model.delete_matching(&pattern);
                assert_eq!(change.delete_matching(&pattern), doomed, "{pattern}");
                deleted += doomed;
            }
            1..=5 => {
                let known = model.0.iter().nth(random.below(model.0.len() as u64 + 1) as usize).cloned();
                let fact = known.unwrap_or_else(|| world.fact(random));
                let was_there = model.0.remove(&fact);
                assert_eq!(change.delete(&fact), was_there, "{fact}");
                deleted += u64::from(was_there);
            }
            6 => {
                let many: Vec<Fact> = (0..random.below(60)).map(|_| world.fact(random)).collect();
                let borrowed = many.iter().map(|fact| {
                    let arguments: Vec<ValueRef<'_>> = fact.arguments.iter().map(Value::as_ref).collect();
                    (fact.predicate.as_str(), arguments)
                });
                let new = change.insert_many(borrowed).expect("facts");
                assert_eq!(new, many.into_iter().filter(|fact| model.0.insert(fact.clone())).count() as u64);
                inserted += new;
            }
            _ => {
                let fact = world.fact(random);
                let is_new = model.0.insert(fact.clone());
                assert_eq!(change.insert(&fact), Ok(is_new), "{fact}");
                inserted += u64::from(is_new);
            }
        }
    }
    let (next, applied) = change.commit();
    assert_eq!((applied.inserted, applied.deleted), (inserted, deleted));
    assert_eq!(next.revision() - facts.revision(), u64::from(inserted + deleted > 0));
    next
}

fn assert_same(facts: &Facts, model: &Model) {
    assert_eq!(facts.len(), model.0.len());
    assert_eq!(shown(facts), model.shown());
}

/// Random questions to a view, and the same to the model.
fn assert_answers(world: World, random: &mut Random, view: &mut FactView, model: &Model) {
    for _ in 0..12 {
        let fact = world.fact(random);
        let relation = view.relation(&fact.predicate, fact.arguments.len());
        let row: Vec<Atom> =
            fact.arguments.iter().map(|value| view.intern(value.as_ref()).expect("a value")).collect();
        let holds = relation.is_some_and(|relation| view.contains(relation, &row));
        assert_eq!(holds, model.holds(&fact), "{fact}");

        let pattern: Vec<Option<Value>> =
            fact.arguments.into_iter().map(|value| (!random.one_in(2)).then_some(value)).collect();
        let bearing = model.bearing(&fact.predicate, &pattern);
        assert_eq!(found(view, &fact.predicate, &pattern), bearing, "{} {pattern:?}", fact.predicate);
    }
}

#[test]
fn snapshots_answer_as_the_model_does() {
    for (seed, world) in WORLDS.iter().cycle().take(8).enumerate() {
        let mut random = Random(seed as u64);
        let (mut facts, mut model) = (Facts::new(), Model::default());
        let mut history = Vec::new();
        for _ in 0..12 {
            facts = apply_batch(*world, &mut random, &facts, &mut model);
            assert_same(&facts, &model);
            assert_answers(*world, &mut random, &mut facts.view(), &model);
            for _ in 0..4 {
                let pattern = world.pattern(&mut random);
                let mut found: Vec<String> = facts.matching(&pattern).map(|fact| fact.to_string()).collect();
                found.sort();
                assert_eq!(found, model.matching(&pattern), "{pattern}");
            }
            history.push((facts.clone(), model.clone()));
        }
        for (facts, model) in history.iter().step_by(3) {
            assert_same(facts, model);
            assert_answers(*world, &mut random, &mut facts.view(), model);
        }
        let compacted = facts.compacted().expect("no more than there was");
        assert_same(&compacted, &model);
        assert_eq!(compacted.revision(), facts.revision());
    }
}

#[test]
fn context_is_as_if_it_were_stored() {
    let mut view = Facts::new().view();
    for (seed, world) in WORLDS.iter().cycle().take(60).enumerate() {
        let mut random = Random(seed as u64 + 1_000);
        let mut model = Model::default();
        let facts = apply_batch(*world, &mut random, &Facts::new(), &mut model);
        view.reset(&facts);
        let mut together = model.clone();
        for _ in 0..random.below(30) {
            // In the context, facts may have predicates and types that no stored fact has.
            let mut fact = world.fact(&mut random);
            if random.one_in(5) {
                fact.predicate.push_str("_today");
                fact.arguments.push(Value::entity("Device", "phone"));
            }
            assert_eq!(view.insert(&fact), Ok(together.0.insert(fact.clone())), "{fact}");
        }
        assert_answers(*world, &mut random, &mut view, &together);
        let today = ["role_today", "open_today", "wide_today"];
        for (predicate, arity) in
            today.iter().flat_map(|predicate| (2..7).map(move |arity| (*predicate, arity)))
        {
            let open = vec![None; arity];
            assert_eq!(found(&mut view, predicate, &open), together.bearing(predicate, &open));
        }
        assert_same(&facts, &model);
        assert_answers(*world, &mut random, &mut facts.view(), &model);
    }
}

#[test]
fn a_copied_cursor_goes_on_from_the_same_place() {
    let world = World { ids: 4, wildcards: 6 };
    let mut random = Random(5);
    let mut model = Model::default();
    let mut facts = Facts::new();
    for _ in 0..6 {
        facts = apply_batch(world, &mut random, &facts, &mut model);
    }
    let mut view = facts.with_context([&world.fact(&mut random)]).expect("a fact");
    let ann = view.intern(user("u1").as_ref()).expect("a value");
    let relation = view.relation("role", 3).expect("a relation");
    let mut cursor = view.cursor(relation, &[Some(ann), None, None]);
    let mut count = 0;
    loop {
        let rest = |mut cursor: Cursor| (0..).take_while(|_| view.next(&mut cursor).is_some()).count();
        let before = rest(cursor);
        let moved = view.next(&mut cursor).is_some();
        assert_eq!(before, rest(cursor) + usize::from(moved));
        if !moved {
            break;
        }
        count += 1;
    }
    assert!(count > 3, "there is something to go over");
    assert!(view.next(&mut cursor).is_none(), "an end is an end");
}

#[test]
fn the_same_history_has_the_same_order() {
    let run = || {
        let mut random = Random(11);
        let (mut facts, mut model) = (Facts::new(), Model::default());
        for _ in 0..10 {
            facts = apply_batch(WORLDS[1], &mut random, &facts, &mut model);
        }
        facts.iter().map(|fact| fact.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn the_same_facts_answer_the_same_whatever_their_history() {
    let world = World { ids: 12, wildcards: 12 };
    let mut random = Random(17);
    let all: Vec<Fact> = (0..600).map(|_| world.fact(&mut random)).collect();
    let at_once = stored(&all);
    let mut bit_by_bit = Facts::new();
    for fact in all.iter().rev() {
        let mut change = bit_by_bit.change();
        change.insert(fact).expect("a fact");
        bit_by_bit = change.commit().0;
    }
    assert_eq!(shown(&at_once), shown(&bit_by_bit));
    let model = Model(all.into_iter().collect());
    for _ in 0..50 {
        assert_answers(world, &mut random, &mut at_once.view(), &model);
        assert_answers(world, &mut random, &mut bit_by_bit.view(), &model);
    }
}

#[test]
fn threads_share_a_snapshot() {
    fn shared<T: Send + Sync>() {}
    shared::<Facts>();
    shared::<FactView>();
    let rows: Vec<Fact> = (0..5_000)
        .map(|number| {
            fact("role", &[user(&format!("u{}", number % 50)), Value::Integer(number), org("acme")])
        })
        .collect();
    let facts = stored(&rows);
    // None of the indexes exists yet, and all threads ask for all of them at once.
    std::thread::scope(|scope| {
        for first in 0..4 {
            let facts = &facts;
            scope.spawn(move || {
                let mut view = facts.view();
                for turn in 0..6 {
                    let open = [vec![0], vec![0, 1], vec![0, 2], vec![1, 2], vec![2], vec![1]]
                        [(first + turn) % 6]
                        .clone();
                    let pattern: Vec<Option<Value>> = [user("u7"), Value::Integer(107), org("acme")]
                        .into_iter()
                        .enumerate()
                        .map(|(position, value)| (!open.contains(&position)).then_some(value))
                        .collect();
                    let expected = if pattern[1].is_some() {
                        1
                    } else if pattern[0].is_some() {
                        100
                    } else {
                        5_000
                    };
                    assert_eq!(found(&mut view, "role", &pattern).len(), expected, "{pattern:?}");
                }
            });
        }
    });
}
