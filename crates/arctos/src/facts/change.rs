//! A batch of changes, applied as a whole.

use std::sync::{Arc, OnceLock};

use super::atoms::{Atom, AtomLayer, TypeId};
use super::cursor::Cursor;
use super::error::FactError;
use super::intern::{Interner, Lexicon};
use super::mask::Mask;
use super::names::{Names, RelationId};
use super::relation::Relation;
use super::snapshot::{Facts, Snapshot};
use super::value::{Fact, MAX_ARGUMENTS, Pattern, Position, Value, ValueRef};
use super::working::Working;

/// A batch of changes to a snapshot. Changes count from the moment they are made: what a batch has inserted it can delete.
/// Nobody sees any of it before [`Change::commit`], and a batch that is dropped has not been.
///
/// The cost is that of the change, a logarithmic number of times over, and not that of the data.
///
/// ```
/// use arctos::facts::{Fact, Facts, Pattern, Position, Value};
///
/// let ann = Value::entity("User", "ann");
/// let admin = Fact::new("has_role", [ann.clone(), "admin".into(), Value::entity("Org", "acme")]);
/// let mut change = Facts::new().change();
/// assert!(change.insert(&admin)?);
/// assert!(!change.insert(&admin)?, "it is there");
/// let (before, applied) = change.commit();
/// assert_eq!((before.len(), before.revision(), applied.inserted), (1, 1, 1));
///
/// let mut change = before.change();
/// let pattern = Pattern::new("has_role", [Position::Is(ann), Position::Open, Position::Open]);
/// assert_eq!(change.delete_matching(&pattern), 1);
/// let (after, _) = change.commit();
/// assert_eq!((before.len(), after.len()), (1, 0));
/// # Ok::<(), arctos::facts::FactError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Change {
    pub(super) base: Facts,
    pub(super) names: Arc<Names>,
    pub(super) fresh: AtomLayer,
    /// By relation, once it is touched.
    working: Vec<Option<Box<Working>>>,
    pub(super) applied: Applied,
    /// The relation of the last fact, and the types of its arguments: the next one is often alike.
    recent: RelationId,
    pub(super) recent_types: [TypeId; MAX_ARGUMENTS],
}

/// What a batch has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Facts that were inserted and had not been there.
    pub inserted: u64,
    /// Facts that were deleted and had been there.
    pub deleted: u64,
    /// Insertions of what was there and deletions of what was not.
    pub unchanged: u64,
}

impl Change {
    pub(super) fn new(base: Facts) -> Self {
        let snapshot = base.snapshot();
        let fresh = AtomLayer::after(&snapshot.store);
        let names = Arc::clone(&snapshot.names);
        Change {
            base,
            names,
            fresh,
            working: Vec::new(),
            applied: Applied::default(),
            recent: RelationId(0),
            recent_types: [TypeId::STRING; MAX_ARGUMENTS],
        }
    }

    /// Inserts a fact; false when it is there.
    ///
    /// # Errors
    ///
    /// When the fact is not one (too many arguments, a reserved type), and when there is no room: see [`FactError`]. The batch goes
    /// on without it.
    pub fn insert(&mut self, fact: &Fact) -> Result<bool, FactError> {
        let relation = self.relation(&fact.predicate, fact.arguments.len())?;
        self.insert_all(relation, fact.arguments.iter().map(Value::as_ref))
    }

