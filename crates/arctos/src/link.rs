//! The facts of a query beside its policy: which numbers facts have for what the policy names, and back.
//!
//! A policy knows predicates, classes and symbols, a [`FactView`] relations, types and atoms. What of one belongs to what
//! of the other is looked up by name once for each snapshot, and not again while questions are answered.
//!
//! INVARIANT: atoms are those of the link's view; they mean nothing after [`Link::reset`].

mod given;

use rustc_hash::FxHashMap;

use crate::authorizer::Request;
use crate::error::{Error, ErrorKind};
use crate::facts::{Atom, FactError, FactView, Facts, RelationId, TypeId, ValueRef};
use crate::ir::{EntityId, PredicateId, Program};
use crate::policy::Policy;
use crate::schema::{ClassId, Schema};
use crate::symbol::Symbol;

pub(crate) use given::Given;

/// How many types, and entities, are found without looking them up.
const RECENT: usize = 8;

/// What one query sees of facts.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) view: FactView,
    schema: Schema,
    /// By type of the view: the class of that name.
    classes: Vec<Option<ClassId>>,
    /// By class: the type of that name, where the snapshot has one.
    types: Vec<Option<TypeId>>,
    /// By predicate: its facts, where there are any.
    relations: Vec<Option<RelationId>>,
    /// By entity that the policy mentions, once it has been needed.
    entities: Vec<Option<Atom>>,
    /// By symbol: the string, once it has been needed.
    strings: Vec<Option<Atom>>,
    /// Some of these are atoms that only this request has.
    has_own_atoms: bool,
    /// Counts the times when relations, or atoms of what the policy mentions, may have become others.
    epoch: u64,
    /// Types of entities that were asked about lately, by their names.
    recent_types: [Option<(TypeId, ClassId)>; RECENT],
    /// Classes of entities that this request has asked about, by atom.
    recent_atoms: [Option<(Atom, ClassId)>; RECENT],
    /// `@current_unix_time`, where the request has one.
    pub(crate) unix_time: Option<i64>,
    /// What the request says by name.
    given: given::GivenValues,
}

impl Link {
    /// A link between a policy and the facts of one request.
    pub(crate) fn new(program: &Program, view: FactView) -> Self {
        let mut link = Link {
            view,
            schema: program.schema.clone(),
            classes: Vec::new(),
            types: Vec::new(),
            relations: Vec::new(),
            entities: Vec::new(),
            strings: Vec::new(),
            has_own_atoms: false,
            epoch: 0,
            recent_types: [None; RECENT],
            recent_atoms: [None; RECENT],
            unix_time: None,
            given: FxHashMap::default(),
        };
        link.resolve(program);
        link
    }

    /// Forgets the request and looks at these facts; keeps the memory it has.
    pub(crate) fn reset(&mut self, program: &Program, facts: &Facts) {
        // PERF: most often the snapshot is the one that it was, and then its names are too.
        let is_same = self.view.is_of(facts) && !self.view.has_own_names();
        self.view.reset(facts);
        if !is_same || std::mem::take(&mut self.has_own_atoms) {
            self.entities.clear();
            self.strings.clear();
            self.epoch += 1;
        }
        self.recent_atoms = [None; RECENT];
        self.unix_time = None;
        self.given.clear();
        if !is_same {
            self.resolve(program);
        }
    }

    /// Takes what a request brings.
    ///
    /// # Errors
    /// [`ErrorKind::FactForm`] for a fact that the policy cannot ask for, [`ErrorKind::Facts`] for one that facts do not take;
    /// for values those of [`Link::take_given`].
    pub(crate) fn take(&mut self, policy: &Policy, request: &Request<'_>) -> Result<(), Error> {
        self.unix_time = request.unix_time;
        if !request.facts.is_empty() {
            for fact in request.facts {
                policy.check_fact(fact)?;
                self.view.insert(fact).map_err(refused)?;
            }
            self.resolve(&policy.0);
        }
        self.take_given(request)
    }

