//! The parts by themselves: the table under colliding hashes, the set of deleted rows, masks.

use std::collections::BTreeSet;

use super::super::cursor::Bound;
use super::super::dead::Dead;
use super::super::hash::Seed;
use super::super::layer::{Layer, Place, Rows};
use super::super::table::IdTable;
use super::super::texts::{Probe, TextTable};
use super::model::Random;
use super::*;

/// A table of the numbers below `count` under a hash; every number must be found, and no other.
fn check_table(count: u32, hash: impl Fn(u32) -> u64) {
    let mut grown = IdTable::EMPTY;
    for id in 0..count {
        assert_eq!(grown.find(hash(id), |found| found == id), None);
        grown.add_next(hash(id), &hash);
    }
    let mut exact = IdTable::with_room(count as usize, count as usize);
    (0..count).for_each(|id| exact.add(hash(id), id));
    for table in [&grown, &exact] {
        for id in 0..count {
            assert_eq!(table.find(hash(id), |found| found == id), Some(id));
        }
        for other in count..count + 100 {
            assert_eq!(table.find(hash(other), |found| found == other), None);
        }
    }
    assert!(exact.bytes() <= count as usize * 20 / 3 + 8);
}

#[test]
fn tables_find_what_is_in_them_whatever_the_hash() {
    for count in [0, 1, 2, 3, 4, 7, 8, 100, 1_000] {
        check_table(count, |_| 0);
        check_table(count, |_| u64::MAX);
        check_table(count, |id| u64::from(id) << 32);
        check_table(count, |id| u64::from(id % 3) << 60 | u64::from(id % 5));
        check_table(count, |id| Random(u64::from(id)).next());
    }
}

#[test]
fn a_table_of_texts_finds_each_by_its_type_and_bytes() {
    let seed = Seed::default();
    // Texts of every length about those at which they are kept elsewhere, many of them alike to the last byte.
    let lengths = [0, 1, 8, 9, 10, 11, 40, 253, 254, 255, 256, 257, 600];
    let texts = lengths.iter().flat_map(|len| ["a", "b"].map(|last| "x".repeat(*len) + last));
    let all: Vec<(TypeId, String)> =
        texts.flat_map(|text| [3, 4].map(|kind| (TypeId(kind), text.clone()))).collect();
    let mut begins = vec![0];
    begins.extend(all.iter().scan(0, |end, (_, text)| {
        *end += text.len() as u32;
        Some(*end)
    }));
    let probe = |number: usize| (Probe::new(all[number].0, all[number].1.as_bytes(), &seed), begins[number]);
    let mut table = TextTable::EMPTY;
    for number in 0..all.len() {
        let found = |table: &TextTable| {
            table.find(&probe(number).0, |other, begin| {
                begin == begins[other as usize] && all[other as usize] == all[number]
            })
        };
        assert_eq!(found(&table), None, "{:?}", all[number]);
        let (added, begin) = probe(number);
        table.add_next(&added, begin, |other| probe(other as usize));
        assert_eq!(found(&table), Some(number as u32));
    }
    table.fit(|other| probe(other as usize));
    for (number, text) in all.iter().enumerate() {
        let is_it = |other: u32, begin: u32| begin == begins[other as usize] && all[other as usize] == *text;
        assert_eq!(table.find(&probe(number).0, is_it), Some(number as u32));
    }
    assert!(table.bytes() <= 2 * 16 * all.len() + 200, "{} bytes", table.bytes());
    let stranger = Probe::new(TypeId(5), b"x", &seed);
    assert_eq!(table.find(&stranger, |_, _| true), None);
}

#[test]
fn numbers_of_all_sizes_fit_in_a_table() {
    for bits in 0..31 {
        let highest = (1_u32 << bits) - 1;
        for bound in [highest, highest + 1, highest + 2] {
            let mut table = IdTable::with_room(1, bound as usize);
            let id = bound.saturating_sub(1);
            table.add(u64::MAX, id);
            assert_eq!(table.find(u64::MAX, |_| true), Some(id));
            assert_eq!(table.find(u64::MAX, |_| false), None);
        }
    }
}

