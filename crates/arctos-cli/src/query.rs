//! `arctos query`: one question, its answers, and the exit code.
//!
//! INVARIANT: an error is never taken for an answer: the status is then [`Status::NotDone`], whatever was printed before.

use std::ffi::OsString;
use std::io;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use arctos::{Error, ErrorKind, Facts, Limits, Policy, ProofStep, Query, Sources};
use arctos_syntax::suggest::near;
use arctos_syntax::{SourceId, parse_query, render};
use arctos_wire::facts::Import;
use serde_json::{Value, json};

use crate::args::{AskingArgs, QueryArgs, QueryFormat};
use crate::clock::unix_time;
use crate::facts::{self, Files};
use crate::host::RecordHost;
use crate::input;
use crate::loading;
use crate::output::{Failure, Output, Paint, Status};
use crate::schema::Declared;
use crate::show;
use crate::uses;
use crate::watch::{Watch, proof_json, proof_lines};

/// Asks the policy in the files and prints the answers.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read, [`Failure::Output`] where the result cannot be written.
pub fn run(args: &QueryArgs, output: &Output) -> Result<Status, Failure> {
    let (files, text) = split(&args.files_and_query)?;
    let declared = Declared { has_facts: !args.facts.is_empty(), ..Declared::read(&args.classes)? };
    let texts = input::read_policies(&files)?;
    let json = args.format == QueryFormat::Json;
    let policy = match loading::load(&declared, &texts, &loading::query_uses(&text)) {
        Ok(policy) => policy,
        Err(error) => {
            report(&Stopped::Error(error), json, output)?;
            return Ok(Status::NotDone);
        }
    };
    let files = Files { paths: &args.facts, format: args.facts_format };
    let facts = match facts::read(files, Import::onto(&Facts::new()).for_policy(&policy)) {
        Ok(loaded) => loaded.facts,
        Err(unloaded) => {
            report(&unloaded.stopped()?, json, output)?;
            return Ok(Status::NotDone);
        }
    };
    let asker = Asker {
        policy: &policy,
        facts: Some(&facts),
        declared: &declared,
        asking: &args.asking,
        json,
        output,
    };
    if !asker.inline_queries(|_| true)? {
        return Ok(Status::NotDone);
    }
    match asker.ask(&text, args.limit) {
        Ok(0) if json => Ok(Status::Negative),
        Ok(0) => {
            output.line("no")?;
            Ok(Status::Negative)
        }
        Ok(_) => Ok(Status::Good),
        Err(Stopped::Output(error)) => Err(error.into()),
        Err(stopped) => {
            report(&stopped, json, output)?;
            Ok(Status::NotDone)
        }
    }
}

/// The last argument is the query.
fn split(arguments: &[OsString]) -> Result<(Vec<PathBuf>, String), Failure> {
    let Some((last, files)) = arguments.split_last() else { return Err(Failure::usage("there is no query")) };
    let Some(query) = last.to_str() else { return Err(Failure::usage("the query is not UTF-8 text")) };
    let path = PathBuf::from(last);
    if query == "-" || path.extension().is_some_and(|extension| extension == "polar") || path.is_dir() {
        return Err(Failure::usage(format!(
            "there is no query after `{query}`; write it last, such as `arctos query {query} 'allow(\"ann\", \"read\", x)'`"
        )));
    }
    Ok((files.iter().map(PathBuf::from).collect(), query.to_owned()))
}

/// Asks questions of one policy and prints their answers.
pub(crate) struct Asker<'a> {
    pub(crate) policy: &'a Policy,
    /// What the policy decides over, where it was loaded for facts.
    pub(crate) facts: Option<&'a Facts>,
    pub(crate) declared: &'a Declared,
    pub(crate) asking: &'a AskingArgs,
    pub(crate) json: bool,
    pub(crate) output: &'a Output,
}

/// Why there are no more answers.
pub(crate) enum Stopped {
    /// The query's text makes no sense.
    Text(Vec<arctos::Diagnostic>, Sources),
    /// Something went wrong: what was found before is no complete result.
    Error(Error),
    /// The query calls a rule that is not there, and probably means this one.
    Misspelt(Error, String),
    /// Answers cannot be written.
    Output(io::Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Stopped::Error(error)
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Stopped::Output(error)
    }
}

