//! What one request sees: a snapshot, and facts and values of the request's own.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::atoms::{Atom, AtomLayer, Key, TypeId};
use super::cursor::{Cursor, Row};
use super::domain::Domain;
use super::error::FactError;
use super::intern::{Interner, Lexicon};
use super::layer::Place;
use super::mask::Mask;
use super::names::{Names, RelationId};
use super::relation::Relation;
use super::snapshot::Facts;
use super::value::{Fact, MAX_ARGUMENTS, Value, ValueRef};

/// A snapshot with *context*: facts and values that one request brings. It is what an engine asks.
///
/// Names are resolved once; after that, all is numbers and nothing allocates. A view can be kept and
/// [reset](FactView::reset) for the next request.
///
/// ```
/// use arctos::facts::{Fact, Facts, Value, ValueRef};
///
/// let ann = Value::entity("User", "ann");
/// let mut change = Facts::new().change();
/// for (role, org) in [("admin", "acme"), ("reader", "apex")] {
///     change.insert(&Fact::new("has_role", [ann.clone(), role.into(), Value::entity("Org", org)]))?;
/// }
/// let (facts, _) = change.commit();
///
/// let view = facts.with_context([&Fact::new("on_duty", [ann])])?;
/// let on_duty = view.relation("on_duty", 1).expect("the context has it");
/// let ann = view.atom(ValueRef::entity("User", "ann")).expect("she has roles");
/// assert!(view.contains(on_duty, &[ann]));
///
/// let has_role = view.relation("has_role", 3).expect("the facts have it");
/// let orgs = view.scan(has_role, &[Some(ann), None, None]).filter_map(|row| row.atom(2));
/// let orgs: Vec<String> = orgs.filter_map(|org| view.value(org)).map(|org| org.to_string()).collect();
/// assert_eq!(orgs, [r#"Org{"acme"}"#, r#"Org{"apex"}"#]);
/// # Ok::<(), arctos::facts::FactError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FactView {
    facts: Facts,
    /// Those of the snapshot, unless the context has brought others.
    names: Option<Arc<Names>>,
    fresh: AtomLayer,
    /// Few: a list is quicker than a map.
    context: Vec<(RelationId, Relation)>,
    /// The entities that the context alone names, once they have been needed.
    domain: OnceLock<Domain>,
    /// From this relation on, facts stand for values that a question gives, and name nothing.
    pub(super) first_given: Option<RelationId>,
}

impl FactView {
    pub(super) fn new(facts: &Facts) -> Self {
        let fresh = AtomLayer::after(&facts.snapshot().store);
        let (names, context, first_given) = (None, Vec::new(), None);
        FactView { facts: facts.clone(), names, fresh, context, domain: OnceLock::new(), first_given }
    }

    /// Forgets the context and looks at these facts; keeps the memory it has.
    pub fn reset(&mut self, facts: &Facts) {
        // PERF: the count of a shared snapshot is touched by all threads; most often the facts are the same.
        if !self.is_of(facts) {
            self.facts = facts.clone();
        }
        self.names = None;
        self.fresh.restart(&facts.snapshot().store);
        self.context.clear();
        self.domain.take();
        self.first_given = None;
    }

    /// True when the snapshot below is that one.
    pub(crate) fn is_of(&self, facts: &Facts) -> bool {
        std::ptr::eq(self.facts.snapshot(), facts.snapshot())
    }

    /// True for an atom that the snapshot does not have.
    pub(crate) fn is_own(&self, atom: Atom) -> bool {
        atom.index() >= self.facts.snapshot().store.len()
    }

    /// True when the request has brought predicates or types that the snapshot does not have.
    pub(crate) fn has_own_names(&self) -> bool {
        self.names.is_some()
    }

    /// The names of all types, by their ids.
    pub(crate) fn type_names(&self) -> impl Iterator<Item = &str> {
        self.names().type_names()
    }