    /// Looks the names up again: the view has got facts.
    pub(crate) fn resolve(&mut self, program: &Program) {
        self.epoch += 1;
        self.recent_types = [None; RECENT];
        self.classes.clear();
        self.types.clear();
        self.resolve_types();
        self.relations.clear();
        self.relations.extend(program.predicates.iter().map(|predicate| {
            let name = program.symbols.text(predicate.name);
            predicate.has_facts.then(|| self.view.relation(name, predicate.arity as usize)).flatten()
        }));
    }

    /// Gives a predicate facts of another name than its own.
    pub(crate) fn set_relation(&mut self, predicate: PredicateId, relation: RelationId) {
        remember(&mut self.relations, predicate.0 as usize, Some(relation));
        self.epoch += 1;
    }

    /// Looks up the classes of types that are new.
    fn resolve_types(&mut self) {
        let known = self.classes.len();
        for name in self.view.type_names().skip(known) {
            let class = self.schema.class(name);
            self.classes.push(class);
            if let Some(class) = class {
                remember(&mut self.types, class.index(), self.view.type_id(name));
            }
        }
    }

    /// The facts of a predicate, where there are any.
    #[inline]
    pub(crate) fn relation(&self, predicate: PredicateId) -> Option<RelationId> {
        self.relations.get(predicate.0 as usize).copied().flatten()
    }

    /// Another number when what [`Link::relation`], [`Link::symbol`] and [`Link::literal`] have said may no longer be so.
    #[inline]
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The class of an entity; `None` for one of a type that the policy does not name.
    #[inline]
    pub(crate) fn class_of(&self, atom: Atom) -> Option<ClassId> {
        // PERF: the types of atoms are somewhere else in memory.
        if let Some(Some((known, class))) = self.recent_atoms.get(atom.index() % RECENT)
            && *known == atom
        {
            return Some(*class);
        }
        self.class_of_type(self.view.type_of(atom)?)
    }

    /// The class of a type of the facts.
    #[inline]
    pub(crate) fn class_of_type(&self, type_id: TypeId) -> Option<ClassId> {
        self.classes.get(type_id.index()).copied().flatten()
    }

    /// The type and id of an entity.
    pub(crate) fn entity_of(&self, atom: Atom) -> Option<(&str, &str)> {
        match self.view.value(atom)? {
            ValueRef::Entity { type_name, id } => Some((type_name, id)),
            _ => None,
        }
    }

    /// The atom of any value, made if it is new.
    pub(crate) fn intern(&mut self, value: ValueRef<'_>) -> Result<Atom, Error> {
        let atom = self.view.intern(value).map_err(refused)?;
        if self.view.has_own_names() {
            self.resolve_types();
        }
        Ok(atom)
    }

    /// The entity of a type that the policy names.
    pub(crate) fn entity(&mut self, type_name: &str, id: &str) -> Result<Atom, Error> {
        // PERF: questions are about the same few types again and again; comparing is cheaper than hashing.
        let bytes = type_name.as_bytes();
        let slot = (bytes.len() ^ bytes.last().map_or(0, |byte| usize::from(*byte))) % RECENT;
        if let Some(Some((type_id, class))) = self.recent_types.get(slot).copied()
            && self.view.type_name(type_id) == type_name
            && let Some(atom) = self.view.entity(type_id, id)
        {
            if let Some(recent) = self.recent_atoms.get_mut(atom.index() % RECENT) {
                *recent = Some((atom, class));
            }
            return Ok(atom);
        }
        let atom = self.find_entity(type_name, id)?;
        if let (Some(type_id), Some(recent)) = (self.view.type_of(atom), self.recent_types.get_mut(slot)) {
            *recent = self.classes.get(type_id.index()).copied().flatten().map(|class| (type_id, class));
        }
        Ok(atom)
    }

    #[inline(never)]
    fn find_entity(&mut self, type_name: &str, id: &str) -> Result<Atom, Error> {
        match self.schema.class(type_name) {
            Some(class) if self.schema.has_entities(class) => {
                // PERF: most questions are about what facts know.
                let known = self.types.get(class.index()).copied().flatten();
                match known.and_then(|type_id| self.view.entity(type_id, id)) {
                    Some(atom) => Ok(atom),
                    None => self.intern(ValueRef::entity(type_name, id)),
                }
            }
            _ => Err(self.no_entity_type(type_name)),
        }
    }

