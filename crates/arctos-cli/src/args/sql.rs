//! What can be typed after `arctos sql`.

use std::path::PathBuf;

use arctos_sql::{Command as RowCommand, Dialect};
use clap::{Args, Subcommand, ValueEnum};

use super::{ClassArgs, StoredArgs};

pub(super) const SQL_EXAMPLES: &str = "\
Examples:
  arctos sql filter policy.polar --mapping tables.toml --dialect sqlite '{\"type\": \"User\", \"id\": 7}' read Repo
  arctos sql list policy.polar --mapping tables.toml --dialect postgresql --facts my.facts User:ann read Repo
  arctos sql rls policy.polar --mapping tables.toml --actor User --setting app.user_id Repo

An actor `User:ann` is an entity, and the policy decides over facts; one that is a JSON object is an
object of the application, with these attributes.

Exit codes:
  0  the SQL was printed
  2  an error: there is no SQL for it. It is never an empty or a full filter";

/// `arctos sql`
#[derive(Debug, Args)]
pub struct SqlArgs {
    /// What to print.
    #[command(subcommand)]
    pub command: SqlCommand,
}

/// What can be printed of a policy as SQL.
#[derive(Debug, Subcommand)]
pub enum SqlCommand {
    /// The condition that holds of the rows an actor may do something with
    #[command(after_help = SQL_EXAMPLES)]
    Filter(SqlFilterArgs),
    /// A query for the rows an actor may do something with
    #[command(after_help = SQL_EXAMPLES)]
    List(SqlFilterArgs),
    /// Row-level security of PostgreSQL for the rows of a class
    #[command(after_help = SQL_EXAMPLES)]
    Rls(SqlRlsArgs),
}

/// `arctos sql filter`, `arctos sql list`
#[derive(Debug, Args)]
pub struct SqlFilterArgs {
    /// Where the policy and the facts are.
    #[command(flatten)]
    pub stored: StoredArgs,
    /// Who: `User:ann`, or a JSON object with a `type` and attributes
    #[arg(value_name = "ACTOR")]
    pub actor: String,
    /// Does what
    #[arg(value_name = "ACTION")]
    pub action: String,
    /// With which rows, by their class: `Repo`
    #[arg(value_name = "CLASS")]
    pub row_class: String,
    /// Which rows there are and where, a TOML file
    #[arg(long, value_name = "FILE")]
    pub mapping: PathBuf,
    /// The database's language
    #[arg(long, value_enum)]
    pub dialect: DialectName,
    /// Write values in their places, not as placeholders
    #[arg(long)]
    pub inline: bool,
    /// Print JSON: the SQL and its parameters
    #[arg(long)]
    pub json: bool,
    /// Which classes the policy may name.
    #[command(flatten)]
    pub classes: ClassArgs,
}

/// `arctos sql rls`
#[derive(Debug, Args)]
pub struct SqlRlsArgs {
    /// Policy file, folder of *.polar files, or `-` for stdin
    #[arg(value_name = "POLICY")]
    pub policy: PathBuf,
    /// The class of the rows
    #[arg(value_name = "CLASS")]
    pub row_class: String,
    /// Which rows there are and where, a TOML file
    #[arg(long, value_name = "FILE")]
    pub mapping: PathBuf,
    /// The class of those who ask
    #[arg(long, value_name = "CLASS")]
    pub actor: String,
    /// The setting of a session that is the actor's key; one for each part of it
    #[arg(long, required = true, value_name = "NAME")]
    pub setting: Vec<String>,
    /// Which action of the policy a command is [default: SELECT=read INSERT=create UPDATE=update DELETE=delete]
    #[arg(long, value_name = "COMMAND=ACTION", value_parser = parse_action)]
    pub action: Vec<(RowCommand, String)>,
    /// Decide by functions of the role that runs the script, which see every row of other tables
    #[arg(long)]
    pub functions: bool,
    /// The policy decides over facts
    #[arg(long)]
    pub facts: bool,
    /// Which classes the policy may name.
    #[command(flatten)]
    pub classes: ClassArgs,
}

/// A language of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DialectName {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgresql,
    /// MySQL and MariaDB
    Mysql,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::Sqlite => Dialect::Sqlite,
            DialectName::Postgresql => Dialect::Postgres,
            DialectName::Mysql => Dialect::Mysql,
        }
    }
}

/// `SELECT=read`
fn parse_action(text: &str) -> Result<(RowCommand, String), String> {
    let all = [RowCommand::Select, RowCommand::Insert, RowCommand::Update, RowCommand::Delete];
    let (command, action) = text.split_once('=').unwrap_or((text, ""));
    let found = all.into_iter().find(|known| known.name().eq_ignore_ascii_case(command));
    match found {
        Some(found) if !action.is_empty() => Ok((found, action.to_owned())),
        _ => Err("write SELECT, INSERT, UPDATE or DELETE, and its action: `SELECT=read`".to_owned()),
    }
}
