//! Lists of the application, gone through where they stand.

use std::any::{Any, TypeId};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::rust::attribute::Attribute;
use crate::rust::host::RustHost;
use crate::rust::object::{Form, Object};
use crate::rust::peek::{Peek, Shape};
use crate::rust::registry::Classes;
use crate::rust::to_polar::AsPolar;
use crate::{ClassId, Heap, ItemTests, Name, Symbol, Term, Wanted};

/// Items that are looked at; the engine counts the steps through longer lists.
const MOST_ITEMS: usize = 4096;

/// A search for an item that passes the policy's tests; lists show it their items ([`AsPolar::show_items`]).
///
/// ```
/// use arctos::rust::{AsPolar, Scope, Search};
/// use arctos::{HostError, Term};
///
/// struct Names(Vec<String>);
///
/// impl AsPolar for Names {
///     fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
///         self.0.as_polar(scope)
///     }
///
///     fn show_items(&self, search: &mut Search<'_>) -> bool {
///         search.all(&self.0)
///     }
/// }
/// ```
pub struct Search<'s> {
    tests: &'s mut Tests,
    classes: Classes<'s>,
    values: &'s [Peek<'s>],
    looked_at: usize,
    /// What is known so far; `None` once something could not be told by looking.
    found: Option<bool>,
}

/// What a search needs to know of classes, which most often are those of the last time.
pub(crate) struct Known {
    number: u64,
    /// The class of the object that has the list, and the list.
    class: ClassId,
    list: Arc<dyn Attribute>,
    tests: Tests,
}

/// The tests of a search's items.
pub(crate) struct Tests {
    all: Vec<Test>,
    /// What the list is.
    list: Shape,
    /// The class of the items that `all` are for.
    items: Option<TypeId>,
    /// No item can be an error, so that the first one that passes ends the search.
    cannot_fail: bool,
}

/// A test of the items of one class.
struct Test {
    /// The attribute's name; `None` where it is about the item itself.
    name: Option<Symbol>,
    /// Known once an item has been seen.
    attribute: Option<Arc<dyn Attribute>>,
    /// What it must equal one of, by its places in [`Search::values`].
    values: Range<usize>,
}

/// What earlier searches have found out, each at the place that its number tells.
pub(crate) type Searches = Vec<Option<Box<Known>>>;

/// How many searches are kept at most.
const KEPT: usize = 4096;

impl<'q> RustHost<'q> {
    /// [`Host::any_item`](crate::Host::any_item)
    pub(super) fn search(
        &mut self,
        heap: &Heap<Object<'q>>,
        object: &Object<'q>,
        name: Name<'_>,
        asked: ItemTests<'_>,
    ) -> Option<bool> {
        let Form::Instance { value, class } = object.0 else { return None };
        let place = asked.number() as usize % KEPT;
        let mut known = match self.searches.get_mut(place).and_then(Option::take) {
            Some(known) if known.number == asked.number() && known.class == class => known,
            _ => self.find_out(class, name, asked)?,
        };
        let mut values = [Peek::Nil; ItemTests::MOST_VALUES];
        let is_seen = self.sought(heap, asked, &mut values).is_some();
        let Known { list, tests, .. } = &mut *known;
        let found = if is_seen { tests.search(self.classes(), &values, &**list, value) } else { None };
        if let Some(slot) = self.searches.get_mut(place) {
            *slot = Some(known);
        }
        found
    }

    /// Sees what is looked for.
    fn sought<'v>(
        &self,
        heap: &'v Heap<Object<'q>>,
        asked: ItemTests<'_>,
        values: &mut [Peek<'v>],
    ) -> Option<()>
    where
        'q: 'v,
    {
        let mut values = values.iter_mut();
        for test in asked.iter() {
            match test.wanted {
                Wanted::OneOf(terms) => {
                    for term in terms.iter() {
                        *values.next()? = match heap.as_symbol(term) {
                            Some(symbol) => Peek::String(heap.symbols().text(symbol)),
                            None => Peek::of(&heap.view(term))?,
                        };
                    }
                }
                Wanted::Attribute(of, name) => *values.next()? = self.look(heap, of, name)?,
            }
        }
        Some(())
    }

    fn look(&self, heap: &Heap<Object<'q>>, object: Term, name: Name<'_>) -> Option<Peek<'q>> {
        let Object(Form::Instance { value, class }) = heap.as_object(object)? else { return None };
        let seen = self.attribute_of(*class, name)?.peek(*value)?;
        match seen {
            Peek::Object(object) if !self.world.registry.is_registered(object) => None,
            seen => Some(seen),
        }
    }

    #[cold]
    fn find_out(&mut self, class: ClassId, name: Name<'_>, asked: ItemTests<'_>) -> Option<Box<Known>> {
        let places = asked.number() as usize % KEPT + 1;
        if self.searches.len() < places {
            self.searches.resize_with(places, || None);
        }
        let list = Arc::clone(self.dispatch.attribute(self.world.registry, class, name)?);
        let tests = asked.iter().map(|test| {
            let count = match test.wanted {
                Wanted::OneOf(terms) => terms.iter().len(),
                Wanted::Attribute(..) => 1,
            };
            (test.attribute.and_then(|name| name.symbol), count)
        });
        let tests = Tests::new(list.shape(), tests);
        Some(Box::new(Known { number: asked.number(), class, list, tests }))
    }
}

