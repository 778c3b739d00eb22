//! Deciding by looking: a policy's [straight code](Straight), with the fields that it looks at.
//!
//! INVARIANT: what cannot be told by looking is `None`, never a "no": an attribute that is computed, an object of a class that is
//! not registered, a comparison that a class decides.

use std::any::{Any, TypeId};
use std::sync::Arc;

use crate::heap::Cell;
use crate::plan::{self, Either, Reg, Scan, Step as Straightly, Straight, Target};
use crate::rust::attribute::Attribute;
use crate::rust::items::Tests;
use crate::rust::looks::Argument;
use crate::rust::peek::{Peek, Shape, Sought};
use crate::rust::registry::Classes;
use crate::symbol::Symbols;
use crate::{Comparison, ItemTests, Symbol};

/// Registers that a look has: more are a matter for plans.
const MOST_REGISTERS: usize = 16;

/// What a question comes to. Its first registers have the arguments.
pub(super) struct Code {
    steps: Vec<Step>,
    constants: Vec<Constant>,
}

/// As the step of straight code of the same name.
enum Step {
    Yes,
    No,
    Unknown,
    Jump { then: Target },
    SetTarget { dst: u8, target: Target, then: Target },
    Move { dst: u8, src: Place, then: Target },
    Look { object: Place, attribute: Named, dst: u8, then: Target },
    Is { object: Place, attribute: Named, value: Place, then: Target, or: Target },
    Same { a: Place, b: Place, then: Target, or: Target },
    Compare { op: Comparison, a: Place, b: Place, then: Target, or: Target },
    Truth { src: Place, then: Target, or: Target },
    IsClass { src: Place, class: TypeId, then: Target, or: Target },
    Search { search: Box<Search>, then: Target, or: Target },
}

/// Where a value is.
#[derive(Clone, Copy)]
enum Place {
    Register(u8),
    Constant(u8),
}

enum Constant {
    Nil,
    Boolean(bool),
    Integer(i64),
    Text(Box<str>),
}

/// An attribute of the objects that come to one step, which most often are of the class of those before.
struct Named {
    name: Symbol,
    /// Their type, and its attribute of that name.
    of: Option<TypeId>,
    attribute: Option<Arc<dyn Attribute>>,
    /// A type of its values that is known to be registered.
    registered: Option<TypeId>,
}

/// A search of a list.
struct Search {
    object: Place,
    list: Named,
    tests: Tests,
    /// By test: its attribute, and how many values it looks for.
    asked: Vec<(Option<Symbol>, usize)>,
    wanted: Vec<Wanted>,
    /// One of them is [`Wanted::Values`].
    needs_room: bool,
}

/// What a test looks for.
enum Wanted {
    Attribute(Place, Named),
    Value(Place),
    /// One of these.
    Texts(Box<[Box<str>]>),
    Values(Box<[Place]>),
}

impl Code {
    /// Code that decides nothing.
    pub(super) fn none() -> Code {
        Code { steps: Vec::new(), constants: Vec::new() }
    }

    /// The code for this.
    pub(super) fn of(straight: &Straight, arguments: usize, classes: Classes<'_>, symbols: &Symbols) -> Code {
        let registers = (0..arguments as u32).map(Reg).collect();
        let mut making = Making { straight, classes, symbols, registers, constants: Vec::new() };
        let steps = straight.steps.iter().map(|step| making.step(*step).unwrap_or(Step::Unknown)).collect();
        Code { steps, constants: making.constants }
    }

    /// How much room it takes, in steps.
    pub(super) fn size(&self) -> usize {
        self.steps.len() + self.constants.len()
    }

