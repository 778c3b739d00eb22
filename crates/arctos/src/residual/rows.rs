//! What is known of rows: which attributes they have, and which rows they lead to.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::fact_tables::FactTable;

/// The types of rows that a filter may be about, by the classes of their objects.
///
/// ```
/// use arctos::residual::{Relation, RowType, RowTypes, ValueType};
/// let rows = RowTypes::new()
///     .with("Organization", RowType::new(["id"]).attribute("name", ValueType::String))
///     .with(
///         "Repository",
///         RowType::new(["id"])
///             .attribute("is_public", ValueType::Boolean)
///             .nullable("organization_id", ValueType::Integer)
///             .relation("organization", Relation::one("Organization", [("organization_id", "id")])),
///     );
/// assert!(rows.get("Repository").is_some_and(|row| row.relation_named("organization").is_some()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowTypes {
    by_class: IndexMap<String, RowType, FxBuildHasher>,
    facts: Vec<(String, FactTable)>,
}

/// The rows of one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowType {
    key: Vec<String>,
    attributes: IndexMap<String, Attribute, FxBuildHasher>,
    relations: IndexMap<String, Relation, FxBuildHasher>,
    takes_others: bool,
}

/// An attribute of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// The type of its values; `None` where that is not known, and nothing about it can be told from it.
    pub value_type: Option<ValueType>,
    /// Whether it may be nil.
    pub nullable: bool,
}

/// The types of attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `true` or `false`
    Boolean,
    /// 64-bit integers
    Integer,
    /// Double-precision floats
    Float,
    /// Text, compared by its code points
    String,
    /// Text that is a UUID, in lower case and with hyphens, and kept as one where a database has a type for it
    Uuid,
}

impl ValueType {
    /// Whether the text is a UUID, written as [`ValueType::Uuid`] says.
    pub fn is_uuid(text: &str) -> bool {
        let is_part = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let lengths = text.split('-').map(str::len);
        lengths.eq([8, 4, 4, 4, 12]) && text.split('-').all(is_part)
    }
}

/// How rows lead to other rows: those whose attributes equal attributes of their own. Nil equals nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Whether it leads to any number of rows; else to one at most.
    pub many: bool,
    /// The class of the other rows.
    pub class: String,
    /// An attribute of a row, and the attribute of the other rows that it equals; with `through` of the rows between.
    pub on: Vec<(String, String)>,
    /// The rows between, where it leads from row to row by way of a third.
    pub through: Option<Through>,
}

/// Rows between two others: those of the table that a many-to-many relation is kept in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// Their class. Policies need not know it.
    pub class: String,
    /// An attribute of the rows between, and the attribute of the other rows that it equals.
    pub on: Vec<(String, String)>,
}

impl RowTypes {
    /// None yet.
    pub fn new() -> Self {
        RowTypes::default()
    }

    /// With rows of a class, in place of those known before under its name.
    #[must_use]
    pub fn with(mut self, class: &str, row: RowType) -> Self {
        self.by_class.insert(class.to_owned(), row);
        self
    }

    /// With facts of a predicate that are in tables. Several tables of one predicate are alternatives, beside each other and the facts in memory.
    /// Rows of a name that is not known yet have the attributes that the facts have.
    #[must_use]
    pub fn facts(mut self, predicate: &str, table: FactTable) -> Self {
        let row = self.by_class.get(table.rows()).cloned().unwrap_or_else(|| RowType::new([""; 0]));
        self.by_class.insert(table.rows().to_owned(), table.known(row));
        self.facts.push((predicate.to_owned(), table));
        self
    }

    /// The tables with facts of a predicate, in the order in which they were added.
    pub fn fact_tables(&self, predicate: &str) -> impl Iterator<Item = &FactTable> {
        self.facts.iter().filter(move |(name, _)| name == predicate).map(|(_, table)| table)
    }

    /// All tables with facts, with their predicates.
    pub fn all_fact_tables(&self) -> impl Iterator<Item = (&str, &FactTable)> {
        self.facts.iter().map(|(name, table)| (&**name, table))
    }

    /// The rows of a class.
    pub fn get(&self, class: &str) -> Option<&RowType> {
        self.by_class.get(class)
    }

    /// All classes with their rows, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RowType)> {
        self.by_class.iter().map(|(class, row)| (&**class, row))
    }
}