impl Asker<'_> {
    fn query(&self, text: &str, trace: bool) -> Result<Asked, Stopped> {
        let mut sources = Sources::default();
        let parsed = parse_query(sources.add(Some("<query>"), text), text);
        if parsed.diagnostics.iter().any(arctos::Diagnostic::is_error) {
            return Err(Stopped::Text(parsed.diagnostics, sources));
        }
        let host = RecordHost::new(self.policy.schema(), &self.declared.constants, *self.output, self.json);
        let watch = Watch::new(self.policy, *self.output, trace);
        let mut query = Query::observed(self.policy, host, watch);
        query.set_limits(self.limits());
        if let Some(facts) = self.facts.filter(|_| self.policy.schema().has_facts()) {
            query.set_facts(facts.view());
            query.set_unix_time(unix_time());
        }
        query.ask_text(text, &[])?;
        let variables = parsed.tree.as_ref().map_or_else(Vec::new, uses::variables_of_query);
        let schema = self.policy.schema();
        let tells_values =
            variables.iter().any(|name| schema.class(name).is_none() && schema.constant(name).is_none());
        Ok(Asked { query, tells_values })
    }

    fn limits(&self) -> Limits {
        let standard = Limits::default();
        let time = match self.asking.timeout {
            None => standard.time,
            Some(Duration::ZERO) => None,
            Some(time) => Some(time),
        };
        Limits { time, ..standard }
    }

    /// Prints the answers and returns how many there were. A question without variables has one answer, unless the user
    /// asks for a number of them.
    pub(crate) fn ask(&self, text: &str, limit: Option<NonZeroU64>) -> Result<u64, Stopped> {
        self.answers(text, limit).map_err(|stopped| match stopped {
            Stopped::Error(error) if error.kind() == ErrorKind::UndefinedRule => {
                match self.nearest_rule(text) {
                    Some(near) => Stopped::Misspelt(error, near),
                    None => Stopped::Error(error),
                }
            }
            other => other,
        })
    }

    /// The rule that a query probably means where it calls one that is not there.
    fn nearest_rule(&self, text: &str) -> Option<String> {
        let query = parse_query(SourceId(0), text).tree?;
        let missing = uses::calls_of_query(&query).into_iter().find(|name| !self.policy.has_rule(name))?;
        near(&missing, self.policy.rules().map(|(_, rule)| rule.name)).map(str::to_owned)
    }

    fn answers(&self, text: &str, limit: Option<NonZeroU64>) -> Result<u64, Stopped> {
        let Asked { mut query, tells_values } = self.query(text, self.asking.trace)?;
        let mut count = 0;
        loop {
            if query.next()?.is_none() {
                return Ok(count);
            }
            count += 1;
            let answer = query.answer();
            let bindings: Vec<_> = answer.iter().collect();
            let shown = if self.json {
                Shown::Json(show::answer_json(answer.heap(), &bindings))
            } else {
                Shown::Line(show::answer(answer.heap(), &bindings, |variable| query.name_of(variable)))
            };
            let proof = self.asking.proof.then(|| query.observer().steps());
            self.print(shown, proof)?;
            if limit.map_or(!tells_values, |limit| count >= limit.get()) {
                return Ok(count);
            }
        }
    }

    fn print(&self, shown: Shown, proof: Option<&[ProofStep]>) -> io::Result<()> {
        match shown {
            Shown::Json(bindings) => {
                let mut object = json!({ "bindings": bindings });
                if let (Some(proof), Value::Object(fields)) = (proof, &mut object) {
                    fields.insert("proof".to_owned(), proof_json(self.policy, proof));
                }
                self.output.line(&object.to_string())
            }
            Shown::Line(line) => {
                let line = if line.is_empty() { self.output.paint(Paint::Good, "yes") } else { line };
                self.output.line(&line)?;
                if proof.is_some_and(<[ProofStep]>::is_empty) && self.policy.rules().next().is_some() {
                    // Answers of recursive open questions are collected first, and come out without their rules.
                    self.output.line(&self.output.paint(Paint::Faint, "  (no rules are recorded)"))?;
                }
                for step in proof_lines(self.policy, proof.unwrap_or_default()) {
                    self.output.line(&self.output.paint(Paint::Faint, &format!("  {step}")))?;
                }
                Ok(())
            }
        }
    }

    /// Runs the policy's own `?=` queries, those that `wanted` chooses by their place; false where one of them has no
    /// answer or an error, which is reported.
    pub(crate) fn inline_queries(&self, wanted: impl Fn(arctos::Span) -> bool) -> io::Result<bool> {
        let mut good = true;
        for inline in self.policy.inline_queries() {
            if !wanted(inline.span) {
                continue;
            }
            let location = self.policy.sources().locate(inline.span);
            let decided = self.query(inline.text, false).and_then(|mut asked| Ok(asked.query.decide()?));
            match decided {
                Ok(true) => continue,
                Ok(false) => {
                    let message = format!("inline query `{}` at {location} has no answer", inline.text);
                    report_message(&message, self.json, self.output)?;
                }
                Err(stopped) => {
                    self.output.note(&format!("inline query `{}` at {location}:", inline.text))?;
                    report(&stopped, self.json, self.output)?;
                }
            }
            good = false;
        }
        Ok(good)
    }
}

