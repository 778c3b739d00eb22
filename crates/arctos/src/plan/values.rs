//! What operations do with values: host reads, equality, loops.

use super::item::ItemTests;
use super::op::{HostArguments, Op, Plan, Reg, Scan, Target};
use super::run::{Holds, Run, Stop, get, put, set};
use crate::eval::{Context, Evaluation, Machine, holds, same_object, same_plain};
use crate::heap::{Cell, Run as Cells, Term, TextId, View};
use crate::host::{Arguments, Comparison, Host, HostErrorKind, Lineage, Name, Reply};
use crate::ir::Tag;
use crate::schema::ClassId;
use crate::symbol::Symbol;

impl<H: Host> Run<'_, H> {
    /// Operations that are not in the inner loop's first view.
    // PERF: apart, so that what it needs is not made ready for each plan.
    #[inline(never)]
    pub(super) fn rarer(
        &mut self,
        plan: &Plan,
        window: &mut [Cell],
        op: &Op,
    ) -> Result<(bool, Target), Stop> {
        let always = Target::place(0);
        Ok(match *op {
            Op::Compare { op, a, b, fail } => (self.compare(op, get(window, a), get(window, b))?, fail),
            Op::Arithmetic { op, a, b, dst } => {
                let result = crate::eval::compute(op, get(window, a), get(window, b));
                set(window, dst, result.ok_or(Stop::Undecided)?);
                (true, always)
            }
            Op::Truth { src, fail } => match get(window, src) {
                Cell::Boolean(value) => (value, fail),
                _ => return Err(Stop::Undecided),
            },
            Op::Field { object, name, dst, fail } => {
                (put(window, dst, self.field(get(window, object), name)?), fail)
            }
            Op::LookupDynamic { object, key, dst, fail } => match get(window, key) {
                Cell::Text(key) => {
                    let value = self.read(get(window, object), Symbol(key.0))?;
                    (put(window, dst, value), fail)
                }
                _ => return Err(Stop::Undecided),
            },
            Op::IsList { src, len, fail } => match get(window, src) {
                Cell::List(run) => (run.len == len, fail),
                Cell::OpenList(_) | Cell::Object(_) => return Err(Stop::Undecided),
                _ => (false, fail),
            },
            Op::Item { src, index, dst } => {
                let Cell::List(run) = get(window, src) else { return Err(Stop::Undecided) };
                let item = self.known(self.heap.cell(run.start + index))?;
                set(window, dst, item);
                (true, always)
            }
            Op::In { element, collection, fail } => {
                (self.contains(get(window, element), get(window, collection))?, fail)
            }
            _ => {
                self.makes(plan, window, op)?;
                (true, always)
            }
        })
    }

    /// Operations that make a value.
    fn makes(&mut self, plan: &Plan, window: &mut [Cell], op: &Op) -> Result<(), Stop> {
        let (cell, dst) = match *op {
            Op::Method { object, name, call, dst } => {
                let object = get(window, object);
                if matches!(object, Cell::Boolean(_) | Cell::Entity(_)) {
                    return Err(Stop::Undecided);
                }
                let program = self.program;
                let reply = self.with_arguments(plan, window, call, |this, arguments| {
                    let name = Name { text: program.symbols.text(name), symbol: Some(name) };
                    this.host.call(this.heap, Term(object), name, arguments)
                });
                if object == Cell::Nil && reply.is_err() {
                    return Err(Stop::Undecided);
                }
                (self.ready(reply)?, dst)
            }
            Op::New { class, call, dst } => {
                let reply = self.with_arguments(plan, window, call, |this, arguments| {
                    this.host.construct(this.heap, class, arguments)
                });
                (self.ready(reply)?, dst)
            }
            Op::Constant { id, dst } => {
                let reply = self.host.constant(self.heap, id);
                (self.ready(reply)?, dst)
            }
            Op::Class { id, dst } => {
                let reply = self.host.class(self.heap, id);
                (self.ready(reply)?, dst)
            }
            Op::Entity { .. } | Op::UnixTime { .. } => self.of_facts(op)?,
            Op::List { items, dst } => {
                let items = plan.args.get(items.range()).unwrap_or(&[]);
                let start = self.heap.next_cell();
                for src in items {
                    let cell = get(window, *src);
                    self.heap.push_cells([cell]);
                }
                (Cell::List(Cells { start, len: items.len() as u32 }), dst)
            }
            Op::Dictionary { call, dst } => {
                let keyword = plan.calls.get(call as usize).map_or(&[][..], |call| &call.keyword);
                let pairs = keyword.iter().map(|(key, src)| (TextId(key.0), get(window, *src))).collect();
                (self.heap.dictionary_of(pairs), dst)
            }
            _ => return Err(Stop::Undecided),
        };
        set(window, dst, cell);
        Ok(())
    }

    /// A value of the host, or a part of one. Where a host hands over variables, that is for the machine.
    #[inline]
    fn known(&self, cell: Cell) -> Result<Cell, Stop> {
        match self.heap.resolve(cell) {
            Cell::Variable(_) | Cell::Awaited(_) | Cell::OpenList(_) => Err(Stop::Undecided),
            cell => Ok(cell),
        }
    }

    /// A reply that is there.
    #[inline]
    fn ready(&self, reply: crate::host::Replied) -> Result<Cell, Stop> {
        match reply {
            Ok(Reply::Ready(term)) => {
                let cell = self.known(term.0)?;
                // One value may be larger than all limits; the machine says so.
                let may_be_large = matches!(cell, Cell::List(_) | Cell::Dictionary(_) | Cell::Text(_));
                if may_be_large && self.heap.exceeds(self.limits.memory) {
                    return Err(Stop::Undecided);
                }
                Ok(cell)
            }
            Ok(Reply::Later(_)) => Err(Stop::Undecided),
            Err(error) => Err(error.into()),
        }
    }

    /// What the host says at a glance.
    #[inline]
    pub(super) fn any_item(&mut self, plan: &Plan, window: &[Cell], scan: u32) -> Option<bool> {
        let Scan { object, name, tests } = plan.scans.get(scan as usize)?;
        let Cell::Object(index) = get(window, *object) else { return None };
        let object = self.heap.host_object(index)?;
        let symbols = &self.program.symbols;
        let name = Name { text: symbols.text(*name), symbol: Some(*name) };
        let number = plan.first_scan + u64::from(scan);
        self.host.any_item(self.heap, object, name, ItemTests { tests, window, symbols, number })
    }

    fn with_arguments<R>(
        &mut self,
        plan: &Plan,
        window: &[Cell],
        call: u32,
        f: impl FnOnce(&mut Self, Arguments<'_>) -> R,
    ) -> R {
        let none = HostArguments::default();
        let call = plan.calls.get(call as usize).unwrap_or(&none);
        let mut positional = std::mem::take(&mut self.state.arguments);
        positional.clear();
        positional.extend(call.positional.iter().map(|src| Term(get(window, *src))));
        let keyword: Vec<(Name<'_>, Term)> = call
            .keyword
            .iter()
            .map(|(key, src)| {
                let name = Name { text: self.program.symbols.text(*key), symbol: Some(*key) };
                (name, Term(get(window, *src)))
            })
            .collect();
        let result = f(self, Arguments { positional: &positional, keyword: &keyword });
        self.state.arguments = positional;
        result
    }

    // ---- attributes ----

    /// `object.name`; `None` for a dictionary without that key.
    #[inline]
    pub(super) fn read(&mut self, object: Cell, name: Symbol) -> Result<Option<Cell>, Stop> {
        match object {
            Cell::Dictionary(run) => self.entry(run, name),
            Cell::Boolean(_) | Cell::Entity(_) => Err(Stop::Undecided),
            // What has no meaning for nil is for the machine.
            object => match self.ask(object, name) {
                Err(_) if object == Cell::Nil => Err(Stop::Undecided),
                reply => self.ready(reply).map(Some),
            },
        }
    }

    #[inline]
    fn ask(&mut self, object: Cell, name: Symbol) -> crate::host::Replied {
        let symbols = &self.program.symbols;
        if name.index() < symbols.len() {
            let name = Name { text: symbols.text(name), symbol: Some(name) };
            return self.host.attribute(self.heap, Term(object), name);
        }
        let text = self.heap.text(TextId(name.0)).to_owned();
        self.host.attribute(self.heap, Term(object), Name { text: &text, symbol: None })
    }

    fn entry(&self, run: Cells, name: Symbol) -> Result<Option<Cell>, Stop> {
        let mut entries = (run.start..run.start + run.len).map(|index| self.heap.entry(index));
        let entry = entries.find(|(key, _)| self.heap.same_text(*key, TextId(name.0)));
        entry.map(|(_, value)| self.known(value)).transpose()
    }

    /// In a pattern a missing attribute only does not match.
    fn field(&mut self, object: Cell, name: Symbol) -> Result<Option<Cell>, Stop> {
        match object {
            Cell::Dictionary(run) => self.entry(run, name),
            Cell::Entity(_) => Err(Stop::Undecided),
            object => match self.ask(object, name) {
                Err(error) if error.kind() == HostErrorKind::Missing => Ok(None),
                reply => self.ready(reply).map(Some),
            },
        }
    }

    /// `object.name = value`
    pub(super) fn attribute_is(&mut self, object: Cell, name: Symbol, value: Cell) -> Holds {
        if let Cell::Object(index) = object
            && let Some(handle) = self.heap.host_object(index)
        {
            let named = Name { text: self.program.symbols.text(name), symbol: Some(name) };
            // PERF: what most attributes are compared with, without the general view.
            let value = match value {
                Cell::Text(id) => View::String(self.heap.text(id)),
                Cell::Integer(value) => View::Integer(value),
                value => self.heap.view(Term(value)),
            };
            if let Some(holds) = self.host.attribute_is(handle, named, &value)? {
                return Ok(holds);
            }
        }
        match self.read(object, name)? {
            Some(found) => self.same(found, value),
            None => Ok(false),
        }
    }

    // ---- tests ----

    pub(super) fn has_tag(&mut self, value: Cell, tag: Tag) -> bool {
        crate::eval::has_tag(self.program, self.heap, self.host, value, tag)
    }

    /// An object of a class that is not registered, but inherits from this one, is for the machine.
    #[inline]
    pub(super) fn is_class(&mut self, value: Cell, class: ClassId) -> Holds {
        let index = match value {
            Cell::Object(index) => index,
            Cell::Entity(atom) => {
                return Ok(self.heap.link().and_then(|link| link.class_of(atom)) == Some(class));
            }
            _ => return Ok(false),
        };
        match self.host.lineage(self.heap.host_object(index).ok_or(Stop::Undecided)?) {
            Lineage::Class(own) => Ok(own == class),
            Lineage::None => Ok(false),
            Lineage::Mixed(classes) if classes.contains(&class) => Err(Stop::Undecided),
            Lineage::Mixed(_) => Ok(false),
        }
    }

    /// Equality as `=` understands it, between values without variables.
    #[inline]
    pub(super) fn same(&mut self, a: Cell, b: Cell) -> Holds {
        match (a, b) {
            (Cell::Entity(_), _) | (_, Cell::Entity(_)) => Ok(same_plain(self.heap, a, b)),
            (Cell::Object(a), Cell::Object(b)) if same_object(self.heap, self.host, a, b) => Ok(true),
            (Cell::Object(_), _) | (_, Cell::Object(_)) => self.host_compare(Comparison::Eq, a, b),
            (Cell::List(a), Cell::List(b)) if a.len != b.len => Ok(false),
            (Cell::List(_), Cell::List(_)) | (Cell::Dictionary(_), Cell::Dictionary(_)) => {
                self.slowly(|evaluation| evaluation.unify(a, b))
            }
            _ => Ok(same_plain(self.heap, a, b)),
        }
    }

    fn host_compare(&mut self, op: Comparison, a: Cell, b: Cell) -> Holds {
        match self.host.compare(self.heap, op, Term(a), Term(b))? {
            Reply::Ready(holds) => Ok(holds),
            Reply::Later(_) => Err(Stop::Undecided),
        }
    }

    fn compare(&mut self, op: Comparison, a: Cell, b: Cell) -> Holds {
        match (a, b) {
            (Cell::Entity(_), _) | (_, Cell::Entity(_)) => Err(Stop::Undecided),
            (Cell::Object(_), Cell::Nil) | (Cell::Nil, Cell::Object(_)) => {
                self.host_compare(op, a, b).or(Err(Stop::Undecided))
            }
            (Cell::Object(_), _) | (_, Cell::Object(_)) => self.host_compare(op, a, b),
            (Cell::Integer(a), Cell::Integer(b)) => Ok(holds(op, Some(a.cmp(&b)))),
            _ => self.slowly(|evaluation| evaluation.compare(op, a, b, u32::MAX)),
        }
    }

    /// Lets the machine do it.
    #[cold]
    fn slowly(
        &mut self,
        f: impl FnOnce(&mut Evaluation<'_, H, ()>) -> Result<bool, crate::eval::Stop>,
    ) -> Holds {
        let machine = self.machine.get_or_insert_with(|| {
            let mut machine = Box::new(Machine::new());
            machine.began(self.state.started);
            machine
        });
        let question = self.no_question.get_or_insert_default();
        let cx = Context { program: self.program, question, limits: self.limits };
        let mut evaluation =
            Evaluation { cx: &cx, m: machine, heap: self.heap, host: self.host, observer: &mut () };
        let bindings = evaluation.heap.mark().trail;
        let holds = f(&mut evaluation);
        evaluation.clear_log();
        // Whatever has bound a variable has met one: in a value of the host, which only the machine can undo.
        let is_closed = evaluation.heap.mark().trail == bindings && evaluation.is_settled();
        match holds {
            Ok(holds) if is_closed => Ok(holds),
            Err(crate::eval::Stop::Error(error)) if error.host().is_some() => Err(Stop::Failed(error)),
            _ => Err(Stop::Undecided),
        }
    }

    // ---- collections ----

    /// Begins to go through a collection. The cursor is a list's remainder, a host's cursor, or the list of what else
    /// can be gone through.
    pub(super) fn iterate(&mut self, collection: Cell) -> Result<Cell, Stop> {
        match collection {
            Cell::List(_) => Ok(collection),
            Cell::Object(index) => {
                let object = self.heap.host_object(index).ok_or(Stop::Undecided)?;
                if !self.host.iterates_again(object) {
                    return Err(Stop::Undecided);
                }
                let opened = self.host.iterate(self.heap, Term(collection))?;
                Ok(self.heap.object(opened).0)
            }
            Cell::Dictionary(_) | Cell::Text(_) => {
                let mut items = Vec::new();
                let mut place = 0;
                while let Some((item, next)) = self.item(collection, place)? {
                    self.spend()?;
                    items.push(item);
                    place = next;
                }
                Ok(Cell::List(self.heap.push_cells(items)))
            }
            _ => Err(Stop::Undecided),
        }
    }

    /// The next item of a cursor.
    pub(super) fn next(&mut self, window: &mut [Cell], cursor: Reg) -> Result<Option<Cell>, Stop> {
        match get(window, cursor) {
            Cell::List(run) if run.len == 0 => Ok(None),
            Cell::List(run) => {
                set(window, cursor, Cell::List(Cells { start: run.start + 1, len: run.len - 1 }));
                self.known(self.heap.cell(run.start)).map(Some)
            }
            other => Ok(self.item(other, 0)?.map(|(item, _)| item)),
        }
    }

    /// The item of a collection at `place`, and the place after it.
    fn item(&mut self, collection: Cell, place: u32) -> Result<Option<(Cell, u32)>, Stop> {
        Ok(match collection {
            Cell::List(run) if place < run.len => {
                Some((self.known(self.heap.cell(run.start + place))?, place + 1))
            }
            Cell::Dictionary(run) if place < run.len => {
                let (key, value) = self.heap.entry(run.start + place);
                let pair = self.heap.push_cells([Cell::Text(key), value]);
                Some((Cell::List(pair), place + 1))
            }
            Cell::Text(id) => {
                let rest = self.heap.text(id).get(place as usize..).unwrap_or("");
                let Some(first) = rest.chars().next() else { return Ok(None) };
                let character = self.heap.string(first.encode_utf8(&mut [0; 4])).0;
                Some((character, place + first.len_utf8() as u32))
            }
            Cell::Object(index) => {
                let cursor = self.heap.host_object(index).cloned().ok_or(Stop::Undecided)?;
                match self.host.next(self.heap, &cursor)? {
                    Reply::Ready(None) => None,
                    Reply::Ready(Some(term)) => Some((self.known(term.0)?, 0)),
                    Reply::Later(_) => return Err(Stop::Undecided),
                }
            }
            _ => None,
        })
    }

    fn contains(&mut self, element: Cell, collection: Cell) -> Holds {
        let collection = match collection {
            Cell::Dictionary(_) | Cell::Text(_) => collection,
            other => self.iterate(other)?,
        };
        // What is made for an item is dropped with it, however many there are; for items of a list nothing is.
        let mark = (!matches!(collection, Cell::List(_))).then(|| self.heap.mark());
        let mut place = 0;
        while let Some((item, next)) = self.item(collection, place)? {
            self.spend()?;
            if self.same(element, item)? {
                return Ok(true);
            }
            if let Some(mark) = &mark {
                self.heap.cut_back(mark);
            }
            place = next;
        }
        Ok(false)
    }
}
