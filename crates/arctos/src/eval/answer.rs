//! What an answer leaves open: conditions that still wait, as expressions.

use super::{Condition, Delay, Evaluation};
use crate::heap::{Cell, Term, TextId, Variable};
use crate::host::{Comparison, Host};
use crate::ir::{Arithmetic, Code, Goal, Operand as Source, Pattern, PatternId, Tag};
use crate::observe::Observer;
use crate::query::{Expression, Operand};

/// How deep an expression may be nested.
const MAX_DEPTH: u32 = 64;
/// How many computed values one condition may be written with.
const MAX_COMPUTED: u32 = 1000;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// True when every negation that still waits can be written as an expression. One that cannot (it calls a rule, say)
    /// must not be left out: the answer would look more certain than it is.
    pub(crate) fn can_be_told(&self) -> bool {
        self.open_delays().all(|(index, variable)| {
            let Some(delay) = self.m.delays.get(index as usize) else { return true };
            let Condition::Goal(pc) = delay.condition else { return true };
            let (code, at) = self.cx.code_at(pc);
            !matches!(code.goals.get(at), Some(Goal::Not(_)))
                || Writer::new(self, variable).condition(delay).is_some()
        })
    }

    /// What must hold of an unbound variable; `None` where nothing must.
    pub(crate) fn condition_on(&self, variable: Variable) -> Option<Expression> {
        let mut parts = Vec::new();
        for (index, of) in self.pending_delays() {
            let Some(delay) = self.m.delays.get(index as usize) else { continue };
            // What follows from its type need not be said.
            if !matches!(delay.condition, Condition::OfType { .. })
                && self.is_met_by_type(delay.condition, of)
            {
                continue;
            }
            let mut writer = Writer::new(self, variable);
            let expression = writer.condition(delay);
            if let Some(expression) = expression
                && (writer.mentioned || self.operands_of(delay).contains(&variable))
            {
                parts.push(Operand::Expression(expression));
            }
        }
        (!parts.is_empty()).then_some(Expression { op: "And", args: parts })
    }
}

/// Writes conditions as expressions about one variable.
struct Writer<'w, 'a, H: Host, O: Observer> {
    evaluation: &'w Evaluation<'a, H, O>,
    this: Variable,
    mentioned: bool,
    /// Variables being written as what computes them: one that is computed from itself ends there.
    open: Vec<Variable>,
    /// How many more may be written so: what shares its parts grows quickly.
    left: u32,
}

impl<'w, 'a, H: Host, O: Observer> Writer<'w, 'a, H, O> {
    fn new(evaluation: &'w Evaluation<'a, H, O>, this: Variable) -> Self {
        Writer { evaluation, this, mentioned: false, open: Vec::new(), left: MAX_COMPUTED }
    }

    fn condition(&mut self, delay: &Delay) -> Option<Expression> {
        match delay.condition {
            Condition::Goal(pc) => {
                let (code, index) = self.evaluation.cx.code_at(pc);
                self.goal(code, code.goals.get(index)?, delay.env)
            }
            Condition::Match { value, pattern, at } => {
                let (code, _) = self.evaluation.cx.code_at(at);
                let value = self.cell(value, 0);
                Some(Expression { op: "Isa", args: vec![value, self.pattern(code, pattern, delay.env, 0)] })
            }
            Condition::OfType { value, type_id } => {
                let link = self.evaluation.heap.link();
                let class = link.map(|link| link.view.type_name(type_id).to_owned());
                let pattern = Operand::Pattern { class, fields: Vec::new() };
                Some(Expression { op: "Isa", args: vec![self.cell(value, 0), pattern] })
            }
            Condition::Member { element, collection } => {
                Some(Expression { op: "In", args: vec![self.cell(element, 0), self.cell(collection, 0)] })
            }
            // An answer with such a condition is refused.
            Condition::Doubt { .. } => None,
        }
    }

