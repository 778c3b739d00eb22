//! The lowered program: clauses of goals in arenas with typed ids.
//!
//! Blocks and shorthand are plain clauses here. Terms inside goals are flat: lookups, arithmetic and construction have
//! become goals of their own with a slot for the result. Names are resolved: a variable is a slot, a rule name a
//! predicate, a class or constant its id.
//!
//! INVARIANT: every id points into the [`Code`] that holds it; a question has a `Code` of its own and shares only
//! predicates, classes and symbols with the program.

pub(crate) mod adorn;
mod dump;
mod index;
mod lower;
mod recursion;
mod slots;
mod values;

use std::fmt;
use std::sync::Arc;

use arctos_syntax::{Diagnostic, Sources, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use index::{Accepts, Classes};
pub(crate) use index::{Index, Key, Leaf};
pub(crate) use lower::{Interner, lower_program, lower_question};
pub(crate) use slots::{slots_of_goal, slots_of_pattern};

use crate::forms::FactForms;
use crate::host::Comparison;
use crate::policy::RuleId;
use crate::schema::{ClassId, ConstantId, Schema};
use crate::symbol::{Symbol, Symbols};
use crate::testing::PolicyTest;

/// A policy, ready to run.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) sources: Sources,
    pub(crate) schema: Schema,
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) code: Code,
    /// One per rule, in load order; a rule's id is its clause's place here.
    pub(crate) clauses: Vec<Clause>,
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) by_name: FxHashMap<(Symbol, u32), PredicateId>,
    /// Names that some rule has, whatever its arity.
    pub(crate) defined: FxHashSet<Symbol>,
    /// Spans of the inline queries' texts.
    pub(crate) inline_queries: Vec<Span>,
    pub(crate) tests: Vec<PolicyTest>,
    /// What facts may say.
    pub(crate) forms: FactForms,
    /// The roles, permissions and relations that blocks declare, some of them several times.
    declared: Vec<Symbol>,
    /// By class: itself and the classes that inherit from it.
    pub(crate) descendants: Vec<Vec<ClassId>>,
    /// By class: whether its instances are actors, and resources.
    pub(crate) unions: Vec<Membership>,
    /// What the indexes know of classes.
    classes: Arc<Classes>,
    /// The same program read for lists.
    readings: adorn::Readings,
}

/// Which built-in unions a class's instances belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Membership {
    pub(crate) actor: bool,
    pub(crate) resource: bool,
}

/// A predicate: all clauses of one name and arity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PredicateId(pub(crate) u32);

/// A run of operands, goals, … in one of a code's arenas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span32 {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl Span32 {
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }

    pub(crate) fn end(self) -> u32 {
        self.start + self.len
    }
}

/// A variable of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) u32);

/// A pattern in [`Code::patterns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PatternId(pub(crate) u32);

/// A list or dictionary term in [`Code::lists`] or [`Code::dictionaries`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompoundId(pub(crate) u32);

/// An entity that a policy or question mentions, in [`Code::entities`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntityId(pub(crate) u32);

/// Arguments of a host call in [`Code::calls`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HostCallId(pub(crate) u32);

/// Goals and what they refer to.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) goals: Vec<Goal>,
    /// The place of each goal.
    pub(crate) spans: Vec<Span>,
    pub(crate) operands: Vec<Operand>,
    pub(crate) lists: Vec<ListTerm>,
    pub(crate) dictionaries: Vec<Vec<(Symbol, Operand)>>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) calls: Vec<HostCall>,
    pub(crate) blocks: Vec<Block>,
    /// Type and id.
    pub(crate) entities: Vec<(ClassId, Symbol)>,
}

impl Code {
    /// Gives back what the arenas hold in reserve.
    fn shrink(&mut self) {
        self.goals.shrink_to_fit();
        self.spans.shrink_to_fit();
        self.operands.shrink_to_fit();
        self.lists.shrink_to_fit();
        self.dictionaries.shrink_to_fit();
        self.patterns.shrink_to_fit();
        self.calls.shrink_to_fit();
        self.blocks.shrink_to_fit();
        self.entities.shrink_to_fit();
    }

    pub(crate) fn operands(&self, run: Span32) -> &[Operand] {
        self.operands.get(run.range()).unwrap_or(&[])
    }

