//! The story of the demonstration: requests, the statuses that are expected, and the rules that decided.
//!
//! The people: ann owns the organization acme, ben is a member of it, cara was invited to one repository, dan is a
//! stranger. acme/anvil is public, acme/rocket is private.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// One request of the story.
struct Scene {
    tells: &'static str,
    user: Option<&'static str>,
    method: minreq::Method,
    path: &'static str,
    body: Option<&'static str>,
    expected: i32,
}

/// What came of the story.
pub(crate) struct Told {
    /// How many requests were sent.
    pub(crate) requests: usize,
    /// How many had another status than expected.
    pub(crate) surprises: usize,
}

/// Sends the requests to the application at `address` and prints what it answers.
pub(crate) fn tell(address: &str) -> Result<Told> {
    let mut told = Told { requests: 0, surprises: 0 };
    for scene in scenes() {
        told.requests += 1;
        let answer = send(address, &scene)?;
        let as_expected = answer.status == scene.expected;
        told.surprises += usize::from(!as_expected);
        println!("{:>2}. {}", told.requests, scene.tells);
        let request = format!("{} {}", name(&scene.method), scene.path);
        let mark = if as_expected { String::new() } else { format!("  expected {}", scene.expected) };
        println!("    {request:<52} {}{mark}", answer.status);
        for line in because(&answer) {
            println!("      {line}");
        }
    }
    Ok(told)
}

fn scenes() -> Vec<Scene> {
    use minreq::Method::{Get, Post};
    let scene =
        |user, tells, method, path, body, expected| Scene { tells, user, method, path, body, expected };
    let anvil = "/repositories/acme/anvil";
    let rocket = "/repositories/acme/rocket";
    let issues = "/repositories/acme/anvil/issues";
    let close = "/repositories/acme/anvil/issues/1/close";
    let close_dan = "/repositories/acme/anvil/issues/2/close";
    let bug = Some(r#"{"title": "the anvil is too light"}"#);
    let cara = Some(r#"{"login": "cara", "role": "reader"}"#);
    let gear = Some(r#"{"name": "gear", "public": false}"#);
    let members = "/repositories/acme/rocket/members";
    let repositories = "/organizations/acme/repositories";
    vec![
        scene(None, "someone without a name asks for a repository", Get, anvil, None, 401),
        scene(Some("dan"), "dan, a stranger, reads the public repository", Get, anvil, None, 200),
        scene(
            Some("dan"),
            "dan looks for the private one; he may not even know of it",
            Get,
            rocket,
            None,
            404,
        ),
        scene(Some("ben"), "ben reads it, as a member of the organization", Get, rocket, None, 200),
        scene(Some("cara"), "cara does not see it yet", Get, rocket, None, 404),
        scene(Some("ben"), "ben may read it but not invite people to it", Post, members, cara, 403),
        scene(Some("ann"), "ann, who owns the organization, invites cara", Post, members, cara, 201),
        scene(Some("cara"), "cara reads the private repository now", Get, rocket, None, 200),
        scene(Some("dan"), "dan reports an issue in the public repository", Post, issues, bug, 201),
        scene(Some("dan"), "dan may not close the issue of someone else", Post, close, None, 403),
        scene(Some("dan"), "dan closes his own", Post, close_dan, None, 200),
        scene(Some("ann"), "ann closes the other, as the owner of it all", Post, close, None, 200),
        scene(Some("ben"), "ben may not create repositories", Post, repositories, gear, 403),
        scene(Some("ann"), "ann may", Post, repositories, gear, 201),
        scene(Some("dan"), "dan lists the repositories he may read", Get, "/repositories", None, 200),
        scene(Some("ann"), "ann lists hers, in pages of two", Get, "/repositories?limit=2", None, 200),
        scene(Some("cara"), "cara lists the issues of the public one", Get, issues, None, 200),
    ]
}

/// What the application answered.
struct Answer {
    status: i32,
    headers: HashMap<String, String>,
    body: String,
}

fn send(address: &str, scene: &Scene) -> Result<Answer> {
    let mut request =
        minreq::Request::new(scene.method.clone(), format!("{address}{}", scene.path)).with_timeout(30);
    if let Some(user) = scene.user {
        request = request.with_header("Authorization", format!("Bearer {user}-token"));
    }
    if let Some(body) = scene.body {
        request = request.with_header("Content-Type", "application/json").with_body(body);
    }
    let response = request.send().with_context(|| format!("{} got no answer", scene.path))?;
    let headers = response.headers.clone();
    Ok(Answer { status: response.status_code, headers, body: response.as_str()?.to_owned() })
}

/// The reason, in lines: the rules that allowed it, or what the application said.
fn because(answer: &Answer) -> Vec<String> {
    let mut lines = answer.headers.get("x-arctos-rule").and_then(|text| rules(text).ok()).unwrap_or_default();
    if !lines.is_empty() {
        lines.extend(summary(answer));
        return lines;
    }
    let said = serde_json::from_str::<Value>(&answer.body).ok();
    let detail = said.as_ref().and_then(|body| body.get("detail")).and_then(Value::as_str);
    match (answer.status, detail) {
        (200..300, _) => summary(answer),
        (403 | 404, Some(detail)) => vec![format!("no rule allows it: {detail}")],
        (_, detail) => vec![detail.unwrap_or(&answer.body).to_owned()],
    }
}

/// The rules named by the header, a JSON list of `{"location": …, "text": …}`.
fn rules(header: &str) -> Result<Vec<String>> {
    let Value::Array(rules) = serde_json::from_str(header)? else {
        bail!("not a list");
    };
    let field = |rule: &Value, name: &str| rule.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    let shown = |rule| format!("{:<22} {}", field(rule, "location"), shortened(&field(rule, "text")));
    Ok(rules.iter().map(shown).collect())
}

/// At most a line's worth of a rule.
fn shortened(rule: &str) -> String {
    const MOST: usize = 84;
    if rule.chars().count() <= MOST {
        return rule.to_owned();
    }
    format!("{} …", rule.chars().take(MOST).collect::<String>().trim_end())
}

/// What is in a list, and where it goes on.
fn summary(answer: &Answer) -> Vec<String> {
    let Ok(Value::Array(items)) = serde_json::from_str(&answer.body) else {
        return Vec::new();
    };
    let name = |item: &Value| Some(item.get("full_name").or_else(|| item.get("title"))?.as_str()?.to_owned());
    let names: Vec<String> = items.iter().filter_map(name).collect();
    let next = answer.headers.get("link").map(|link| format!("Link: {link}"));
    std::iter::once(format!("one query of the database: {}", names.join(", "))).chain(next).collect()
}

fn name(method: &minreq::Method) -> String {
    format!("{method:?}").to_uppercase()
}
