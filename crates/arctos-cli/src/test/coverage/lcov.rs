//! Coverage in the tracefile format of `lcov`: rules are its functions, the two outcomes of each condition its branches.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::FileCoverage;

pub(super) fn text(files: &[FileCoverage]) -> String {
    let mut text = String::new();
    for file in files {
        let _ = writeln!(text, "TN:\nSF:{}", file.name.replace(['\n', '\r'], "?"));
        functions(file, &mut text);
        branches(file, &mut text);
        lines(file, &mut text);
        text.push_str("end_of_record\n");
    }
    text
}

fn functions(file: &FileCoverage, text: &mut String) {
    for rule in &file.rules {
        let _ =
            writeln!(text, "FN:{},{}:{}:{}", rule.place.line, rule.name, rule.place.line, rule.place.column);
    }
    for rule in &file.rules {
        let _ = writeln!(text, "FNDA:{},{}:{}:{}", rule.held, rule.name, rule.place.line, rule.place.column);
    }
    let share = file.rule_share();
    let _ = writeln!(text, "FNF:{}\nFNH:{}", share.all, share.covered);
}

fn branches(file: &FileCoverage, text: &mut String) {
    for (block, condition) in file.rules.iter().flat_map(|rule| &rule.conditions).enumerate() {
        for (branch, count) in [condition.held, condition.failed].into_iter().enumerate() {
            let taken = if condition.tried == 0 { "-".to_owned() } else { count.to_string() };
            let _ = writeln!(text, "BRDA:{},{block},{branch},{taken}", condition.place.line);
        }
    }
    let share = file.outcome_share();
    let _ = writeln!(text, "BRF:{}\nBRH:{}", share.all, share.covered);
}

/// The lines on which rules and conditions begin. Of several on a line the one that ran most counts.
fn lines(file: &FileCoverage, text: &mut String) {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    let mut count = |line: u32, times: u64| {
        let most = counts.entry(line).or_default();
        *most = times.max(*most);
    };
    for rule in &file.rules {
        count(rule.place.line, rule.entered);
        rule.conditions.iter().for_each(|condition| count(condition.place.line, condition.tried));
    }
    for (line, times) in &counts {
        let _ = writeln!(text, "DA:{line},{times}");
    }
    let hit = counts.values().filter(|times| **times > 0).count();
    let _ = writeln!(text, "LF:{}\nLH:{hit}", counts.len());
}
