//! The syntax tree: what the text says, with spans, before anything is known about its meaning.
//!
//! One tree serves both dialects. The tree knows nothing of classes, rules or roles; names are plain text. Parsing
//! never fails: where the text makes no sense the tree has [`ExprKind::Error`] and a diagnostic tells why.

/// Text in a tree. Short texts are held in place: PERF: most names cost no allocation, and a clone never does.
pub use ecow::EcoString as Text;

use crate::source::Span;

/// A name with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name as written; `::` may be inside, a trailing `?` too.
    pub text: Text,
    /// Its place.
    pub span: Span,
}

/// A string literal with its place; `text` has its escapes resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct StringLit {
    /// The value.
    pub text: Text,
    /// Its place, quotes included.
    pub span: Span,
}

/// One parsed source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Top-level forms in source order.
    pub items: Vec<Item>,
}

/// A top-level form.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `f(x) if g(x);`
    Rule(Rule),
    /// `type f(x: Integer);`
    RuleType(Head),
    /// `?= f(1);`
    InlineQuery(InlineQuery),
    /// `resource Repo { … }`, `actor User { … }`, `global { … }`
    Block(Block),
    /// `declare is_public(Repo);`
    Declare(Declare),
    /// `test fixture name { … }`
    Fixture(Fixture),
    /// `test "name" { … }`
    Test(Test),
}

/// `name(params) if body;`
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The head.
    pub head: Head,
    /// The body; `None` for a fact-like rule without `if`.
    pub body: Option<Expr>,
    /// From the head's first character to the `;`.
    pub span: Span,
}

/// The head of a rule or rule type.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The rule's name.
    pub name: Ident,
    /// Its parameters.
    pub params: Vec<Param>,
    /// From the name to the closing parenthesis.
    pub span: Span,
}

/// One parameter: a term, or `variable: Pattern`.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The term. A variable where there is a specializer.
    pub term: Expr,
    /// What stands after the colon.
    pub specializer: Option<Pattern>,
    /// The whole parameter.
    pub span: Span,
}

/// `?= query;`
#[derive(Clone, Debug, PartialEq)]
pub struct InlineQuery {
    /// What must have an answer.
    pub query: Expr,
    /// From `?=` to `;`.
    pub span: Span,
}

/// An expression, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands; parentheses around it are not part of it.
    pub span: Span,
}

/// What an expression is. Value and logical forms share this type; the parser has already refused a logical form
/// where a value is needed and the other way round.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `12`, `-12`
    Integer(i64),
    /// `1.5`, `inf`, `nan`, `-1.5`
    Float(f64),
    /// `"text"`, escapes resolved.
    String(Text),
    /// `true`, `false`
    Boolean(bool),
    /// A bare name: variable or constant, decided later. `_` is anonymous, new at each use.
    Variable(Text),
    /// `[a, b, *rest]`
    List(Box<List<Expr>>),
    /// `{a: 1, b}`; keys are unique.
    Dictionary(Vec<(Ident, Expr)>),
    /// `f(a, k: v)`: a rule call.
    Call(Box<Call>),
    /// `new Class(a, k: v)`
    New(Box<Call>),
    /// `object.field`, `object.field(args)`, `object.("field")`, `object.(variable)`
    Dot(Box<Dot>),
    /// `a + b`, `a == b`, `a = b`, `a := b`, `a in b`, …
    Binary(Box<Binary>),
    /// `a and b and c`; at least two, in order, never directly an `And`.
    And(Vec<Expr>),
    /// `a or b or c`; at least two, in order, never directly an `Or`.
    Or(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `a matches Pattern`
    Matches(Box<Expr>, Box<Pattern>),
    /// `forall(condition, action)`
    ForAll(Box<Expr>, Box<Expr>),
    /// `cut`
    Cut,
    /// `print(a, b)`
    Print(Vec<Expr>),
    /// `debug(a)`
    Debug(Vec<Expr>),
    /// `User{"ann"}`: an entity literal (facts dialect).
    Entity(Box<Ident>, Box<Expr>),
    /// `@current_unix_time`, `@context`, `@action`: a value of the request (facts dialect); the name without `@`.
    RequestValue(Text),
    /// Where the text could not be understood; a diagnostic has been reported.
    Error,
}

/// The items of a list term or list pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T> {
    /// Items in order.
    pub items: Vec<T>,
    /// The variable after `*`, always last.
    pub rest: Option<Ident>,
}

/// A name applied to arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Rule, class or method name.
    pub name: Ident,
    /// Positional arguments.
    pub args: Vec<Expr>,
    /// Keyword arguments in source order.
    pub kwargs: Vec<(Ident, Expr)>,
}

/// A lookup or method call.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// The value looked into.
    pub object: Expr,
    /// What is looked up.
    pub member: Member,
}

/// The part after the dot.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// `.name`
    Field(Ident),
    /// `.name(args)`
    Method(Box<Call>),
    /// `.("name")`, `.(variable)`
    Dynamic(Expr),
}