    fn goal(&mut self, code: &Code, goal: &Goal, env: u32) -> Option<Expression> {
        let binary = |op, left, right| Some(Expression { op, args: vec![left, right] });
        match goal {
            Goal::Compare(op, left, right) => {
                let (left, right) = (self.source(*left, env), self.source(*right, env));
                binary(comparison_name(*op), left, right)
            }
            Goal::Unify(left, right) => {
                let (left, right) = (self.source(*left, env), self.source(*right, env));
                binary("Unify", left, right)
            }
            Goal::In(left, right) => {
                let (left, right) = (self.source(*left, env), self.source(*right, env));
                binary("In", left, right)
            }
            Goal::Lookup(_, _, out) | Goal::LookupDynamic(_, _, out) | Goal::Arithmetic(_, _, _, out) => {
                let computed = self.computed(goal, env, 0)?;
                let out = self.evaluation.heap.resolve(Cell::Variable(Variable(env + out.0)));
                match out {
                    // Written where the result is used.
                    Cell::Variable(result) if result != self.this && self.is_used(result) => None,
                    Cell::Variable(result) if result == self.this => {
                        self.mentioned = true;
                        binary("Unify", Operand::Expression(computed), Operand::This)
                    }
                    value => binary("Unify", Operand::Expression(computed), Operand::Term(Term(value))),
                }
            }
            Goal::Match(value, pattern) => {
                let value = self.source(*value, env);
                let pattern = self.pattern(code, *pattern, env, 0);
                binary("Isa", value, pattern)
            }
            Goal::Truth(value) => {
                let value = self.source(*value, env);
                binary("Unify", value, Operand::Term(Term(Cell::Boolean(true))))
            }
            Goal::Not(block) => self.negation(code, *block, env),
            _ => None,
        }
    }

    /// A waiting negation; `None` where it has a goal that expressions cannot say, a rule call for instance.
    fn negation(&mut self, code: &Code, block: u32, env: u32) -> Option<Expression> {
        let block = code.blocks.get(block as usize)?;
        let mut inner = Vec::new();
        for goal in code.goals.get(block.goals.range())? {
            match (self.goal(code, goal, env), goal) {
                (Some(part), _) => inner.push(Operand::Expression(part)),
                // Written where its result is used.
                (None, Goal::Lookup(..) | Goal::LookupDynamic(..) | Goal::Arithmetic(..)) => {}
                (None, _) => return None,
            }
        }
        Some(Expression { op: "Not", args: vec![Operand::Expression(Expression { op: "And", args: inner })] })
    }

    /// What a lookup or an arithmetic goal computes.
    fn computed(&mut self, goal: &Goal, env: u32, depth: u32) -> Option<Expression> {
        Some(match goal {
            Goal::Lookup(object, name, _) => {
                let object = self.source_at(*object, env, depth + 1);
                let name = Operand::Term(Term(Cell::Text(TextId(name.0))));
                Expression { op: "Dot", args: vec![object, name] }
            }
            Goal::LookupDynamic(object, key, _) => {
                let object = self.source_at(*object, env, depth + 1);
                Expression { op: "Dot", args: vec![object, self.source_at(*key, env, depth + 1)] }
            }
            Goal::Arithmetic(op, left, right, _) => {
                let left = self.source_at(*left, env, depth + 1);
                Expression {
                    op: arithmetic_name(*op),
                    args: vec![left, self.source_at(*right, env, depth + 1)],
                }
            }
            _ => return None,
        })
    }

    fn source(&mut self, operand: Source, env: u32) -> Operand {
        self.source_at(operand, env, 0)
    }

    fn source_at(&mut self, operand: Source, env: u32, depth: u32) -> Operand {
        match operand {
            Source::Slot(slot) => self.cell(Cell::Variable(Variable(env + slot.0)), depth),
            Source::Text(symbol) => Operand::Term(Term(Cell::Text(TextId(symbol.0)))),
            Source::Integer(value) => Operand::Term(Term(Cell::Integer(value))),
            Source::Float(value) => Operand::Term(Term(Cell::Float(value))),
            Source::Boolean(value) => Operand::Term(Term(Cell::Boolean(value))),
            // Compound operands and constants are not rebuilt: an answer's heap is read-only.
            _ => Operand::Term(Term(Cell::Nil)),
        }
    }

