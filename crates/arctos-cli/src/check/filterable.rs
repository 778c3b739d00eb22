//! `arctos check --filterable`: which rules can be filters, and why others cannot.

use std::path::Path;

use arctos::Policy;
use arctos::residual::{Filterable, filterable};
use serde_json::{Value, json};

use super::{counted, report};
use crate::args::{CheckArgs, CheckFormat};
use crate::input::{self, PolicyText};
use crate::loading;
use crate::output::{Failure, Output, Paint, Status, harmless};
use crate::query::Stopped;
use crate::schema::Declared;
use crate::sql;

/// The rule of policies over facts that is not written.
const IMPLIED: &str = "allow(actor, action, resource) if has_permission(actor, action, resource);";

/// Says of each rule of a name whether it can be a filter for rows of a class.
pub(super) fn run(
    args: &CheckArgs,
    (wanted, mapping): (&str, &Path),
    declared: Declared,
    texts: &[PolicyText],
    output: &Output,
) -> Result<Status, Failure> {
    let is_json = match args.format {
        CheckFormat::Human => false,
        CheckFormat::Json => true,
        CheckFormat::Github => {
            return Err(Failure::usage("`--filterable` prints for people, or with `--format json`"));
        }
    };
    let (rule, class) = wanted
        .split_once(':')
        .ok_or_else(|| Failure::usage(format!("`{wanted}` is no rule and class: write `allow:Repo`")))?;
    let tables = sql::mapping(mapping)?;
    sql::check_class(class, &tables)?;
    let classes: Vec<&str> = tables.rows().iter().map(|(class, _)| class).collect();
    let policy = match loading::load_about_rows(declared, texts, &classes).1 {
        Ok(policy) => policy,
        Err(error) => {
            report(error.diagnostics(), &input::sources(texts), args.format, texts.len(), output)?;
            return Ok(Status::Negative);
        }
    };
    let mut arities: Vec<usize> = policy
        .rules()
        .map(|(_, found)| found)
        .filter(|found| found.name == rule)
        .map(|found| found.arity)
        .collect();
    arities.sort_unstable();
    arities.dedup();
    let arities = if arities.is_empty() { vec![3] } else { arities };
    let mut verdicts = Vec::new();
    for arity in arities {
        match filterable(&policy, rule, arity as u32, class, tables.rows()) {
            Ok(found) => verdicts.extend(found),
            Err(error) => {
                crate::query::report(&Stopped::Error(error), is_json, output)?;
                return Ok(Status::NotDone);
            }
        }
    }
    print(&policy, &verdicts, is_json, output)?;
    let good = !verdicts.is_empty() && verdicts.iter().all(|verdict| verdict.faults.is_empty());
    if !is_json && verdicts.is_empty() {
        output.line(&format!("no rule `{rule}` is about rows of `{class}`"))?;
    } else if !is_json {
        let can = verdicts.iter().filter(|verdict| verdict.faults.is_empty()).count();
        let about = format!("about rows of `{class}` can be filters");
        output.line(&format!("{can} of {} {about}", counted(verdicts.len() as u64, "rule")))?;
    }
    Ok(if good { Status::Good } else { Status::Negative })
}

fn print(policy: &Policy, verdicts: &[Filterable], is_json: bool, output: &Output) -> Result<(), Failure> {
    for verdict in verdicts {
        let text = policy.rule(verdict.rule).map_or("", |rule| rule.text);
        let is_written = !text.is_empty();
        let text = if is_written { text } else { IMPLIED };
        let location =
            if is_written { policy.sources().locate(verdict.span) } else { "by default".to_owned() };
        if is_json {
            let faults: Vec<Value> = verdict.faults.iter().map(fault_json).collect();
            let can = faults.is_empty();
            let line = json!({ "rule": text, "location": location, "filterable": can, "faults": faults });
            output.line(&line.to_string())?;
            continue;
        }
        let can = match verdict.faults.is_empty() {
            true => output.paint(Paint::Good, "yes"),
            false => output.paint(Paint::Error, "no "),
        };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        output.line(&format!("{can}  {}  ({})", harmless(&text), harmless(&location)))?;
        for fault in &verdict.faults {
            output.line(&format!("     {}  ({})", harmless(&fault.reason), harmless(&fault.location)))?;
        }
    }
    Ok(())
}

fn fault_json(fault: &arctos::residual::Fault) -> Value {
    json!({ "reason": fault.reason, "location": fault.location })
}