    /// Decides a question about these arguments.
    pub(super) fn decide(&mut self, classes: Classes<'_>, arguments: &[Argument<'_>]) -> Option<bool> {
        let mut frame = Frame { registers: [Peek::Nil; MOST_REGISTERS], constants: &self.constants };
        for (register, argument) in frame.registers.iter_mut().zip(arguments) {
            *register = argument.seen;
        }
        let mut place = 0;
        // Straight code leads forward, so this ends.
        loop {
            let (holds, then, or) = match self.steps.get_mut(place)? {
                Step::Yes => return Some(true),
                Step::No => return Some(false),
                Step::Unknown => return None,
                Step::Search { search, then, or } => (search.run(&frame, classes)?, *then, *or),
                Step::Is { object, attribute, value, then, or } => {
                    (attribute.is(frame.value(*object), frame.value(*value), classes)?, *then, *or)
                }
                Step::Look { object, attribute, dst, then } => {
                    let seen = attribute.look(frame.value(*object), classes)?;
                    frame.set(*dst, seen);
                    (true, *then, *then)
                }
                Step::IsClass { src, class, then, or } => (frame.value(*src).is_a(*class), *then, *or),
                Step::Same { a, b, then, or } => (frame.value(*a).equals(frame.value(*b))?, *then, *or),
                Step::Compare { op, a, b, then, or } => match (frame.value(*a), frame.value(*b)) {
                    (Peek::Integer(a), Peek::Integer(b)) => {
                        (crate::eval::holds(*op, Some(a.cmp(&b))), *then, *or)
                    }
                    _ => return None,
                },
                Step::Truth { src, then, or } => match frame.value(*src) {
                    Peek::Boolean(holds) => (holds, *then, *or),
                    _ => return None,
                },
                Step::Jump { then } => (true, *then, *then),
                Step::SetTarget { dst, target, then } => {
                    frame.set(*dst, Peek::Integer(frame.place(*target)? as i64));
                    (true, *then, *then)
                }
                Step::Move { dst, src, then } => {
                    frame.set(*dst, frame.value(*src));
                    (true, *then, *then)
                }
            };
            place = frame.place(if holds { then } else { or })?;
        }
    }
}

/// What one decision works on.
struct Frame<'a> {
    registers: [Peek<'a>; MOST_REGISTERS],
    constants: &'a [Constant],
}

impl<'a> Frame<'a> {
    #[inline]
    fn value(&self, place: Place) -> Peek<'a> {
        match place {
            Place::Register(register) => {
                self.registers.get(usize::from(register)).copied().unwrap_or(Peek::Nil)
            }
            Place::Constant(constant) => match self.constants.get(usize::from(constant)) {
                Some(Constant::Text(text)) => Peek::String(text),
                Some(Constant::Integer(value)) => Peek::Integer(*value),
                Some(Constant::Boolean(value)) => Peek::Boolean(*value),
                Some(Constant::Nil) | None => Peek::Nil,
            },
        }
    }

    #[inline]
    fn set(&mut self, register: u8, value: Peek<'a>) {
        if let Some(slot) = self.registers.get_mut(usize::from(register)) {
            *slot = value;
        }
    }

    /// Where a target leads.
    #[inline]
    fn place(&self, target: Target) -> Option<usize> {
        match target.get() {
            Either::Place(place) => Some(place as usize),
            Either::Register(register) => match self.registers.get(register.0 as usize) {
                Some(Peek::Integer(place)) => usize::try_from(*place).ok(),
                _ => None,
            },
        }
    }
}

impl Named {
    fn new(name: Symbol) -> Named {
        Named { name, of: None, attribute: None, registered: None }
    }

    /// What the object's attribute is.
    #[inline]
    fn look<'a>(&mut self, object: Peek<'a>, classes: Classes<'_>) -> Option<Peek<'a>> {
        let Peek::Object(object) = object else { return None };
        match self.attribute.as_deref().and_then(|attribute| attribute.peek(object)) {
            Some(Peek::Object(value)) if self.registered == Some(value.type_id()) => {
                Some(Peek::Object(value))
            }
            None | Some(Peek::Object(_)) => self.look_closer(object, classes),
            seen => seen,
        }
    }

    /// The same where the object is of another class than those before, or its attribute.
    #[cold]
    fn look_closer<'a>(&mut self, object: &'a dyn Any, classes: Classes<'_>) -> Option<Peek<'a>> {
        let seen = match self.attribute.as_deref().and_then(|attribute| attribute.peek(object)) {
            Some(seen) => seen,
            None => self.find(object, classes)?.peek(object)?,
        };
        if let Peek::Object(value) = seen {
            self.registered = classes.registry.is_registered(value).then(|| value.type_id());
            self.registered?;
        }
        Some(seen)
    }