/// Two operands and what joins them.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// The operator's place.
    pub op_span: Span,
    /// Left operand.
    pub left: Expr,
    /// Right operand.
    pub right: Expr,
}

/// The infix operators other than `and`, `or`, `matches` and the dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `=`
    Unify,
    /// `:=`
    Assign,
    /// `==`
    Eq,
    /// `!=`
    Neq,
    /// `<`
    Lt,
    /// `<=`
    Leq,
    /// `>`
    Gt,
    /// `>=`
    Geq,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `mod`
    Mod,
    /// `rem`
    Rem,
}

/// What a value is matched against after `matches` or a parameter's colon.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// What it is.
    pub kind: PatternKind,
    /// Where it stands.
    pub span: Span,
}

/// What a pattern is.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    /// `User`, `User{name: n}`: the class, then its fields. A bare name at the top of a pattern is a class without
    /// fields; inside a nested list or dictionary pattern a bare name is a [`PatternKind::Value`] variable.
    Instance(Ident, Vec<(Ident, Pattern)>),
    /// `{name: "x"}`: any value with these fields.
    Dictionary(Vec<(Ident, Pattern)>),
    /// `[a, *rest]`
    List(Box<List<Pattern>>),
    /// A literal, a variable or a dot lookup to unify with.
    Value(Expr),
}

/// Which kind of block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// `actor Name { … }`
    Actor,
    /// `resource Name { … }`
    Resource,
    /// `global { … }` (facts dialect)
    Global,
}

/// `resource Name extends Base { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Its keyword.
    pub kind: BlockKind,
    /// The type's name; for `global` the keyword's own place with the text `global`.
    pub name: Ident,
    /// Types after `extends` (facts dialect).
    pub extends: Vec<Ident>,
    /// What stands between the braces, in order.
    pub body: Vec<BlockItem>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// A production of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockItem {
    /// `roles = ["a", "b"];`
    Roles(Vec<StringLit>, Span),
    /// `permissions = ["a", "b"];`
    Permissions(Vec<StringLit>, Span),
    /// `relations = { parent: Org };`: relation name and type.
    Relations(Vec<(Ident, Ident)>, Span),
    /// `"a" if "b" on "c";`
    Shorthand(Shorthand),
}

/// `"reader" if "member" on "parent";`
#[derive(Clone, Debug, PartialEq)]
pub struct Shorthand {
    /// What is granted.
    pub head: ShorthandTerm,
    /// On what condition. In the classic dialect always one [`ShorthandExpr::Holds`].
    pub body: ShorthandExpr,
    /// From the head to the `;`.
    pub span: Span,
}

/// A role, permission or relation named in a shorthand rule.
#[derive(Clone, Debug, PartialEq)]
pub enum ShorthandTerm {
    /// `"admin"`
    Name(StringLit),
    /// `role`, `permission`, `resource`, … as a bare word (facts dialect).
    Word(Ident),
}

/// The body of a shorthand rule.
#[derive(Clone, Debug, PartialEq)]
pub enum ShorthandExpr {
    /// `"member"` or `"member" on "parent"`.
    Holds(ShorthandTerm, Option<ShorthandTerm>),
    /// `global "admin"` (facts dialect)
    Global(ShorthandTerm, Span),
    /// `is_public(resource)` (facts dialect)
    Call(Expr),
    /// `a and b` (facts dialect)
    And(Vec<ShorthandExpr>),
    /// `a or b` (facts dialect)
    Or(Vec<ShorthandExpr>),
}

/// `declare is_public(Repo);`
#[derive(Clone, Debug, PartialEq)]
pub struct Declare {
    /// The fact predicate.
    pub name: Ident,
    /// Its argument types.
    pub types: Vec<Ident>,
    /// From `declare` to `;`.
    pub span: Span,
}

/// `test fixture name { fact; … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Fixture {
    /// Its name.
    pub name: Ident,
    /// The facts: a predicate over entity literals, values and wildcards (`_: User`).
    pub facts: Vec<Head>,
    /// The whole form.
    pub span: Span,
}

/// `test "name" { setup { … } assert …; }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its title.
    pub name: StringLit,
    /// Facts and fixtures the test starts from.
    pub setup: Vec<SetupItem>,
    /// What must hold.
    pub assertions: Vec<Assertion>,
    /// The whole form.
    pub span: Span,
}

/// A line of a test's `setup`.
#[derive(Clone, Debug, PartialEq)]
pub enum SetupItem {
    /// A fact.
    Fact(Head),
    /// `fixture name;`
    Fixture(Ident),
    /// `@current_unix_time = 1700000000;`
    Value(Setting),
}

/// A value of the request that a test sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name, without `@`.
    pub name: Ident,
    /// What it is.
    pub value: Expr,
    /// The whole line.
    pub span: Span,
}

/// `assert f(x) iff x in ["a"];`
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion {
    /// False for `assert_not`.
    pub positive: bool,
    /// What is asked, as a head, so that `action: String` may stand as an argument.
    pub query: Head,
    /// The condition after `iff`.
    pub iff: Option<Expr>,
    /// The whole line.
    pub span: Span,
}
