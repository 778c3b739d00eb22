//! What facts mean: equality of arguments, wildcards, printing, changes.

use super::*;

#[test]
fn arguments_are_equal_byte_by_byte() {
    let ids =
        ["ann", "Ann", "ANN", "", " ", "\u{e9}", "e\u{301}", "stra\u{df}e", "STRASSE", "日本", "a\0b", "a\0"];
    let all: Vec<Fact> = ids.iter().map(|id| fact("open", &[user(id)])).collect();
    let facts = stored(&all);
    assert_eq!(facts.len(), ids.len());
    for (number, asked) in all.iter().enumerate() {
        let mut change = facts.change();
        assert!(change.delete(asked));
        let (rest, _) = change.commit();
        assert_eq!(rest.len(), ids.len() - 1);
        for (other, fact) in all.iter().enumerate() {
            assert_eq!(rest.holds(fact), other != number, "{asked} deleted, {fact} asked");
        }
    }
}

#[test]
fn values_of_different_types_are_different() {
    let values =
        [user("1"), org("1"), Value::from("1"), Value::Integer(1), Value::Boolean(true), Value::from("true")];
    let facts = stored(&values.clone().map(|value| fact("open", &[value])));
    assert_eq!(facts.len(), values.len());
    let mut change = facts.change();
    for value in values {
        assert!(change.delete(&fact("open", &[value])));
    }
    assert_eq!(change.applied().deleted, 6);
}

#[test]
fn values_come_back_as_they_went_in() {
    let values = [
        user(""),
        Value::from(""),
        Value::from("say \"hi\"\\\n"),
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Boolean(false),
        Value::any("Integer"),
        org("日本"),
    ];
    let wide = fact("wide", &values);
    let facts = stored(std::slice::from_ref(&wide));
    assert_eq!(facts.iter().map(|fact| fact.to_fact()).collect::<Vec<_>>(), std::slice::from_ref(&wide));
    let text = r#"wide(User{""}, "", "say \"hi\"\\\n", -9223372036854775808, 9223372036854775807, false, _: Integer, Org{"日本"})"#;
    assert_eq!(wide.to_string(), text);
    assert_eq!(facts.iter().map(|fact| fact.to_string()).collect::<Vec<_>>(), [text]);
}

#[test]
fn a_wildcard_stands_for_every_value_of_its_type() {
    let facts = stored(&[
        fact("role", &[Value::any("User"), "reader".into(), org("acme")]),
        fact("role", &[user("ann"), "owner".into(), Value::any("Org")]),
    ]);
    let holds = |who: Value, role: &str, what: Value| facts.holds(&fact("role", &[who, role.into(), what]));
    assert!(holds(user("ann"), "reader", org("acme")));
    assert!(holds(user("nobody has heard of"), "reader", org("acme")));
    assert!(!holds(org("ann"), "reader", org("acme")));
    assert!(!holds(user("ann"), "reader", org("apex")));
    assert!(holds(user("ann"), "owner", org("apex")));
    assert!(!holds(user("bob"), "owner", org("apex")));
    assert!(holds(Value::any("User"), "reader", org("acme")), "for all users");
    assert!(!holds(Value::any("User"), "owner", org("acme")));

    let mut view = facts.view();
    let anyone = r#"role(_: User, "reader", Org{"acme"})"#;
    let ann = r#"role(User{"ann"}, "owner", _: Org)"#;
    assert_eq!(found(&mut view, "role", &[Some(user("ann")), None, None]), [ann, anyone]);
    assert_eq!(found(&mut view, "role", &[Some(user("bob")), None, None]), [anyone]);
    assert_eq!(found(&mut view, "role", &[None, None, Some(org("acme"))]), [ann, anyone]);
    assert_eq!(found(&mut view, "role", &[Some(Value::any("User")), None, None]), [ann, anyone]);
    assert_eq!(found(&mut view, "role", &[Some(Value::any("Org")), None, None]), [""; 0]);
}

