//! The application behind the questions.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use arctos::{
    Arguments, ClassId, Comparison, ConstantId, Heap, Host, HostError, HostErrorKind, Lineage, Name, Replied,
    Reply, Term, View,
};

/// An object of the application.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    /// Has attributes; see [`Toy::attribute`].
    Plain(u64),
    /// Gives each of its items once, however often it is iterated over.
    Once(Rc<RefCell<Vec<i64>>>),
    /// Gives so many texts.
    Texts(Rc<RefCell<u32>>),
}

/// The application.
#[derive(Clone, Debug, Default)]
pub(crate) struct Toy {
    /// How many texts the attribute `texts` has.
    pub(crate) texts: u32,
    /// Seconds that have gone by: one for each text.
    pub(crate) seconds: u64,
    /// Objects that the attribute `next` has made.
    pub(crate) made: u64,
}

fn once(items: &[i64]) -> Thing {
    Thing::Once(Rc::new(RefCell::new(items.iter().rev().copied().collect())))
}

impl Host for Toy {
    type Object = Thing;

    fn lineage(&mut self, _: &Thing) -> Lineage<'_> {
        Lineage::None
    }

    fn attribute(&mut self, heap: &mut Heap<Thing>, _: Term, name: Name<'_>) -> Replied {
        let hole = heap.variable();
        Ok(Reply::Ready(match name.text {
            "id" => heap.integer(1),
            "self" => heap.object(Thing::Plain(1)),
            "next" => {
                self.made += 1;
                heap.object(Thing::Plain(self.made + 1))
            }
            "bag" => heap.object(once(&[1, 2, 3])),
            "texts" => heap.object(Thing::Texts(Rc::new(RefCell::new(self.texts)))),
            "hole" => hole,
            "holes" => heap.list(&[hole]),
            "rest" => {
                let holes = heap.list(&[hole]);
                heap.list(&[holes])
            }
            "named" => heap.dictionary([("a", hole)]),
            other => return Err(HostError::missing(format!("no attribute `{other}`"))),
        }))
    }

    fn call(&mut self, heap: &mut Heap<Thing>, object: Term, name: Name<'_>, _: Arguments<'_>) -> Replied {
        self.attribute(heap, object, name)
    }

    fn construct(&mut self, _: &mut Heap<Thing>, _: ClassId, _: Arguments<'_>) -> Replied {
        Err(HostError::new(HostErrorKind::Construction, "nothing is made here"))
    }

    fn constant(&mut self, _: &mut Heap<Thing>, _: ConstantId) -> Replied {
        Err(HostError::missing("there are no constants"))
    }

    fn class(&mut self, _: &mut Heap<Thing>, _: ClassId) -> Replied {
        Err(HostError::missing("there are no classes"))
    }

    /// An object equals whatever stands on its right, and nothing on its left.
    fn compare(&mut self, heap: &Heap<Thing>, _: Comparison, left: Term, _: Term) -> Replied<bool> {
        Ok(Reply::Ready(matches!(heap.view(left), View::Object(_))))
    }

    fn iterate(&mut self, heap: &mut Heap<Thing>, object: Term) -> Result<Thing, HostError> {
        match heap.view(object) {
            View::Object(thing @ (Thing::Once(_) | Thing::Texts(_))) => Ok(thing.clone()),
            _ => Err(HostError::new(HostErrorKind::NotIterable, "no items")),
        }
    }

    fn next(&mut self, heap: &mut Heap<Thing>, cursor: &Thing) -> Replied<Option<Term>> {
        Ok(Reply::Ready(match cursor {
            Thing::Plain(_) => None,
            Thing::Once(items) => items.borrow_mut().pop().map(|item| heap.integer(item)),
            Thing::Texts(left) if *left.borrow() == 0 => None,
            Thing::Texts(left) => {
                *left.borrow_mut() -= 1;
                self.seconds += 1;
                Some(heap.string(&format!("text {}", left.borrow())))
            }
        }))
    }

    fn identity(&self, object: &Thing) -> u64 {
        match object {
            Thing::Plain(id) => *id,
            Thing::Once(items) => Rc::as_ptr(items) as u64,
            Thing::Texts(left) => Rc::as_ptr(left) as u64,
        }
    }

    fn describe(&self, object: &Thing) -> String {
        format!("{object:?}")
    }

    fn now(&mut self) -> Option<Duration> {
        Some(Duration::from_secs(self.seconds))
    }
}
