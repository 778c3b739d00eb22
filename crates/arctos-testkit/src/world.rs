//! The toy application of corpus files: classes, objects, methods and constants written as text.
//!
//! Machine and reference ask the same world, each through its own copy. The lines it is written in are documented in
//! `corpus/README.md`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use arctos::{ClassId, Comparison, Fact, HostErrorKind, Schema};

use crate::request::Given;
use crate::value::{Names, ObjectId, Reader, Renderer, Value};

/// Why the toy application did not answer.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldError {
    /// What kind of failure.
    pub kind: HostErrorKind,
    /// The message.
    pub message: String,
}

impl WorldError {
    fn new(kind: HostErrorKind, message: impl Into<String>) -> Self {
        WorldError { kind, message: message.into() }
    }
}

/// What the toy application returns.
pub type Answered<T = Value> = Result<T, WorldError>;

#[derive(Clone, Debug)]
struct Class {
    id: ClassId,
    bases: Vec<ClassId>,
    equal_by: Option<String>,
    ordered_by: Option<String>,
    items: Option<String>,
    parameters: Option<Vec<String>>,
}

/// An object: its class and its fields.
#[derive(Clone, Debug)]
struct Object {
    name: Option<String>,
    class: ClassId,
    fields: BTreeMap<String, Value>,
}

/// One line `method Class.name(arguments) = result`.
#[derive(Clone, Debug)]
struct Method {
    class: ClassId,
    of_class: bool,
    name: String,
    /// `None` for an argument that may be anything.
    arguments: Vec<Option<Value>>,
    keywords: BTreeMap<String, Value>,
    result: MethodResult,
}

#[derive(Clone, Debug)]
enum MethodResult {
    Value(Value),
    This,
}

/// The classes, objects, methods and constants of one corpus file.
#[derive(Clone, Debug)]
pub struct World {
    schema: Schema,
    classes: Vec<Class>,
    methods: Vec<Method>,
    constants: BTreeMap<String, Value>,
    objects: RefCell<Vec<Object>>,
    facts: Vec<Fact>,
    /// `@current_unix_time`.
    pub unix_time: Option<i64>,
    /// What a request gives by name.
    pub given: Given,
}

impl Default for World {
    fn default() -> Self {
        World::empty()
    }
}

impl World {
    fn empty() -> World {
        let mut schema = Schema::new();
        // As in a Python host: a truth value is an integer too.
        schema.set_lineage(ClassId::BOOLEAN, vec![ClassId::BOOLEAN, ClassId::INTEGER]);
        schema.add_constant("nil");
        World {
            schema,
            classes: Vec::new(),
            methods: Vec::new(),
            constants: BTreeMap::from([("nil".to_owned(), Value::Nil)]),
            objects: RefCell::new(Vec::new()),
            facts: Vec::new(),
            unix_time: None,
            given: Given::default(),
        }
    }

    /// Reads the lines of a `classes` section.
    ///
    /// # Errors
    /// The first line that is not well-formed, with its number from 1.
    pub fn parse(text: &str) -> Result<World, String> {
        let mut world = World::empty();
        let lines: Vec<(usize, &str)> = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let numbered = |number: usize| move |error: String| format!("line {number} of the classes: {error}");
        for (number, line) in &lines {
            if let Some(rest) = line.strip_prefix("class ") {
                world.add_class(rest).map_err(numbered(*number))?;
            }
        }
        for (number, line) in &lines {
            if let Some(rest) = line.strip_prefix("object ") {
                world.name_object(rest).map_err(numbered(*number))?;
            }
        }
        for (number, line) in &lines {
            world.fill(line).map_err(numbered(*number))?;
        }
        Ok(world)
    }

    /// Says that the application keeps these facts.
    pub fn keep_facts(&mut self, facts: Vec<Fact>) {
        self.schema.enable_facts();
        self.facts = facts;
    }

    /// The facts that the application keeps, in the order of the text.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Knows the entity types that a policy names.
    pub fn set_schema(&mut self, schema: &Schema) {
        self.schema = schema.clone();
    }

