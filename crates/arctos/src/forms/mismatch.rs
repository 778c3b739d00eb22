//! What is wrong with a fact that no form takes, in the policy's words.

use arctos_syntax::{Diagnostic, codes, suggest};

use super::{ArgumentForm, FactForm, FactForms};
use crate::facts::{Fact, Places, ValueRef};
use crate::sema;

/// Why a fact is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) kind: MismatchKind,
    /// One sentence.
    pub(crate) message: String,
    /// The name that is probably meant.
    pub(crate) near: Option<String>,
    /// The nearest form, or what else is to be done.
    pub(crate) help: Option<String>,
}

/// What of it is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MismatchKind {
    /// There are no facts of that name.
    Predicate,
    /// There are, with other numbers of arguments.
    Arity,
    /// The argument of that place.
    Argument(usize),
}

impl FactForms {
    /// Why no form takes a fact; `None` where one does.
    pub(crate) fn mismatch(&self, fact: &Fact) -> Option<Mismatch> {
        let Some(predicate) = self.predicates.get(&*fact.predicate) else {
            return Some(self.unknown_predicate(&fact.predicate));
        };
        let count = fact.arguments.len();
        if !predicate.arities.iter().any(|(arity, _)| *arity == count) {
            return Some(other_arity(fact, predicate.arities.iter().map(|(arity, _)| *arity)));
        }
        let arguments = || fact.arguments.iter().map(|argument| argument.as_ref());
        let fits = |form: &FactForm| {
            let mut pairs = form.arguments.iter().zip(arguments());
            form.arguments.len() == count && pairs.all(|(wanted, value)| self.types.accepts(wanted, value))
        };
        let unknown = arguments().enumerate().find(|(_, value)| !self.is_known(value.type_name()));
        if let Some((at, value)) = unknown {
            return Some(self.unknown_type(at, value.type_name()));
        }
        if predicate.forms.iter().any(fits) { None } else { self.argument(fact, &predicate.forms) }
    }

    fn is_known(&self, type_name: &str) -> bool {
        let schema = &self.types.schema;
        let is_value = matches!(type_name, "String" | "Integer" | "Boolean");
        is_value || schema.class(type_name).is_some_and(|class| schema.has_entities(class))
    }

    fn unknown_predicate(&self, name: &str) -> Mismatch {
        let near = suggest::near(name, self.predicates.keys().map(|name| &**name));
        let help =
            near.is_none().then(|| format!("if there are such facts all the same: `declare {name}(…);`"));
        Mismatch {
            kind: MismatchKind::Predicate,
            message: format!("no rule asks for a fact `{name}`, so that stating it changes nothing"),
            near: near.map(str::to_owned),
            help,
        }
    }

    fn unknown_type(&self, at: usize, name: &str) -> Mismatch {
        let schema = &self.types.schema;
        let types = schema.classes().filter(|(class, _)| schema.has_entities(*class));
        let types = types.map(|(_, class)| &*class.name);
        let message = match name {
            "Actor" | "Resource" => {
                format!("`{name}` stands for many types, and a fact is about one of them")
            }
            _ if self.types.schema.class(name).is_some() => {
                format!(
                    "`{name}` is a class of the application that names no id, so there are no facts about it"
                )
            }
            _ => format!("the policy names no type `{name}`"),
        };
        let near = suggest::near(name, types).map(str::to_owned);
        Mismatch { kind: MismatchKind::Argument(at), message, near, help: None }
    }

