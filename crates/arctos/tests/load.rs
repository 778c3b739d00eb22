//! Whatever it is given, loading ends soon: in a policy or in diagnostics with codes, never in a stack overflow. The texts are so
//! long that anything but linear time would be noticed.

use arctos::{Policy, Schema, Sources};

/// Enough for a square of it to take minutes.
const MANY: usize = 10_000;

const ENTRANCE: &str = "allow(_, _, _);\n";

fn schema() -> Schema {
    let mut schema = Schema::new();
    ["User", "Repo", "Org"].iter().for_each(|class| _ = schema.add_class(class, &[]));
    schema
}

/// Loads a text on a thread with the default stack of threads, as a binding may call us; the codes of what is wrong.
fn errors(text: String) -> Vec<&'static str> {
    let load = move || {
        let mut sources = Sources::default();
        sources.add(Some("a.polar"), &text);
        match Policy::load(&schema(), sources) {
            Ok(_) => Vec::new(),
            Err(error) => {
                let found = error.diagnostics().iter().filter(|diagnostic| diagnostic.is_error());
                found.map(|diagnostic| diagnostic.code.as_str()).collect()
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(load);
    let codes = thread.ok().and_then(|thread| thread.join().ok());
    assert!(codes.is_some(), "see the message above");
    codes.unwrap_or_default()
}

fn loads(text: String) {
    let start: String = text.chars().take(80).collect();
    assert_eq!(errors(text), [""; 0], "{start}");
}

fn is_refused(text: String, code: &str, times: usize) {
    let start: String = text.chars().take(80).collect();
    let codes = errors(text);
    let others = codes.iter().find(|found| **found != code);
    assert_eq!((codes.len(), others), (times, None), "{start}");
}

fn list(n: usize, separator: &str, item: impl Fn(usize) -> String) -> String {
    (0..n).map(item).collect::<Vec<_>>().join(separator)
}

#[test]
fn nesting_is_refused() {
    let nested = |n: usize, open: &str, close: &str| format!("{}x{}", open.repeat(n), close.repeat(n));
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{a: ", "}"), ("f(", ")"), ("not (", ")"), ("forall(x, ", ")")]
    {
        is_refused(format!("{ENTRANCE}f(x) if x = 1 and {};", nested(100_000, open, close)), "P0110", 1);
    }
    is_refused(format!("{ENTRANCE}f({});", nested(100_000, "[", "]")), "P0110", 1);
    is_refused(format!("{ENTRANCE}f(x) if x.a{};", ".a".repeat(100_000)), "P0110", 1);
    is_refused(format!("{ENTRANCE}f(x) if x = 1{};", " + 1".repeat(100_000)), "P0110", 1);
    loads(format!("{ENTRANCE}f(x) if {};", nested(60, "forall(x = 1, ", ")")));
    loads(format!("{ENTRANCE}f(x) if {};", nested(40, "not (x = 1 and ", ")")));
    loads(format!("{ENTRANCE}f(x) if {};", nested(24, "x = 1 and (x = 2 or ", ")")));
}

#[test]
fn one_huge_thing_loads() {
    loads(format!("{ENTRANCE}f(\"{}\");", "x".repeat(10 << 20)));
    loads(format!("{ENTRANCE}# {}\nf(1);", "x".repeat(10 << 20)));
    loads(format!("{ENTRANCE}f({0}) if {0};", "x".repeat(1 << 20)));
    loads(format!("{ENTRANCE}f(x) if x = 1{};", " or x = 2".repeat(100_000)));
    loads(format!("{ENTRANCE}f(x) if x = 1{};", " or x = 2 and x.a = 3".repeat(MANY)));
    loads(format!("{ENTRANCE}f(x) if x = 1{};", " and not x.a".repeat(100_000)));
    loads(format!("{ENTRANCE}f(_) if {};", list(MANY, " and ", |i| format!("not (a{i} = 1 and a{i} = 1)"))));
    loads(format!("{ENTRANCE}f(_) if {};", list(MANY, " and ", |i| format!("f(a{i}) and f(a{i})"))));
    let args = list(MANY, ",", |_| "x".to_owned());
    loads(format!("{ENTRANCE}f(x) if g({args}); g({args});"));
    loads(format!("{ENTRANCE}f(x) if x in [{}];", list(MANY, ",", |i| i.to_string())));
    loads(format!("{ENTRANCE}f(x) if x = {{{}}};", list(MANY, ",", |i| format!("a{i}: 1"))));
    loads(format!("{ENTRANCE}f(_: User{{{}}});", list(MANY, ",", |i| format!("a{i}: 1"))));
}

#[test]
fn rules_of_many_parameters_load() {
    let rule = |item: fn(usize) -> String| format!("f({});\n", list(MANY, ",", item));
    let text = rule(|i| i.to_string()) + &rule(|i| format!("\"{i}\"")) + &rule(|_| "_".to_owned());
    loads(format!("{ENTRANCE}{text}"));
    loads(format!("{ENTRANCE}{}", rule(|i| format!("_{i}: User"))));
    loads(format!("{ENTRANCE}{}", rule(|_| "x".to_owned())));
}

#[test]
fn many_of_one_kind_load() {
    let rules = |rule: fn(usize) -> String| loads(format!("{ENTRANCE}{}", list(MANY, "\n", rule)));
    rules(|i| format!("p{i}(x) if p{}(x);", (i + 1) % MANY));
    rules(|i| format!("p(x) if x.a{i} = 1 and p(x.b);"));
    rules(|i| format!("f(x: User) if x.a = \"{i}\" and not x.b;"));
    rules(|i| format!("f(_: Unknown{i});"));
    rules(|_| "f(x) if x.a = 1;".to_owned());
    rules(|i| format!("type f({i}); f({i});"));
    rules(|i| format!("type f(_: Unknown{i}, x); f(_: Unknown{i}, 1);"));
    rules(|_| "?= 1 = 1;".to_owned());
    rules(|i| {
        format!(
            "has_relation(u: Org, \"p\", x) if x.a{i} = u; g(x, {i}) if has_relation(o, \"p\", x) and h(o); h(_);"
        )
    });
}

#[test]
fn one_type_may_declare_much() {
    let names = list(MANY, ", ", |i| format!("\"r{i}\""));
    let chain = list(MANY - 1, "\n", |i| format!("\"r{}\" if \"r{i}\";", i + 1));
    let granted = "actor User {} has_role(_: User, \"r0\", _: Repo);";
    loads(format!("{ENTRANCE}{granted} resource Repo {{ roles = [{names}]; {chain} }}"));
    let rules = list(MANY, "\n", |i| format!("has_role(u: User, \"r{i}\", r: Repo) if r.x = u;"));
    loads(format!("{ENTRANCE}actor User {{}} resource Repo {{ roles = [{names}]; }} {rules}"));
    let relations = list(MANY, ", ", |i| format!("r{i}: Repo"));
    let rules = list(MANY, "\n", |i| format!("has_relation(u: Repo, \"r{i}\", r: Repo) if r.x = u;"));
    loads(format!("{ENTRANCE}resource Repo {{ relations = {{ {relations} }}; }} {rules}"));
}

#[test]
fn many_mistakes_are_each_told() {
    let rules = |rule: fn(usize) -> String| format!("{ENTRANCE}{}", list(MANY, "\n", rule));
    is_refused(rules(|i| format!("f(x) if undefined{i}(x);")), "P0202", MANY);
    is_refused(rules(|i| format!("f({i}) if Misspelt{i} = 1;")), "P0201", MANY);
    is_refused(format!("{ENTRANCE}f(_) if {};", list(MANY, " and ", |i| format!("a{i} = 1"))), "P0201", MANY);
    is_refused("$%^".repeat(MANY), "P0102", 3 * MANY);
    let quoted = "\u{2018}x\u{2018}, ".repeat(MANY);
    is_refused(format!("{ENTRANCE}f([{quoted}]);"), "P0102", MANY);
    let blocks = list(MANY, "\n", |i| format!("resource Unknown{i} {{}}"));
    is_refused(format!("{ENTRANCE}{blocks}"), "P0401", MANY);
}
