//! Lists of the application, gone through where they stand.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use crate::rust::attribute::Attribute;
use crate::rust::host::{RustHost, identity};
use crate::rust::object::{Form, Object};
use crate::rust::peek::{Peek, Shape, Sought};
use crate::rust::registry::Classes;
use crate::rust::to_polar::AsPolar;
use crate::{ClassId, Entered, Heap, ItemTests, Name, Reached, Symbol, Term, Wanted};

/// Items that are looked at; the engine counts the steps through longer lists.
const MOST_ITEMS: usize = 4096;

/// Lists inside one another that are looked at: each takes room on the thread's stack.
const MOST_NESTED: u32 = 96;

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
    /// By the policy's test.
    sought: &'s [Sought<'s>],
    looked_at: usize,
    /// What is known so far; `None` once something could not be told by looking.
    found: Option<bool>,
    /// The lists of the items are looked at, too.
    below: Option<Below<'s>>,
}

/// The lists of the items of lists.
struct Below<'s> {
    list: &'s dyn Attribute,
    reached: &'s mut dyn Reaches,
    class: ClassId,
    /// Lists inside one another that are being looked at.
    depth: u32,
}

/// [`Reached`], whose own lifetime does not matter here.
trait Reaches {
    fn enter(&mut self, identity: u64) -> Option<Entered>;
    fn leave(&mut self);
}

impl Reaches for Reached<'_> {
    #[inline]
    fn enter(&mut self, identity: u64) -> Option<Entered> {
        Reached::enter(self, identity)
    }

    #[inline]
    fn leave(&mut self) {
        Reached::leave(self);
    }
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
    /// The type of the items that `all` are for, and its class.
    items: Option<TypeId>,
    class: Option<ClassId>,
    /// No item can be an error, so that the first one that passes ends the search.
    cannot_fail: bool,
}

/// A test of the items of one class.
struct Test {
    /// The attribute's name; `None` where it is about the item itself.
    name: Option<Symbol>,
    /// Known once an item has been seen.
    attribute: Option<Arc<dyn Attribute>>,
    /// Which of the policy's it is, and how many values it looks for.
    place: usize,
    values: usize,
}

/// What earlier searches have found out, each at the place that its number tells.
pub(crate) type Searches = Vec<Option<Box<Known>>>;

/// How many searches are kept at most.
const KEPT: usize = 4096;

impl<'q> RustHost<'q> {
    /// [`Host::any_reachable`](crate::Host::any_reachable)
    pub(super) fn search_all(
        &mut self,
        heap: &Heap<Object<'q>>,
        object: &Object<'q>,
        name: Name<'_>,
        asked: ItemTests<'_>,
        reached: &mut Reached<'_>,
    ) -> Option<bool> {
        let class = reached.class();
        let list = self.attribute_of(class, name)?;
        let has_variants = self.world.registry.parts(class)?.variant_of.is_some();
        if has_variants || list.shape() != Shape::Objects {
            return None;
        }
        self.search_lists(heap, object, name, asked, Some((list, reached)))
    }

