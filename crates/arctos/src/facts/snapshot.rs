//! Snapshots: facts that do not change.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::atoms::{Atom, AtomLayer, Store};
use super::change::Change;
use super::cursor::{Cursor, Row};
use super::domain::Domain;
use super::error::FactError;
use super::hash::Seed;
use super::intern::Lexicon;
use super::mask::Mask;
use super::names::{Names, RelationId};
use super::relation::Relation;
use super::value::{Fact, Pattern, ValueRef, write_call};
use super::view::FactView;

/// Facts: a snapshot that never changes, cheap to clone and shared by threads.
///
/// ```
/// use arctos::facts::{Fact, Facts, Value};
///
/// let mut change = Facts::new().change();
/// change.insert(&Fact::new("has_role", [Value::any("User"), "reader".into(), Value::entity("Doc", "plan")]))?;
/// let (facts, _) = change.commit();
///
/// let asked = Fact::new("has_role", [Value::entity("User", "ann"), "reader".into(), Value::entity("Doc", "plan")]);
/// assert!(facts.holds(&asked), "whoever it is");
/// let shown: Vec<String> = facts.iter().map(|fact| fact.to_string()).collect();
/// assert_eq!(shown, [r#"has_role(_: User, "reader", Doc{"plan"})"#]);
/// # Ok::<(), arctos::facts::FactError>(())
/// ```
#[derive(Clone)]
pub struct Facts(Arc<Snapshot>);

pub(super) struct Snapshot {
    pub(super) revision: u64,
    /// The same for all snapshots whose atoms mean the same.
    pub(super) line: Arc<()>,
    pub(super) seed: Seed,
    pub(super) names: Arc<Names>,
    pub(super) store: Store,
    pub(super) relations: Vec<Arc<Relation>>,
    /// Once it has been needed.
    pub(super) domain: OnceLock<Domain>,
}

impl Snapshot {
    /// The entities that the facts name.
    pub(super) fn domain(&self) -> &Domain {
        self.domain.get_or_init(|| {
            let rows = self.relations.iter().flat_map(|relation| relation.live());
            let mut seen = vec![false; self.store.len()];
            Domain::of(
                rows,
                |atom| self.store.kind(atom),
                |_, atom| seen.get_mut(atom.index()).is_some_and(|seen| !std::mem::replace(seen, true)),
            )
        })
    }
}

impl Facts {
    /// No facts, at revision 0: the beginning of a line of snapshots.
    pub fn new() -> Self {
        Facts::of(Snapshot {
            revision: 0,
            line: Arc::new(()),
            seed: Seed::default(),
            names: Arc::default(),
            store: Store::default(),
            relations: Vec::new(),
            domain: OnceLock::new(),
        })
    }

    /// A batch of changes that starts from here.
    pub fn change(&self) -> Change {
        Change::new(self.clone())
    }

    /// A view for one request, without context.
    pub fn view(&self) -> FactView {
        FactView::new(self)
    }

