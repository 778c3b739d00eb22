//! What the application has told Arctos about itself: its classes and its constants.
//!
//! A policy is checked and lowered against a schema. The schema knows names and the class hierarchy only; the objects
//! behind them stay with the [`Host`](crate::Host).
//!
//! An application that keeps facts says so here. The types that a policy then names beside the registered classes are
//! *entity types*; the schema of the loaded policy has them as classes after the application's own.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

/// A registered class, or one of the built-in value types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub(crate) u32);

impl ClassId {
    /// `true`, `false`
    pub const BOOLEAN: ClassId = ClassId(0);
    /// 64-bit integers
    pub const INTEGER: ClassId = ClassId(1);
    /// Double-precision floats
    pub const FLOAT: ClassId = ClassId(2);
    /// Text
    pub const STRING: ClassId = ClassId(3);
    /// Lists
    pub const LIST: ClassId = ClassId(4);
    /// Dictionaries
    pub const DICTIONARY: ClassId = ClassId(5);

    /// A dense number, in order of registration; the six built-in types come first.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A registered constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConstantId(pub(crate) u32);

impl ConstantId {
    /// A dense number, in order of registration.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A class of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The name policies use.
    pub name: String,
    /// The class itself, then its registered ancestors, most specific first (the method resolution order).
    pub lineage: Vec<ClassId>,
    /// Attribute and method names, where the host can list them; used to suggest corrections, never to refuse.
    pub members: Vec<String>,
}

/// The classes and constants policies may name.
///
/// ```
/// use arctos::Schema;
/// let mut schema = Schema::new();
/// let user = schema.add_class("User", &[]);
/// let admin = schema.add_class("Admin", &[user]);
/// assert!(schema.is_subclass(admin, user));
/// assert_eq!(schema.class("Admin"), Some(admin));
/// ```
#[derive(Clone, Debug)]
pub struct Schema {
    // PERF: each loaded policy keeps the schema it was checked against, so a clone is a counted pointer.
    classes: Arc<IndexMap<String, Class, FxBuildHasher>>,
    constants: Arc<IndexMap<String, (), FxBuildHasher>>,
    has_facts: bool,
    /// Classes whose objects are entities, each with the attribute that is their id.
    ids: Arc<Vec<(ClassId, String)>>,
    /// The application's own classes come first; the others are entity types.
    own_classes: Option<usize>,
}

impl Default for Schema {
    fn default() -> Self {
        Schema::new()
    }
}

impl Schema {
    /// A schema with the built-in types `Boolean`, `Integer`, `Float`, `String`, `List`, `Dictionary`.
    pub fn new() -> Self {
        let mut schema = Schema {
            classes: Arc::default(),
            constants: Arc::default(),
            has_facts: false,
            ids: Arc::default(),
            own_classes: None,
        };
        for name in ["Boolean", "Integer", "Float", "String", "List", "Dictionary"] {
            schema.add_class(name, &[]);
        }
        schema
    }

    /// Adds a class; `ancestors` are its registered ancestors, most specific first. A name that is taken keeps its id
    /// and gets the new lineage.
    pub fn add_class(&mut self, name: &str, ancestors: &[ClassId]) -> ClassId {
        let id = ClassId(self.classes.get_index_of(name).unwrap_or(self.classes.len()) as u32);
        let lineage = std::iter::once(id).chain(ancestors.iter().copied()).collect();
        Arc::make_mut(&mut self.classes)
            .insert(name.to_owned(), Class { name: name.to_owned(), lineage, members: Vec::new() });
        id
    }

    /// Says that the application keeps facts: policies may use the facts dialect, in which a predicate that no rule
    /// defines is looked up among the facts, and a type that is no class is a type of entities.
    ///
    /// ```
    /// use arctos::{Policy, Schema, Sources};
    /// let mut schema = Schema::new();
    /// schema.enable_facts();
    /// let mut sources = Sources::default();
    /// sources.add(None, r#"allow(u: User, "read", d: Doc) if owns(u, d);"#);
    /// let policy = Policy::load(&schema, sources)?;
    /// assert!(policy.schema().class("Doc").is_some_and(|doc| policy.schema().is_entity_type(doc)));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    pub fn enable_facts(&mut self) {
        self.has_facts = true;
    }

    /// True when the application keeps facts.
    pub fn has_facts(&self) -> bool {
        self.has_facts
    }

    /// True for a type that a policy names and the application has not registered: its values are entities of facts.
    pub fn is_entity_type(&self, class: ClassId) -> bool {
        self.own_classes.is_some_and(|own| class.index() >= own)
    }

