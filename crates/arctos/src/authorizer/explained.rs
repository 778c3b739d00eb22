//! Decisions with their reasons.

use super::{Authorizer, Request};
use crate::error::Error;
use crate::explain::{Explanation, Extent, World};
use crate::facts::ValueRef;

impl Authorizer {
    /// Why a rule holds for these arguments, or what it would take. See [`crate::explain`].
    ///
    /// # Errors
    /// As [`Authorizer::check_request`], and [`ErrorKind::Exhausted`](crate::ErrorKind::Exhausted) where the explanation takes more than [`Limits`](crate::Limits) allow,
    /// though the decision may take less.
    pub fn explain(
        &self,
        request: &Request<'_>,
        rule: &str,
        arguments: &[ValueRef<'_>],
    ) -> Result<Explanation, Error> {
        self.explain_within(request, rule, arguments, &Extent::default())
    }

    /// As [`Authorizer::explain`], and as much as `extent` says.
    ///
    /// # Errors
    /// As there.
    pub fn explain_within(
        &self,
        request: &Request<'_>,
        rule: &str,
        arguments: &[ValueRef<'_>],
        extent: &Extent,
    ) -> Result<Explanation, Error> {
        let world = World { policy: &self.policy, facts: &self.facts, request, limits: &self.limits };
        world.explain(rule, arguments, extent)
    }
}
