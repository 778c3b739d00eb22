//! Classes: what policies may see of a Rust type.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::PolarClass;
use crate::errors::{InvalidCallError, OsoError, Result, TypeError};
use crate::from_polar::FromPolarList;
use crate::function::{Function, Method};
use crate::to_polar::{PolarIterator, ToPolar, ToPolarResult};
use crate::value::{Instance, PolarValue};

type Getter = Arc<dyn Fn(&Instance) -> Result<PolarValue> + Send + Sync>;
type InstanceMethod = Arc<dyn Fn(&Instance, &[PolarValue]) -> Result<PolarValue> + Send + Sync>;
type ClassMethod = Arc<dyn Fn(&[PolarValue]) -> Result<PolarValue> + Send + Sync>;
type Constructor = Arc<dyn Fn(&[PolarValue]) -> Result<Instance> + Send + Sync>;
type Equality = Arc<dyn Fn(&Instance, &Instance) -> Result<bool> + Send + Sync>;
type IntoIter = Arc<dyn Fn(&Instance) -> Result<PolarIterator> + Send + Sync>;

/// What policies may see of a Rust type. Made by [`ClassBuilder`], registered by
/// [`Oso::register_class`](crate::Oso::register_class).
#[derive(Clone)]
pub struct Class {
    /// The name policies use; the type's own if nothing else is said.
    pub name: String,
    /// The type.
    pub type_id: TypeId,
    constructor: Option<Constructor>,
    attributes: FxHashMap<&'static str, Getter>,
    instance_methods: FxHashMap<&'static str, InstanceMethod>,
    class_methods: FxHashMap<&'static str, ClassMethod>,
    equality_check: Option<Equality>,
    into_iter: Option<IntoIter>,
    /// By full name; registered together with the class.
    pub(crate) constants: Vec<(&'static str, PolarValue)>,
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Class").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PolarClass for Class {}

impl Class {
    /// Begins to describe a type.
    ///
    /// ```
    /// use oso::Class;
    /// struct User { name: String }
    /// let class = Class::builder::<User>().add_attribute_getter("name", |user: &User| user.name.clone()).build();
    /// assert_eq!(class.name, "User");
    /// ```
    pub fn builder<T: 'static>() -> ClassBuilder<T> {
        ClassBuilder::new()
    }

    /// Calls the constructor.
    ///
    /// # Errors
    /// Where there is none, or the arguments are not those it takes.
    pub(crate) fn init(&self, arguments: &[PolarValue]) -> Result<Instance> {
        match &self.constructor {
            Some(constructor) => constructor(arguments),
            None => Err(OsoError::custom(format!("class `{}` has no constructor", self.name))),
        }
    }

    pub(crate) fn members(&self) -> Vec<String> {
        let attributes = self.attributes.keys().chain(self.instance_methods.keys());
        attributes.chain(self.class_methods.keys()).map(|name| (*name).to_owned()).collect()
    }

    pub(crate) fn get(&self, instance: &Instance, name: &str) -> Result<PolarValue> {
        match self.attributes.get(name) {
            Some(getter) => getter(instance).map_err(|error| self.named(error, name)),
            None => Err(InvalidCallError::AttributeNotFound {
                attribute_name: name.to_owned(),
                type_name: self.name.clone(),
            }
            .into()),
        }
    }

    pub(crate) fn call(
        &self,
        instance: &Instance,
        name: &str,
        arguments: &[PolarValue],
    ) -> Result<PolarValue> {
        match self.instance_methods.get(name) {
            Some(method) => method(instance, arguments).map_err(|error| self.named(error, name)),
            None => Err(InvalidCallError::MethodNotFound {
                method_name: name.to_owned(),
                type_name: self.name.clone(),
            }
            .into()),
        }
    }

    pub(crate) fn call_class_method(&self, name: &str, arguments: &[PolarValue]) -> Result<PolarValue> {
        match self.class_methods.get(name) {
            Some(function) => function(arguments).map_err(|error| self.named(error, name)),
            None => Err(InvalidCallError::ClassMethodNotFound {
                method_name: name.to_owned(),
                type_name: self.name.clone(),
            }
            .into()),
        }
    }

    fn named(&self, mut error: OsoError, attr: &str) -> OsoError {
        error.type_name(self.name.clone());
        error.attr(attr.to_owned());
        error
    }

    fn unsupported(&self, operation: &str) -> OsoError {
        OsoError::UnsupportedOperation { operation: operation.to_owned(), type_name: self.name.clone() }
    }

    /// Objects of different types are not equal; of one type, its check decides.
    pub(crate) fn equals(&self, left: &Instance, right: &Instance) -> Result<bool> {
        if left.type_id() != right.type_id() {
            return Ok(false);
        }
        match &self.equality_check {
            Some(check) => check(left, right),
            None => Err(self.unsupported("equals")),
        }
    }

    pub(crate) fn iter(&self, instance: &Instance) -> Result<PolarIterator> {
        match &self.into_iter {
            Some(into_iter) => into_iter(instance),
            None => Err(self.unsupported("in")),
        }
    }
}

/// Describes a class; see [`Class::builder`] and [`PolarClass::get_polar_class_builder`].
///
/// ```
/// use oso::{Class, ClassBuilder, Oso, PolarClass};
///
/// #[derive(Clone, PartialEq)]
/// struct Team { name: String, members: Vec<String> }
/// impl PolarClass for Team {}
///
/// let class = ClassBuilder::with_constructor(|name: String| Team { name, members: vec![] })
///     .with_equality_check()
///     .add_attribute_getter("name", |team: &Team| team.name.clone())
///     .add_method("has", |team: &Team, who: String| team.members.contains(&who))
///     .add_class_method("of", |who: String| Team { name: "new".to_owned(), members: vec![who] })
///     .add_iterator_method("everybody", |team: &Team| team.members.clone())
///     .set_into_iter(|team: &Team| team.members.clone().into_iter())
///     .add_constant(8, "TEAM_SIZE")
///     .build();
///
/// let mut oso = Oso::new();
/// oso.register_class(class)?;
/// let mut answers = oso.query(r#"
///     t = Team.of("ann") and t.has("ann") and "ann" in t and "ann" in t.everybody()
///     and t.name = "new" and TEAM_SIZE = 8 and new Team("a") = new Team("a")
/// "#)?;
/// assert!(answers.next_result().expect("an answer").is_ok());
/// # Ok::<(), oso::OsoError>(())
/// ```
#[derive(Clone)]
pub struct ClassBuilder<T> {
    class: Class,
    ty: PhantomData<fn() -> T>,
}

/// The receiver of a method. The class is found by the receiver's type, so this fails only by a fault of ours.
fn receiver<T: 'static>(instance: &Instance) -> Result<&T> {
    instance.downcast().map_err(|error| error.invariant().into())
}

