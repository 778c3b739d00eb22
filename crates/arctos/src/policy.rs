//! A loaded policy.

use std::sync::Arc;

use arctos_syntax::{Diagnostic, Sources, Span};

use crate::error::Error;
use crate::ir::Program;
use crate::schema::Schema;
use crate::symbol::Symbols;

/// A checked policy, ready to answer. Immutable, `Send + Sync`; a clone is a counted pointer.
///
/// ```
/// use arctos::{Policy, Schema, Sources};
/// let mut sources = Sources::default();
/// sources.add(Some("main.polar"), r#"allow("ann", "read", _);"#);
/// let policy = Policy::load(&Schema::new(), sources)?;
/// assert!(policy.has_rule("allow"));
/// # Ok::<(), arctos::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Policy(pub(crate) Arc<Program>);

/// A rule of a policy, in load order; rules that stand for shorthand come after all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) u32);

impl RuleId {
    /// A dense number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is known of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'p> {
    /// Its name.
    pub name: &'p str,
    /// How many parameters it takes.
    pub arity: usize,
    /// Where it stands: the whole rule, or the shorthand it came from.
    pub span: Span,
    /// The text it was written as.
    pub text: &'p str,
    /// True when it stands for a shorthand rule of a block.
    pub is_shorthand: bool,
}

/// An inline query (`?= …;`) of a policy.
#[derive(Clone, Copy, Debug)]
pub struct InlineQuery<'p> {
    /// The query's text, without `?=` and `;`.
    pub text: &'p str,
    /// Where it stands.
    pub span: Span,
}

impl Policy {
    /// Parses, checks and lowers a policy against what the application has registered.
    ///
    /// Inline queries are not run here, since they may need the host: run each of [`Policy::inline_queries`].
    ///
    /// # Errors
    /// [`Error::diagnostics`] has every problem of all sources, in source order; nothing is loaded by halves.
    pub fn load(schema: &Schema, sources: Sources) -> Result<Policy, Error> {
        let _ = (schema, sources);
        unimplemented!()
    }

    /// Warnings found when it was loaded, in source order.
    pub fn warnings(&self) -> &[Diagnostic] {
        unimplemented!()
    }

    /// The texts it was loaded from.
    pub fn sources(&self) -> &Sources {
        unimplemented!()
    }

    /// What it was checked against.
    pub fn schema(&self) -> &Schema {
        unimplemented!()
    }

    /// Its interned texts.
    pub fn symbols(&self) -> &Arc<Symbols> {
        unimplemented!()
    }

    /// What is known of a rule; `None` for a rule of another policy.
    pub fn rule(&self, rule: RuleId) -> Option<Rule<'_>> {
        let _ = rule;
        unimplemented!()
    }

    /// All rules, in load order.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, Rule<'_>)> {
        (0..).map_while(|index| Some((RuleId(index), self.rule(RuleId(index))?)))
    }

    /// True when there is a rule of that name, whatever its arity.
    pub fn has_rule(&self, name: &str) -> bool {
        self.rules().any(|(_, rule)| rule.name == name)
    }

    /// The inline queries, in source order.
    pub fn inline_queries(&self) -> Vec<InlineQuery<'_>> {
        unimplemented!()
    }

    /// The lowered program as text, for `arctos check --dump ir`.
    pub fn dump_ir(&self) -> String {
        unimplemented!()
    }
}
