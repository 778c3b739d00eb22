//! Row-level security of PostgreSQL: what a policy says of the rows of a table, kept by the database itself.
//!
//! The actor is not known when the security is written: it is the row of the actor's class whose key a setting of the session has. A setting that is not set is no key, and shows nothing.
//!
//! A condition of row-level security reads other tables with the rights of whoever asks, so that security of their own may hide rows from it. What is hidden may make it false, never true: a
//! condition of the other kind, and one that reads its own table, have to be functions of a role that row-level security does not bind.

use arctos::residual::{Formula, Residual, Row, ValueType};
use sea_query::{Expr, ExprTrait, Query};

use crate::dialect::Dialect;
use crate::error::SqlError;
use crate::filter::CONDITIONS;
use crate::tables::Tables;
use crate::truth::Truth;
use crate::writer::{Scope, Want, Writer, restrict};

/// The longest name that PostgreSQL does not cut.
const LONGEST: usize = 63;

/// What is done with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// They are read.
    Select,
    /// They are added.
    Insert,
    /// They are changed: allowed of what they were, and of what they become.
    Update,
    /// They are removed.
    Delete,
}

/// Row-level security for the table of a class.
#[derive(Clone, Copy, Debug)]
pub struct RowSecurity<'a> {
    tables: &'a Tables,
    class: &'a str,
    settings: &'a [String],
    by_functions: bool,
}

impl Command {
    /// As PostgreSQL calls it.
    pub fn name(self) -> &'static str {
        match self {
            Command::Select => "SELECT",
            Command::Insert => "INSERT",
            Command::Update => "UPDATE",
            Command::Delete => "DELETE",
        }
    }
}

impl<'a> RowSecurity<'a> {
    /// For the table of a class, where the settings of a session (`app.user_id`) are the actor's key.
    pub fn new(tables: &'a Tables, class: &'a str, settings: &'a [String]) -> Self {
        RowSecurity { tables, class, settings, by_functions: false }
    }

    /// With functions of the role that runs the script, which must be one that row-level security does not bind: they see every row of the other tables.
    #[must_use]
    pub fn by_functions(self) -> Self {
        RowSecurity { by_functions: true, ..self }
    }

    /// A script that makes the table show and take the rows of which the residuals hold, each for a command and an action. The residuals have the actor's row
    /// beside their own ([`Asked::RowOf`](arctos::residual::Asked::RowOf)). Commands that are not named are refused by the database.
    ///
    /// # Errors
    /// See [`Filter::condition`](crate::Filter::condition); and [`SqlError::RowSecurity`] where PostgreSQL would not show exactly what the policy allows.
    pub fn script(&self, actions: &[(Command, &str, &Residual)]) -> Result<String, SqlError> {
        let table = self.tables.table(self.class)?;
        let Some((schema, own)) = table.named() else {
            let why = format!("rows of `{}` are those of a query, and no table's", self.class);
            return Err(SqlError::RowSecurity(why));
        };
        let name = qualified(schema, own);
        let mut script = format!(
            "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {name} FORCE ROW LEVEL SECURITY;\n"
        );
        if self.by_functions {
            script.insert_str(0, UNBOUND);
        }
        for (command, action, residual) in actions {
            script += "\n";
            script += &self.policy((schema, own), *command, action, residual)?;
        }
        Ok(script)
    }

    fn policy(
        &self,
        (schema, own): (Option<&str>, &str),
        command: Command,
        action: &str,
        residual: &Residual,
    ) -> Result<String, SqlError> {
        let name = qualified(schema, own);
        let policy = new_name(format!("arctos_{}_{action}", command.name().to_lowercase()))?;
        let in_quotes = Dialect::Postgres.quoted(&policy);
        let mut text = format!("DROP POLICY IF EXISTS {in_quotes} ON {name};\n");
        let condition = if self.by_functions {
            let function = qualified(schema, &new_name(format!("{policy}_{own}"))?);
            let condition = self.condition(residual, "arctos_row")?;
            text += &format!(
                "CREATE OR REPLACE FUNCTION {function}(\"arctos_row\" {name}) RETURNS boolean\n  \
                 LANGUAGE sql STABLE SECURITY DEFINER\n  RETURN {condition};\n"
            );
            format!("{function}({}.*)", Dialect::Postgres.quoted(own))
        } else {
            self.check_hidden((schema, own), residual)?;
            self.condition(residual, own)?
        };
        let (using, check) = (format!("\n  USING ({condition})"), format!("\n  WITH CHECK ({condition})"));
        let conditions = match command {
            Command::Select | Command::Delete => using,
            Command::Insert => check,
            Command::Update => using + &check,
        };
        Ok(format!("{text}CREATE POLICY {in_quotes} ON {name} FOR {}{conditions};\n", command.name()))
    }

