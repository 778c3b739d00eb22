//! Which classes and constants a policy may name, when there is no application to register them.
//!
//! Either the user lists them (`--classes FILE`, `--class NAME`), and any other type is an error; or the types that the
//! policy itself uses are taken as declared. Even then a type that is used once and is one edit away from a better
//! established one is left out, so that the check reports it and suggests the other.

use std::path::Path;

use arctos::{ClassId, Schema};
use arctos_syntax::suggest::near;
use serde_json::Value;

use crate::args::ClassArgs;
use crate::input;
use crate::output::Failure;
use crate::uses::TypeUse;

/// A class of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeclaredClass {
    /// Its name.
    pub name: String,
    /// Its direct ancestors, most important first.
    pub extends: Vec<String>,
    /// Its own attributes, in the order in which `new` takes them.
    pub members: Vec<String>,
}

/// What the user has listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// Classes in the order of the list.
    pub classes: Vec<DeclaredClass>,
    /// Constants with their values.
    pub constants: Vec<(String, Value)>,
    /// False where the user listed nothing: then the policy's own types count.
    pub is_closed: bool,
    /// True where the application keeps facts: types that are not listed are entities.
    pub has_facts: bool,
}

impl Declared {
    /// Reads the lists that the command line names.
    ///
    /// # Errors
    /// [`Failure::Usage`] for a list that cannot be read or understood.
    pub fn read(args: &ClassArgs) -> Result<Declared, Failure> {
        let mut declared =
            Declared { is_closed: !args.classes.is_empty() || !args.class.is_empty(), ..Declared::default() };
        for path in &args.classes {
            let text = input::read_text(path)?;
            parse(&text, &mut declared).map_err(|problem| Failure::usage(in_file(path, &problem)))?;
        }
        for name in &args.class {
            if !is_name(name) {
                return Err(Failure::usage(format!("`{name}` is not a class name")));
            }
            declared.add_class(name);
        }
        declared.verify().map_err(Failure::usage)?;
        Ok(declared)
    }

    /// Adds a class of which nothing else is told, unless it is there.
    pub(crate) fn add_class(&mut self, name: &str) {
        if self.class(name).is_none() {
            self.classes.push(DeclaredClass { name: name.to_owned(), ..DeclaredClass::default() });
        }
    }

    /// Ancestors must be in the list, and no class may be its own ancestor.
    fn verify(&self) -> Result<(), String> {
        for class in &self.classes {
            for base in &class.extends {
                if self.class(base).is_none() {
                    let names = self.classes.iter().map(|class| &*class.name);
                    let hint =
                        near(base, names).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                    return Err(format!(
                        "class `{}` extends `{base}`, which is not in the list{hint}",
                        class.name
                    ));
                }
            }
            if self.ancestors(&class.name).contains(&&*class.name) {
                return Err(format!("class `{}` extends itself", class.name));
            }
        }
        Ok(())
    }

    fn class(&self, name: &str) -> Option<&DeclaredClass> {
        self.classes.iter().find(|class| class.name == name)
    }

    /// All ancestors, most specific first; the class itself only where it extends itself.
    fn ancestors<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let mut found: Vec<&str> = Vec::new();
        let mut next: Vec<&str> = self.class(name).map_or(Vec::new(), |class| names(&class.extends));
        // Breadth first: parents come before grandparents.
        while !next.is_empty() {
            let mut further = Vec::new();
            for base in next {
                if !found.contains(&base) {
                    found.push(base);
                    further.extend(self.class(base).map_or(Vec::new(), |class| names(&class.extends)));
                }
            }
            next = further;
        }
        found
    }

    /// The schema for a policy (and a query) that uses these types.
    pub(crate) fn schema(&self, uses: &[TypeUse]) -> Schema {
        let mut schema = Schema::new();
        for class in &self.classes {
            schema.add_class(&class.name, &[]);
        }
        for class in &self.classes {
            self.describe(&mut schema, class);
        }
        if self.has_facts {
            schema.enable_facts();
        } else if !self.is_closed {
            for name in established(uses) {
                schema.add_class(name, &[]);
            }
        }
        schema.add_constant("nil");
        for (name, _) in &self.constants {
            schema.add_constant(name);
        }
        schema
    }

    fn describe(&self, schema: &mut Schema, class: &DeclaredClass) {
        let Some(id) = schema.class(&class.name) else { return };
        let ancestors = self.ancestors(&class.name);
        let members = self.members(&class.name).into_iter().map(str::to_owned).collect();
        let lineage: Vec<ClassId> =
            std::iter::once(id).chain(ancestors.iter().filter_map(|name| schema.class(name))).collect();
        schema.set_lineage(id, lineage);
        schema.set_members(id, members);
    }

    /// The attributes of a class, inherited ones first: the order in which `new` takes them.
    pub fn members(&self, class: &str) -> Vec<&str> {
        let mut members = Vec::new();
        for name in self.ancestors(class).into_iter().rev().chain([class]) {
            for member in self.class(name).map_or(&[][..], |class| &class.members) {
                if !members.contains(&&**member) {
                    members.push(&**member);
                }
            }
        }
        members
    }
}

fn names(texts: &[String]) -> Vec<&str> {
    texts.iter().map(|text| &**text).collect()
}

fn in_file(path: &Path, problem: &str) -> String {
    format!("in `{}`: {problem}", path.display())
}