    /// Whether it is this value.
    #[inline]
    fn is(&mut self, object: Peek<'_>, value: Peek<'_>, classes: Classes<'_>) -> Option<bool> {
        let Peek::Object(object) = object else { return None };
        let sought = Sought::One(value);
        match self.attribute.as_deref().and_then(|attribute| attribute.is(object, &sought)) {
            Some(is) => Some(is),
            None => self.find(object, classes)?.is(object, &sought),
        }
    }

    /// Finds it anew, for an object of another class than those before; `None` where it is of the same.
    #[cold]
    fn find(&mut self, object: &dyn Any, classes: Classes<'_>) -> Option<&dyn Attribute> {
        let id = object.type_id();
        if self.of == Some(id) {
            return None;
        }
        let class = classes.registry.class_of_value(object)?;
        let attribute = Arc::clone(classes.attribute(class, self.name)?);
        self.of = Some(id);
        Some(&**self.attribute.insert(attribute))
    }
}

impl Search {
    /// Whether there is an item that passes.
    #[inline]
    fn run(&mut self, frame: &Frame<'_>, classes: Classes<'_>) -> Option<bool> {
        if self.needs_room {
            self.run_with_room(frame, classes)
        } else {
            self.run_in(&mut [], frame, classes)
        }
    }

    #[inline(never)]
    fn run_with_room(&mut self, frame: &Frame<'_>, classes: Classes<'_>) -> Option<bool> {
        self.run_in(&mut [Peek::Nil; ItemTests::MOST_VALUES], frame, classes)
    }

    #[inline]
    fn run_in<'a>(
        &mut self,
        mut room: &mut [Peek<'a>],
        frame: &Frame<'a>,
        classes: Classes<'_>,
    ) -> Option<bool> {
        let Peek::Object(object) = frame.value(self.object) else { return None };
        let mut sought = [Sought::One(Peek::Nil); ItemTests::MOST];
        for (sought, wanted) in sought.iter_mut().zip(&mut self.wanted) {
            *sought = match wanted {
                Wanted::Attribute(of, attribute) => Sought::One(attribute.look(frame.value(*of), classes)?),
                Wanted::Texts(texts) => Sought::OneOfTexts(texts),
                Wanted::Value(place) => Sought::One(frame.value(*place)),
                Wanted::Values(places) => {
                    let values;
                    (values, room) = room.split_at_mut_checked(places.len())?;
                    values.iter_mut().zip(&**places).for_each(|(value, place)| *value = frame.value(*place));
                    Sought::OneOf(values)
                }
            };
        }
        if let Some(list) = &self.list.attribute
            && let Some(found) = self.tests.search(classes, &sought, &**list, object)
        {
            return Some(found);
        }
        let list = self.list.find(object, classes)?;
        self.tests = Tests::new(list.shape(), self.asked.iter().copied());
        self.tests.search(classes, &sought, list, object)
    }
}

/// Code that is being made.
struct Making<'a> {
    straight: &'a Straight,
    classes: Classes<'a>,
    symbols: &'a Symbols,
    /// The plan's registers that are registers here, by their numbers.
    registers: Vec<Reg>,
    constants: Vec<Constant>,
}

