//! Rust objects behind a policy.
//!
//! INVARIANT: every reply is ready at once; an attribute that is not described is an error of kind
//! [`HostErrorKind::Missing`], never a silent "no".

use std::any::Any;
use std::cmp::Ordering;
use std::time::Duration;

use crate::rust::attribute::Attribute;
use crate::rust::class::{Cursor, Parts};
use crate::rust::engine::Surroundings;
use crate::rust::items::Searches;
use crate::rust::object::{Form, Object, Scope, World};
use crate::rust::peek::{Peek, Sought};
use crate::rust::registry::{Classes, Dispatch, Kind};
use crate::rust::text;
use crate::{
    Arguments, ClassId, Comparison, ConstantId, Heap, Host, HostError, HostErrorKind, ItemTests, Lineage,
    Name, Reached, Replied, Reply, Term, View,
};

/// The host of one question.
pub(crate) struct RustHost<'q> {
    pub(crate) world: World<'q>,
    pub(crate) dispatch: &'q Dispatch,
    pub(crate) surroundings: &'q Surroundings,
    /// Iterations that have begun; `None` once they have ended.
    pub(crate) cursors: Vec<Option<Cursor<'q>>>,
    /// What earlier decisions of the thread have found out.
    pub(crate) searches: Searches,
}

impl<'q> RustHost<'q> {
    pub(super) fn classes(&self) -> Classes<'q> {
        Classes { registry: self.world.registry, dispatch: self.dispatch }
    }

    fn parts(&self, class: ClassId) -> Result<&'q Parts, HostError> {
        self.world.registry.parts(class).ok_or_else(|| HostError::missing("this value has no attributes"))
    }

    fn class_name(&self, class: ClassId) -> &'q str {
        self.world.registry.schema.class_name(class)
    }

    #[inline]
    pub(super) fn attribute_of(&self, class: ClassId, name: Name<'_>) -> Option<&'q dyn Attribute> {
        self.dispatch.attribute(self.world.registry, class, name).map(|attribute| &**attribute)
    }

    #[cold]
    fn not_an_object(&self, heap: &Heap<Object<'q>>, value: Term, name: Name<'_>) -> HostError {
        let values = crate::rust::Values { heap, world: self.world };
        HostError::missing(format!("{} has no attribute `{}`", values.describe(value), name.text))
    }

    #[cold]
    fn no_attribute(&self, class: ClassId, name: Name<'_>) -> HostError {
        let parts = match self.parts(class) {
            Ok(parts) => parts,
            Err(error) => return error,
        };
        let class = self.class_name(class);
        let name = name.text;
        if parts.methods.contains_key(name) {
            let message = format!("`{name}` is a method of class `{class}`: call it, `{name}(…)`");
            return HostError::new(HostErrorKind::Unsupported, message);
        }
        HostError::missing(format!("class `{class}` has no attribute `{name}`"))
    }

    #[cold]
    fn no_method(&self, class: ClassId, name: Name<'_>, parts: &Parts) -> HostError {
        let class = self.class_name(class);
        let name = name.text;
        if parts.attributes.contains_key(name) {
            let message =
                format!("`{name}` is an attribute of class `{class}`, not a method: leave out `(…)`");
            return HostError::new(HostErrorKind::NotCallable, message);
        }
        HostError::missing(format!("class `{class}` has no method `{name}`"))
    }

    /// `is_some`, `is_none` and `unwrap`, for policies written against `Option`.
    fn option_method(present: bool, object: Term, name: &str, heap: &Heap<Object<'q>>) -> Option<Replied> {
        Some(match (name, present) {
            ("is_some", _) => Ok(Reply::Ready(heap.boolean(present))),
            ("is_none", _) => Ok(Reply::Ready(heap.boolean(!present))),
            ("unwrap", true) => Ok(Reply::Ready(object)),
            ("unwrap", false) => Err(HostError::new(HostErrorKind::Failed, "`unwrap` of `nil`")),
            _ => return None,
        })
    }

    fn call_instance(
        &mut self,
        heap: &mut Heap<Object<'q>>,
        (value, class): (&'q dyn Any, ClassId),
        name: Name<'_>,
        arguments: &[Term],
    ) -> Option<Replied> {
        let parts = match self.parts(class) {
            Ok(parts) => parts,
            Err(error) => return Some(Err(error)),
        };
        let index = self.dispatch.find(class, parts, name, Kind::Method)?;
        let (_, method) = parts.methods.get_index(index)?;
        Some(method(value, arguments, &mut Scope { heap, world: self.world }).map(Reply::Ready))
    }

    fn call_class(
        &mut self,
        heap: &mut Heap<Object<'q>>,
        class: ClassId,
        name: Name<'_>,
        arguments: &[Term],
    ) -> Replied {
        let parts = self.parts(class)?;
        let function = self
            .dispatch
            .find(class, parts, name, Kind::ClassMethod)
            .and_then(|index| parts.class_methods.get_index(index));
        let Some((_, function)) = function else {
            let message = format!("class `{}` has no class method `{}`", self.class_name(class), name.text);
            return Err(HostError::missing(message));
        };
        function(arguments, &mut Scope { heap, world: self.world }).map(Reply::Ready)
    }

    #[cold]
    fn cannot_compare(&self, heap: &Heap<Object<'q>>, op: Comparison, left: Term, right: Term) -> HostError {
        let values = crate::rust::Values { heap, world: self.world };
        let (left, right) = (values.describe(left), values.describe(right));
        let what = match op {
            Comparison::Eq | Comparison::Neq => "has no equality: describe it with `#[polar(eq)]`",
            _ => "have no order here",
        };
        HostError::new(
            HostErrorKind::Unsupported,
            match op {
                Comparison::Eq | Comparison::Neq => {
                    format!("cannot tell whether {left} equals {right}: their class {what}")
                }
                _ => format!("cannot compare {left} {op} {right}: they {what}"),
            },
        )
    }
}

/// An address tells objects apart, except a struct from its own first field: the class tells those.
pub(super) fn identity(value: &dyn Any, class: ClassId) -> u64 {
    let address = std::ptr::from_ref(value).cast::<()>() as usize as u64;
    address ^ ((class.index() as u64) << 48)
}

/// What an order says about a comparison; incomparable values (a float that is not a number) satisfy only `!=`.
fn satisfies(op: Comparison, order: Option<Ordering>) -> bool {
    match op {
        Comparison::Eq => order == Some(Ordering::Equal),
        Comparison::Neq => order != Some(Ordering::Equal),
        Comparison::Lt => order.is_some_and(Ordering::is_lt),
        Comparison::Leq => order.is_some_and(Ordering::is_le),
        Comparison::Gt => order.is_some_and(Ordering::is_gt),
        Comparison::Geq => order.is_some_and(Ordering::is_ge),
    }
}

fn positional<'a>(arguments: Arguments<'a>) -> Result<&'a [Term], HostError> {
    match arguments.keyword.first() {
        None => Ok(arguments.positional),
        Some((name, _)) => Err(HostError::new(
            HostErrorKind::Unsupported,
            format!("Rust functions take no keyword arguments; pass `{}` by its place", name.text),
        )),
    }
}

