//! The classes that are always registered: the value types with Rust's methods, `Option`, and `Uuid` on request.

use std::collections::HashMap;

use crate::class::{Class, ClassBuilder};
use crate::value::PolarValue;

/// The longest text that `repeat` makes, in bytes.
const LONGEST: usize = 1 << 24;

/// In the order in which the schema numbers the value types.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        ClassBuilder::<bool>::with_default().with_equality_check().name("Boolean").build(),
        ClassBuilder::<i64>::with_default().with_equality_check().name("Integer").build(),
        ClassBuilder::<f64>::with_default().with_equality_check().name("Float").build(),
        searching(taking_apart(string())).build(),
        ClassBuilder::<Vec<PolarValue>>::with_default().with_equality_check().name("List").build(),
        ClassBuilder::<HashMap<String, PolarValue>>::with_default()
            .with_equality_check()
            .name("Dictionary")
            .build(),
        option().build(),
    ]
}

fn option() -> ClassBuilder<Option<PolarValue>> {
    ClassBuilder::<Option<PolarValue>>::with_default()
        .with_equality_check()
        .with_iter()
        .name("Option")
        .add_method("is_none", Option::is_none)
        .add_method("is_some", Option::is_some)
        .add_method("unwrap", |value: &Option<PolarValue>| value.clone().ok_or(Empty("`unwrap` of `nil`")))
}

/// A method that has no result for its object.
#[derive(Debug)]
struct Empty(&'static str);

impl std::fmt::Display for Empty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Empty {}

fn string() -> ClassBuilder<String> {
    ClassBuilder::<String>::with_default()
        .with_equality_check()
        .name("String")
        .add_method("len", |s: &String| s.len() as i64)
        .add_method("is_empty", String::is_empty)
        .add_method("is_ascii", |s: &String| s.is_ascii())
        .add_method("is_char_boundary", |s: &String, index: u32| s.is_char_boundary(index as usize))
        .add_method("trim", |s: &String| s.trim().to_owned())
        .add_method("trim_start", |s: &String| s.trim_start().to_owned())
        .add_method("trim_end", |s: &String| s.trim_end().to_owned())
        .add_method("to_lowercase", |s: &String| s.to_lowercase())
        .add_method("to_uppercase", |s: &String| s.to_uppercase())
        .add_method("repeat", |s: &String, n: u32| {
            let short = s.len().saturating_mul(n as usize) <= LONGEST;
            if short {
                Ok(s.repeat(n as usize))
            } else {
                Err(Empty("`repeat` would make a string beyond 16 MiB"))
            }
        })
}

fn owned<'a>(pieces: impl Iterator<Item = &'a str>) -> Vec<String> {
    pieces.map(str::to_owned).collect()
}

fn places<'a>(found: impl Iterator<Item = (usize, &'a str)>) -> Vec<Vec<PolarValue>> {
    found
        .map(|(index, piece)| vec![PolarValue::Integer(index as i64), PolarValue::String(piece.to_owned())])
        .collect()
}

fn taking_apart(class: ClassBuilder<String>) -> ClassBuilder<String> {
    class
        .add_method("bytes", |s: &String| s.bytes().collect::<Vec<u8>>())
        .add_method("chars", |s: &String| s.chars().map(String::from).collect::<Vec<_>>())
        .add_method("char_indices", |s: &String| {
            let letters: Vec<(usize, String)> = s.char_indices().map(|(i, c)| (i, c.to_string())).collect();
            places(letters.iter().map(|(i, c)| (*i, c.as_str())))
        })
        .add_method("split_whitespace", |s: &String| owned(s.split_whitespace()))
        .add_method("lines", |s: &String| owned(s.lines()))
        .add_method("split", |s: &String, pat: String| owned(s.split(&pat)))
        .add_method("rsplit", |s: &String, pat: String| owned(s.rsplit(&pat)))
        .add_method("split_terminator", |s: &String, pat: String| owned(s.split_terminator(&pat)))
        .add_method("rsplit_terminator", |s: &String, pat: String| owned(s.rsplit_terminator(&pat)))
        .add_method("splitn", |s: &String, n: u32, pat: String| owned(s.splitn(n as usize, &pat)))
        .add_method("rsplitn", |s: &String, n: u32, pat: String| owned(s.rsplitn(n as usize, &pat)))
}

fn searching(class: ClassBuilder<String>) -> ClassBuilder<String> {
    class
        .add_method("contains", |s: &String, pat: String| s.contains(&pat))
        .add_method("starts_with", |s: &String, pat: String| s.starts_with(&pat))
        .add_method("ends_with", |s: &String, pat: String| s.ends_with(&pat))
        .add_method("find", |s: &String, pat: String| s.find(&pat).map(|i| i as i64))
        .add_method("rfind", |s: &String, pat: String| s.rfind(&pat).map(|i| i as i64))
        .add_method("matches", |s: &String, pat: String| owned(s.matches(&pat)))
        .add_method("rmatches", |s: &String, pat: String| owned(s.rmatches(&pat)))
        .add_method("match_indices", |s: &String, pat: String| places(s.match_indices(&pat)))
        .add_method("rmatch_indices", |s: &String, pat: String| places(s.rmatch_indices(&pat)))
}

/// Implements the class of one major version of `uuid`.
#[cfg(any(feature = "uuid-06", feature = "uuid-07", feature = "uuid-10"))]
macro_rules! uuid {
    ($($feature:literal $krate:ident),*) => {$(
        #[cfg(feature = $feature)]
        impl crate::PolarClass for $krate::Uuid {
            fn get_polar_class_builder() -> ClassBuilder<Self> {
                Class::builder::<Self>().name("Uuid").with_equality_check()
            }
        }
    )*};
}

#[cfg(any(feature = "uuid-06", feature = "uuid-07", feature = "uuid-10"))]
uuid!("uuid-06" uuid_06, "uuid-07" uuid_07, "uuid-10" uuid_10);