impl RowType {
    /// Rows that these attributes tell apart. They are never nil, and have no type until [`RowType::attribute`] gives one.
    pub fn new<S: Into<String>>(key: impl IntoIterator<Item = S>) -> Self {
        let key: Vec<String> = key.into_iter().map(Into::into).collect();
        let attribute = Attribute { value_type: None, nullable: false };
        let attributes = key.iter().map(|name| (name.clone(), attribute)).collect();
        RowType { key, attributes, relations: IndexMap::default(), takes_others: false }
    }

    /// With an attribute that is never nil.
    #[must_use]
    pub fn attribute(self, name: &str, value_type: ValueType) -> Self {
        self.with_attribute(name, Attribute { value_type: Some(value_type), nullable: false })
    }

    /// With an attribute that may be nil.
    #[must_use]
    pub fn nullable(self, name: &str, value_type: ValueType) -> Self {
        self.with_attribute(name, Attribute { value_type: Some(value_type), nullable: true })
    }

    /// With an attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: &str, attribute: Attribute) -> Self {
        self.attributes.insert(name.to_owned(), attribute);
        self
    }

    /// With a relation.
    #[must_use]
    pub fn relation(mut self, name: &str, relation: Relation) -> Self {
        self.relations.insert(name.to_owned(), relation);
        self
    }

    /// Some of these rows are of a class that inherits from this one: those for which there is a row of that class with the same key. So rules about
    /// that class select the rows of this one that they are about.
    ///
    /// ```
    /// use arctos::residual::RowType;
    /// let animal = RowType::new(["id"]).heir("Cat").heir("Dog");
    /// assert!(animal.heir_relation("Cat").is_some_and(|relation| animal.relation_named(&relation).is_some()));
    /// ```
    #[must_use]
    pub fn heir(self, class: &str) -> Self {
        let key = self.key.clone();
        let relation = Relation::one(class, key.iter().map(|name| (name.clone(), name.clone())));
        self.relation(&as_heir(class), relation)
    }

    /// The relation from rows to those of a class that inherits.
    pub fn heir_relation(&self, class: &str) -> Option<String> {
        Some(as_heir(class)).filter(|name| self.relations.contains_key(name))
    }

    /// Names that are neither attributes nor relations are attributes too, of any type and maybe nil: whoever makes use of the filter
    /// knows them.
    #[must_use]
    pub fn with_others(mut self) -> Self {
        self.takes_others = true;
        self
    }

    /// The attributes that tell rows apart.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The attribute of that name.
    pub fn attribute_named(&self, name: &str) -> Option<Attribute> {
        let other = Attribute { value_type: None, nullable: true };
        self.attributes.get(name).copied().or(self.takes_others.then_some(other))
    }

    /// The relation of that name.
    pub fn relation_named(&self, name: &str) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// The names of all attributes and relations that it was given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().chain(self.relations.keys()).map(|name| &**name)
    }
}

/// No attribute or relation that a policy can name is called that.
fn as_heir(class: &str) -> String {
    format!("as {class}")
}

impl Relation {
    /// To one row at most.
    pub fn one<S: Into<String>>(class: &str, on: impl IntoIterator<Item = (S, S)>) -> Self {
        Relation::of(false, class, on)
    }

    /// To any number of rows.
    pub fn many<S: Into<String>>(class: &str, on: impl IntoIterator<Item = (S, S)>) -> Self {
        Relation::of(true, class, on)
    }

    fn of<S: Into<String>>(many: bool, class: &str, on: impl IntoIterator<Item = (S, S)>) -> Self {
        let on = on.into_iter().map(|(own, other)| (own.into(), other.into())).collect();
        Relation { many, class: class.to_owned(), on, through: None }
    }

    /// By way of rows of another class, whose attributes equal those of the other rows.
    ///
    /// ```
    /// use arctos::residual::Relation;
    /// let groups = Relation::many("Group", [("id", "user_id")]).through("Membership", [("group_id", "id")]);
    /// assert!(groups.through.is_some_and(|through| through.class == "Membership"));
    /// ```
    #[must_use]
    pub fn through<S: Into<String>>(self, class: &str, on: impl IntoIterator<Item = (S, S)>) -> Self {
        let on = on.into_iter().map(|(between, other)| (between.into(), other.into())).collect();
        Relation { through: Some(Through { class: class.to_owned(), on }), ..self }
    }
}
