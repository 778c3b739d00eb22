//! Terms of the reference, and what variables are bound to.
//!
//! Everything is immutable and shared, so that a state of the search can be kept and gone back to by keeping a copy.

use std::collections::BTreeMap;
use std::rc::Rc;

use arctos::ClassId;

use crate::value::{ObjectId, Value};

/// A variable; later variables have greater numbers.
pub(super) type Var = u32;

/// A value or a variable.
#[derive(Clone, Debug)]
pub(super) enum Term {
    Variable(Var),
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    String(Rc<str>),
    /// Items, then the variable or list that stands for the remaining ones.
    List(Rc<[Term]>, Option<Rc<Term>>),
    Dictionary(Rc<BTreeMap<String, Term>>),
    Object(ObjectId),
    Class(ClassId),
    /// Type and id.
    Entity(Rc<str>, Rc<str>),
}

impl Term {
    /// True for `nil`.
    pub(super) fn is_nil(&self) -> bool {
        matches!(self, Term::Nil)
    }

    pub(super) fn string(text: &str) -> Term {
        Term::String(text.into())
    }

    pub(super) fn list(items: Vec<Term>) -> Term {
        Term::List(items.into(), None)
    }
}

/// How deep terms may be nested before they count as endless (`x = [x]`).
const DEEPEST: usize = 500;

/// What is known of the variables. A copy is cheap and unaffected by later changes to the original.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    values: Trie<Term>,
    aliased: Trie<()>,
}

impl Bindings {
    /// Follows variables to a value or to the unbound variable at the end.
    pub(super) fn resolve(&self, term: &Term) -> Term {
        let mut term = term;
        while let Term::Variable(variable) = term {
            match self.values.get(*variable) {
                Some(next) => term = next,
                None => break,
            }
        }
        term.clone()
    }

    pub(super) fn bind(&mut self, variable: Var, term: Term) {
        self.values.set(variable, term);
    }

    /// Two unbound variables become one; from now on it is known by several names.
    pub(super) fn alias(&mut self, a: Var, b: Var) {
        let (older, newer) = (a.min(b), a.max(b));
        self.values.set(newer, Term::Variable(older));
        self.mark_aliased(older);
    }

    /// Notes that a variable is known by several names.
    pub(super) fn mark_aliased(&mut self, variable: Var) {
        self.aliased.set(variable, ());
    }

    pub(super) fn is_aliased(&self, variable: Var) -> bool {
        self.aliased.get(variable).is_some()
    }

    /// The items of a list and the unbound variable for the remaining ones; `None` where its rest is bound to
    /// something that is no list.
    pub(super) fn items(&self, items: &[Term], rest: Option<&Term>) -> Option<(Vec<Term>, Option<Var>)> {
        let mut all = items.to_vec();
        let mut rest = rest.cloned();
        while let Some(term) = rest {
            match self.resolve(&term) {
                Term::Variable(variable) => return Some((all, Some(variable))),
                Term::List(more, next) => {
                    all.extend(more.iter().cloned());
                    rest = next.map(|next| (*next).clone());
                }
                _ => return None,
            }
        }
        Some((all, None))
    }

    /// Adds the unbound variables in a term to `found`, each once.
    pub(super) fn unbound(&self, term: &Term, found: &mut Vec<Var>) {
        self.unbound_within(term, found, 0);
    }