    /// [`Host::any_item`](crate::Host::any_item); and, for [`Host::any_reachable`](crate::Host::any_reachable), what is below the items.
    pub(super) fn search_lists(
        &mut self,
        heap: &Heap<Object<'q>>,
        object: &Object<'q>,
        name: Name<'_>,
        asked: ItemTests<'_>,
        below: Option<(&dyn Attribute, &mut Reached<'_>)>,
    ) -> Option<bool> {
        let Form::Instance { value, class } = object.0 else { return None };
        let place = asked.number() as usize % KEPT;
        let mut known = match self.searches.get_mut(place).and_then(Option::take) {
            Some(known) if known.number == asked.number() && known.class == class => known,
            _ => self.find_out(class, name, asked)?,
        };
        let Known { list, tests, .. } = &mut *known;
        let mut values = [Peek::Nil; ItemTests::MOST_VALUES];
        let sought = self.sought(heap, asked, &mut values);
        let found = sought.and_then(|sought| match below {
            None => tests.search(self.classes(), &sought, &**list, value),
            Some((below, reached)) => {
                let below = Below { list: below, class: reached.class(), reached, depth: 0 };
                tests.go_through(self.classes(), &sought, (&**list, value), Some(below))
            }
        });
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
        mut room: &'v mut [Peek<'v>],
    ) -> Option<[Sought<'v>; ItemTests::MOST]>
    where
        'q: 'v,
    {
        let mut all = [Sought::One(Peek::Nil); ItemTests::MOST];
        for (sought, test) in all.iter_mut().zip(asked.iter()) {
            *sought = match test.wanted {
                Wanted::OneOf(terms) => {
                    let values;
                    (values, room) = room.split_at_mut_checked(terms.iter().len())?;
                    for (value, term) in values.iter_mut().zip(terms.iter()) {
                        *value = match heap.as_symbol(term) {
                            Some(symbol) => Peek::String(heap.symbols().text(symbol)),
                            None => Peek::of(&heap.view(term))?,
                        };
                    }
                    Sought::OneOf(values)
                }
                Wanted::Attribute(of, name) => Sought::One(self.look(heap, of, name)?),
            };
        }
        Some(all)
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
        let tests = tests.enumerate();
        let mut all: Vec<Test> =
            tests.map(|(place, (name, values))| Test { name, attribute: None, place, values }).collect();
        // Most items fail a test for one value.
        all.sort_by_key(|test| test.values);
        Tests { all, list, items: None, class: None, cannot_fail: list == Shape::Plains }
    }

    /// Whether an item of the list that `list` is of `object` passes, where looking tells.
    #[inline]
    pub(crate) fn search(
        &mut self,
        classes: Classes<'_>,
        sought: &[Sought<'_>],
        list: &dyn Attribute,
        object: &dyn Any,
    ) -> Option<bool> {
        // PERF: once the class of the items is known and nothing can fail, one test goes through all of them with their type in
        // hand, and the others look at those that pass.
        if self.cannot_fail
            && let Some((objects, len)) = list.vector(object)
            && len <= MOST_ITEMS
            && let Some(found) = self.any_of(objects, len, sought)
        {
            return Some(found);
        }
        self.go_through(classes, sought, (list, object), None)
    }

    /// Whether an object of a vector of that length passes all tests; `None` where these are for objects of another type.
    #[inline]
    fn any_of(&self, objects: &dyn Any, len: usize, sought: &[Sought<'_>]) -> Option<bool> {
        let (first, others) = self.all.split_first()?;
        let (attribute, only) = (first.attribute.as_deref()?, sought.get(first.place)?);
        let mut place = attribute.first(objects, 0, only)?;
        while place < len {
            let mut passes = true;
            for test in others {
                let sought = sought.get(test.place)?;
                passes = passes && test.attribute.as_deref()?.is_at(objects, place, sought)?;
            }
            if passes {
                return Some(true);
            }
            place = attribute.first(objects, place + 1, only)?;
        }
        Some(false)
    }

    #[inline(never)]
    fn go_through<'s>(
        &'s mut self,
        classes: Classes<'s>,
        sought: &'s [Sought<'s>],
        (list, object): (&dyn Attribute, &dyn Any),
        below: Option<Below<'s>>,
    ) -> Option<bool> {
        let mut search = Search { tests: self, classes, sought, looked_at: 0, found: Some(false), below };
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
            Some(false) if self.below.is_some() => self.ends_below(item),
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

    /// Looks at the list of an item that does not pass. True when the search is over.
    fn ends_below(&mut self, item: Option<Peek<'_>>) -> bool {
        if self.looks_below(item).is_none() {
            self.found = None;
        }
        self.found != Some(false)
    }

    fn looks_below(&mut self, item: Option<Peek<'_>>) -> Option<()> {
        let Some(Peek::Object(object)) = item else { return None };
        let below = self.below.as_mut()?;
        let is_alike = self.tests.cannot_fail && self.tests.items == Some(object.type_id());
        if !is_alike || self.tests.class != Some(below.class) || below.depth >= MOST_NESTED {
            return None;
        }
        match below.reached.enter(identity(object, below.class))? {
            Entered::Seen => {}
            Entered::Found => self.found = Some(true),
            Entered::New => {
                below.depth += 1;
                let is_shown = below.list.show_items(object, self);
                is_shown.then_some(())?;
                if self.found == Some(false) {
                    let below = self.below.as_mut()?;
                    below.depth -= 1;
                    below.reached.leave();
                }
            }
        }
        Some(())
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
            let sought = self.sought.get(test.place)?;
            passes &= match (&test.attribute, item) {
                (Some(attribute), Peek::Object(object)) => attribute.is(object, sought)?,
                (_, item) if test.name.is_none() => sought.is(item)?,
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
        known.class = Some(class);
        Some(())
    }
}

impl fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("looked_at", &self.looked_at).finish_non_exhaustive()
    }
}
