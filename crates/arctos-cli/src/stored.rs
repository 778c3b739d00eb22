//! `arctos authorize`, `why`, `list`, `who`, `actions`, `roles`: questions about stored facts.
//!
//! INVARIANT: an error is never taken for an answer: the status is then [`Status::NotDone`].

use std::path::Path;

use arctos::{Authorizer, Error, Fact, Facts, List, PageToken, Policy, Request};
use arctos_syntax::format::quote;
use arctos_wire::explanation::to_html;
use arctos_wire::facts::Import;
use arctos_wire::{Decision, Explanation, Ids, RequestValues, parse_value};

use crate::args::{AuthorizeArgs, ListArgs, PageArgs, PairArgs, StoredArgs, WhoArgs, WhyArgs};
use crate::clock::unix_time;
use crate::facts::check::json;
use crate::facts::{self, Files};
use crate::input;
use crate::loading;
use crate::output::{Failure, Output, Paint, Status, harmless};
use crate::query::{Stopped, report};

/// `arctos authorize`: allowed or denied.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read and values that are none, [`Failure::Output`] where the result cannot be
/// written.
pub fn authorize(args: &AuthorizeArgs, output: &Output) -> Result<Status, Failure> {
    let (actor, resource) = (value(&args.actor)?, value(&args.resource)?);
    let arguments = [actor.as_ref(), args.action.as_str().into(), resource.as_ref()];
    ask(&args.stored, args.json, output, |authorizer, request| {
        let allowed = authorizer.check_request(request, "allow", &arguments)?;
        if args.json {
            output.line(&json(&Decision::new(allowed)))?;
        } else if allowed {
            output.line(&output.paint(Paint::Good, "allowed"))?;
        } else {
            output.line("denied")?;
        }
        Ok(if allowed { Status::Good } else { Status::Negative })
    })
}

/// `arctos why`: allowed or denied, with reasons.
///
/// # Errors
/// As [`authorize`].
pub fn why(args: &WhyArgs, output: &Output) -> Result<Status, Failure> {
    let (actor, resource) = (value(&args.actor)?, value(&args.resource)?);
    let arguments = [actor.as_ref(), args.action.as_str().into(), resource.as_ref()];
    ask(&args.stored, args.json, output, |authorizer, request| {
        let explanation = authorizer.explain(request, "allow", &arguments)?;
        if args.json {
            output.line(&json(&Explanation::of(&explanation)))?;
        } else if args.html {
            output.raw(&to_html(&explanation))?;
        } else {
            output.raw(&harmless(&explanation.to_text()))?;
        }
        Ok(if explanation.allowed { Status::Good } else { Status::Negative })
    })
}

/// `arctos list`: what an actor may do something with.
///
/// # Errors
/// As [`authorize`].
pub fn list(args: &ListArgs, output: &Output) -> Result<Status, Failure> {
    let actor = value(&args.actor)?;
    let pages = Pages::read(&args.page, Some(&args.resource_type))?;
    ask(&args.stored, args.page.json, output, |authorizer, request| {
        let list = authorizer.list_resources(request, actor.as_ref(), &args.action, &args.resource_type)?;
        pages.print(&list, output)
    })
}

/// `arctos who`: who may do something.
///
/// # Errors
/// As [`authorize`].
pub fn who(args: &WhoArgs, output: &Output) -> Result<Status, Failure> {
    let resource = value(&args.resource)?;
    let pages = Pages::read(&args.page, Some(&args.subject_type))?;
    ask(&args.stored, args.page.json, output, |authorizer, request| {
        let list = authorizer.list_subjects(request, &args.subject_type, &args.action, resource.as_ref())?;
        pages.print(&list, output)
    })
}

/// `arctos actions`: what an actor may do with something.
///
/// # Errors
/// As [`authorize`].
pub fn actions(args: &PairArgs, output: &Output) -> Result<Status, Failure> {
    pair(args, output, Authorizer::list_actions)
}

/// `arctos roles`: which roles an actor has on something.
///
/// # Errors
/// As [`authorize`].
pub fn roles(args: &PairArgs, output: &Output) -> Result<Status, Failure> {
    pair(args, output, Authorizer::list_roles)
}

type AskPair = fn(
    &Authorizer,
    &Request<'_>,
    arctos::facts::ValueRef<'_>,
    arctos::facts::ValueRef<'_>,
) -> Result<List, Error>;

fn pair(args: &PairArgs, output: &Output, question: AskPair) -> Result<Status, Failure> {
    let (actor, resource) = (value(&args.actor)?, value(&args.resource)?);
    let pages = Pages::read(&args.page, None)?;
    ask(&args.stored, args.page.json, output, |authorizer, request| {
        let list = question(authorizer, request, actor.as_ref(), resource.as_ref())?;
        pages.print(&list, output)
    })
}

