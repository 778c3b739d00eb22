//! What the questions of a corpus file bring: the context, the action's parameters and attributes of entities.

use arctos::facts::Value;
use arctos::{Attributes, RequestValue};
use arctos_syntax::tree::{BinaryOp, Expr, ExprKind, Member};
use arctos_syntax::{SourceId, parse_query};

/// Between the names on the way to a record.
const STEP: char = '\u{1f}';

type Entries = Vec<(String, RequestValue)>;

/// What a request gives by name.
#[derive(Clone, Debug, Default)]
pub struct Given {
    context: Entries,
    action: Entries,
    attributes: Vec<(Value, Entries)>,
}

impl Given {
    /// Reads lines such as `@context.ip = "10.0.0.1"` and `Doc{"plan"}.status = "draft"`.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn parse(text: &str) -> Result<Given, String> {
        let mut given = Given::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            given.line(line).ok_or_else(|| format!("`{line}` gives nothing by name"))?;
        }
        Ok(given)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let tree = parse_query(SourceId(0), line).tree?;
        let ExprKind::Binary(binary) = tree.kind else { return None };
        let ExprKind::Dot(dot) = &binary.left.kind else { return None };
        let (BinaryOp::Unify, Member::Field(name)) = (binary.op, &dot.member) else { return None };
        let entry = (name.text.to_string(), value(&binary.right)?);
        match &dot.object.kind {
            ExprKind::RequestValue(root) if root == "context" => self.context.push(entry),
            ExprKind::RequestValue(root) if root == "action" => self.action.push(entry),
            _ => {
                let RequestValue::Entity { type_name, id } = value(&dot.object)? else { return None };
                let entity = Value::entity(type_name, id);
                match self.attributes.iter_mut().find(|(known, _)| *known == entity) {
                    Some((_, entries)) => entries.push(entry),
                    None => self.attributes.push((entity, vec![entry])),
                }
            }
        }
        Some(())
    }

    /// As a request has it, facts and time apart.
    pub fn ask<R>(&self, ask: impl FnOnce(&arctos::Request<'_>) -> R) -> R {
        let attributes: Vec<Attributes<'_>> = self
            .attributes
            .iter()
            .map(|(entity, values)| Attributes { entity: entity.clone(), values })
            .collect();
        let (context, action) = (&self.context[..], &self.action[..]);
        ask(&arctos::Request { context, action, attributes: &attributes, ..arctos::Request::default() })
    }

    /// What is given under a name of an entity or record, and the way to it. Records are entities of types that no text has.
    pub(crate) fn get(&self, class: &str, id: &str, name: &str) -> Option<(&RequestValue, String)> {
        let of = |type_name: &str, id: &str| {
            let known = self.attributes.iter().find(|(entity, _)| *entity == Value::entity(type_name, id));
            known.map(|(_, entries)| entries)
        };
        let mut steps = id.split(STEP);
        let (entries, path) = match class {
            "@context" => (&self.context, id.to_owned()),
            "@action" => (&self.action, id.to_owned()),
            "@attributes" => (of(steps.next()?, steps.next()?)?, id.to_owned()),
            _ => {
                let value = &of(class, id)?.iter().find(|(known, _)| known == name)?.1;
                return Some((value, format!("{class}{STEP}{id}{STEP}{name}")));
            }
        };
        let mut entries = entries;
        let mut inside: Option<&RequestValue> = None;
        for step in steps.filter(|step| !step.is_empty()) {
            let value = match inside {
                Some(RequestValue::List(items)) => items.get(step.parse::<usize>().ok()?)?,
                _ => &entries.iter().find(|(known, _)| known == step)?.1,
            };
            if let RequestValue::Record(inner) = value {
                entries = inner;
            }
            inside = Some(value);
        }
        let value = &entries.iter().find(|(known, _)| known == name)?.1;
        Some((value, format!("{path}{STEP}{name}")))
    }

    /// The way to an item of a list.
    pub(crate) fn item(path: &str, at: usize) -> String {
        format!("{path}{STEP}{at}")
    }
}

/// The value that an expression is written as.
fn value(expr: &Expr) -> Option<RequestValue> {
    Some(match &expr.kind {
        ExprKind::Integer(number) => RequestValue::Integer(*number),
        ExprKind::Float(number) => RequestValue::Float(*number),
        ExprKind::String(text) => RequestValue::String(text.to_string()),
        ExprKind::Boolean(truth) => RequestValue::Boolean(*truth),
        ExprKind::Variable(name) if name == "nil" => RequestValue::Nil,
        ExprKind::Entity(class, id) => match &id.kind {
            ExprKind::String(id) => RequestValue::entity(class.text.as_str(), id.as_str()),
            _ => return None,
        },
        ExprKind::List(list) => RequestValue::List(list.items.iter().map(value).collect::<Option<_>>()?),
        ExprKind::Dictionary(entries) => {
            let entries = entries.iter().map(|(key, of)| Some((key.text.to_string(), value(of)?)));
            RequestValue::Record(entries.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_given() {
        let text = "@context.a = {b: [1, {c: \"x\"}]}\n# comment\nDoc{\"d\"}.owner = User{\"u\"}";
        let given = Given::parse(text).unwrap();
        let (record, path) = given.get("@context", "", "a").unwrap();
        assert!(matches!(record, RequestValue::Record(_)));
        let (list, path) = given.get("@context", &path, "b").unwrap();
        assert!(matches!(list, RequestValue::List(_)));
        let (text, _) = given.get("@context", &Given::item(&path, 1), "c").unwrap();
        assert_eq!(*text, "x".into());
        assert_eq!(given.get("Doc", "d", "owner").unwrap().0, &RequestValue::entity("User", "u"));
        assert!(given.get("@context", "", "b").is_none() && given.get("Doc", "e", "owner").is_none());
        assert!(Given::parse("@context.a < 1").is_err());
    }
}
