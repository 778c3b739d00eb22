//! The registered classes and constants, and the tables by which a policy's names find their members.
//!
//! INVARIANT: built once. A lookup by a symbol of the policy is two array reads; only names that come into being at run
//! time are compared as text.

use std::any::{Any, TypeId};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::rust::attribute::Attribute;
use crate::rust::class::{Constant, Parts};
use crate::rust::object::{Form, Object};
use crate::{ClassId, Error, ErrorKind, HostError, HostErrorKind, Name, Schema, Symbol, Symbols};

/// What has been registered, before it is checked.
#[derive(Default)]
pub(crate) struct Registration {
    pub(crate) has_facts: bool,
    pub(crate) classes: Vec<Parts>,
    pub(crate) constants: Vec<(String, Box<dyn Constant>)>,
}

/// What has been registered.
pub(crate) struct Registry {
    pub(crate) schema: Schema,
    /// By class; a variant shares its enum's parts. `None` for built-in types.
    classes: Vec<Option<Arc<Parts>>>,
    /// By Rust type: its class, and whether its objects have variants that are classes of their own.
    by_type: FxHashMap<TypeId, (ClassId, bool)>,
    /// By class of an enum: the class of each variant, in the order of its description.
    variants: FxHashMap<ClassId, Vec<ClassId>>,
    /// By constant.
    pub(crate) constants: Vec<Box<dyn Constant>>,
}

impl Registry {
    pub(crate) fn new(registration: Registration) -> Result<Registry, Error> {
        let mut registry = Registry {
            schema: Schema::new(),
            classes: Vec::new(),
            by_type: FxHashMap::default(),
            variants: FxHashMap::default(),
            constants: Vec::new(),
        };
        if registration.has_facts {
            registry.schema.enable_facts();
        }
        registry.add_constant("nil", crate::rust::class::constant(()))?;
        for parts in registration.classes {
            registry.add_class(parts)?;
        }
        for (name, constant) in registration.constants {
            registry.add_constant(&name, constant)?;
        }
        registry.classes.resize(registry.schema.classes().count(), None);
        Ok(registry)
    }

    fn add_class(&mut self, mut parts: Parts) -> Result<(), Error> {
        self.check_free(&parts.name)?;
        let constants = std::mem::take(&mut parts.constants);
        let parts = Arc::new(parts);
        let class = self.schema.add_class(&parts.name, &[]);
        self.set_class(class, &parts);
        self.set_id(class, &parts)?;
        self.by_type.insert(parts.type_id, (class, parts.variant_of.is_some()));
        let mut variants = Vec::new();
        for variant in &parts.variants {
            let name = format!("{}::{variant}", parts.name);
            self.check_free(&name)?;
            let variant = self.schema.add_class(&name, &[class]);
            self.set_class(variant, &parts);
            variants.push(variant);
        }
        self.variants.insert(class, variants);
        for (name, constant) in constants {
            self.add_constant(&format!("{}::{name}", parts.name), constant)?;
        }
        Ok(())
    }

    fn set_class(&mut self, class: ClassId, parts: &Arc<Parts>) {
        self.schema.set_members(class, members(parts).map(str::to_owned).collect());
        self.classes.resize(class.index(), None);
        self.classes.push(Some(parts.clone()));
    }

    fn set_id(&mut self, class: ClassId, parts: &Parts) -> Result<(), Error> {
        let Some(id) = &parts.id else { return Ok(()) };
        if !parts.attributes.contains_key(id) {
            let message =
                format!("the id of `{}` is to be `{id}`, which is none of its attributes", parts.name);
            return Err(Error::new(ErrorKind::Misuse, message));
        }
        self.schema.set_id(class, id);
        Ok(())
    }

    fn add_constant(&mut self, name: &str, constant: Box<dyn Constant>) -> Result<(), Error> {
        self.check_free(name)?;
        self.schema.add_constant(name);
        self.constants.push(constant);
        Ok(())
    }

