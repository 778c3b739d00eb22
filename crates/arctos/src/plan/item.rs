//! What an item of a list must be, as a host is told ([`Host::any_item`](crate::Host::any_item)).

use super::op::{Reg, ScanTest, Sought};
use super::run::get;
use crate::heap::{Cell, Term};
use crate::host::Name;
use crate::symbol::{Symbol, Symbols};

/// Tests that an item must pass, all of them: never more than [`ItemTests::MOST`].
#[derive(Clone, Copy, Debug)]
pub struct ItemTests<'a> {
    pub(super) tests: &'a [ScanTest],
    pub(super) window: &'a [Cell],
    pub(super) symbols: &'a Symbols,
    pub(super) number: u64,
}

/// One thing that an item of a list must be.
#[derive(Clone, Copy, Debug)]
pub struct ItemTest<'a> {
    /// The attribute of the item that is looked at; `None` for the item itself.
    pub attribute: Option<Name<'a>>,
    /// What it must equal.
    pub wanted: Wanted<'a>,
}

/// What an [`ItemTest`] looks for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// One of these values.
    OneOf(Values<'a>),
    /// An attribute of this object.
    Attribute(Term, Name<'a>),
}

/// A few values.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    registers: &'a [Reg],
    window: &'a [Cell],
}

impl<'a> ItemTests<'a> {
    /// The most tests that there are.
    pub const MOST: usize = 4;

    /// The most values that all of them together look for.
    pub const MOST_VALUES: usize = 16;

    /// Which search this is: questions of one [`Decider`](crate::Decider) that have the same number ask for the same attributes in the
    /// same order. Numbers are given in turn, from 0. Hosts may keep by it what they have found out.
    pub fn number(self) -> u64 {
        self.number
    }

    /// The tests, in the order in which the policy has them. At most one looks for more than one value, and these in the order in
    /// which the policy would try them, each with all items.
    #[inline]
    pub fn iter(self) -> impl ExactSizeIterator<Item = ItemTest<'a>> {
        self.tests.iter().map(move |test| ItemTest {
            attribute: test.attribute.map(|name| self.name(name)),
            wanted: match &test.sought {
                Sought::OneOf(registers) => Wanted::OneOf(Values { registers, window: self.window }),
                Sought::Attribute(of, name) => {
                    Wanted::Attribute(Term(get(self.window, *of)), self.name(*name))
                }
            },
        })
    }

    fn name(self, symbol: Symbol) -> Name<'a> {
        Name { text: self.symbols.text(symbol), symbol: Some(symbol) }
    }
}

impl Values<'_> {
    /// The values.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Term> {
        self.registers.iter().map(|register| Term(get(self.window, *register)))
    }
}
