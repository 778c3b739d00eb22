//! The host of a policy over facts alone.

use std::convert::Infallible;

use crate::heap::{Heap, Term};
use crate::host::{Arguments, Comparison, Host, HostError, HostErrorKind, Lineage, Name, Replied};
use crate::schema::{ClassId, ConstantId};

/// The host of a policy over facts: there are no objects. It is for questions with variables, which a [`Query`](crate::Query)
/// answers and an [`Authorizer`](crate::Authorizer) does not.
///
/// ```
/// use arctos::facts::{self, Facts};
/// use arctos::{Bound, NoObjects, Policy, Query, Schema, Sources, View};
///
/// let mut schema = Schema::new();
/// schema.enable_facts();
/// let mut sources = Sources::default();
/// sources.add(None, r#"
///     actor User {}
///     resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
/// "#);
/// let policy = Policy::load(&schema, sources)?;
/// let mut change = Facts::new().change();
/// for fact in facts::parse(None, r#"has_role(User{"ann"}, "reader", Doc{"plan"});"#)? {
///     change.insert(&fact)?;
/// }
///
/// let mut query = Query::new(&policy, NoObjects);
/// query.set_facts(change.commit().0.view());
/// query.ask_text(r#"allow(User{"ann"}, "read", doc)"#, &[])?;
/// let answer = query.next()?.ok_or("there is one")?;
/// let Some(Bound::Term(doc)) = answer.get("doc") else { return Err("a value".into()) };
/// assert!(matches!(answer.heap().view(*doc), View::Entity { type_name: "Doc", id: "plan" }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObjects;

impl NoObjects {
    #[cold]
    fn none<T>(message: impl Into<String>) -> Result<T, HostError> {
        Err(HostError::new(HostErrorKind::Unsupported, message))
    }
}

impl Host for NoObjects {
    type Object = Infallible;

    fn lineage(&mut self, object: &Infallible) -> Lineage<'_> {
        match *object {}
    }

    fn attribute(&mut self, _: &mut Heap<Infallible>, _: Term, name: Name<'_>) -> Replied {
        Self::none(format!("there is no application to ask for `{}`", name.text))
    }

    fn call(&mut self, _: &mut Heap<Infallible>, _: Term, name: Name<'_>, _: Arguments<'_>) -> Replied {
        Self::none(format!("there is no application to call `{}` of", name.text))
    }

    fn construct(&mut self, _: &mut Heap<Infallible>, _: ClassId, _: Arguments<'_>) -> Replied {
        Self::none("there is no application to construct objects")
    }

    fn constant(&mut self, _: &mut Heap<Infallible>, _: ConstantId) -> Replied {
        Self::none("there is no application to ask for constants")
    }

    fn class(&mut self, _: &mut Heap<Infallible>, _: ClassId) -> Replied {
        Self::none("there is no application to ask for classes")
    }

    fn compare(&mut self, _: &Heap<Infallible>, _: Comparison, _: Term, _: Term) -> Replied<bool> {
        Self::none("there is no application to compare objects")
    }

    fn iterate(&mut self, _: &mut Heap<Infallible>, _: Term) -> Result<Infallible, HostError> {
        Self::none("there is no application whose objects have items")
    }

    fn next(&mut self, _: &mut Heap<Infallible>, cursor: &Infallible) -> Replied<Option<Term>> {
        match *cursor {}
    }

    fn identity(&self, object: &Infallible) -> u64 {
        match *object {}
    }

    fn describe(&self, object: &Infallible) -> String {
        match *object {}
    }
}
