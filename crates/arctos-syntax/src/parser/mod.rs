//! Tokens to tree, by recursive descent; operators by precedence climbing.
//!
//! A production that cannot go on reports one diagnostic and returns [`Reported`], which travels up to the enclosing
//! statement; that one skips to a place where a statement can end or begin (`resync`). A mistake of meaning
//! that leaves the structure clear (a condition where a value is needed) is reported on the way and parsing goes on.
//!
//! INVARIANT: every loop consumes a token or ends; lookahead is at most four tokens, so time is linear.
//! INVARIANT: the parser's own recursion is bounded by [`MAX_NESTING`], the depth of a tree by [`MAX_DEPTH`].

mod atoms;
mod block_messages;
mod blocks;
pub(crate) mod expressions;
mod items;
mod messages;
mod patterns;
mod trials;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lexer::{Token, TokenKind, lex, unescape};
use crate::source::{SourceId, Span};
use crate::tree::{Expr, File, Ident, StringLit};
use crate::{Parsed, tree};

/// How deep brackets, calls and blocks may nest: bounds the parser's stack.
pub(crate) const MAX_NESTING: u32 = 128;

/// How deep a tree may be, chains such as `1 + 1 + …` included: bounds the stack of whoever walks or drops it.
pub(crate) const MAX_DEPTH: u32 = 500;

/// A diagnostic has been reported; the production gives up.
#[derive(Debug)]
pub(super) struct Reported;

pub(super) type PResult<T> = Result<T, Reported>;

/// An expression with what only the parser needs to know about it.
pub(super) struct Node {
    pub(super) expr: Expr,
    /// Its place with the parentheses around it.
    pub(super) outer: Span,
    /// Levels of tree below and including it.
    pub(super) depth: u32,
}

/// Parses a policy file.
pub(crate) fn file(source: SourceId, text: &str) -> Parsed<File> {
    let mut parser = Parser::new(source, text);
    let items = parser.items();
    parser.finish(File { items })
}

/// Parses one query.
pub(crate) fn query(source: SourceId, text: &str) -> Parsed<Option<tree::Expr>> {
    let mut parser = Parser::new(source, text);
    let tree = parser.whole_query().ok();
    parser.finish(tree)
}

/// Parses facts one after the other.
pub(crate) fn facts(source: SourceId, text: &str) -> Parsed<Vec<tree::Head>> {
    let mut parser = Parser::new(source, text);
    let facts = parser.facts();
    parser.finish(facts)
}

pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// Index of the current token.
    at: usize,
    diagnostics: Vec<Diagnostic>,
    nesting: u32,
    /// The current top-level form was already told to nest too deep.
    too_deep_told: bool,
    /// Inside a block that was already told to lack its `}`.
    in_torn_block: bool,
}

impl<'a> Parser<'a> {
    fn new(source: SourceId, text: &'a str) -> Self {
        let (tokens, diagnostics) = lex(source, text);
        Parser { text, tokens, at: 0, diagnostics, nesting: 0, too_deep_told: false, in_torn_block: false }
    }

    fn finish<T>(mut self, tree: T) -> Parsed<T> {
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        Parsed { tree, diagnostics: self.diagnostics }
    }

    fn whole_query(&mut self) -> PResult<Expr> {
        let query = self.condition_or_value()?;
        self.eat(TokenKind::Semicolon);
        match self.kind() {
            TokenKind::End => Ok(query),
            _ => Err(self.unexpected("the end of the query")),
        }
    }

    /// The `n`th token from the current one; beyond the end, the end.
    fn nth(&self, n: usize) -> Token {
        let end = || Token { kind: TokenKind::End, span: Span::default(), first_on_line: true, torn: false };
        self.tokens.get(self.at + n).or(self.tokens.last()).copied().unwrap_or_else(end)
    }

    fn token(&self) -> Token {
        self.nth(0)
    }

    // PERF: asked at every step, so without a copy of the token.
    fn kind(&self) -> TokenKind {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(TokenKind::End, |token| token.kind)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(Span::default(), |token| token.span)
    }

