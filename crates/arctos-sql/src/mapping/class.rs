//! One class of a mapping.

use arctos::residual::{
    Attribute, Constant, Expression, Formula, Relation, Row, RowType, Through, ValueType,
};
use toml::de::DeValue;

use super::hint;
use super::reading::{Name, Reading, Table, Value};
use crate::tables::Table as SqlTable;

const TYPES: &[(&str, ValueType)] = &[
    ("boolean", ValueType::Boolean),
    ("integer", ValueType::Integer),
    ("float", ValueType::Float),
    ("string", ValueType::String),
];

/// A class, as it is read.
pub(super) struct Class<'t> {
    pub(super) name: String,
    pub(super) table: SqlTable,
    key: Vec<String>,
    columns: Vec<(String, Attribute)>,
    relations: Vec<Related<'t>>,
}

/// A relation, with the places of what it names.
struct Related<'t> {
    name: Name<'t>,
    many: bool,
    to: Name<'t>,
    on: Vec<(Name<'t>, Name<'t>)>,
    through: Option<(Name<'t>, Vec<(Name<'t>, Name<'t>)>)>,
}

impl<'t> Class<'t> {
    pub(super) fn read(reading: &mut Reading<'_>, name: &Name<'t>, value: &Value<'t>) -> Option<Self> {
        let table = reading.table(value)?;
        reading.only(&table, &["table", "schema", "key", "where", "columns", "relations"], "a class");
        let name = name.get_ref().clone().into_owned();
        let mut sql = SqlTable::new(&reading.string_in(&table, "table").unwrap_or_else(|| name.clone()));
        if let Some(schema) = reading.string_in(&table, "schema") {
            sql = sql.schema(&schema);
        }
        let mut columns = Vec::new();
        if let Some(listed) = table.get("columns").and_then(|value| reading.table(value)) {
            for (attribute, value) in listed.entries() {
                let (known, column) = column(reading, value)?;
                if let Some(column) = column {
                    sql = sql.column(attribute.get_ref(), &column);
                }
                columns.push((attribute.get_ref().clone().into_owned(), known));
            }
        }
        if let Some(conditions) = table.get("where").and_then(|value| reading.table(value)) {
            sql = sql.only(only(reading, &conditions, &columns));
        }
        let key = key(reading, &table, &columns)?;
        let relations = table.get("relations").and_then(|value| reading.table(value));
        let relations = relations.iter().flat_map(Table::entries);
        let relations = relations.filter_map(|(name, value)| related(reading, name, value)).collect();
        Some(Class { name, table: sql, key, columns, relations })
    }

    /// What is known of its rows.
    pub(super) fn row(&self) -> RowType {
        let row = RowType::new(self.key.iter().map(String::as_str));
        let row = self.columns.iter().fold(row, |row, (name, known)| row.with_attribute(name, *known));
        self.relations
            .iter()
            .fold(row, |row, related| row.relation(related.name.get_ref(), related.relation()))
    }

    /// Relations lead from columns that there are to columns that there are.
    pub(super) fn check_relations(&self, classes: &[Class<'_>], reading: &mut Reading<'_>) {
        for related in &self.relations {
            let name = related.name.get_ref();
            if known(&self.columns, name).is_some() {
                let message = format!("`{name}` is a column of `{}` already", self.name);
                reading.problem(&related.name.span(), message);
            }
            let to = find(classes, &related.to, reading);
            match &related.through {
                None => check_pairs(self, to, &related.on, reading),
                Some((between, on)) => {
                    let between = find(classes, between, reading);
                    check_pairs(self, between, &related.on, reading);
                    between.into_iter().for_each(|between| check_pairs(between, to, on, reading));
                }
            }
        }
    }
}

impl Related<'_> {
    fn relation(&self) -> Relation {
        let pairs = |on: &[(Name<'_>, Name<'_>)]| {
            let text = |name: &Name<'_>| name.get_ref().clone().into_owned();
            on.iter().map(|(own, other)| (text(own), text(other))).collect()
        };
        let through = self.through.as_ref();
        Relation {
            many: self.many,
            class: self.to.get_ref().clone().into_owned(),
            on: pairs(&self.on),
            through: through
                .map(|(class, on)| Through { class: class.get_ref().clone().into_owned(), on: pairs(on) }),
        }
    }
}

