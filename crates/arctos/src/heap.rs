//! The values of one query: terms, variables and what they are bound to.
//!
//! A [`Term`] is a small copyable handle. Lists, dictionaries, strings that the policy does not mention, and the host's
//! objects live in growing tables that backtracking cuts back to a [`Mark`], so that a typical decision allocates
//! nothing once the tables have grown.
//!
//! INVARIANT: a term is meaningful only with its heap and only until the query backtracks behind the moment it was
//! made. INVARIANT: a variable is bound to an older variable, never the other way round, so that cutting back leaves
//! no dangling reference; every binding is on the trail.

use std::sync::Arc;

use crate::error::Error;
use crate::facts::{Atom, TypeId, ValueRef};
use crate::link::Link;
use crate::symbol::{Symbol, Symbols};

/// A value or a variable of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term(pub(crate) Cell);

/// A variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(pub(crate) u32);

/// Where a run of cells or entries lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Run {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl Run {
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// Text: a policy symbol where below the number of symbols, else an entry of the heap's own texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TextId(pub(crate) u32);

/// The form a term has. 16 bytes.
// PERF: with a tag of a whole word the compiler moves cells by words, not by bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u32)]
pub(crate) enum Cell {
    /// Look at that variable. A variable whose own cell names itself is unbound.
    Variable(Variable),
    /// Only as a variable's own cell: unbound, but shared with another variable or awaited by conditions (the index of
    /// the first in the machine's list; `u32::MAX` for none).
    Awaited(u32),
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(TextId),
    List(Run),
    /// A list whose last cell (at `start + len`) stands for the remaining items.
    OpenList(Run),
    /// Entries sorted by key text.
    Dictionary(Run),
    Object(u32),
    /// An entity of the query's facts: two are equal exactly when their atoms are.
    Entity(Atom),
}

const _: () = assert!(size_of::<Cell>() == 16);

/// What a term is, seen through its bindings.
#[derive(Debug)]
pub enum View<'h, O> {
    /// No value.
    Nil,
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// Text.
    String(&'h str),
    /// A list.
    List(Items<'h, O>),
    /// A dictionary, by key order.
    Dictionary(Entries<'h, O>),
    /// An object of the host.
    Object(&'h O),
    /// An entity of facts.
    Entity {
        /// Its type.
        type_name: &'h str,
        /// Its id.
        id: &'h str,
    },
    /// An unbound variable.
    Variable(Variable),
}

/// The items of a list, through rests that are bound.
#[derive(Debug)]
pub struct Items<'h, O> {
    heap: &'h Heap<O>,
    walk: Walk,
}

impl<O> Clone for Items<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for Items<'_, O> {}

impl<'h, O> Items<'h, O> {
    /// How many items are known. Takes time in proportion for a list built with `*rest`.
    pub fn len(&self) -> usize {
        if self.walk.open { self.iter().count() } else { self.walk.run.len as usize }
    }

    /// True for a list without known items.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The variable for the remaining items of a list like `[1, *rest]` whose rest is not bound.
    pub fn rest(&self) -> Option<Variable> {
        let mut walk = self.walk;
        for _ in 0..=self.most() {
            match walk.next(self.heap) {
                Met::Item(_) => {}
                Met::Rest(Cell::Variable(variable)) => return Some(variable),
                Met::Rest(_) | Met::End => return None,
            }
        }
        None
    }

    /// How many items a list can have that is not its own rest: each is a cell of its own.
    fn most(&self) -> usize {
        self.heap.store.cells.len()
    }

    /// The known items. A list that is its own rest (`x = [1, *x]`) is cut somewhere.
    pub fn iter(&self) -> impl Iterator<Item = Term> + 'h {
        let (heap, mut walk) = (self.heap, self.walk);
        let items = std::iter::from_fn(move || match walk.next(heap) {
            Met::Item(cell) => Some(Term(cell)),
            Met::Rest(_) | Met::End => None,
        });
        items.take(self.most())
    }
}

/// The entries of a dictionary, sorted by key.
#[derive(Debug)]
pub struct Entries<'h, O> {
    heap: &'h Heap<O>,
    run: Run,
}

