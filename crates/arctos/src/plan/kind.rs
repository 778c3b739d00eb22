//! What a plan may rely on of an argument: its class, or for the policy's own constants the value itself.

use std::fmt;

use rustc_hash::FxHashSet;

use crate::heap::{Cell, Heap, TextId};
use crate::host::{Host, Lineage};
use crate::ir::Key;
use crate::schema::ClassId;
use crate::symbol::Symbol;

/// The kind of an argument, in one word: a tag in the upper byte, then a symbol, class or small integer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kind(u64);

const SHIFT: u32 = 56;
const PAYLOAD: u64 = (1 << SHIFT) - 1;
/// Integers from here on do not fit beside the tag.
const EDGE: i64 = 1 << (SHIFT - 1);

/// A kind, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// No argument at this place.
    Absent,
    /// Text that the policy mentions.
    Text(Symbol),
    /// An integer that a head of a rule names.
    Integer(i64),
    Boolean(bool),
    Nil,
    /// A value of a built-in type, not equal to any constant in a head.
    Core(ClassId),
    /// An object of exactly that registered class.
    Object(ClassId),
    /// An entity of that type.
    Entity(ClassId),
    /// An object of no registered class.
    Unregistered,
}

impl Kind {
    pub(super) const ABSENT: Kind = Kind(0);

    const fn new(tag: u64, payload: u64) -> Kind {
        Kind(tag << SHIFT | (payload & PAYLOAD))
    }

    pub(super) fn text(symbol: Symbol) -> Kind {
        Kind::new(1, u64::from(symbol.0))
    }

    /// An object of exactly that class.
    pub(super) fn object(class: ClassId) -> Kind {
        Kind::new(6, class.index() as u64)
    }

    /// An entity of that type.
    pub(super) fn entity(class: ClassId) -> Kind {
        Kind::new(8, class.index() as u64)
    }

    fn core(class: ClassId) -> Kind {
        Kind::new(5, class.index() as u64)
    }

    /// The kind of a known value; `None` where nothing may be relied on.
    pub(super) fn of_constant(cell: Cell) -> Option<Kind> {
        Some(match cell {
            Cell::Text(id) => Kind::text(Symbol(id.0)),
            Cell::Integer(value) if (-EDGE..EDGE).contains(&value) => Kind::new(2, value.cast_unsigned()),
            Cell::Boolean(value) => Kind::new(3, u64::from(value)),
            Cell::Nil => Kind::new(4, 0),
            Cell::Float(_) => Kind::core(ClassId::FLOAT),
            _ => return None,
        })
    }

    /// The kind of a value at run time; `None` where there is no plan for such a value.
    pub(super) fn of<H: Host>(
        cell: Cell,
        heap: &Heap<H::Object>,
        host: &mut H,
        integers: &FxHashSet<i64>,
    ) -> Option<Kind> {
        Some(match cell {
            Cell::Object(index) => match host.lineage(heap.host_object(index)?) {
                Lineage::Class(class) if class.index() > ClassId::DICTIONARY.index() => Kind::object(class),
                Lineage::None => Kind::new(7, 0),
                Lineage::Class(_) | Lineage::Mixed(_) => return None,
            },
            Cell::Text(id) if heap.is_symbol(id) => Kind::text(Symbol(id.0)),
            Cell::Text(_) => Kind::core(ClassId::STRING),
            Cell::Integer(value) if !integers.contains(&value) => Kind::core(ClassId::INTEGER),
            Cell::Integer(_) | Cell::Boolean(_) | Cell::Nil | Cell::Float(_) => {
                return Kind::of_constant(cell);
            }
            Cell::List(_) => Kind::core(ClassId::LIST),
            Cell::Dictionary(_) => Kind::core(ClassId::DICTIONARY),
            Cell::Entity(atom) => Kind::entity(heap.link()?.class_of(atom)?),
            Cell::Variable(_) | Cell::Awaited(_) | Cell::OpenList(_) => return None,
        })
    }

    pub(super) fn word(self) -> u64 {
        self.0
    }

    pub(super) fn form(self) -> Form {
        let payload = self.0 & PAYLOAD;
        let class = ClassId(payload as u32);
        match self.0 >> SHIFT {
            1 => Form::Text(Symbol(payload as u32)),
            2 => Form::Integer((payload << (64 - SHIFT)).cast_signed() >> (64 - SHIFT)),
            3 => Form::Boolean(payload != 0),
            4 => Form::Nil,
            5 => Form::Core(class),
            6 => Form::Object(class),
            7 => Form::Unregistered,
            8 => Form::Entity(class),
            _ => Form::Absent,
        }
    }

    /// The value, where the kind tells it.
    pub(super) fn constant(self) -> Option<Cell> {
        match self.form() {
            Form::Text(symbol) => Some(Cell::Text(TextId(symbol.0))),
            Form::Integer(value) => Some(Cell::Integer(value)),
            Form::Boolean(value) => Some(Cell::Boolean(value)),
            Form::Nil => Some(Cell::Nil),
            Form::Absent | Form::Core(_) | Form::Object(_) | Form::Entity(_) | Form::Unregistered => None,
        }
    }

    /// What the index may know of an argument of this kind.
    pub(super) fn key(self) -> Key {
        match self.form() {
            Form::Text(symbol) => Key::Text(symbol),
            Form::Integer(value) => Key::Integer(value),
            Form::Boolean(value) => Key::Boolean(value),
            Form::Nil => Key::Nil,
            Form::Core(class) => Key::Core(class),
            Form::Object(class) | Form::Entity(class) => Key::Object(class),
            Form::Unregistered => Key::ObjectOther,
            Form::Absent => Key::Any,
        }
    }

    /// The class whose rules apply, if it has one.
    pub(super) fn class(self) -> Option<ClassId> {
        match self.form() {
            Form::Text(_) => Some(ClassId::STRING),
            Form::Integer(_) => Some(ClassId::INTEGER),
            Form::Boolean(_) => Some(ClassId::BOOLEAN),
            Form::Core(class) | Form::Object(class) | Form::Entity(class) => Some(class),
            Form::Nil | Form::Unregistered | Form::Absent => None,
        }
    }

    pub(super) fn is_object(self) -> bool {
        matches!(self.form(), Form::Object(_) | Form::Unregistered)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.form().fmt(f)
    }
}