    /// That there is an actor of that key for whom the row is right.
    fn condition(&self, residual: &Residual, alias: &str) -> Result<String, SqlError> {
        let (row, class) = actor_of(residual)?;
        let alias_of_actor = if alias == "arctos_actor" { "arctos_actor_" } else { "arctos_actor" };
        let actor = Scope::new(row, class, alias_of_actor);
        let mut writer = Writer::new(self.tables, Dialect::Postgres, CONDITIONS);
        let mut select = Query::select().expr(Expr::cust("1")).to_owned();
        writer.add_from(&actor, &mut select)?;
        let is_actor = self.is_actor(&writer, &actor)?.and(writer.is_row(&actor)?);
        writer.beside.push(actor);
        let truth = match is_actor.and(writer.root(residual, alias)?) {
            Truth::Never => Truth::Never,
            truth => {
                restrict(&mut select, truth);
                Truth::When(Expr::exists(select))
            }
        };
        Ok(Dialect::Postgres.whole_expression(&truth.into_expr()))
    }

    /// That the settings are a row's key.
    fn is_actor(&self, writer: &Writer<'_>, actor: &Scope) -> Result<Truth, SqlError> {
        let known = self.tables.row_type(&actor.class)?;
        if known.key().len() != self.settings.len() || self.settings.is_empty() {
            let why = format!(
                "the key of `{}` is {}: as many settings are needed, and {} are given",
                actor.class,
                known.key().join(", "),
                self.settings.len()
            );
            return Err(SqlError::RowSecurity(why));
        }
        let mut parts = Vec::new();
        for (part, setting) in known.key().iter().zip(self.settings) {
            let value = setting_value(setting)?;
            let value = match known.attribute_named(part).and_then(|known| known.value_type) {
                Some(ValueType::Integer) => format!("CAST({value} AS bigint)"),
                Some(ValueType::String) => value,
                _ => {
                    let why = format!("`{part}`, the key of `{}`, is no integer and no text", actor.class);
                    return Err(SqlError::RowSecurity(why));
                }
            };
            let column = writer.join_column(actor, part)?.expr;
            parts.push(Truth::from(column.eq(Expr::cust(value))));
        }
        Ok(Truth::all(parts))
    }

    /// Refuses what would show more where other tables hide rows, and what PostgreSQL takes for a loop.
    fn check_hidden(&self, own: (Option<&str>, &str), residual: &Residual) -> Result<(), SqlError> {
        let read = self.classes_read(residual)?;
        let mut shows_more = hides(residual.formula(), Want::Holds);
        for class in &read {
            let table = self.tables.table(class)?;
            if table.named() == Some(own) {
                return Err(SqlError::RowSecurity(format!(
                    "the condition reads `{}`, the table that it is for, which PostgreSQL takes for a loop; functions of a role that row-level \
                     security does not bind may read it (`--functions`)",
                    own.1
                )));
            }
            // Whether a row is one may rest on other rows, too.
            table.only.iter().for_each(|only| only.each(&mut |part| shows_more |= is_of_others(part)));
        }
        if shows_more {
            return Err(SqlError::RowSecurity(format!(
                "the policy asks that a row of `{}` leads to no row of some kind, and row-level security of other tables could hide it; functions \
                 of a role that row-level security does not bind see it (`--functions`)",
                self.class
            )));
        }
        Ok(())
    }