/// A question that has been asked and not yet answered.
struct Asked {
    query: Query<RecordHost, Watch>,
    /// True where it has variables; else `yes` is the whole answer.
    tells_values: bool,
}

enum Shown {
    Line(String),
    Json(Value),
}

fn report_message(message: &str, json: bool, output: &Output) -> io::Result<()> {
    if json {
        output.line(&json!({ "error": { "kind": "InlineQueryFailed", "message": message } }).to_string())
    } else {
        output.error(message)
    }
}

/// Says what went wrong: as JSON on stdout, or for people on stderr.
pub(crate) fn report(stopped: &Stopped, json: bool, output: &Output) -> io::Result<()> {
    match stopped {
        Stopped::Text(diagnostics, sources) if json => {
            output.line(&invalid_json(diagnostics, sources, &text_message(diagnostics)).to_string())
        }
        Stopped::Text(diagnostics, sources) => output.diagnostics(diagnostics, sources),
        Stopped::Misspelt(error, near) if json => {
            let mut object = error_json(error);
            if let Some(Value::Object(fields)) = object.get_mut("error") {
                fields.insert("help".to_owned(), format!("did you mean `{near}`?").into());
            }
            output.line(&object.to_string())
        }
        Stopped::Misspelt(error, near) => {
            output.failure(error)?;
            output.note(&format!("  help: did you mean `{near}`?"))
        }
        Stopped::Error(error) if json => output.line(&error_json(error).to_string()),
        Stopped::Error(error) => output.failure(error),
        Stopped::Output(error) => Err(io::Error::new(error.kind(), error.to_string())),
    }
}

fn text_message(diagnostics: &[arctos::Diagnostic]) -> String {
    diagnostics.iter().find(|found| found.is_error()).map_or_else(String::new, |found| found.message.clone())
}

fn invalid_json(diagnostics: &[arctos::Diagnostic], sources: &Sources, message: &str) -> Value {
    let lines = render::json(diagnostics, sources);
    let diagnostics: Vec<Value> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    json!({ "error": { "kind": "Invalid", "message": message, "diagnostics": diagnostics } })
}

pub(crate) fn error_json(error: &Error) -> Value {
    if let (ErrorKind::Invalid, Some(sources)) = (error.kind(), error.sources()) {
        return invalid_json(error.diagnostics(), sources, error.message());
    }
    let kind = match error.kind() {
        ErrorKind::Exhausted(limit) => format!("Exhausted: {limit}"),
        kind => format!("{kind:?}"),
    };
    let trace: Vec<Value> = error
        .trace()
        .iter()
        .map(|frame| json!({ "goal": frame.goal, "rule": frame.rule, "location": frame.location }))
        .collect();
    json!({ "error": { "kind": kind, "message": error.message(), "trace": trace } })
}
