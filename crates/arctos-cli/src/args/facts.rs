//! What can be typed after the commands that ask about stored facts.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use arctos_wire::facts::Format;
use clap::{Args, Subcommand, ValueEnum};

pub(super) const AUTHORIZE_EXAMPLES: &str = "\
Examples:
  arctos authorize policy.polar --facts my.facts User:ann read Doc:plan
  arctos authorize policies/ --facts roles.csv --facts docs.jsonl 'User{\"ann\"}' read 'Doc{\"plan\"}'
  arctos authorize policy.polar --facts my.facts --context 'has_mfa(User{\"ann\"});' User:ann read Doc:plan

Exit codes:
  0  allowed
  1  denied
  2  an error: nothing was decided. It never means allowed";

pub(super) const WHY_EXAMPLES: &str = "\
Examples:
  arctos why policy.polar --facts my.facts User:ann read Doc:plan
  arctos why policy.polar --facts my.facts --html User:ann read Doc:plan > why.html

Exit codes:
  0  allowed: what the decision rests on
  1  denied: what it would take
  2  an error: nothing was decided";

pub(super) const LIST_EXAMPLES: &str = "\
Examples:
  arctos list policy.polar --facts my.facts User:ann read Doc
  arctos list policy.polar --facts my.facts --json --limit 100 User:ann read Doc

The ids come in the order of their bytes, one a line; `_: Doc` stands for whatever document there is.

Exit codes:
  0  there are some
  1  there are none
  2  an error: what was printed is no answer";

pub(super) const WHO_EXAMPLES: &str = "\
Examples:
  arctos who policy.polar --facts my.facts User read Doc:plan

Exit codes:
  0  there are some
  1  there is nobody
  2  an error: what was printed is no answer";

pub(super) const ACTIONS_EXAMPLES: &str = "\
Examples:
  arctos actions policy.polar --facts my.facts User:ann Doc:plan

Exit codes:
  0  there are some
  1  there are none
  2  an error: what was printed is no answer";

pub(super) const ROLES_EXAMPLES: &str = "\
Examples:
  arctos roles policy.polar --facts my.facts User:ann Doc:plan

Exit codes:
  0  there are some
  1  there are none
  2  an error: what was printed is no answer";

pub(super) const FACTS_CHECK_EXAMPLES: &str = "\
Examples:
  arctos facts check policy.polar my.facts roles.csv

Exit codes:
  0  all of them are facts that the policy can ask for
  1  some are not
  2  a policy with errors, wrong usage, or a file that cannot be read";

pub(super) const FACTS_CONVERT_EXAMPLES: &str = "\
Examples:
  arctos facts convert --to csv my.facts > my.csv
  arctos facts convert --to jsonl before.jsonl changes.jsonl > after.jsonl
  sort roles.jsonl | arctos facts convert --to facts --facts-format jsonl -

Exit codes:
  0  all of them were written
  2  an error: what was written is no whole file";

/// Where the policy and the facts are.
#[derive(Clone, Debug, Args)]
pub struct StoredArgs {
    /// Policy file, folder of *.polar files, or `-` for stdin
    #[arg(value_name = "POLICY")]
    pub policy: PathBuf,
    /// File of facts, by the end of its name: *.jsonl, *.csv or *.facts
    #[arg(long, value_name = "FILE")]
    pub facts: Vec<PathBuf>,
    /// The format of the files of facts, whatever their names are
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub facts_format: Option<FactsFormat>,
    /// Fact that holds for this question only, or a file of such facts
    #[arg(long, value_name = "FACT|FILE")]
    pub context: Vec<String>,
    /// `@context`, `@action` and attributes of entities, a JSON file
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// `@current_unix_time`, in seconds [default: the clock's]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub now: Option<i64>,
}

/// How a list is printed.
#[derive(Clone, Debug, Args)]
pub struct PageArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print at most that many, and what to go on with
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
    /// Go on where a page with that token ended
    #[arg(long, value_name = "TOKEN", requires = "limit", allow_hyphen_values = true)]
    pub after: Option<String>,
}

/// A format of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FactsFormat {
    /// One JSON object per line
    Jsonl,
    /// A table with a header
    Csv,
    /// As in policies
    Facts,
}

impl From<FactsFormat> for Format {
    fn from(format: FactsFormat) -> Self {
        match format {
            FactsFormat::Jsonl => Format::JsonLines,
            FactsFormat::Csv => Format::Csv,
            FactsFormat::Facts => Format::Notation,
        }
    }
}