impl Tests {
    /// Tests of the items of such a list: each one's attribute, if it is not the item itself, and how many values it looks for.
    pub(crate) fn new(list: Shape, tests: impl Iterator<Item = (Option<Symbol>, usize)>) -> Tests {
        let mut end = 0;
        let tests = tests.map(|(name, count)| {
            let start = end;
            end += count;
            Test { name, attribute: None, values: start..end }
        });
        let mut all: Vec<Test> = tests.collect();
        // Most items fail a test for one value.
        all.sort_by_key(|test| test.values.len());
        Tests { all, list, items: None, cannot_fail: list == Shape::Plains }
    }

    /// Whether an item of the list that `list` is of `object` passes, where looking tells.
    #[inline]
    pub(crate) fn search(
        &mut self,
        classes: Classes<'_>,
        values: &[Peek<'_>],
        list: &dyn Attribute,
        object: &dyn Any,
    ) -> Option<bool> {
        let mut search = Search { tests: self, classes, values, looked_at: 0, found: Some(false) };
        if list.show_items(object, &mut search) { search.found } else { None }
    }
}

impl Search<'_> {
    /// Looks at the items, up to the first one that decides; true, as [`AsPolar::show_items`] says it.
    #[inline]
    pub fn all<'i, T: AsPolar + 'i>(&mut self, items: impl IntoIterator<Item = &'i T>) -> bool {
        for item in items {
            if self.ends_at(item.peek()) {
                break;
            }
        }
        true
    }

    /// As [`Search::all`], for objects that are known by the type of their vector.
    // PERF: once the class of the items is known and nothing can fail, one test goes through all of them with their type in
    // hand, and only those that pass are objects of any type.
    pub(crate) fn objects<T: AsPolar + 'static>(&mut self, items: &Vec<T>) -> bool {
        let is_known = self.tests.items == Some(TypeId::of::<T>()) && self.tests.cannot_fail;
        if is_known && self.found == Some(false) && self.looked_at + items.len() <= MOST_ITEMS {
            self.looked_at += items.len();
            self.found = self.any_of(items, |place| items.get(place).map(|item| item as &dyn Any));
            return true;
        }
        self.all(items)
    }

    /// Whether an item of a vector passes all tests.
    fn any_of<'i>(&self, items: &dyn Any, item: impl Fn(usize) -> Option<&'i dyn Any>) -> Option<bool> {
        let (first, others) = self.tests.all.split_first()?;
        let (attribute, values) = (first.attribute.as_ref()?, self.values.get(first.values.clone())?);
        let mut from = 0;
        while let Some(place) = attribute.first_of(items, from, values)? {
            let item = item(place)?;
            let mut passes = true;
            for test in others {
                let values = self.values.get(test.values.clone())?;
                passes = passes && test.attribute.as_ref()?.is_one_of(item, values)?;
            }
            if passes {
                return Some(true);
            }
            from = place + 1;
        }
        Some(false)
    }

    /// Looks at the next item, as [`AsPolar::peek`] shows it. True when the search is over.
    #[inline]
    pub fn ends_at(&mut self, item: Option<Peek<'_>>) -> bool {
        self.looked_at += 1;
        let passes = match item {
            // What could not be told stays untold, whatever a list shows after that.
            Some(item) if self.looked_at <= MOST_ITEMS && self.found.is_some() => self.passes(item),
            _ => None,
        };
        match passes {
            Some(false) => false,
            Some(true) => {
                self.found = Some(true);
                self.tests.cannot_fail
            }
            None => {
                self.found = None;
                true
            }
        }
    }

    #[inline]
    fn passes(&mut self, item: Peek<'_>) -> Option<bool> {
        if let Peek::Object(object) = item {
            // Objects of a list of objects are of one class.
            let known = &*self.tests;
            let is_known =
                known.items.is_some_and(|class| known.list == Shape::Objects || class == object.type_id());
            if !is_known {
                self.resolve(object)?;
            }
        }
        let mut passes = true;
        for test in &self.tests.all {
            let values = self.values.get(test.values.clone())?;
            passes &= match (&test.attribute, item) {
                (Some(attribute), Peek::Object(object)) => attribute.is_one_of(object, values)?,
                (_, item) if test.name.is_none() => item.is_one_of(values)?,
                _ => return None,
            };
            if !passes && self.tests.cannot_fail {
                break;
            }
        }
        Some(passes)
    }

    /// Finds the attributes of the class that the items have from here on.
    #[cold]
    fn resolve(&mut self, object: &dyn Any) -> Option<()> {
        let class = self.classes.registry.class_of_value(object)?;
        let known = &mut *self.tests;
        known.items = None;
        known.cannot_fail = known.list == Shape::Objects;
        for test in &mut known.all {
            test.attribute = match test.name {
                Some(name) => Some(Arc::clone(self.classes.attribute(class, name)?)),
                None => None,
            };
            let shape = test.attribute.as_ref().map(|attribute| attribute.shape());
            known.cannot_fail &= shape == Some(Shape::Plain);
        }
        known.items = Some(object.type_id());
        Some(())
    }
}

impl fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("looked_at", &self.looked_at).finish_non_exhaustive()
    }
}