fn known(columns: &[(String, Attribute)], name: &str) -> Option<Attribute> {
    columns.iter().find(|(column, _)| column == name).map(|(_, known)| *known)
}

fn find<'c, 't>(
    classes: &'c [Class<'t>],
    name: &Name<'_>,
    reading: &mut Reading<'_>,
) -> Option<&'c Class<'t>> {
    let found = classes.iter().find(|class| class.name == **name.get_ref());
    if found.is_none() {
        let hint = hint(name.get_ref(), classes.iter().map(|class| &*class.name));
        reading.problem(&name.span(), format!("the mapping has no class `{}`{hint}", name.get_ref()));
    }
    found
}

/// The columns are there and of types that can be the same.
fn check_pairs(
    from: &Class<'_>,
    to: Option<&Class<'_>>,
    on: &[(Name<'_>, Name<'_>)],
    reading: &mut Reading<'_>,
) {
    for (own, other) in on {
        let own_type = column_named(from, own, reading);
        let other_type = to.and_then(|to| column_named(to, other, reading));
        let is_number = |known| matches!(known, ValueType::Integer | ValueType::Float);
        if let (Some(a), Some(b)) = (own_type, other_type)
            && a != b
            && !(is_number(a) && is_number(b))
        {
            let message = format!("`{}` and `{}` are of different types", own.get_ref(), other.get_ref());
            reading.problem(&other.span(), message);
        }
    }
}

fn column_named(class: &Class<'_>, name: &Name<'_>, reading: &mut Reading<'_>) -> Option<ValueType> {
    let found = known(&class.columns, name.get_ref());
    if found.is_none() {
        let hint = hint(name.get_ref(), class.columns.iter().map(|(name, _)| &**name));
        reading.problem(&name.span(), format!("`{}` has no column `{}`{hint}", class.name, name.get_ref()));
    }
    found.and_then(|known| known.value_type)
}

/// `"integer"`, or `{ type = "integer", column = "no", nullable = true }`
fn column(reading: &mut Reading<'_>, value: &Value<'_>) -> Option<(Attribute, Option<String>)> {
    if let DeValue::String(_) = value.get_ref() {
        let named = reading.string(value)?;
        return Some((Attribute { value_type: value_type(reading, &named), nullable: false }, None));
    }
    let table = reading.table(value)?;
    reading.only(&table, &["type", "column", "nullable"], "a column");
    let named = reading.required(&table, "type", "a column").and_then(|value| reading.string(value));
    let known = Attribute {
        value_type: named.and_then(|named| value_type(reading, &named)),
        nullable: reading.flag(&table, "nullable"),
    };
    Some((known, reading.string_in(&table, "column")))
}

fn value_type(reading: &mut Reading<'_>, named: &Name<'_>) -> Option<ValueType> {
    let found = TYPES.iter().find(|(name, _)| *name == &**named.get_ref()).map(|(_, known)| *known);
    if found.is_none() {
        let names: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
        let mut hint = hint(named.get_ref(), names.iter().copied());
        if hint.is_empty() {
            hint = format!("; there are {}", names.join(", "));
        }
        reading.problem(&named.span(), format!("there is no type `{}`{hint}", named.get_ref()));
    }
    found
}

fn key(reading: &mut Reading<'_>, table: &Table<'_>, columns: &[(String, Attribute)]) -> Option<Vec<String>> {
    let value = reading.required(table, "key", "a class")?;
    let names = reading.strings(value);
    if names.is_empty() {
        reading.problem(&value.span(), "a key has at least one column");
    }
    for name in &names {
        match known(columns, name.get_ref()) {
            None => {
                let hint = hint(name.get_ref(), columns.iter().map(|(name, _)| &**name));
                reading.problem(&name.span(), format!("the key `{}` is no column{hint}", name.get_ref()));
            }
            Some(known) if known.nullable => {
                let message = format!("`{}` is part of the key, and never nil", name.get_ref());
                reading.problem(&name.span(), message);
            }
            Some(_) => {}
        }
    }
    Some(names.into_iter().map(|name| name.into_inner().into_owned()).collect())
}

