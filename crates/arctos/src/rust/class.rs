//! What policies may see of a Rust type.
//!
//! INVARIANT: only what a description names is visible. A field that is not named in it cannot be reached by a policy.

use std::any::{Any, TypeId};
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::rust::attribute::{Attribute, Computed, Field, VariantField};
use crate::rust::function::{Function, Getter, Method};
use crate::rust::object::Scope;
use crate::rust::to_polar::{AsPolar, ToPolar};
use crate::{HostError, HostErrorKind, Term};

/// A Rust type that policies know by name.
///
/// Usually derived (see the derive macro of the same name). By hand:
///
/// ```
/// use arctos::rust::{Arctos, ClassDescription, PolarClass};
///
/// struct User { name: String, banned: bool }
///
/// impl User {
///     fn may(&self, action: &str) -> bool { !self.banned || action == "read" }
/// }
///
/// impl PolarClass for User {
///     fn class() -> ClassDescription<Self> {
///         ClassDescription::<Self>::new("User")
///             .field("name", |user| &user.name)
///             .method("may", User::may)
///     }
/// }
///
/// let arctos = Arctos::builder()
///     .register::<User>()
///     .load_str(r#"allow(user: User, action, _) if user.may(action) and user.name != "";"#)
///     .build()?;
/// let user = User { name: "ann".into(), banned: true };
/// assert!(arctos.is_allowed(&user, "read", "the page")?);
/// assert!(!arctos.is_allowed(&user, "edit", "the page")?);
/// # Ok::<(), arctos::Error>(())
/// ```
pub trait PolarClass: Sized + 'static {
    /// Describes it. Called once for each registration.
    fn class() -> ClassDescription<Self>;
}

pub(crate) type Invoke =
    Box<dyn for<'q> Fn(&'q dyn Any, &[Term], &mut Scope<'_, 'q>) -> Result<Term, HostError> + Send + Sync>;
pub(crate) type Create =
    Box<dyn for<'q> Fn(&[Term], &mut Scope<'_, 'q>) -> Result<Term, HostError> + Send + Sync>;
pub(crate) type Equal = Box<dyn Fn(&dyn Any, &dyn Any) -> bool + Send + Sync>;
pub(crate) type Compare = Box<dyn Fn(&dyn Any, &dyn Any) -> Option<Ordering> + Send + Sync>;
pub(crate) type Describe = Box<dyn Fn(&dyn Any) -> String + Send + Sync>;
pub(crate) type VariantOf = Box<dyn Fn(&dyn Any) -> Option<usize> + Send + Sync>;
/// Gives one item after the other.
pub(crate) type Cursor<'q> = Box<dyn FnMut(&mut Scope<'_, 'q>) -> Option<Result<Term, HostError>> + 'q>;
pub(crate) type Iterate = Box<dyn for<'q> Fn(&'q dyn Any) -> Option<Cursor<'q>> + Send + Sync>;
pub(crate) type Members<T> = IndexMap<String, T, FxBuildHasher>;

/// A value that lives as long as the Arctos it is registered with.
pub(crate) trait Constant: Send + Sync {
    fn term<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>;
}

struct Kept<V>(V);

impl<V: AsPolar + Send + Sync + 'static> Constant for Kept<V> {
    fn term<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        self.0.as_polar(scope)
    }
}

pub(crate) fn constant<V: AsPolar + Send + Sync + 'static>(value: V) -> Box<dyn Constant> {
    Box::new(Kept(value))
}

/// A class without its Rust type.
pub(crate) struct Parts {
    pub(crate) name: String,
    pub(crate) type_id: TypeId,
    pub(crate) attributes: Members<Arc<dyn Attribute>>,
    pub(crate) methods: Members<Invoke>,
    pub(crate) class_methods: Members<Create>,
    pub(crate) constructor: Option<Create>,
    pub(crate) equal: Option<Equal>,
    pub(crate) compare: Option<Compare>,
    pub(crate) iterate: Option<Iterate>,
    pub(crate) describe: Option<Describe>,
    pub(crate) variants: Vec<String>,
    pub(crate) variant_of: Option<VariantOf>,
    pub(crate) constants: Vec<(String, Box<dyn Constant>)>,
    pub(crate) id: Option<String>,
}