/// Loads everything and asks; what goes wrong is reported.
fn ask(
    args: &StoredArgs,
    json: bool,
    output: &Output,
    question: impl FnOnce(&Authorizer, &Request<'_>) -> Result<Status, Stopped>,
) -> Result<Status, Failure> {
    ask_policy(args, loading::load_over_facts(&args.policy)?, json, output, question)
}

/// The same with a policy that is loaded.
pub(crate) fn ask_policy(
    args: &StoredArgs,
    policy: Result<Policy, Error>,
    json: bool,
    output: &Output,
    question: impl FnOnce(&Authorizer, &Request<'_>) -> Result<Status, Stopped>,
) -> Result<Status, Failure> {
    let values = match &args.request {
        Some(path) => {
            let read = RequestValues::parse(&input::read_text(path)?);
            read.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?
        }
        None => RequestValues::default(),
    };
    let answer = match prepare(args, policy)? {
        Ok((authorizer, facts)) => {
            let request = Request {
                facts: &facts,
                unix_time: Some(args.now.unwrap_or_else(unix_time)),
                context: &values.context,
                action: &values.action,
                attributes: &values.attributes(),
            };
            question(&authorizer, &request)
        }
        Err(stopped) => Err(stopped),
    };
    match answer {
        Ok(status) => Ok(status),
        Err(Stopped::Output(error)) => Err(error.into()),
        Err(stopped) => {
            report(&stopped, json, output)?;
            Ok(Status::NotDone)
        }
    }
}

/// What decides, and the facts of the request.
fn prepare(
    args: &StoredArgs,
    policy: Result<Policy, Error>,
) -> Result<Result<(Authorizer, Vec<Fact>), Stopped>, Failure> {
    let policy = match policy {
        Ok(policy) => policy,
        Err(error) => return Ok(Err(error.into())),
    };
    let files = Files { paths: &args.facts, format: args.facts_format };
    let loaded = match facts::read(files, Import::onto(&Facts::new()).for_policy(&policy)) {
        Ok(loaded) => loaded,
        Err(unloaded) => return unloaded.stopped().map(Err),
    };
    let mut context = Vec::new();
    for text in &args.context {
        match context_facts(text, args, &policy) {
            Ok(facts) => context.extend(facts.iter().map(|fact| fact.to_fact())),
            Err(unloaded) => return unloaded.stopped().map(Err),
        }
    }
    let authorizer = Authorizer::new(&policy, loaded.facts);
    Ok(authorizer.map(|authorizer| (authorizer, context)).map_err(Stopped::from))
}

/// A fact has a parenthesis; what has none is a file.
fn context_facts(text: &str, args: &StoredArgs, policy: &Policy) -> Result<Facts, facts::Unloaded> {
    if text.contains('(') {
        let end = if text.trim_end().ends_with(';') { "" } else { ";" };
        return facts::read_text("<context>", &format!("{text}{end}"), policy);
    }
    let paths = [Path::new(text).to_owned()];
    let files = Files { paths: &paths, format: args.facts_format };
    let loaded = facts::read(files, Import::onto(&Facts::new()).for_policy(policy))?;
    if loaded.imported.absent > 0 {
        let message =
            format!("`{text}` deletes facts, and a question can only add some: use `--facts {text}`");
        return Err(Failure::usage(message).into());
    }
    Ok(loaded.facts)
}

pub(crate) fn value(text: &str) -> Result<arctos::facts::Value, Failure> {
    parse_value(text).map_err(|error| Failure::usage(error.to_string()))
}

/// How a list is printed.
struct Pages<'a> {
    limit: Option<usize>,
    after: Option<PageToken>,
    /// What the ids are of; `None` for names of actions and roles.
    type_name: Option<&'a str>,
    json: bool,
}

impl<'a> Pages<'a> {
    fn read(args: &PageArgs, type_name: Option<&'a str>) -> Result<Self, Failure> {
        let after = args.after.as_deref().map(str::parse::<PageToken>).transpose();
        let after = after.map_err(|error| Failure::usage(error.message()))?;
        Ok(Pages { limit: args.limit.map(usize::from), after, type_name, json: args.json })
    }

    fn print(&self, list: &List, output: &Output) -> Result<Status, Stopped> {
        let page = list.page(self.after.as_ref(), self.limit.unwrap_or(usize::MAX))?;
        if self.json {
            output.line(&json(&Ids::of(&page)))?;
        } else {
            if page.is_every() {
                output.line(&format!("_: {}", self.type_name.unwrap_or("String")))?;
            }
            for id in page.ids() {
                output.line(&shown(id))?;
            }
            if let Some(next) = page.next() {
                let token = harmless(&next.to_string());
                output.note(&output.paint_err(Paint::Faint, &format!("more: --after {}", shell(&token))))?;
            }
        }
        Ok(if list.is_empty() { Status::Negative } else { Status::Good })
    }
}

/// An id on a line of its own: in quotes where it would not be seen to be one.
fn shown(id: &str) -> String {
    let is_plain =
        !id.is_empty() && !id.starts_with('"') && id.trim() == id && !id.contains(char::is_control);
    if is_plain { id.to_owned() } else { harmless(&quote(id)) }
}

/// A word as a shell takes it.
fn shell(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/@".contains(c));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
