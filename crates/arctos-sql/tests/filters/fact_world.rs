//! Policies over facts at random, facts for them, and where these are: in memory, in tables, or in both.

use std::fmt::Write;

use arctos::facts::Value;
use arctos::residual::{Constant, FactTable, RowType, RowTypes, Source, ValueType};
use arctos_sql::{Parameter, Table, Tables};
use arctos_testkit::generate::Random;

use crate::rows::TEXTS;

/// What an argument of a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    Entity(&'static str),
    /// Always the same.
    Word(&'static str),
    /// One of these.
    Text(&'static [&'static str]),
    Integer,
}

/// Facts of one form, and where they are.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) predicate: &'static str,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) facts: Vec<Stated>,
    /// Its table is named as it is, or told by a query.
    is_query: bool,
    /// Rows with a nil among their values: no facts.
    holes: usize,
}

/// A fact: which entities, texts and numbers it is about, and whether it is in the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stated {
    pub(crate) values: Vec<Value>,
    pub(crate) in_table: bool,
}

/// A policy, facts, and how ids are kept.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) rules: Vec<String>,
    pub(crate) forms: Vec<Form>,
    /// Which folders are open: an attribute of theirs, which is in a table.
    open: Vec<bool>,
    /// By type: how ids are kept in tables.
    id_types: Vec<ValueType>,
}

pub(crate) const TYPES: &[&str] = &["User", "Group", "Org", "Folder", "Doc"];
const COUNTS: &[usize] = &[2, 3, 2, 5, 4];
const TAGS: &[&str] = &["a", "A", "a ", "b", "á"];

/// The forms that facts may have.
fn forms() -> Vec<(&'static str, Vec<Argument>)> {
    use Argument::{Entity, Integer, Text, Word};
    const ROLES: &[&str] = &["reader", "writer"];
    let relation = |of, name, to| ("has_relation", vec![Entity(of), Word(name), Entity(to)]);
    let role = |who, roles, of| ("has_role", vec![Entity(who), Text(roles), Entity(of)]);
    vec![
        relation("Doc", "folder", "Folder"),
        relation("Doc", "owner", "User"),
        relation("Folder", "parent", "Folder"),
        relation("Folder", "org", "Org"),
        role("User", ROLES, "Folder"),
        role("User", ROLES, "Doc"),
        role("Group", ROLES, "Folder"),
        role("Group", ROLES, "Doc"),
        role("User", &["member", "admin"], "Org"),
        ("in_group", vec![Entity("User"), Entity("Group")]),
        ("in_group", vec![Entity("Group"), Entity("Group")]),
        ("is_public", vec![Entity("Doc")]),
        ("is_public", vec![Entity("Folder")]),
        ("is_locked", vec![Entity("Folder")]),
        ("is_suspended", vec![Entity("User")]),
        ("banned", vec![Entity("User"), Entity("Doc")]),
        ("similar", vec![Entity("Doc"), Entity("Doc")]),
        ("tagged", vec![Entity("Doc"), Text(TAGS)]),
        ("likes", vec![Entity("User"), Text(TAGS)]),
        ("level", vec![Entity("Doc"), Integer]),
    ]
}

