//! What an actor may do, to what, and who may: lists.

use super::asking::{Answers, Question, Variable, called};
use super::list::Source;
use super::{Authorizer, List, Request};
use crate::error::Error;
use crate::facts::ValueRef;

impl Authorizer {
    /// All resources of a type that `allow` holds for, with this actor and action.
    ///
    /// ```
    /// # use arctos::facts::{self, Facts, ValueRef};
    /// # use arctos::{Authorizer, Policy, Request, Schema, Sources};
    /// # let mut schema = Schema::new();
    /// # schema.enable_facts();
    /// # let mut sources = Sources::default();
    /// # sources.add(None, r#"
    /// #     actor User {}
    /// #     resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
    /// # "#);
    /// # let policy = Policy::load(&schema, sources)?;
    /// let mut change = Facts::new().change();
    /// for fact in facts::parse(None, r#"
    ///     has_role(User{"ann"}, "reader", Doc{"plan"});
    ///     has_role(User{"ann"}, "reader", Doc{"memo"});
    ///     has_role(User{"root"}, "reader", _: Doc);
    /// "#)? {
    ///     change.insert(&fact)?;
    /// }
    /// let authorizer = Authorizer::new(&policy, change.commit().0)?;
    ///
    /// let request = Request::default();
    /// let docs = authorizer.list_resources(&request, ValueRef::entity("User", "ann"), "read", "Doc")?;
    /// assert_eq!(docs.ids().collect::<Vec<_>>(), ["memo", "plan"]);
    /// let docs = authorizer.list_resources(&request, ValueRef::entity("User", "root"), "read", "Doc")?;
    /// assert!(docs.is_every());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Authorizer::check_request`]; [`ErrorKind::Undecided`](crate::ErrorKind::Undecided) where an answer rests on a condition
    /// that is left open. A list is complete or an error: [`Limits`](crate::Limits) never cut it.
    pub fn list_resources(
        &self,
        request: &Request<'_>,
        actor: ValueRef<'_>,
        action: &str,
        resource_type: &str,
    ) -> Result<List, Error> {
        let variables =
            [Variable::Known(actor), Variable::Known(action.into()), Variable::OfType(resource_type)];
        self.list(request, "allow", variables)
    }

    /// All actors of a type that `allow` holds for, with this action and resource.
    ///
    /// ```
    /// # use arctos::facts::ValueRef;
    /// # use arctos::{Authorizer, Error, Request};
    /// fn readers(authorizer: &Authorizer, doc: &str) -> Result<Vec<String>, Error> {
    ///     let doc = ValueRef::entity("Doc", doc);
    ///     let users = authorizer.list_subjects(&Request::default(), "User", "read", doc)?;
    ///     Ok(users.ids().map(str::to_owned).collect())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Authorizer::list_resources`].
    pub fn list_subjects(
        &self,
        request: &Request<'_>,
        subject_type: &str,
        action: &str,
        resource: ValueRef<'_>,
    ) -> Result<List, Error> {
        let variables =
            [Variable::OfType(subject_type), Variable::Known(action.into()), Variable::Known(resource)];
        self.list(request, "allow", variables)
    }

    /// All actions that `allow` holds for, with this actor and resource.
    ///
    /// ```
    /// # use arctos::facts::ValueRef;
    /// # use arctos::{Authorizer, Error, Request};
    /// fn buttons(authorizer: &Authorizer, user: &str, doc: &str) -> Result<Vec<String>, Error> {
    ///     let (user, doc) = (ValueRef::entity("User", user), ValueRef::entity("Doc", doc));
    ///     let actions = authorizer.list_actions(&Request::default(), user, doc)?;
    ///     Ok(actions.ids().map(str::to_owned).collect())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Authorizer::list_resources`].
    pub fn list_actions(
        &self,
        request: &Request<'_>,
        actor: ValueRef<'_>,
        resource: ValueRef<'_>,
    ) -> Result<List, Error> {
        let variables = [Variable::Known(actor), Variable::OfType("String"), Variable::Known(resource)];
        self.list(request, "allow", variables)
    }

    /// All roles that `has_role` holds for, with this actor and resource: those that facts give and those that follow.
    ///
    /// ```
    /// # use arctos::facts::ValueRef;
    /// # use arctos::{Authorizer, Error, Request};
    /// fn is_owner(authorizer: &Authorizer, user: &str, doc: &str) -> Result<bool, Error> {
    ///     let (user, doc) = (ValueRef::entity("User", user), ValueRef::entity("Doc", doc));
    ///     Ok(authorizer.list_roles(&Request::default(), user, doc)?.contains("owner"))
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Authorizer::list_resources`].
    pub fn list_roles(
        &self,
        request: &Request<'_>,
        actor: ValueRef<'_>,
        resource: ValueRef<'_>,
    ) -> Result<List, Error> {
        let variables = [Variable::Known(actor), Variable::OfType("String"), Variable::Known(resource)];
        self.list(request, "has_role", variables)
    }

    /// What one open argument of a rule may be.
    fn list(&self, request: &Request<'_>, rule: &str, variables: [Variable<'_>; 3]) -> Result<List, Error> {
        let source = Source::new(self.facts.revision(), &as_text(rule, &variables));
        let predicate = called(self, rule, variables.len())?;
        let question = Question { calls: vec![(predicate, vec![0, 1, 2])], variables: variables.to_vec() };
        let answers = self.ask(request, &question)?;
        if answers.rows.iter().any(|row| row.first() == Some(&None)) {
            return Ok(List::every(source));
        }
        Ok(List::new(ids(&answers), source))
    }
}

/// The ids of answers with one open variable.
fn ids(answers: &Answers) -> Vec<&str> {
    let atoms = answers.rows.iter().filter_map(|row| row.first().copied().flatten());
    let ids = atoms.filter_map(|atom| match answers.value(atom)? {
        ValueRef::Entity { id, .. } | ValueRef::String(id) => Some(id),
        ValueRef::Integer(_) | ValueRef::Boolean(_) | ValueRef::Any(_) => None,
    });
    ids.collect()
}

/// A question as text, which tells it from others.
fn as_text(rule: &str, variables: &[Variable<'_>]) -> String {
    let mut text = rule.to_owned();
    for variable in variables {
        text.push(',');
        match variable {
            Variable::Known(value) => text.push_str(&value.to_string()),
            Variable::OfType(name) => text.push_str(&ValueRef::Any(name).to_string()),
            Variable::Among(_) => {}
        }
    }
    text
}