impl<T: 'static> ClassBuilder<T> {
    fn new() -> Self {
        let full = std::any::type_name::<T>();
        let class = Class {
            name: full.rsplit("::").next().unwrap_or(full).to_owned(),
            type_id: TypeId::of::<T>(),
            constructor: None,
            attributes: FxHashMap::default(),
            instance_methods: FxHashMap::default(),
            class_methods: FxHashMap::default(),
            equality_check: None,
            into_iter: None,
            constants: Vec::new(),
        };
        ClassBuilder { class, ty: PhantomData }
    }

    /// A class that `new Class()` constructs by [`Default`].
    #[must_use]
    pub fn with_default() -> Self
    where
        T: Default + Send + Sync,
    {
        ClassBuilder::with_constructor::<_, ()>(T::default)
    }

    /// A class with a constructor.
    #[must_use]
    pub fn with_constructor<F, Args>(f: F) -> Self
    where
        F: Function<Args, Result = T>,
        T: Send + Sync,
        Args: FromPolarList,
    {
        ClassBuilder::new().set_constructor(f)
    }

    /// What `new Class(…)` calls.
    #[must_use]
    pub fn set_constructor<F, Args>(mut self, f: F) -> Self
    where
        F: Function<Args, Result = T>,
        T: Send + Sync,
        Args: FromPolarList,
    {
        self.class.constructor =
            Some(Arc::new(move |arguments| Ok(Instance::new(f.invoke(Args::from_polar_list(arguments)?)))));
        self
    }

    /// When two objects are equal. Without it, comparing them is an error.
    #[must_use]
    pub fn set_equality_check<F>(mut self, f: F) -> Self
    where
        F: Fn(&T, &T) -> bool + Send + Sync + 'static,
    {
        self.class.equality_check = Some(Arc::new(move |left, right| {
            let (left, right) = (left.downcast(), right.downcast());
            Ok(f(left.map_err(TypeError::user)?, right.map_err(TypeError::user)?))
        }));
        self
    }

    /// Objects are equal when `PartialEq` says so.
    #[must_use]
    pub fn with_equality_check(self) -> Self
    where
        T: PartialEq<T>,
    {
        self.set_equality_check(T::eq)
    }

    /// What stands `in` an object.
    #[must_use]
    pub fn set_into_iter<F, I, V>(mut self, f: F) -> Self
    where
        F: Fn(&T) -> I + Send + Sync + 'static,
        I: Iterator<Item = V> + Clone + Send + Sync + 'static,
        V: ToPolarResult,
    {
        self.class.into_iter = Some(Arc::new(move |instance| {
            Ok(PolarIterator::new(f(instance.downcast().map_err(TypeError::user)?)))
        }));
        self
    }

    /// What stands `in` an object: the items of a clone of it.
    #[must_use]
    pub fn with_iter<V>(self) -> Self
    where
        T: IntoIterator<Item = V> + Clone,
        <T as IntoIterator>::IntoIter: Clone + Send + Sync + 'static,
        V: ToPolarResult,
    {
        self.set_into_iter(|value: &T| value.clone().into_iter())
    }

    /// An attribute.
    #[must_use]
    pub fn add_attribute_getter<F, R>(mut self, name: &'static str, f: F) -> Self
    where
        F: Fn(&T) -> R + Send + Sync + 'static,
        R: ToPolarResult,
    {
        self.class
            .attributes
            .insert(name, Arc::new(move |instance| f(receiver(instance)?).to_polar_result()));
        self
    }

    /// The name policies use.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.class.name);
        self
    }

    /// A constant under its full name, registered together with the class.
    #[must_use]
    pub fn add_constant<V: ToPolar + Clone + Send + Sync + 'static>(
        mut self,
        value: V,
        name: &'static str,
    ) -> Self {
        self.class.constants.push((name, value.to_polar()));
        self
    }

    /// A method.
    #[must_use]
    pub fn add_method<F, Args, R>(mut self, name: &'static str, f: F) -> Self
    where
        Args: FromPolarList,
        F: Method<T, Args, Result = R>,
        R: ToPolarResult + 'static,
    {
        let method: InstanceMethod = Arc::new(move |instance, arguments| {
            f.invoke(receiver(instance)?, Args::from_polar_list(arguments)?).to_polar_result()
        });
        self.class.instance_methods.insert(name, method);
        self
    }

    /// A method whose result can stand after `in`.
    #[must_use]
    pub fn add_iterator_method<F, Args, I>(mut self, name: &'static str, f: F) -> Self
    where
        Args: FromPolarList,
        F: Method<T, Args>,
        F::Result: IntoIterator<Item = I>,
        I: ToPolarResult + 'static,
        <<F as Method<T, Args>>::Result as IntoIterator>::IntoIter:
            Iterator<Item = I> + Clone + Send + Sync + 'static,
    {
        let method: InstanceMethod = Arc::new(move |instance, arguments| {
            let items = f.invoke(receiver(instance)?, Args::from_polar_list(arguments)?).into_iter();
            Ok(PolarIterator::new(items).to_polar())
        });
        self.class.instance_methods.insert(name, method);
        self
    }

    /// A function that is called on the class: `User.find("ann")`.
    #[must_use]
    pub fn add_class_method<F, Args, R>(mut self, name: &'static str, f: F) -> Self
    where
        F: Function<Args, Result = R>,
        Args: FromPolarList,
        R: ToPolarResult + 'static,
    {
        let method: ClassMethod =
            Arc::new(move |arguments| f.invoke(Args::from_polar_list(arguments)?).to_polar_result());
        self.class.class_methods.insert(name, method);
        self
    }

    /// The class.
    pub fn build(self) -> Class {
        self.class
    }
}
