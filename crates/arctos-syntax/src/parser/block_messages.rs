//! What the parser says about blocks and their declarations.

use super::blocks::DECLARATIONS;
use super::{Parser, Reported};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lexer::{Token, TokenKind};
use crate::source::Span;
use crate::suggest::near;
use crate::tree::{Ident, ShorthandTerm};

impl Parser<'_> {
    /// P0112: `ressource Repo { … }`
    pub(super) fn unknown_block(&mut self, keyword: &Ident, name: &Ident) -> Reported {
        let known = ["actor", "resource", "global"];
        let mut diagnostic = Diagnostic::new(
            codes::UNKNOWN_BLOCK,
            keyword.span,
            format!("`{}` starts no kind of block", keyword.text),
        );
        diagnostic = match (keyword.text.as_str(), near(&keyword.text, known)) {
            ("global", _) => diagnostic.help("a `global` block has no name"),
            (_, Some(meant)) => diagnostic.did_you_mean(Some(meant)).fix(keyword.span, meant),
            _ => diagnostic.help(format!("write `actor {0} {{ … }}` or `resource {0} {{ … }}`", name.text)),
        };
        self.report(diagnostic)
    }

    /// P0112: `Repo { … }` or `resource { … }`
    pub(super) fn unnamed_block(&mut self, word: &Ident) -> Reported {
        let diagnostic = match word.text.as_str() {
            "actor" | "resource" => Diagnostic::new(
                codes::UNKNOWN_BLOCK,
                word.span,
                format!("this `{}` block has no name", word.text),
            )
            .help(format!("write the name of its type: `{} Name {{ … }}`", word.text)),
            text => Diagnostic::new(
                codes::UNKNOWN_BLOCK,
                word.span,
                format!("block `{text}` does not say what it is"),
            )
            .help(format!("write `actor {text} {{ … }}` or `resource {text} {{ … }}`")),
        };
        self.report(diagnostic)
    }

    /// The text ends before the `}` of a block or test.
    pub(super) fn unclosed_block(&mut self, head: Span, open: Span) -> Reported {
        let at_end = self.kind() == TokenKind::End;
        if self.is_told() {
            return Reported;
        }
        let code = if at_end { codes::UNEXPECTED_END } else { codes::UNEXPECTED_TOKEN };
        let name = self.text_of(head).to_owned();
        let diagnostic = Diagnostic::new(code, self.after_last(), format!("`{name}` has no closing `}}`"))
            .label(open, "opened here")
            .fix(self.after_last(), "\n}");
        self.report(diagnostic)
    }

    /// A rule or a block inside a block.
    pub(super) fn item_in_block(&mut self, head: Span) -> Reported {
        let name = self.text_of(head).to_owned();
        let is_rule = self.nth(1).kind == TokenKind::LeftParen;
        let what = if is_rule { "a rule with parameters" } else { "another form" };
        let diagnostic =
            Diagnostic::new(codes::UNEXPECTED_TOKEN, self.span(), format!("{what} stands inside `{name}`"))
                .label(head, "this block is still open")
                .help("close the block with `}` before it, or move it outside");
        self.report(diagnostic)
    }

    /// A role, permission or relation, and then no `if`.
    pub(super) fn no_shorthand_body(&mut self, head: &ShorthandTerm) -> Reported {
        match head {
            ShorthandTerm::Word(word)
                if near(&word.text, DECLARATIONS).is_some() || DECLARATIONS.contains(&word.text.as_str()) =>
            {
                self.unexpected("`=` and a list or dictionary")
            }
            _ => self.unexpected("`if` and a condition"),
        }
    }

    pub(super) fn declared_without_equals(&mut self, name: &Ident, sign: Token) -> Reported {
        let text = self.text_of(sign.span);
        let diagnostic =
            Diagnostic::new(codes::UNEXPECTED_TOKEN, sign.span, format!("found `{text}`, expected `=`"))
                .help(format!("write `{} = …;`", name.text))
                .fix(sign.span, "=");
        self.report(diagnostic)
    }

    /// P0114: `roles = {…}`
    pub(super) fn malformed_declaration(&mut self, name: &Ident) -> Reported {
        if !matches!(self.kind(), TokenKind::LeftBracket | TokenKind::LeftBrace) {
            let relations = name.text == "relations";
            return self.unexpected(if relations { "`{` and relations" } else { "`[` and strings" });
        }
        let (needed, example) = match name.text.as_str() {
            "relations" => {
                ("a dictionary from relation to type", "relations = { parent: Organization };".to_owned())
            }
            word => ("a list of strings", format!("{word} = [\"first\", \"second\"];")),
        };
        let diagnostic = Diagnostic::new(
            codes::MALFORMED_DECLARATION,
            self.span(),
            format!("`{}` must be {needed}", name.text),
        )
        .help(format!("write for example `{example}`"));
        self.report(diagnostic)
    }

    /// P0113: `permisions = […]`
    pub(super) fn unknown_declaration(&mut self, name: &Ident, bracket: TokenKind) -> Reported {
        let message = format!("a block has no declaration `{}`", name.text);
        let diagnostic = Diagnostic::new(codes::UNKNOWN_DECLARATION, name.span, message);
        let diagnostic = match (near(&name.text, DECLARATIONS), bracket) {
            (Some(meant), _) => diagnostic.did_you_mean(Some(meant)).fix(name.span, meant),
            (None, TokenKind::LeftBrace) => diagnostic.help("a dictionary declares `relations`"),
            (None, _) => diagnostic.help("a list declares `roles` or `permissions`"),
        };
        self.report(diagnostic)
    }

    /// `roles = [admin]`
    pub(super) fn unquoted_in_declaration(&mut self, declared: &Ident) -> Reported {
        let span = self.span();
        let text = self.text_of(span);
        let message = format!("`{}` must be a list of strings, and `{text}` is not quoted", declared.text);
        let diagnostic = Diagnostic::new(codes::UNEXPECTED_TOKEN, span, message)
            .help(format!("write `\"{text}\"`"))
            .fix(span, format!("\"{text}\""));
        self.report(diagnostic)
    }

    /// `relations = { parent: "Org" }`
    pub(super) fn quoted_relation_type(&mut self) -> Reported {
        let span = self.span();
        let text = self.text_of(span).trim_matches('"');
        let diagnostic = Diagnostic::new(
            codes::UNEXPECTED_TOKEN,
            span,
            "the type of a relation is written without quotes",
        )
        .help(format!("write `{text}`"))
        .fix(span, text);
        self.report(diagnostic)
    }

    pub(super) fn no_shorthand_condition(&mut self) -> Reported {
        let negated = self.kind() == TokenKind::Not;
        let before = self.diagnostics.len();
        let reported = self.unexpected("a role, permission or relation");
        if let Some(last) = self.diagnostics.get_mut(before).filter(|_| negated) {
            last.help = vec![
                "a shorthand rule has no `not`; write a rule with parameters outside the block".to_owned(),
            ];
        }
        reported
    }

    /// P0115: `"reader" if "member" onn "parent";`
    pub(super) fn unknown_relation_keyword(&mut self) -> Reported {
        let span = self.span();
        let text = self.text_of(span);
        let diagnostic = Diagnostic::new(
            codes::UNKNOWN_RELATION_KEYWORD,
            span,
            format!("`{text}` does not join a role to a relation"),
        )
        .help("did you mean `on`?")
        .fix(span, "on");
        self.report(diagnostic)
    }

    pub(super) fn lookup_in_shorthand(&mut self, span: Span) -> Reported {
        let diagnostic =
            Diagnostic::new(codes::UNEXPECTED_TOKEN, span, "a shorthand rule looks up no fields")
                .help("write a rule with parameters outside the block");
        self.report(diagnostic)
    }

    pub(super) fn lookup_on_fact(&mut self, span: Span) -> Reported {
        let diagnostic = Diagnostic::new(
            codes::UNEXPECTED_TOKEN,
            span,
            "a fact is a name with arguments and nothing after them",
        )
        .help("write for example `has_role(User{\"ann\"}, \"admin\", Org{\"acme\"});`");
        self.report(diagnostic)
    }
}