    /// The snapshot below.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Adds a fact to the context; false when it is there or in the snapshot.
    ///
    /// # Errors
    ///
    /// As [`Change::insert`](super::Change::insert).
    pub fn insert(&mut self, fact: &Fact) -> Result<bool, FactError> {
        let arity = fact.arguments.len();
        let relation = match self.names().relation(&fact.predicate, arity) {
            Some(relation) => relation,
            None => self.add_relation(&fact.predicate, arity)?,
        };
        let mut row = [Atom(0); MAX_ARGUMENTS];
        for (slot, value) in row.iter_mut().zip(&fact.arguments) {
            *slot = self.intern(Value::as_ref(value))?;
        }
        Ok(self.insert_row(relation, arity, row.get(..arity).unwrap_or_default()))
    }

    pub(super) fn add_relation(&mut self, predicate: &str, arity: usize) -> Result<RelationId, FactError> {
        Arc::make_mut(self.own_names()).add_relation(predicate, arity)
    }

    /// All relations there are.
    pub(super) fn relations(&self) -> impl Iterator<Item = RelationId> + use<> {
        (0..self.names().relation_count() as u32).map(RelationId)
    }

    pub(super) fn insert_row(&mut self, relation: RelationId, arity: usize, row: &[Atom]) -> bool {
        self.domain.take();
        let snapshot = self.facts.snapshot();
        let seed = &snapshot.seed;
        if snapshot.relations.get(relation.index()).is_some_and(|stored| stored.stores(row, seed)) {
            return false;
        }
        if !self.context.iter().any(|(known, _)| *known == relation) {
            self.context.push((relation, Relation::new(arity)));
        }
        let added = self.context.iter_mut().find(|(known, _)| *known == relation);
        added.is_some_and(|(_, added)| added.insert(row, seed))
    }

    /// The relation of a predicate with that many arguments; `None` when there are no such facts.
    pub fn relation(&self, predicate: &str, arity: usize) -> Option<RelationId> {
        self.names().relation(predicate, arity)
    }

    /// The predicate of a relation and its number of arguments.
    pub fn signature(&self, relation: RelationId) -> Option<(&str, usize)> {
        self.names().signature(relation)
    }

    /// How many facts of that relation there are.
    pub fn relation_len(&self, relation: RelationId) -> usize {
        let stored = self.facts.snapshot().relations.get(relation.index()).map_or(0, |stored| stored.len());
        stored + self.context_of(relation).map_or(0, Relation::len)
    }

    /// The id of a type; `None` when no fact names it.
    pub fn type_id(&self, name: &str) -> Option<TypeId> {
        self.names().type_id(name)
    }

    /// The name of a type; empty for a type of other facts.
    pub fn type_name(&self, id: TypeId) -> &str {
        self.names().type_name(id)
    }

    /// The atom of a value; `None` when no fact has it and it has not been interned. A fact with a wildcard may still be about
    /// it: see [`FactView::intern`].
    pub fn atom(&self, value: ValueRef<'_>) -> Option<Atom> {
        self.lexicon().find(value)
    }

    /// The atom of a value, made if it is new, for this view alone: what is asked about need not be in any fact.
    ///
    /// # Errors
    ///
    /// When the value is an entity of a reserved type, and when there is no room.
    pub fn intern(&mut self, value: ValueRef<'_>) -> Result<Atom, FactError> {
        if let Some(atom) = self.atom(value) {
            return Ok(atom);
        }
        let mut names = self.names.take().unwrap_or_else(|| Arc::clone(&self.facts.snapshot().names));
        let snapshot = self.facts.snapshot();
        let (store, seed) = (&snapshot.store, &snapshot.seed);
        let mut hint = TypeId::STRING;
        let mut interner = Interner { names: &mut names, store, fresh: &mut self.fresh, seed };
        let atom = interner.intern(value, &mut hint);
        if !Arc::ptr_eq(&names, &snapshot.names) {
            self.names = Some(names);
        }
        atom
    }

