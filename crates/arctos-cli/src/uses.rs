//! Which types a policy uses, and how: in a block, or by mention.
//!
//! Only what stands where nothing but a type can stand counts (blocks, relations, patterns, `new`), and a capitalised
//! name that something is looked up in (`Repo.find(1)`) where it is no parameter of the rule.

use arctos_syntax::tree::{
    Block, BlockItem, Call, Dot, Expr, ExprKind, File, Head, Item, List, Member, Pattern, PatternKind,
    SetupItem, ShorthandExpr,
};

/// A type's name where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeUse {
    /// The name.
    pub(crate) name: String,
    /// True for the name of an `actor` or `resource` block.
    pub(crate) is_block: bool,
}

/// The types that files use, in order of appearance, one entry a use.
pub(crate) fn of_files<'f>(files: impl IntoIterator<Item = &'f File>) -> Vec<TypeUse> {
    let mut collector = Collector::default();
    for item in files.into_iter().flat_map(|file| &file.items) {
        collector.item(item);
    }
    collector.uses
}

/// The types that a query uses.
pub(crate) fn of_query(query: &Expr) -> Vec<TypeUse> {
    let mut collector = Collector::default();
    collector.expr(query);
    collector.uses
}

/// The variables of a query whose values its answers tell: all but those that begin with `_`. Names of classes and
/// constants are among them, since only a schema can tell.
pub(crate) fn variables_of_query(query: &Expr) -> Vec<String> {
    let mut collector = Collector::default();
    collector.expr(query);
    collector.variables.retain(|name| !name.starts_with('_'));
    collector.variables
}

/// The names of the rules that a query calls.
pub(crate) fn calls_of_query(query: &Expr) -> Vec<String> {
    let mut collector = Collector::default();
    collector.expr(query);
    collector.calls
}

#[derive(Default)]
struct Collector {
    uses: Vec<TypeUse>,
    calls: Vec<String>,
    variables: Vec<String>,
    /// Parameter names of the current rule.
    parameters: Vec<String>,
}

impl Collector {
    fn mention(&mut self, name: &str) {
        self.uses.push(TypeUse { name: name.to_owned(), is_block: false });
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Rule(rule) => {
                self.head(&rule.head);
                rule.body.iter().for_each(|body| self.expr(body));
            }
            Item::RuleType(head) => self.head(head),
            Item::InlineQuery(query) => self.expr(&query.query),
            Item::Block(block) => self.block(block),
            Item::Declare(declare) => declare.types.iter().for_each(|name| self.mention(&name.text)),
            Item::Fixture(fixture) => fixture.facts.iter().for_each(|fact| self.head(fact)),
            Item::Test(test) => {
                for setup in &test.setup {
                    if let SetupItem::Fact(fact) = setup {
                        self.head(fact);
                    }
                }
                for assertion in &test.assertions {
                    self.head(&assertion.query);
                    assertion.iff.iter().for_each(|condition| self.expr(condition));
                }
            }
        }
        self.parameters.clear();
    }

    fn head(&mut self, head: &Head) {
        for param in &head.params {
            if let ExprKind::Variable(name) = &param.term.kind {
                self.parameters.push(name.to_string());
            }
        }
        for param in &head.params {
            self.expr(&param.term);
            param.specializer.iter().for_each(|pattern| self.pattern(pattern));
        }
    }

    fn block(&mut self, block: &Block) {
        if block.kind != arctos_syntax::tree::BlockKind::Global {
            self.uses.push(TypeUse { name: block.name.text.to_string(), is_block: true });
        }
        block.extends.iter().for_each(|base| self.mention(&base.text));
        for item in &block.body {
            match item {
                BlockItem::Relations(relations, _) => {
                    relations.iter().for_each(|(_, class)| self.mention(&class.text));
                }
                BlockItem::Shorthand(shorthand) => self.shorthand(&shorthand.body),
                BlockItem::Roles(..) | BlockItem::Permissions(..) => {}
            }
        }
    }

    fn shorthand(&mut self, body: &ShorthandExpr) {
        match body {
            ShorthandExpr::Call(call) => self.expr(call),
            ShorthandExpr::And(parts) | ShorthandExpr::Or(parts) => {
                parts.iter().for_each(|part| self.shorthand(part));
            }
            ShorthandExpr::Holds(..) | ShorthandExpr::Global(..) => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::List(list) => {
                list.items.iter().for_each(|item| self.expr(item));
                self.variables.extend(list.rest.iter().map(|rest| rest.text.to_string()));
            }
            ExprKind::Variable(name) => self.variables.push(name.to_string()),
            ExprKind::Dictionary(entries) => entries.iter().for_each(|(_, value)| self.expr(value)),
            ExprKind::Call(call) => {
                self.calls.push(call.name.text.to_string());
                self.call(call);
            }
            ExprKind::New(call) => {
                self.mention(&call.name.text);
                self.call(call);
            }
            ExprKind::Dot(dot) => self.dot(dot),
            ExprKind::Binary(binary) => {
                self.expr(&binary.left);
                self.expr(&binary.right);
            }
            ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Print(parts) | ExprKind::Debug(parts) => {
                parts.iter().for_each(|part| self.expr(part));
            }
            ExprKind::Not(inner) => self.expr(inner),
            ExprKind::Matches(value, pattern) => {
                self.expr(value);
                self.pattern(pattern);
            }
            ExprKind::ForAll(condition, action) => {
                self.expr(condition);
                self.expr(action);
            }
            ExprKind::Entity(class, id) => {
                self.mention(&class.text);
                self.expr(id);
            }
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::String(_)
            | ExprKind::Boolean(_)
            | ExprKind::Cut
            | ExprKind::RequestValue(_)
            | ExprKind::Error => {}
        }
    }

    fn call(&mut self, call: &Call) {
        call.args.iter().for_each(|arg| self.expr(arg));
        call.kwargs.iter().for_each(|(_, arg)| self.expr(arg));
    }

    fn dot(&mut self, dot: &Dot) {
        match &dot.object.kind {
            ExprKind::Variable(name)
                if name.chars().next().is_some_and(char::is_uppercase)
                    && !self.parameters.iter().any(|known| known == name) =>
            {
                self.mention(name);
                self.variables.push(name.to_string());
            }
            _ => self.expr(&dot.object),
        }
        match &dot.member {
            Member::Field(_) => {}
            Member::Method(call) => self.call(call),
            Member::Dynamic(name) => self.expr(name),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Instance(class, fields) => {
                self.mention(&class.text);
                fields.iter().for_each(|(_, field)| self.pattern(field));
            }
            PatternKind::Dictionary(fields) => fields.iter().for_each(|(_, field)| self.pattern(field)),
            PatternKind::List(list) => {
                let List { items, rest } = &**list;
                items.iter().for_each(|item| self.pattern(item));
                self.variables.extend(rest.iter().map(|rest| rest.text.to_string()));
            }
            PatternKind::Value(value) => self.expr(value),
        }
    }
}