/// `arctos authorize`
#[derive(Debug, Args)]
pub struct AuthorizeArgs {
    /// Where the policy and the facts are.
    #[command(flatten)]
    pub stored: StoredArgs,
    /// Who: `User:ann` or `User{"ann"}`
    #[arg(value_name = "ACTOR")]
    pub actor: String,
    /// Does what
    #[arg(value_name = "ACTION")]
    pub action: String,
    /// To what: `Doc:plan` or `Doc{"plan"}`
    #[arg(value_name = "RESOURCE")]
    pub resource: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `arctos why`
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Where the policy and the facts are.
    #[command(flatten)]
    pub stored: StoredArgs,
    /// Who: `User:ann` or `User{"ann"}`
    #[arg(value_name = "ACTOR")]
    pub actor: String,
    /// Does what
    #[arg(value_name = "ACTION")]
    pub action: String,
    /// To what: `Doc:plan` or `Doc{"plan"}`
    #[arg(value_name = "RESOURCE")]
    pub resource: String,
    /// Print JSON
    #[arg(long, conflicts_with = "html")]
    pub json: bool,
    /// Print a page of HTML with a drawing
    #[arg(long)]
    pub html: bool,
}

/// `arctos list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Where the policy and the facts are.
    #[command(flatten)]
    pub stored: StoredArgs,
    /// Who: `User:ann` or `User{"ann"}`
    #[arg(value_name = "ACTOR")]
    pub actor: String,
    /// Does what
    #[arg(value_name = "ACTION")]
    pub action: String,
    /// To what, by its type: `Doc`
    #[arg(value_name = "TYPE")]
    pub resource_type: String,
    /// How the list is printed.
    #[command(flatten)]
    pub page: PageArgs,
}

/// `arctos who`
#[derive(Debug, Args)]
pub struct WhoArgs {
    /// Where the policy and the facts are.
    #[command(flatten)]
    pub stored: StoredArgs,
    /// Who, by their type: `User`
    #[arg(value_name = "TYPE")]
    pub subject_type: String,
    /// Does what
    #[arg(value_name = "ACTION")]
    pub action: String,
    /// To what: `Doc:plan` or `Doc{"plan"}`
    #[arg(value_name = "RESOURCE")]
    pub resource: String,
    /// How the list is printed.
    #[command(flatten)]
    pub page: PageArgs,
}

/// `arctos actions`, `arctos roles`
#[derive(Debug, Args)]
pub struct PairArgs {
    /// Where the policy and the facts are.
    #[command(flatten)]
    pub stored: StoredArgs,
    /// Who: `User:ann` or `User{"ann"}`
    #[arg(value_name = "ACTOR")]
    pub actor: String,
    /// With what: `Doc:plan` or `Doc{"plan"}`
    #[arg(value_name = "RESOURCE")]
    pub resource: String,
    /// How the list is printed.
    #[command(flatten)]
    pub page: PageArgs,
}

/// `arctos facts`
#[derive(Debug, Args)]
pub struct FactsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: FactsCommand,
}

/// What can be done with files of facts.
#[derive(Debug, Subcommand)]
pub enum FactsCommand {
    /// Count the facts in files, and find those that the policy can never ask for
    #[command(after_help = FACTS_CHECK_EXAMPLES)]
    Check(FactsCheckArgs),
    /// Write the facts in files to stdout, in another format
    #[command(after_help = FACTS_CONVERT_EXAMPLES)]
    Convert(FactsConvertArgs),
}

/// `arctos facts check`
#[derive(Debug, Args)]
pub struct FactsCheckArgs {
    /// Policy file, folder of *.polar files, or `-` for stdin
    #[arg(value_name = "POLICY")]
    pub policy: PathBuf,
    /// Files of facts, by the ends of their names: *.jsonl, *.csv or *.facts
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The format of the files, whatever their names are
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub facts_format: Option<FactsFormat>,
    /// Print JSON: one object per problem and line, or the counts
    #[arg(long)]
    pub json: bool,
}

/// `arctos facts convert`
#[derive(Debug, Args)]
pub struct FactsConvertArgs {
    /// Files of facts, or `-` for stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The format to write
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: FactsFormat,
    /// The format of the files, whatever their names are
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub facts_format: Option<FactsFormat>,
}