    /// What the application has registered.
    pub(crate) fn without_entity_types(&self) -> Schema {
        let mut schema = self.clone();
        if let Some(own) = schema.own_classes.take() {
            Arc::make_mut(&mut schema.classes).truncate(own);
        }
        schema
    }

    /// The schema with entity types added, each by its name; lineages are for [`Schema::set_lineage`].
    pub(crate) fn with_entity_types<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Schema {
        let mut schema = Schema { own_classes: Some(self.classes.len()), ..self.clone() };
        for name in names {
            schema.add_class(name, &[]);
        }
        schema
    }

    /// Replaces a class's lineage (the class itself first), when a class registered later turns out to be an ancestor.
    pub fn set_lineage(&mut self, class: ClassId, lineage: Vec<ClassId>) {
        if let Some((_, entry)) = Arc::make_mut(&mut self.classes).get_index_mut(class.index()) {
            entry.lineage = lineage;
        }
    }

    /// Tells attribute and method names, for suggestions.
    pub fn set_members(&mut self, class: ClassId, members: Vec<String>) {
        if let Some((_, entry)) = Arc::make_mut(&mut self.classes).get_index_mut(class.index()) {
            entry.members = members;
        }
    }

    /// Says which attribute of a class's objects is their id, text or an integer: where such an object meets facts, it is the
    /// entity of that class and id. It goes for classes that inherit from it, too, unless they name one of their own.
    pub fn set_id(&mut self, class: ClassId, attribute: &str) {
        let ids = Arc::make_mut(&mut self.ids);
        ids.retain(|(known, _)| *known != class);
        ids.push((class, attribute.to_owned()));
    }

    /// The attribute that is the id of a class's objects, where the class itself names one.
    pub fn id_of(&self, class: ClassId) -> Option<&str> {
        self.ids.iter().find(|(known, _)| *known == class).map(|(_, attribute)| &**attribute)
    }

    /// True when some class names an id.
    pub(crate) fn names_ids(&self) -> bool {
        !self.ids.is_empty()
    }

    /// True for a type of which there are entities: a type of facts alone, or a class that names its objects' id.
    pub fn has_entities(&self, class: ClassId) -> bool {
        self.is_entity_type(class) || self.id_of(class).is_some()
    }

    /// Adds a constant; a name that is taken keeps its id.
    pub fn add_constant(&mut self, name: &str) -> ConstantId {
        if let Some(index) = self.constants.get_index_of(name) {
            return ConstantId(index as u32);
        }
        ConstantId(Arc::make_mut(&mut self.constants).insert_full(name.to_owned(), ()).0 as u32)
    }

    /// The class of that name.
    pub fn class(&self, name: &str) -> Option<ClassId> {
        self.classes.get_index_of(name).map(|index| ClassId(index as u32))
    }

    /// What is known of a class.
    pub fn get(&self, class: ClassId) -> Option<&Class> {
        self.classes.get_index(class.index()).map(|(_, class)| class)
    }

    /// A class's name; empty for a class of another schema.
    pub fn class_name(&self, class: ClassId) -> &str {
        self.get(class).map_or("", |class| &class.name)
    }

    /// The class and its ancestors, most specific first.
    pub fn lineage(&self, class: ClassId) -> &[ClassId] {
        self.get(class).map_or(&[], |class| &class.lineage)
    }

    /// True when `class` is `ancestor` or inherits from it.
    pub fn is_subclass(&self, class: ClassId, ancestor: ClassId) -> bool {
        self.lineage(class).contains(&ancestor)
    }

    /// The constant of that name. A class is not a constant here, although policies may use its name as a value too.
    pub fn constant(&self, name: &str) -> Option<ConstantId> {
        self.constants.get_index_of(name).map(|index| ConstantId(index as u32))
    }

    /// A constant's name.
    pub fn constant_name(&self, constant: ConstantId) -> &str {
        self.constants.get_index(constant.index()).map_or("", |(name, ())| name)
    }

    /// All classes, built-in types first.
    pub fn classes(&self) -> impl Iterator<Item = (ClassId, &Class)> {
        self.classes.values().enumerate().map(|(index, class)| (ClassId(index as u32), class))
    }

    /// All constants' names.
    pub fn constants(&self) -> impl Iterator<Item = (ConstantId, &str)> {
        self.constants.keys().enumerate().map(|(index, name)| (ConstantId(index as u32), &**name))
    }
}