/// The used types without probable misspellings and without the built-in unions, each once.
fn established(uses: &[TypeUse]) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for one in uses {
        if !all.contains(&&*one.name) && !matches!(&*one.name, "Actor" | "Resource") {
            all.push(&one.name);
        }
    }
    let is_block = |name: &str| uses.iter().any(|one| one.is_block && one.name == name);
    let count = |name: &str| uses.iter().filter(|one| one.name == name).count();
    let is_misspelt = |name: &str| {
        count(name) == 1
            && !is_block(name)
            && name.chars().count() >= 4
            && all.iter().any(|&other| (is_block(other) || count(other) > 1) && one_edit(name, other))
    };
    all.iter().copied().filter(|name| !is_misspelt(name)).collect()
}

/// True where one letter is added, missing, changed or swapped with its neighbour, or only the case differs. Names that
/// differ by a digit (`V1`, `V2`) or by a plural `s` are both meant.
fn one_edit(name: &str, other: &str) -> bool {
    if name.to_lowercase() == other.to_lowercase() {
        return name != other;
    }
    let (a, b): (Vec<char>, Vec<char>) = (name.chars().collect(), other.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let room = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(room).take_while(|(x, y)| x == y).count();
    let middle_a: Vec<char> = a.get(start..a.len() - end).unwrap_or_default().to_vec();
    let middle_b: Vec<char> = b.get(start..b.len() - end).unwrap_or_default().to_vec();
    if middle_a.iter().chain(&middle_b).any(char::is_ascii_digit) {
        return false;
    }
    match (middle_a.as_slice(), middle_b.as_slice()) {
        ([], ['s']) | (['s'], []) => end > 0,
        ([_], [_] | []) | ([], [_]) => true,
        ([p, q], [r, s]) => p == s && q == r,
        _ => false,
    }
}

/// Letters, digits, `_`, and `::` between names.
fn is_name(text: &str) -> bool {
    let part = |part: &str| {
        part.chars().next().is_some_and(|first| first == '_' || first.is_alphabetic())
            && part.chars().all(|c| c == '_' || c.is_alphanumeric())
    };
    text.split("::").all(part)
}

fn parse(text: &str, into: &mut Declared) -> Result<(), String> {
    if text.trim_start().starts_with('{') {
        return parse_json(text, into);
    }
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim().trim_end_matches(';');
        if !line.is_empty() {
            parse_line(line, into).map_err(|problem| format!("line {}: {problem}", index + 1))?;
        }
    }
    Ok(())
}

fn parse_line(line: &str, into: &mut Declared) -> Result<(), String> {
    const FORMS: &str = "write `class Name(attribute, …) extends Name, …` or `constant NAME = value`";
    let (keyword, rest) = line.split_once(char::is_whitespace).ok_or_else(|| FORMS.to_owned())?;
    match keyword {
        "class" => {
            let (head, extends) = match rest.split_once(" extends ") {
                Some((head, extends)) => (head.trim(), list(extends)?),
                None => (rest.trim(), Vec::new()),
            };
            let (name, members) = match head.split_once('(') {
                Some((name, members)) => {
                    let members = members.strip_suffix(')').ok_or("the `(` is never closed")?;
                    (name.trim(), list(members)?)
                }
                None => (head, Vec::new()),
            };
            add_class(DeclaredClass { name: checked(name)?, extends, members }, into)
        }
        "constant" => {
            let (name, value) = match rest.split_once('=') {
                Some((name, value)) => {
                    let value = serde_json::from_str(value.trim()).map_err(|_| "the value is not JSON")?;
                    (name.trim(), value)
                }
                None => (rest.trim(), Value::Null),
            };
            into.constants.push((checked(name)?, value));
            Ok(())
        }
        _ => Err(format!("`{keyword}` means nothing here: {FORMS}")),
    }
}

fn list(text: &str) -> Result<Vec<String>, String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(checked).collect()
}

fn checked(name: &str) -> Result<String, String> {
    if is_name(name) { Ok(name.to_owned()) } else { Err(format!("`{name}` is not a name")) }
}

fn add_class(class: DeclaredClass, into: &mut Declared) -> Result<(), String> {
    if into.classes.iter().any(|other| other.name == class.name) {
        return Err(format!("class `{}` is listed twice", class.name));
    }
    into.classes.push(class);
    Ok(())
}

fn parse_json(text: &str, into: &mut Declared) -> Result<(), String> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| format!("not well-formed JSON: {error}"))?;
    if let Some(classes) = document.get("classes") {
        let classes = classes.as_object().ok_or("`classes` is an object: class name to description")?;
        for (name, described) in classes {
            let extends = strings(described, "extends")?;
            let members = strings(described, "members")?;
            add_class(DeclaredClass { name: checked(name)?, extends, members }, into)?;
        }
    }
    if let Some(constants) = document.get("constants") {
        let constants = constants.as_object().ok_or("`constants` is an object: name to value")?;
        for (name, value) in constants {
            into.constants.push((checked(name)?, value.clone()));
        }
    }
    Ok(())
}

fn strings(described: &Value, key: &str) -> Result<Vec<String>, String> {
    match described.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().ok_or(format!("`{key}` is a list of names")).and_then(checked))
            .collect(),
        Some(_) => Err(format!("`{key}` is a list of names")),
    }
}

#[cfg(test)]
mod tests;