#[test]
fn dead_rows_are_a_set() {
    let mut random = Random(3);
    let (mut dead, mut model) = (Dead::default(), BTreeSet::new());
    let mut before = Vec::new();
    for turn in 0..3_000 {
        let row = random.below(10_000) as u32;
        if random.one_in(3) {
            assert_eq!(dead.remove(row), model.remove(&row));
        } else {
            assert_eq!(dead.insert(row), model.insert(row));
        }
        assert_eq!(dead.len(), model.len());
        if turn % 1_000 == 0 {
            before.push((dead.clone(), model.clone()));
        }
    }
    before.push((dead, model));
    for (dead, model) in before {
        assert!((0..20_000).all(|row| dead.contains(row) == model.contains(&row)));
    }
}

#[test]
fn masks_are_sets_of_positions() {
    let mask = Mask::of([7, 2, 2, 9]);
    assert_eq!(mask.positions().collect::<Vec<_>>(), [2, 7]);
    assert!(mask.contains(7) && !mask.contains(3) && !mask.contains(64));
    assert_eq!(Mask::first(40), Mask::of(0..8));
    assert!(Mask::first(0).is_empty() && Mask::first(0).is_prefix());
    assert!(Mask::of([0, 1]).is_prefix() && Mask::first(8).is_prefix());
    assert!(!Mask::of([1]).is_prefix() && !Mask::of([0, 2]).is_prefix());
}

#[test]
fn a_relation_forgets_shapes_and_layers_with_their_last_fact() {
    let anyone = fact("open", &[Value::any("User")]);
    let any_org = fact("open", &[Value::any("Org")]);
    let facts = stored(&[anyone.clone(), any_org.clone(), fact("open", &[user("a")])]);
    assert_eq!(facts.snapshot().relations[0].shape_count(), 2);
    let mut change = facts.change();
    assert!(change.delete(&anyone));
    let (facts, _) = change.commit();
    assert_eq!(facts.snapshot().relations[0].shape_count(), 1);
    let mut change = facts.change();
    assert_eq!(change.delete_matching(&Pattern::new("open", [Position::Open])), 2);
    let (facts, _) = change.commit();
    assert_eq!(facts.snapshot().relations[0].shape_count(), 0);
    assert_eq!(facts.snapshot().relations[0].layer_lens(), [0; 0]);
}

/// The rows that a layer finds for these first atoms.
fn begin_with(layer: &Layer, key: &[Atom], seed: &Seed) -> Vec<Vec<Atom>> {
    let bound = Bound { mask: Mask::first(key.len()), len: key.len() as u8 };
    let mut padded = [Atom(0); MAX_ARGUMENTS];
    padded[..key.len()].copy_from_slice(key);
    let mut place = Place::BEGIN;
    std::iter::from_fn(|| layer.next(&padded, bound, &mut place, seed))
        .map(|number| layer.rows().get(number).to_vec())
        .collect()
}

#[test]
fn rows_are_found_by_their_first_atoms_however_many_begin_alike() {
    let seed = Seed::default();
    for turn in 0..24 {
        let mut random = Random(turn);
        // Few first atoms, or many; close together, or far apart; and wildcards among them.
        let (firsts, apart) = ([1, 3, 40, 900][turn as usize % 4], [1, 7, 1_000][turn as usize % 3]);
        let arity = 1 + turn as usize % 4;
        let atom = |random: &mut Random, below: u64| match random.one_in(12) {
            true => Atom::any(TypeId(random.below(4) as u16)),
            false => Atom(5 + random.below(below) as u32 * apart),
        };
        let mut model = BTreeSet::new();
        for _ in 0..random.below(600) {
            let mut row = vec![atom(&mut random, firsts)];
            row.extend((1..arity).map(|_| atom(&mut random, 9)));
            model.insert(row);
        }
        let mut rows = Rows::new(arity);
        model.iter().for_each(|row| rows.push(row));
        let layer = Layer::new(rows, &seed);
        let others = (0..60).map(|_| (0..arity).map(|_| atom(&mut random, firsts)).collect::<Vec<_>>());
        for row in model.iter().cloned().chain(others.collect::<Vec<_>>()) {
            let found = layer.find(&row, &seed).map(|number| layer.rows().get(number).to_vec());
            assert_eq!(found, model.get(&row).cloned());
            for len in 1..=arity {
                let expected: Vec<_> =
                    model.iter().filter(|other| other[..len] == row[..len]).cloned().collect();
                assert_eq!(begin_with(&layer, &row[..len], &seed), expected);
            }
        }
    }
}
