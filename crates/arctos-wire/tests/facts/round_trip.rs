//! What is written comes back as it was, in all formats, and other programs see the same.

use std::collections::{BTreeMap, BTreeSet};

use arctos::facts::{Fact, Value};
use arctos::{Facts, Policy};
use arctos_testkit::generate::Random;
use arctos_wire::facts::{Format, Import, write};

use crate::random::{FORMATS, fact, set, snapshot, written};

/// Whether these facts come back; the law.
fn comes_back(facts: &BTreeSet<Fact>, format: Format, name: &str) -> Result<(), String> {
    let text = written(&snapshot(facts), format);
    let read = super::read(name, &text).map_err(|unread| super::shown(&unread))?;
    if set(&read) == *facts { Ok(()) } else { Err(String::from_utf8_lossy(&text).into_owned()) }
}

/// A smaller set that does not come back either.
fn shrunk(mut facts: BTreeSet<Fact>, format: Format, name: &str) -> BTreeSet<Fact> {
    for fact in facts.clone() {
        let fewer: BTreeSet<Fact> = facts.iter().filter(|other| **other != fact).cloned().collect();
        if comes_back(&fewer, format, name).is_err() {
            facts = fewer;
        }
    }
    facts
}

#[test]
fn whatever_is_written_comes_back() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let facts: BTreeSet<Fact> = (0..random.below(12)).map(|_| fact(&mut random)).collect();
        for (format, name) in FORMATS {
            if comes_back(&facts, format, name).is_err() {
                let facts = shrunk(facts, format, name);
                panic!("{format:?}, {facts:#?}: {:?}", comes_back(&facts, format, name));
            }
        }
    }
}

#[test]
fn what_is_written_depends_on_the_set_of_facts_alone() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let facts: BTreeSet<Fact> = (0..30).map(|_| fact(&mut random)).collect();
        let mut shuffled: Vec<&Fact> = facts.iter().collect();
        (1..shuffled.len()).for_each(|last| shuffled.swap(last, random.below(last + 1)));
        let mut other = Facts::new();
        for batch in shuffled.chunks(7) {
            let mut change = other.change();
            batch.iter().for_each(|fact| assert_eq!(change.insert(fact), Ok(true)));
            other = change.commit().0;
        }
        for (format, name) in FORMATS {
            let once = written(&snapshot(&facts), format);
            assert_eq!(once, written(&other, format));
            assert_eq!(once, written(&super::read(name, &once).unwrap(), format));
        }
    }
}

/// A program for tables that knows nothing of facts.
#[test]
fn other_programs_read_and_write_the_same_tables() {
    for seed in 0..200 {
        let mut random = Random::new(seed);
        let facts: BTreeSet<Fact> = (0..10).map(|_| fact(&mut random)).collect();
        let ours = written(&snapshot(&facts), Format::Csv);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*ours);
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        for (style, terminator) in [
            (csv::QuoteStyle::Always, csv::Terminator::CRLF),
            (csv::QuoteStyle::Necessary, csv::Terminator::Any(b'\n')),
        ] {
            let mut builder = csv::WriterBuilder::new();
            let mut writer = builder.quote_style(style).terminator(terminator).from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let theirs = writer.into_inner().unwrap();
            let read = super::read("theirs.csv", &theirs)
                .unwrap_or_else(|unread| panic!("{}", super::shown(&unread)));
            assert_eq!(set(&read), facts);
        }
    }
}

#[test]
fn a_table_of_one_predicate() {
    let read = super::read(
        "data/has_role.of-users.csv",
        "\u{feff}User,role: String,Repo\r\nann,admin,anvil\r\n\"b,c\",7,\r\n".as_bytes(),
    );
    let shown: Vec<String> = read.unwrap().iter().map(|fact| fact.to_string()).collect();
    assert_eq!(
        shown,
        [r#"has_role(User{"ann"}, "admin", Repo{"anvil"})"#, r#"has_role(User{"b,c"}, "7", Repo{""})"#]
    );
    let read = super::read("limit.csv", b"Org,Integer,Boolean\nacme,7,true\n").unwrap();
    assert_eq!(read.iter().next().unwrap().to_string(), r#"limit(Org{"acme"}, 7, true)"#);
}

#[test]
fn what_nothing_could_read_is_not_written() {
    for fact in
        [Fact::new("is public", [Value::entity("Doc", "a")]), Fact::new("p", [Value::entity("a b", "c")])]
    {
        let facts = snapshot(&BTreeSet::from([fact]));
        for (format, _) in FORMATS {
            assert!(write(&facts, format, &mut Vec::new()).is_err());
        }
    }
}

#[test]
fn several_files_are_one_batch() {
    let base = snapshot(&BTreeSet::from([Fact::new("is_public", [Value::entity("Doc", "a")])]));
    let lines = "is_public(Doc{\"a\"}); is_public(Doc{\"b\"});\nis_public(Doc{\"b\"});";
    let mut import = Import::onto(&base);
    import.read(Some("a.facts"), Format::Notation, lines.as_bytes());
    import.read(Some("is_public.csv"), Format::Csv, &b"Doc\nb\nc\n"[..]);
    let (facts, imported) = import.finish().unwrap();
    assert_eq!((imported.records, imported.inserted, imported.repeated), (5, 2, 3));
    assert_eq!((facts.len(), facts.revision()), (3, base.revision() + 1));
    assert_eq!(
        imported.by_predicate.into_iter().collect::<Vec<_>>(),
        [("is_public".to_owned(), BTreeMap::from([(1, 5)]))]
    );
}

#[test]
fn nothing_is_applied_where_anything_is_wrong() {
    let policy: Policy = super::policy("allow(u: User, \"read\", d: Doc) if owns(u, d);");
    let base = Facts::new();
    let mut import = Import::onto(&base).for_policy(&policy);
    import.read(Some("good.facts"), Format::Notation, &b"owns(User{\"a\"}, Doc{\"b\"});"[..]);
    import.read(Some("bad.facts"), Format::Notation, &b"owns(User{\"a\"});"[..]);
    assert_eq!(
        import.finish().unwrap_err().to_string(),
        "bad.facts:1:1: `owns` is a fact of 2 arguments, and this one has 1"
    );
    assert!(base.is_empty());
}

#[test]
fn deletions_take_away_what_was_there_before() {
    let base = "is_public(Doc{\"a\"}); is_public(Doc{\"b\"}); is_public(_: Doc);";
    let lines = |ids: &[&str], delete: bool| -> String {
        let fact = |id: &&str| format!(r#"{{"predicate":"is_public","args":[{{"type":"Doc","id":{id}}}]}}"#);
        let line =
            |fact: String| if delete { format!("{{\"delete\":{fact}}}\n") } else { format!("{fact}\n") };
        ids.iter().map(fact).map(line).collect()
    };
    let changes = lines(&["\"a\"", "null", "\"x\"", "\"x\""], true) + &lines(&["\"b\"", "\"c\""], false);
    let mut import = Import::onto(&Facts::new());
    import.read(Some("base.facts"), Format::Notation, base.as_bytes());
    import.read(Some("changes.jsonl"), Format::JsonLines, changes.as_bytes());
    let (facts, imported) = import.finish().unwrap();
    assert_eq!(written(&facts, Format::Notation), b"is_public(Doc{\"b\"});\nis_public(Doc{\"c\"});\n");
    assert_eq!((imported.records, imported.inserted, imported.repeated), (5, 4, 1));
    assert_eq!((imported.deleted, imported.absent), (2, 2));
}
