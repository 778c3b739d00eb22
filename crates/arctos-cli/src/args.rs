//! What can be typed after `arctos`, and the help that explains it.

mod facts;
mod sql;

use std::ffi::OsString;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use facts::{
    AuthorizeArgs, FactsArgs, FactsCheckArgs, FactsCommand, FactsConvertArgs, FactsFormat, ListArgs,
    PageArgs, PairArgs, StoredArgs, WhoArgs, WhyArgs,
};
pub use sql::{DialectName, SqlArgs, SqlCommand, SqlFilterArgs, SqlRlsArgs};

const ABOUT: &str = "Check, ask and try authorization policies written in Polar";

const EXAMPLES: &str = "\
Examples:
  arctos check policy.polar                            what is wrong with a policy
  arctos query policy.polar 'allow(\"ann\", \"read\", x)'  who may do what
  arctos test policy.polar                             run the tests that stand in it
  arctos repl policy.polar                             try it line by line
  arctos authorize policy.polar --facts my.facts User:ann read Doc:plan

`arctos <command> --help` has more, with the exit codes of each command.";

const CHECK_EXAMPLES: &str = "\
Examples:
  arctos check policy.polar                 one file
  arctos check policies/ extra.polar        all *.polar files of a folder and one more, as one policy
  git show HEAD:policy.polar | arctos check -
  arctos check --format github policies/    annotations in a GitHub workflow
  arctos check --class User,Repo p.polar    any other type is an error
  arctos check --facts policy.polar         a policy that decides over facts
  arctos check --filterable allow:Repo --mapping tables.toml policy.polar

Exit codes:
  0  no errors (and no warnings, with --deny-warnings)
  1  there are errors; with --filterable, a rule cannot be a filter
  2  wrong usage, or a file that cannot be read";

const QUERY_EXAMPLES: &str = "\
Examples:
  arctos query policy.polar 'allow(\"ann\", \"read\", x)'
  arctos query policy.polar 'allow(new User(name: \"ann\"), \"read\", new Repo(public: true))'
  arctos query policy.polar --proof 'f(1)'    with the rules each answer rests on
  arctos query 'x in [1, 2]'                  no policy is needed
  arctos query --facts my.facts policy.polar 'allow(User{\"ann\"}, action, Doc{\"plan\"})'

Objects: there is no application behind the command line, so `new User(name: \"ann\")` makes a
plain record with those attributes. Records are equal when their class and attributes are.

Exit codes:
  0  there is an answer
  1  there is none
  2  an error: wrong usage, a policy with errors, or an error while answering. It never means yes";

const TEST_EXAMPLES: &str = "\
Examples:
  arctos test policy.polar                     the tests in one file
  arctos test policies/                        each *.polar file of a folder, as a policy of its own
  arctos test --policy policy.polar tests/     each file of a folder together with the policy it tests
  arctos test --policy policies/               the tests of a policy that is in several files
  arctos test --filter owner policy.polar      those with `owner` in their name
  arctos test --format junit policies/ > tests.xml
  arctos test --coverage policies/             with what the tests leave out
  arctos test --mutants policies/              with the changes that no test notices

A test that asks for `@current_unix_time` sets it in its `setup`, or gets the machine's.

Exit codes:
  0  every test passes
  1  a test fails, or with --mutants a change goes unnoticed
  2  wrong usage, a policy that does not load, or nothing to run";

const REPL_EXAMPLES: &str = "\
Examples:
  arctos repl policy.polar
  arctos repl < questions.txt       without a terminal: no prompts, exit code 2 if a line has an error

