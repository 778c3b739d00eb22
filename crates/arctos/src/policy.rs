//! A loaded policy.

use std::sync::Arc;

use arctos_syntax::{Diagnostic, Sources, Span};

use crate::error::{Error, ErrorKind};
use crate::facts::{Fact, Places};
use crate::forms::FactForm;
use crate::ir::{self, Program};
use crate::schema::Schema;
use crate::sema;
use crate::symbol::Symbols;
use crate::testing::PolicyTest;

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
        let mut diagnostics = Vec::new();
        let mut files = Vec::new();
        for (id, source) in sources.iter() {
            let parsed = arctos_syntax::parse(id, source.text());
            diagnostics.extend(parsed.diagnostics);
            files.push(parsed.tree);
        }
        let is_complete = !diagnostics.iter().any(Diagnostic::is_error);
        let schema = &sema::schema(&files, schema);
        let input = sema::Input { files: &files, sources: &sources, schema, is_complete };
        let (checked, found) = sema::check(input);
        diagnostics.extend(found);
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span.source, diagnostic.span.start));
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Error::invalid(diagnostics, sources));
        }
        let (mut program, found) = ir::lower_program(&checked, schema, sources.clone(), diagnostics);
        if found.iter().any(Diagnostic::is_error) {
            let mut diagnostics = std::mem::take(&mut program.warnings);
            diagnostics.extend(found);
            diagnostics.sort_by_key(|diagnostic| (diagnostic.span.source, diagnostic.span.start));
            return Err(Error::invalid(diagnostics, sources));
        }
        program.warnings.extend(found);
        program.warnings.sort_by_key(|diagnostic| diagnostic.span);
        Ok(Policy(Arc::new(program)))
    }

    /// True when both are clones of one loaded policy. The same text loaded twice is two policies.
    ///
    /// ```
    /// # use arctos::{Policy, Schema, Sources};
    /// let load = || Policy::load(&Schema::default(), Sources::default());
    /// let policy = load()?;
    /// assert!(policy.is_same(&policy.clone()));
    /// assert!(!policy.is_same(&load()?));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    pub fn is_same(&self, other: &Policy) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Where it is. Policies that live at the same time are the same exactly when their addresses are.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// True when nobody else holds it.
    pub(crate) fn is_last(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Warnings found when it was loaded, in source order.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.0.warnings
    }

    /// The texts it was loaded from.
    pub fn sources(&self) -> &Sources {
        &self.0.sources
    }

    /// What it was checked against: what the application has registered and, where it keeps facts, the entity types that the
    /// policy names.
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// Its interned texts.
    pub fn symbols(&self) -> &Arc<Symbols> {
        &self.0.symbols
    }

    /// What is known of a rule; `None` for a rule of another policy.
    pub fn rule(&self, rule: RuleId) -> Option<Rule<'_>> {
        let clause = self.0.clause(rule)?;
        let predicate = self.0.predicates.get(clause.predicate.0 as usize)?;
        Some(Rule {
            name: self.0.symbols.text(predicate.name),
            arity: predicate.arity as usize,
            span: clause.origin,
            text: self.0.sources.text(clause.origin),
            is_shorthand: clause.is_shorthand,
        })
    }

    /// All rules, in load order.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, Rule<'_>)> {
        (0..).map_while(|index| Some((RuleId(index), self.rule(RuleId(index))?)))
    }

    /// True when there is a rule of that name, whatever its arity.
    pub fn has_rule(&self, name: &str) -> bool {
        self.0.symbols.get(name).is_some_and(|name| self.0.defined.contains(&name))
    }

    /// The predicates that facts may have, with their numbers of arguments; none where the application keeps no facts.
    pub fn fact_predicates(&self) -> impl Iterator<Item = (&str, usize)> {
        let predicates = self.0.predicates.iter().filter(|predicate| predicate.has_facts);
        predicates.map(|predicate| (self.0.symbols.text(predicate.name), predicate.arity as usize))
    }

    /// The forms that facts may have, inferred from what the policy asks for, its blocks and its `declare`s; none where the
    /// application keeps no facts. A predicate may have several.
    pub fn fact_forms(&self) -> impl Iterator<Item = &FactForm> {
        self.0.forms.iter()
    }

    /// Says whether the policy can ask for a fact. What brings facts in (files, stores, requests) refuses those that it
    /// cannot, since such a fact is misspelt or belongs to another policy.
    ///
    /// ```
    /// use arctos::facts::{Fact, Value};
    /// use arctos::{ErrorKind, Policy, Schema, Sources};
    /// let mut schema = Schema::new();
    /// schema.enable_facts();
    /// let mut sources = Sources::default();
    /// sources.add(None, r#"actor User {} resource Doc { roles = ["reader"]; }"#);
    /// let policy = Policy::load(&schema, sources)?;
    ///
    /// let (ann, plan) = (Value::entity("User", "ann"), Value::entity("Doc", "plan"));
    /// let has_role = |role: &str| Fact::new("has_role", [ann.clone(), role.into(), plan.clone()]);
    /// assert!(policy.check_fact(&has_role("reader")).is_ok());
    /// let refused = policy.check_fact(&has_role("raeder")).unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::FactForm);
    /// assert!(refused.message().contains("`raeder` is not a role of `Doc`; did you mean `reader`?"));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::FactForm`]: a predicate, a number of arguments, a type, a role or a relation that the policy does not
    /// know; the message says which, and the nearest valid form. [`ErrorKind::Misuse`] where the application keeps no facts.
    pub fn check_fact(&self, fact: &Fact) -> Result<(), Error> {
        if !self.schema().has_facts() {
            let message =
                "the policy was loaded without facts: call `Schema::enable_facts` before loading it";
            return Err(Error::new(ErrorKind::Misuse, message));
        }
        match self.0.forms.mismatch(fact) {
            None => Ok(()),
            Some(mismatch) => Err(Error::new(ErrorKind::FactForm, mismatch.sentence(fact))),
        }
    }

    /// As [`Policy::check_fact`], for a fact that a file states: what is wrong, at its place. A policy without facts asks for none.
    ///
    /// ```
    /// # use arctos::{Policy, Schema, Sources, facts};
    /// # use arctos_syntax::SourceId;
    /// # let mut schema = Schema::new();
    /// # schema.enable_facts();
    /// # let mut sources = Sources::default();
    /// # sources.add(None, r#"actor User {} resource Doc { roles = ["reader"]; }"#);
    /// # let policy = Policy::load(&schema, sources)?;
    /// let (facts, _) = facts::statements(SourceId(0), r#"has_rol(User{"ann"}, "reader", Doc{"plan"});"#);
    /// let problem = policy.fact_problem(&facts[0].fact, &facts[0].places).ok_or("there is one")?;
    /// assert_eq!((problem.span.start, problem.span.end), (0, 7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fact_problem(&self, fact: &Fact, places: &Places) -> Option<Diagnostic> {
        self.0.forms.mismatch(fact).map(|mismatch| mismatch.diagnostic(places))
    }

    /// The inline queries, in source order.
    pub fn inline_queries(&self) -> Vec<InlineQuery<'_>> {
        let texts = self.0.inline_queries.iter();
        texts.map(|span| InlineQuery { text: self.0.sources.text(*span), span: *span }).collect()
    }

    /// The tests that stand in the policy, in source order; none where the application keeps no facts.
    pub fn tests(&self) -> &[PolicyTest] {
        &self.0.tests
    }

    /// The lowered program as text, for `arctos check --dump ir`.
    pub fn dump_ir(&self) -> String {
        self.0.dump()
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;

    #[test]
    fn a_policy_is_shared_between_threads() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<Policy>();
    }
}
