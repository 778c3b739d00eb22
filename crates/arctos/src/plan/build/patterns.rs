//! Patterns at build time: class tests that are known, fields that are read.

use super::bind::of_register;
use super::{Arg, Builder, Condition, EnvId, KINDS, Value, Var, VarId};
use crate::eval::excludes;
use crate::ir::{Goal, Pattern, PatternId, Tag};
use crate::plan::kind::Kind;
use crate::plan::op::{Op, Target};
use crate::schema::ClassId;
use crate::symbol::Symbol;

impl Builder<'_> {
    /// `arg matches pattern`
    pub(super) fn pattern(&mut self, arg: Arg, pattern: PatternId, env: EnvId, fail: Target) -> Option<()> {
        let program = self.program;
        let Some(lowered) = program.code.patterns.get(pattern.0 as usize) else { return self.undecided() };
        match (lowered, arg) {
            (Pattern::Value(operand), arg) => {
                let operand = self.operand(*operand, env)?;
                self.unify(arg, operand, fail)
            }
            (Pattern::Instance(Tag::Unknown(_), _), _) => self.undecided(),
            (Pattern::Dictionary(fields), Arg::Open(_)) if fields.is_empty() => Some(()),
            (Pattern::List(..), Arg::Open(_)) => self.undecided(),
            (lowered, Arg::Open(var)) => {
                if self.contradicts(var, lowered) {
                    return self.fails(fail);
                }
                self.wait(var, Condition::Pattern(var, pattern), env)
            }
            (Pattern::Instance(tag, fields), Arg::Known(value)) => {
                self.has_tag(value, *tag, fail)?;
                self.fields(value, fields, env, fail)
            }
            (Pattern::Dictionary(fields), Arg::Known(value)) => self.fields(value, fields, env, fail),
            (Pattern::List(items, rest), Arg::Known(value)) => {
                if rest.is_some() {
                    return self.undecided();
                }
                self.emit(Op::IsList { src: value.src, len: items.len() as u32, fail });
                for (index, item) in (0..).zip(items) {
                    let dst = self.register();
                    self.emit(Op::Item { src: value.src, index, dst });
                    self.pattern(Arg::Known(of_register(dst)), *item, env, fail)?;
                }
                Some(())
            }
        }
    }

    /// True when an unbound variable already waits to match a type that excludes the pattern's.
    fn contradicts(&self, var: VarId, pattern: &Pattern) -> bool {
        let (Pattern::Instance(wanted, _), (_, Var::Unbound { waiting, .. })) = (pattern, self.var(var))
        else {
            return false;
        };
        waiting.iter().any(|waiting| match waiting.condition {
            Condition::Pattern(_, pattern) | Condition::Goal(Goal::Match(_, pattern)) => {
                excludes(self.program, &self.program.code, pattern, *wanted)
            }
            Condition::Goal(_) => false,
        })
    }

    fn has_tag(&mut self, value: Value, tag: Tag, fail: Target) -> Option<()> {
        let value = self.refined(value);
        match (value.kind, self.only_class(tag)) {
            (Some(kind), _) if kind.class().is_some_and(|class| self.program.class_has(class, tag)) => {}
            (Some(_), _) => return self.fails(fail),
            (None, Some(class)) => {
                self.emit(Op::IsClass { src: value.src, class, fail });
                if self.kinds.len() < KINDS {
                    let is_entity = self.program.schema.is_entity_type(class);
                    let kind = if is_entity { Kind::entity(class) } else { Kind::object(class) };
                    self.kinds.push((value.src, kind));
                }
            }
            (None, None) => self.emit(Op::HasTag { src: value.src, tag, fail }),
        }
        Some(())
    }

    /// The one class whose objects pass the test, if no other inherits from it.
    fn only_class(&self, tag: Tag) -> Option<ClassId> {
        let Tag::Class(class) = tag else { return None };
        let is_alone = self.program.descendants.get(class.index()).is_some_and(|all| all.len() == 1);
        (is_alone && class.index() > ClassId::DICTIONARY.index()).then_some(class)
    }

    /// A value with what has been found out about it.
    pub(super) fn refined(&self, value: Value) -> Value {
        let found = || self.kinds.iter().find(|(of, _)| *of == value.src).map(|(_, kind)| *kind);
        Value { kind: value.kind.or_else(found), ..value }
    }

    fn fields(
        &mut self,
        object: Value,
        fields: &[(Symbol, PatternId)],
        env: EnvId,
        fail: Target,
    ) -> Option<()> {
        for (name, pattern) in fields {
            let dst = self.register();
            self.emit(Op::Field { object: object.src, name: *name, dst, fail });
            self.pattern(Arg::Known(of_register(dst)), *pattern, env, fail)?;
        }
        Some(())
    }
}