impl<'q> Host for RustHost<'q> {
    type Object = Object<'q>;

    fn lineage(&mut self, object: &Object<'q>) -> Lineage<'_> {
        match object.0 {
            Form::Instance { class, .. } => Lineage::Class(class),
            Form::Class(_) | Form::Cursor(_) => Lineage::None,
        }
    }

    fn attribute(&mut self, heap: &mut Heap<Object<'q>>, object: Term, name: Name<'_>) -> Replied {
        let Some(handle) = heap.as_object(object) else { return Err(self.not_an_object(heap, object, name)) };
        let Form::Instance { value, class } = handle.0 else {
            return Err(self.not_an_object(heap, object, name));
        };
        match self.attribute_of(class, name) {
            Some(attribute) => attribute.get(value, &mut Scope { heap, world: self.world }).map(Reply::Ready),
            None => Err(self.no_attribute(class, name)),
        }
    }

    fn attribute_is(
        &mut self,
        object: &Object<'q>,
        name: Name<'_>,
        value: &View<'_, Object<'q>>,
    ) -> Result<Option<bool>, HostError> {
        let Form::Instance { value: this, class } = object.0 else { return Ok(None) };
        let (Some(attribute), Some(value)) = (self.attribute_of(class, name), Peek::of(value)) else {
            return Ok(None);
        };
        Ok(attribute.is(this, &Sought::One(value)))
    }

    fn any_item(
        &mut self,
        heap: &Heap<Object<'q>>,
        object: &Object<'q>,
        name: Name<'_>,
        tests: ItemTests<'_>,
    ) -> Option<bool> {
        self.search_lists(heap, object, name, tests, None)
    }

    fn any_reachable(
        &mut self,
        heap: &Heap<Object<'q>>,
        object: &Object<'q>,
        name: Name<'_>,
        tests: ItemTests<'_>,
        reached: &mut Reached<'_>,
    ) -> Option<bool> {
        self.search_all(heap, object, name, tests, reached)
    }

    fn call(
        &mut self,
        heap: &mut Heap<Object<'q>>,
        object: Term,
        name: Name<'_>,
        arguments: Arguments<'_>,
    ) -> Replied {
        let positional = positional(arguments)?;
        let mut present = true;
        match heap.view(object) {
            View::Object(Object(Form::Instance { value, class })) => {
                let (value, class) = (*value, *class);
                if let Some(reply) = self.call_instance(heap, (value, class), name, positional) {
                    return reply;
                }
            }
            View::Object(Object(Form::Class(class))) => {
                let class = *class;
                return self.call_class(heap, class, name, positional);
            }
            View::String(text) => {
                let text = text.to_owned();
                let mut scope = Scope { heap, world: self.world };
                if let Some(result) = text::call(&text, name.text, positional, &mut scope) {
                    return result.map(Reply::Ready);
                }
            }
            View::Nil => present = false,
            _ => {}
        }
        if positional.is_empty()
            && let Some(reply) = RustHost::option_method(present, object, name.text, heap)
        {
            return reply;
        }
        if let View::Object(Object(Form::Instance { class, .. })) = heap.view(object) {
            return Err(self.no_method(*class, name, self.parts(*class)?));
        }
        let values = crate::rust::Values { heap, world: self.world };
        Err(HostError::missing(format!("{} has no method `{}`", values.describe(object), name.text)))
    }

    fn construct(
        &mut self,
        heap: &mut Heap<Object<'q>>,
        class: ClassId,
        arguments: Arguments<'_>,
    ) -> Replied {
        let positional = positional(arguments)?;
        let Some(constructor) = self.world.registry.parts(class).and_then(|parts| parts.constructor.as_ref())
        else {
            let message = format!("class `{}` has no constructor", self.class_name(class));
            return Err(HostError::new(HostErrorKind::Construction, message));
        };
        constructor(positional, &mut Scope { heap, world: self.world }).map(Reply::Ready)
    }

    fn constant(&mut self, heap: &mut Heap<Object<'q>>, constant: ConstantId) -> Replied {
        match self.world.registry.constants.get(constant.index()) {
            Some(constant) => constant.term(&mut Scope { heap, world: self.world }).map(Reply::Ready),
            None => Err(HostError::missing("no such constant")),
        }
    }

    fn class(&mut self, heap: &mut Heap<Object<'q>>, class: ClassId) -> Replied {
        Ok(Reply::Ready(heap.object(Object(Form::Class(class)))))
    }

    fn compare(&mut self, heap: &Heap<Object<'q>>, op: Comparison, left: Term, right: Term) -> Replied<bool> {
        let equality = matches!(op, Comparison::Eq | Comparison::Neq);
        let answer = |equal: bool| Ok(Reply::Ready(equal == (op == Comparison::Eq)));
        let (View::Object(a), View::Object(b)) = (heap.view(left), heap.view(right)) else {
            return if equality { answer(false) } else { Err(self.cannot_compare(heap, op, left, right)) };
        };
        match (a.0, b.0) {
            (Form::Instance { value: a, class }, Form::Instance { value: b, .. })
                if a.type_id() == b.type_id() =>
            {
                let parts = self.parts(class)?;
                if equality {
                    if let Some(equal) = &parts.equal {
                        return answer(equal(a, b));
                    }
                    if std::ptr::addr_eq(a, b) {
                        return answer(true);
                    }
                }
                match &parts.compare {
                    Some(compare) => Ok(Reply::Ready(satisfies(op, compare(a, b)))),
                    None => Err(self.cannot_compare(heap, op, left, right)),
                }
            }
            (Form::Class(a), Form::Class(b)) if equality => answer(a == b),
            (Form::Cursor(a), Form::Cursor(b)) if equality => answer(a == b),
            _ if equality => answer(false),
            _ => Err(self.cannot_compare(heap, op, left, right)),
        }
    }

    fn iterate(&mut self, heap: &mut Heap<Object<'q>>, object: Term) -> Result<Object<'q>, HostError> {
        if let View::Object(Object(Form::Instance { value, class })) = heap.view(object) {
            let iterate = self.world.registry.parts(*class).and_then(|parts| parts.iterate.as_ref());
            if let Some(cursor) = iterate.and_then(|iterate| iterate(*value)) {
                self.cursors.push(Some(cursor));
                return Ok(Object(Form::Cursor(self.cursors.len() - 1)));
            }
        }
        let values = crate::rust::Values { heap, world: self.world };
        let message = format!("{} has no items, so that nothing can be `in` it", values.describe(object));
        Err(HostError::new(HostErrorKind::NotIterable, message))
    }

    fn next(&mut self, heap: &mut Heap<Object<'q>>, cursor: &Object<'q>) -> Replied<Option<Term>> {
        let Form::Cursor(index) = cursor.0 else { return Ok(Reply::Ready(None)) };
        let Some(slot) = self.cursors.get_mut(index) else { return Ok(Reply::Ready(None)) };
        let item = slot.as_mut().and_then(|cursor| cursor(&mut Scope { heap, world: self.world }));
        if item.is_none() {
            *slot = None;
        }
        item.transpose().map(Reply::Ready)
    }

    fn identity(&self, object: &Object<'q>) -> u64 {
        match object.0 {
            Form::Instance { value, class } => identity(value, class),
            Form::Class(class) => class.index() as u64,
            Form::Cursor(index) => 1 << 32 | index as u64,
        }
    }

    fn describe(&self, object: &Object<'q>) -> String {
        self.world.registry.describe(object)
    }

    fn print(&mut self, text: &str) {
        if let Some(print) = &self.surroundings.print {
            print(text);
        }
    }

    fn now(&mut self) -> Option<Duration> {
        self.surroundings.clock.as_ref().map(|clock| clock())
    }
}
