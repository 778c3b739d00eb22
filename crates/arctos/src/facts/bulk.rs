//! Many facts at once.
//!
//! Interning is waiting for memory: a slot of a table, and a longer text. One fact after the other these waits
//! add up; here the look-ups of a block go side by side, stage by stage, so that the waits overlap (group prefetching:
//! Chen, Ailamaki, Gibbons and Mowry, *Improving Hash Join Performance through Prefetching*, 2004). And rows are sorted
//! once, which finds duplicates without a table.

use super::change::Change;
use super::error::FactError;
use super::layer::{MOST_ROWS, Rows};
use super::names::{Keyed, RelationId};
use super::texts::Probe;
use super::value::{MAX_ARGUMENTS, ValueRef};

/// So many facts are looked up side by side: more than memory can have under way.
const BLOCK: usize = 16;

/// The most arguments that a block has.
pub(super) const BLOCK_ARGUMENTS: usize = BLOCK * MAX_ARGUMENTS;

impl Change {
    /// Inserts many facts, predicate and arguments, in less time than one by one; says how many of them were new.
    ///
    /// ```
    /// use arctos::facts::{Facts, ValueRef};
    ///
    /// let text = "ann acme\nbob acme\nann acme\n";
    /// let lines = text.lines().filter_map(|line| line.split_once(' '));
    /// let members = lines.map(|(user, org)| ("member", [ValueRef::entity("User", user), ValueRef::entity("Org", org)]));
    /// let mut change = Facts::new().change();
    /// assert_eq!(change.insert_many(members)?, 2);
    /// # Ok::<(), arctos::facts::FactError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Change::insert`]. The batch goes on without any of these facts.
    pub fn insert_many<'v, A: AsRef<[ValueRef<'v>]>>(
        &mut self,
        facts: impl IntoIterator<Item = (&'v str, A)>,
    ) -> Result<u64, FactError> {
        let mut facts = facts.into_iter();
        let mut rows: Vec<Rows> = Vec::new();
        let mut block = Vec::with_capacity(BLOCK);
        let mut probes = Vec::with_capacity(BLOCK_ARGUMENTS);
        loop {
            block.clear();
            block.extend(facts.by_ref().take(BLOCK));
            if block.is_empty() {
                break;
            }
            probes.clear();
            for (_, arguments) in &block {
                self.probe_all(arguments.as_ref(), &mut probes);
            }
            self.fresh.touch(&probes);
            self.base.snapshot().store.touch(&probes);
            for (predicate, arguments) in &block {
                let values = arguments.as_ref();
                let relation = self.relation(predicate, values.len())?;
                let row = self.row_of(values.iter().copied())?;
                let among = of_relation(&mut rows, relation, values.len())?;
                among.push(row.get(..values.len()).unwrap_or_default());
            }
        }
        let mut inserted = 0;
        for (index, rows) in rows.into_iter().enumerate() {
            inserted += self.insert_rows(RelationId(index as u32), rows)?;
        }
        Ok(inserted)
    }

    /// How arguments will be looked up, as far as their types are known.
    fn probe_all(&self, arguments: &[ValueRef<'_>], probes: &mut Vec<Probe>) {
        let mut hints = self.recent_types;
        for (value, hint) in arguments.iter().zip(&mut hints) {
            if let Keyed::Key(key) = self.names.keyed(*value, &mut [0; 8], hint, &self.base.snapshot().seed) {
                probes.push(key.probe());
            }
        }
    }

    /// Inserts the rows of one relation.
    fn insert_rows(&mut self, relation: RelationId, rows: Rows) -> Result<u64, FactError> {
        let count = rows.len() as u64;
        if count == 0 {
            return Ok(0);
        }
        let mut working = self.take_working(relation)?;
        let inserted = working.insert_many(rows, &self.base.snapshot().seed) as u64;
        self.put_working(relation, working);
        self.applied.inserted += inserted;
        self.applied.unchanged += count - inserted;
        Ok(inserted)
    }
}

fn of_relation(rows: &mut Vec<Rows>, relation: RelationId, arity: usize) -> Result<&mut Rows, FactError> {
    if relation.index() >= rows.len() {
        rows.resize_with(relation.index() + 1, || Rows::new(0));
    }
    let among = rows.get_mut(relation.index()).ok_or(FactError::TooManyRelations)?;
    if among.len() == 0 {
        *among = Rows::new(arity);
    }
    if among.len() >= MOST_ROWS { Err(FactError::TooManyFacts) } else { Ok(among) }
}