At the prompt:
  allow(\"ann\", \"read\", x)           a query
  f(1);                             a definition, because of the `;`
  :help                             the commands";

const CLASSES_HELP: &str = "\
File that lists the application's classes and constants

Text, one per line:
  class User(name, email)
  class Admin(level) extends User
  constant MAX = 10
or JSON:
  {\"classes\": {\"Admin\": {\"extends\": [\"User\"], \"members\": [\"level\"]}}, \"constants\": {\"MAX\": 10}}

Without --classes and --class, the types that the policy uses are taken as declared, without ancestors.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "arctos", version, about = ABOUT, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colour: `auto` (heeds the terminal and NO_COLOR), `always` or `never`
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto, value_name = "WHEN")]
    #[arg(hide_possible_values = true, display_order = 900)]
    pub color: ColorWhen,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On terminals, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find what is wrong or suspicious in a policy
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Ask a policy one question and print the answers
    #[command(after_help = QUERY_EXAMPLES, override_usage = "arctos query [OPTIONS] [FILE]... <QUERY>")]
    Query(QueryArgs),
    /// Run the tests and inline queries that stand in policies
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// Try a policy line by line: ask, define, trace, reload
    #[command(after_help = REPL_EXAMPLES)]
    Repl(ReplArgs),
    /// Decide over stored facts: may this actor do that?
    #[command(after_help = facts::AUTHORIZE_EXAMPLES)]
    Authorize(AuthorizeArgs),
    /// Decide over stored facts, and say what the decision rests on or what it would take
    #[command(after_help = facts::WHY_EXAMPLES)]
    Why(WhyArgs),
    /// List what an actor may do something with
    #[command(after_help = facts::LIST_EXAMPLES)]
    List(ListArgs),
    /// List who may do something
    #[command(after_help = facts::WHO_EXAMPLES)]
    Who(WhoArgs),
    /// List what an actor may do with something
    #[command(after_help = facts::ACTIONS_EXAMPLES)]
    Actions(PairArgs),
    /// List the roles that an actor has on something
    #[command(after_help = facts::ROLES_EXAMPLES)]
    Roles(PairArgs),
    /// Check files of facts, or convert them
    Facts(FactsArgs),
    /// Print what a policy says of rows as SQL
    #[command(after_help = sql::SQL_EXAMPLES)]
    Sql(SqlArgs),
}

/// Which classes the policy may name.
#[derive(Clone, Debug, Default, Args)]
pub struct ClassArgs {
    /// File that lists the application's classes and constants
    #[arg(long, value_name = "FILE", long_help = CLASSES_HELP, display_order = 101)]
    pub classes: Vec<PathBuf>,
    /// A class of the application; may be given several times or separated by commas
    #[arg(long, value_name = "NAME", value_delimiter = ',', display_order = 100)]
    pub class: Vec<String>,
}

/// `arctos check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Policy files, folders of *.polar files, or `-` for stdin; together they are one policy
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub format: CheckFormat,
    /// Exit with 1 for warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// The application keeps facts: a predicate that no rule defines is a fact, an unlisted type is one of entities
    #[arg(long)]
    pub facts: bool,
    /// Print a stage of the translation instead of checking
    #[arg(long, value_enum, value_name = "STAGE")]
    pub dump: Option<Dump>,
    /// Say for each rule of that name about rows of a class whether it can be a filter, as `allow:Repo`
    #[arg(long, value_name = "RULE:CLASS", requires = "mapping", conflicts_with = "dump")]
    pub filterable: Option<String>,
    /// Which rows there are and where, a TOML file
    #[arg(long, value_name = "FILE", requires = "filterable")]
    pub mapping: Option<PathBuf>,
    /// Which classes the policy may name.
    #[command(flatten)]
    pub classes: ClassArgs,
}

/// How `check` prints diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// Source lines with marks, and a summary
    Human,
    /// One JSON object per diagnostic and line
    Json,
    /// Annotations for GitHub workflows
    Github,
}

/// A stage of the translation, as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dump {
    /// What the lexer sees
    Tokens,
    /// The syntax tree
    Tree,
    /// The lowered program
    Ir,
}

