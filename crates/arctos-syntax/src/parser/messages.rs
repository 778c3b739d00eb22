//! What the parser says when a token cannot stand where it does, with the likely cause.
//!
//! Each mistake has one constructor here. A token that the lexer reported, or that follows a torn string, is passed over in
//! silence: what is wrong has been told.

use super::{PResult, Parser, Reported};
use crate::codes::{self, Code};
use crate::diagnostic::Diagnostic;
use crate::lexer::{RESERVED, Token, TokenKind, is_plain_name};
use crate::source::Span;
use crate::suggest::near;
use crate::tree::{Expr, Ident};

impl Parser<'_> {
    /// True when the lexer has already told what is wrong around here.
    pub(super) fn is_told(&self) -> bool {
        self.kind() == TokenKind::Bad
            || self.previous().is_some_and(|token| token.torn || token.kind == TokenKind::Bad)
    }

    /// The current token cannot stand here; `expected` is what could.
    pub(super) fn unexpected(&mut self, expected: &str) -> Reported {
        if self.is_told() {
            return Reported;
        }
        let token = self.token();
        let text = self.describe(token);
        let diagnostic = match token.kind {
            TokenKind::End => Diagnostic::new(
                codes::UNEXPECTED_END,
                self.after_last(),
                format!("the text ends where {expected} was expected"),
            ),
            TokenKind::In | TokenKind::New | TokenKind::Cut | TokenKind::Debug => {
                let message = format!("{text} is a reserved word and cannot stand here");
                Diagnostic::new(codes::RESERVED_WORD, token.span, message)
                    .primary(format!("expected {expected}"))
            }
            _ => Diagnostic::new(
                codes::UNEXPECTED_TOKEN,
                token.span,
                format!("found {text}, expected {expected}"),
            ),
        };
        let diagnostic = self.with_cause(diagnostic, token, expected);
        self.report(diagnostic)
    }

    /// Like [`unexpected`](Self::unexpected), where one of a few words was expected.
    pub(super) fn unexpected_word(&mut self, expected: &str, words: &[&'static str]) -> Reported {
        let span = self.span();
        let meant =
            near(self.text_of(span), words.iter().copied()).filter(|_| self.kind() == TokenKind::Name);
        let before = self.diagnostics.len();
        let reported = self.unexpected(expected);
        if let (Some(meant), Some(last)) = (meant, self.diagnostics.get_mut(before)) {
            *last = last.clone().did_you_mean(Some(meant)).fix(span, meant);
        }
        reported
    }

    /// A token in words.
    fn describe(&self, token: Token) -> String {
        let text = self.text_of(token.span);
        let short: String = text.chars().take(30).collect();
        let short = if short.len() < text.len() { format!("{short}…") } else { short };
        match token.kind {
            TokenKind::End => "the end of the text".to_owned(),
            TokenKind::String => format!("the string `{short}`"),
            _ => format!("`{short}`"),
        }
    }

    /// Adds the likely cause of an unexpected token.
    fn with_cause(&self, diagnostic: Diagnostic, found: Token, expected: &str) -> Diagnostic {
        let (at_end, at_start) = (expected == "`;`", expected == "an expression");
        let before =
            self.previous().filter(|token| token.span.end == found.span.start).map(|token| token.kind);
        let cause = match (before, found.kind) {
            (Some(TokenKind::Eq), TokenKind::Gt) => {
                "`=>` is not an operator; greater or equal is written `>=`"
            }
            (Some(TokenKind::Minus), TokenKind::Gt) => "`->` is not an operator",
            (Some(TokenKind::Colon), TokenKind::Minus) => {
                "write `if` between the head and the body of a rule"
            }
            (Some(TokenKind::Star), TokenKind::Star) => "there is no power operator",
            (Some(TokenKind::Slash), TokenKind::Slash | TokenKind::Star) => "comments start with `#`",
            (_, TokenKind::Slash) if matches!(self.nth(1).kind, TokenKind::Slash | TokenKind::Star) => {
                "comments start with `#`"
            }
            (Some(TokenKind::Cut), TokenKind::LeftParen) => "`cut` takes no arguments",
            (Some(TokenKind::Float(_)), TokenKind::Name) => "a number has no fields",
            (_, TokenKind::Dot) if at_start && matches!(self.nth(1).kind, TokenKind::Integer(_)) => {
                "a float begins with a digit: `0.5`"
            }
            (_, TokenKind::Comma) if self.previous().is_some_and(|token| token.kind == TokenKind::Comma) => {
                "two commas stand in a row; remove one"
            }
            (_, TokenKind::Bang) => "negation is written `not`",
            (_, TokenKind::Pipe) => "alternatives are joined with `or`",
            (_, TokenKind::Isa) => "write `matches` to ask for a type",
            (_, TokenKind::Not) if at_start => "put a negation in parentheses: `(not …)`",
            (_, TokenKind::Colon) if at_end => "in a body a type is asked for with `matches`",
            (_, TokenKind::If) if at_end => "alternatives are joined with `or`, conditions with `and`",
            (_, TokenKind::Name) => return self.with_misspelling(diagnostic, found),
            _ => return diagnostic,
        };
        diagnostic.help(cause)
    }

    /// A name that is nearly a reserved word: `AND`, `nto`.
    fn with_misspelling(&self, diagnostic: Diagnostic, found: Token) -> Diagnostic {
        let text = self.text_of(found.span);
        match near(text, RESERVED) {
            Some(word) if text.eq_ignore_ascii_case(word) || word.len() > 2 => {
                diagnostic.did_you_mean(Some(word)).fix(found.span, word)
            }
            _ => diagnostic,
        }
    }

    fn refuse(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Reported {
        self.report(Diagnostic::new(code, span, message).help(help))
    }

    /// Consumes a closing bracket, or tells where the open one is.
    pub(super) fn close(&mut self, kind: TokenKind, open: Span, expected: &str) -> PResult<()> {
        match self.eat(kind) {
            true => Ok(()),
            false => Err(self.unclosed(open, expected)),
        }
    }

    /// A bracket is not closed here; points back to it.
    pub(super) fn unclosed(&mut self, open: Span, expected: &str) -> Reported {
        let before = self.diagnostics.len();
        let reported = self.unexpected(expected);
        if let Some(last) = self.diagnostics.get_mut(before) {
            last.labels.push(crate::diagnostic::Label { span: open, text: "to close this".to_owned() });
        }
        reported
    }

    pub(super) fn trailing_comma(&mut self, comma: Token) -> Reported {
        let diagnostic =
            Diagnostic::new(codes::UNEXPECTED_TOKEN, comma.span, "no comma may stand before this `)`")
                .help("remove it; only lists and dictionaries may end in a comma")
                .fix(comma.span, "");
        self.report(diagnostic)
    }

    /// A key of a dictionary or a field of a pattern.
    pub(super) fn key(&mut self) -> PResult<Ident> {
        let span = self.span();
        if self.kind() != TokenKind::String {
            return self.label("a key or `}`");
        }
        let text = self.text_of(span).trim_matches('"');
        let diagnostic = Diagnostic::new(codes::UNEXPECTED_TOKEN, span, "keys are written without quotes");
        let diagnostic = match is_plain_name(text) {
            true => diagnostic.help(format!("write `{text}`")).fix(span, text),
            false => diagnostic.help("a key is a name; use letters, digits and `_`"),
        };
        self.report(diagnostic);
        self.bump();
        Ok(Ident { text: text.into(), span })
    }

    pub(super) fn duplicate_key(&mut self, key: &Ident, first: Span) -> Reported {
        let message = format!("the key `{}` stands twice", key.text);
        let diagnostic = Diagnostic::new(codes::DUPLICATE_KEY, key.span, message)
            .label(first, "first here")
            .help("remove one of the two");
        self.report(diagnostic)
    }

    pub(super) fn new_without_class(&mut self, new: Span) -> Reported {
        self.refuse(
            codes::MALFORMED_FORM,
            new,
            "`new` stands before no class",
            "write `new Class(arguments)`",
        )
    }

    /// A sign before something other than a number.
    pub(super) fn sign_without_number(&mut self) -> Reported {
        let before = self.diagnostics.len();
        let reported = self.unexpected("a number after this sign");
        let found = self.kind();
        if let (Some(last), TokenKind::Name) = (self.diagnostics.get_mut(before), found) {
            last.help.clear();
            last.help.push("only numbers have a sign; write `0 - x` to negate a variable".to_owned());
        }
        reported
    }

    pub(super) fn after_rest(&mut self) -> Reported {
        self.unexpected("`]` after the variable that takes the rest")
    }

    pub(super) fn dynamic_key(&mut self, span: Span) -> Reported {
        self.refuse(
            codes::UNEXPECTED_TOKEN,
            span,
            "a field is named by a string or a variable",
            "write `object.(\"field\")` or `object.(name)`",
        )
    }

    /// `User{…}` where a value must stand.
    pub(super) fn pattern_as_value(&mut self, name: &Ident) -> Reported {
        let before = self.diagnostics.len();
        let reported = self.unexpected("an operator or the end of the expression");
        if let Some(last) = self.diagnostics.get_mut(before) {
            let help = format!(
                "a pattern stands after `matches` or after a parameter's `:`; an entity is written `{}{{\"id\"}}`",
                name.text
            );
            *last = last.clone().help(help);
        }
        reported
    }

    pub(super) fn positional_after_keyword(&mut self, span: Span, key: Span) -> Reported {
        let diagnostic =
            Diagnostic::new(codes::UNEXPECTED_TOKEN, span, "this argument stands after a keyword argument")
                .label(key, "keyword arguments begin here")
                .help("put it before them");
        self.report(diagnostic)
    }

    pub(super) fn assigned_to_no_variable(&mut self, left: Span, operator: Span) -> Reported {
        let diagnostic = Diagnostic::new(
            codes::UNEXPECTED_TOKEN,
            operator,
            "`:=` stands after something other than a variable",
        )
        .label(left, "this is no variable")
        .help("write `=` to unify two values");
        self.report(diagnostic)
    }

    /// `f(x) if ;`
    pub(super) fn empty_body(&mut self, word: Span) -> Reported {
        let diagnostic = Diagnostic::new(
            codes::UNEXPECTED_TOKEN,
            self.span(),
            "found `;`, expected a condition after `if`",
        )
        .label(word, "after this")
        .help("a rule that always holds has no `if`");
        self.report(diagnostic)
    }

    /// True at `:-`.
    pub(super) fn is_colon_dash(&self) -> bool {
        let (first, second) = (self.token(), self.nth(1));
        first.kind == TokenKind::Colon
            && second.kind == TokenKind::Minus
            && first.span.end == second.span.start
    }

    /// After a head: something other than `if` and `;`. Reports it and, where a body follows, parses it.
    pub(super) fn mistaken_if(&mut self) -> Option<PResult<Option<Expr>>> {
        let first = self.token();
        let joined = self.nth(1).span.start == first.span.end;
        let width = match (first.kind, self.nth(1).kind) {
            (TokenKind::Semicolon | TokenKind::End | TokenKind::RightBrace | TokenKind::RightParen, _) => {
                return None;
            }
            _ if first.first_on_line && self.starts_statement(true) => return None,
            _ if self.is_told() => return None,
            (TokenKind::LeftBrace, _) => {
                let help = "a body stands after `if`, without braces: `head if condition;`";
                let message = "found `{`, expected `if` or `;` after the head of this rule";
                return Some(Err(self.refuse(codes::UNEXPECTED_TOKEN, first.span, message, help)));
            }
            (TokenKind::Colon | TokenKind::Lt, TokenKind::Minus) if joined => 2,
            (TokenKind::Eq | TokenKind::Minus, TokenKind::Gt) if joined => 2,
            (TokenKind::Eq | TokenKind::Assign | TokenKind::Colon | TokenKind::EqEq, _) => 1,
            (TokenKind::Name, _)
                if ["iff", "IF", "If", "when", "where", "fi"].contains(&self.text_of(first.span)) =>
            {
                1
            }
            (
                TokenKind::Name | TokenKind::Not | TokenKind::LeftParen | TokenKind::True | TokenKind::False,
                _,
            ) => 0,
            _ => return None,
        };
        let span = if width == 2 { first.span.to(self.nth(1).span) } else { first.span };
        let text = self.text_of(span);
        let (message, place, fix) = match width {
            0 => (
                "missing `if` between the head of this rule and its condition".to_owned(),
                self.after_last(),
                " if",
            ),
            _ => (format!("found `{text}`, expected `if` or `;` after the head of this rule"), span, "if"),
        };
        let diagnostic = Diagnostic::new(codes::UNEXPECTED_TOKEN, place, message)
            .help("a rule is written `head if condition;`")
            .fix(place, fix);
        self.report(diagnostic);
        for _ in 0..width {
            self.bump();
        }
        Some(self.condition_or_value().map(Some))
    }

    /// Points back to the `(` of a head that the text ends in.
    pub(super) fn note_unclosed_at_end(&mut self, open: Span) {
        let at_end = self.kind() == TokenKind::End;
        if let Some(last) =
            self.diagnostics.last_mut().filter(|last| at_end && last.code == codes::UNEXPECTED_END)
        {
            last.labels.push(crate::diagnostic::Label { span: open, text: "to close this".to_owned() });
        }
    }

    pub(super) fn specialized_non_variable(&mut self, span: Span) -> Reported {
        let diagnostic = Diagnostic::new(
            codes::UNEXPECTED_TOKEN,
            self.span(),
            "found `:` after something other than a variable",
        )
        .label(span, "only a variable can have a type")
        .help("write the value alone, or a variable with its type");
        self.report(diagnostic)
    }

    /// A token at the top level that starts nothing.
    pub(super) fn no_item(&mut self) -> Reported {
        let (first, second) = (self.token(), self.nth(1).kind);
        let (message, help) = match first.kind {
            TokenKind::RightBrace => ("this `}` closes nothing", "remove it"),
            TokenKind::Semicolon => ("this `;` ends nothing", "remove it"),
            TokenKind::And | TokenKind::Or => {
                ("a statement cannot begin with this", "the `;` before it ended the rule; remove that `;`")
            }
            TokenKind::String if second == TokenKind::If => (
                "a shorthand rule stands outside any block",
                "put it between the braces of an `actor` or `resource` block",
            ),
            _ if second == TokenKind::LeftParen && RESERVED.contains(&self.text_of(first.span)) => {
                return self.reserved_rule_name(first);
            }
            _ => return self.unexpected("a rule or a block"),
        };
        let mut diagnostic = Diagnostic::new(codes::UNEXPECTED_TOKEN, first.span, message).help(help);
        if let (TokenKind::And | TokenKind::Or, Some(before)) = (first.kind, self.previous()) {
            diagnostic = diagnostic.label(before.span, "the rule ended here");
        }
        self.report(diagnostic)
    }

    /// `forall(x) if …;`
    fn reserved_rule_name(&mut self, word: Token) -> Reported {
        let text = self.text_of(word.span);
        let code = match word.kind {
            TokenKind::In | TokenKind::New | TokenKind::Cut | TokenKind::Debug => codes::RESERVED_WORD,
            _ => codes::UNEXPECTED_TOKEN,
        };
        self.refuse(
            code,
            word.span,
            format!("`{text}` is a reserved word and cannot name a rule"),
            "choose another name",
        )
    }

    /// A name at the top level with something after it that makes no item.
    pub(super) fn broken_item(&mut self) -> Reported {
        let word = self.bump();
        let text = self.text_of(word.span);
        match (text, self.kind()) {
            ("actor" | "resource", TokenKind::Name) => {
                self.bump();
                self.unexpected("`{` and the declarations of the block")
            }
            ("actor" | "resource", _) => self.unexpected("the name of a type"),
            (_, TokenKind::Name) => {
                let span = self.span();
                let starts = ["type", "declare", "test", "actor", "resource", "global"];
                let message = format!("found `{}`, expected `(` after `{text}`", self.text_of(span));
                if self.token().first_on_line {
                    return self.unexpected("`(` and parameters after this name");
                }
                let mut diagnostic = Diagnostic::new(codes::UNEXPECTED_TOKEN, span, message);
                if let Some(meant) = near(text, starts) {
                    diagnostic = diagnostic.did_you_mean(Some(meant)).fix(word.span, meant);
                }
                self.report(diagnostic)
            }
            _ => self.unexpected("`(` and parameters after this name"),
        }
    }

    /// Consumes the `;` of a statement that began at `start`. A missing one is told where it belongs, and parsing goes on
    /// when the next line starts something new.
    pub(super) fn end_of_statement(&mut self, start: Span, what: &str) -> PResult<()> {
        if self.eat(TokenKind::Semicolon) {
            return Ok(());
        }
        if self.is_told() {
            return Err(Reported);
        }
        let next = self.token();
        let place = self.after_last();
        let missing = |code| {
            Diagnostic::new(code, place, format!("missing `;` at the end of this {what}")).fix(place, ";")
        };
        match next.kind {
            TokenKind::End => Err(self.report(missing(codes::UNEXPECTED_END))),
            TokenKind::RightBrace => {
                self.report(missing(codes::UNEXPECTED_TOKEN));
                Ok(())
            }
            TokenKind::If if what == "rule type" => {
                let message = "found `if`, expected `;` after a rule type";
                Err(self.refuse(
                    codes::UNEXPECTED_TOKEN,
                    next.span,
                    message,
                    "a rule type has no body; leave out `type` to write a rule",
                ))
            }
            _ if next.first_on_line && self.starts_statement(true) => {
                if self.column(next.span) > self.column(start) && !self.starts_production() {
                    let diagnostic = Diagnostic::new(
                        codes::UNEXPECTED_TOKEN,
                        place,
                        "missing `and` or `;` before the next line",
                    )
                    .label(next.span, "this follows")
                    .help("join conditions with `and`; end the rule with `;`");
                    return Err(self.report(diagnostic));
                }
                self.report(missing(codes::UNEXPECTED_TOKEN));
                Ok(())
            }
            _ => Err(self.unexpected("`;`")),
        }
    }

    /// Bytes between the start of the line and a place.
    fn column(&self, span: Span) -> usize {
        let before = self.text.get(..span.start as usize).unwrap_or("");
        before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
    }
}