    /// A type that the policy names, or one of the built-in types that facts have.
    pub(crate) fn type_named(&mut self, name: &str) -> Result<TypeId, Error> {
        let is_built_in = matches!(name, "String" | "Integer" | "Boolean");
        match self.schema.class(name) {
            Some(class) if is_built_in || self.schema.has_entities(class) => {
                let any = self.intern(ValueRef::Any(name))?;
                any.any_type().ok_or_else(Link::missing)
            }
            _ => Err(self.no_entity_type(name)),
        }
    }

    /// A value that a question is about.
    ///
    /// # Errors
    /// [`ErrorKind::UnregisteredClass`] for an entity of a type that the policy does not name, [`ErrorKind::Misuse`] for a
    /// wildcard.
    pub(crate) fn argument(&mut self, value: ValueRef<'_>) -> Result<Atom, Error> {
        match value {
            ValueRef::Entity { type_name, id } => self.entity(type_name, id),
            ValueRef::Any(_) => Err(no_argument(value)),
            value => self.intern(value),
        }
    }

    /// An entity that the policy mentions.
    pub(crate) fn literal(&mut self, program: &Program, literal: EntityId) -> Result<Atom, Error> {
        let place = literal.0 as usize;
        if let Some(Some(atom)) = self.entities.get(place) {
            return Ok(*atom);
        }
        let Some((class, id)) = program.code.entities.get(place).copied() else {
            return Err(Link::missing());
        };
        let atom = self.entity(program.schema.class_name(class), program.symbols.text(id))?;
        self.keeps(atom);
        remember(&mut self.entities, place, Some(atom));
        Ok(atom)
    }

    /// A string that the policy mentions.
    pub(crate) fn symbol(&mut self, program: &Program, symbol: Symbol) -> Result<Atom, Error> {
        if let Some(Some(atom)) = self.strings.get(symbol.index()) {
            return Ok(*atom);
        }
        let atom = self.intern(ValueRef::String(program.symbols.text(symbol)))?;
        self.keeps(atom);
        remember(&mut self.strings, symbol.index(), Some(atom));
        Ok(atom)
    }

    /// This atom is kept in the place of a value that the policy mentions, until the [epoch](Link::epoch) is another.
    pub(crate) fn keeps(&mut self, atom: Atom) {
        self.has_own_atoms |= self.view.is_own(atom);
    }

    /// The error of a question about entities to a query without facts.
    #[cold]
    pub(crate) fn missing() -> Error {
        Error::new(ErrorKind::Misuse, "the policy was loaded without facts, so there are no entities")
    }

    #[cold]
    fn no_entity_type(&self, name: &str) -> Error {
        let is_class = self.schema.class(name).is_some();
        let types = self.schema.classes().filter(|(class, _)| self.schema.is_entity_type(*class));
        let near = arctos_syntax::suggest::near(name, types.map(|(_, class)| &*class.name));
        let message = match near {
            _ if is_class => {
                format!("`{name}` is a class of the application, so there are no entities of it")
            }
            Some(near) => format!("the policy names no type `{name}`; did you mean `{near}`?"),
            None => format!("the policy names no type `{name}`"),
        };
        Error::new(ErrorKind::UnregisteredClass, message)
    }
}

fn remember<T: Copy>(known: &mut Vec<Option<T>>, place: usize, value: Option<T>) {
    if known.len() <= place {
        known.resize(place + 1, None);
    }
    if let Some(slot) = known.get_mut(place) {
        *slot = value;
    }
}

/// The error of a question about a wildcard.
#[cold]
pub(crate) fn no_argument(value: ValueRef<'_>) -> Error {
    let message = format!("`{value}` is no argument of a question, which is about one value");
    Error::new(ErrorKind::Misuse, message)
}

/// Facts did not take a value.
#[cold]
pub(crate) fn refused(error: FactError) -> Error {
    Error::new(ErrorKind::Facts, error.to_string())
}