    fn cell(&mut self, cell: Cell, depth: u32) -> Operand {
        let cell = self.evaluation.heap.resolve(cell);
        let Cell::Variable(variable) = cell else { return Operand::Term(Term(cell)) };
        if variable == self.this {
            self.mentioned = true;
            return Operand::This;
        }
        if depth < MAX_DEPTH
            && self.left > 0
            && !self.open.contains(&variable)
            && let Some((goal, env)) = self.source_of(variable)
        {
            self.left -= 1;
            self.open.push(variable);
            let computed = self.computed(&goal, env, depth);
            self.open.pop();
            if let Some(expression) = computed {
                return Operand::Expression(expression);
            }
        }
        Operand::Term(Term(cell))
    }

    /// True when a waiting condition other than the one that computes it is about a variable.
    fn is_used(&self, result: Variable) -> bool {
        let evaluation = self.evaluation;
        let about = evaluation.pending_delays().filter(|(index, _)| {
            let delay = evaluation.m.delays.get(*index as usize);
            delay.is_some_and(|delay| evaluation.operands_of(delay).contains(&result))
        });
        about.count() > 1
    }

    /// The waiting lookup or arithmetic whose result a variable is, and its environment.
    fn source_of(&self, variable: Variable) -> Option<(Goal, u32)> {
        let evaluation = self.evaluation;
        evaluation.pending_delays().find_map(|(index, _)| {
            let delay = evaluation.m.delays.get(index as usize)?;
            let Condition::Goal(pc) = delay.condition else { return None };
            let (code, at) = evaluation.cx.code_at(pc);
            let goal = *code.goals.get(at)?;
            let (Goal::Lookup(_, _, out) | Goal::LookupDynamic(_, _, out) | Goal::Arithmetic(_, _, _, out)) =
                goal
            else {
                return None;
            };
            let out = evaluation.heap.resolve(Cell::Variable(Variable(delay.env + out.0)));
            (out == Cell::Variable(variable)).then_some((goal, delay.env))
        })
    }

    fn pattern(&mut self, code: &Code, pattern: PatternId, env: u32, depth: u32) -> Operand {
        let (class, fields) = match code.patterns.get(pattern.0 as usize) {
            Some(Pattern::Instance(tag, fields)) => (Some(self.tag_name(*tag)), fields.as_slice()),
            Some(Pattern::Dictionary(fields)) => (None, fields.as_slice()),
            Some(Pattern::Value(operand)) => return self.source_at(*operand, env, depth),
            _ => (None, &[][..]),
        };
        let fields = fields
            .iter()
            .filter(|_| depth < MAX_DEPTH)
            .map(|(name, field)| {
                let name = self.evaluation.heap.text(TextId(name.0)).to_owned();
                (name, self.pattern(code, *field, env, depth + 1))
            })
            .collect();
        Operand::Pattern { class, fields }
    }

    fn tag_name(&self, tag: Tag) -> String {
        match tag {
            Tag::Class(class) => self.evaluation.cx.program.schema.class_name(class).to_owned(),
            Tag::Actor => "Actor".to_owned(),
            Tag::Resource => "Resource".to_owned(),
            Tag::Unknown(name) => self.evaluation.heap.text(TextId(name.0)).to_owned(),
        }
    }
}

fn comparison_name(op: Comparison) -> &'static str {
    match op {
        Comparison::Eq => "Eq",
        Comparison::Neq => "Neq",
        Comparison::Lt => "Lt",
        Comparison::Leq => "Leq",
        Comparison::Gt => "Gt",
        Comparison::Geq => "Geq",
    }
}

fn arithmetic_name(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Add => "Add",
        Arithmetic::Sub => "Sub",
        Arithmetic::Mul => "Mul",
        Arithmetic::Div => "Div",
        Arithmetic::Mod => "Mod",
        Arithmetic::Rem => "Rem",
    }
}
