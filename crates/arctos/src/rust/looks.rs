//! What has been found out about questions that looking decides, by what they look like from outside.
//!
//! A question is told by its rule, the types of its objects and its texts: so the next of its kind needs no classes, no symbols
//! and no heap.
//!
//! INVARIANT: only texts that the policy mentions are kept, and no object. What is kept is bounded.

use std::any::TypeId;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::plan::{MOST_STEPS, Seen};
use crate::rust::look::Code;
use crate::rust::peek::Peek;
use crate::rust::registry::Classes;
use crate::{Decider, Limits};

/// Steps of code that are kept from one decision to the next.
const KEPT: usize = 1 << 17;
/// Bytes of memory without which a plan may not do what looking does without any.
const MEMORY: usize = 1 << 20;
/// Looks in vain after which questions of a kind are not looked at any more. One in vain counts as [`IN_VAIN`] that decide.
const PATIENCE: u32 = 64;
const IN_VAIN: u32 = 4;

/// The rule that nearly all questions are about.
const USUAL: &str = "allow";

/// A question, as it is seen from outside.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The rule's name, if it is not [`USUAL`].
    rule: Option<&'a str>,
    arguments: &'a [Argument<'a>],
    /// The same for all questions of a kind.
    hash: u64,
}

/// An argument of a question: an object or text.
#[derive(Clone, Copy)]
pub(crate) struct Argument<'a> {
    pub(super) seen: Peek<'a>,
    /// The object's type.
    id: TypeId,
}

/// What a thread has found out about a policy's questions.
#[derive(Default)]
pub(crate) struct Looks {
    all: Vec<Look>,
    /// By hash: places in `all`, counted from 1; the next is tried where it is another's. Less than half of them are taken.
    places: Vec<u32>,
    /// What they take, in steps.
    size: usize,
}

/// Questions of one kind.
struct Look {
    hash: u64,
    rule: Option<Box<str>>,
    arguments: Box<[Kind]>,
    code: Code,
    in_vain: u32,
}

/// What an argument must be.
enum Kind {
    Object(TypeId),
    Text(Box<str>),
}

/// Who makes code for a kind of questions.
pub(crate) struct Maker<'a, O> {
    pub(crate) decider: &'a mut Decider<O>,
    pub(crate) limits: &'a Limits,
}

