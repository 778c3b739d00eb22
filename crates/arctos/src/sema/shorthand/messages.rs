//! What is said of shorthand rules.

use arctos_syntax::tree::{Ident, StringLit};
use arctos_syntax::{Diagnostic, Span, codes};

use crate::sema::blocks::Declaration;

/// P0406: a shorthand rule uses a name that its type does not declare.
pub(super) fn undeclared_name(name: &StringLit, owner_name: &str, near: Option<&str>) -> Diagnostic {
    let text = &name.text;
    Diagnostic::new(
        codes::UNDECLARED_NAME,
        name.span,
        format!("`{owner_name}` declares no role, permission or relation `{text}`"),
    )
    .primary("not declared")
    .did_you_mean(near)
    .help(format!("declare `{text}` in a block of `{owner_name}`, in `roles`, `permissions` or `relations`"))
}

/// P0407: what follows `on` is not a relation.
pub(super) fn not_a_relation(
    relation: &StringLit,
    owner_name: &str,
    declaration: Option<&Declaration>,
) -> Diagnostic {
    let name = &relation.text;
    let word = declaration.map_or("name", |declaration| declaration.kind.word());
    let diagnostic = Diagnostic::new(
        codes::NOT_A_RELATION,
        relation.span,
        format!("`on` needs a relation, but `{name}` is a {word} of `{owner_name}`"),
    )
    .primary("not a relation")
    .help("after `on` stands a name from `relations = { … }`, which tells the related type");
    match declaration {
        Some(declaration) => diagnostic.label(declaration.span, format!("declared as a {word} here")),
        None => diagnostic,
    }
}

/// P0408: a shorthand rule follows a relation to a type without a block.
pub(super) fn related_block_missing(
    relation: &StringLit,
    related: &str,
    owner_name: &str,
    declaration: Option<&Declaration>,
) -> Diagnostic {
    let name = &relation.text;
    let diagnostic = Diagnostic::new(
        codes::RELATED_BLOCK_MISSING,
        relation.span,
        format!("relation `{name}` of `{owner_name}` leads to `{related}`, which has no block"),
    )
    .primary(format!("leads to `{related}`"))
    .help(format!("add a block that declares what can hold there: `resource {related} {{ … }}`"));
    match declaration {
        Some(declaration) => diagnostic.label(declaration.span, "the relation is declared here"),
        None => diagnostic,
    }
}

/// P0409: a shorthand rule uses a name that the related type does not declare.
pub(super) fn undeclared_related_name(
    name: &StringLit,
    relation: &StringLit,
    (related, declared): (&str, Option<Span>),
    near: Option<&str>,
) -> Diagnostic {
    let text = &name.text;
    let diagnostic = Diagnostic::new(
        codes::UNDECLARED_RELATED_NAME,
        name.span,
        format!("`{related}` declares no role, permission or relation `{text}`"),
    )
    .primary(format!("not declared by `{related}`"))
    .label(relation.span, format!("this relation leads to `{related}`"));
    let diagnostic = match declared {
        Some(declared) => diagnostic.label(declared, format!("`{related}` is declared here")),
        None => diagnostic,
    };
    diagnostic.did_you_mean(near).help(format!("declare `{text}` in a block of `{related}`"))
}

/// P0410: a shorthand rule written twice.
pub(super) fn duplicate_shorthand(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::DUPLICATE_SHORTHAND, span, "this shorthand rule is written twice")
        .primary("written again")
        .label(first, "first written here")
        .help("remove one of the two: the second only repeats every answer of the first")
}

/// P0406: a bare word that is neither `role` nor `permission`.
pub(super) fn unknown_word(word: &Ident) -> Diagnostic {
    let text = &word.text;
    Diagnostic::new(codes::UNDECLARED_NAME, word.span, format!("`{text}` is neither `role` nor `permission`"))
        .primary("not a word of shorthand rules")
        .fix(word.span, format!("\"{text}\""))
        .help(format!("for the role, permission or relation of that name write `\"{text}\"`"))
}

/// P0406: a head that stands for every role, in a rule that does not say which.
pub(super) fn unbound_word(word: &Ident) -> Diagnostic {
    let text = &word.text;
    Diagnostic::new(
        codes::UNDECLARED_NAME,
        word.span,
        format!("nothing in this rule says which {text} it grants"),
    )
    .primary("every one there is")
    .help(format!("write `{text} if {text} on \"…\";`, or name what is granted"))
}

/// P0406: `global` without a block that declares the name.
pub(super) fn undeclared_global(name: &StringLit, near: Option<&str>) -> Diagnostic {
    let text = &name.text;
    let message = format!("no `global` block declares a role or permission `{text}`");
    Diagnostic::new(codes::UNDECLARED_NAME, name.span, message)
        .primary("not declared")
        .did_you_mean(near)
        .help(format!("declare it: `global {{ roles = [\"{text}\"]; }}`"))
}

/// P0407: `on` a bare word other than `resource`, or in a block that is about no object.
pub(super) fn not_on(span: Span) -> Diagnostic {
    Diagnostic::new(codes::NOT_A_RELATION, span, "`on` needs a relation of this block, or `resource`")
        .primary("not a relation")
        .help("after `on` stands a name from `relations = { … }` in quotes, or `resource` for the object itself")
}
