//! The application behind a policy.
//!
//! The engine never sees what an object is: it asks a [`Host`]. A host answers at once ([`Reply::Ready`], taken without
//! leaving the machine's loop) or later ([`Reply::Later`], which parks the machine until the driver resumes it).
//!
//! INVARIANT: an error from the host ends the query with that error, inside `not` and `forall` too. It never counts as
//! "no", because a negation around it would turn it into "yes".

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::heap::{Heap, Term, View};
use crate::plan::{ItemTests, Reached};
use crate::schema::{ClassId, ConstantId};
use crate::symbol::Symbol;

/// A name as the policy writes it, with its symbol where it is one of the policy's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The text.
    pub text: &'a str,
    /// Its symbol, below [`Symbols::len`](crate::Symbols::len) of the policy; `None` for names made at run time or
    /// only in the query.
    pub symbol: Option<Symbol>,
}

/// An answer of the host: now, or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<T> {
    /// The answer.
    Ready(T),
    /// The driver will bring the answer with [`Query::resume`](crate::Query::resume).
    Later(Ticket),
}

/// Names a reply that will come later; the host chooses the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// Which classes an object belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lineage<'a> {
    /// No registered class.
    None,
    /// Exactly the lineage of this registered class, as the schema has it.
    Class(ClassId),
    /// These registered classes, most specific first: an unregistered class with several registered ancestors.
    Mixed(&'a [ClassId]),
}

/// The six comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `==`, and `=` between objects
    Eq,
    /// `!=`
    Neq,
    /// `<`
    Lt,
    /// `<=`
    Leq,
    /// `>`
    Gt,
    /// `>=`
    Geq,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Comparison::Eq => "==",
            Comparison::Neq => "!=",
            Comparison::Lt => "<",
            Comparison::Leq => "<=",
            Comparison::Gt => ">",
            Comparison::Geq => ">=",
        })
    }
}

/// Positional and keyword arguments of a call into the host.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    /// Positional arguments.
    pub positional: &'a [Term],
    /// Keyword arguments in source order.
    pub keyword: &'a [(Name<'a>, Term)],
}

/// The application's objects, as the engine may ask about them.
///
/// Objects are handles that are cheap to clone (a reference, a counted pointer). Values travel as [`Term`]s on the
/// query's [`Heap`], in both directions, without an intermediate form.
pub trait Host {
    /// A handle to an object of the application.
    type Object: Clone;

    /// The classes `object` belongs to.
    fn lineage(&mut self, object: &Self::Object) -> Lineage<'_>;

