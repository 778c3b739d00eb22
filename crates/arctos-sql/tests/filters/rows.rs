//! Rows at random: what they are of, what is in them, and how the toy application, a formula and a database see them.

use std::collections::BTreeMap;

use arctos::residual::{
    Attribute, Constant, Expression, Formula, Relation, RowType, RowTypes, Source, ValueType,
};
use arctos_sql::{Table, Tables};
use arctos_testkit::generate::Random;
use arctos_testkit::value::quote;

/// What rows of a class have.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) key: &'static [&'static str],
    /// Their names and types, and whether they may be nil.
    pub(crate) attributes: Vec<(&'static str, ValueType, bool)>,
    pub(crate) relations: Vec<(&'static str, Relation)>,
}

/// A row: its attributes.
pub(crate) type Row = BTreeMap<&'static str, Constant>;

/// The rows of all classes.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    /// Which types keys have: a set of tables in each database.
    pub(crate) shape: usize,
    pub(crate) classes: Vec<Class>,
    /// By class, in order.
    pub(crate) rows: Vec<Vec<Row>>,
    /// Values that not every database has.
    pub(crate) has_infinity: bool,
    pub(crate) has_nan: bool,
}

/// How many sets of tables there are.
pub(crate) const SHAPES: usize = 4;

pub(crate) const TEXTS: &[&str] =
    &["a", "A", "á", "a ", "b", "", "ab", "Z", "z", "ss", "ß", "😀", "\u{ff5e}", "k1", "é", "e\u{301}"];
pub(crate) const INTEGERS: &[i64] =
    &[0, 1, 2, 3, 1, 2, -1, 9_007_199_254_740_993, 9_007_199_254_740_992, i64::MAX, i64::MIN + 1];
pub(crate) const FLOATS: &[f64] = &[
    0.0,
    1.0,
    2.0,
    1.5,
    -0.0,
    -1.0,
    9_007_199_254_740_992.0,
    9_223_372_036_854_775_808.0,
    -9.3e18,
    1e300,
    0.1,
];

/// The classes, with keys of these types.
pub(crate) fn classes(shape: usize) -> Vec<Class> {
    use ValueType::{Integer, String};
    let key = |bit: usize| if shape >> bit & 1 == 0 { Integer } else { String };
    let (folder, doc) = (key(0), key(1));
    let mut classes = vec![
        Class {
            name: "User",
            key: &["id"],
            attributes: with_plain(&[("id", Integer, false), ("boss_id", Integer, true), GONE]),
            relations: vec![
                ("boss", to_one("User", &[("boss_id", "id")])),
                ("team", to_many("User", &[("id", "boss_id")])),
                ("docs", to_many("Doc", &[("id", "author_id")])),
            ],
        },
        Class {
            name: "Folder",
            key: &["id"],
            attributes: with_plain(&[
                ("id", folder, false),
                ("parent_id", folder, true),
                ("owner_id", Integer, true),
                GONE,
            ]),
            relations: vec![
                ("parent", to_one("Folder", &[("parent_id", "id")])),
                ("children", to_many("Folder", &[("id", "parent_id")])),
                ("owner", to_one("User", &[("owner_id", "id")])),
                ("docs", to_many("Doc", &[("id", "folder_id")])),
                ("parts", to_many("Part", &[("id", "folder_id")])),
            ],
        },
        Class {
            name: "Doc",
            key: &["id"],
            attributes: with_plain(&[
                ("id", doc, false),
                ("folder_id", folder, true),
                ("author_id", Integer, true),
                ("editor_id", Integer, true),
                ("main_no", Integer, true),
                GONE,
            ]),
            relations: vec![
                ("folder", to_one("Folder", &[("folder_id", "id")])),
                ("author", to_one("User", &[("author_id", "id")])),
                ("editor", to_one("User", &[("editor_id", "id")])),
                ("main", to_one("Part", &[("folder_id", "folder_id"), ("main_no", "no")])),
                ("readers", to_many("User", &[("id", "doc_id")]).through("Reader", [("user_id", "id")])),
            ],
        },
    ];
    classes.extend(details(folder, doc));
    classes
}

/// Classes whose keys are those of others.
fn details(folder: ValueType, doc: ValueType) -> [Class; 2] {
    use ValueType::Integer;
    [
        Class {
            name: "Part",
            key: &["folder_id", "no"],
            attributes: with_plain(&[
                ("folder_id", folder, false),
                ("no", Integer, false),
                ("next_no", Integer, true),
            ]),
            relations: vec![
                ("folder", to_one("Folder", &[("folder_id", "id")])),
                ("next", to_one("Part", &[("folder_id", "folder_id"), ("next_no", "no")])),
            ],
        },
        Class {
            name: "Reader",
            key: &["no"],
            attributes: vec![("no", Integer, false), ("doc_id", doc, true), ("user_id", Integer, true)],
            relations: Vec::new(),
        },
    ]
}

