//! Coverage as one page of HTML that needs nothing else: the texts, with what the tests exercise marked.

use std::collections::BTreeSet;

use super::table::{of_condition, of_rule};
use super::{FileCoverage, Place, Share};

const HEAD: &str = include_str!("head.html");

pub(super) fn text(files: &[FileCoverage]) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("<main>\n<h1>Coverage</h1>\n");
    page.push_str(
        "<table>\n<thead><tr><th>file<th>rules that held<th>outcomes of conditions</thead>\n<tbody>\n",
    );
    for (number, file) in files.iter().enumerate() {
        page.push_str(&format!("<tr><td><a href=\"#file{number}\">{}</a>", escaped(&file.name)));
        page.push_str(&format!("{}{}\n", cell(file.rule_share()), cell(file.outcome_share())));
    }
    page.push_str("</tbody></table>\n");
    page.push_str("<p class=\"legend\"><span class=\"ok\">exercised</span> <span class=\"half\">holds always, or never</span> ");
    page.push_str("<span class=\"none\">never tried</span> The pointer on a part tells the counts.</p>\n");
    for (number, file) in files.iter().enumerate() {
        page.push_str(&format!("<h2 id=\"file{number}\">{}</h2>\n", escaped(&file.name)));
        page.push_str(&listing(file));
    }
    page.push_str("</main>\n");
    page
}

fn cell(share: Share) -> String {
    let percent = (share.covered * 100).checked_div(share.all).unwrap_or(100);
    format!(
        "<td><meter min=\"0\" max=\"100\" value=\"{percent}\"></meter> {} of {} <small>{percent} %</small>",
        share.covered, share.all
    )
}

/// A part of a text with its class and what the pointer tells of it.
struct Mark {
    place: Place,
    class: &'static str,
    title: String,
}

/// Rules before their conditions.
fn marks(file: &FileCoverage) -> Vec<Mark> {
    let mut marks = Vec::new();
    for rule in &file.rules {
        // Of shorthand the whole is the condition too.
        let whole = rule.conditions.iter().find(|condition| condition.place == rule.place);
        let class = match (of_rule(rule), whole.and_then(of_condition)) {
            (Some("never used"), _) => "none",
            (Some(_), _) | (_, Some(_)) => "half",
            (None, None) => "ok",
        };
        let mut title = format!("{}: entered {}, held {}", rule.name, times(rule.entered), times(rule.held));
        title.extend(whole.map(|condition| format!(", failed {}", times(condition.failed))));
        marks.push(Mark { place: rule.place, class, title });
        for condition in rule.conditions.iter().filter(|condition| condition.place != rule.place) {
            let class = match of_condition(condition) {
                Some("never tried") => "none",
                Some(_) => "half",
                None => "ok",
            };
            let title = format!("held {}, failed {}", times(condition.held), times(condition.failed));
            marks.push(Mark { place: condition.place, class, title });
        }
    }
    marks
}

fn times(count: u64) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

/// The text line by line; each piece of a line has the innermost mark around it.
fn listing(file: &FileCoverage) -> String {
    let marks = marks(file);
    let mut cuts: BTreeSet<usize> =
        marks.iter().flat_map(|mark| [mark.place.start, mark.place.end]).collect();
    let mut page = String::from("<ol>\n");
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        cuts.extend([start, end]);
        page.push_str("<li><code>");
        let places: Vec<usize> = cuts.range(start..=end).copied().collect();
        for (from, to) in places.iter().zip(places.iter().skip(1)) {
            page.push_str(&piece(file.text.get(*from..*to).unwrap_or_default(), innermost(&marks, *from)));
        }
        page.push_str("</code>\n");
        start += line.len();
    }
    page.push_str("</ol>\n");
    page
}

fn innermost(marks: &[Mark], at: usize) -> Option<&Mark> {
    let around = marks.iter().filter(|mark| mark.place.start <= at && at < mark.place.end);
    around.min_by_key(|mark| mark.place.end - mark.place.start)
}

fn piece(text: &str, mark: Option<&Mark>) -> String {
    match mark {
        // What indents a line is not worth a mark.
        Some(mark) if !text.trim().is_empty() => {
            let (indent, text) = text.split_at(text.len() - text.trim_start().len());
            let (title, text) = (escaped(&mark.title), escaped(text));
            format!("{indent}<span class=\"{}\" title=\"{title}\">{text}</span>", mark.class)
        }
        _ => escaped(text),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
