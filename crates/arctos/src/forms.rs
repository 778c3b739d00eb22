//! Forms of facts: what a policy asks of facts, and so what facts may say.
//!
//! A fact that no form takes could never be asked for: it is misspelt, or belongs to another policy. So it is refused where
//! facts come in, with the nearest form.

mod mismatch;

use std::fmt;

use arctos_syntax::Span;
use arctos_syntax::format::quote;
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::facts::ValueRef;
use crate::schema::{ClassId, Schema};

/// One form that facts of a predicate may have.
///
/// ```
/// # use arctos::{Policy, Schema, Sources};
/// # let mut schema = Schema::new();
/// # schema.enable_facts();
/// # let mut sources = Sources::default();
/// sources.add(None, r#"
///     actor User {}
///     resource Doc { roles = ["reader", "writer"]; relations = { folder: Folder }; "reader" if "reader" on "folder"; }
///     resource Folder { roles = ["reader"]; }
///     is_free(d: Doc) if not is_owned(_, d);
/// "#);
/// let policy = Policy::load(&schema, sources)?;
/// let forms: Vec<String> = policy.fact_forms().map(ToString::to_string).collect();
/// assert_eq!(forms, [
///     r#"has_role(Actor, "reader" | "writer", Doc)"#,
///     r#"has_role(Actor, "reader", Folder)"#,
///     r#"has_relation(Doc, "folder", Folder)"#,
///     "is_owned(_, Doc)",
/// ]);
/// # Ok::<(), arctos::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactForm {
    /// The predicate, such as `has_role`.
    pub predicate: Box<str>,
    /// What each argument may be.
    pub arguments: Vec<ArgumentForm>,
}

/// What an argument of a fact may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ArgumentForm {
    /// Anything: the policy does not say.
    Any,
    /// A value of that type or of one that extends it; with `Actor` and `Resource`, of any type that has such a block.
    Type(Box<str>),
    /// One of these strings: the roles or relations of a type.
    OneOf(Vec<Box<str>>),
}

/// So many names of a form are shown.
const SHOWN: usize = 8;

impl fmt::Display for ArgumentForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArgumentForm::Any => f.write_str("_"),
            ArgumentForm::Type(name) => f.write_str(name),
            ArgumentForm::OneOf(names) => {
                for (at, name) in names.iter().take(SHOWN).enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { " | " }, quote(name))?;
                }
                if names.len() > SHOWN { f.write_str(" | …") } else { Ok(()) }
            }
        }
    }
}

impl fmt::Display for FactForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.predicate)?;
        for (at, argument) in self.arguments.iter().enumerate() {
            write!(f, "{}{argument}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

/// The forms of a policy's facts.
#[derive(Clone, Debug, Default)]
pub(crate) struct FactForms {
    predicates: IndexMap<Box<str>, FactPredicate, FxBuildHasher>,
    pub(crate) types: Types,
}

/// What facts of one name may be.
#[derive(Clone, Debug, Default)]
pub(crate) struct FactPredicate {
    /// Numbers of arguments, each with the place of a `declare` or block that says it.
    pub(crate) arities: Vec<(usize, Option<Span>)>,
    pub(crate) forms: Vec<FactForm>,
}

impl FactForms {
    pub(crate) fn new(types: Types) -> Self {
        FactForms { predicates: IndexMap::default(), types }
    }

    /// Predicates and their numbers of arguments.
    pub(crate) fn predicates(&self) -> impl Iterator<Item = (&str, usize)> {
        let arities = |predicate: &'_ FactPredicate| predicate.arities.clone();
        self.predicates.iter().flat_map(move |(name, predicate)| {
            arities(predicate).into_iter().map(move |(arity, _)| (&**name, arity))
        })
    }

    /// The numbers of arguments that a `declare` or a block says, each with its place.
    pub(crate) fn declared(&self, name: &str) -> impl Iterator<Item = (usize, Span)> {
        let arities = self.predicates.get(name).into_iter().flat_map(|predicate| &predicate.arities);
        arities.filter_map(|(arity, span)| Some((*arity, (*span)?)))
    }

    /// What facts of a name may be; made if it is new.
    pub(crate) fn entry(&mut self, name: &str) -> &mut FactPredicate {
        self.predicates.entry(name.into()).or_default()
    }

    /// Says that facts of that name may have so many arguments; what is said first stands.
    pub(crate) fn add_arity(&mut self, name: &str, arity: usize, declared: Option<Span>) {
        let arities = &mut self.entry(name).arities;
        if !arities.iter().any(|(other, _)| *other == arity) {
            arities.push((arity, declared));
        }
    }

    /// All forms, by predicate.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &FactForm> {
        self.predicates.values().flat_map(|predicate| &predicate.forms)
    }
}

/// What a policy knows of types.
#[derive(Clone, Debug, Default)]
pub(crate) struct Types {
    pub(crate) schema: Schema,
    /// Types with an `actor` block.
    pub(crate) actors: FxHashSet<ClassId>,
    /// Types with a block.
    pub(crate) resources: FxHashSet<ClassId>,
}

impl Types {
    /// True when every value of the type `inner` is one of the type `outer`.
    pub(crate) fn covers(&self, outer: &str, inner: &str) -> bool {
        if outer == inner {
            return true;
        }
        let Some(inner) = self.schema.class(inner) else {
            return outer == "Resource" && inner == "Actor";
        };
        let is_of =
            |union: &FxHashSet<ClassId>| self.schema.lineage(inner).iter().any(|class| union.contains(class));
        match outer {
            "Actor" => is_of(&self.actors),
            "Resource" => is_of(&self.resources),
            outer => self.schema.class(outer).is_some_and(|outer| self.schema.is_subclass(inner, outer)),
        }
    }

    fn accepts(&self, form: &ArgumentForm, value: ValueRef<'_>) -> bool {
        match (form, value) {
            (ArgumentForm::Any, _) => true,
            (ArgumentForm::Type(name), value) => self.covers(name, value.type_name()),
            (ArgumentForm::OneOf(names), ValueRef::String(text)) => names.iter().any(|name| **name == *text),
            // Whatever string: also one of these.
            (ArgumentForm::OneOf(_), value) => value == ValueRef::Any("String"),
        }
    }
}
