//! The values that a policy mentions.

use super::{Goal, Operand, Pattern, Program};
use crate::facts::ValueRef;

impl Program {
    /// Those that facts may have too, some of them several times.
    pub(crate) fn values(&self) -> impl Iterator<Item = ValueRef<'_>> {
        let code = &self.code;
        let entities = code
            .entities
            .iter()
            .map(|(class, id)| ValueRef::entity(self.schema.class_name(*class), self.symbols.text(*id)));
        let of_goals = code.goals.iter().flat_map(|goal| match *goal {
            Goal::Unify(a, b) | Goal::Compare(_, a, b) | Goal::In(a, b) => [Some(a), Some(b)],
            _ => [None, None],
        });
        let of_patterns = code.patterns.iter().filter_map(|pattern| match pattern {
            Pattern::Value(operand) => Some(*operand),
            _ => None,
        });
        let of_heads = self.clauses.iter().flat_map(|clause| clause.params.iter().map(|param| param.operand));
        let operands =
            code.operands.iter().copied().chain(of_goals.flatten()).chain(of_patterns).chain(of_heads);
        let declared = self.declared.iter().map(|name| ValueRef::String(self.symbols.text(*name)));
        entities.chain(declared).chain(operands.filter_map(|operand| match operand {
            Operand::Text(symbol) => Some(ValueRef::String(self.symbols.text(symbol))),
            Operand::Integer(value) => Some(ValueRef::Integer(value)),
            Operand::Boolean(value) => Some(ValueRef::Boolean(value)),
            _ => None,
        }))
    }
}
