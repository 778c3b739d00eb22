//! Handles to the application's objects, and where values made while answering are kept.
//!
//! INVARIANT: an [`Object`] is a copyable borrow. Objects of the caller are borrowed from the caller; values that a
//! method or constructor returns are moved into the [`Arena`] of the question and borrowed from there.

use std::any::{Any, TypeId};
use std::cell::Cell;
use std::fmt;

use elsa::FrozenVec;

use crate::facts::ValueRef;
use crate::rust::class::PolarClass;
use crate::rust::registry::Registry;
use crate::{ClassId, Heap, HostError, HostErrorKind, Symbols, Term, View};

/// A handle to a Rust value: a borrow, and the class it is registered as.
#[derive(Clone, Copy)]
pub struct Object<'q>(pub(crate) Form<'q>);

#[derive(Clone, Copy)]
pub(crate) enum Form<'q> {
    Instance { value: &'q dyn Any, class: ClassId },
    Class(ClassId),
    Cursor(usize),
}

impl<'q> Object<'q> {
    /// The value, where it is a `T`.
    pub fn downcast<T: 'static>(&self) -> Option<&'q T> {
        match self.0 {
            Form::Instance { value, .. } => value.downcast_ref(),
            Form::Class(_) | Form::Cursor(_) => None,
        }
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Instance { class, .. } => write!(f, "Instance({})", class.index()),
            Form::Class(class) => write!(f, "Class({})", class.index()),
            Form::Cursor(index) => write!(f, "Cursor({index})"),
        }
    }
}

/// Values that live as long as the question that made them. Allocates nothing while it is empty.
#[derive(Default)]
pub(crate) struct Arena {
    /// The class that was looked for last, and whether its objects have variants.
    last: Cell<Option<(TypeId, ClassId, bool)>>,
    values: FrozenVec<Box<dyn Any>>,
    texts: FrozenVec<String>,
}

impl Arena {
    fn keep(&self, value: Box<dyn Any>) -> &dyn Any {
        self.values.push_get(value)
    }

    fn keep_text(&self, text: &str) -> &str {
        self.texts.push_get(text.to_owned())
    }
}

/// What stays the same for one question.
#[derive(Clone, Copy)]
pub(crate) struct World<'q> {
    pub(crate) registry: &'q Registry,
    pub(crate) arena: &'q Arena,
    pub(crate) symbols: &'q Symbols,
}

/// Where [`ToPolar`](crate::rust::ToPolar) puts values.
pub struct Scope<'a, 'q> {
    pub(crate) heap: &'a mut Heap<Object<'q>>,
    pub(crate) world: World<'q>,
}

impl<'q> Scope<'_, 'q> {
    /// The values of the query, for implementations of [`ToPolar`](crate::rust::ToPolar) that make lists or text.
    pub fn heap(&mut self) -> &mut Heap<Object<'q>> {
        self.heap
    }

    /// Hands over a borrowed object.
    ///
    /// # Errors
    /// Where its class is not registered.
    pub fn object<T: PolarClass>(&mut self, value: &'q T) -> Result<Term, HostError> {
        // PERF: the items of a list are of one class.
        let (class, has_variants) = match self.world.arena.last.get() {
            Some((id, class, has_variants)) if id == TypeId::of::<T>() => (class, has_variants),
            _ => {
                let (class, has_variants) = self.world.registry.class_of::<T>()?;
                self.world.arena.last.set(Some((TypeId::of::<T>(), class, has_variants)));
                (class, has_variants)
            }
        };
        if has_variants {
            return Ok(self.instance(value, class));
        }
        Ok(self.heap.object(Object(Form::Instance { value, class })))
    }

    /// Takes over a value, keeps it for as long as the question lives, and hands it over as an object.
    ///
    /// # Errors
    /// Where its class is not registered.
    pub fn keep<T: PolarClass>(&mut self, value: T) -> Result<Term, HostError> {
        let (class, _) = self.world.registry.class_of::<T>()?;
        let value = self.world.arena.keep(Box::new(value));
        Ok(self.instance(value, class))
    }

    fn instance(&mut self, value: &'q dyn Any, class: ClassId) -> Term {
        let class = self.world.registry.variant(value, class);
        self.heap.object(Object(Form::Instance { value, class }))
    }

    /// The values as [`FromPolar`](crate::rust::FromPolar) reads them.
    pub fn values(&self) -> Values<'_, 'q> {
        Values { heap: self.heap, world: self.world }
    }
}

/// Where [`FromPolar`](crate::rust::FromPolar) finds values.
#[derive(Clone, Copy)]
pub struct Values<'a, 'q> {
    pub(crate) heap: &'a Heap<Object<'q>>,
    pub(crate) world: World<'q>,
}

impl<'a, 'q> Values<'a, 'q> {
    /// What a term is.
    pub fn view(&self, term: Term) -> View<'a, Object<'q>> {
        self.heap.view(term)
    }

    /// Text that lives as long as the question: borrowed where the policy mentions it, copied otherwise.
    ///
    /// # Errors
    /// Where the value is not text.
    pub fn text(&self, term: Term) -> Result<&'q str, HostError> {
        if let Some(symbol) = self.heap.as_symbol(term) {
            return Ok(self.world.symbols.text(symbol));
        }
        match self.view(term) {
            View::String(text) => Ok(self.world.arena.keep_text(text)),
            _ => Err(self.mismatch("a string", term)),
        }
    }

    /// The error for a value of another kind than a parameter takes.
    #[cold]
    pub fn mismatch(&self, wanted: &str, term: Term) -> HostError {
        let found = self.describe(term);
        HostError::new(HostErrorKind::Unsupported, format!("expected {wanted}, found {found}"))
    }

    /// A value in a message's words.
    pub(crate) fn describe(&self, term: Term) -> String {
        match self.view(term) {
            View::Nil => "`nil`".to_owned(),
            View::Boolean(value) => format!("`{value}`"),
            View::Integer(value) => format!("`{value}`"),
            View::Float(value) => format!("`{value:?}`"),
            View::String(text) => format!("`{text:?}`"),
            View::List(_) => "a list".to_owned(),
            View::Dictionary(_) => "a dictionary".to_owned(),
            View::Object(object) => format!("`{}`", self.world.registry.describe(object)),
            View::Entity { type_name, id } => format!("`{}`", ValueRef::entity(type_name, id)),
            View::Variable(_) => "an unbound variable".to_owned(),
        }
    }
}