/// The description of a class: a builder, made in [`PolarClass::class`].
///
/// Names that are given twice keep the later meaning.
///
/// ```
/// use arctos::rust::{ClassDescription, PolarClass};
///
/// #[derive(PartialEq, PartialOrd)]
/// struct Version { major: u32, minor: u32 }
///
/// impl PolarClass for Version {
///     fn class() -> ClassDescription<Self> {
///         ClassDescription::<Self>::new("Version")
///             .field("major", |version| &version.major)
///             .attribute("is_stable", |version: &Version| version.major > 0)
///             .method("is_patch_of", |version: &Version, other: &Version| version.major == other.major)
///             .class_method("zero", || 0)
///             .equality()
///             .ordering()
///     }
/// }
/// # let _ = Version::class();
/// ```
pub struct ClassDescription<T> {
    pub(crate) parts: Parts,
    class: PhantomData<fn() -> T>,
}

/// The borrowed value as what it is. The registry finds a class by its type, so this fails only by a fault of ours.
pub(crate) fn this<T: 'static>(value: &dyn Any) -> Result<&T, HostError> {
    value
        .downcast_ref()
        .ok_or_else(|| HostError::new(HostErrorKind::Failed, "an object reached a function of another class"))
}

impl<T: 'static> ClassDescription<T> {
    /// A class of that name of which nothing is visible yet.
    pub fn new(name: &str) -> Self {
        let parts = Parts {
            name: name.to_owned(),
            type_id: TypeId::of::<T>(),
            attributes: Members::default(),
            methods: Members::default(),
            class_methods: Members::default(),
            constructor: None,
            equal: None,
            compare: None,
            iterate: None,
            describe: None,
            variants: Vec::new(),
            variant_of: None,
            constants: Vec::new(),
            id: None,
        };
        ClassDescription { parts, class: PhantomData }
    }

    /// The name policies use.
    pub fn name(&self) -> &str {
        &self.parts.name
    }

    /// Gives the class another name: for a type that is registered under two, or a name that is taken.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.parts.name);
        self
    }

    /// An attribute that is a field, borrowed: `.field("name", |user| &user.name)`.
    #[must_use]
    pub fn field<V, F>(mut self, name: &str, field: F) -> Self
    where
        V: AsPolar + ?Sized + 'static,
        F: for<'a> Fn(&'a T) -> &'a V + Send + Sync + 'static,
    {
        self.parts.attributes.insert(name.to_owned(), Arc::new(Field::new(field)));
        self
    }

    /// An attribute that only some variants of an enum have; for the others it is missing.
    ///
    /// Several of the same name are tried in turn, so that variants may have fields of the same name.
    #[must_use]
    pub fn variant_field<V, F>(mut self, name: &str, field: F) -> Self
    where
        V: AsPolar + ?Sized + 'static,
        F: for<'a> Fn(&'a T) -> Option<&'a V> + Send + Sync + 'static,
    {
        let others = self.parts.attributes.swap_remove(name);
        let missing = format!("this variant of `{}` has no attribute `{name}`", self.parts.name);
        let attribute = VariantField::new(field, others, missing);
        self.parts.attributes.insert(name.to_owned(), Arc::new(attribute));
        self
    }

    /// An attribute that is computed: a function `fn(&T) -> R`, or a closure with an annotated parameter.
    #[must_use]
    pub fn attribute<F>(mut self, name: &str, getter: F) -> Self
    where
        F: for<'q> Getter<'q, T>,
    {
        self.parts.attributes.insert(name.to_owned(), Arc::new(Computed::new(getter)));
        self
    }

    /// Names the attribute that is an object's id, a text or an integer. Where such an object meets facts, it is the entity of
    /// that class and id: see [`Arctos::with_facts`](crate::rust::Arctos::with_facts).
    #[must_use]
    pub fn id(mut self, attribute: &str) -> Self {
        self.parts.id = Some(attribute.to_owned());
        self
    }

    /// A method: a function `fn(&T, A, …) -> R`, or a closure with annotated parameters.
    #[must_use]
    pub fn method<M, F>(mut self, name: &str, method: F) -> Self
    where
        F: for<'q> Method<'q, T, M>,
    {
        let invoke: Invoke =
            Box::new(move |value, arguments, scope| method.invoke(this(value)?, arguments, scope));
        self.parts.methods.insert(name.to_owned(), invoke);
        self
    }

    /// A function that is called on the class: `User.find("ann")`.
    #[must_use]
    pub fn class_method<M, F>(mut self, name: &str, function: F) -> Self
    where
        F: for<'q> Function<'q, M>,
    {
        let create: Create = Box::new(move |arguments, scope| function.invoke(arguments, scope));
        self.parts.class_methods.insert(name.to_owned(), create);
        self
    }

    /// What `new Class(…)` does.
    #[must_use]
    pub fn constructor<M, F>(mut self, function: F) -> Self
    where
        F: for<'q> Function<'q, M>,
    {
        self.parts.constructor = Some(Box::new(move |arguments, scope| function.invoke(arguments, scope)));
        self
    }

    /// A constant that policies call `Class::name`.
    #[must_use]
    pub fn constant<V: AsPolar + Send + Sync + 'static>(mut self, name: &str, value: V) -> Self {
        self.parts.constants.push((name.to_owned(), constant(value)));
        self
    }

    /// Objects are equal when Rust says so. Without it, asking whether two different objects are equal is an error.
    #[must_use]
    pub fn equality(self) -> Self
    where
        T: PartialEq,
    {
        self.equal_by(T::eq)
    }

    /// Objects are equal when that function says so.
    #[must_use]
    pub fn equal_by(mut self, equal: impl Fn(&T, &T) -> bool + Send + Sync + 'static) -> Self {
        self.parts.equal = Some(Box::new(
            move |left, right| matches!((left.downcast_ref(), right.downcast_ref()), (Some(left), Some(right)) if equal(left, right)),
        ));
        self
    }

    /// Objects have Rust's order: `<`, `<=`, `>`, `>=`.
    #[must_use]
    pub fn ordering(mut self) -> Self
    where
        T: PartialOrd,
    {
        self.parts.compare =
            Some(Box::new(|left, right| left.downcast_ref::<T>()?.partial_cmp(right.downcast_ref()?)));
        self
    }

    /// Objects can stand after `in`: their items are those of `&T`, one after the other as they are asked for.
    #[must_use]
    pub fn iterable(mut self) -> Self
    where
        for<'a> &'a T: IntoIterator<Item: ToPolar>,
    {
        self.parts.iterate = Some(Box::new(|value| {
            let mut items = value.downcast_ref::<T>()?.into_iter();
            Some(Box::new(move |scope| items.next().map(|item| item.to_polar(scope))))
        }));
        self
    }

    /// Objects can stand after `in`: their items are those of a borrowed field, whose type must be told:
    /// `.iterate_field::<Vec<User>, _>(|team| &team.members)`.
    #[must_use]
    pub fn iterate_field<V, F>(mut self, field: F) -> Self
    where
        V: 'static,
        F: for<'a> Fn(&'a T) -> &'a V + Send + Sync + 'static,
        for<'a> &'a V: IntoIterator<Item: ToPolar>,
    {
        self.parts.iterate = Some(Box::new(move |value| {
            let mut items = field(value.downcast_ref()?).into_iter();
            Some(Box::new(move |scope| items.next().map(|item| item.to_polar(scope))))
        }));
        self
    }

    /// How messages and `print` show an object; its class's name if nothing is said.
    #[must_use]
    pub fn described_by(mut self, describe: impl Fn(&T) -> String + Send + Sync + 'static) -> Self {
        self.parts.describe =
            Some(Box::new(move |value| value.downcast_ref().map(&describe).unwrap_or_default()));
        self
    }

    /// The variants of an enum as classes `Enum::Variant` that inherit from it, for rules and patterns such as
    /// `shape matches Shape::Circle{radius: 1}`. `of` gives the place of a value's variant in `names`, or `None`.
    #[must_use]
    pub fn variants(mut self, names: &[&str], of: fn(&T) -> Option<usize>) -> Self {
        self.parts.variants = names.iter().map(|name| (*name).to_owned()).collect();
        self.parts.variant_of = Some(Box::new(move |value| value.downcast_ref().and_then(of)));
        self
    }
}