/// What holds of rows, among all that is in the table.
fn only(reading: &mut Reading<'_>, conditions: &Table<'_>, columns: &[(String, Attribute)]) -> Formula {
    let mut parts = Vec::new();
    for (name, value) in conditions.entries() {
        let Some(known) = known(columns, name.get_ref()) else {
            let hint = hint(name.get_ref(), columns.iter().map(|(name, _)| &**name));
            reading.problem(&name.span(), format!("there is no column `{}`{hint}", name.get_ref()));
            continue;
        };
        let own = Expression::Attribute(Row::ROOT, (&**name.get_ref()).into());
        if let DeValue::Table(_) = value.get_ref()
            && let Some(table) = reading.table(value)
        {
            reading.only(&table, &["nil"], "a condition");
            let is_nil = Formula::is(own, Constant::Nil);
            let wanted = reading.required(&table, "nil", "a condition").is_some();
            if wanted {
                parts.push(if reading.flag(&table, "nil") { is_nil } else { is_nil.negated() });
            }
        } else if let Some(constant) = constant(reading, value, known.value_type) {
            parts.push(Formula::is(own, constant));
        }
    }
    Formula::all(parts)
}

/// A value of that type.
fn constant(reading: &mut Reading<'_>, value: &Value<'_>, of: Option<ValueType>) -> Option<Constant> {
    let of = of?;
    let found = match (of, value.get_ref()) {
        (ValueType::Boolean, DeValue::Boolean(value)) => Some(Constant::Boolean(*value)),
        (ValueType::String, DeValue::String(text)) => Some(Constant::String((&**text).into())),
        (ValueType::Integer | ValueType::Float, DeValue::Integer(number)) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Constant::Integer)
        }
        (ValueType::Integer | ValueType::Float, DeValue::Float(number)) => {
            let number: Option<f64> = number.as_str().parse().ok();
            number.filter(|number| number.is_finite()).map(Constant::Float)
        }
        _ => None,
    };
    let name = TYPES.iter().find(|(_, known)| *known == of).map_or("", |(name, _)| *name);
    found.or_else(|| reading.other(value, &format!("`{{ nil = true }}` or a value of type {name}")))
}

fn related<'t>(reading: &mut Reading<'_>, name: &Name<'t>, value: &Value<'t>) -> Option<Related<'t>> {
    let table = reading.table(value)?;
    reading.only(&table, &["to", "many", "on", "through"], "a relation");
    let to = reading.required(&table, "to", "a relation").and_then(|value| reading.string(value));
    let on = pairs(reading, &table, "a relation");
    let through = match table.get("through").map(|value| reading.table(value)) {
        None => None,
        Some(table) => {
            let table = table?;
            reading.only(&table, &["class", "on"], "`through`");
            let class = reading.required(&table, "class", "`through`");
            let class = class.and_then(|value| reading.string(value));
            Some((class?, pairs(reading, &table, "`through`")?))
        }
    };
    Some(Related { name: name.clone(), many: reading.flag(&table, "many"), to: to?, on: on?, through })
}

/// Columns, and those that they equal.
fn pairs<'t>(reading: &mut Reading<'_>, table: &Table<'t>, what: &str) -> Option<Vec<(Name<'t>, Name<'t>)>> {
    let value = reading.required(table, "on", what)?;
    let on = reading.table(value)?;
    let mut pairs = Vec::new();
    for (own, other) in on.entries() {
        pairs.push((own.clone(), reading.string(other)?));
    }
    if pairs.is_empty() {
        reading.problem(&value.span(), "`on` names at least one pair of columns");
    }
    Some(pairs)
}