    /// Inserts a fact from borrowed arguments; false when it is there.
    ///
    /// # Errors
    ///
    /// As [`Change::insert`].
    pub fn insert_values(&mut self, predicate: &str, arguments: &[ValueRef<'_>]) -> Result<bool, FactError> {
        let relation = self.relation(predicate, arguments.len())?;
        self.insert_all(relation, arguments.iter().copied())
    }

    /// Inserts a fact of interned arguments; false when it is there.
    ///
    /// # Errors
    ///
    /// When the arguments are not as many as the relation's, when an id is of other facts, and when there is no room.
    pub fn insert_row(&mut self, relation: RelationId, row: &[Atom]) -> Result<bool, FactError> {
        let lexicon = lexicon(&self.base, &self.names, &self.fresh);
        if row.iter().any(|atom| lexicon.kind(*atom).is_none()) {
            return Err(FactError::UnknownAtom);
        }
        self.insert_known(relation, row)
    }

    /// Deletes a fact; false when it is not there. A fact about `_: User` is deleted only as such.
    pub fn delete(&mut self, fact: &Fact) -> bool {
        self.delete_all(&fact.predicate, fact.arguments.len(), fact.arguments.iter().map(Value::as_ref))
    }

    /// Deletes a fact given by borrowed arguments; false when it is not there.
    pub fn delete_values(&mut self, predicate: &str, arguments: &[ValueRef<'_>]) -> bool {
        self.delete_all(predicate, arguments.len(), arguments.iter().copied())
    }

    /// Deletes the facts that a pattern selects, and says how many they were.
    pub fn delete_matching(&mut self, pattern: &Pattern) -> u64 {
        let Some(cursor) = lexicon(&self.base, &self.names, &self.fresh).select(pattern) else {
            return self.count_deleted(0);
        };
        let seed = self.base.snapshot().seed.clone();
        let Ok(mut working) = self.take_working(cursor.relation) else { return self.count_deleted(0) };
        let lexicon = lexicon(&self.base, &self.names, &self.fresh);
        let deleted = working.delete_matching(cursor, &seed, |atom| lexicon.kind(atom));
        self.put_working(cursor.relation, working);
        self.count_deleted(deleted as u64)
    }

    /// The relation of a predicate with that many arguments, made if it is new. Relations that a policy asks for are best made
    /// before facts and requests bring them.
    ///
    /// # Errors
    ///
    /// When the number of arguments is 0 or more than [`MAX_ARGUMENTS`], and when there is no room.
    pub fn relation(&mut self, predicate: &str, arity: usize) -> Result<RelationId, FactError> {
        self.recent = match self.names.relation_near(predicate, arity, self.recent) {
            Some(relation) => relation,
            None => Arc::make_mut(&mut self.names).add_relation(predicate, arity)?,
        };
        Ok(self.recent)
    }

    /// The atom of a value, made if it is new: the constants of a policy can be given one for good.
    ///
    /// # Errors
    ///
    /// When the value is an entity of a reserved type, and when there is no room.
    pub fn intern(&mut self, value: ValueRef<'_>) -> Result<Atom, FactError> {
        let mut hint = TypeId::STRING;
        self.intern_near(value, &mut hint)
    }

    /// Keeps an index for questions that know these arguments of a relation, in this and all later snapshots.
    ///
    /// # Errors
    ///
    /// When the relation is of other facts.
    pub fn prepare(&mut self, relation: RelationId, mask: Mask) -> Result<(), FactError> {
        let seed = self.base.snapshot().seed.clone();
        let mut working = self.take_working(relation)?;
        working.relation().keep_prepared(mask, &seed);
        self.put_working(relation, working);
        Ok(())
    }

    /// What has been done so far.
    pub fn applied(&self) -> Applied {
        self.applied
    }

    /// The snapshot after the batch. Its revision is the next one, or the same if no fact was inserted or deleted.
    pub fn commit(self) -> (Facts, Applied) {
        let applied = self.applied;
        let has_changed = applied.inserted + applied.deleted > 0;
        let revision = self.base.revision() + u64::from(has_changed);
        (self.finish(revision), applied)
    }

    /// The snapshot after the batch, with the revision that someone else has given it: a follower of a change log.
    ///
    /// # Errors
    ///
    /// [`FactError::RevisionNotNewer`], unless the revision is higher than the one the batch starts from.
    pub fn commit_at(self, revision: u64) -> Result<(Facts, Applied), FactError> {
        let base = self.base.revision();
        if revision <= base {
            return Err(FactError::RevisionNotNewer { base, asked: revision });
        }
        let applied = self.applied;
        Ok((self.finish(revision), applied))
    }

    fn finish(self, revision: u64) -> Facts {
        let before = self.base.snapshot();
        let seed = before.seed.clone();
        let mut store = before.store.clone();
        store.push(self.fresh, &seed);
        let mut relations = before.relations.clone();
        for index in relations.len()..self.names.relation_count() {
            let arity = self.names.signature(RelationId(index as u32)).map_or(1, |(_, arity)| arity);
            relations.push(Arc::new(Relation::new(arity)));
        }
        for (relation, working) in relations.iter_mut().zip(self.working) {
            if let Some(working) = working {
                *relation = Arc::new(working.finish(&seed));
            }
        }
        let line = Arc::clone(&before.line);
        let domain = OnceLock::new();
        Facts::of(Snapshot { revision, line, seed, names: self.names, store, relations, domain })
    }

    fn intern_near(&mut self, value: ValueRef<'_>, hint: &mut TypeId) -> Result<Atom, FactError> {
        let Change { base, names, fresh, .. } = self;
        let snapshot = base.snapshot();
        let mut interner = Interner { names, store: &snapshot.store, fresh, seed: &snapshot.seed };
        interner.intern(value, hint)
    }

    fn insert_all<'v>(
        &mut self,
        relation: RelationId,
        values: impl Iterator<Item = ValueRef<'v>>,
    ) -> Result<bool, FactError> {
        let (_, arity) = self.names.signature(relation).ok_or(FactError::UnknownRelation)?;
        let row = self.row_of(values)?;
        self.insert_known(relation, row.get(..arity).unwrap_or_default())
    }

    /// The atoms of values, which have most often the types of the values before them.
    pub(super) fn row_of<'v>(
        &mut self,
        values: impl Iterator<Item = ValueRef<'v>>,
    ) -> Result<[Atom; MAX_ARGUMENTS], FactError> {
        let mut row = [Atom(0); MAX_ARGUMENTS];
        let mut types = self.recent_types;
        for ((slot, hint), value) in row.iter_mut().zip(&mut types).zip(values) {
            *slot = self.intern_near(value, hint)?;
        }
        self.recent_types = types;
        Ok(row)
    }