impl<'a> Sight<'a> {
    /// The sight of a question, if there is code for such arguments.
    // PERF: inlined where the types of the arguments are known, so that little of the hash is left to do.
    #[inline]
    pub(crate) fn of<R>(
        rule: &str,
        arguments: &[Argument<'_>],
        f: impl FnOnce(Sight<'_>) -> Option<R>,
    ) -> Option<R> {
        let rule = (rule != USUAL).then_some(rule);
        let mut hasher = FxHasher::default();
        rule.map_or(0, str::len).hash(&mut hasher);
        for argument in arguments {
            let Peek::String(text) = argument.seen else {
                argument.id.hash(&mut hasher);
                continue;
            };
            let ends = text.as_bytes().first().zip(text.as_bytes().last());
            let ends = ends.map_or(0, |(first, last)| u64::from(*first) << 8 | u64::from(*last));
            hasher.write_u64((text.len() as u64) << 16 | ends);
        }
        f(Sight { rule, arguments, hash: hasher.finish() })
    }
}

impl<'a> Argument<'a> {
    /// An argument that looking at it tells enough about.
    #[inline]
    pub(crate) fn of(seen: Option<Peek<'a>>) -> Option<Argument<'a>> {
        let seen = seen?;
        match seen {
            Peek::Object(object) => Some(Argument { seen, id: object.type_id() }),
            Peek::String(_) => Some(Argument { seen, id: TypeId::of::<str>() }),
            _ => None,
        }
    }
}

impl Looks {
    /// Decides a question, where looking at its objects tells the answer.
    #[inline]
    pub(crate) fn decide<'m, O: Clone + 'm>(
        &mut self,
        sight: Sight<'_>,
        classes: Classes<'_>,
        maker: impl FnOnce() -> Maker<'m, O>,
    ) -> Option<bool> {
        let place = match self.find(sight) {
            Some(place) => place,
            None => self.make(sight, classes, maker())?,
        };
        self.all.get_mut(place)?.decide(sight, classes)
    }

    #[inline]
    fn find(&self, sight: Sight<'_>) -> Option<usize> {
        let mut offset = 0;
        loop {
            // Some are free, so this ends.
            let place = self.places.get(self.slot(sight.hash, offset))?.checked_sub(1)? as usize;
            if self.all.get(place)?.is_for(sight) {
                return Some(place);
            }
            offset += 1;
        }
    }

    #[inline]
    fn slot(&self, hash: u64, offset: usize) -> usize {
        (hash as usize).wrapping_add(offset) & self.places.len().wrapping_sub(1)
    }

    /// Makes code for questions like this one, if there can be any.
    #[cold]
    fn make<O: Clone>(
        &mut self,
        sight: Sight<'_>,
        classes: Classes<'_>,
        maker: Maker<'_, O>,
    ) -> Option<usize> {
        let Maker { decider, limits } = maker;
        if limits.steps <= MOST_STEPS as u64 || limits.memory < MEMORY || limits.answers == 0 {
            return None;
        }
        // Facts are not looked at.
        if decider.policy().schema().has_facts() {
            return None;
        }
        let mut seen = Vec::new();
        let mut kinds = Vec::new();
        for argument in sight.arguments {
            let (kind, known) = match argument.seen {
                Peek::String(text) => (Kind::Text(text.into()), Seen::Text(text)),
                _ => (Kind::Object(argument.id), Seen::Object(classes.registry.class_of_type(argument.id)?)),
            };
            kinds.push(kind);
            seen.push(known);
        }
        let straight = decider.straight(sight.rule.unwrap_or(USUAL), &seen)?;
        let code = Code::of(&straight, seen.len(), classes, decider.policy().symbols());
        let rule = sight.rule.map(Box::from);
        self.keep(Look { hash: sight.hash, rule, arguments: kinds.into(), code, in_vain: 0 });
        Some(self.all.len() - 1)
    }

    fn keep(&mut self, look: Look) {
        self.size += look.code.size();
        if self.size > KEPT {
            *self = Looks { size: look.code.size(), ..Looks::default() };
        }
        self.all.push(look);
        if self.all.len() * 2 > self.places.len() {
            self.places = vec![0; self.all.len().next_power_of_two() * 4];
            (0..self.all.len()).for_each(|place| self.set_place(place));
        } else {
            self.set_place(self.all.len() - 1);
        }
    }

    /// Notes where the look at `place` is found.
    fn set_place(&mut self, place: usize) {
        let Some(hash) = self.all.get(place).map(|look| look.hash) else { return };
        let slots = (0..self.places.len()).map(|offset| self.slot(hash, offset));
        let free = slots.into_iter().find(|slot| self.places.get(*slot) == Some(&0));
        if let Some(slot) = free.and_then(|slot| self.places.get_mut(slot)) {
            *slot = place as u32 + 1;
        }
    }
}

impl Look {
    #[inline]
    fn is_for(&self, sight: Sight<'_>) -> bool {
        self.hash == sight.hash
            && self.rule.as_deref() == sight.rule
            && self.arguments.len() == sight.arguments.len()
            && self.arguments.iter().zip(sight.arguments).all(|(kind, argument)| {
                match (kind, argument.seen) {
                    (Kind::Object(id), _) => *id == argument.id,
                    (Kind::Text(wanted), Peek::String(text)) => **wanted == *text,
                    (Kind::Text(_), _) => false,
                }
            })
    }

    #[inline]
    fn decide(&mut self, sight: Sight<'_>, classes: Classes<'_>) -> Option<bool> {
        let decision = self.code.decide(classes, sight.arguments);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust::{Arctos, ClassDescription, PolarClass};

    struct User {
        id: u32,
    }

    impl PolarClass for User {
        fn class() -> ClassDescription<Self> {
            let class = ClassDescription::<Self>::new("User").field("id", |user| &user.id);
            class.attribute("computed", |user: &User| user.id)
        }
    }

    fn engine(rules: &str) -> Arctos {
        Arctos::builder().register::<User>().load_str(rules).build().unwrap()
    }

    /// What looking alone says.
    fn look(arctos: &Arctos, action: &str, user: &User) -> Option<bool> {
        let arguments = [
            Argument::of(Some(Peek::Object(user))).unwrap(),
            Argument::of(Some(Peek::String(action))).unwrap(),
            Argument::of(Some(Peek::Object(user))).unwrap(),
        ];
        Sight::of(USUAL, &arguments, |sight| arctos.look(sight))
    }

    #[test]
    fn fields_are_looked_at_and_what_is_computed_is_not() {
        let arctos = engine(
            r#"allow(a: User, "see", b: User) if a.id = b.id;
               allow(a: User, "count", b: User) if a.computed = b.id;
               allow(a: User, "both", b: User) if a.id = 7 or a.computed = b.id;"#,
        );
        let (one, seven) = (User { id: 1 }, User { id: 7 });
        assert_eq!(look(&arctos, "see", &one), None, "nobody has asked this policy yet");
        assert!(arctos.is_allowed(&one, "see", &one).unwrap());
        for _ in 0..2 {
            assert_eq!(look(&arctos, "see", &one), Some(true));
            assert_eq!(look(&arctos, "count", &one), None);
            assert_eq!(look(&arctos, "both", &seven), Some(true));
            assert_eq!(look(&arctos, "both", &one), None);
            assert_eq!(look(&arctos, "unheard of", &one), None);
        }
    }

    #[test]
    fn what_is_looked_at_in_vain_is_given_up() {
        let arctos = engine(r#"allow(a: User, "both", b: User) if a.id = 7 or a.computed = b.id;"#);
        let (one, seven) = (User { id: 1 }, User { id: 7 });
        assert!(arctos.is_allowed(&one, "both", &one).unwrap());
        for _ in 0..PATIENCE {
            assert_eq!(look(&arctos, "both", &seven), Some(true));
            assert_eq!(look(&arctos, "both", &seven), Some(true));
        }
        for _ in 0..PATIENCE / IN_VAIN {
            assert_eq!(look(&arctos, "both", &one), None);
        }
        assert_eq!(look(&arctos, "both", &seven), None);
        assert!(arctos.is_allowed(&seven, "both", &one).unwrap());
    }

    #[test]
    fn what_is_kept_is_bounded_and_found() {
        let mut looks = Looks::default();
        let texts: Vec<String> = (0..5_000).map(|n| format!("a{n:06}z")).collect();
        for (n, text) in texts.iter().enumerate() {
            let arguments = Box::new([Kind::Text(text.as_str().into())]);
            // Every other one has the same hash as all others.
            let hash = Sight::of(USUAL, &[Argument::of(Some(Peek::String(text))).unwrap()], |sight| {
                Some(sight.hash)
            })
            .unwrap();
            looks.keep(Look { hash, rule: None, arguments, code: Code::none(), in_vain: n as u32 });
            looks.size += KEPT / 2_000;
        }
        assert!(looks.all.len() <= 2_001 && looks.places.len() <= 16_384);
        for look in &looks.all {
            let Some(Kind::Text(text)) = look.arguments.first() else { panic!("a text") };
            let place = Sight::of(USUAL, &[Argument::of(Some(Peek::String(text))).unwrap()], |sight| {
                looks.find(sight)
            })
            .unwrap();
            assert_eq!(looks.all[place].in_vain, look.in_vain);
        }
    }
}