    /// As [`FactView::atom`], for an entity whose type is resolved.
    #[inline]
    pub fn entity(&self, type_id: TypeId, id: &str) -> Option<Atom> {
        let snapshot = self.facts.snapshot();
        let key = Key::new(type_id, id.as_bytes(), &snapshot.seed);
        match snapshot.store.find(&key) {
            Some(atom) => Some(atom),
            None => self.fresh.find(&key),
        }
    }

    /// The value of an atom.
    pub fn value(&self, atom: Atom) -> Option<ValueRef<'_>> {
        self.lexicon().value(atom)
    }

    /// The type of an atom.
    #[inline]
    pub fn type_of(&self, atom: Atom) -> Option<TypeId> {
        self.lexicon().kind(atom)
    }

    /// The entities of a type that facts name, one at each place from 0 on: those of the snapshot, then those that only
    /// the context names.
    pub(crate) fn named(&self, type_id: TypeId, place: usize) -> Option<Atom> {
        let stored = self.facts.snapshot().domain();
        let entities = stored.entities(type_id);
        if let Some(atom) = entities.get(place) {
            return Some(*atom);
        }
        if self.context.is_empty() {
            return None;
        }
        let own = self.domain.get_or_init(|| {
            let is_given = |relation| self.first_given.is_some_and(|first| first <= relation);
            let context = self.context.iter().filter(|(relation, _)| !is_given(*relation));
            let rows = context.flat_map(|(_, added)| added.live());
            let mut seen = FxHashSet::default();
            let is_new = |kind, atom| !stored.contains(kind, atom) && seen.insert(atom);
            Domain::of(rows, |atom| self.type_of(atom), is_new)
        });
        own.entities(type_id).get(place - entities.len()).copied()
    }

    /// True when the fact is stored or in the context, or one with wildcards that it is an instance of.
    #[inline]
    pub fn contains(&self, relation: RelationId, row: &[Atom]) -> bool {
        let snapshot = self.facts.snapshot();
        // PERF: the plain case apart.
        if self.context.is_empty()
            && let Some(layer) = snapshot.relations.get(relation.index()).and_then(|stored| stored.plain())
        {
            return layer.find(row, &snapshot.seed).is_some();
        }
        self.contains_somewhere(relation, row)
    }

    /// As [`FactView::contains`], for the row and the same with another atom at one place, which is not the first. The row may be
    /// another one after that.
    #[inline]
    pub(crate) fn contains_any(
        &self,
        relation: RelationId,
        row: &mut [Atom],
        place: usize,
        also: &[Atom],
    ) -> bool {
        let snapshot = self.facts.snapshot();
        // PERF: the plain case apart, where the rows stand side by side.
        if self.context.is_empty()
            && let Some(layer) = snapshot.relations.get(relation.index()).and_then(|stored| stored.plain())
            && let Some(finds) = layer.finds_any(row, place, also, &snapshot.seed)
        {
            return finds;
        }
        self.contains(relation, row)
            || also.iter().any(|atom| {
                if let Some(slot) = row.get_mut(place) {
                    *slot = *atom;
                }
                self.contains(relation, row)
            })
    }

    #[inline(never)]
    fn contains_somewhere(&self, relation: RelationId, row: &[Atom]) -> bool {
        let snapshot = self.facts.snapshot();
        let holds = |among: &Relation| among.holds(row, &snapshot.seed, |atom| self.type_of(atom));
        snapshot.relations.get(relation.index()).is_some_and(|stored| holds(stored))
            || self.context_of(relation).is_some_and(holds)
    }

    /// An iteration over the facts that agree with a pattern: with an atom, the facts about it and those whose wildcard
    /// stands for it; with [`Atom::any`], those about an atom of the type or any of it; with `None`, all.
    ///
    /// Known atoms are looked up in an index; a type is only compared, so it narrows what is found and not what is looked at.
    ///
    /// The order is that of [`Facts::iter`](super::Facts::iter), facts whose wildcards stand for a given atom after the others, the
    /// context last. A fact comes once.
    #[inline]
    pub fn cursor(&self, relation: RelationId, pattern: &[Option<Atom>]) -> Cursor {
        self.opened(Cursor::over(relation, pattern), pattern.len())
    }

    /// As [`FactView::cursor`], where the atoms of a mask are known, and how many arguments there are. The key is atom 0
    /// elsewhere.
    #[inline]
    pub(crate) fn cursor_at(
        &self,
        relation: RelationId,
        key: &[Atom; MAX_ARGUMENTS],
        mask: Mask,
        arity: usize,
    ) -> Cursor {
        self.opened(Cursor::at(relation, key, mask), arity)
    }

    #[inline]
    fn opened(&self, mut cursor: Cursor, asked: usize) -> Cursor {
        let relation = cursor.relation;
        let stored = self.facts.snapshot().relations.get(relation.index());
        let arity =
            stored.map(|stored| stored.arity()).or_else(|| self.context_of(relation).map(Relation::arity));
        if arity != Some(asked) {
            cursor.enter_stage(2);
        }
        cursor
    }

    /// The next fact of an iteration.
    #[inline]
    pub fn next(&self, cursor: &mut Cursor) -> Option<Row<'_>> {
        if cursor.is_done() {
            return None;
        }
        let snapshot = self.facts.snapshot();
        // PERF: the plain case apart, and at its end what is known about the end.
        if cursor.stage == 0
            && cursor.typed.is_empty()
            && let Some(layer) =
                snapshot.relations.get(cursor.relation.index()).and_then(|stored| stored.plain())
        {
            let number = layer.next(&cursor.key, cursor.bound, &mut cursor.place, &snapshot.seed);
            if cursor.place == Place::END {
                cursor.enter_stage(if self.context.is_empty() { 2 } else { 1 });
            }
            if let Some(number) = number {
                return Some(Row(layer.rows().get(number)));
            }
        }
        self.next_of_stages(cursor)
    }

    #[inline(never)]
    fn next_of_stages(&self, cursor: &mut Cursor) -> Option<Row<'_>> {
        let snapshot = self.facts.snapshot();
        loop {
            let among = match cursor.stage {
                0 => snapshot.relations.get(cursor.relation.index()).map(|stored| &**stored),
                1 => self.context_of(cursor.relation),
                _ => return None,
            };
            let row = among.and_then(|among| among.next(cursor, &snapshot.seed, |atom| self.type_of(atom)));
            if let Some(row) = row {
                return Some(Row(row));
            }
            cursor.enter_stage(cursor.stage + 1);
        }
    }

    /// The facts that agree with a pattern, as [`FactView::cursor`] explains.
    pub fn scan<'a>(
        &'a self,
        relation: RelationId,
        pattern: &[Option<Atom>],
    ) -> impl Iterator<Item = Row<'a>> + use<'a> {
        let mut cursor = self.cursor(relation, pattern);
        std::iter::from_fn(move || self.next(&mut cursor))
    }

    #[inline]
    fn context_of(&self, relation: RelationId) -> Option<&Relation> {
        self.context.iter().find(|(known, _)| *known == relation).map(|(_, added)| added)
    }

    #[inline]
    fn names(&self) -> &Names {
        self.names.as_ref().unwrap_or(&self.facts.snapshot().names)
    }

    fn own_names(&mut self) -> &mut Arc<Names> {
        let FactView { facts, names, .. } = self;
        names.get_or_insert_with(|| Arc::clone(&facts.snapshot().names))
    }

    #[inline]
    fn lexicon(&self) -> Lexicon<'_> {
        let snapshot = self.facts.snapshot();
        Lexicon { names: self.names(), store: &snapshot.store, fresh: &self.fresh, seed: &snapshot.seed }
    }
}
