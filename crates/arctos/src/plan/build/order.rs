//! The order of rules for arguments of known kinds: what the machine finds at each call, found once.

use super::{Arg, Builder};
use crate::ir::{Clause, Leaf, Operand, Pattern, Tag, order_rules};
use crate::plan::kind::{Form, Kind};
use crate::policy::RuleId;
use crate::schema::ClassId;

/// The kind of an argument; `None` for an unbound one.
fn kind(args: &[Arg], position: usize) -> Option<Kind> {
    match args.get(position) {
        Some(Arg::Known(value)) => value.kind,
        _ => None,
    }
}

impl Builder<'_> {
    /// The clauses of a leaf that these arguments may match, in the order in which they are tried.
    pub(super) fn candidates(&self, leaf: &Leaf, args: &[Arg]) -> Vec<RuleId> {
        let fits = |rule: &&RuleId| {
            self.program
                .clause(**rule)
                .is_some_and(|clause| self.fits(clause, args, leaf.ordered_by_arguments))
        };
        let mut rules: Vec<RuleId> = leaf.clauses.iter().filter(fits).copied().collect();
        if leaf.ordered_by_arguments {
            order_rules(&mut rules, |left, right| self.more_specific(left, right, args));
        }
        rules
    }

    /// False where a parameter rules the clause out at sight. Class tests count only where the order depends on them.
    fn fits(&self, clause: &Clause, args: &[Arg], ordered: bool) -> bool {
        clause.params.iter().enumerate().all(|(position, param)| {
            let Some(kind) = kind(args, position) else { return true };
            let form = kind.form();
            let literal = match param.operand {
                Operand::Text(symbol) => is_or_object(form, Form::Text(symbol), &[ClassId::STRING]),
                Operand::Integer(value) => is_or_object(form, Form::Integer(value), &[ClassId::INTEGER]),
                _ => true,
            };
            let pattern =
                param.pattern.and_then(|pattern| self.program.code.patterns.get(pattern.0 as usize));
            let matches = match pattern {
                Some(Pattern::List(..)) => form == Form::Core(ClassId::LIST),
                Some(Pattern::Instance(tag, _)) if ordered && !matches!(tag, Tag::Unknown(_)) => {
                    kind.class().is_some_and(|class| self.program.class_has(class, *tag))
                }
                Some(Pattern::Value(Operand::Text(symbol))) if ordered => match form {
                    Form::Object(_) | Form::Unregistered => true,
                    form => form == Form::Text(*symbol),
                },
                Some(Pattern::Value(Operand::Integer(value))) if ordered => match form {
                    Form::Object(_) | Form::Unregistered | Form::Core(ClassId::FLOAT) => true,
                    form => form == Form::Integer(*value),
                },
                _ => true,
            };
            literal && matches
        })
    }

    fn more_specific(&self, left: RuleId, right: RuleId, args: &[Arg]) -> bool {
        let program = self.program;
        let (Some(left), Some(right)) = (program.clause(left), program.clause(right)) else { return false };
        for (position, (l, r)) in left.params.iter().zip(&right.params).enumerate() {
            let alike = match (l.pattern, r.pattern) {
                (None, None) => true,
                (Some(of_l), Some(of_r)) => program.code.same_pattern((left, of_l), (right, of_r)),
                _ => false,
            };
            if !alike {
                let kind = kind(args, position);
                let lineage = match kind.map(Kind::form) {
                    Some(Form::Object(class) | Form::Entity(class)) => program.schema.lineage(class),
                    _ => &[],
                };
                let is_entity = matches!(kind.map(Kind::form), Some(Form::Entity(_)));
                let is_object = is_entity || kind.is_some_and(Kind::is_object);
                return l.specificity.is_before(r.specificity, is_object, lineage);
            }
        }
        false
    }
}

/// True for exactly that constant, and for what may be equal to it: anything but plain values of other kinds.
fn is_or_object(form: Form, constant: Form, own: &[ClassId]) -> bool {
    match form {
        Form::Text(_) | Form::Integer(_) | Form::Boolean(_) | Form::Nil => form == constant,
        Form::Core(class) => !own.contains(&class) && !matches!(class, ClassId::STRING | ClassId::INTEGER),
        Form::Entity(_) => false,
        Form::Object(_) | Form::Unregistered | Form::Absent => true,
    }
}