impl<'h, O> Entries<'h, O> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.run.len as usize
    }

    /// True for `{}`.
    pub fn is_empty(&self) -> bool {
        self.run.len == 0
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'h str, Term)> + 'h {
        let heap = self.heap;
        heap.store
            .entries
            .get(self.run.range())
            .unwrap_or(&[])
            .iter()
            .map(|(key, cell)| (heap.text(*key), Term(*cell)))
    }
}

/// A walk along a list, through bound rests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    run: Run,
    open: bool,
}

/// What a walk meets.
pub(crate) enum Met {
    Item(Cell),
    /// An unbound rest, or something in its place that is no list.
    Rest(Cell),
    End,
}

impl Walk {
    pub(crate) fn of(cell: Cell) -> Option<Walk> {
        match cell {
            Cell::List(run) => Some(Walk { run, open: false }),
            Cell::OpenList(run) => Some(Walk { run, open: true }),
            _ => None,
        }
    }

    /// How many items there are; `None` for a list that ends in a rest.
    pub(crate) fn known_len(self) -> Option<usize> {
        (!self.open).then_some(self.run.len as usize)
    }

    /// The list from here on.
    pub(crate) fn remainder(self) -> Cell {
        if self.open { Cell::OpenList(self.run) } else { Cell::List(self.run) }
    }

    pub(crate) fn next<O>(&mut self, heap: &Heap<O>) -> Met {
        loop {
            if self.run.len > 0 {
                let cell = heap.cell(self.run.start);
                self.run = Run { start: self.run.start + 1, len: self.run.len - 1 };
                return Met::Item(cell);
            }
            if !self.open {
                return Met::End;
            }
            let rest = heap.resolve(heap.cell(self.run.start));
            match Walk::of(rest) {
                Some(walk) => *self = walk,
                None => return Met::Rest(rest),
            }
        }
    }
}

/// A moment to cut back to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    pub(crate) trail: u32,
    pub(crate) vars: u32,
    pub(crate) cells: u32,
    pub(crate) entries: u32,
    pub(crate) texts: u32,
    pub(crate) bytes: u32,
    pub(crate) objects: u32,
}

/// The values of one query. `O` is the host's handle to an object.
///
/// ```
/// use std::sync::Arc;
/// use arctos::{Heap, Symbols, View};
/// let mut heap: Heap<()> = Heap::new(Arc::new(Symbols::default()));
/// let one = heap.integer(1);
/// let text = heap.string("abc");
/// let list = heap.list(&[one, text]);
/// let View::List(items) = heap.view(list) else { panic!("a list") };
/// assert_eq!(items.len(), 2);
/// ```
#[derive(Debug)]
pub struct Heap<O> {
    objects: Vec<O>,
    /// Apart, so that a heap is moved at the cost of a few words.
    pub(crate) store: Box<Store>,
}

/// Bytes of text that a heap takes: places in it are 32 bits.
const MOST_TEXT: usize = u32::MAX as usize;
/// Bytes of text, or parts of values, up to which a heap is small.
const LARGE: usize = 1 << 16;
/// Values of a kind after which a heap counts as full, long before their places do not fit 32 bits.
const MOST_PLACES: usize = 1 << 31;
/// How many parts of a value are looked at for variables.
const MOST_SEARCHED: u32 = 1 << 16;
/// Values of one kind after which a heap takes more room than a usual question needs.
pub(crate) const ROOMY: usize = 1 << 18;

/// How many symbols a heap remembers to have looked for.
const RECENT: usize = 16;

