//! W7: a decision with its reasons, instead of the decision alone.

use std::rc::Rc;

use arctos::facts::{Facts, ValueRef};
use arctos::{Authorizer, Request};

use super::Host;
use crate::codehost::facts::{load, of_target, over, policy};
use crate::codehost::{Question, World};
use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "Why may this user do this, with the whole proof; and why not, with what would have to be true for a yes, nearest \
    first (`Authorizer::explain`). 2,000 questions as in W2 of each kind, beside their decisions alone. The engines of the other tables \
    have no such questions.";

/// How many questions there are of each kind.
const QUESTIONS: usize = 2_000;

/// How many are asked before, and their allocations counted.
const CHECKED: usize = 200;

/// Arctos alone: the reasons of that answer, with about so many facts.
pub fn ours(size: usize, allowed: bool) -> (Contender, usize) {
    let host = Host::of(size);
    let facts = load(&host.world, &host.ids);
    (explained("arctos", &asked(&host.world, allowed), facts, allowed), QUESTIONS)
}

/// Decisions and reasons, at each size.
pub fn scenarios(hosts: &[Rc<Host>]) -> Vec<Scenario> {
    hosts.iter().map(|host| scenario(host)).collect()
}

fn scenario(host: &Host) -> Scenario {
    let facts = load(&host.world, &host.ids);
    let [yes, no] = [true, false].map(|allowed| asked(&host.world, allowed));
    let both: Vec<Question> = yes.iter().zip(&no).flat_map(|(yes, no)| [*yes, *no]).take(QUESTIONS).collect();
    Scenario {
        name: host.name.clone(),
        expected: both.iter().map(|question| host.world.allows(*question)).collect(),
        describe: Box::new(|place| format!("question {place}")),
        contenders: vec![
            over(&both, facts.clone()),
            explained("arctos, why", &yes, facts.clone(), true),
            explained("arctos, why not", &no, facts, false),
        ],
        absent: Vec::new(),
    }
}

/// The first questions with that answer.
fn asked(world: &World, allowed: bool) -> Vec<Question> {
    let wanted = |question: &&Question| world.allows(**question) == allowed;
    let asked: Vec<Question> = world.questions.iter().filter(wanted).copied().take(QUESTIONS).collect();
    assert_eq!(asked.len(), QUESTIONS, "a world has enough questions of each kind");
    asked
}

fn explained(engine: &'static str, questions: &[Question], facts: Facts, allowed: bool) -> Contender {
    let authorizer = Authorizer::new(&policy(), facts).expect("the policy has facts");
    let asked: Vec<(String, &str, (&str, String))> = questions
        .iter()
        .map(|question| (question.user.to_string(), question.action, of_target(question.target)))
        .collect();
    let given = if allowed { "the proof of a yes" } else { "the nearest misses of a no" };
    let explain = move |place: usize| {
        let (user, action, (type_name, id)) = &asked[place];
        let (user, resource) = (ValueRef::entity("User", user), ValueRef::entity(type_name, id));
        let arguments = [user, (*action).into(), resource];
        let explanation =
            authorizer.explain(&Request::default(), "allow", &arguments).expect("an explanation");
        assert!(explanation.allowed == allowed && explanation.proof.is_some() == allowed);
        assert!(
            explanation.misses.is_empty() == allowed,
            "{question:?} has reasons",
            question = asked[place]
        );
        explanation.allowed
    };
    Contender::new(engine, given, explain).checked_on(CHECKED)
}