/// An attribute of rows that are none any more, where it is not nil.
const GONE: (&str, ValueType, bool) = ("gone_at", ValueType::Integer, true);

/// Whether what is in a table is a row.
pub(crate) fn is_there(row: &Row) -> bool {
    row.get(GONE.0).is_none_or(|gone| *gone == Constant::Nil)
}

/// These attributes, and those that all classes have.
fn with_plain(own: &[(&'static str, ValueType, bool)]) -> Vec<(&'static str, ValueType, bool)> {
    use ValueType::{Boolean, Float, Integer, String};
    let plain =
        [("flag", Boolean, true), ("num", Integer, true), ("size", Float, true), ("name", String, true)];
    own.iter().chain(&plain).copied().collect()
}

fn to_one(class: &str, on: &[(&str, &str)]) -> Relation {
    Relation::one(class, on.iter().copied())
}

fn to_many(class: &str, on: &[(&str, &str)]) -> Relation {
    Relation::many(class, on.iter().copied())
}

/// The name of a class's table.
pub(crate) fn table(class: &str, shape: usize) -> String {
    format!("{}{shape}", class.to_lowercase())
}

/// The name of an attribute's column: some have one of their own.
pub(crate) fn column(attribute: &str) -> &str {
    match attribute {
        "name" => "the \"name\"",
        "parent_id" => "parent",
        other => other,
    }
}

impl Data {
    pub(crate) fn random(random: &mut Random) -> Data {
        let shape = random.below(SHAPES);
        let mut classes = classes(shape);
        for (name, _, nullable) in classes.iter_mut().flat_map(|class| &mut class.attributes) {
            *nullable = *nullable && (*name == GONE.0 || !random.chance(25));
        }
        let special = random.below(10);
        let mut data =
            Data { shape, classes, rows: Vec::new(), has_infinity: special < 3, has_nan: special < 2 };
        for class in data.classes.clone() {
            let count = 1 + random.below(9);
            let rows = (0..count).map(|number| data.row(&class, number, random)).collect();
            data.rows.push(rows);
        }
        // There is somebody to ask.
        if let Some(user) = data.rows.first_mut().and_then(|users| users.first_mut()) {
            user.insert(GONE.0, Constant::Nil);
        }
        data
    }

    /// These rows. What is not given of them is nil.
    pub(crate) fn of(shape: usize, given: &[(&str, &[(&'static str, Constant)])]) -> Data {
        let classes = classes(shape);
        let row = |class: &Class, (of, values): &(&str, &[(&'static str, Constant)])| {
            let nil = class.attributes.iter().map(|(name, ..)| (*name, Constant::Nil));
            (*of == class.name).then(|| nil.chain(values.iter().cloned()).collect::<Row>())
        };
        let rows = |class: &Class| given.iter().filter_map(|given| row(class, given)).collect();
        let rows = classes.iter().map(rows).collect();
        Data { shape, classes, rows, has_infinity: false, has_nan: false }
    }

    fn row(&self, class: &Class, number: usize, random: &mut Random) -> Row {
        let mut row = Row::new();
        for (name, kind, nullable) in &class.attributes {
            let is_key = class.key.contains(name);
            let value = if *nullable && random.chance(if *name == GONE.0 { 80 } else { 12 }) {
                Constant::Nil
            } else if is_key && (*name == "id" || *name == "no") {
                // Keys of parts differ by both of their attributes.
                key(*kind, if class.name == "Part" { number / 2 } else { number }, false)
            } else if is_key {
                key(*kind, number % 2, false)
            } else if name.ends_with("_id") || name.ends_with("_no") {
                key(*kind, random.below(8), random.chance(10))
            } else {
                self.value(*kind, random)
            };
            row.insert(name, value);
        }
        row
    }

    fn value(&self, kind: ValueType, random: &mut Random) -> Constant {
        match kind {
            ValueType::Boolean => Constant::Boolean(random.chance(50)),
            ValueType::Integer => Constant::Integer(random.pick(INTEGERS).copied().unwrap_or(0)),
            ValueType::Uuid => {
                let text = format!("0000000{}-0000-4000-8000-00000000000a", random.below(3));
                Constant::String(text.into())
            }
            ValueType::String => Constant::String(random.pick(TEXTS).copied().unwrap_or("").into()),
            ValueType::Float if self.has_nan && random.chance(20) => Constant::Float(f64::NAN),
            ValueType::Float if self.has_infinity && random.chance(20) => {
                Constant::Float(if random.chance(50) { f64::INFINITY } else { f64::NEG_INFINITY })
            }
            ValueType::Float => Constant::Float(random.pick(FLOATS).copied().unwrap_or(0.0)),
        }
    }

    pub(crate) fn class(&self, name: &str) -> Option<(usize, &Class)> {
        self.classes.iter().enumerate().find(|(_, class)| class.name == name)
    }

    /// What a filter knows of them.
    pub(crate) fn tables(&self) -> Tables {
        let mut types = RowTypes::new();
        for class in &self.classes {
            let mut row = RowType::new(class.key.iter().copied());
            for (name, kind, nullable) in &class.attributes {
                row = row.with_attribute(name, Attribute { value_type: Some(*kind), nullable: *nullable });
            }
            for (name, relation) in &class.relations {
                row = row.relation(name, relation.clone());
            }
            types = types.with(class.name, row);
        }
        self.classes.iter().fold(Tables::new(types), |tables, class| {
            let named = Table::new(&table(class.name, self.shape));
            let columns = class.attributes.iter().map(|(name, ..)| *name);
            let mut named = columns.fold(named, |table, name| table.column(name, column(name)));
            if class.attributes.contains(&GONE) {
                let gone = Expression::Attribute(arctos::residual::Row::ROOT, GONE.0.into());
                named = named.only(Formula::is(gone, Constant::Nil));
            }
            tables.with(class.name, named)
        })
    }

    /// The toy application whose objects are the rows, as lines of text.
    pub(crate) fn world(&self) -> String {
        let mut lines: Vec<String> =
            self.classes.iter().map(|class| format!("class {}", class.name)).collect();
        for (place, class) in self.classes.iter().enumerate() {
            for (number, row) in self.all(place) {
                let attributes = row.iter().map(|(name, value)| format!("{name}: {}", show(value)));
                let relations = class.relations.iter().map(|(name, relation)| {
                    let mut found =
                        self.related(&(place, number), name).into_iter().map(|row| self.name(row));
                    match relation.many {
                        true => format!("{name}: [{}]", found.collect::<Vec<_>>().join(", ")),
                        false => format!("{name}: {}", found.next().unwrap_or_else(|| "nil".to_owned())),
                    }
                });
                let fields: Vec<String> = attributes.chain(relations).collect();
                let name = self.name((place, number));
                lines.push(format!("object {name} = {}{{{}}}", class.name, fields.join(", ")));
            }
        }
        lines.join("\n")
    }

    /// The name of a row as an object.
    pub(crate) fn name(&self, (place, number): (usize, usize)) -> String {
        let class = self.classes.get(place).map_or("", |class| class.name);
        format!("{}{number}", class.to_lowercase())
    }

    /// The rows of a class, with their numbers in the table.
    pub(crate) fn all(&self, place: usize) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.get(place).into_iter().flatten().enumerate().filter(|(_, row)| is_there(row))
    }

    /// The rows of a class that one leads to.
    fn reached(&self, row: &Row, class: &str, on: &[(String, String)]) -> Vec<(usize, usize)> {
        let Some((place, _)) = self.class(class) else { return Vec::new() };
        let is_reached = |other: &Row| {
            on.iter().all(|(own, theirs)| {
                let (a, b) = (row.get(&**own), other.get(&**theirs));
                a.is_some() && a == b && a != Some(&Constant::Nil)
            })
        };
        self.all(place).filter(|(_, other)| is_reached(other)).map(|(number, _)| (place, number)).collect()
    }
}

impl Source for Data {
    /// Its class and its number.
    type Row = (usize, usize);

    fn attribute(&self, (place, number): &Self::Row, name: &str) -> Constant {
        let row = self.rows.get(*place).and_then(|rows| rows.get(*number));
        row.and_then(|row| row.get(name)).cloned().unwrap_or(Constant::Nil)
    }

    fn rows(&self, class: &str) -> Vec<Self::Row> {
        let place = self.class(class).map(|(place, _)| place);
        place.map_or_else(Vec::new, |place| self.all(place).map(|(number, _)| (place, number)).collect())
    }

    fn related(&self, (place, number): &Self::Row, name: &str) -> Vec<Self::Row> {
        let relations = self.classes.get(*place).into_iter().flat_map(|class| &class.relations);
        let relation = relations.clone().find(|(known, _)| *known == name).map(|(_, relation)| relation);
        let row = self.rows.get(*place).and_then(|rows| rows.get(*number));
        let (Some(relation), Some(row)) = (relation, row) else { return Vec::new() };
        let Some(through) = &relation.through else {
            return self.reached(row, &relation.class, &relation.on);
        };
        let mut found = Vec::new();
        for (place, number) in self.reached(row, &through.class, &relation.on) {
            let between = self.rows.get(place).and_then(|rows| rows.get(number));
            found
                .extend(between.map_or_else(Vec::new, |row| self.reached(row, &relation.class, &through.on)));
        }
        found
    }
}

/// A key, or one that some databases take for it.
fn key(kind: ValueType, number: usize, is_alike: bool) -> Constant {
    match kind {
        ValueType::Integer => Constant::Integer(number as i64),
        _ if is_alike => Constant::String(format!("K{number} ").into()),
        _ => Constant::String(format!("k{number}").into()),
    }
}

/// A value as Polar and the toy application write it.
pub(crate) fn show(value: &Constant) -> String {
    match value {
        Constant::Float(value) if value.is_nan() => "nan".to_owned(),
        Constant::String(text) => quote(text),
        other => other.to_string(),
    }
}
