//! Values as they are typed on a command line: `User:alice`, `User{"alice"}`, `"text"`.

use std::fmt;

use arctos::facts::{self, Value};
use arctos_syntax::{SourceId, is_name};

use crate::value::value_of;

/// The value that is written so: `User:alice` or `User{"alice"}`, where the first form takes everything after the colon as it
/// is; `"text"` is a string, `Integer:7` and `Boolean:true` are what they say.
///
/// ```
/// use arctos::facts::Value;
/// use arctos_wire::parse_value;
/// assert_eq!(parse_value("User:a@b:c")?, Value::entity("User", "a@b:c"));
/// assert_eq!(parse_value(r#"User{"ann"}"#)?, Value::entity("User", "ann"));
/// assert_eq!(parse_value("Integer:7")?, Value::Integer(7));
/// # Ok::<(), arctos_wire::NotWritten>(())
/// ```
///
/// # Errors
/// [`NotWritten`] for any other text.
pub fn parse_value(text: &str) -> Result<Value, NotWritten> {
    let refused = |why: Option<String>| NotWritten { text: text.to_owned(), why };
    if let Some((type_name, id)) = split(text) {
        let value = value_of(type_name, Some(id)).map_err(|error| refused(Some(error.to_string())))?;
        return Ok(value.to_value());
    }
    // In the notation of facts, where it is all of one argument.
    let (mut found, problems) = facts::statements(SourceId(0), &format!("value({text});"));
    let argument = match (found.pop(), found.is_empty(), problems.is_empty()) {
        (Some(mut only), true, true) if only.fact.predicate == "value" && only.fact.arguments.len() == 1 => {
            only.fact.arguments.pop()
        }
        _ => None,
    };
    match argument {
        Some(Value::Any(_)) | None => Err(refused(None)),
        Some(value) => Ok(value),
    }
}

/// The type and the id of `User:alice`. A type may itself have `::` in it.
fn split(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    loop {
        let colon = from + text.get(from..)?.find(':')?;
        let (before, after) = (text.get(..colon)?, text.get(colon + 1..)?);
        match after.strip_prefix(':') {
            Some(_) => from = colon + 2,
            None => return is_name(before).then_some((before, after)),
        }
    }
}

/// A text that is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotWritten {
    text: String,
    why: Option<String>,
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Some(why) => f.write_str(why),
            None => write!(f, "`{}` is no value: write `User:ann` or `User{{\"ann\"}}`", self.text),
        }
    }
}

impl std::error::Error for NotWritten {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing() {
        let check = |text: &str, expected: &str| {
            let shown = parse_value(text).map_or_else(|error| error.to_string(), |value| value.to_string());
            assert_eq!(shown, expected, "{text}");
        };
        check("User:ann", r#"User{"ann"}"#);
        check("User:", r#"User{""}"#);
        check("User:a:b::c", r#"User{"a:b::c"}"#);
        check(r#"User:"ann""#, r#"User{"\"ann\""}"#);
        check("tracker::Issue:7", r#"tracker::Issue{"7"}"#);
        check(r#"tracker::Issue{"7"}"#, r#"tracker::Issue{"7"}"#);
        check(r#"User{"a\"b"}"#, r#"User{"a\"b"}"#);
        check(r#""Organization""#, r#""Organization""#);
        check("7", "7");
        check("Integer:7", "7");
        check("Boolean:true", "true");
        check("String:x", r#""x""#);
        check("Integer:x", "`x` is no Integer: write an integer of 64 bits");
        check("ann", r#"`ann` is no value: write `User:ann` or `User{"ann"}`"#);
        check("_: User", r#"`_: User` is no value: write `User:ann` or `User{"ann"}`"#);
        check(
            r#"User{"a"}, User{"b"}"#,
            r#"`User{"a"}, User{"b"}` is no value: write `User:ann` or `User{"ann"}`"#,
        );
        check(r#"1); value(2"#, r#"`1); value(2` is no value: write `User:ann` or `User{"ann"}`"#);
        check("", r#"`` is no value: write `User:ann` or `User{"ann"}`"#);
    }
}
