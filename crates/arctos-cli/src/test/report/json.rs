//! For programs: one JSON object per test and line, then one with the counts.

use arctos::{Diagnostic, Sources};
use arctos_syntax::render;
use serde_json::{Value, json};

use super::super::mutants::Survivor;
use super::super::running::{Case, Ran, Results};
use crate::query::error_json;

pub(super) fn text(results: &Results) -> String {
    let mut text = String::new();
    for suite in &results.suites {
        match &suite.outcome {
            Ok(ran) => {
                for warning in diagnostics(&ran.warnings, ran.sources()) {
                    text.push_str(&format!("{}\n", json!({ "kind": "warning", "warning": warning })));
                }
                ran.cases.iter().for_each(|case| text.push_str(&format!("{}\n", object(case, ran))));
            }
            Err(error) => {
                let mut object = error_json(error);
                if let Value::Object(fields) = &mut object {
                    fields.insert("file".to_owned(), json!(suite.name));
                }
                text.push_str(&format!("{object}\n"));
            }
        }
    }
    let (run, failed) = (results.run(), results.failed());
    let mut summary = json!({ "passed": run - failed, "failed": failed, "not_loaded": results.broken() });
    if let (Some(mutants), Value::Object(fields)) = (&results.mutants, &mut summary) {
        for Survivor { diagnostic, sources } in &mutants.survivors {
            for place in diagnostics(std::slice::from_ref(diagnostic), sources) {
                text.push_str(&format!("{}\n", json!({ "kind": "mutant", "unnoticed": place })));
            }
        }
        let survived = mutants.survivors.len();
        let counts =
            json!({ "noticed": mutants.tried - survived, "unnoticed": survived, "not_tried": mutants.left });
        fields.insert("mutants".to_owned(), counts);
    }
    text.push_str(&format!("{}\n", json!({ "summary": summary })));
    text
}

fn object(case: &Case, ran: &Ran) -> Value {
    let failures = diagnostics(&case.failures, ran.sources());
    let kind = if case.is_inline_query { "inline-query" } else { "test" };
    json!({
        "file": case.file,
        "line": case.line,
        "kind": kind,
        "name": case.name,
        "passed": case.failures.is_empty(),
        "failures": failures,
    })
}

fn diagnostics(found: &[Diagnostic], sources: &Sources) -> Vec<Value> {
    let lines = render::json(found, sources);
    lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
