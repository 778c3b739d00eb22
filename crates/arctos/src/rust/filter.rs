//! What must hold of rows for a Rust application's decision.

use super::items::Searches;
use super::object::Scope;
use super::session::Ground;
use super::{Arctos, Session, ToPolar};
use crate::Error;
use crate::authorizer::Request;
use crate::facts::Facts;
use crate::residual::{Asked, Reader, Residual, RowTypes};

impl Arctos {
    /// Which rows of a class the actor may do this to: what has to hold of a row, for a database to find them all. A row is selected
    /// exactly where [`Arctos::is_allowed`] allows.
    ///
    /// ```
    /// use arctos::residual::{RowType, RowTypes, ValueType};
    /// use arctos::rust::{Arctos, PolarClass};
    ///
    /// #[derive(PolarClass)]
    /// struct User { #[polar(attribute)] id: i64 }
    ///
    /// #[derive(PolarClass)]
    /// struct Page { #[polar(attribute)] owner_id: i64, #[polar(attribute)] is_public: bool }
    ///
    /// let arctos = Arctos::builder()
    ///     .register::<User>()
    ///     .register::<Page>()
    ///     .load_str(r#"
    ///         allow(_, "read", page: Page) if page.is_public = true;
    ///         allow(user: User, _, page: Page) if page.owner_id = user.id;
    ///     "#)
    ///     .build()?;
    /// let rows = RowTypes::new().with(
    ///     "Page",
    ///     RowType::new(["id"]).attribute("owner_id", ValueType::Integer).attribute("is_public", ValueType::Boolean),
    /// );
    /// let readable = arctos.filter(&User { id: 7 }, "read", "Page", &rows)?;
    /// assert_eq!(readable.formula().to_string(), "_.owner_id == 7 or _.is_public == true");
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unfilterable`](crate::ErrorKind::Unfilterable) where the policy asks something of the rows that a database cannot answer, with its place; and whatever
    /// prevents a decision about any row.
    pub fn filter(
        &self,
        actor: impl ToPolar,
        action: impl ToPolar,
        class: &str,
        rows: &RowTypes,
    ) -> Result<Residual, Error> {
        self.session().filter(actor, action, class, rows)
    }
}

impl Session {
    /// See [`Arctos::filter`].
    ///
    /// # Errors
    /// As there.
    pub fn filter<'q>(
        &'q self,
        actor: impl ToPolar + 'q,
        action: impl ToPolar + 'q,
        class: &str,
        rows: &RowTypes,
    ) -> Result<Residual, Error> {
        self.ground().filter(actor, action, class, rows)
    }
}

impl<'q> Ground<'q> {
    fn filter(
        self,
        actor: impl ToPolar + 'q,
        action: impl ToPolar + 'q,
        class: &str,
        rows: &RowTypes,
    ) -> Result<Residual, Error> {
        let mut host = self.host(Searches::new());
        let mut reader = Reader::new(&self.loaded.policy, &mut host, rows, &self.surroundings.limits);
        if self.loaded.policy.schema().has_facts() {
            let none = Facts::new();
            reader.set_facts(self.facts.unwrap_or(&none), &Request::default())?;
        }
        let scope = &mut Scope { heap: reader.heap(), world: self.world() };
        let actor = actor.to_polar(scope).map_err(Error::from_host)?;
        let action = action.to_polar(scope).map_err(Error::from_host)?;
        let asked = [Asked::Value(actor), Asked::Value(action), Asked::Row];
        reader.read("allow", &asked, class)?.without_objects()
    }
}