    fn check_free(&self, name: &str) -> Result<(), Error> {
        let reserved = matches!(name, "Actor" | "Resource");
        if reserved || self.schema.class(name).is_some() || self.schema.constant(name).is_some() {
            let why = if reserved { "is built in" } else { "is registered already" };
            return Err(Error::new(
                ErrorKind::Misuse,
                format!("`{name}` {why}; register it under another name"),
            ));
        }
        Ok(())
    }

    /// The class of a Rust type; true for an enum whose variants are classes of their own.
    pub(crate) fn class_of<T: 'static>(&self) -> Result<(ClassId, bool), HostError> {
        self.by_type.get(&TypeId::of::<T>()).copied().ok_or_else(unregistered::<T>)
    }

    /// The class of a value's Rust type; an enum's own class where its variants have classes.
    pub(crate) fn class_of_value(&self, value: &dyn Any) -> Option<ClassId> {
        self.by_type.get(&value.type_id()).map(|(class, _)| *class)
    }

    /// True for a value of a registered Rust type.
    pub(crate) fn is_registered(&self, value: &dyn Any) -> bool {
        self.by_type.contains_key(&value.type_id())
    }

    /// The Rust type whose values are of exactly that class, if there is one.
    pub(crate) fn type_of(&self, class: ClassId) -> Option<TypeId> {
        let parts = self.parts(class)?;
        let is_all = self.by_type.get(&parts.type_id) == Some(&(class, false));
        is_all.then_some(parts.type_id)
    }

    /// The class of all values of a Rust type.
    pub(crate) fn class_of_type(&self, id: TypeId) -> Option<ClassId> {
        self.by_type.get(&id).filter(|(_, has_variants)| !has_variants).map(|(class, _)| *class)
    }

    /// The name of a Rust type's class, or the type's own where it is not registered.
    pub(crate) fn name_of<T: 'static>(&self) -> &str {
        match self.by_type.get(&TypeId::of::<T>()) {
            Some((class, _)) => self.schema.class_name(*class),
            None => short_name::<T>(),
        }
    }

    /// The class of an enum's variant, or the class itself.
    pub(crate) fn variant(&self, value: &dyn Any, class: ClassId) -> ClassId {
        let variant = self.parts(class).and_then(|parts| parts.variant_of.as_ref()).and_then(|of| of(value));
        match variant {
            Some(index) => self.variants.get(&class).and_then(|all| all.get(index)).copied().unwrap_or(class),
            None => class,
        }
    }

    pub(crate) fn parts(&self, class: ClassId) -> Option<&Parts> {
        self.classes.get(class.index()).and_then(|parts| parts.as_deref())
    }

    /// An object in a message's words.
    pub(crate) fn describe(&self, object: &Object<'_>) -> String {
        match object.0 {
            Form::Instance { value, class } => {
                match self.parts(class).and_then(|parts| parts.describe.as_ref()) {
                    Some(describe) => describe(value),
                    None => self.schema.class_name(class).to_owned(),
                }
            }
            Form::Class(class) => format!("class {}", self.schema.class_name(class)),
            Form::Cursor(_) => "iterator".to_owned(),
        }
    }
}

fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    name.rsplit("::").next().unwrap_or(name)
}

#[cold]
fn unregistered<T>() -> HostError {
    let name = short_name::<T>();
    let message =
        format!("class `{name}` is not registered: add `.register::<{name}>()` where the Arctos is built");
    HostError::new(HostErrorKind::Unsupported, message)
}

/// No such member.
const ABSENT: u32 = u32::MAX;

/// Places of a class's methods of one name.
#[derive(Clone, Copy)]
struct Places {
    method: u32,
    class_method: u32,
}

/// Where attributes are found.
#[derive(Clone, Copy)]
pub(crate) struct Classes<'s> {
    pub(crate) registry: &'s Registry,
    pub(crate) dispatch: &'s Dispatch,
}