    fn unbound_within(&self, term: &Term, found: &mut Vec<Var>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match self.resolve(term) {
            Term::Variable(variable) if !found.contains(&variable) => found.push(variable),
            Term::List(items, rest) => {
                for item in items.iter().chain(rest.as_deref()) {
                    self.unbound_within(item, found, depth + 1);
                }
            }
            Term::Dictionary(entries) => {
                for value in entries.values() {
                    self.unbound_within(value, found, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// The term with everything known put in; a term without end is cut off.
    pub(super) fn value(&self, term: &Term) -> Value {
        self.value_within(term, 0)
    }

    fn value_within(&self, term: &Term, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Nil;
        }
        match self.resolve(term) {
            Term::Variable(variable) => Value::Variable(variable),
            Term::Nil => Value::Nil,
            Term::Boolean(truth) => Value::Boolean(truth),
            Term::Integer(number) => Value::Integer(number),
            Term::Float(number) => Value::Float(number),
            Term::String(text) => Value::String(text.to_string()),
            Term::Object(object) => Value::Object(object),
            Term::Class(class) => Value::Class(class),
            Term::Entity(class, id) => Value::Entity(class.to_string(), id.to_string()),
            Term::Dictionary(entries) => {
                let entries = entries.iter();
                Value::Dictionary(
                    entries.map(|(key, t)| (key.clone(), self.value_within(t, depth + 1))).collect(),
                )
            }
            Term::List(items, rest) => {
                let (items, rest) = self.items(&items, rest.as_deref()).unwrap_or_default();
                let items = items.iter().map(|item| self.value_within(item, depth + 1)).collect();
                match rest {
                    None => Value::List(items),
                    Some(rest) => Value::OpenList(items, rest),
                }
            }
        }
    }
}

/// A value as a term. Variables keep their numbers.
pub(super) fn from_value(value: &Value) -> Term {
    match value {
        Value::Nil | Value::Raise(_) => Term::Nil,
        Value::Boolean(truth) => Term::Boolean(*truth),
        Value::Integer(number) => Term::Integer(*number),
        Value::Float(number) => Term::Float(*number),
        Value::String(text) => Term::string(text),
        Value::List(items) => Term::list(items.iter().map(from_value).collect()),
        Value::OpenList(items, rest) => {
            Term::List(items.iter().map(from_value).collect(), Some(Rc::new(Term::Variable(*rest))))
        }
        Value::Dictionary(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), from_value(value)));
            Term::Dictionary(Rc::new(entries.collect()))
        }
        Value::Object(object) => Term::Object(*object),
        Value::Class(class) => Term::Class(*class),
        Value::Entity(class, id) => Term::Entity((&**class).into(), (&**id).into()),
        Value::Variable(variable) => Term::Variable(*variable),
    }
}

/// A map from numbers, sixteen branches a level, that shares what copies have in common.
#[derive(Clone, Debug)]
struct Trie<T> {
    value: Option<T>,
    branches: [Option<Rc<Trie<T>>>; 16],
}

impl<T> Default for Trie<T> {
    fn default() -> Self {
        Trie { value: None, branches: Default::default() }
    }
}

impl<T: Clone> Trie<T> {
    fn get(&self, key: u32) -> Option<&T> {
        // Keys count from 1 here, so that each has one path of digits.
        let (mut node, mut key) = (self, u64::from(key) + 1);
        while key > 0 {
            node = node.branches.get(key as usize % 16)?.as_deref()?;
            key /= 16;
        }
        node.value.as_ref()
    }

    fn set(&mut self, key: u32, value: T) {
        let (mut node, mut key) = (self, u64::from(key) + 1);
        while key > 0 {
            let Some(branch) = node.branches.get_mut(key as usize % 16) else { return };
            node = Rc::make_mut(branch.get_or_insert_default());
            key /= 16;
        }
        node.value = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_does_not_see_later_bindings() {
        let mut bindings = Bindings::default();
        for variable in 0..100 {
            bindings.bind(variable, Term::Integer(i64::from(variable)));
        }
        let copy = bindings.clone();
        bindings.bind(1000, Term::Nil);
        bindings.bind(3, Term::Nil);
        assert_eq!(copy.value(&Term::Variable(3)), Value::Integer(3));
        assert_eq!(copy.value(&Term::Variable(1000)), Value::Variable(1000));
        assert_eq!(bindings.value(&Term::Variable(3)), Value::Nil);
        for variable in [0, 15, 16, 99] {
            assert_eq!(copy.value(&Term::Variable(variable)), Value::Integer(i64::from(variable)));
        }
    }
}