/// `arctos query`
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// Policy files or folders, and last the query, such as 'allow("ann", "read", x)'
    #[arg(required = true, value_name = "FILE|QUERY", num_args = 1..)]
    pub files_and_query: Vec<OsString>,
    /// How to print the answers
    #[arg(long, value_enum, default_value_t = QueryFormat::Human)]
    pub format: QueryFormat,
    /// File of facts to decide over, by the end of its name: *.jsonl, *.csv or *.facts
    #[arg(long, value_name = "FILE")]
    pub facts: Vec<PathBuf>,
    /// The format of the files of facts, whatever their names are
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub facts_format: Option<FactsFormat>,
    /// Stop after that many answers
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroU64>,
    /// How the question is answered.
    #[command(flatten)]
    pub asking: AskingArgs,
    /// Which classes the policy may name.
    #[command(flatten)]
    pub classes: ClassArgs,
}

/// How `query` prints answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueryFormat {
    /// `x = 1`, or `yes` and `no`
    Human,
    /// One JSON object per answer and line
    Json,
}

/// How questions are answered.
#[derive(Clone, Debug, Default, Args)]
pub struct AskingArgs {
    /// Give up after that time: `2s`, `500ms`, or seconds; 0 for never [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub timeout: Option<Duration>,
    /// Print the rules that are entered, left, retried and failed, to stderr
    #[arg(long)]
    pub trace: bool,
    /// Print the rules that each answer rests on
    #[arg(long)]
    pub proof: bool,
}

/// `arctos test`
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Policy files, or folders of *.polar files; each file is a policy of its own
    #[arg(value_name = "FILE", required_unless_present = "policy")]
    pub files: Vec<PathBuf>,
    /// A policy that each file is loaded together with; several are one policy. Without FILE its own tests are run
    #[arg(long, value_name = "FILE")]
    pub policy: Vec<PathBuf>,
    /// Only tests with this text in their name, and inline queries with it
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How to print what came of the tests
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub format: TestFormat,
    /// `@current_unix_time` of tests that do not set it [default: the machine's]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub time: Option<i64>,
    /// Say which rules and conditions the tests exercise
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "table")]
    pub coverage: Option<CoverageFormat>,
    /// Where coverage is written [default: coverage.html or lcov.info; a table is printed]
    #[arg(long, value_name = "FILE", requires = "coverage")]
    pub coverage_file: Option<PathBuf>,
    /// Leave out each rule and condition in turn: does a test notice?
    #[arg(long)]
    pub mutants: bool,
    /// Run again whenever a file has changed
    #[arg(long)]
    pub watch: bool,
    /// Exit with 0 where there is nothing to run
    #[arg(long)]
    pub allow_empty: bool,
    /// Which classes the policy may name.
    #[command(flatten)]
    pub classes: ClassArgs,
}

/// How `test` prints what came of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// A line a test, and the assertions that do not hold with their source
    Human,
    /// One JSON object per test and line, then the counts
    Json,
    /// JUnit's XML
    Junit,
    /// Annotations for GitHub workflows
    Github,
}

/// How `test` tells coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// How much of each file, and what no test exercises
    Table,
    /// A page with the policies, marked
    Html,
    /// The tracefile format of `lcov`, which many services read
    Lcov,
}

/// `arctos repl`
#[derive(Debug, Args)]
pub struct ReplArgs {
    /// Policy files or folders; together they are one policy
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How questions are answered.
    #[command(flatten)]
    pub asking: AskingArgs,
    /// Which classes the policy may name.
    #[command(flatten)]
    pub classes: ClassArgs,
}

fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    number
        .trim()
        .parse::<f64>()
        .ok()
        .and_then(|value| Duration::try_from_secs_f64(value * unit).ok())
        .ok_or_else(|| "write a time such as `2s`, `500ms` or `1.5`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times() {
        assert_eq!(parse_time("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time("1.5"), Ok(Duration::from_millis(1500)));
        assert!(parse_time("-1").is_err());
        assert!(parse_time("soon").is_err());
        assert!(parse_time("nan").is_err());
    }
}
