//! Top-level forms: rules, rule types, inline queries and declarations; blocks and tests are in their own files.
//!
//! The words that start a form (`type`, `declare`, `test`, `actor`, …) are names; what stands after them decides.

use super::expressions::{ADD, OR};
use super::{PResult, Parser, Trailing};
use crate::lexer::TokenKind;
use crate::source::Span;
use crate::tree::{Declare, Expr, ExprKind, Head, InlineQuery, Item, Param, Rule};

impl Parser<'_> {
    /// All items to the end of the text.
    pub(super) fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while self.kind() != TokenKind::End {
            self.too_deep_told = false;
            self.item_or_skip(&mut items);
        }
        items
    }

    /// One item; where there is none, skips to where the next begins. Always consumes something.
    pub(super) fn item_or_skip(&mut self, items: &mut Vec<Item>) {
        let from = self.at;
        if self.nested(|parser| parser.item(items)).is_err() {
            self.resync(from, false);
        }
        if self.at == from {
            self.bump();
        }
    }

    fn item(&mut self, items: &mut Vec<Item>) -> PResult<()> {
        match self.kind() {
            TokenKind::Query => {
                let query = self.inline_query()?;
                items.push(Item::InlineQuery(query));
            }
            TokenKind::Name => return self.named_item(items),
            _ => return Err(self.no_item()),
        }
        Ok(())
    }

    /// True when the current token can start an item, judged by the next few.
    pub(super) fn starts_item(&self) -> bool {
        let (second, third) = (self.nth(1).kind, self.nth(2).kind);
        match (self.kind(), second) {
            (TokenKind::Query, _) => true,
            (TokenKind::Name, TokenKind::LeftParen | TokenKind::LeftBrace) => true,
            (TokenKind::Name, TokenKind::Name) => {
                self.is_word(1, "extends")
                    || matches!(third, TokenKind::LeftParen | TokenKind::LeftBrace)
                    || self.is_block_head()
            }
            (TokenKind::Name, TokenKind::String) => self.is_word(0, "test") && third == TokenKind::LeftBrace,
            _ => false,
        }
    }

    fn named_item(&mut self, items: &mut Vec<Item>) -> PResult<()> {
        let (second, third) = (self.nth(1).kind, self.nth(2).kind);
        match second {
            TokenKind::LeftParen => return self.rule(items),
            TokenKind::Name if third == TokenKind::LeftParen && self.is_word(0, "type") => {
                let start = self.bump().span;
                let type_head = self.head()?;
                items.push(Item::RuleType(type_head));
                self.end_of_statement(start, "rule type")?;
            }
            TokenKind::Name if third == TokenKind::LeftParen && self.is_word(0, "declare") => {
                let declare = self.declare()?;
                items.push(Item::Declare(declare));
            }
            TokenKind::Name if self.is_word(0, "test") && self.is_word(1, "fixture") => {
                let fixture = self.fixture()?;
                items.push(Item::Fixture(fixture));
            }
            TokenKind::String if self.is_word(0, "test") => {
                let test = self.test()?;
                items.push(Item::Test(test));
            }
            TokenKind::LeftBrace => self.block(items)?,
            TokenKind::Name if self.is_block_head() => self.block(items)?,
            _ => return Err(self.broken_item()),
        }
        Ok(())
    }

    /// `keyword Name {` or `keyword Name extends`, whatever the keyword.
    fn is_block_head(&self) -> bool {
        self.nth(1).kind == TokenKind::Name
            && (self.nth(2).kind == TokenKind::LeftBrace || self.is_word(2, "extends"))
    }

    fn rule(&mut self, items: &mut Vec<Item>) -> PResult<()> {
        let start = self.span();
        let head = self.head()?;
        let rule = |body, span| Item::Rule(Rule { head, body, span });
        // A rule whose body is broken stays known by its head, so that calls to it are not called undefined.
        let broken =
            |parser: &Self, at: Span| Some(Expr { kind: ExprKind::Error, span: parser.after_last().to(at) });
        let body = match self.rule_body() {
            Ok(body) => body,
            Err(reported) => {
                items.push(rule(broken(self, self.after_last()), start.to(self.last_span())));
                return Err(reported);
            }
        };
        let ended = self.end_of_statement(start, "rule");
        items.push(rule(body, start.to(self.last_span())));
        ended
    }

    fn rule_body(&mut self) -> PResult<Option<Expr>> {
        if self.kind() == TokenKind::If {
            let word = self.bump();
            if self.kind() == TokenKind::Semicolon {
                return Err(self.empty_body(word.span));
            }
            return Ok(Some(self.condition_or_value()?));
        }
        if let Some(mistaken) = self.mistaken_if() {
            return mistaken;
        }
        Ok(None)
    }

    /// `name(params)`
    pub(super) fn head(&mut self) -> PResult<Head> {
        let name = self.name("the name of a rule")?;
        let open = self.expect(TokenKind::LeftParen, "`(` and parameters")?.span;
        let params = match self.separated(TokenKind::RightParen, Trailing::Refused, "`,` or `)`", Self::param)
        {
            Ok(params) => params,
            Err(reported) => {
                self.note_unclosed_at_end(open);
                return Err(reported);
            }
        };
        let span = name.span.to(self.last_span());
        Ok(Head { name, params, span })
    }

    fn param(&mut self) -> PResult<Param> {
        let start = self.span();
        let term = self.value(ADD)?.expr;
        let mut specializer = None;
        if self.kind() == TokenKind::Colon {
            if !matches!(term.kind, ExprKind::Variable(_) | ExprKind::Error) {
                return Err(self.specialized_non_variable(term.span));
            }
            if self.is_colon_dash() {
                return Err(self.unexpected("a type or another pattern"));
            }
            self.bump();
            specializer = Some(self.pattern()?);
        }
        Ok(Param { term, specializer, span: start.to(self.last_span()) })
    }

    fn inline_query(&mut self) -> PResult<InlineQuery> {
        let start = self.bump().span;
        let query = self.expression(OR)?.expr;
        self.end_of_statement(start, "inline query")?;
        Ok(InlineQuery { query, span: start.to(self.last_span()) })
    }

    /// `declare is_public(Repo);`
    fn declare(&mut self) -> PResult<Declare> {
        let start = self.bump().span;
        let name = self.name("the name of a fact")?;
        self.expect(TokenKind::LeftParen, "`(` and types")?;
        let types = self.separated(TokenKind::RightParen, Trailing::Allowed, "`,` or `)`", |parser| {
            parser.name("the name of a type")
        })?;
        self.end_of_statement(start, "declaration")?;
        Ok(Declare { name, types, span: start.to(self.last_span()) })
    }
}