    /// `object.name`. The object may be any value, a string say: hosts offer what their language has.
    ///
    /// # Errors
    /// [`HostError::missing`] where there is no such attribute (a pattern `{name: …}` then just does not match).
    fn attribute(&mut self, heap: &mut Heap<Self::Object>, object: Term, name: Name<'_>) -> Replied;

    /// `object.name = value`, where the host can tell without handing the attribute over; `None` where it cannot, and the
    /// engine asks for the attribute and compares. The answer must be the same, and what would be an error then is not to
    /// be an answer here.
    ///
    /// ```
    /// use arctos::{HostError, Name, View};
    ///
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// fn attribute_is<O>(user: &User, name: Name<'_>, value: &View<'_, O>) -> Result<Option<bool>, HostError> {
    ///     Ok(match (name.text, value) {
    ///         ("name", View::String(text)) => Some(user.name == *text),
    ///         // Whatever is no text the engine compares, objects of our own with their `==` too.
    ///         _ => None,
    ///     })
    /// }
    /// # let (ann, name) = (User { name: "ann".to_owned() }, Name { text: "name", symbol: None });
    /// assert_eq!(attribute_is(&ann, name, &View::<()>::String("ann")).ok(), Some(Some(true)));
    /// assert_eq!(attribute_is(&ann, name, &View::<()>::Nil).ok(), Some(None));
    /// ```
    ///
    /// # Errors
    /// As [`Host::attribute`].
    fn attribute_is(
        &mut self,
        object: &Self::Object,
        name: Name<'_>,
        value: &View<'_, Self::Object>,
    ) -> Result<Option<bool>, HostError> {
        let _ = (object, name, value);
        Ok(None)
    }

    /// Whether an item of the list `object.name` passes all tests, where the host can tell that by looking: so that nothing could
    /// have failed in the order in which the policy looks, and no code of the application has run but what reads an attribute, of
    /// no item that the policy would not look at before it says no. `None` where it cannot, or where the list is long: then the
    /// engine goes through it item by item, within its limits.
    ///
    /// This is `item in object.name and item.a = x and item.b in [y, z]`, the commonest condition of all: so a host
    /// answers it without handing over a list, items and attributes that nobody will look at again.
    fn any_item(
        &mut self,
        heap: &Heap<Self::Object>,
        object: &Self::Object,
        name: Name<'_>,
        tests: ItemTests<'_>,
    ) -> Option<bool> {
        let _ = (heap, object, name, tests);
        None
    }

    /// Whether an object that passes all tests can be reached from this one by its list `name`: an item of that list, or an item of the
    /// list `name` of such an item, and so on. As [`Host::any_item`], and for hosts for which looking runs no code of the application:
    /// a no needs all that can be reached, in whatever order.
    ///
    /// `reached` has what is known of objects. An item that does not pass is [entered](Reached::enter); if it is new, its own list is looked
    /// at, and when nothing has been found there it is [left](Reached::leave). The object asked about is entered already. With a yes the
    /// host returns at once, without leaving what it has entered: all of that leads to what has been found.
    ///
    /// ```
    /// use arctos::{Entered, Reached};
    ///
    /// struct Group {
    ///     id: u64,
    ///     groups: Vec<Group>,
    /// }
    ///
    /// fn any_group(group: &Group, id: u64, reached: &mut Reached<'_>) -> Option<bool> {
    ///     for item in &group.groups {
    ///         if item.id == id {
    ///             return Some(true);
    ///         }
    ///         match reached.enter(std::ptr::from_ref(item).addr() as u64)? {
    ///             Entered::Found => return Some(true),
    ///             Entered::Seen => {}
    ///             Entered::New if any_group(item, id, reached)? => return Some(true),
    ///             Entered::New => reached.leave(),
    ///         }
    ///     }
    ///     Some(false)
    /// }
    /// ```
    fn any_reachable(
        &mut self,
        heap: &Heap<Self::Object>,
        object: &Self::Object,
        name: Name<'_>,
        tests: ItemTests<'_>,
        reached: &mut Reached<'_>,
    ) -> Option<bool> {
        let _ = (heap, object, name, tests, reached);
        None
    }

    /// `object.name(arguments)`.
    ///
    /// # Errors
    /// [`HostError::missing`] where there is no such method, others as the application has them.
    fn call(
        &mut self,
        heap: &mut Heap<Self::Object>,
        object: Term,
        name: Name<'_>,
        arguments: Arguments<'_>,
    ) -> Replied;

    /// `new Class(arguments)`.
    ///
    /// # Errors
    /// Where the class has no constructor, or it fails.
    fn construct(
        &mut self,
        heap: &mut Heap<Self::Object>,
        class: ClassId,
        arguments: Arguments<'_>,
    ) -> Replied;

    /// The value of a registered constant.
    ///
    /// # Errors
    /// Where the value cannot be handed over.
    fn constant(&mut self, heap: &mut Heap<Self::Object>, constant: ConstantId) -> Replied;

    /// A class used as a value (`User.find(1)`).
    ///
    /// # Errors
    /// Where classes are not values.
    fn class(&mut self, heap: &mut Heap<Self::Object>, class: ClassId) -> Replied;

    /// Compares two values at least one of which is an object.
    ///
    /// # Errors
    /// Where they cannot be compared.
    fn compare(
        &mut self,
        heap: &Heap<Self::Object>,
        op: Comparison,
        left: Term,
        right: Term,
    ) -> Replied<bool>;

    /// True where iterating over an object once more gives the same items: false for one that is used up by it, over which a plan does not go,
    /// since it may have to leave the question to the machine.
    fn iterates_again(&mut self, object: &Self::Object) -> bool {
        let _ = object;
        true
    }

    /// Starts to iterate over an object; the cursor is a handle like any other and is dropped on backtracking.
    ///
    /// # Errors
    /// [`HostErrorKind::NotIterable`] where it has no items.
    fn iterate(&mut self, heap: &mut Heap<Self::Object>, object: Term) -> Result<Self::Object, HostError>;

    /// The next item of a cursor.
    ///
    /// # Errors
    /// As the application has them.
    fn next(&mut self, heap: &mut Heap<Self::Object>, cursor: &Self::Object) -> Replied<Option<Term>>;

    /// A number that tells this object from others for as long as the query lives (an address, say). Goals that meet
    /// themselves are recognised by it.
    fn identity(&self, object: &Self::Object) -> u64;

    /// The object as messages show it.
    fn describe(&self, object: &Self::Object) -> String;

    /// `print(…)`. Does nothing unless the host says otherwise.
    fn print(&mut self, text: &str) {
        let _ = text;
    }

    /// Time since some fixed moment, for [`Limits::time`](crate::Limits); `None` where there is no clock.
    fn now(&mut self) -> Option<Duration> {
        None
    }
}

/// A host that is lent to a query.
impl<H: Host + ?Sized> Host for &mut H {
    type Object = H::Object;