impl<'s> Classes<'s> {
    /// The attribute that a symbol of the policy names.
    pub(crate) fn attribute(self, class: ClassId, name: Symbol) -> Option<&'s Arc<dyn Attribute>> {
        self.dispatch.attribute(self.registry, class, Name { text: "", symbol: Some(name) })
    }
}

/// What kind of method is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Method,
    ClassMethod,
}

/// Which members a policy's symbols name, by class.
pub(crate) struct Dispatch {
    /// By symbol: the column of that name, [`ABSENT`] where no class has such a member.
    columns: Vec<u32>,
    width: usize,
    /// Rows by class.
    attributes: Vec<Option<Arc<dyn Attribute>>>,
    /// Rows by class.
    places: Vec<Places>,
}

impl Dispatch {
    pub(crate) fn new(registry: &Registry, symbols: &Symbols) -> Dispatch {
        let members: FxHashSet<&str> =
            registry.classes.iter().flatten().flat_map(|parts| members(parts)).collect();
        let names: Vec<&str> =
            symbols.iter().map(|(_, text)| text).filter(|name| members.contains(name)).collect();
        let mut columns = vec![ABSENT; symbols.len()];
        for (column, name) in names.iter().enumerate() {
            if let Some(slot) = symbols.get(name).and_then(|symbol| columns.get_mut(symbol.index())) {
                *slot = column as u32;
            }
        }
        let mut attributes = Vec::with_capacity(registry.classes.len() * names.len());
        let mut places = Vec::with_capacity(registry.classes.len() * names.len());
        for parts in &registry.classes {
            let of_class =
                |name: &&str| parts.as_ref().and_then(|parts| parts.attributes.get(*name).cloned());
            attributes.extend(names.iter().map(of_class));
            places.extend(names.iter().map(|name| Places {
                method: place(parts.as_ref().and_then(|parts| parts.methods.get_index_of(*name))),
                class_method: place(parts.as_ref().and_then(|parts| parts.class_methods.get_index_of(*name))),
            }));
        }
        Dispatch { columns, width: names.len(), attributes, places }
    }

    /// An attribute of `class`, whose parts `registry` has.
    #[inline]
    pub(crate) fn attribute<'d>(
        &'d self,
        registry: &'d Registry,
        class: ClassId,
        name: Name<'_>,
    ) -> Option<&'d Arc<dyn Attribute>> {
        match name.symbol.and_then(|symbol| self.columns.get(symbol.index())) {
            Some(&ABSENT) => None,
            Some(column) => self.attributes.get(class.index() * self.width + *column as usize)?.as_ref(),
            None => registry.parts(class)?.attributes.get(name.text),
        }
    }

    /// Where `parts`, the parts of `class`, keep that method.
    pub(crate) fn find(&self, class: ClassId, parts: &Parts, name: Name<'_>, kind: Kind) -> Option<usize> {
        let Some(column) = name.symbol.and_then(|symbol| self.columns.get(symbol.index())) else {
            return match kind {
                Kind::Method => parts.methods.get_index_of(name.text),
                Kind::ClassMethod => parts.class_methods.get_index_of(name.text),
            };
        };
        if *column == ABSENT {
            return None;
        }
        let places = self.places.get(class.index() * self.width + *column as usize)?;
        let place = match kind {
            Kind::Method => places.method,
            Kind::ClassMethod => places.class_method,
        };
        (place != ABSENT).then_some(place as usize)
    }
}

/// The names of a class's members.
fn members(parts: &Parts) -> impl Iterator<Item = &str> {
    let names = parts.attributes.keys().chain(parts.methods.keys()).chain(parts.class_methods.keys());
    names.map(String::as_str)
}

fn place(index: Option<usize>) -> u32 {
    index.and_then(|index| u32::try_from(index).ok()).unwrap_or(ABSENT)
}