impl Making<'_> {
    /// A step; `None` where it takes more than looking.
    fn step(&mut self, step: Straightly) -> Option<Step> {
        Some(match step {
            Straightly::Yes => Step::Yes,
            Straightly::No => Step::No,
            Straightly::Unknown => Step::Unknown,
            Straightly::Jump { then } => Step::Jump { then: self.target(then)? },
            Straightly::SetTarget { dst, target, then } => Step::SetTarget {
                dst: self.register(dst)?,
                target: self.target(target)?,
                then: self.target(then)?,
            },
            Straightly::Move { dst, src, then } => {
                Step::Move { src: self.place(src)?, dst: self.register(dst)?, then: self.target(then)? }
            }
            Straightly::Look { object, name, dst, then } => Step::Look {
                object: self.place(object)?,
                attribute: Named::new(name),
                dst: self.register(dst)?,
                then: self.target(then)?,
            },
            _ => self.condition(step)?,
        })
    }

    fn condition(&mut self, step: Straightly) -> Option<Step> {
        let [then, or] = step.ways()?;
        let (then, or) = (self.target(then)?, self.target(or)?);
        Some(match step {
            Straightly::Is { object, name, value, .. } => {
                let (object, value) = (self.place(object)?, self.place(value)?);
                Step::Is { object, attribute: Named::new(name), value, then, or }
            }
            Straightly::Same { a, b, .. } => Step::Same { a: self.place(a)?, b: self.place(b)?, then, or },
            Straightly::Compare { op, a, b, .. } => {
                Step::Compare { op, a: self.place(a)?, b: self.place(b)?, then, or }
            }
            Straightly::Truth { src, .. } => Step::Truth { src: self.place(src)?, then, or },
            Straightly::IsClass { src, class, .. } => {
                let class = self.classes.registry.type_of(class)?;
                Step::IsClass { src: self.place(src)?, class, then, or }
            }
            Straightly::Search { search, .. } => {
                let scan = self.straight.searches.get(search as usize)?;
                Step::Search { search: Box::new(self.search(scan)?), then, or }
            }
            _ => return None,
        })
    }

    fn search(&mut self, scan: &Scan) -> Option<Search> {
        let wanted = scan.tests.iter().map(|test| match &test.sought {
            plan::Sought::OneOf(values) => self.one_of(values),
            plan::Sought::Attribute(of, name) => Some(Wanted::Attribute(self.place(*of)?, Named::new(*name))),
        });
        let wanted = wanted.collect::<Option<Vec<Wanted>>>()?;
        Some(Search {
            object: self.place(scan.object)?,
            list: Named::new(scan.name),
            tests: Tests::new(Shape::Any, std::iter::empty()),
            needs_room: wanted.iter().any(|wanted| matches!(wanted, Wanted::Values(_))),
            asked: scan.tests.iter().map(|test| (test.attribute, test.sought.count())).collect(),
            wanted,
        })
    }

    fn one_of(&mut self, values: &[Reg]) -> Option<Wanted> {
        if let [only] = values {
            return self.place(*only).map(Wanted::Value);
        }
        let texts = values.iter().map(|value| match self.straight.constant(*value)? {
            Cell::Text(id) => Some(Box::from(self.symbols.text(Symbol(id.0)))),
            _ => None,
        });
        if let Some(texts) = texts.collect::<Option<Box<[Box<str>]>>>() {
            return Some(Wanted::Texts(texts));
        }
        values.iter().map(|value| self.place(*value)).collect::<Option<Box<[Place]>>>().map(Wanted::Values)
    }

    fn place(&mut self, register: Reg) -> Option<Place> {
        let constant = match self.straight.constant(register) {
            None => return self.register(register).map(Place::Register),
            Some(Cell::Nil) => Constant::Nil,
            Some(Cell::Boolean(value)) => Constant::Boolean(value),
            Some(Cell::Integer(value)) => Constant::Integer(value),
            Some(Cell::Text(id)) => Constant::Text(self.symbols.text(Symbol(id.0)).into()),
            Some(_) => return None,
        };
        self.constants.push(constant);
        u8::try_from(self.constants.len() - 1).ok().map(Place::Constant)
    }

    /// The number of a register here.
    fn register(&mut self, register: Reg) -> Option<u8> {
        let known = self.registers.iter().position(|known| *known == register);
        let number = known.unwrap_or_else(|| {
            self.registers.push(register);
            self.registers.len() - 1
        });
        if number < MOST_REGISTERS { u8::try_from(number).ok() } else { None }
    }

    fn target(&mut self, target: Target) -> Option<Target> {
        match target.get() {
            Either::Place(_) => Some(target),
            Either::Register(register) => Some(Target::register(Reg(self.register(register)?.into()))),
        }
    }
}