    fn lineage(&mut self, object: &Self::Object) -> Lineage<'_> {
        (**self).lineage(object)
    }

    fn attribute(&mut self, heap: &mut Heap<Self::Object>, object: Term, name: Name<'_>) -> Replied {
        (**self).attribute(heap, object, name)
    }

    fn attribute_is(
        &mut self,
        object: &Self::Object,
        name: Name<'_>,
        value: &View<'_, Self::Object>,
    ) -> Result<Option<bool>, HostError> {
        (**self).attribute_is(object, name, value)
    }

    fn any_item(
        &mut self,
        heap: &Heap<Self::Object>,
        object: &Self::Object,
        name: Name<'_>,
        tests: ItemTests<'_>,
    ) -> Option<bool> {
        (**self).any_item(heap, object, name, tests)
    }

    fn any_reachable(
        &mut self,
        heap: &Heap<Self::Object>,
        object: &Self::Object,
        name: Name<'_>,
        tests: ItemTests<'_>,
        reached: &mut Reached<'_>,
    ) -> Option<bool> {
        (**self).any_reachable(heap, object, name, tests, reached)
    }

    fn call(
        &mut self,
        heap: &mut Heap<Self::Object>,
        object: Term,
        name: Name<'_>,
        arguments: Arguments<'_>,
    ) -> Replied {
        (**self).call(heap, object, name, arguments)
    }

    fn construct(
        &mut self,
        heap: &mut Heap<Self::Object>,
        class: ClassId,
        arguments: Arguments<'_>,
    ) -> Replied {
        (**self).construct(heap, class, arguments)
    }

    fn constant(&mut self, heap: &mut Heap<Self::Object>, constant: ConstantId) -> Replied {
        (**self).constant(heap, constant)
    }

    fn class(&mut self, heap: &mut Heap<Self::Object>, class: ClassId) -> Replied {
        (**self).class(heap, class)
    }

    fn compare(
        &mut self,
        heap: &Heap<Self::Object>,
        op: Comparison,
        left: Term,
        right: Term,
    ) -> Replied<bool> {
        (**self).compare(heap, op, left, right)
    }

    fn iterates_again(&mut self, object: &Self::Object) -> bool {
        (**self).iterates_again(object)
    }

    fn iterate(&mut self, heap: &mut Heap<Self::Object>, object: Term) -> Result<Self::Object, HostError> {
        (**self).iterate(heap, object)
    }

    fn next(&mut self, heap: &mut Heap<Self::Object>, cursor: &Self::Object) -> Replied<Option<Term>> {
        (**self).next(heap, cursor)
    }

    fn identity(&self, object: &Self::Object) -> u64 {
        (**self).identity(object)
    }

    fn describe(&self, object: &Self::Object) -> String {
        (**self).describe(object)
    }

    fn print(&mut self, text: &str) {
        (**self).print(text);
    }

    fn now(&mut self) -> Option<Duration> {
        (**self).now()
    }
}

/// What host calls return.
pub type Replied<T = Term> = Result<Reply<T>, HostError>;

/// What went wrong in the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostErrorKind {
    /// No such attribute or method.
    Missing,
    /// Not something that can be called.
    NotCallable,
    /// Not something with items.
    NotIterable,
    /// Values that this operation does not take.
    Unsupported,
    /// A constructor failed.
    Construction,
    /// The application's own code failed.
    Failed,
}

/// An error of the application. Its source travels unchanged to the caller of the query.
#[derive(Debug)]
pub struct HostError(Box<Fault>);

// PERF: every reply of a host has room for one.
const _: () = assert!(size_of::<HostError>() == size_of::<usize>());

#[derive(Debug)]
struct Fault {
    kind: HostErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl HostError {
    /// An error of that kind with a message in the user's words.
    #[cold]
    pub fn new(kind: HostErrorKind, message: impl Into<String>) -> Self {
        HostError(Box::new(Fault { kind, message: message.into(), source: None }))
    }

    /// No such attribute or method.
    pub fn missing(message: impl Into<String>) -> Self {
        HostError::new(HostErrorKind::Missing, message)
    }

    /// Keeps the application's own error, to be handed back unchanged.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> HostErrorKind {
        self.0.kind
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The application's own error, if it gave one.
    pub fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.0.source
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl StdError for HostError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}