/// Rules of the blocks, with the block.
const SHORTHAND: &[(&str, &str)] = &[
    ("Folder", r#""reader" if "writer";"#),
    ("Folder", r#"role if role on "parent";"#),
    ("Folder", r#""reader" if "reader" on "parent";"#),
    ("Folder", r#""writer" if "writer" on "parent";"#),
    ("Folder", r#""reader" if "member" on "org";"#),
    ("Folder", r#""writer" if "admin" on "org";"#),
    ("Folder", r#""read" if "reader";"#),
    ("Folder", r#""read" if is_public(resource);"#),
    ("Folder", r#""read" if "read" on "parent";"#),
    ("Doc", r#""reader" if "writer";"#),
    ("Doc", r#""read" if "reader";"#),
    ("Doc", r#""read" if "owner" on resource;"#),
    ("Doc", r#"role if role on "folder";"#),
    ("Doc", r#""read" if "read" on "folder";"#),
    ("Doc", r#""read" if is_public(resource);"#),
    ("Org", r#""member" if "admin";"#),
];

const RULES: &[&str] = &[
    r#"has_role(user: User, role: String, folder: Folder) if group matches Group and in_group(user, group) and has_role(group, role, folder);"#,
    r#"has_role(user: User, role: String, doc: Doc) if group matches Group and in_group(user, group) and has_role(group, role, doc);"#,
    r#"has_role(sub: Group, role: String, folder: Folder) if group matches Group and in_group(sub, group) and has_role(group, role, folder);"#,
    r#"has_permission(user: User, "read", doc: Doc) if other matches Doc and similar(doc, other) and has_permission(user, "read", other);"#,
    r#"has_permission(user: User, "read", doc: Doc) if other matches Doc and similar(other, doc) and not banned(user, other) and has_permission(user, "read", other);"#,
    r#"has_permission(user: User, "read", doc: Doc) if tagged(doc, tag) and likes(user, tag);"#,
    r#"has_permission(user: User, "read", doc: Doc) if tagged(doc, "a") and not banned(user, doc);"#,
    r#"has_permission(user: User, "read", doc: Doc) if level(doc, n) and n > 1 and has_role(user, "reader", doc);"#,
    r#"has_permission(user: User, "read", doc: Doc) if folder matches Folder and has_relation(doc, "folder", folder) and not is_locked(folder) and has_role(user, "writer", folder);"#,
    r#"has_permission(_: User, "read", doc: Doc) if folder matches Folder and has_relation(doc, "folder", folder) and not shut(folder);"#,
    r#"has_permission(user: User, "read", doc: Doc) if has_role(user, "writer", doc) and not is_suspended(user);"#,
    r#"has_permission(user: User, "read", folder: Folder) if has_role(user, "reader", folder) and not shut(folder);"#,
    r#"has_permission(user: User, "read", folder: Folder) if has_relation(folder, "org", org) and has_role(user, "admin", org);"#,
    r#"has_permission(_: User, "read", folder: Folder) if folder.is_open;"#,
    r#"has_permission(user: User, "read", doc: Doc) if folder matches Folder and has_relation(doc, "folder", folder) and not folder.is_open and has_role(user, "reader", folder);"#,
    r#"has_permission(_: User, "read", doc: Doc) if folder matches Folder and has_relation(doc, "folder", folder) and open_below(folder);"#,
    r#"has_permission(User{"1"}, "read", _: Folder);"#,
    r#"has_permission(_: User, "read", Doc{"1"});"#,
];

/// What others call.
const DEFINITIONS: &str = r#"
    shut(folder: Folder) if is_locked(folder);
    shut(folder: Folder) if up matches Folder and has_relation(folder, "parent", up) and shut(up);
    open_below(folder: Folder) if folder.is_open;
    open_below(folder: Folder) if up matches Folder and has_relation(folder, "parent", up) and open_below(up);
    declare is_public(Doc);
    declare is_public(Folder);
    declare banned(User, Doc);
    declare is_suspended(User);
    declare in_group(User, Group);
    declare in_group(Group, Group);
    declare similar(Doc, Doc);
    declare tagged(Doc, String);
    declare likes(User, String);
    declare level(Doc, Integer);
    declare has_role(Group, String, Folder);
    declare has_role(Group, String, Doc);
"#;

impl World {
    pub(crate) fn random(random: &mut Random) -> World {
        let mut rules: Vec<String> = Vec::new();
        for (block, rule) in SHORTHAND {
            if random.chance(40) {
                rules.push(format!("{block}: {rule}"));
            }
        }
        rules.extend(RULES.iter().filter(|_| random.chance(25)).map(|rule| (*rule).to_owned()));
        let kinds =
            [ValueType::Integer, ValueType::String, ValueType::Integer, ValueType::String, ValueType::Uuid];
        let id_types = TYPES.iter().filter_map(|_| random.pick(&kinds).copied()).collect();
        let open = (0..8).map(|_| random.chance(30)).collect();
        let mut world = World { rules, forms: Vec::new(), open, id_types };
        for (predicate, arguments) in forms() {
            // In memory, in a table, or both.
            let share = random.pick(&[0, 0, 100, 100, 50]).copied().unwrap_or(0);
            let mut facts: Vec<Stated> = Vec::new();
            for _ in 0..random.below(7) {
                let mut values: Vec<Value> =
                    arguments.iter().map(|argument| world.value(random, *argument)).collect();
                let in_table = random.chance(share);
                // Of whatever entity, which no table says.
                if let (Some(Value::Entity { type_name, .. }), false) = (values.first(), in_table)
                    && random.chance(5)
                {
                    let any = Value::Any(type_name.clone());
                    values.splice(..1, [any]);
                }
                let stated = Stated { values, in_table };
                if facts.iter().all(|known| known.values != stated.values) {
                    facts.push(stated);
                }
            }
            let (is_query, holes) = (random.chance(30), random.below(2));
            world.forms.push(Form { predicate, arguments, facts, is_query, holes });
        }
        world
    }

    /// The ids of a type.
    pub(crate) fn ids(&self, type_name: &str) -> Vec<String> {
        let count = TYPES.iter().position(|known| *known == type_name).and_then(|place| COUNTS.get(place));
        let id = |number: usize| match self.id_type(type_name) {
            ValueType::Integer => number.to_string(),
            ValueType::Uuid => format!("0000000{number}-0000-4000-8000-00000000000a"),
            // Those that databases take for one another.
            _ => if number == 1 { "1" } else { TEXTS[(number * 2) % 7] }.to_owned(),
        };
        let mut ids: Vec<String> = (0..*count.unwrap_or(&0)).map(id).collect();
        ids.retain(|id| !id.is_empty());
        ids.dedup();
        ids
    }

    pub(crate) fn id_type(&self, type_name: &str) -> ValueType {
        let place = TYPES.iter().position(|known| *known == type_name);
        place.and_then(|place| self.id_types.get(place)).copied().unwrap_or(ValueType::String)
    }

    /// The folders, and whether they are open.
    pub(crate) fn folders(&self) -> Vec<(String, bool)> {
        self.ids("Folder").into_iter().zip(self.open.iter().copied()).collect()
    }

    /// An id as a constant.
    pub(crate) fn id(&self, type_name: &str, id: &str) -> Constant {
        match self.id_type(type_name) {
            ValueType::Integer => Constant::Integer(id.parse().unwrap()),
            _ => Constant::String(id.into()),
        }
    }

    /// What formulas see of an entity.
    pub(crate) fn seen(&self, class: &str, id: &str) -> Seeing {
        let is_open = self.folders().iter().any(|(folder, is_open)| folder == id && *is_open);
        vec![("id".to_owned(), self.id(class, id)), ("is_open".to_owned(), Constant::Boolean(is_open))]
    }

    fn value(&self, random: &mut Random, argument: Argument) -> Value {
        match argument {
            Argument::Entity(type_name) => {
                let ids = self.ids(type_name);
                Value::entity(type_name, random.pick(&ids).map_or("0", String::as_str))
            }
            Argument::Word(word) => Value::from(word),
            Argument::Text(words) => Value::from(random.pick(words).copied().unwrap_or("a")),
            Argument::Integer => Value::Integer(random.below(4) as i64),
        }
    }

    pub(crate) fn policy(&self) -> String {
        let mut text = String::from("actor User {}\nactor Group {}\n");
        for (block, head) in [
            ("Org", r#"roles = ["member", "admin"];"#),
            (
                "Folder",
                r#"roles = ["reader", "writer"]; permissions = ["read"]; relations = { parent: Folder, org: Org };"#,
            ),
            (
                "Doc",
                r#"roles = ["reader", "writer"]; permissions = ["read"]; relations = { folder: Folder, owner: User };"#,
            ),
        ] {
            writeln!(text, "resource {block} {{ {head}").unwrap();
            for rule in self.rules.iter().filter_map(|rule| rule.strip_prefix(&format!("{block}: "))) {
                writeln!(text, "  {rule}").unwrap();
            }
            text += "}\n";
        }
        let is_rule =
            |rule: &&String| !SHORTHAND.iter().any(|(block, _)| rule.starts_with(&format!("{block}: ")));
        for rule in self.rules.iter().filter(is_rule) {
            writeln!(text, "{rule}").unwrap();
        }
        text + DEFINITIONS
    }

    /// What databases are asked by: the entities of the class are in a table of their own.
    pub(crate) fn tables(&self, class: &str) -> Tables {
        let root = RowType::new(["id"]).attribute("id", self.id_type(class));
        let folder = RowType::new(["id"])
            .attribute("id", self.id_type("Folder"))
            .attribute("is_open", ValueType::Boolean);
        let mut rows = RowTypes::new().with(class, root).with("Folder", folder);
        for (number, form) in self.forms.iter().enumerate().filter(|(_, form)| form.is_in_table()) {
            rows = rows.facts(form.predicate, self.fact_table(number, form));
        }
        let tables = Tables::new(rows).with("Folder", Table::new("law_folders"));
        let mut tables = tables.with(class, Table::new("law_entities"));
        for (number, form) in self.forms.iter().enumerate().filter(|(_, form)| form.is_in_table()) {
            let (name, columns) = (name(number), form.columns());
            let table = if form.is_query {
                Table::query(&format!("SELECT {} FROM {name} -- all", columns.join(", ")), columns)
            } else {
                Table::new(&name)
            };
            tables = tables.with(&name, table);
        }
        tables
    }

    fn fact_table(&self, number: usize, form: &Form) -> FactTable {
        let mut table = FactTable::new(&name(number));
        for (place, argument) in form.arguments.iter().enumerate() {
            let column = format!("a{place}");
            table = match argument {
                Argument::Entity(type_name) => table.entity(type_name, &column, self.id_type(type_name)),
                Argument::Word(word) => table.constant(*word),
                Argument::Text(_) => table.value(&column, ValueType::String),
                Argument::Integer => table.value(&column, ValueType::Integer),
            };
        }
        table
    }

    /// The rows of a form's table.
    pub(crate) fn rows_of(&self, form: &Form) -> Vec<Vec<Option<Parameter>>> {
        let parameter = |(value, argument): (&Value, &Argument)| match (value, argument) {
            (_, Argument::Word(_)) => None,
            (Value::Entity { type_name, id }, _) => Some(Some(match self.id_type(type_name) {
                ValueType::Integer => Parameter::Integer(id.parse().unwrap()),
                _ => Parameter::Text(id.clone()),
            })),
            (Value::String(text), _) => Some(Some(Parameter::Text(text.clone()))),
            (Value::Integer(value), _) => Some(Some(Parameter::Integer(*value))),
            _ => None,
        };
        let row = |stated: &Stated| stated.values.iter().zip(&form.arguments).filter_map(parameter).collect();
        let mut rows: Vec<Vec<Option<Parameter>>> =
            form.facts.iter().filter(|stated| stated.in_table).map(row).collect();
        for _ in 0..form.holes {
            let mut hole = rows.first().cloned().unwrap_or_default();
            hole.pop();
            hole.push(None);
            if hole.len() == form.columns().len() {
                rows.push(hole);
            }
        }
        rows
    }

    /// The types of the columns of a form's table.
    pub(crate) fn types_of(&self, form: &Form) -> Vec<ValueType> {
        let known = |argument: &Argument| match argument {
            Argument::Entity(type_name) => Some(self.id_type(type_name)),
            Argument::Word(_) => None,
            Argument::Text(_) => Some(ValueType::String),
            Argument::Integer => Some(ValueType::Integer),
        };
        form.arguments.iter().filter_map(known).collect()
    }
}

/// The name of a form's table.
pub(crate) fn name(number: usize) -> String {
    format!("law_facts{number}")
}

impl Form {
    pub(crate) fn is_in_table(&self) -> bool {
        self.facts.iter().any(|stated| stated.in_table)
    }

    pub(crate) fn columns(&self) -> Vec<String> {
        let places = self.arguments.iter().enumerate();
        places
            .filter(|(_, argument)| !matches!(argument, Argument::Word(_)))
            .map(|(place, _)| format!("a{place}"))
            .collect()
    }
}

/// What formulas see: an entity that is asked about, or a row of a table.
pub(crate) struct Seen<'w> {
    pub(crate) world: &'w World,
}

/// The name of an attribute and its value.
pub(crate) type Seeing = Vec<(String, Constant)>;

impl Source for Seen<'_> {
    type Row = Seeing;

    fn attribute(&self, row: &Seeing, name: &str) -> Constant {
        row.iter().find(|(known, _)| known == name).map_or(Constant::Nil, |(_, value)| value.clone())
    }

    fn related(&self, _: &Seeing, _: &str) -> Vec<Seeing> {
        Vec::new()
    }

    fn rows(&self, class: &str) -> Vec<Seeing> {
        if class == "Folder" {
            return self.world.ids(class).iter().map(|id| self.world.seen(class, id)).collect();
        }
        let form = self.world.forms.iter().enumerate().find(|(number, _)| name(*number) == class);
        let Some((_, form)) = form else { return Vec::new() };
        let constant = |value: &Option<Parameter>| match value {
            Some(Parameter::Integer(value)) => Constant::Integer(*value),
            Some(Parameter::Text(text)) => Constant::String(text.as_str().into()),
            _ => Constant::Nil,
        };
        let row =
            |row: Vec<Option<Parameter>>| form.columns().into_iter().zip(row.iter().map(constant)).collect();
        self.world.rows_of(form).into_iter().map(row).collect()
    }
}