    /// What policies are checked against: the classes, and every object and constant as a constant.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    fn resolve(&self, name: &str) -> Option<Value> {
        let constant = self.constants.get(name).cloned();
        constant.or_else(|| self.schema.class(name).map(Value::Class))
    }

    // ---- reading ----

    fn add_class(&mut self, text: &str) -> Result<(), String> {
        let mut reader = Reader::new(text, &|_| None);
        let name = reader.name()?;
        let mut bases = Vec::new();
        if reader.eat("(") {
            for base in reader.separated(")", |reader| reader.name().map(str::to_owned))? {
                bases.push(self.schema.class(&base).ok_or_else(|| format!("no class `{base}` above"))?);
            }
        }
        let lineages = bases.iter().flat_map(|base| self.schema.lineage(*base).iter().copied());
        let all: Vec<ClassId> = lineages.collect();
        // Of a class met twice the later place counts, so that a base comes after all its subclasses.
        let ancestors: Vec<ClassId> = all
            .iter()
            .enumerate()
            .filter(|(index, class)| !all.get(index + 1..).unwrap_or(&[]).contains(class))
            .map(|(_, class)| *class)
            .collect();
        let id = self.schema.add_class(name, &ancestors);
        let mut class = Class { id, bases, equal_by: None, ordered_by: None, items: None, parameters: None };
        while !reader.rest().is_empty() {
            if reader.eat("entity by ") {
                self.schema.set_id(id, reader.name()?);
            } else if reader.eat("eq by ") {
                class.equal_by = Some(reader.name()?.to_owned());
            } else if reader.eat("ordered by ") {
                class.ordered_by = Some(reader.name()?.to_owned());
            } else if reader.eat("iterates ") {
                class.items = Some(reader.name()?.to_owned());
            } else if reader.eat("takes (") {
                class.parameters = Some(reader.separated(")", |reader| reader.name().map(str::to_owned))?);
            } else {
                return Err(format!("`{}` says nothing about a class", reader.rest()));
            }
        }
        self.classes.push(class);
        Ok(())
    }

    fn name_object(&mut self, text: &str) -> Result<(), String> {
        let mut reader = Reader::new(text, &|_| None);
        let name = reader.name()?.to_owned();
        reader.expect("=")?;
        let class = reader.name()?;
        let class = self.schema.class(class).ok_or_else(|| format!("no class `{class}`"))?;
        self.schema.add_constant(&name);
        let object = self.add_object(Object { name: Some(name.clone()), class, fields: BTreeMap::new() });
        self.constants.insert(name, Value::Object(object));
        Ok(())
    }

    fn add_object(&self, object: Object) -> ObjectId {
        let mut objects = self.objects.borrow_mut();
        objects.push(object);
        ObjectId(objects.len() as u32 - 1)
    }

    fn fill(&mut self, line: &str) -> Result<(), String> {
        let (word, text) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "class" => Ok(()),
            "object" => self.fill_object(text),
            "constant" => self.add_constant(text),
            "method" => self.add_method(text),
            _ => Err(format!("`{word}` is not `class`, `object`, `constant` or `method`")),
        }
    }

    fn fill_object(&mut self, text: &str) -> Result<(), String> {
        let resolve = |name: &str| self.resolve(name);
        let mut reader = Reader::new(text, &resolve);
        let name = reader.name()?;
        reader.expect("=")?;
        reader.name()?;
        let fields = if reader.rest().is_empty() { BTreeMap::new() } else { reader.entries()? };
        if let Some(Value::Object(ObjectId(index))) = self.constants.get(name)
            && let Some(object) = self.objects.borrow_mut().get_mut(*index as usize)
        {
            object.fields = fields;
        }
        Ok(())
    }

    fn add_constant(&mut self, text: &str) -> Result<(), String> {
        let resolve = |name: &str| self.resolve(name);
        let mut reader = Reader::new(text, &resolve);
        let name = reader.name()?.to_owned();
        reader.expect("=")?;
        let value = reader.value()?;
        self.schema.add_constant(&name);
        self.constants.insert(name, value);
        Ok(())
    }

    fn add_method(&mut self, text: &str) -> Result<(), String> {
        let resolve = |name: &str| self.resolve(name);
        let mut reader = Reader::new(text, &resolve);
        let of_class = reader.eat("class ");
        let class = reader.name()?;
        let class = self.schema.class(class).ok_or_else(|| format!("no class `{class}`"))?;
        reader.expect(".")?;
        let name = reader.name()?.to_owned();
        reader.expect("(")?;
        let mut keywords = BTreeMap::new();
        let arguments = reader.separated(")", |reader| {
            if reader.eat("_") {
                return Ok(Some(None));
            }
            if let Some((key, _)) = reader.rest().split_once(": ")
                && key.chars().all(|c| c.is_alphanumeric() || c == '_')
            {
                let key = reader.name()?.to_owned();
                reader.expect(":")?;
                keywords.insert(key, reader.value()?);
                return Ok(None);
            }
            Ok(Some(Some(reader.value()?)))
        })?;
        reader.expect("=")?;
        let result = match reader.rest() {
            "self" => MethodResult::This,
            _ => MethodResult::Value(reader.value()?),
        };
        let arguments = arguments.into_iter().flatten().collect();
        self.methods.push(Method { class, of_class, name, arguments, keywords, result });
        Ok(())
    }

    // ---- answering ----

    fn class_of(&self, class: ClassId) -> Option<&Class> {
        self.classes.iter().find(|known| known.id == class)
    }

    /// The class whose declaration answers `pick`, of the class or the nearest ancestor that has it.
    fn inherited<'w, T>(&'w self, class: ClassId, pick: impl Fn(&'w Class) -> Option<T>) -> Option<T> {
        let found = self.class_of(class).and_then(&pick);
        found.or_else(|| {
            self.schema.lineage(class).iter().find_map(|class| self.class_of(*class).and_then(&pick))
        })
    }

    /// The class of an object, or the class itself for a class used as a value.
    pub fn class_id(&self, value: &Value) -> Option<ClassId> {
        Some(match value {
            Value::Boolean(_) => ClassId::BOOLEAN,
            Value::Integer(_) => ClassId::INTEGER,
            Value::Float(_) => ClassId::FLOAT,
            Value::String(_) => ClassId::STRING,
            Value::List(_) | Value::OpenList(..) => ClassId::LIST,
            Value::Dictionary(_) => ClassId::DICTIONARY,
            Value::Class(class) => *class,
            Value::Object(ObjectId(index)) => self.objects.borrow().get(*index as usize)?.class,
            Value::Entity(class, _) => return self.schema.class(class),
            Value::Nil | Value::Variable(_) | Value::Raise(_) => return None,
        })
    }

    /// The value of a constant or of a class's name.
    pub fn constant(&self, name: &str) -> Option<Value> {
        self.resolve(name)
    }

    fn field(&self, value: &Value, name: &str) -> Option<Value> {
        let Value::Object(ObjectId(index)) = value else { return None };
        self.objects.borrow().get(*index as usize)?.fields.get(name).cloned()
    }

    /// `value.name`
    ///
    /// # Errors
    /// `Missing` where there is no such field; `Failed` where the field says `raise`.
    pub fn attribute(&self, value: &Value, name: &str) -> Answered {
        match self.field(value, name) {
            Some(Value::Raise(message)) => Err(WorldError::new(HostErrorKind::Failed, message)),
            Some(value) => Ok(value),
            None => Err(self.missing(value, name)),
        }
    }

    /// The class and the id of an object, where its class names one.
    pub(crate) fn identity(&self, object: ObjectId) -> Result<Option<(&str, Value)>, WorldError> {
        let object = Value::Object(object);
        let class = self.class_id(&object);
        let lineage = class.map_or(&[][..], |class| self.schema.lineage(class));
        for class in lineage {
            if let Some(attribute) = self.schema.id_of(*class) {
                let id = self.attribute(&object, attribute)?;
                return Ok(Some((self.schema.class_name(*class), id)));
            }
        }
        Ok(None)
    }

    fn missing(&self, value: &Value, name: &str) -> WorldError {
        let shown = Renderer::new(self).render(value);
        WorldError::new(HostErrorKind::Missing, format!("`{shown}` has no attribute `{name}`"))
    }

    /// `value.name(arguments, key: word)`
    ///
    /// # Errors
    /// `Missing` where no line of a method fits; `NotCallable` for a field; `Failed` where the result says `raise`.
    pub fn call(
        &self,
        value: &Value,
        name: &str,
        args: &[Value],
        words: &BTreeMap<String, Value>,
    ) -> Answered {
        let of_class = matches!(value, Value::Class(_));
        let lineage = self.class_id(value).map_or(&[][..], |class| self.schema.lineage(class));
        let fits = |method: &&Method| {
            method.of_class == of_class
                && method.name == name
                && method.arguments.len() == args.len()
                && method.keywords == *words
                && method
                    .arguments
                    .iter()
                    .zip(args)
                    .all(|(want, have)| want.as_ref().is_none_or(|want| want == have))
        };
        let found = lineage.iter().find_map(|class| {
            let mut of_this = self.methods.iter().filter(|method| method.class == *class);
            of_this.find(fits)
        });
        match found.map(|method| &method.result) {
            Some(MethodResult::Value(Value::Raise(message))) => {
                Err(WorldError::new(HostErrorKind::Failed, message))
            }
            Some(MethodResult::Value(result)) => Ok(result.clone()),
            Some(MethodResult::This) => Ok(value.clone()),
            None if self.field(value, name).is_some() => {
                Err(WorldError::new(HostErrorKind::NotCallable, format!("`{name}` cannot be called")))
            }
            None => Err(self.missing(value, name)),
        }
    }

    /// `new Class(arguments, key: word)`: keyword arguments become fields, positional ones by the class's `takes`.
    ///
    /// # Errors
    /// `Construction` for a built-in type, or for more positional arguments than the class takes.
    pub fn construct(&self, class: ClassId, args: &[Value], words: BTreeMap<String, Value>) -> Answered {
        let failed = |message: String| Err(WorldError::new(HostErrorKind::Construction, message));
        if self.class_of(class).is_none() {
            return failed(format!("`{}` cannot be made", self.schema.class_name(class)));
        }
        let names = self.inherited(class, |class| class.parameters.as_ref());
        let names = names.map_or(&[][..], Vec::as_slice);
        if args.len() > names.len() {
            let name = self.schema.class_name(class);
            return failed(format!("`{name}` takes {} positional arguments", names.len()));
        }
        let mut fields: BTreeMap<String, Value> = names.iter().cloned().zip(args.iter().cloned()).collect();
        fields.extend(words);
        Ok(Value::Object(self.add_object(Object { name: None, class, fields })))
    }

    /// Compares two values, one of which at least is an object or a class.
    ///
    /// # Errors
    /// `Unsupported` where they have no order.
    pub fn compare(&self, op: Comparison, left: &Value, right: &Value) -> Answered<bool> {
        if matches!(op, Comparison::Eq | Comparison::Neq) {
            return Ok(self.equal(left, right) == (op == Comparison::Eq));
        }
        let key = |value: &Value| {
            let class = self.class_id(value)?;
            let field = self.inherited(class, |class| class.ordered_by.as_deref())?;
            match self.field(value, field)? {
                Value::Integer(number) => Some(number),
                _ => None,
            }
        };
        let (Some(a), Some(b)) = (key(left), key(right)) else {
            return Err(WorldError::new(HostErrorKind::Unsupported, "these have no order"));
        };
        Ok(match op {
            Comparison::Lt => a < b,
            Comparison::Leq => a <= b,
            Comparison::Gt => a > b,
            _ => a >= b,
        })
    }

    fn equal(&self, left: &Value, right: &Value) -> bool {
        let (Value::Object(a), Value::Object(b)) = (left, right) else { return left == right };
        if a == b {
            return true;
        }
        let (Some(class), Some(other)) = (self.class_id(left), self.class_id(right)) else { return false };
        match self.inherited(class, |class| class.equal_by.as_deref()) {
            Some(field) if class == other => {
                let field = |value| self.field(value, field);
                field(left).is_some() && field(left) == field(right)
            }
            _ => false,
        }
    }

    /// The items of an object; an item that says `raise` fails when it is reached.
    ///
    /// # Errors
    /// `NotIterable` for a class without `iterates`.
    pub fn items(&self, value: &Value) -> Answered<Vec<Value>> {
        let class = if matches!(value, Value::Object(_)) { self.class_id(value) } else { None };
        let field = class.and_then(|class| self.inherited(class, |class| class.items.as_deref()));
        match field.and_then(|field| self.field(value, field)) {
            Some(Value::List(items)) => Ok(items),
            _ => {
                let shown = Renderer::new(self).render(value);
                Err(WorldError::new(HostErrorKind::NotIterable, format!("`{shown}` has no items")))
            }
        }
    }

    /// Whether an item of the list `value.name` passes all tests, each an attribute or the item itself and the values it may
    /// have; `None` where anything on any way to the answer could fail.
    pub fn any_item(&self, value: &Value, name: &str, tests: &[(Option<&str>, Vec<Value>)]) -> Option<bool> {
        let Value::List(items) = self.attribute(value, name).ok()? else { return None };
        let mut found = false;
        for item in &items {
            let mut passes = true;
            for (attribute, wanted) in tests {
                let seen = match attribute {
                    Some(name) => self.attribute(item, name).ok()?,
                    None => item.clone(),
                };
                let mut is_one = false;
                for wanted in wanted {
                    is_one |= self.plainly_equal(&seen, wanted)?;
                }
                passes &= is_one;
            }
            found |= passes;
        }
        Some(found)
    }

    /// Equality of values that are of one simple kind, or objects.
    fn plainly_equal(&self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::Integer(_), Value::Integer(_))
            | (Value::String(_), Value::String(_))
            | (Value::Boolean(_), Value::Boolean(_))
            | (Value::Nil, Value::Nil)
            | (Value::Object(_), Value::Object(_) | Value::Nil) => Some(self.equal(left, right)),
            _ => None,
        }
    }

    /// The direct bases of a class, for tools that write the world out again.
    pub fn bases(&self, class: ClassId) -> &[ClassId] {
        self.class_of(class).map_or(&[], |class| &class.bases)
    }
}

impl Names for World {
    fn object(&self, object: ObjectId) -> String {
        let found = self.objects.borrow().get(object.0 as usize).cloned();
        let Some(found) = found else { return "?".to_owned() };
        if let Some(name) = found.name {
            return name;
        }
        let class = self.schema.class_name(found.class).to_owned();
        format!("{class}{}", Renderer::new(self).render(&Value::Dictionary(found.fields)))
    }

    fn class(&self, class: ClassId) -> String {
        self.schema.class_name(class).to_owned()
    }
}
