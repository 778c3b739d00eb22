//! What an explanation says: proofs, and what is missing.

use std::fmt;

use arctos_syntax::Span;

use crate::facts::{Fact, Value};
use crate::policy::RuleId;

/// Why a question is answered yes, or what it would take.
///
/// It owns all that it says, in the policy's notation, and can be kept when the question, the facts and the objects are gone.
/// [`Explanation::to_text`] writes it for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What was asked.
    pub question: Goal,
    /// The decision.
    pub allowed: bool,
    /// What a yes rests on. `None` for a no.
    pub proof: Option<ProofNode>,
    /// What would make a no a yes, nearest first. None for a yes.
    pub misses: Vec<NearMiss>,
    /// What was left out, and why: empty where nothing was.
    pub omitted: Vec<String>,
}

/// A predicate with arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Goal {
    /// The predicate, such as `has_role`.
    pub predicate: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// An argument, or any other value that an explanation mentions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Argument {
    /// A value that facts may have; [`Value::Any`] for whatever value of a type.
    Value(Value),
    /// Another value, in Polar's notation: a list, or an object as the application describes it.
    Shown(String),
    /// Some value that nothing determines. Within a miss, equal placeholders are one value.
    Some(Placeholder),
    /// Whatever value.
    Open,
}

/// A value that a miss leaves to whoever mends it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placeholder {
    /// Tells the placeholders of a miss apart, from 0.
    pub number: u32,
    /// Its type, where one is known.
    pub type_name: Option<String>,
    /// Its number among the placeholders of this type, from 1, where there are others.
    pub ordinal: Option<u32>,
    /// A value that would do: for an entity, one that no fact names.
    pub example: Value,
}

/// A goal that holds, with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct ProofNode {
    /// The goal.
    pub goal: Goal,
    /// What it holds by.
    pub by: Support,
    /// The conditions of its rule, in the order of the policy; none otherwise.
    pub parts: Vec<Part>,
}

/// What a goal holds by.
#[derive(Clone, Debug, PartialEq)]
pub enum Support {
    /// A rule.
    Rule(UsedRule),
    /// A fact.
    Fact {
        /// The fact as it is stored: it may have wildcards.
        fact: Fact,
        /// Who says so.
        origin: Origin,
    },
    /// The proof that the explanation gives further up for the same goal.
    Above,
    /// Something that is not told, for this reason.
    Untold(String),
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The facts that are kept.
    Stored,
    /// The request.
    Request,
}

/// A rule that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedRule {
    /// The rule.
    pub id: RuleId,
    /// Where it stands.
    pub span: Span,
    /// The text it was written as: a rule, or a shorthand rule of a block. For the `allow` that needs not be written, what it
    /// would be.
    pub text: String,
    /// `file.polar:3:14`
    pub location: String,
}

/// A condition of a rule that holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A call.
    Goal(ProofNode),
    /// The application was asked for something.
    Read {
        /// As the policy writes it: `repo.owner`.
        text: String,
        /// What it answered.
        value: Argument,
    },
    /// A comparison or another condition on values.
    Condition {
        /// As the policy writes it.
        text: String,
        /// With values in place of variables.
        shown: String,
    },
    /// A negation.
    Negation(Failure),
}

/// Why goals do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The goals, as the policy writes them.
    pub text: String,
    /// What fails, with values in place of variables: `is_suspended(User{"ann"}) does not hold`.
    pub why: String,
    /// Why it fails, a clause for each way in which it might hold; none where there is no more to say.
    pub reasons: Vec<String>,
}

/// Changes that would turn a no into a yes. None of them can be left out.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss {
    /// The changes.
    pub needed: Vec<Needed>,
    /// What must be true of placeholders.
    pub provided: Vec<String>,
    /// The rules that would apply, from the question's own on.
    pub rules: Vec<UsedRule>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Needed {
    /// A fact to add.
    Fact(Goal),
    /// A fact to remove.
    NoFact(Fact),
    /// A condition on the application's or the request's values that does not hold.
    Condition {
        /// As the policy writes it.
        text: String,
        /// Where it stands: `file.polar:3:14`.
        location: String,
        /// What the values are now: `repo.is_public` and `false`.
        now: Vec<(String, String)>,
    },
}

impl Explanation {
    /// Of a question for a rule that there is with other numbers of parameters only.
    pub(super) fn of_no_rule(rule: &str) -> Self {
        let question = Goal { predicate: rule.to_owned(), arguments: Vec::new() };
        let omitted = vec![format!("no rule `{rule}` has so many parameters")];
        Explanation { question, allowed: false, proof: None, misses: Vec::new(), omitted }
    }
}

impl UsedRule {
    /// True for the `allow` that a policy over facts has where it writes none.
    pub fn is_default(&self) -> bool {
        self.span.start == self.span.end
    }
}

impl Goal {
    /// The fact that the goal is, where it is one: all arguments are values.
    ///
    /// ```
    /// use arctos::explain::{Argument, Goal};
    /// use arctos::facts::Value;
    ///
    /// let ann = Argument::Value(Value::entity("User", "ann"));
    /// let goal = Goal { predicate: "is_admin".to_owned(), arguments: vec![ann] };
    /// assert_eq!(goal.to_fact().map(|fact| fact.to_string()), Some(r#"is_admin(User{"ann"})"#.to_owned()));
    /// assert_eq!(Goal { arguments: vec![Argument::Open], ..goal }.to_fact(), None);
    /// ```
    pub fn to_fact(&self) -> Option<Fact> {
        let value = |argument: &Argument| match argument {
            Argument::Value(value) => Some(value.clone()),
            _ => None,
        };
        let arguments: Vec<Value> = self.arguments.iter().map(value).collect::<Option<_>>()?;
        Some(Fact::new(self.predicate.clone(), arguments))
    }

    /// The goal with values for its placeholders.
    #[must_use]
    pub fn with(&self, mut value: impl FnMut(&Placeholder) -> Value) -> Goal {
        let argument = |argument: &Argument| match argument {
            Argument::Some(placeholder) => Argument::Value(value(placeholder)),
            other => other.clone(),
        };
        Goal { predicate: self.predicate.clone(), arguments: self.arguments.iter().map(argument).collect() }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.predicate)?;
        for (at, argument) in self.arguments.iter().enumerate() {
            write!(f, "{}{argument}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Argument::Value(value) => value.fmt(f),
            Argument::Shown(text) => f.write_str(text),
            Argument::Some(placeholder) => placeholder.fmt(f),
            Argument::Open => f.write_str("_"),
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "some {}", self.type_name.as_deref().unwrap_or("value"))?;
        match self.ordinal {
            Some(ordinal) => write!(f, " #{ordinal}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Needed::Fact(goal) => goal.fmt(f),
            Needed::NoFact(fact) => write!(f, "without {fact}"),
            Needed::Condition { text, now, .. } => {
                f.write_str(text)?;
                for (at, (name, value)) in now.iter().enumerate() {
                    write!(f, "{} {name} is {value}", if at == 0 { ", where now" } else { " and" })?;
                }
                Ok(())
            }
        }
    }
}