    /// Whether two specializers of the program are written alike, variables by their names.
    pub(crate) fn same_pattern(&self, left: (&Clause, PatternId), right: (&Clause, PatternId)) -> bool {
        let fields = |a: &[(Symbol, PatternId)], b: &[(Symbol, PatternId)]| {
            let mut pairs = a.iter().zip(b);
            a.len() == b.len()
                && pairs.all(|(a, b)| a.0 == b.0 && self.same_pattern((left.0, a.1), (right.0, b.1)))
        };
        let operand = |a: Operand, b: Operand| same_operand((left.0, a), (right.0, b));
        match (self.patterns.get(left.1.0 as usize), self.patterns.get(right.1.0 as usize)) {
            (Some(Pattern::Instance(a, of_a)), Some(Pattern::Instance(b, of_b))) => {
                a == b && fields(of_a, of_b)
            }
            (Some(Pattern::Dictionary(a)), Some(Pattern::Dictionary(b))) => fields(a, b),
            (Some(Pattern::List(a, None)), Some(Pattern::List(b, None))) => {
                let mut pairs = a.iter().zip(b);
                a.len() == b.len() && pairs.all(|(a, b)| self.same_pattern((left.0, *a), (right.0, *b)))
            }
            (Some(Pattern::Value(a)), Some(Pattern::Value(b))) => operand(*a, *b),
            _ => false,
        }
    }
}

fn same_operand(left: (&Clause, Operand), right: (&Clause, Operand)) -> bool {
    match (left.1, right.1) {
        (Operand::Slot(a), Operand::Slot(b)) => {
            left.0.slots.get(a.0 as usize) == right.0.slots.get(b.0 as usize)
        }
        #[expect(clippy::cast_precision_loss, reason = "only for the order of rules")]
        (Operand::Integer(a), Operand::Float(b)) | (Operand::Float(b), Operand::Integer(a)) => a as f64 == b,
        (a, b) => a == b,
    }
}

/// One clause.
#[derive(Debug)]
pub(crate) struct Clause {
    pub(crate) predicate: PredicateId,
    pub(crate) params: Vec<Param>,
    /// Names of its variables, by slot.
    pub(crate) slots: Vec<Symbol>,
    /// Goals of the body.
    pub(crate) body: Span32,
    /// What the rule was written as.
    pub(crate) origin: Span,
    pub(crate) is_shorthand: bool,
    /// How it can lead to itself by calls that do not shrink a list: calls that may reach it are tabled.
    pub(crate) recursion: Option<Recursion>,
}

/// How a clause leads to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recursion {
    /// Clauses that lead to one another have the same number.
    pub(crate) component: u32,
    /// Present where all clauses of the component lead to one another in one way only.
    pub(crate) steps: Option<Steps>,
}

/// Recursion in last place: `p(x, z) if …` or `p(x, z) if … and p(y, z)`. What such a goal asks is whether any of the goals that can be
/// reached from it holds by another clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// The argument that changes; all others are passed on as they are.
    pub(crate) position: u32,
    /// The clause's calls of this kind, by the numbers of their goals.
    pub(crate) goals: Box<[u32]>,
}

/// One parameter of a clause.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    pub(crate) operand: Operand,
    /// The operand is a variable that stands nowhere before in the head.
    pub(crate) first: bool,
    pub(crate) pattern: Option<PatternId>,
    /// What the order of rules depends on.
    pub(crate) specificity: Specificity,
}

/// What a parameter's specializer says about the order of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Specificity {
    /// No specializer.
    None,
    /// A specializer that is neither a class nor a dictionary.
    Other,
    /// A dictionary pattern of that many keys.
    Fields(u32),
    /// A class with that many fields.
    Class(Tag, u32),
}

/// Puts rules in the order in which they are tried: a stable insertion sort, since what goes before what need not be
/// transitive.
pub(crate) fn order_rules(rules: &mut [RuleId], mut goes_before: impl FnMut(RuleId, RuleId) -> bool) {
    for place in 1..rules.len() {
        let mut at = place;
        while at > 0 {
            let (Some(left), Some(right)) = (rules.get(at).copied(), rules.get(at - 1).copied()) else {
                break;
            };
            if !goes_before(left, right) {
                break;
            }
            rules.swap(at, at - 1);
            at -= 1;
        }
    }
}

impl Specificity {
    /// True when a specializer goes before another for an argument that is an object of this lineage.
    pub(crate) fn is_before(self, other: Specificity, is_object: bool, lineage: &[ClassId]) -> bool {
        use Specificity as S;
        match (self, other) {
            (S::None, _) => false,
            (_, S::None) | (S::Class(..), S::Fields(_)) => true,
            (S::Fields(l), S::Fields(r)) => l > r,
            (S::Class(l, fields_l), S::Class(r, fields_r)) if l == r => is_object && fields_l > fields_r,
            (S::Class(Tag::Class(l), _), S::Class(Tag::Class(r), _)) => {
                let place = |class: ClassId| lineage.iter().position(|other| *other == class);
                match (place(l), place(r)) {
                    (Some(left), Some(right)) => left < right,
                    (Some(_), None) => true,
                    _ => false,
                }
            }
            (S::Class(Tag::Class(_), _), S::Class(Tag::Actor | Tag::Resource, _)) => true,
            _ => false,
        }
    }
}

