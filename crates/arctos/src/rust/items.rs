//! Lists of the application, gone through where they stand.

use std::any::{Any, TypeId};

use crate::rust::attribute::Attribute;
use crate::rust::host::RustHost;
use crate::rust::object::{Form, Object};
use crate::rust::peek::{Peek, Shape};
use crate::{ClassId, Heap, ItemTests, Name, Term, Values, View, Wanted};

/// Items that are looked at; the engine counts the steps through longer lists.
const MOST_ITEMS: usize = 4096;

/// What one test looks for, found once for all items.
#[derive(Clone, Copy)]
enum Sought<'a> {
    OneOf(Values<'a>),
    Value(Peek<'a>),
    Nothing,
}

/// A test of the items of one class.
#[derive(Clone, Copy)]
struct Test<'q, 'a> {
    /// The attribute and its name; neither for the item itself.
    attribute: Option<&'q dyn Attribute>,
    name: Option<Name<'a>>,
    sought: Sought<'a>,
}

/// The search for one item.
struct Search<'h, 'q, 'a> {
    host: &'h RustHost<'q>,
    heap: &'h Heap<Object<'q>>,
    tests: &'h mut [Test<'q, 'a>],
    /// What the attributes in `tests` belong to.
    class: Option<TypeId>,
    /// What the list is.
    list: Shape,
    /// No item can be an error, so that the first one that passes ends the search.
    cannot_fail: bool,
    looked_at: usize,
    /// What is known so far; `None` once something could not be told by looking.
    found: Option<bool>,
}

impl<'q> RustHost<'q> {
    /// [`Host::any_item`](crate::Host::any_item)
    pub(super) fn search(
        &self,
        heap: &Heap<Object<'q>>,
        object: &Object<'q>,
        name: Name<'_>,
        tests: ItemTests<'_>,
    ) -> Option<bool> {
        let Form::Instance { value, class } = object.0 else { return None };
        let list = self.attribute_of(class, name)?;
        let mut prepared = [Test { attribute: None, name: None, sought: Sought::Nothing }; ItemTests::MOST];
        let mut count = 0;
        for (place, test) in prepared.iter_mut().zip(tests.iter()) {
            place.name = test.attribute;
            place.sought = match test.wanted {
                Wanted::OneOf(values) => Sought::OneOf(values),
                Wanted::Attribute(of, name) => Sought::Value(self.look(heap, of, name)?),
            };
            count += 1;
        }
        let tests = prepared.get_mut(..count)?;
        let (shape, cannot_fail) = (list.shape(), list.shape() == Shape::Plains);
        let found = Some(false);
        let mut search =
            Search { host: self, heap, tests, class: None, list: shape, cannot_fail, looked_at: 0, found };
        list.any_item(value, &mut |item| search.ends_at(item))?;
        search.found
    }

    fn attribute_of(&self, class: ClassId, name: Name<'_>) -> Option<&'q dyn Attribute> {
        self.find_attribute(class, self.world.registry.parts(class)?, name)
    }

    fn look(&self, heap: &Heap<Object<'q>>, object: Term, name: Name<'_>) -> Option<Peek<'q>> {
        let View::Object(Object(Form::Instance { value, class })) = heap.view(object) else { return None };
        self.attribute_of(*class, name)?.peek(*value)
    }
}

impl Search<'_, '_, '_> {
    /// True when the search is over.
    fn ends_at(&mut self, item: Option<Peek<'_>>) -> bool {
        self.looked_at += 1;
        let passes = match item {
            Some(item) if self.looked_at <= MOST_ITEMS => self.passes(item),
            _ => None,
        };
        self.found = self.found.zip(passes).map(|(found, passes)| found || passes);
        match self.found {
            Some(found) => found && self.cannot_fail,
            None => true,
        }
    }

    fn passes(&mut self, item: Peek<'_>) -> Option<bool> {
        if let Peek::Object(object) = item
            && self.class != Some(object.type_id())
        {
            self.resolve(object)?;
        }
        let mut passes = true;
        for test in &*self.tests {
            let value = match (test.attribute, item) {
                (Some(attribute), Peek::Object(object)) => attribute.peek(object)?,
                (None, item) if test.name.is_none() => item,
                _ => return None,
            };
            passes &= match test.sought {
                Sought::Value(sought) => value.same(sought)?,
                Sought::OneOf(values) => self.is_one_of(value, values)?,
                Sought::Nothing => false,
            };
            if !passes && self.cannot_fail {
                break;
            }
        }
        Some(passes)
    }

    fn is_one_of(&self, value: Peek<'_>, terms: Values<'_>) -> Option<bool> {
        for term in terms.iter() {
            if value.equals(&self.heap.view(term))? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Finds the attributes of the class that the items have from here on.
    fn resolve(&mut self, object: &dyn Any) -> Option<()> {
        let class = self.host.world.registry.class_of_value(object)?;
        self.cannot_fail = self.list == Shape::Objects;
        for test in &mut *self.tests {
            test.attribute = match test.name {
                Some(name) => Some(self.host.attribute_of(class, name)?),
                None => None,
            };
            self.cannot_fail &= test.attribute.is_some_and(|attribute| attribute.shape() == Shape::Plain);
        }
        self.class = Some(object.type_id());
        Some(())
    }
}