#[test]
fn a_wildcard_is_deleted_as_such() {
    let anyone = fact("open", &[Value::any("User")]);
    let facts = stored(std::slice::from_ref(&anyone));
    let mut change = facts.change();
    assert!(!change.delete(&fact("open", &[user("ann")])));
    let of_ann = Pattern::new("open", [Position::Is(user("ann"))]);
    assert_eq!(change.delete_matching(&of_ann), 0);
    assert!(change.delete(&anyone));
    let (facts, _) = change.commit();
    assert!(!facts.holds(&fact("open", &[user("ann")])));
}

#[test]
fn a_batch_counts_what_it_does() {
    let (a, b) = (fact("open", &[user("a")]), fact("open", &[user("b")]));
    let mut change = stored(std::slice::from_ref(&a)).change();
    assert_eq!(change.insert(&a), Ok(false));
    assert_eq!(change.insert(&b), Ok(true));
    assert!(change.delete(&b));
    assert_eq!(change.insert(&b), Ok(true), "again");
    assert!(!change.delete(&fact("shut", &[user("a")])));
    assert!(!change.delete_values("open", &[ValueRef::Integer(7)]));
    let (facts, applied) = change.commit();
    assert_eq!(applied, Applied { inserted: 2, deleted: 1, unchanged: 3 });
    assert_eq!((facts.len(), facts.revision()), (2, 2));
}

#[test]
fn a_batch_without_effect_makes_no_revision() {
    let facts = stored(&[fact("open", &[user("a")])]);
    let mut change = facts.change();
    change.relation("shut", 2).expect("a relation");
    change.intern(ValueRef::String("constant")).expect("a value");
    let (same, applied) = change.commit();
    assert_eq!((same.revision(), applied), (1, Applied::default()));
    assert!(same.view().relation("shut", 2).is_some());
    assert!(same.view().atom(ValueRef::String("constant")).is_some());
    assert!(facts.view().relation("shut", 2).is_none());
}

#[test]
fn a_follower_gives_the_revision() {
    let facts = stored(&[fact("open", &[user("a")])]);
    let (later, _) = facts.change().commit_at(40).expect("a later revision");
    assert_eq!(later.revision(), 40);
    let refused = later.change().commit_at(40).map(|(facts, _)| facts.revision());
    assert_eq!(refused, Err(FactError::RevisionNotNewer { base: 40, asked: 40 }));
}

#[test]
fn atoms_keep_their_meaning_along_a_line() {
    let facts = stored(&[fact("open", &[user("a")])]);
    let atom = facts.view().atom(user("a").as_ref()).expect("an atom");
    let mut later = facts.clone();
    for number in 0..300 {
        let mut change = later.change();
        change.insert(&fact("open", &[user(&format!("u{number}"))])).expect("a fact");
        later = change.commit().0;
        assert_eq!(later.view().atom(user("a").as_ref()), Some(atom));
        assert_eq!(later.view().value(atom), Some(ValueRef::entity("User", "a")));
    }
    assert!(facts.shares_atoms(&later));
    assert!(!facts.shares_atoms(&later.compacted().expect("the same facts")));
    assert!(!Facts::new().shares_atoms(&Facts::new()));
}

#[test]
fn compaction_forgets_what_no_fact_names() {
    let facts = stored(&(0..2_000).map(|n| fact("open", &[user(&format!("user {n}"))])).collect::<Vec<_>>());
    let mut change = facts.change();
    for number in 1..2_000 {
        assert!(change.delete(&fact("open", &[user(&format!("user {number}"))])));
    }
    let (facts, _) = change.commit();
    let compacted = facts.compacted().expect("the same facts");
    assert_eq!(shown(&compacted), shown(&facts));
    assert!(compacted.bytes() * 10 < facts.bytes(), "{} {}", compacted.bytes(), facts.bytes());
}