/// A predicate and the way to its clauses.
#[derive(Debug)]
pub(crate) struct Predicate {
    pub(crate) name: Symbol,
    pub(crate) arity: u32,
    /// Facts may have it too: they are asked before the clauses.
    pub(crate) has_facts: bool,
    pub(crate) index: Index,
}

/// An operand of a goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operand {
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(Symbol),
    Slot(Slot),
    /// `_`: a new variable each time.
    Anonymous,
    Constant(ConstantId),
    /// A class used as a value.
    Class(ClassId),
    List(CompoundId),
    Dictionary(CompoundId),
    /// `User{"ann"}`
    Entity(EntityId),
    /// `@current_unix_time`
    UnixTime,
    /// `@context`
    Context,
    /// `@action`
    Action,
}

/// A list term.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListTerm {
    pub(crate) items: Span32,
    pub(crate) rest: Option<Operand>,
}

/// Arguments of a method or constructor.
#[derive(Clone, Debug)]
pub(crate) struct HostCall {
    pub(crate) positional: Span32,
    pub(crate) keyword: Vec<(Symbol, Operand)>,
}

/// A class test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Tag {
    Class(ClassId),
    /// Any class with an `actor` block.
    Actor,
    /// Any class with an `actor` or `resource` block.
    Resource,
    /// A class that is not registered.
    Unknown(Symbol),
}

/// What a value is matched against.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Instance(Tag, Vec<(Symbol, PatternId)>),
    Dictionary(Vec<(Symbol, PatternId)>),
    List(Vec<PatternId>, Option<Operand>),
    Value(Operand),
}

/// Goals that run together, inside a negation or as an alternative.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) goals: Span32,
    /// Variables it mentions.
    pub(crate) slots: Vec<Slot>,
    /// Those of them that stand nowhere else.
    pub(crate) local: Vec<Slot>,
}

/// The arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`: a float, of integers too.
    Div,
    /// `mod`: the remainder with the sign of the divisor.
    Mod,
    /// `rem`: the remainder with the sign of the dividend.
    Rem,
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Arithmetic::Add => "+",
            Arithmetic::Sub => "-",
            Arithmetic::Mul => "*",
            Arithmetic::Div => "/",
            Arithmetic::Mod => "mod",
            Arithmetic::Rem => "rem",
        })
    }
}

/// One goal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    Call(PredicateId, Span32),
    /// A call of a name no rule has: an error when reached.
    Undefined(Symbol),
    /// A call of a defined name with another number of arguments, or `false`.
    Fail,
    Unify(Operand, Operand),
    Assign(Operand, Operand),
    Compare(Comparison, Operand, Operand),
    Arithmetic(Arithmetic, Operand, Operand, Slot),
    In(Operand, Operand),
    Match(Operand, PatternId),
    Lookup(Operand, Symbol, Slot),
    LookupDynamic(Operand, Operand, Slot),
    Method(Operand, Symbol, HostCallId, Slot),
    New(ClassId, HostCallId, Slot),
    /// `new` of a class that is not registered: an error when reached.
    NewUnknown(Symbol),
    Truth(Operand),
    Not(u32),
    /// Alternatives: blocks `start..start + len`.
    Or(Span32),
    Cut,
    Print(Span32),
    Debug,
}

impl Program {
    pub(crate) fn clause(&self, rule: RuleId) -> Option<&Clause> {
        self.clauses.get(rule.index())
    }

    /// True when `left` goes before `right`: the first argument whose specializers differ decides, by `goes_before`, which is given its place.
    pub(crate) fn more_specific(
        &self,
        left: RuleId,
        right: RuleId,
        goes_before: impl FnOnce(usize, Specificity, Specificity) -> bool,
    ) -> bool {
        let (Some(left), Some(right)) = (self.clause(left), self.clause(right)) else { return false };
        let mut params = left.params.iter().zip(&right.params).enumerate();
        let differ = |(_, (l, r)): &(usize, (&Param, &Param))| match (l.pattern, r.pattern) {
            (None, None) => false,
            (Some(of_l), Some(of_r)) => !self.code.same_pattern((left, of_l), (right, of_r)),
            _ => true,
        };
        params.find(differ).is_some_and(|(place, (l, r))| goes_before(place, l.specificity, r.specificity))
    }

    /// True when instances of `class` satisfy `tag`. Unknown tags are the caller's error to report.
    pub(crate) fn class_has(&self, class: ClassId, tag: Tag) -> bool {
        match tag {
            Tag::Class(ancestor) => self.schema.is_subclass(class, ancestor),
            Tag::Actor => self.unions.get(class.index()).is_some_and(|m| m.actor),
            Tag::Resource => self.unions.get(class.index()).is_some_and(|m| m.resource),
            Tag::Unknown(_) => false,
        }
    }
}