    /// A view for one request that has these facts in addition. The snapshot is not copied.
    ///
    /// # Errors
    ///
    /// As [`Change::insert`].
    pub fn with_context<'f>(&self, facts: impl IntoIterator<Item = &'f Fact>) -> Result<FactView, FactError> {
        let mut view = self.view();
        for fact in facts {
            view.insert(fact)?;
        }
        Ok(view)
    }

    /// Which snapshot it is. Revisions of one line ascend.
    pub fn revision(&self) -> u64 {
        self.0.revision
    }

    /// How many facts there are; a fact with wildcards is one.
    pub fn len(&self) -> usize {
        self.0.relations.iter().map(|relation| relation.len()).sum()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes of memory the snapshot stands on, indexes included, with what it shares with others.
    pub fn bytes(&self) -> usize {
        let relations: usize = self.0.relations.iter().map(|relation| relation.bytes()).sum();
        let domain = self.0.domain.get().map_or(0, Domain::bytes);
        size_of::<Snapshot>() + self.0.names.bytes() + self.0.store.bytes() + relations + domain
    }

    /// True when a fact is stored, or one with wildcards that it is an instance of.
    pub fn holds(&self, fact: &Fact) -> bool {
        // Values that are new have no atoms yet, and a wildcard may stand for them.
        let mut view = self.view();
        let Some(relation) = view.relation(&fact.predicate, fact.arguments.len()) else { return false };
        let row: Result<Vec<Atom>, _> =
            fact.arguments.iter().map(|value| view.intern(value.as_ref())).collect();
        row.is_ok_and(|row| view.contains(relation, &row))
    }

    /// All facts as they are stored. Relations come in the order in which they were made; in a relation, what was loaded
    /// first tends to come first; the order is the same for the same history of batches, and otherwise means nothing.
    pub fn iter(&self) -> impl Iterator<Item = FactRef<'_>> {
        (0..self.0.relations.len() as u32).flat_map(|id| self.rows(Cursor::all(RelationId(id))))
    }

    /// The stored facts that a pattern selects, in the order of [`Facts::iter`].
    pub fn matching<'a>(&'a self, pattern: &Pattern) -> impl Iterator<Item = FactRef<'a>> + use<'a> {
        let cursor = self.lexicon().select(pattern);
        cursor.into_iter().flat_map(|cursor| self.rows(cursor))
    }

    /// Builds now, rather than when it is first needed, the index for questions that know these arguments of a
    /// relation. Batches keep the indexes that there are.
    pub fn prepare(&self, relation: RelationId, mask: Mask) {
        if let Some(relation) = self.0.relations.get(relation.index()) {
            relation.prepare(mask, &self.0.seed);
        }
    }

    /// True when ids of relations, types and atoms mean the same in both, where both have them: one comes of the other by
    /// batches, or both of a third.
    pub fn shares_atoms(&self, other: &Facts) -> bool {
        Arc::ptr_eq(&self.0.line, &other.0.line)
    }

    /// The same facts at the same revision, without the arguments that no fact has any more: the beginning of a new line. It is
    /// for stores that live long and whose ids come and go; its cost is that of all the data.
    ///
    /// # Errors
    ///
    /// None that these facts have not had before.
    pub fn compacted(&self) -> Result<Facts, FactError> {
        let mut change = Facts::new().change();
        for index in 0..self.0.relations.len() as u32 {
            let Some((predicate, arity)) = self.0.names.signature(RelationId(index)) else { continue };
            change.relation(predicate, arity)?;
        }
        change
            .insert_many(self.iter().map(|fact| (fact.predicate(), fact.arguments().collect::<Vec<_>>())))?;
        for (index, relation) in self.0.relations.iter().enumerate() {
            for mask in relation.prepared() {
                change.prepare(RelationId(index as u32), *mask)?;
            }
        }
        let (facts, _) =
            if self.0.revision == 0 { change.commit() } else { change.commit_at(self.0.revision)? };
        Ok(facts)
    }

    pub(super) fn of(snapshot: Snapshot) -> Self {
        Facts(Arc::new(snapshot))
    }

    #[inline]
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.0
    }

    fn lexicon(&self) -> Lexicon<'_> {
        static NONE: AtomLayer = AtomLayer::EMPTY;
        Lexicon { names: &self.0.names, store: &self.0.store, fresh: &NONE, seed: &self.0.seed }
    }

    fn rows(&self, mut cursor: Cursor) -> impl Iterator<Item = FactRef<'_>> {
        let lexicon = self.lexicon();
        let relation = self.0.relations.get(cursor.relation.index());
        std::iter::from_fn(move || {
            let row = relation?.next_literal(&mut cursor, &self.0.seed, |atom| lexicon.kind(atom))?;
            Some(FactRef { lexicon, relation: cursor.relation, row: Row(row) })
        })
    }
}

impl Default for Facts {
    fn default() -> Self {
        Facts::new()
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Facts {{ revision: {}, len: {} }}", self.revision(), self.len())
    }
}

/// A stored fact, where it is stored.
#[derive(Clone, Copy)]
pub struct FactRef<'a> {
    lexicon: Lexicon<'a>,
    relation: RelationId,
    row: Row<'a>,
}

impl<'a> FactRef<'a> {
    /// The predicate.
    pub fn predicate(&self) -> &'a str {
        self.lexicon.names.signature(self.relation).map_or("", |(predicate, _)| predicate)
    }

    /// The relation.
    pub fn relation(&self) -> RelationId {
        self.relation
    }

    /// The arguments, interned.
    pub fn row(&self) -> Row<'a> {
        self.row
    }

    /// The arguments.
    pub fn arguments(&self) -> impl Iterator<Item = ValueRef<'a>> + use<'a> {
        let lexicon = self.lexicon;
        self.row.atoms().iter().filter_map(move |atom| lexicon.value(*atom))
    }

    /// A copy that stands by itself.
    pub fn to_fact(&self) -> Fact {
        Fact::new(self.predicate(), self.arguments().map(ValueRef::to_value))
    }
}

impl fmt::Display for FactRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_call(f, self.predicate(), self.arguments())
    }
}

impl fmt::Debug for FactRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
