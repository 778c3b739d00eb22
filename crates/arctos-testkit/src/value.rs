//! Values as corpus files write them: a plain tree, shared by the toy host, the runners and the generator.
//!
//! The text form is close to Polar's: `nil`, `true`, `-1`, `2.5`, `inf`, `"text"`, `[1, 2]`, `{a: 1}`, and the names of
//! objects and classes. INVARIANT: `parse(render(v)) == v` for values without variables and without unnamed objects.

use std::collections::BTreeMap;
use std::fmt::Write;

use arctos::ClassId;

/// Which object of a [`World`](crate::world::World).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u32);

/// A value of the toy world.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Nil,
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// A list whose remaining items are not known; the number names the variable that stands for them.
    OpenList(Vec<Value>, u32),
    /// A dictionary.
    Dictionary(BTreeMap<String, Value>),
    /// An object.
    Object(ObjectId),
    /// A class used as a value.
    Class(ClassId),
    /// An entity of facts: its type and id.
    Entity(String, String),
    /// An unbound variable; equal numbers are the same variable.
    Variable(u32),
    /// Reading this value fails with that message: `raise "text"`.
    Raise(String),
}

/// Gives names to objects and classes when values are written.
pub trait Names {
    /// How an object is written.
    fn object(&self, object: ObjectId) -> String;
    /// How a class is written.
    fn class(&self, class: ClassId) -> String;
}

/// Writes values of one answer: unbound variables become `_1`, `_2`, … in order of first appearance.
pub struct Renderer<'n> {
    names: &'n dyn Names,
    variables: Vec<u32>,
}

impl<'n> Renderer<'n> {
    /// A renderer that has seen no variable yet.
    pub fn new(names: &'n dyn Names) -> Self {
        Renderer { names, variables: Vec::new() }
    }

    /// The text of a value.
    pub fn render(&mut self, value: &Value) -> String {
        match value {
            Value::Nil => "nil".to_owned(),
            Value::Boolean(truth) => truth.to_string(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => float(*number),
            Value::String(text) => quote(text),
            Value::List(items) => format!("[{}]", self.items(items)),
            Value::OpenList(items, rest) if items.is_empty() => format!("[*{}]", self.variable(*rest)),
            Value::OpenList(items, rest) => format!("[{}, *{}]", self.items(items), self.variable(*rest)),
            Value::Dictionary(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{key}: {}", self.render(value))).collect();
                format!("{{{}}}", entries.join(", "))
            }
            Value::Object(object) => self.names.object(*object),
            Value::Class(class) => self.names.class(*class),
            Value::Entity(class, id) => format!("{class}{{{}}}", quote(id)),
            Value::Variable(variable) => self.variable(*variable),
            Value::Raise(message) => format!("raise {}", quote(message)),
        }
    }

    fn items(&mut self, items: &[Value]) -> String {
        let items: Vec<String> = items.iter().map(|item| self.render(item)).collect();
        items.join(", ")
    }

    fn variable(&mut self, variable: u32) -> String {
        let index = self.variables.iter().position(|seen| *seen == variable).unwrap_or_else(|| {
            self.variables.push(variable);
            self.variables.len() - 1
        });
        format!("_{}", index + 1)
    }
}

/// A float as the corpus writes it: always with a point, `inf` or `nan`.
pub fn float(number: f64) -> String {
    if number.is_nan() { "nan".to_owned() } else { format!("{number:?}") }
}

/// A string in double quotes, with the escapes that Polar has.
pub fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0' => quoted.push_str("\\0"),
            c => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "{c}");
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Reads values; `resolve` knows the names of objects and classes.
pub struct Reader<'t> {
    rest: &'t str,
    resolve: &'t dyn Fn(&str) -> Option<Value>,
}

impl<'t> Reader<'t> {
    /// Reads from `text`.
    pub fn new(text: &'t str, resolve: &'t dyn Fn(&str) -> Option<Value>) -> Self {
        Reader { rest: text, resolve }
    }

    /// What has not been read, without leading spaces.
    pub fn rest(&self) -> &'t str {
        self.rest.trim_start()
    }

    /// Reads `token` if it comes next.
    pub fn eat(&mut self, token: &str) -> bool {
        match self.rest().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads `token`, which must come next.
    ///
    /// # Errors
    /// What was found instead.
    pub fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) { Ok(()) } else { Err(format!("expected `{token}` before `{}`", self.rest())) }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// Where no name comes next.
    pub fn name(&mut self) -> Result<&'t str, String> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':' && rest.contains("::")));
        let end = end.unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(format!("expected a name before `{rest}`"));
        }
        // A single colon belongs to what follows: `{a: 1}`.
        let trimmed = if name.ends_with(':') { name.trim_end_matches(':') } else { name };
        self.rest = rest.get(trimmed.len()..).unwrap_or(after);
        Ok(trimmed)
    }

    /// Reads a value.
    ///
    /// # Errors
    /// Where what comes next is no value.
    pub fn value(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        match rest.chars().next() {
            Some('"') => self.string().map(Value::String),
            Some('[') => {
                self.expect("[")?;
                Ok(Value::List(self.separated("]", Reader::value)?))
            }
            Some('{') => Ok(Value::Dictionary(self.entries()?)),
            Some(c) if c == '-' || c.is_ascii_digit() => self.number(),
            _ => self.word(),
        }
    }

    /// Reads `{a: 1, b: 2}`.
    ///
    /// # Errors
    /// Where it is not well-formed.
    pub fn entries(&mut self) -> Result<BTreeMap<String, Value>, String> {
        self.expect("{")?;
        let entries = self.separated("}", |reader| {
            let key = reader.name()?.to_owned();
            reader.expect(":")?;
            Ok((key, reader.value()?))
        })?;
        Ok(entries.into_iter().collect())
    }

    /// Reads items separated by commas up to `end`.
    ///
    /// # Errors
    /// Where an item is not well-formed.
    pub fn separated<T>(
        &mut self,
        end: &str,
        mut item: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(item(self)?);
            if !self.eat(",") {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn word(&mut self) -> Result<Value, String> {
        Ok(match self.name()? {
            "nil" => Value::Nil,
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "inf" => Value::Float(f64::INFINITY),
            "nan" => Value::Float(f64::NAN),
            "raise" => {
                let message = self.string()?;
                Value::Raise(message)
            }
            name => (self.resolve)(name).ok_or_else(|| format!("there is no object or class `{name}`"))?,
        })
    }

    fn number(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        self.rest = after;
        if text == "-inf" {
            return Ok(Value::Float(f64::NEG_INFINITY));
        }
        let value = match text.contains(['.', 'e', 'E']) {
            true => text.parse().map(Value::Float).map_err(|error| error.to_string()),
            false => text.parse().map(Value::Integer).map_err(|error| error.to_string()),
        };
        value.map_err(|error| format!("`{text}`: {error}"))
    }

    fn string(&mut self) -> Result<String, String> {
        self.expect("\"")?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((index, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = self.rest.get(index + 1..).unwrap_or("");
                    return Ok(text);
                }
                '\\' => text.push(match chars.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, 'r')) => '\r',
                    Some((_, 't')) => '\t',
                    Some((_, '0')) => '\0',
                    Some((_, c)) => c,
                    None => break,
                }),
                c => text.push(c),
            }
        }
        Err("a string without its closing quote".to_owned())
    }
}
