//! Lowering of conditions and terms.

use arctos_syntax::{Span, tree};
use tree::{BinaryOp, Expr, ExprKind, Member};

use super::Lowering;
use crate::host::Comparison;
use crate::ir::{
    Arithmetic, Block, CompoundId, EntityId, Goal, HostCall, HostCallId, ListTerm, Operand, Pattern,
    PatternId, Span32, Tag,
};

impl Lowering<'_> {
    /// Lowers a rule body or query into one run of goals.
    pub(super) fn body(&mut self, body: &Expr) -> Span32 {
        let from = self.pending.len();
        self.condition(body);
        self.flush(from)
    }

    /// Emits the goals of a condition.
    pub(super) fn condition(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::And(parts) => parts.iter().for_each(|part| self.condition(part)),
            ExprKind::Or(parts) => self.alternatives(parts, expr.span),
            ExprKind::Not(inner) => {
                let block = self.negated(|this| this.condition(inner));
                self.emit(Goal::Not(block), expr.span);
            }
            ExprKind::ForAll(condition, action) => self.for_all(condition, action, expr.span),
            ExprKind::Cut => self.emit(Goal::Cut, expr.span),
            ExprKind::Print(args) => {
                let args = self.terms(args);
                self.emit(Goal::Print(args), expr.span);
            }
            ExprKind::Debug(args) => {
                self.terms(args);
                self.emit(Goal::Debug, expr.span);
            }
            ExprKind::Call(call) => self.rule_call(call, expr.span),
            ExprKind::Matches(value, pattern) => {
                let value = self.term(value);
                let after = self.pending.len();
                let pattern = self.pattern(pattern, true);
                // Lookups inside the pattern run after the match, which leaves variables in their place.
                self.pending.insert(after, (Goal::Match(value, pattern), expr.span));
            }
            ExprKind::Binary(binary) if is_condition(binary.op) => self.relation(binary, expr.span),
            ExprKind::Boolean(true) => {}
            ExprKind::Boolean(false) => self.emit(Goal::Fail, expr.span),
            _ => {
                let value = self.term(expr);
                self.emit(Goal::Truth(value), expr.span);
            }
        }
    }

    /// Lowers something into a block of its own; the block's number.
    fn block(&mut self, build: impl FnOnce(&mut Self)) -> u32 {
        let from = self.pending.len();
        build(self);
        let goals = self.flush(from);
        let slots = self.slots_of(goals);
        self.code.blocks.push(Block { goals, slots, local: Vec::new() });
        self.code.blocks.len() as u32 - 1
    }

    /// A block whose local variables will be known once the whole rule is lowered.
    fn negated(&mut self, build: impl FnOnce(&mut Self)) -> u32 {
        let start = self.code.goals.len();
        let block = self.block(build);
        self.negations.push((block, start..self.code.goals.len()));
        block
    }

    fn alternatives(&mut self, parts: &[Expr], span: Span) {
        let blocks: Vec<u32> = parts.iter().map(|part| self.block(|this| this.condition(part))).collect();
        // Nested alternatives put blocks in between: copy the headers so that these stand in a row.
        let start = self.code.blocks.len() as u32;
        for block in &blocks {
            let header = self.code.blocks.get(*block as usize).cloned().unwrap_or_default();
            self.code.blocks.push(header);
        }
        self.emit(Goal::Or(Span32 { start, len: blocks.len() as u32 }), span);
    }

    /// `forall(c, a)` is `not (c and not a)`.
    fn for_all(&mut self, condition: &Expr, action: &Expr, span: Span) {
        let block = self.negated(|this| {
            this.condition(condition);
            let inner = this.negated(|this| this.condition(action));
            this.emit(Goal::Not(inner), action.span);
        });
        self.emit(Goal::Not(block), span);
    }

    fn rule_call(&mut self, call: &tree::Call, span: Span) {
        let name = self.interner.intern(&call.name.text);
        let key = (name, call.args.len() as u32);
        let goal = match self.predicates.by_name.get(&key).copied() {
            Some(predicate) => Goal::Call(predicate, self.terms(&call.args)),
            None if self.predicates.defined.contains(&name) => {
                self.terms(&call.args);
                Goal::Fail
            }
            None => Goal::Undefined(name),
        };
        self.emit(goal, span);
    }

    fn relation(&mut self, binary: &tree::Binary, span: Span) {
        let before = self.pending.len();
        let left = self.term(&binary.left);
        let right = self.term(&binary.right);
        let goal = match binary.op {
            BinaryOp::Unify => Goal::Unify(left, right),
            BinaryOp::Assign => Goal::Assign(left, right),
            BinaryOp::In => Goal::In(left, right),
            op => Goal::Compare(comparison(op), left, right),
        };
        let pure = |goal: &Goal| match goal {
            Goal::Lookup(..) | Goal::LookupDynamic(..) | Goal::Method(..) => true,
            Goal::Arithmetic(op, ..) => !matches!(op, Arithmetic::Mod | Arithmetic::Rem),
            _ => false,
        };
        let rewritten = self.pending.len() > before;
        if binary.op == BinaryOp::Unify
            && rewritten
            && !self.is_lone
            && self.pending.iter().skip(before).all(|(goal, _)| pure(goal))
        {
            self.pending.insert(before, (goal, span));
        } else {
            self.emit(goal, span);
        }
    }

    fn terms(&mut self, exprs: &[Expr]) -> Span32 {
        let from = self.operands.len();
        for expr in exprs {
            let operand = self.term(expr);
            self.operands.push(operand);
        }
        self.flush_operands(from)
    }

    /// Lowers a value; emits the goals that compute it.
    pub(super) fn term(&mut self, expr: &Expr) -> Operand {
        match &expr.kind {
            ExprKind::Integer(value) => Operand::Integer(*value),
            ExprKind::Float(value) => Operand::Float(*value),
            ExprKind::Boolean(value) => Operand::Boolean(*value),
            ExprKind::String(text) => Operand::Text(self.interner.intern(text)),
            ExprKind::Variable(name) => self.variable(name),
            ExprKind::List(list) => self.list(list),
            ExprKind::Dictionary(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (self.interner.intern(&key.text), self.term(value)))
                    .collect();
                self.code.dictionaries.push(entries);
                Operand::Dictionary(CompoundId(self.code.dictionaries.len() as u32 - 1))
            }
            ExprKind::Dot(dot) => self.dot(dot, expr.span),
            ExprKind::New(call) => self.construct(call, expr.span),
            ExprKind::Binary(binary) => self.arithmetic(binary, expr.span),
            ExprKind::Entity(class, id) => self.entity(class, id),
            ExprKind::RequestValue(name) => match name.as_str() {
                "context" => Operand::Context,
                "action" => Operand::Action,
                _ => Operand::UnixTime,
            },
            // The parser lets conditions stand only where conditions may; sema refuses the rest.
            _ => Operand::Nil,
        }
    }

    /// `User{"ann"}`; `Integer{1}` is `1`.
    fn entity(&mut self, class: &tree::Ident, id: &Expr) -> Operand {
        match (&id.kind, self.schema.class(&class.text)) {
            (ExprKind::String(id), Some(class)) if self.schema.has_entities(class) => {
                let id = self.interner.intern(id);
                self.code.entities.push((class, id));
                Operand::Entity(EntityId(self.code.entities.len() as u32 - 1))
            }
            _ => self.term(id),
        }
    }

    fn list(&mut self, list: &tree::List<Expr>) -> Operand {
        let items = self.terms(&list.items);
        let rest = list.rest.as_ref().map(|rest| self.rest(&rest.text));
        self.code.lists.push(ListTerm { items, rest });
        Operand::List(CompoundId(self.code.lists.len() as u32 - 1))
    }

    fn rest(&mut self, name: &str) -> Operand {
        match name {
            "_" => Operand::Anonymous,
            name => Operand::Slot(self.slot(name)),
        }
    }

    fn dot(&mut self, dot: &tree::Dot, span: Span) -> Operand {
        let object = self.term(&dot.object);
        match &dot.member {
            Member::Field(field) => {
                let name = self.interner.intern(&field.text);
                let out = self.temporary();
                self.emit(Goal::Lookup(object, name, out), span);
                Operand::Slot(out)
            }
            Member::Method(call) => {
                let name = self.interner.intern(&call.name.text);
                let args = self.host_call(call);
                let out = self.temporary();
                self.emit(Goal::Method(object, name, args, out), span);
                Operand::Slot(out)
            }
            Member::Dynamic(key) => {
                let key = self.term(key);
                let out = self.temporary();
                let goal = match key {
                    Operand::Text(name) => Goal::Lookup(object, name, out),
                    key => Goal::LookupDynamic(object, key, out),
                };
                self.emit(goal, span);
                Operand::Slot(out)
            }
        }
    }

    fn host_call(&mut self, call: &tree::Call) -> HostCallId {
        let positional = self.terms(&call.args);
        let keyword = call
            .kwargs
            .iter()
            .map(|(key, value)| (self.interner.intern(&key.text), self.term(value)))
            .collect();
        self.code.calls.push(HostCall { positional, keyword });
        HostCallId(self.code.calls.len() as u32 - 1)
    }

    fn construct(&mut self, call: &tree::Call, span: Span) -> Operand {
        let args = self.host_call(call);
        let out = self.temporary();
        let goal = match self.schema.class(&call.name.text) {
            Some(class) => Goal::New(class, args, out),
            None => Goal::NewUnknown(self.interner.intern(&call.name.text)),
        };
        self.emit(goal, span);
        Operand::Slot(out)
    }

    fn arithmetic(&mut self, binary: &tree::Binary, span: Span) -> Operand {
        let left = self.term(&binary.left);
        let right = self.term(&binary.right);
        let op = match binary.op {
            BinaryOp::Add => Arithmetic::Add,
            BinaryOp::Sub => Arithmetic::Sub,
            BinaryOp::Mul => Arithmetic::Mul,
            BinaryOp::Div => Arithmetic::Div,
            BinaryOp::Mod => Arithmetic::Mod,
            BinaryOp::Rem => Arithmetic::Rem,
            _ => return Operand::Nil,
        };
        let out = self.temporary();
        self.emit(Goal::Arithmetic(op, left, right, out), span);
        Operand::Slot(out)
    }

    /// Lowers a pattern. At the top a bare name is a class, which the parser has already decided.
    pub(super) fn pattern(&mut self, pattern: &tree::Pattern, top: bool) -> PatternId {
        let lowered = match &pattern.kind {
            tree::PatternKind::Instance(class, fields) => {
                let tag = self.tag(&class.text);
                Pattern::Instance(tag, self.fields(fields))
            }
            tree::PatternKind::Dictionary(fields) => Pattern::Dictionary(self.fields(fields)),
            tree::PatternKind::List(list) => {
                let items = list.items.iter().map(|item| self.pattern(item, false)).collect();
                Pattern::List(items, list.rest.as_ref().map(|rest| self.rest(&rest.text)))
            }
            tree::PatternKind::Value(expr) => match (&expr.kind, top) {
                (ExprKind::Variable(name), true) => Pattern::Instance(self.tag(name), Vec::new()),
                _ => Pattern::Value(self.term(expr)),
            },
        };
        self.code.patterns.push(lowered);
        PatternId(self.code.patterns.len() as u32 - 1)
    }

    fn fields(&mut self, fields: &[(tree::Ident, tree::Pattern)]) -> Vec<(crate::symbol::Symbol, PatternId)> {
        fields
            .iter()
            .map(|(name, pattern)| (self.interner.intern(&name.text), self.pattern(pattern, false)))
            .collect()
    }

    pub(super) fn tag(&mut self, name: &str) -> Tag {
        match (name, self.schema.class(name)) {
            (_, Some(class)) => Tag::Class(class),
            ("Actor", None) => Tag::Actor,
            ("Resource", None) => Tag::Resource,
            (name, None) => Tag::Unknown(self.interner.intern(name)),
        }
    }
}

fn is_condition(op: BinaryOp) -> bool {
    !matches!(
        op,
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Rem
    )
}

fn comparison(op: BinaryOp) -> Comparison {
    match op {
        BinaryOp::Neq => Comparison::Neq,
        BinaryOp::Lt => Comparison::Lt,
        BinaryOp::Leq => Comparison::Leq,
        BinaryOp::Gt => Comparison::Gt,
        BinaryOp::Geq => Comparison::Geq,
        _ => Comparison::Eq,
    }
}
