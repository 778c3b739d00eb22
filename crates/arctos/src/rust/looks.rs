//! What has been found out about questions that looking decides, by what they look like from outside.
//!
//! A question is told by its rule, the types of its objects and its texts: so the next of its kind needs no classes, no symbols
//! and no heap.
//!
//! INVARIANT: only texts that the policy mentions are kept, and no object. What is kept is bounded.

use std::any::TypeId;
use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::plan::{MOST_STEPS, Seen};
use crate::rust::look::Code;
use crate::rust::peek::Peek;
use crate::rust::registry::Classes;
use crate::{Decider, Limits};

/// Steps of code that are kept from one decision to the next.
const KEPT: usize = 1 << 17;
/// Rules with code of their own.
const RULES: usize = 64;
/// Bytes of memory without which a plan may not do what looking does without any.
const MEMORY: usize = 1 << 20;
/// Looks in vain after which questions of a kind are not looked at any more: one in vain counts as [`IN_VAIN`] that decide.
const PATIENCE: u32 = 64;
const IN_VAIN: u32 = 4;

/// What a thread has found out about a policy's questions.
#[derive(Default)]
pub(crate) struct Looks {
    rules: Vec<OfRule>,
    /// What they take, in steps.
    size: usize,
}

struct OfRule {
    name: Box<str>,
    /// By [`hash`]. Of two kinds of questions with the same hash one is looked at.
    kinds: FxHashMap<u64, Look>,
}

/// Questions of one kind.
struct Look {
    arguments: Box<[Argument]>,
    code: Code,
    in_vain: u32,
}

/// What an argument must be.
enum Argument {
    Object(TypeId),
    Text(Box<str>),
}

/// Who makes code for a kind of questions.
pub(crate) struct Maker<'a, O> {
    pub(crate) decider: &'a mut Decider<O>,
    pub(crate) classes: Classes<'a>,
    pub(crate) limits: &'a Limits,
}

impl Looks {
    /// Decides a question, where looking at its objects tells the answer.
    #[inline]
    pub(crate) fn decide<O: Clone>(
        &mut self,
        rule: &str,
        arguments: &[Peek<'_>],
        mut maker: Maker<'_, O>,
    ) -> Option<bool> {
        let hash = hash(arguments)?;
        let of_rule = self.rules.iter_mut().find(|known| *known.name == *rule);
        match of_rule.and_then(|known| known.kinds.get_mut(&hash)) {
            Some(look) => look.decide(arguments, maker.classes),
            None => self.make(rule, arguments, hash, &mut maker)?.decide(arguments, maker.classes),
        }
    }

    /// Makes code for questions like this one, if there can be any.
    #[cold]
    fn make<O: Clone>(
        &mut self,
        rule: &str,
        arguments: &[Peek<'_>],
        hash: u64,
        maker: &mut Maker<'_, O>,
    ) -> Option<&mut Look> {
        let Maker { decider, classes, limits } = maker;
        if limits.steps <= MOST_STEPS as u64 || limits.memory < MEMORY || limits.answers == 0 {
            return None;
        }
        let mut seen = Vec::new();
        let mut kinds = Vec::new();
        for argument in arguments {
            let (known, kind) = match *argument {
                Peek::Object(object) => {
                    let id = object.type_id();
                    (Seen::Object(classes.registry.class_of_type(id)?), Argument::Object(id))
                }
                Peek::String(text) => (Seen::Text(text), Argument::Text(text.into())),
                _ => return None,
            };
            seen.push(known);
            kinds.push(kind);
        }
        let straight = decider.straight(rule, &seen)?;
        let code = Code::of(&straight, arguments.len(), *classes, decider.policy().symbols());
        self.keep(rule, hash, Look { arguments: kinds.into(), code, in_vain: 0 })
    }

    fn keep(&mut self, rule: &str, hash: u64, look: Look) -> Option<&mut Look> {
        self.size += look.code.size();
        if self.size > KEPT || self.rules.len() >= RULES {
            *self = Looks { rules: Vec::new(), size: look.code.size() };
        }
        let place = self.rules.iter().position(|known| *known.name == *rule).unwrap_or_else(|| {
            self.rules.push(OfRule { name: rule.into(), kinds: FxHashMap::default() });
            self.rules.len() - 1
        });
        Some(self.rules.get_mut(place)?.kinds.entry(hash).or_insert(look))
    }
}

impl Look {
    #[inline]
    fn decide(&mut self, arguments: &[Peek<'_>], classes: Classes<'_>) -> Option<bool> {
        let fits = self.arguments.len() == arguments.len()
            && self.arguments.iter().zip(arguments).all(|(wanted, argument)| wanted.is(*argument));
        if !fits {
            return None;
        }
        let decision = self.code.decide(classes, arguments);
        match decision {
            Some(_) => self.in_vain = self.in_vain.saturating_sub(1),
            None => self.note_in_vain(),
        }
        decision
    }

    #[cold]
    fn note_in_vain(&mut self) {
        self.in_vain += IN_VAIN;
        if self.in_vain >= PATIENCE {
            self.code = Code::none();
        }
    }
}

impl Argument {
    #[inline]
    fn is(&self, argument: Peek<'_>) -> bool {
        match (self, argument) {
            (Argument::Object(id), Peek::Object(object)) => *id == object.type_id(),
            (Argument::Text(wanted), Peek::String(text)) => **wanted == *text,
            _ => false,
        }
    }
}

/// A number for all questions of a kind; `None` where there is no code for such arguments.
#[inline]
fn hash(arguments: &[Peek<'_>]) -> Option<u64> {
    let mut hasher = FxHasher::default();
    for argument in arguments {
        match argument {
            Peek::Object(object) => object.type_id().hash(&mut hasher),
            Peek::String(text) => text.hash(&mut hasher),
            _ => return None,
        }
    }
    Some(hasher.finish())
}
