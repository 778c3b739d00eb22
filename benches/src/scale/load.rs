//! W7: from an application's values, or from text, to facts that can be asked.

use std::fmt::Write;
use std::hint::black_box;
use std::rc::Rc;

use arctos::facts::{self, FactError, Facts, ValueRef};

use super::{Host, by_hand};
use crate::codehost::facts::{flags, load, relations, roles};
use crate::contender::{Contender, Scenario};

/// What is timed.
pub const ABOUT: &str = "All facts of a code host into an empty store that can then be asked. Arctos and *by hand* get the \
    same values, ids as borrowed text; the others what their documentation shows.";

/// Up to so many facts, text is parsed: its syntax tree takes more memory than the facts.
const MOST_AS_TEXT: usize = 1_000_000;
const TEXT: &str = "arctos, text";

/// All engines, at each size.
pub fn scenarios(hosts: &[Rc<Host>]) -> Vec<Scenario> {
    hosts.iter().map(scenario).collect()
}

fn scenario(host: &Rc<Host>) -> Scenario {
    let mut contenders = vec![many(host), one_by_one(host)];
    let mut absent = Vec::new();
    if host.size <= MOST_AS_TEXT {
        contenders.push(text(host));
    } else {
        absent.push((
            TEXT,
            "the text is parsed as a whole, and its syntax trees would take over 5 GB".to_owned(),
        ));
    }
    contenders.push(by_hand(host));
    #[cfg(feature = "peers")]
    super::peers::loads(host, &mut contenders, &mut absent);
    contenders.shrink_to_fit();
    let describe = Box::new(|_| "a load".to_owned());
    Scenario { name: host.name.clone(), expected: vec![true], describe, contenders, absent }
}

/// As many as there should be.
fn is_whole(host: &Host, facts: &Facts) -> bool {
    assert_eq!(facts.len(), host.world.facts(), "facts that are loaded");
    true
}

fn many(host: &Rc<Host>) -> Contender {
    let host = Rc::clone(host);
    let given = "`Change::insert_many` and `commit`";
    Contender::new("arctos", given, move |_| is_whole(&host, &load(&host.world, &host.ids)))
}

fn one_by_one(host: &Rc<Host>) -> Contender {
    let host = Rc::clone(host);
    let given = "`Change::insert_values` of each fact, and `commit`";
    Contender::new("arctos, one by one", given, move |_| is_whole(&host, &inserted(&host).expect("facts")))
}

fn inserted(host: &Host) -> Result<Facts, FactError> {
    let mut change = Facts::new().change();
    for (predicate, arguments) in roles(&host.world, &host.ids).chain(relations(&host.world, &host.ids)) {
        change.insert_values(predicate, &arguments)?;
    }
    for (predicate, arguments) in flags(&host.world, &host.ids) {
        change.insert_values(predicate, &arguments)?;
    }
    Ok(change.commit().0)
}

fn text(host: &Rc<Host>) -> Contender {
    let (host, text) = (Rc::clone(host), written(host));
    let given =
        "`facts::parse` of text as `has_role(User{\"7\"}, \"member\", Organization{\"3\"});`, then as before";
    Contender::new(TEXT, given, move |_| is_whole(&host, &parsed(&text).expect("facts")))
}

fn parsed(text: &str) -> Result<Facts, arctos::Error> {
    let facts = facts::parse(None, text)?;
    let values = facts.iter().map(|fact| {
        let arguments: Vec<ValueRef<'_>> = fact.arguments.iter().map(|value| value.as_ref()).collect();
        (fact.predicate.as_str(), arguments)
    });
    let mut change = Facts::new().change();
    change.insert_many(values).expect("facts");
    Ok(change.commit().0)
}

/// The facts in the notation of policies, a line each.
fn written(host: &Host) -> String {
    let mut text = String::new();
    let mut line = |predicate: &str, arguments: &[ValueRef<'_>]| {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "{predicate}({});", arguments.join(", "));
    };
    for (predicate, arguments) in roles(&host.world, &host.ids).chain(relations(&host.world, &host.ids)) {
        line(predicate, &arguments);
    }
    for (predicate, arguments) in flags(&host.world, &host.ids) {
        line(predicate, &arguments);
    }
    text
}

fn by_hand(host: &Rc<Host>) -> Contender {
    let host = Rc::clone(host);
    let given = "ids to numbers, and numbers to roles and relations, in `FxHashMap`s";
    Contender::new("by hand, hash maps", given, move |_| {
        black_box(by_hand::Store::load(&host));
        true
    })
}