/// All of a heap but the objects.
#[derive(Debug)]
pub(crate) struct Store {
    symbols: Arc<Symbols>,
    /// Number of policy symbols; text ids below it are symbols.
    base: u32,
    /// Symbols that were looked for lately; at first each is the policy's first, if it has any.
    recent: [Symbol; RECENT],
    vars: Vec<Cell>,
    cells: Vec<Cell>,
    entries: Vec<(TextId, Cell)>,
    texts: Vec<Run>,
    bytes: String,
    /// A text did not fit and was left out: nothing may be decided any more.
    is_full: bool,
    trail: Vec<(Variable, Cell)>,
    /// Waiting conditions whose variable was bound since the machine last looked: head of the list, variable.
    pub(crate) woken: Vec<u32>,
    /// The facts that the query sees, where it sees any.
    pub(crate) link: Option<Box<Link>>,
}

impl<O> Heap<O> {
    /// An empty heap beside a policy's symbols.
    pub fn new(symbols: Arc<Symbols>) -> Self {
        let store = Store {
            base: symbols.len() as u32,
            symbols,
            recent: [Symbol(0); RECENT],
            vars: Vec::new(),
            cells: Vec::new(),
            entries: Vec::new(),
            texts: Vec::new(),
            bytes: String::new(),
            is_full: false,
            trail: Vec::new(),
            woken: Vec::new(),
            link: None,
        };
        Heap { objects: Vec::new(), store: Box::new(store) }
    }

    // ---- making terms ----

    /// No value.
    pub fn nil(&self) -> Term {
        Term(Cell::Nil)
    }

    /// A truth value.
    pub fn boolean(&self, value: bool) -> Term {
        Term(Cell::Boolean(value))
    }

    /// An integer.
    pub fn integer(&self, value: i64) -> Term {
        Term(Cell::Integer(value))
    }

    /// A float.
    pub fn float(&self, value: f64) -> Term {
        Term(Cell::Float(value))
    }

    /// Text.
    pub fn string(&mut self, text: &str) -> Term {
        Term(Cell::Text(self.text_id(text)))
    }

    /// Text that the policy mentions.
    pub fn symbol(&self, symbol: Symbol) -> Term {
        Term(Cell::Text(TextId(symbol.0)))
    }

    /// A list of these items.
    pub fn list(&mut self, items: &[Term]) -> Term {
        let start = self.store.cells.len() as u32;
        self.store.cells.extend(items.iter().map(|item| item.0));
        Term(Cell::List(Run { start, len: items.len() as u32 }))
    }

