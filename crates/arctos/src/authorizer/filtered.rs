//! Which rows of the application's tables a decision over facts selects.

use super::{Authorizer, NoObjects, Request};
use crate::error::Error;
use crate::facts::ValueRef;
use crate::residual::{Asked, Reader, Residual, RowTypes};

impl Authorizer {
    /// Which rows of a class the actor may do this to, where part of what decides is in the application's tables: a row is the entity
    /// of its class and key. A row is selected exactly where [`Authorizer::check_request`] allows, were what the tables say facts and attributes of entities.
    ///
    /// ```
    /// use arctos::facts::{self, Facts, ValueRef};
    /// use arctos::residual::{Relation, RowType, RowTypes, ValueType};
    /// use arctos::{Authorizer, Policy, Request, Schema, Sources};
    ///
    /// let mut schema = Schema::new();
    /// schema.enable_facts();
    /// let mut sources = Sources::default();
    /// sources.add(None, r#"
    ///     allow(user: User, "read", issue: Issue) if has_role(user, "member", issue.repository);
    ///     allow(_: User, "read", issue: Issue) if issue.is_public;
    ///     declare has_role(User, String, Repository);
    /// "#);
    /// let policy = Policy::load(&schema, sources)?;
    /// let mut change = Facts::new().change();
    /// for fact in facts::parse(None, r#"has_role(User{"ann"}, "member", Repository{"7"});"#)? {
    ///     change.insert(&fact)?;
    /// }
    /// let authorizer = Authorizer::new(&policy, change.commit().0)?;
    ///
    /// let repository = RowType::new(["id"]).attribute("id", ValueType::Integer);
    /// let issue = RowType::new(["id"])
    ///     .attribute("is_public", ValueType::Boolean)
    ///     .relation("repository", Relation::one("Repository", [("repository_id", "id")]));
    /// let rows = RowTypes::new().with("Repository", repository).with("Issue", issue);
    /// let ann = ValueRef::entity("User", "ann");
    /// let filter = authorizer.filter(&Request::default(), ann, "read", "Issue", &rows)?;
    /// assert_eq!(filter.formula().to_string(), "some r1 in _.repository (r1.id == 7) or _.is_public == true");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unfilterable`](crate::ErrorKind::Unfilterable) where the policy asks something of the rows that a database cannot answer, with its place; and whatever
    /// prevents a decision about any row. [`ErrorKind::FactForm`](crate::ErrorKind::FactForm) where tables have facts that the policy does not ask for.
    pub fn filter(
        &self,
        request: &Request<'_>,
        actor: ValueRef<'_>,
        action: &str,
        class: &str,
        rows: &RowTypes,
    ) -> Result<Residual, Error> {
        let mut host = NoObjects;
        let mut reader = Reader::new(&self.policy, &mut host, rows, &self.limits);
        reader.set_facts(&self.facts, request)?;
        let asked =
            [Asked::Value(reader.fact_value(actor)?), Asked::Value(reader.heap().string(action)), Asked::Row];
        reader.read("allow", &asked, class)?.without_objects()
    }

    /// What must hold of the application's tables for the actor to be allowed to do this to one resource, where part of the facts is in them.
    ///
    /// ```
    /// use arctos::facts::{Facts, ValueRef};
    /// use arctos::residual::{FactTable, RowTypes, ValueType};
    /// use arctos::{Authorizer, Policy, Request, Schema, Sources};
    ///
    /// let mut schema = Schema::new();
    /// schema.enable_facts();
    /// let mut sources = Sources::default();
    /// sources.add(None, r#"allow(user: User, "read", issue: Issue) if wrote(user, issue);"#);
    /// let authorizer = Authorizer::new(&Policy::load(&schema, sources)?, Facts::new())?;
    ///
    /// let written = FactTable::new("issues")
    ///     .entity("User", "author_id", ValueType::Integer)
    ///     .entity("Issue", "id", ValueType::Integer);
    /// let rows = RowTypes::new().facts("wrote", written);
    /// let (user, issue) = (ValueRef::entity("User", "7"), ValueRef::entity("Issue", "12"));
    /// let decision = authorizer.decision_by_tables(&Request::default(), user, "read", issue, &rows)?;
    /// assert_eq!(decision.formula().to_string(), "some r1: issues (r1.author_id == 7 and r1.id == 12)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`Authorizer::filter`].
    pub fn decision_by_tables(
        &self,
        request: &Request<'_>,
        actor: ValueRef<'_>,
        action: &str,
        resource: ValueRef<'_>,
        rows: &RowTypes,
    ) -> Result<Residual, Error> {
        let mut host = NoObjects;
        let mut reader = Reader::new(&self.policy, &mut host, rows, &self.limits);
        reader.set_facts(&self.facts, request)?;
        let asked = [reader.fact_value(actor)?, reader.heap().string(action), reader.fact_value(resource)?];
        reader.read_known("allow", &asked)?.without_objects()
    }
}
