//! Explanations: as JSON, and as a page with a drawing.
//!
//! Each shape has one place in the JSON: a goal is its text and its parts, so that a reader may show the one and work with the other.

mod page;
mod rows;

use arctos::explain::{self, Argument, Needed as Change, Origin, Part as Told, ProofNode, Support};
use serde::Serialize;

use crate::VERSION;
use crate::value::{Fact, Value};

pub use page::to_html;

/// Why something is allowed, or what it would take: `{"version":1,"allowed":false,"question":{…},"proof":null,"misses":[…],"omitted":[]}`.
///
/// ```
/// # fn answer(explanation: &arctos::explain::Explanation) -> Result<String, serde_json::Error> {
/// use arctos_wire::Explanation;
/// serde_json::to_string(&Explanation::of(explanation))
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation<'a> {
    version: u32,
    allowed: bool,
    question: Goal<'a>,
    /// What a yes rests on; null for a no.
    proof: Option<Node<'a>>,
    /// What would make a no a yes, nearest first.
    misses: Vec<Miss<'a>>,
    /// What was left out, and why.
    omitted: &'a [String],
}

/// A goal: its text, and its predicate and arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Goal<'a> {
    text: String,
    predicate: &'a str,
    args: Vec<Arg<'a>>,
}

/// A value, of the kind `value`, `shown` (in Polar's notation), `placeholder` or `open`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Arg<'a> {
    /// A value of facts.
    Value {
        /// The value.
        value: Value<'a>,
    },
    /// Another value.
    Shown {
        /// In Polar's notation.
        text: &'a str,
    },
    /// A value that is left to whoever mends it.
    Placeholder {
        /// Tells placeholders of a miss apart.
        number: u32,
        /// Its type, where one is known.
        #[serde(rename = "type")]
        type_name: Option<&'a str>,
        /// A value that would do.
        example: Value<'a>,
    },
    /// Whatever value.
    Open,
}

/// A rule: its text and place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule<'a> {
    text: &'a str,
    location: &'a str,
}

/// A goal that holds, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node<'a> {
    goal: Goal<'a>,
    by: By<'a>,
    parts: Vec<Part<'a>>,
}

/// What a goal holds by: of the kind `rule`, `fact`, `above` or `untold`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum By<'a> {
    /// A rule.
    Rule {
        /// The rule.
        rule: Rule<'a>,
    },
    /// A fact.
    Fact {
        /// As it is stored.
        fact: Fact<'a>,
        /// `stored` or `request`.
        origin: &'static str,
    },
    /// The proof of the same goal further up.
    Above,
    /// Something that is not told.
    Untold {
        /// Why not.
        reason: &'a str,
    },
}

/// A condition that holds: of the kind `goal`, `read`, `condition` or `negation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part<'a> {
    /// A call.
    Goal {
        /// With its proof.
        node: Node<'a>,
    },
    /// What the application was asked for.
    Read {
        /// As the policy writes it.
        text: &'a str,
        /// What it answered.
        value: Arg<'a>,
    },
    /// A condition on values.
    Condition {
        /// As the policy writes it.
        text: &'a str,
        /// With values in place of variables.
        shown: &'a str,
    },
    /// A negation.
    Negation {
        /// As the policy writes it.
        text: &'a str,
        /// What does not hold.
        why: &'a str,
        /// Why it does not.
        reasons: &'a [String],
    },
}

/// Changes that would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Miss<'a> {
    needed: Vec<Needed<'a>>,
    /// What must be true of placeholders.
    provided: &'a [String],
    rules: Vec<Rule<'a>>,
}

/// A change: of the kind `fact`, `no_fact` or `condition`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Needed<'a> {
    /// A fact to add.
    Fact {
        /// With placeholders, perhaps.
        goal: Goal<'a>,
    },
    /// A fact to remove.
    NoFact {
        /// As it is stored.
        fact: Fact<'a>,
    },
    /// A condition that does not hold.
    Condition {
        /// As the policy writes it.
        text: &'a str,
        /// Where it stands.
        location: &'a str,
        /// What the values are now.
        now: Vec<Now<'a>>,
    },
}

/// A value as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Now<'a> {
    /// What has it: `repo.is_public`.
    pub name: &'a str,
    /// In Polar's notation.
    pub value: &'a str,
}

impl<'a> Explanation<'a> {
    /// The shape of an explanation.
    pub fn of(explanation: &'a explain::Explanation) -> Self {
        Explanation {
            version: VERSION,
            allowed: explanation.allowed,
            question: Goal::of(&explanation.question),
            proof: explanation.proof.as_ref().map(Node::of),
            misses: explanation.misses.iter().map(Miss::of).collect(),
            omitted: &explanation.omitted,
        }
    }
}

impl<'a> Goal<'a> {
    fn of(goal: &'a explain::Goal) -> Self {
        let args = goal.arguments.iter().map(Arg::of).collect();
        Goal { text: goal.to_string(), predicate: &goal.predicate, args }
    }
}

impl<'a> Arg<'a> {
    fn of(argument: &'a Argument) -> Self {
        match argument {
            Argument::Value(value) => Arg::Value { value: Value::from(value) },
            Argument::Shown(text) => Arg::Shown { text },
            Argument::Some(placeholder) => Arg::Placeholder {
                number: placeholder.number,
                type_name: placeholder.type_name.as_deref(),
                example: Value::from(&placeholder.example),
            },
            Argument::Open => Arg::Open,
        }
    }
}

impl<'a> Rule<'a> {
    fn of(rule: &'a explain::UsedRule) -> Self {
        Rule { text: &rule.text, location: &rule.location }
    }
}

impl<'a> Node<'a> {
    fn of(node: &'a ProofNode) -> Self {
        let by = match &node.by {
            Support::Rule(rule) => By::Rule { rule: Rule::of(rule) },
            Support::Fact { fact, origin } => By::Fact { fact: stated(fact), origin: origin_name(*origin) },
            Support::Above => By::Above,
            Support::Untold(reason) => By::Untold { reason },
        };
        Node { goal: Goal::of(&node.goal), by, parts: node.parts.iter().map(Part::of).collect() }
    }
}

impl<'a> Part<'a> {
    fn of(part: &'a Told) -> Self {
        match part {
            Told::Goal(node) => Part::Goal { node: Node::of(node) },
            Told::Read { text, value } => Part::Read { text, value: Arg::of(value) },
            Told::Condition { text, shown } => Part::Condition { text, shown },
            Told::Negation(failure) => {
                Part::Negation { text: &failure.text, why: &failure.why, reasons: &failure.reasons }
            }
        }
    }
}

impl<'a> Miss<'a> {
    fn of(miss: &'a explain::NearMiss) -> Self {
        Miss {
            needed: miss.needed.iter().map(Needed::of).collect(),
            provided: &miss.provided,
            rules: miss.rules.iter().map(Rule::of).collect(),
        }
    }
}

impl<'a> Needed<'a> {
    fn of(needed: &'a Change) -> Self {
        match needed {
            Change::Fact(goal) => Needed::Fact { goal: Goal::of(goal) },
            Change::NoFact(fact) => Needed::NoFact { fact: stated(fact) },
            Change::Condition { text, location, now } => Needed::Condition {
                text,
                location,
                now: now.iter().map(|(name, value)| Now { name, value }).collect(),
            },
        }
    }
}

fn stated(fact: &arctos::Fact) -> Fact<'_> {
    let args = fact.arguments.iter().map(Value::from).collect();
    Fact { predicate: fact.predicate.as_str().into(), args }
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Stored => "stored",
        Origin::Request => "request",
    }
}