    /// A dictionary; of entries with the same key the last one stays.
    pub fn dictionary<'k>(&mut self, entries: impl IntoIterator<Item = (&'k str, Term)>) -> Term {
        let pairs: Vec<(TextId, Cell)> =
            entries.into_iter().map(|(key, value)| (self.text_id(key), value.0)).collect();
        Term(self.dictionary_of(pairs))
    }

    pub(crate) fn dictionary_of(&mut self, mut pairs: Vec<(TextId, Cell)>) -> Cell {
        pairs.reverse();
        pairs.sort_by(|a, b| self.text(a.0).cmp(self.text(b.0)));
        pairs.dedup_by(|later, earlier| self.text(later.0) == self.text(earlier.0));
        let start = self.store.entries.len() as u32;
        let len = pairs.len() as u32;
        self.store.entries.extend(pairs);
        Cell::Dictionary(Run { start, len })
    }

    /// An object of the host.
    pub fn object(&mut self, object: O) -> Term {
        self.objects.push(object);
        Term(Cell::Object(self.objects.len() as u32 - 1))
    }

    /// The entity `type_name{"id"}`.
    ///
    /// # Errors
    /// [`ErrorKind::UnregisteredClass`](crate::ErrorKind::UnregisteredClass) for a type that the policy does not name,
    /// [`ErrorKind::Misuse`](crate::ErrorKind::Misuse) where the query has no facts,
    /// [`ErrorKind::Facts`](crate::ErrorKind::Facts) when there is no room for one more.
    pub fn entity(&mut self, type_name: &str, id: &str) -> Result<Term, Error> {
        let link = self.store.link.as_deref_mut().ok_or_else(Link::missing)?;
        Ok(Term(Cell::Entity(link.entity(type_name, id)?)))
    }

    /// A new unbound variable.
    pub fn variable(&mut self) -> Term {
        Term(Cell::Variable(self.fresh(1)))
    }

    // ---- looking at terms ----

    /// What a term is.
    #[inline]
    pub fn view(&self, term: Term) -> View<'_, O> {
        match self.resolve(term.0) {
            Cell::Nil => View::Nil,
            Cell::Boolean(value) => View::Boolean(value),
            Cell::Integer(value) => View::Integer(value),
            Cell::Float(value) => View::Float(value),
            Cell::Text(id) => View::String(self.text(id)),
            Cell::List(run) => View::List(Items { heap: self, walk: Walk { run, open: false } }),
            Cell::OpenList(run) => View::List(Items { heap: self, walk: Walk { run, open: true } }),
            Cell::Dictionary(run) => View::Dictionary(Entries { heap: self, run }),
            Cell::Object(index) => match self.objects.get(index as usize) {
                Some(object) => View::Object(object),
                None => View::Nil,
            },
            Cell::Entity(atom) => match self.entity_of(atom) {
                Some((type_name, id)) => View::Entity { type_name, id },
                None => View::Nil,
            },
            Cell::Variable(variable) => View::Variable(variable),
            Cell::Awaited(_) => View::Nil,
        }
    }

    /// The symbol of a text term, where the policy mentions that text.
    pub fn as_symbol(&self, term: Term) -> Option<Symbol> {
        match self.resolve(term.0) {
            Cell::Text(id) if id.0 < self.store.base => Some(Symbol(id.0)),
            _ => None,
        }
    }

    /// The object that a term stands for, where it stands for one.
    #[inline]
    pub fn as_object(&self, term: Term) -> Option<&O> {
        match self.resolve(term.0) {
            Cell::Object(index) => self.host_object(index),
            _ => None,
        }
    }

    /// The policy's symbols.
    pub fn symbols(&self) -> &Arc<Symbols> {
        &self.store.symbols
    }

    /// Bytes in use, about.
    pub fn bytes(&self) -> usize {
        (self.store.vars.len() + self.store.cells.len() + self.store.trail.len()) * size_of::<Cell>()
            + self.store.entries.len() * 24
            + self.store.bytes.len()
            + self.objects.len() * (size_of::<O>() + 64)
    }

    /// True where one value may have taken more than there is: what has come from the host is looked at then.
    #[inline]
    pub(crate) fn exceeds(&self, memory: usize) -> bool {
        // PERF: asked after each reply of the host, and nearly always answered by this.
        let Store { cells, entries, bytes, is_full, .. } = &*self.store;
        let small = (bytes.len() | cells.len() | entries.len()) < LARGE && !*is_full;
        !small && self.is_beyond(memory)
    }

    #[cold]
    fn is_beyond(&self, memory: usize) -> bool {
        self.room(memory).is_none()
    }

    /// Bytes until so many are in use; `None` beyond that, and where a value is too large for a heap.
    pub(crate) fn room(&self, memory: usize) -> Option<usize> {
        let Store { vars, cells, entries, texts, trail, .. } = &*self.store;
        let places =
            vars.len() | cells.len() | entries.len() | texts.len() | trail.len() | self.objects.len();
        let is_full = self.store.is_full || places >= MOST_PLACES;
        memory.checked_sub(self.bytes()).filter(|_| !is_full)
    }

    /// True when some megabytes are reserved for values to come.
    #[inline]
    pub(crate) fn is_roomy(&self) -> bool {
        let store = &*self.store;
        store.cells.capacity() > ROOMY
            || store.vars.capacity() > ROOMY
            || store.texts.capacity() > ROOMY
            || store.entries.capacity() > ROOMY
            || self.objects.capacity().saturating_mul(size_of::<O>()) > ROOMY * size_of::<Cell>()
            || store.bytes.capacity() > ROOMY * size_of::<Cell>()
    }

    // ---- for the machine ----

    /// The type and id of an entity.
    pub(crate) fn entity_of(&self, atom: Atom) -> Option<(&str, &str)> {
        self.store.link.as_ref()?.entity_of(atom)
    }

    /// The atom of a text.
    pub(crate) fn atom_of_text(&mut self, id: TextId) -> Result<Atom, Error> {
        let mut link = self.store.link.take().ok_or_else(Link::missing)?;
        let atom = link.intern(ValueRef::String(self.text(id)));
        self.store.link = Some(link);
        atom
    }

    /// The value of an atom that is not a wildcard.
    #[inline]
    pub(crate) fn cell_of(&mut self, atom: Atom) -> Cell {
        let Some(link) = self.link() else { return Cell::Nil };
        // PERF: an entity's id is somewhere else in memory, and of no interest here.
        let is_entity = link.view.type_of(atom).is_some_and(TypeId::is_of_entities);
        if is_entity && atom.any_type().is_none() { Cell::Entity(atom) } else { self.cell_of_value(atom) }
    }

    fn cell_of_value(&mut self, atom: Atom) -> Cell {
        let Some(link) = self.store.link.take() else { return Cell::Nil };
        let cell = match link.view.value(atom) {
            Some(ValueRef::String(text)) => Cell::Text(self.text_id(text)),
            Some(ValueRef::Integer(value)) => Cell::Integer(value),
            Some(ValueRef::Boolean(value)) => Cell::Boolean(value),
            Some(ValueRef::Entity { .. } | ValueRef::Any(_)) | None => Cell::Nil,
        };
        self.store.link = Some(link);
        cell
    }

    /// The facts that the query sees.
    #[inline]
    pub(crate) fn link(&self) -> Option<&Link> {
        self.store.link.as_deref()
    }

    #[inline]
    pub(crate) fn text(&self, id: TextId) -> &str {
        match id.0.checked_sub(self.store.base) {
            None => self.store.symbols.text(Symbol(id.0)),
            Some(index) => {
                let run = self.store.texts.get(index as usize).copied().unwrap_or(Run { start: 0, len: 0 });
                self.store.bytes.get(run.range()).unwrap_or("")
            }
        }
    }

    pub(crate) fn text_id(&mut self, text: &str) -> TextId {
        // PERF: the same few actions are asked for again and again; comparing is cheaper than hashing.
        let bytes = text.as_bytes();
        let slot = bytes.len().wrapping_mul(5) ^ bytes.last().map_or(0, |byte| usize::from(*byte));
        let recent = self.store.recent.get_mut(slot % RECENT);
        if let Some(symbol) = &recent
            && symbol.0 < self.store.base
            && self.store.symbols.text(**symbol) == text
        {
            return TextId(symbol.0);
        }
        if let Some(symbol) = self.store.symbols.get(text) {
            if let Some(slot) = recent {
                *slot = symbol;
            }
            return TextId(symbol.0);
        }
        self.private_text(text)
    }

    /// Adds a text without looking whether the policy mentions it.
    ///
    /// INVARIANT: called only with texts the policy does not mention (the query's own literals are checked when the
    /// query is lowered), so that texts below `base` compare by number.
    pub(crate) fn private_text(&mut self, text: &str) -> TextId {
        let fits = self.store.bytes.len().saturating_add(text.len()) <= MOST_TEXT;
        self.store.is_full |= !fits;
        let text = if fits { text } else { "" };
        let start = self.store.bytes.len() as u32;
        self.store.bytes.push_str(text);
        self.store.texts.push(Run { start, len: text.len() as u32 });
        TextId(self.store.base + self.store.texts.len() as u32 - 1)
    }

    /// True for text that the policy mentions.
    pub(crate) fn is_symbol(&self, id: TextId) -> bool {
        id.0 < self.store.base
    }

    /// True when a variable is somewhere in a value, or may be: not all of a deep or large value is looked at.
    pub(crate) fn has_variables(&self, cell: Cell) -> bool {
        self.may_have_variables(cell, 8, &mut { MOST_SEARCHED })
    }

    fn may_have_variables(&self, cell: Cell, depth: u32, left: &mut u32) -> bool {
        if *left == 0 {
            return true;
        }
        *left -= 1;
        let mut search = |cell: Cell| self.may_have_variables(cell, depth - 1, left);
        match cell {
            Cell::Variable(_) | Cell::Awaited(_) | Cell::OpenList(_) => true,
            Cell::List(_) | Cell::Dictionary(_) if depth == 0 => true,
            Cell::List(run) => {
                let cells = self.store.cells.get(run.range());
                cells.is_none_or(|cells| cells.iter().any(|cell| search(*cell)))
            }
            Cell::Dictionary(run) => {
                let entries = self.store.entries.get(run.range());
                entries.is_none_or(|entries| entries.iter().any(|(_, cell)| search(*cell)))
            }
            _ => false,
        }
    }

    /// Where the next cell will be.
    pub(crate) fn next_cell(&self) -> u32 {
        self.store.cells.len() as u32
    }

    pub(crate) fn same_text(&self, a: TextId, b: TextId) -> bool {
        a == b || (a.0 >= self.store.base && b.0 >= self.store.base && self.text(a) == self.text(b))
    }

    #[inline]
    pub(crate) fn cell(&self, index: u32) -> Cell {
        self.store.cells.get(index as usize).copied().unwrap_or(Cell::Nil)
    }

    /// The cells of a list.
    pub(crate) fn cells(&self, run: Run) -> &[Cell] {
        self.store.cells.get(run.range()).unwrap_or(&[])
    }

    pub(crate) fn entry(&self, index: u32) -> (TextId, Cell) {
        self.store.entries.get(index as usize).copied().unwrap_or((TextId(0), Cell::Nil))
    }

    #[inline]
    pub(crate) fn host_object(&self, index: u32) -> Option<&O> {
        self.objects.get(index as usize)
    }

    pub(crate) fn push_cells(&mut self, cells: impl IntoIterator<Item = Cell>) -> Run {
        let start = self.store.cells.len() as u32;
        self.store.cells.extend(cells);
        Run { start, len: self.store.cells.len() as u32 - start }
    }

    /// `count` new unbound variables in a row; the first one.
    pub(crate) fn fresh(&mut self, count: u32) -> Variable {
        let first = self.store.vars.len() as u32;
        self.store.vars.extend((first..first + count).map(|index| Cell::Variable(Variable(index))));
        Variable(first)
    }

    /// Follows variables to a value or to an unbound variable.
    #[inline]
    pub(crate) fn resolve(&self, mut cell: Cell) -> Cell {
        while let Cell::Variable(variable) = cell {
            match self.store.vars.get(variable.0 as usize) {
                Some(Cell::Variable(next)) if *next == variable => return cell,
                Some(Cell::Awaited(_)) | None => return cell,
                Some(next) => cell = *next,
            }
        }
        cell
    }

    /// What a cell stands for, where these variables stand for themselves.
    pub(crate) fn resolve_unless(&self, mut cell: Cell, stays: impl Fn(Variable) -> bool) -> Cell {
        while let Cell::Variable(variable) = cell {
            match self.own(variable) {
                Cell::Awaited(_) => break,
                next if next == cell || stays(variable) => break,
                next => cell = next,
            }
        }
        cell
    }

    /// A variable's own cell.
    pub(crate) fn own(&self, variable: Variable) -> Cell {
        self.store.vars.get(variable.0 as usize).copied().unwrap_or(Cell::Variable(variable))
    }

    /// No condition waits for an unbound variable any more.
    pub(crate) fn release(&mut self, variable: Variable) {
        if let Some(slot) = self.store.vars.get_mut(variable.0 as usize) {
            self.store.trail.push((variable, *slot));
            *slot = Cell::Variable(variable);
        }
    }

    /// Sets a variable's own cell, on the trail. Where conditions wait for it and it becomes bound, they are woken.
    pub(crate) fn set(&mut self, variable: Variable, cell: Cell) {
        if let Some(slot) = self.store.vars.get_mut(variable.0 as usize) {
            if let Cell::Awaited(waiting) = *slot
                && !matches!(cell, Cell::Awaited(_))
            {
                self.store.woken.push(waiting);
            }
            self.store.trail.push((variable, *slot));
            *slot = cell;
        }
    }

    /// Makes an unbound variable refer to an older one, on the trail, without waking what waits for it.
    pub(crate) fn alias(&mut self, younger: Variable, older: Variable) {
        if let Some(slot) = self.store.vars.get_mut(younger.0 as usize) {
            self.store.trail.push((younger, *slot));
            *slot = Cell::Variable(older);
        }
    }

    /// Notes that an unbound variable is known by another name too.
    pub(crate) fn share(&mut self, variable: Variable) {
        if self.own(variable) == Cell::Variable(variable) {
            self.set(variable, Cell::Awaited(u32::MAX));
        }
    }

    /// Sets a variable that was made just now and that nothing refers to: no trail entry is needed.
    pub(crate) fn initialise(&mut self, variable: Variable, cell: Cell) {
        if let Some(slot) = self.store.vars.get_mut(variable.0 as usize) {
            *slot = cell;
        }
    }

    /// Forgets all values and keeps the room they took.
    pub(crate) fn clear(&mut self) {
        self.store.vars.clear();
        self.store.cells.clear();
        self.store.entries.clear();
        self.store.texts.clear();
        self.store.bytes.clear();
        self.store.is_full = false;
        self.objects.clear();
        self.store.trail.clear();
        self.store.woken.clear();
    }

    /// Forgets all values and the room they took; facts stay.
    pub(crate) fn give_back(&mut self) {
        let link = self.store.link.take();
        *self = Heap::new(Arc::clone(&self.store.symbols));
        self.store.link = link;
    }

    /// The same empty heap for other objects.
    pub(crate) fn recycle<P>(mut self) -> Heap<P> {
        self.clear();
        // PERF: collects in place, so that the room stays where both kinds of object are of one size.
        Heap { objects: self.objects.into_iter().filter_map(|_| None).collect(), store: self.store }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            trail: self.store.trail.len() as u32,
            vars: self.store.vars.len() as u32,
            cells: self.store.cells.len() as u32,
            entries: self.store.entries.len() as u32,
            texts: self.store.texts.len() as u32,
            bytes: self.store.bytes.len() as u32,
            objects: self.objects.len() as u32,
        }
    }

    /// How many bindings there have been.
    #[inline]
    pub(crate) fn bindings(&self) -> u32 {
        self.store.trail.len() as u32
    }

    /// The variables that were bound since there were so many bindings.
    pub(crate) fn bound_since(&self, bindings: u32) -> impl Iterator<Item = Variable> + '_ {
        let since = self.store.trail.get(bindings as usize..).unwrap_or(&[]);
        since.iter().map(|(variable, _)| *variable)
    }

    /// Undoes bindings made since the mark, and keeps what was built.
    pub(crate) fn undo_bindings(&mut self, trail: u32) {
        while self.store.trail.len() > trail as usize {
            if let Some((variable, old)) = self.store.trail.pop()
                && let Some(slot) = self.store.vars.get_mut(variable.0 as usize)
            {
                *slot = old;
            }
        }
        self.store.woken.clear();
    }

    /// Undoes everything since the mark.
    pub(crate) fn cut_back(&mut self, mark: &Mark) {
        self.undo_bindings(mark.trail);
        self.store.vars.truncate(mark.vars as usize);
        self.store.cells.truncate(mark.cells as usize);
        self.store.entries.truncate(mark.entries as usize);
        self.store.texts.truncate(mark.texts as usize);
        self.store.bytes.truncate(mark.bytes as usize);
        self.objects.truncate(mark.objects as usize);
    }
}