    /// The first argument that the nearest forms do not take.
    fn argument(&self, fact: &Fact, forms: &[FactForm]) -> Option<Mismatch> {
        let count = fact.arguments.len();
        let taken = |form: &FactForm| {
            let pairs = form.arguments.iter().zip(&fact.arguments);
            pairs.filter(|(wanted, value)| self.types.accepts(wanted, value.as_ref())).count()
        };
        let candidates = || forms.iter().filter(|form| form.arguments.len() == count);
        let most = candidates().map(taken).max()?;
        let nearest: Vec<&FactForm> = candidates().filter(|form| taken(form) == most).collect();
        let mut form = *nearest.first()?;
        let mut pairs = form.arguments.iter().zip(&fact.arguments).enumerate();
        let (at, (wanted, value)) =
            pairs.find(|(_, (wanted, value))| !self.types.accepts(wanted, value.as_ref()))?;
        let value = value.as_ref();
        let (message, near) = match (wanted, value) {
            (ArgumentForm::OneOf(_), ValueRef::String(text)) => {
                let names = nearest.iter().filter_map(|form| match form.arguments.get(at) {
                    Some(ArgumentForm::OneOf(names)) => Some(names),
                    _ => None,
                });
                let near = suggest::near(text, names.flatten().map(|name| &**name));
                let has_near = |form: &&&FactForm| match (form.arguments.get(at), near) {
                    (Some(ArgumentForm::OneOf(names)), Some(near)) => {
                        names.iter().any(|name| **name == *near)
                    }
                    _ => false,
                };
                form = nearest.iter().find(has_near).copied().unwrap_or(form);
                (not_a_name(fact, at, text), near.map(str::to_owned))
            }
            (wanted, value) => (self.not_of_type(fact, at, wanted, value), None),
        };
        let help = Some(format!("the nearest form is `{form}`"));
        Some(Mismatch { kind: MismatchKind::Argument(at), message, near, help })
    }

    fn not_of_type(&self, fact: &Fact, at: usize, wanted: &ArgumentForm, value: ValueRef<'_>) -> String {
        let is = value.type_name();
        let place = format!("argument {} of `{}`", at + 1, fact.predicate);
        match wanted {
            ArgumentForm::Type(name) if matches!(&**name, "Actor" | "Resource") => {
                let block = name.to_lowercase();
                format!("{place} is of type `{is}`, for which there is no `{block}` block")
            }
            ArgumentForm::Type(name) => format!("{place} is of type `{is}`, and not `{name}`"),
            ArgumentForm::Any | ArgumentForm::OneOf(_) => {
                format!("{place} is of type `{is}`, and not a name")
            }
        }
    }
}

fn not_a_name(fact: &Fact, at: usize, text: &str) -> String {
    let owner = match (&*fact.predicate, fact.arguments.as_slice()) {
        ("has_relation", [owner, ..]) | (_, [_, _, owner]) => Some(owner.as_ref().type_name()),
        _ => None,
    };
    let word = match &*fact.predicate {
        "has_role" => "role",
        "has_relation" => "relation",
        "has_permission" => "permission",
        _ => return format!("`{text}` is not what argument {} of `{}` may be", at + 1, fact.predicate),
    };
    match owner {
        Some(owner) => format!("`{text}` is not a {word} of `{owner}`"),
        None => format!("`{text}` is not a global {word}"),
    }
}

fn other_arity(fact: &Fact, arities: impl Iterator<Item = usize>) -> Mismatch {
    let arities: Vec<String> = arities.map(|arity| arity.to_string()).collect();
    let (name, count) = (&fact.predicate, fact.arguments.len());
    let noun = if arities == ["1"] { "argument" } else { "arguments" };
    let message = format!("`{name}` is a fact of {} {noun}, and this one has {count}", arities.join(" or "));
    Mismatch { kind: MismatchKind::Arity, message, near: None, help: None }
}

impl Mismatch {
    /// P0801, P0804, P0806: a fact that the policy cannot ask for.
    pub(crate) fn diagnostic(&self, places: &Places) -> Diagnostic {
        let (code, span, label) = match self.kind {
            MismatchKind::Predicate => (codes::UNKNOWN_FACT, places.predicate, "not known".to_owned()),
            MismatchKind::Arity => (codes::FACT_ARITY, places.whole, sema::arguments(places.arguments.len())),
            MismatchKind::Argument(at) => {
                (codes::FACT_FORM, places.argument(at), "no such fact is asked for".to_owned())
            }
        };
        let mut diagnostic = Diagnostic::new(code, span, &*self.message).primary(label);
        if let Some(near) = &self.near {
            diagnostic = diagnostic.did_you_mean(Some(near));
            if self.kind == MismatchKind::Predicate {
                diagnostic = diagnostic.fix(places.predicate, near);
            }
        }
        match &self.help {
            Some(help) => diagnostic.help(&**help),
            None => diagnostic,
        }
    }

    /// All of it in one sentence, for an error that has no other place for suggestions.
    pub(crate) fn sentence(&self, fact: &Fact) -> String {
        let mut text = format!("the fact `{fact}` is refused: {}", self.message);
        if let Some(near) = &self.near {
            text.push_str(&format!("; did you mean `{near}`?"));
        }
        if let Some(help) = &self.help {
            text.push_str(&format!(" ({help})"));
        }
        text
    }
}
