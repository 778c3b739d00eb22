//! What is refused, and that it leaves everything as it was.

use super::*;

fn refused(arguments: &[Value]) -> FactError {
    let refused = fact("open", arguments);
    let mut change = Facts::new().change();
    let error = change.insert(&refused).expect_err("not a fact");
    assert!(!change.delete(&refused));
    let mut view = Facts::new().view();
    assert_eq!(view.insert(&refused), Err(error.clone()));
    assert!(!Facts::new().holds(&refused));
    assert_eq!(change.commit().0.len(), 0);
    error
}

#[test]
fn facts_have_one_to_eight_arguments() {
    assert_eq!(refused(&[]), FactError::NoArguments);
    let nine = vec![user("a"); 9];
    assert_eq!(refused(&nine), FactError::TooManyArguments { count: 9 });
    assert_eq!(refused(&nine).to_string(), "a fact has at most 8 arguments, and this one has 9");
    assert_eq!(refused(&vec![user("a"); 300]), FactError::TooManyArguments { count: 300 });
    assert_eq!(stored(&[fact("open", &vec![user("a"); 8])]).len(), 1);
}

#[test]
fn built_in_types_have_no_entities() {
    for name in ["String", "Integer", "Boolean"] {
        let error = refused(&[Value::entity(name, "1")]);
        assert_eq!(error, FactError::ReservedType { name: name.to_owned() });
    }
}

#[test]
fn types_are_counted() {
    let mut change = Facts::new().change();
    for number in 3..65_536 {
        change.intern(ValueRef::Any(&format!("T{number}"))).expect("there is room");
    }
    let last = change.intern(ValueRef::entity("T65535", "last")).expect("a known type");
    assert_eq!(change.intern(ValueRef::entity("T65536", "a")), Err(FactError::TooManyTypes));
    let relation = change.relation("open", 1).expect("a relation");
    assert_eq!(change.insert_row(relation, &[last]), Ok(true));
    let (facts, _) = change.commit();
    assert_eq!(shown(&facts), [r#"open(T65535{"last"})"#]);
}

#[test]
fn many_facts_are_taken_whole_or_not_at_all() {
    let mut change = Facts::new().change();
    let good = ("open", vec![ValueRef::Integer(1)]);
    let bad = ("open", vec![ValueRef::entity("String", "1")]);
    let many = (0..100).map(|_| good.clone()).chain([bad]);
    assert_eq!(change.insert_many(many), Err(FactError::ReservedType { name: "String".to_owned() }));
    assert_eq!(change.insert_many([("open", [ValueRef::Integer(1); 0])]), Err(FactError::NoArguments));
    assert_eq!(change.applied(), Applied::default());
    assert_eq!(change.insert_many([good.clone(), good]), Ok(1));
    assert_eq!(change.applied(), Applied { inserted: 1, deleted: 0, unchanged: 1 });
    assert_eq!(shown(&change.commit().0), ["open(1)"]);
}

#[test]
fn ids_of_other_facts_are_refused() {
    let facts = stored(&[fact("open", &[user("a")])]);
    let mut change = facts.change();
    let relation = change.relation("open", 1).expect("a relation");
    let atom = change.intern(user("b").as_ref()).expect("a value");
    assert_eq!(change.insert_row(relation, &[atom]), Ok(true));
    assert_eq!(change.insert_row(relation, &[]), Err(FactError::WrongArity { expected: 1, found: 0 }));
    assert_eq!(
        change.insert_row(relation, &[atom, atom]),
        Err(FactError::WrongArity { expected: 1, found: 2 })
    );

    let mut elsewhere = Facts::new().change();
    for number in 0..10 {
        elsewhere.relation("other", 8).expect("a relation");
        elsewhere.relation(&format!("p{number}"), 1).expect("a relation");
        elsewhere.intern(user(&format!("{number}")).as_ref()).expect("a value");
    }
    let foreign = elsewhere.intern(org("far").as_ref()).expect("a value");
    let far = elsewhere.relation("far", 1).expect("a relation");
    assert_eq!(change.insert_row(relation, &[foreign]), Err(FactError::UnknownAtom));
    assert_eq!(change.insert_row(far, &[atom]), Err(FactError::UnknownRelation));
    assert_eq!(change.prepare(far, Mask::of([0])), Err(FactError::UnknownRelation));
    assert_eq!(change.commit().0.len(), 2);
}

#[test]
fn questions_with_other_ids_have_no_answers() {
    let facts = stored(&[fact("open", &[user("a")]), fact("role", &[user("a"), user("a"), user("a")])]);
    let view = facts.view();
    let role = view.relation("role", 3).expect("a relation");
    let far = RelationId(70);
    let atom = view.atom(user("a").as_ref()).expect("an atom");
    assert!(!view.contains(far, &[atom]));
    assert!(!view.contains(role, &[atom]));
    assert!(!view.contains(role, &[atom; 9]));
    assert!(!view.contains(role, &[Atom(900); 3]));
    assert_eq!(view.scan(far, &[None]).count(), 0);
    assert_eq!(view.scan(role, &[None]).count(), 0);
    assert_eq!(view.scan(role, &[None; 12]).count(), 0);
    assert_eq!(view.scan(role, &[Some(Atom(900)), None, None]).count(), 0);
    assert_eq!(view.value(Atom(900)), None);
    assert_eq!(view.type_of(Atom(900)), None);
    facts.prepare(far, Mask::of([0]));
    facts.prepare(role, Mask::of([0, 7]));
}
