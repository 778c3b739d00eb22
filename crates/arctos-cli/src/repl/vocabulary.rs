//! The words that the prompt completes.

use std::collections::BTreeSet;

use arctos::Policy;
use arctos_syntax::tree::{Block, BlockItem, ExprKind, File, Head, Item};
use arctos_syntax::{SourceId, parse};

use crate::input::PolicyText;

/// The commands of the prompt, with what they take and do.
pub(super) const COMMANDS: &[(&str, &str, &str)] = &[
    ("help", "", "this list"),
    ("load", "FILE", "add a policy file or folder"),
    ("reload", "", "read the files again; definitions typed here stay"),
    ("rules", "[NAME]", "the rules of the policy, or those of one name"),
    ("classes", "", "the classes that the policy may name"),
    ("warnings", "", "what is suspicious in the policy"),
    ("trace", "on|off", "print rules as they are entered, left, retried and failed"),
    ("proof", "on|off", "print the rules that each answer rests on"),
    ("quit", "", "leave"),
];

/// Words with a meaning of their own.
pub(super) const KEYWORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "if",
    "in",
    "matches",
    "new",
    "cut",
    "forall",
    "print",
    "debug",
    "true",
    "false",
    "inf",
    "nan",
    "mod",
    "rem",
    "type",
    "actor",
    "resource",
    "roles",
    "permissions",
    "relations",
    "on",
];

/// What can be completed in one policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    /// Rule names.
    pub(super) rules: BTreeSet<String>,
    /// Classes.
    pub(super) classes: BTreeSet<String>,
    /// Roles, permissions, relations, and strings in rule heads.
    pub(super) strings: BTreeSet<String>,
}

impl Vocabulary {
    pub(super) fn of(policy: &Policy, texts: &[PolicyText]) -> Self {
        let mut vocabulary = Vocabulary {
            rules: policy.rules().map(|(_, rule)| rule.name.to_owned()).collect(),
            classes: policy.schema().classes().map(|(_, class)| class.name.clone()).collect(),
            strings: BTreeSet::new(),
        };
        for text in texts {
            vocabulary.file(&parse(SourceId(0), &text.text).tree);
        }
        vocabulary
    }

    fn file(&mut self, file: &File) {
        for item in &file.items {
            match item {
                Item::Rule(rule) => self.head(&rule.head),
                Item::Block(block) => self.block(block),
                _ => {}
            }
        }
    }

    fn head(&mut self, head: &Head) {
        for param in &head.params {
            if let ExprKind::String(text) = &param.term.kind {
                self.strings.insert(text.to_string());
            }
        }
    }

    fn block(&mut self, block: &Block) {
        for item in &block.body {
            match item {
                BlockItem::Roles(names, _) | BlockItem::Permissions(names, _) => {
                    self.strings.extend(names.iter().map(|name| name.text.to_string()));
                }
                BlockItem::Relations(relations, _) => {
                    self.strings.extend(relations.iter().map(|(name, _)| name.text.to_string()));
                }
                BlockItem::Shorthand(_) => {}
            }
        }
    }

    /// Where the word at the cursor begins, and what it may become.
    pub(super) fn complete(&self, before: &str) -> (usize, Vec<String>) {
        if let Some(command) = before.strip_prefix(':') {
            return self.complete_command(command);
        }
        if let Some(start) = open_quote(before) {
            let typed = before.get(start + 1..).unwrap_or_default();
            let found = self.strings.iter().filter(|text| text.starts_with(typed));
            return (start, found.map(|text| crate::show::string(text)).collect());
        }
        let start = before.rfind(|c: char| c != '_' && !c.is_alphanumeric()).map_or(0, |at| {
            at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        });
        let typed = before.get(start..).unwrap_or_default();
        if typed.is_empty() {
            return (start, Vec::new());
        }
        let rules = self.rules.iter().map(|name| format!("{name}("));
        let words = self.classes.iter().cloned().chain(KEYWORDS.iter().map(|word| (*word).to_owned()));
        (start, rules.chain(words).filter(|word| word.starts_with(typed)).collect())
    }

    fn complete_command(&self, command: &str) -> (usize, Vec<String>) {
        let Some((name, argument)) = command.split_once(' ') else {
            let found = COMMANDS.iter().filter(|(name, ..)| name.starts_with(command));
            return (1, found.map(|(name, ..)| (*name).to_owned()).collect());
        };
        let start = 1 + name.len() + 1;
        let matching = |words: &mut dyn Iterator<Item = &str>| {
            words.filter(|word| word.starts_with(argument)).map(str::to_owned).collect()
        };
        let found = match name {
            "rules" => matching(&mut self.rules.iter().map(|name| &**name)),
            "trace" | "proof" => matching(&mut ["on", "off"].into_iter()),
            _ => Vec::new(),
        };
        (start, found)
    }
}

/// Where the string begins that the cursor stands in.
fn open_quote(before: &str) -> Option<usize> {
    let mut open = None;
    let mut escaped = false;
    for (index, c) in before.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if open.is_some() => escaped = true,
            '"' => open = if open.is_some() { None } else { Some(index) },
            '\n' => open = None,
            _ => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, start: usize, expected: &[&str]) {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let vocabulary = Vocabulary {
            rules: words(&["allow", "has_role", "has_relation"]),
            classes: words(&["User", "Repo"]),
            strings: words(&["read", "reader", "write"]),
        };
        let (at, found) = vocabulary.complete(before);
        assert_eq!(
            (at, found),
            (start, expected.iter().map(|word| (*word).to_owned()).collect()),
            "{before:?}"
        );
    }

    #[test]
    fn words() {
        check("has_r", 0, &["has_relation(", "has_role("]);
        check("allow(new U", 10, &["User"]);
        check("é = al", 5, &["allow("]);
        check("allow(", 6, &[]);
        check("fora", 0, &["forall"]);
    }

    #[test]
    fn strings() {
        check("allow(x, \"rea", 9, &["\"read\"", "\"reader\""]);
        check("x = \"a\\\" \" and al", 15, &["allow("]);
    }

    #[test]
    fn commands() {
        check(":re", 1, &["reload"]);
        check(":rules has_ro", 7, &["has_role"]);
        check(":trace o", 7, &["on", "off"]);
    }
}
