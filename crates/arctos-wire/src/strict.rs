//! How values and facts are read from JSON: as objects only, with each field once and none left out or unknown.
//!
//! What `serde` derives takes lists for objects and a missing `id` for null, which would make a fact about everybody of it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::value::{Fact, Value};

/// Text that is borrowed from the input where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(Object(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fact<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(Object(PhantomData))
    }
}

/// Something that is made of two fields.
trait OfFields<'de>: Sized {
    /// The names of the fields, and what it looks like.
    const FIELDS: [&'static str; 2];
    const SHOWN: &'static str;
    type First: Deserialize<'de>;
    type Second: Deserialize<'de>;
    fn of(first: Self::First, second: Self::Second) -> Self;
}

impl<'de: 'a, 'a> OfFields<'de> for Value<'a> {
    const FIELDS: [&'static str; 2] = ["type", "id"];
    const SHOWN: &'static str = r#"a value, `{"type":…,"id":…}`"#;
    type First = Text<'a>;
    type Second = Option<Text<'a>>;

    fn of(first: Text<'a>, second: Option<Text<'a>>) -> Self {
        Value { type_name: first.0, id: second.map(|id| id.0) }
    }
}

impl<'de: 'a, 'a> OfFields<'de> for Fact<'a> {
    const FIELDS: [&'static str; 2] = ["predicate", "args"];
    const SHOWN: &'static str = r#"a fact, `{"predicate":…,"args":[…]}`"#;
    type First = Text<'a>;
    type Second = Vec<Value<'a>>;

    fn of(first: Text<'a>, second: Vec<Value<'a>>) -> Self {
        Fact { predicate: first.0, args: second }
    }
}

/// A line of a file: a fact, or `{"delete":…}` with one.
pub(crate) enum Line<'a> {
    /// The fact is there.
    Fact(Fact<'a>),
    /// It is not there any more.
    Delete(Fact<'a>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Line<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(LineVisitor(PhantomData))
    }
}

struct LineVisitor<'a>(PhantomData<Fact<'a>>);

impl<'de: 'a, 'a> Visitor<'de> for LineVisitor<'a> {
    type Value = Line<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(<Fact<'a> as OfFields<'de>>::SHOWN)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line<'a>, A::Error> {
        let first = map.next_key::<Text<'de>>()?;
        if first.as_ref().is_none_or(|name| name.0 != "delete") {
            return fields(first, map).map(Line::Fact);
        }
        let fact = map.next_value()?;
        match map.next_key::<Text<'de>>()? {
            None => Ok(Line::Delete(fact)),
            Some(_) => Err(A::Error::custom("`delete` stands alone in its object")),
        }
    }
}

struct Object<T>(PhantomData<T>);

impl<'de, T: OfFields<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::SHOWN)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let name = map.next_key()?;
        fields(name, map)
    }
}

/// What is made of the fields from that name on.
fn fields<'de, T: OfFields<'de>, A: MapAccess<'de>>(
    mut name: Option<Text<'de>>,
    mut map: A,
) -> Result<T, A::Error> {
    let [first_name, second_name] = T::FIELDS;
    let (mut first, mut second) = (None, None);
    while let Some(Text(field)) = name {
        if field == first_name && first.is_none() {
            first = Some(map.next_value()?);
        } else if field == second_name && second.is_none() {
            second = Some(map.next_value()?);
        } else if T::FIELDS.contains(&&*field) {
            return Err(A::Error::custom(format_args!("`{field}` is there twice")));
        } else {
            map.next_value::<IgnoredAny>()?;
            return Err(A::Error::custom(format_args!("there is no field `{field}`: expected {}", T::SHOWN)));
        }
        name = map.next_key()?;
    }
    match (first, second) {
        (Some(first), Some(second)) => Ok(T::of(first, second)),
        (None, _) => Err(A::Error::custom(format_args!("`{first_name}` is missing"))),
        (_, None) => Err(A::Error::custom(format_args!("`{second_name}` is missing"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_objects() {
        let check = |json: &str, expected: &str| {
            let shown = match serde_json::from_str::<Fact<'_>>(json) {
                Ok(fact) => format!("{} of {}", fact.predicate, fact.args.len()),
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, expected, "{json}");
        };
        check(r#"{"args":[{"id":"a","type":"T"}],"predicate":"p"}"#, "p of 1");
        check(r#"{"predicate":"p","args":[{"type":"T"}]}"#, "`id` is missing at line 1 column 37");
        check(r#"{"predicate":"p"}"#, "`args` is missing at line 1 column 17");
        check(
            r#"{"predicate":"p","predicate":"q","args":[]}"#,
            "`predicate` is there twice at line 1 column 28",
        );
        check(
            r#"["p",[["T","a"]]]"#,
            r#"invalid type: sequence, expected a fact, `{"predicate":…,"args":[…]}` at line 1 column 0"#,
        );
        check(
            r#"{"predicate":"p","args":[["T","a"]]}"#,
            r#"invalid type: sequence, expected a value, `{"type":…,"id":…}` at line 1 column 25"#,
        );
        check(
            r#"{"predicate":"p","args":[{"type":"T","id":7}]}"#,
            "invalid type: integer `7`, expected a string at line 1 column 43",
        );
        check(
            r#"{"predicate":"p","arguments":[]}"#,
            r#"there is no field `arguments`: expected a fact, `{"predicate":…,"args":[…]}` at line 1 column 32"#,
        );
    }

    #[test]
    fn text_is_borrowed() {
        let fact: Fact<'_> =
            serde_json::from_str(r#"{"predicate":"p","args":[{"type":"T","id":"a"}]}"#).unwrap();
        assert!(matches!(fact.predicate, Cow::Borrowed(_)));
        assert!(fact.args.iter().all(|value| matches!(value.id, Some(Cow::Borrowed(_)))));
    }
}
