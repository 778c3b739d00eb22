//! The state of a session and what its entries do to it.
//!
//! INVARIANT: `policy` is always what `files` and `typed` say; a change that does not load leaves all three as they were.

use std::io;
use std::path::PathBuf;

use arctos::{Diagnostic, Error, Policy};
use arctos_syntax::{SourceId, parse, tree::Item};

use super::entry::Entry;
use super::vocabulary::{COMMANDS, Vocabulary};
use crate::args::{AskingArgs, ReplArgs};
use crate::check::counted;
use crate::input::{self, PolicyText};
use crate::loading;
use crate::output::{Failure, Output, Paint};
use crate::query::{Asker, Stopped, report};
use crate::schema::Declared;
use crate::uses::TypeUse;
use crate::watch::described;

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Continue,
    Quit,
}

/// A policy that grows while it is tried.
pub(super) struct Session {
    output: Output,
    declared: Declared,
    asking: AskingArgs,
    /// What `:reload` reads.
    paths: Vec<PathBuf>,
    files: Vec<PolicyText>,
    typed: Vec<PolicyText>,
    /// Types that queries have used.
    used: Vec<TypeUse>,
    policy: Policy,
    vocabulary: Vocabulary,
    had_errors: bool,
}

impl Session {
    /// Loads the files; a policy with errors is reported, and the session begins with an empty one.
    pub(super) fn new(args: &ReplArgs, output: Output, is_interactive: bool) -> Result<Session, Failure> {
        let declared = Declared::read(&args.classes)?;
        let files = input::read_policies(&args.files)?;
        let empty = loading::load(&declared, &[], &[]).map_err(|error| Failure::usage(error.to_string()))?;
        let mut session = Session {
            output,
            declared,
            asking: args.asking.clone(),
            paths: args.files.clone(),
            files: Vec::new(),
            typed: Vec::new(),
            used: Vec::new(),
            vocabulary: Vocabulary::of(&empty, &[]),
            policy: empty,
            had_errors: false,
        };
        if !files.is_empty() {
            session.replace_files(files, is_interactive)?;
        }
        Ok(session)
    }

    pub(super) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// True when an entry (or the first load) had an error.
    pub(super) fn had_errors(&self) -> bool {
        self.had_errors
    }

    /// Carries out one entry.
    ///
    /// # Errors
    /// Only where the result cannot be written; anything else is reported and the session goes on.
    pub(super) fn take(&mut self, text: &str) -> Result<Flow, Failure> {
        match Entry::of(text) {
            Entry::Empty => {}
            Entry::Command(name, argument) => return self.command(&name, &argument),
            Entry::Definition(text) => self.define(text)?,
            Entry::Query(text) => self.query(&text)?,
            // Only at the end of the input: show what is missing.
            Entry::Unfinished => self.query(text.trim())?,
        }
        Ok(Flow::Continue)
    }

    fn command(&mut self, name: &str, argument: &str) -> Result<Flow, Failure> {
        match (name, argument) {
            ("quit" | "q" | "exit", "") => return Ok(Flow::Quit),
            ("help" | "h" | "?", "") => self.help()?,
            ("load", "") => self.complain("name a file: `:load policy.polar`")?,
            ("load", path) => {
                let path = PathBuf::from(path);
                let paths: Vec<PathBuf> = self.paths.iter().cloned().chain([path]).collect();
                self.read(paths)?;
            }
            ("reload", "") => self.read(self.paths.clone())?,
            ("rules", wanted) => self.rules(wanted)?,
            ("classes", "") => self.classes()?,
            ("warnings", "") => self.warnings()?,
            ("trace", "on" | "off") => self.asking.trace = argument == "on",
            ("proof", "on" | "off") => self.asking.proof = argument == "on",
            _ => match COMMANDS.iter().find(|(known, ..)| *known == name) {
                Some((_, "", _)) => self.complain(&format!("`:{name}` takes nothing after it"))?,
                Some((_, takes, _)) => self.complain(&format!("write `:{name} {takes}`"))?,
                None => {
                    let near = arctos_syntax::suggest::near(name, COMMANDS.iter().map(|(known, ..)| *known));
                    let hint = near
                        .map_or("`:help` lists them".to_owned(), |near| format!("did you mean `:{near}`?"));
                    self.complain(&format!("there is no command `:{name}`; {hint}"))?;
                }
            },
        }
        Ok(Flow::Continue)
    }

