//! Values between Rust and policies.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::class::Class;
use crate::errors::TypeError;

/// A value of a policy in Rust.
///
/// ```
/// use oso::{PolarValue, ToPolar};
/// assert_eq!(vec![1, 2].to_polar(), PolarValue::List(vec![PolarValue::Integer(1), PolarValue::Integer(2)]));
/// ```
#[derive(Clone, Debug)]
pub enum PolarValue {
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// Text.
    String(String),
    /// A truth value.
    Boolean(bool),
    /// A dictionary.
    Map(HashMap<String, PolarValue>),
    /// A list.
    List(Vec<PolarValue>),
    /// A variable without a value.
    Variable(String),
    /// An object.
    Instance(Instance),
}

impl PartialEq for PolarValue {
    /// Equality of plain values; objects and variables are not equal to anything.
    fn eq(&self, other: &PolarValue) -> bool {
        match (self, other) {
            (PolarValue::Integer(a), PolarValue::Integer(b)) => a == b,
            (PolarValue::Float(a), PolarValue::Float(b)) => a == b,
            (PolarValue::String(a), PolarValue::String(b)) => a == b,
            (PolarValue::Boolean(a), PolarValue::Boolean(b)) => a == b,
            (PolarValue::Map(a), PolarValue::Map(b)) => a == b,
            (PolarValue::List(a), PolarValue::List(b)) => a == b,
            _ => false,
        }
    }
}

impl PolarValue {
    /// An object that holds any Rust value. Its attributes are those of the class registered for its type.
    pub fn new_from_instance<T: Send + Sync + 'static>(instance: T) -> Self {
        PolarValue::Instance(Instance::new(instance))
    }
}

/// An object: a shared Rust value of any type.
#[derive(Clone)]
pub struct Instance {
    inner: Arc<dyn Any + Send + Sync>,
    type_name: &'static str,
    /// What its class is where its type is not registered.
    pub(crate) fallback: Option<fn() -> Class>,
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance<{}>", self.type_name)
    }
}

impl Instance {
    /// An object that holds that value.
    pub fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Instance { inner: Arc::new(value), type_name: std::any::type_name::<T>(), fallback: None }
    }

    pub(crate) fn with_class<T: Send + Sync + 'static>(value: T, class: fn() -> Class) -> Self {
        Instance { fallback: Some(class), ..Instance::new(value) }
    }

    /// The type of its value.
    pub fn type_id(&self) -> TypeId {
        (*self.inner).type_id()
    }

    /// The name of that type, for messages.
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// Its value, where it is a `T`.
    ///
    /// # Errors
    /// Where it is not.
    pub fn downcast<T: 'static>(&self) -> Result<&T, TypeError> {
        (*self.inner)
            .downcast_ref()
            .ok_or_else(|| TypeError::expected(std::any::type_name::<T>()).got(self.type_name))
    }

    pub(crate) fn is_same(&self, other: &Instance) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    pub(crate) fn address(&self) -> u64 {
        Arc::as_ptr(&self.inner).cast::<()>() as usize as u64
    }
}