    /// The token before the current one.
    fn previous(&self) -> Option<Token> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).copied()
    }

    /// The place of the last consumed token; of the current one at the start of the text.
    fn last_span(&self) -> Span {
        self.previous().map_or(self.span(), |token| token.span)
    }

    /// The empty place just after the last consumed token.
    fn after_last(&self) -> Span {
        let last = self.last_span();
        Span { start: last.end, ..last }
    }

    fn bump(&mut self) -> Token {
        let token = self.token();
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, kind: TokenKind, expected: &str) -> PResult<Token> {
        match self.kind() == kind {
            true => Ok(self.bump()),
            false => Err(self.unexpected(expected)),
        }
    }

    fn text_of(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// True when the `n`th token from here is the name `word`.
    fn is_word(&self, n: usize, word: &str) -> bool {
        let token = self.nth(n);
        token.kind == TokenKind::Name && self.text_of(token.span) == word
    }

    /// A name; reserved words are refused.
    fn name(&mut self, expected: &str) -> PResult<Ident> {
        let token = self.expect(TokenKind::Name, expected)?;
        Ok(self.ident(token))
    }

    /// A name where most reserved words may stand too: after a dot, as a key, before the colon of an argument.
    fn label(&mut self, expected: &str) -> PResult<Ident> {
        match is_label(self.kind()) {
            true => {
                let token = self.bump();
                Ok(self.ident(token))
            }
            false => Err(self.unexpected(expected)),
        }
    }

    fn ident(&self, token: Token) -> Ident {
        Ident { text: self.text_of(token.span).into(), span: token.span }
    }

    fn string(&mut self, expected: &str) -> PResult<StringLit> {
        // A torn or overlong literal was reported by the lexer; its text stands for itself.
        let token = match self.kind() {
            TokenKind::BadLiteral => self.bump(),
            _ => self.expect(TokenKind::String, expected)?,
        };
        Ok(StringLit { text: unescape(self.text_of(token.span)), span: token.span })
    }

    fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        self.diagnostics.push(diagnostic);
        Reported
    }

    /// Runs `parse` one level deeper, or reports that the text nests too deep.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> PResult<T>) -> PResult<T> {
        if self.nesting >= MAX_NESTING {
            return Err(self.too_deep(self.span()));
        }
        self.nesting += 1;
        let result = parse(self);
        self.nesting -= 1;
        result
    }

    fn too_deep(&mut self, at: Span) -> Reported {
        if std::mem::replace(&mut self.too_deep_told, true) {
            return Reported;
        }
        self.report(
            Diagnostic::new(codes::NESTING_TOO_DEEP, at, "this is nested too deep")
                .help(format!("at most {MAX_NESTING} brackets or {MAX_DEPTH} operators may nest; give parts of it rules of their own")),
        )
    }

    /// `item (, item)*` up to `close`, which is consumed; a trailing comma is refused or allowed.
    fn separated<T>(
        &mut self,
        close: TokenKind,
        trailing: Trailing,
        expected: &str,
        mut item: impl FnMut(&mut Self) -> PResult<T>,
    ) -> PResult<Vec<T>> {
        let mut items = Vec::new();
        if self.eat(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.eat(close) {
                return Ok(items);
            }
            if self.kind() != TokenKind::Comma {
                return Err(self.unexpected(expected));
            }
            let comma = self.bump();
            if self.kind() == close {
                if trailing == Trailing::Refused {
                    self.trailing_comma(comma);
                }
                self.bump();
                return Ok(items);
            }
        }
    }

    /// Skips to where the next statement begins: past a `;`, before the `}` of an enclosing block, or before a line
    /// that looks like the start of a statement. The broken statement began at token `from`.
    fn resync(&mut self, from: usize, inside_block: bool) {
        let brace = |kind| match kind {
            TokenKind::LeftBrace => 1,
            TokenKind::RightBrace => -1,
            _ => 0,
        };
        let passed = self.tokens.get(from..self.at).unwrap_or_default();
        let mut open: i64 = passed.iter().map(|token| brace(token.kind)).sum();
        let before = open.max(0);
        loop {
            let token = self.token();
            let fresh = self.at > from && token.first_on_line && !self.continues_line();
            match token.kind {
                TokenKind::End => return,
                // Outside blocks a brace opened after the mistake is a block's, with statements inside.
                TokenKind::Semicolon if inside_block || open <= before => {
                    self.bump();
                    return;
                }
                _ if fresh && self.starts_statement(inside_block) => return,
                TokenKind::RightBrace if open <= 0 && self.nth(1).kind != TokenKind::Semicolon => {
                    if !inside_block {
                        self.bump();
                    }
                    return;
                }
                kind => open = (open + brace(kind)).max(0),
            }
            self.bump();
        }
    }

    /// True when the token before the current one cannot end a statement.
    fn continues_line(&self) -> bool {
        self.previous().is_some_and(|token| {
            matches!(
                token.kind,
                TokenKind::And
                    | TokenKind::Or
                    | TokenKind::Not
                    | TokenKind::If
                    | TokenKind::In
                    | TokenKind::Matches
                    | TokenKind::Comma
                    | TokenKind::LeftParen
                    | TokenKind::LeftBracket
                    | TokenKind::Colon
                    | TokenKind::Eq
                    | TokenKind::EqEq
                    | TokenKind::Neq
                    | TokenKind::Lt
                    | TokenKind::Gt
                    | TokenKind::Leq
                    | TokenKind::Geq
                    | TokenKind::Plus
                    | TokenKind::Minus
                    | TokenKind::Star
                    | TokenKind::Slash
                    | TokenKind::Dot
            )
        })
    }

    /// True when the current token looks like the start of a statement.
    fn starts_statement(&self, inside_block: bool) -> bool {
        self.starts_item() || (inside_block && self.starts_production())
    }
}

/// Whether a comma may stand before the closing bracket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trailing {
    Allowed,
    Refused,
}

/// Names, and the reserved words that may be keys and fields.
fn is_label(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Cut
            | TokenKind::Debug
            | TokenKind::Print
            | TokenKind::In
            | TokenKind::ForAll
            | TokenKind::If
            | TokenKind::And
            | TokenKind::Or
            | TokenKind::Not
            | TokenKind::New
            | TokenKind::Matches
    )
}
