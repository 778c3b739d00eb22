//! Patterns at build time: class tests that are known, fields that are read.

use super::bind::of_register;
use super::{Arg, Builder, Condition, EnvId, Finding, Value};
use crate::ir::{Pattern, PatternId, Tag};
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
            (_, Arg::Open(var)) => {
                self.wait(var, Condition::Pattern(pattern), env);
                Some(())
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

    fn has_tag(&mut self, value: Value, tag: Tag, fail: Target) -> Option<()> {
        let value = self.refined(value);
        match (value.kind, self.only_class(tag)) {
            (Some(kind), _) if kind.class().is_some_and(|class| self.program.class_has(class, tag)) => {}
            (Some(_), _) => return self.fails(fail),
            (None, Some(class)) => {
                self.emit(Op::IsClass { src: value.src, class, fail });
                self.findings.push(Finding::Kind { value: value.src, kind: Kind::object(class) });
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
        let found = || {
            self.findings.iter().find_map(|finding| match finding {
                Finding::Kind { value: of, kind } if *of == value.src => Some(*kind),
                _ => None,
            })
        };
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
            let field = match self.known_read(object, *name) {
                Some(value) => value,
                None => {
                    let dst = self.register();
                    self.emit(Op::Field { object: object.src, name: *name, dst, fail });
                    self.remember(object, *name, of_register(dst));
                    of_register(dst)
                }
            };
            self.pattern(Arg::Known(field), *pattern, env, fail)?;
        }
        Some(())
    }

    /// The value of an attribute that has been read before on every way that leads here.
    pub(super) fn known_read(&self, object: Value, name: Symbol) -> Option<Value> {
        let read = self.findings.iter().find_map(|finding| match finding {
            Finding::Read { object: of, name: found, value } if *of == object.src && *found == name => {
                Some(*value)
            }
            _ => None,
        })?;
        Some(self.refined(of_register(read)))
    }

    pub(super) fn remember(&mut self, object: Value, name: Symbol, value: Value) {
        self.findings.push(Finding::Read { object: object.src, name, value: value.src });
    }
}
