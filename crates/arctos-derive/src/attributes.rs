//! What `#[polar(…)]` says on types, fields and variants.

use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Ident, LitStr, Result, Token};

/// On a type.
#[derive(Default)]
pub(crate) struct TypeAttributes {
    pub(crate) class_name: Option<String>,
    pub(crate) eq: Option<Ident>,
    pub(crate) ord: Option<Ident>,
    pub(crate) display: Option<Ident>,
    pub(crate) iter: Option<Ident>,
    pub(crate) methods: Vec<Ident>,
    pub(crate) class_methods: Vec<Ident>,
    pub(crate) constructor: Option<Ident>,
    pub(crate) transparent: Option<Ident>,
    pub(crate) one_way: Option<Ident>,
    pub(crate) key: Option<Ident>,
    pub(crate) string: Option<Ident>,
    pub(crate) rename_all: Option<LitStr>,
}

/// On a field or a variant.
#[derive(Default)]
pub(crate) struct MemberAttributes {
    pub(crate) attribute: Option<Ident>,
    pub(crate) skip: Option<Ident>,
    pub(crate) rename: Option<LitStr>,
}

/// Calls `read` for each item of each `#[polar(…)]`; it answers false for an item that it does not know.
fn each_item(
    attributes: &[Attribute],
    known: &str,
    mut read: impl FnMut(&Ident, &ParseNestedMeta<'_>) -> Result<bool>,
) -> Result<()> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("polar")) {
        attribute.parse_nested_meta(|meta| {
            let unknown = || meta.error(format!("unknown; `#[polar(…)]` takes {known} here"));
            let name = meta.path.get_ident().cloned().ok_or_else(unknown)?;
            if read(&name, &meta)? { Ok(()) } else { Err(unknown()) }
        })?;
    }
    Ok(())
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    meta.value()?.parse()
}

fn name(meta: &ParseNestedMeta<'_>) -> Result<Ident> {
    meta.value()?.parse()
}

fn names(meta: &ParseNestedMeta<'_>) -> Result<Vec<Ident>> {
    let content;
    syn::parenthesized!(content in meta.input);
    Ok(Punctuated::<Ident, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

impl TypeAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut found = TypeAttributes::default();
        let known = "`class_name = \"…\"`, `eq`, `ord`, `display`, `iter = field`, `methods(…)`, `class_methods(…)`, \
                     `constructor = function`, `transparent`, `one_way`, `key`, `string`, `rename_all = \"…\"`";
        each_item(attributes, known, |item, meta| {
            match item.to_string().as_str() {
                "class_name" => found.class_name = Some(text(meta)?.value()),
                "eq" => found.eq = Some(item.clone()),
                "ord" => found.ord = Some(item.clone()),
                "display" => found.display = Some(item.clone()),
                "iter" => found.iter = Some(name(meta)?),
                "methods" => found.methods.extend(names(meta)?),
                "class_methods" => found.class_methods.extend(names(meta)?),
                "constructor" => found.constructor = Some(name(meta)?),
                "transparent" => found.transparent = Some(item.clone()),
                "one_way" => found.one_way = Some(item.clone()),
                "key" => found.key = Some(item.clone()),
                "string" => found.string = Some(item.clone()),
                "rename_all" => found.rename_all = Some(text(meta)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        found.check()?;
        Ok(found)
    }

    /// `transparent` and `string` make a value of another kind out of the type, which has no members of its own.
    fn check(&self) -> Result<()> {
        let plain = self.transparent.as_ref().or(self.string.as_ref());
        let members = [&self.eq, &self.ord, &self.display, &self.iter, &self.constructor];
        let first = members.into_iter().flatten().chain(&self.methods).chain(&self.class_methods).next();
        if let (Some(plain), Some(member)) = (plain, first) {
            let message = format!(
                "`{plain}` types are not objects: policies see only the value, so this has no effect"
            );
            return Err(Error::new(member.span(), message));
        }
        for (item, needed, present) in [
            (&self.one_way, "transparent", self.transparent.is_some()),
            (&self.key, "transparent", self.transparent.is_some()),
        ] {
            if let (Some(item), false) = (item, present) {
                return Err(Error::new(item.span(), format!("`{item}` goes with `{needed}`")));
            }
        }
        if let (Some(rename_all), None) = (&self.rename_all, &self.string) {
            return Err(Error::new(rename_all.span(), "`rename_all` goes with `string`"));
        }
        Ok(())
    }
}

impl MemberAttributes {
    pub(crate) fn field(attributes: &[Attribute]) -> Result<Self> {
        let mut found = MemberAttributes::default();
        each_item(attributes, "`attribute`, `rename = \"…\"`, `skip`", |item, meta| {
            match item.to_string().as_str() {
                "attribute" => found.attribute = Some(item.clone()),
                "skip" => found.skip = Some(item.clone()),
                "rename" => found.rename = Some(text(meta)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if let (Some(_), Some(skip)) = (&found.attribute, &found.skip) {
            return Err(Error::new(skip.span(), "a field is either an `attribute` or skipped"));
        }
        if let (None, Some(rename)) = (&found.attribute, &found.rename) {
            return Err(Error::new(rename.span(), "`rename` goes with `attribute`"));
        }
        Ok(found)
    }

    pub(crate) fn variant(attributes: &[Attribute]) -> Result<Self> {
        let mut found = MemberAttributes::default();
        each_item(attributes, "`rename = \"…\"`", |item, meta| {
            if item != "rename" {
                return Ok(false);
            }
            found.rename = Some(text(meta)?);
            Ok(true)
        })?;
        Ok(found)
    }
}

/// Writes a variant's name in the manner of `rename_all`.
pub(crate) fn renamed(name: &str, manner: Option<&LitStr>) -> Result<String> {
    let Some(manner) = manner else { return Ok(name.to_owned()) };
    let words = words(name);
    Ok(match manner.value().as_str() {
        "lowercase" => words.concat(),
        "UPPERCASE" => words.concat().to_uppercase(),
        "snake_case" => words.join("_"),
        "kebab-case" => words.join("-"),
        "SCREAMING_SNAKE_CASE" => words.join("_").to_uppercase(),
        _ => {
            let message = "expected \"lowercase\", \"UPPERCASE\", \"snake_case\", \"kebab-case\" or \
                           \"SCREAMING_SNAKE_CASE\"";
            return Err(Error::new(manner.span(), message));
        }
    })
}

/// The words of a name in camel case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        if letter.is_uppercase() || words.is_empty() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_every_manner() {
        let write =
            |manner: &str| renamed("ListAll", Some(&LitStr::new(manner, proc_macro2::Span::call_site())));
        assert_eq!(write("snake_case").unwrap(), "list_all");
        assert_eq!(write("kebab-case").unwrap(), "list-all");
        assert_eq!(write("lowercase").unwrap(), "listall");
        assert_eq!(write("UPPERCASE").unwrap(), "LISTALL");
        assert_eq!(write("SCREAMING_SNAKE_CASE").unwrap(), "LIST_ALL");
        assert!(write("Title Case").is_err());
        assert_eq!(renamed("ListAll", None).unwrap(), "ListAll");
    }
}