    fn insert_known(&mut self, relation: RelationId, row: &[Atom]) -> Result<bool, FactError> {
        let (_, arity) = self.names.signature(relation).ok_or(FactError::UnknownRelation)?;
        if row.len() != arity {
            return Err(FactError::WrongArity { expected: arity, found: row.len() });
        }
        let mut working = self.take_working(relation)?;
        let is_new = working.insert(row, &self.base.snapshot().seed);
        self.put_working(relation, working);
        let is_new = is_new?;
        self.applied.inserted += u64::from(is_new);
        self.applied.unchanged += u64::from(!is_new);
        Ok(is_new)
    }

    fn delete_all<'v>(
        &mut self,
        predicate: &str,
        arity: usize,
        values: impl Iterator<Item = ValueRef<'v>>,
    ) -> bool {
        let lexicon = lexicon(&self.base, &self.names, &self.fresh);
        let relation = self.names.relation(predicate, arity);
        let row: Option<Vec<Atom>> = values.map(|value| lexicon.find(value)).collect();
        let (Some(relation), Some(row)) = (relation, row) else { return self.count_deleted(0) > 0 };
        let Ok(mut working) = self.take_working(relation) else { return self.count_deleted(0) > 0 };
        let is_deleted = working.delete(&row, &self.base.snapshot().seed);
        self.put_working(relation, working);
        self.count_deleted(u64::from(is_deleted)) > 0
    }

    fn count_deleted(&mut self, count: u64) -> u64 {
        self.applied.deleted += count;
        self.applied.unchanged += u64::from(count == 0);
        count
    }

    /// The working state of a relation, to be put back.
    pub(super) fn take_working(&mut self, relation: RelationId) -> Result<Box<Working>, FactError> {
        let (_, arity) = self.names.signature(relation).ok_or(FactError::UnknownRelation)?;
        if let Some(working) = self.working.get_mut(relation.index()).and_then(Option::take) {
            return Ok(working);
        }
        let stored = self.base.snapshot().relations.get(relation.index());
        let stored = stored.map_or_else(|| Relation::new(arity), |stored| Relation::clone(stored));
        Ok(Box::new(Working::new(stored)))
    }

    pub(super) fn put_working(&mut self, relation: RelationId, working: Box<Working>) {
        if relation.index() >= self.working.len() {
            self.working.resize_with(self.names.relation_count(), || None);
        }
        if let Some(slot) = self.working.get_mut(relation.index()) {
            *slot = Some(working);
        }
    }
}

fn lexicon<'a>(base: &'a Facts, names: &'a Names, fresh: &'a AtomLayer) -> Lexicon<'a> {
    let snapshot = base.snapshot();
    Lexicon { names, store: &snapshot.store, fresh, seed: &snapshot.seed }
}

impl Lexicon<'_> {
    /// A cursor over the stored facts that a pattern selects; `None` when nothing can be.
    pub(super) fn select(self, pattern: &Pattern) -> Option<Cursor> {
        let mut cursor = Cursor::all(self.names.relation(&pattern.predicate, pattern.positions.len())?);
        for (position, wanted) in pattern.positions.iter().enumerate() {
            match wanted {
                Position::Open => {}
                Position::OfType(name) => cursor.require_type(position, self.names.type_id(name)?),
                Position::Is(value) => cursor.require(position, self.find(value.as_ref())?),
            }
        }
        Some(cursor)
    }
}