    /// The classes whose tables a condition reads, the actor's among them.
    fn classes_read(&self, residual: &Residual) -> Result<Vec<String>, SqlError> {
        let mut rows: Vec<(Row, String)> = vec![(Row::ROOT, residual.class().to_owned())];
        rows.extend(residual.beside().map(|(row, class)| (row, class.to_owned())));
        let mut through = Ok(Vec::new());
        residual.formula().each(&mut |part| match part {
            Formula::Some(related) | Formula::One(related) => {
                let of =
                    rows.iter().rev().find(|(row, _)| *row == related.of).map(|(_, class)| class.as_str());
                let known = of.ok_or(SqlError::OutOfScope);
                let between = known.and_then(|of| self.tables.relation(of, &related.relation));
                match (between, &mut through) {
                    (Ok(known), Ok(through)) => {
                        through.extend(known.through.iter().map(|between| between.class.clone()));
                    }
                    (Err(error), _) => through = Err(error),
                    (Ok(_), Err(_)) => {}
                }
                rows.push((related.row, related.class.as_ref().to_owned()));
            }
            Formula::Least(definition, _) => {
                rows.push((definition.row, definition.class.as_ref().to_owned()));
            }
            Formula::Exists(some) => rows.push((some.row, some.class.as_ref().to_owned())),
            _ => {}
        });
        let mut read = through?;
        read.extend(rows.into_iter().skip(1).map(|(_, class)| class));
        Ok(read)
    }
}

/// The actor's row, and its class.
fn actor_of(residual: &Residual) -> Result<(Row, &str), SqlError> {
    let mut beside = residual.beside();
    match (beside.next(), beside.next()) {
        (Some(actor), None) => Ok(actor),
        _ => Err(SqlError::RowSecurity("the question has no actor's row beside its own".to_owned())),
    }
}

/// True where rows that are not seen could make more of it true, or of its negation where that is wanted.
fn hides(formula: &Formula, want: Want) -> bool {
    let other = if want == Want::Holds { Want::Fails } else { Want::Holds };
    match formula {
        Formula::All(parts) | Formula::Any(parts) => parts.iter().any(|part| hides(part, want)),
        Formula::Not(inner) => hides(inner, other),
        Formula::One(related) => hides(&related.formula, want),
        Formula::Some(related) => want == Want::Fails || hides(&related.formula, want),
        Formula::Least(definition, _) => want == Want::Fails || hides(&definition.formula, want),
        Formula::Exists(some) => want == Want::Fails || hides(&some.formula, want),
        Formula::Derived(derivation, _) => want == Want::Fails || hides(&derivation.formula, want),
        Formula::Known(_)
        | Formula::Unknown
        | Formula::Compare(..)
        | Formula::OneOf(..)
        | Formula::Again(..)
        | Formula::DerivedAgain(..) => false,
        // What is not known here might read any table.
        _ => true,
    }
}

fn is_of_others(formula: &Formula) -> bool {
    matches!(
        formula,
        Formula::Some(_) | Formula::One(_) | Formula::Least(..) | Formula::Exists(_) | Formula::Derived(..)
    )
}

/// What stops a script whose functions would not see every row.
const UNBOUND: &str = "\
DO $$ BEGIN
  IF NOT (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    RAISE EXCEPTION 'run this as a role with BYPASSRLS: its functions must see every row';
  END IF;
END $$;
";

/// The value of a setting of the session: NULL where it is not set, which equals nothing.
fn setting_value(setting: &str) -> Result<String, SqlError> {
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if setting.split('.').count() < 2 || !setting.split('.').all(is_name) {
        let why =
            format!("`{setting}` is no name of a setting: write two names with a dot, as `app.user_id`");
        return Err(SqlError::RowSecurity(why));
    }
    // After a transaction with `SET LOCAL` it is empty.
    Ok(format!("NULLIF(current_setting('{setting}', TRUE), '')"))
}

/// The name of something in the schema of a table.
fn qualified(schema: Option<&str>, name: &str) -> String {
    let quoted = |name: &str| Dialect::Postgres.quoted(name);
    let schema = schema.map(|schema| format!("{}.", quoted(schema)));
    format!("{}{}", schema.unwrap_or_default(), quoted(name))
}

/// A name of our own, which must not be cut: two could be the same then.
fn new_name(name: String) -> Result<String, SqlError> {
    if name.len() > LONGEST {
        return Err(SqlError::RowSecurity(format!("the name `{name}` is longer than {LONGEST} bytes")));
    }
    Ok(name)
}