    fn complain(&mut self, message: &str) -> io::Result<()> {
        self.had_errors = true;
        self.output.error(message)
    }

    fn help(&self) -> io::Result<()> {
        self.output.line("f(x)               ask; answers are shown as `x = 1`, or `yes` and `no`")?;
        self.output.line("f(1);              define: an entry that ends with `;` is added to the policy")?;
        for (name, takes, what) in COMMANDS {
            let left = format!(":{name} {takes}");
            self.output.line(&format!("{left:<18} {what}"))?;
        }
        self.output.line("An entry goes on over several lines until it is finished; an empty line ends it.")
    }

    // ---- the policy ----

    fn read(&mut self, paths: Vec<PathBuf>) -> Result<(), Failure> {
        match input::read_policies(&paths) {
            Ok(files) => {
                if self.replace_files(files, true)? {
                    self.paths = paths;
                }
            }
            Err(Failure::Usage(problems)) => {
                for problem in problems {
                    self.complain(&problem)?;
                }
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// True where the files load; else the old policy stays.
    fn replace_files(&mut self, files: Vec<PolicyText>, is_told: bool) -> io::Result<bool> {
        let old = std::mem::replace(&mut self.files, files);
        if let Err(error) = self.load() {
            self.files = old;
            self.had_errors = true;
            self.output.failure(&error)?;
            self.output.note("the policy was not loaded; what was there before stays in force")?;
            return Ok(false);
        }
        if is_told {
            let rules = counted(self.policy.rules().count(), "rule");
            let mut line = format!("{rules} from {}", counted(self.files.len(), "file"));
            if !self.policy.warnings().is_empty() {
                let warnings = counted(self.policy.warnings().len(), "warning");
                line.push_str(&format!(", {warnings} (`:warnings` shows them)"));
            }
            self.output.line(&self.output.paint(Paint::Faint, &line))?;
        }
        self.run_inline_queries(0)?;
        Ok(true)
    }

    fn load(&mut self) -> Result<(), Error> {
        let texts: Vec<PolicyText> = self.files.iter().chain(&self.typed).cloned().collect();
        self.policy = loading::load(&self.declared, &texts, &self.used)?;
        self.vocabulary = Vocabulary::of(&self.policy, &texts);
        Ok(())
    }

    fn define(&mut self, text: String) -> Result<(), Failure> {
        let could_be_query = parse_without_semicolon(&text);
        let name = format!("<entry {}>", self.typed.len() + 1);
        let first = self.files.len() + self.typed.len();
        self.typed.push(PolicyText { name, text: text.clone() });
        if let Err(error) = self.load() {
            self.typed.pop();
            self.had_errors = true;
            self.report_definition(&error, first)?;
            if could_be_query {
                self.output.note("a line that ends with `;` is a definition; leave the `;` out to ask")?;
            }
            return Ok(());
        }
        for line in defined(&text) {
            self.output.line(&self.output.paint(Paint::Faint, &line))?;
        }
        self.run_inline_queries(first)?;
        Ok(())
    }

    /// What is wrong with a definition; what was suspicious before is no news.
    fn report_definition(&self, error: &Error, first: usize) -> io::Result<()> {
        let is_news = |found: &&Diagnostic| found.is_error() || found.span.source.0 as usize >= first;
        let news: Vec<Diagnostic> = error.diagnostics().iter().filter(is_news).cloned().collect();
        match error.sources() {
            Some(sources) if !news.is_empty() => self.output.diagnostics(&news, sources),
            _ => self.output.failure(error),
        }
    }

    fn run_inline_queries(&mut self, first: usize) -> io::Result<()> {
        let good = self.asker().inline_queries(|span| span.source.0 as usize >= first)?;
        self.had_errors |= !good;
        Ok(())
    }

    fn asker(&self) -> Asker<'_> {
        Asker {
            facts: None,
            policy: &self.policy,
            declared: &self.declared,
            asking: &self.asking,
            json: false,
            output: &self.output,
        }
    }

    // ---- questions ----

    fn query(&mut self, text: &str) -> Result<(), Failure> {
        self.declare_types_of(text);
        match self.asker().ask(text, None) {
            Ok(0) => self.output.line("no")?,
            Ok(_) => {}
            Err(Stopped::Output(error)) => return Err(error.into()),
            Err(stopped) => {
                self.had_errors = true;
                report(&stopped, false, &self.output)?;
            }
        }
        Ok(())
    }

    /// Types that only this query names are declared from now on.
    fn declare_types_of(&mut self, text: &str) {
        let new: Vec<TypeUse> = loading::query_uses(text)
            .into_iter()
            .filter(|one| self.policy.schema().class(&one.name).is_none())
            .collect();
        if new.is_empty() || self.declared.is_closed {
            return;
        }
        let before = self.used.len();
        self.used.extend(new);
        if self.load().is_err() {
            self.used.truncate(before);
        }
    }

    fn rules(&mut self, wanted: &str) -> io::Result<()> {
        let mut found = false;
        for (id, rule) in self.policy.rules() {
            if wanted.is_empty() || rule.name == wanted {
                found = true;
                self.output.line(&described(&self.policy, id))?;
            }
        }
        match (found, wanted) {
            (true, _) => Ok(()),
            (false, "") => self.output.line("there are no rules"),
            (false, name) => {
                let near =
                    arctos_syntax::suggest::near(name, self.vocabulary.rules.iter().map(|rule| &**rule));
                let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                self.complain(&format!("there is no rule `{name}`{hint}"))
            }
        }
    }

    fn classes(&self) -> io::Result<()> {
        let schema = self.policy.schema();
        let built_in = arctos::Schema::new().classes().count();
        for (_, class) in schema.classes().skip(built_in) {
            let mut line = self.output.paint(Paint::Name, &class.name);
            if !class.members.is_empty() {
                line.push_str(&format!("({})", class.members.join(", ")));
            }
            let ancestors: Vec<&str> =
                class.lineage.iter().skip(1).map(|id| schema.class_name(*id)).collect();
            if !ancestors.is_empty() {
                line.push_str(&format!(" extends {}", ancestors.join(", ")));
            }
            self.output.line(&line)?;
        }
        if schema.classes().count() == built_in {
            self.output.line("there are no classes besides the built-in ones")?;
        }
        Ok(())
    }

    fn warnings(&self) -> io::Result<()> {
        match self.policy.warnings() {
            [] => self.output.line("there are no warnings"),
            warnings => self.output.diagnostics(warnings, self.policy.sources()),
        }
    }
}

fn parse_without_semicolon(text: &str) -> bool {
    let parsed = arctos_syntax::parse_query(SourceId(0), text.trim_end_matches(';'));
    !parsed.diagnostics.iter().any(arctos::Diagnostic::is_error)
}

/// What a definition adds, a line each: `defined f/1`.
fn defined(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in &parse(SourceId(0), text).tree.items {
        let line = match item {
            Item::Rule(rule) => format!("defined {}/{}", rule.head.name.text, rule.head.params.len()),
            Item::RuleType(head) => format!("defined type {}/{}", head.name.text, head.params.len()),
            Item::Block(block) => format!("defined block {}", block.name.text),
            Item::InlineQuery(_) => continue,
            Item::Declare(declare) => format!("declared {}", declare.name.text),
            Item::Fixture(fixture) => format!("defined fixture {}", fixture.name.text),
            Item::Test(test) => format!("defined test {}", crate::show::string(&test.name.text)),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
