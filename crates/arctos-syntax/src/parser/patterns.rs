//! What stands after `matches` and after a parameter's colon.
//!
//! At the top of a pattern a bare name is a class; inside a list or dictionary pattern it is a variable.

use super::{PResult, Parser};
use crate::lexer::TokenKind;
use crate::tree::{Expr, ExprKind, Ident, Pattern, PatternKind};

impl Parser<'_> {
    /// A pattern as a whole.
    pub(super) fn pattern(&mut self) -> PResult<Pattern> {
        if self.kind() == TokenKind::Name && self.nth(1).kind != TokenKind::LeftBrace {
            let token = self.bump();
            let class = self.ident(token);
            return Ok(Pattern { kind: PatternKind::Instance(class, Vec::new()), span: token.span });
        }
        match self.kind() {
            TokenKind::Name | TokenKind::LeftBracket | TokenKind::LeftBrace => {
                self.nested(Self::pattern_part)
            }
            _ if self.starts_literal() => {
                let value = self.literal()?.expr;
                let span = value.span;
                Ok(Pattern { kind: PatternKind::Value(value), span })
            }
            _ => Err(self.unexpected("a type or another pattern")),
        }
    }

    fn starts_literal(&self) -> bool {
        matches!(
            self.kind(),
            TokenKind::String
                | TokenKind::True
                | TokenKind::False
                | TokenKind::Integer(_)
                | TokenKind::Float(_)
                | TokenKind::Plus
                | TokenKind::Minus
                | TokenKind::BadLiteral
        )
    }

    /// A pattern inside another; also the forms that mean the same at the top.
    fn pattern_part(&mut self) -> PResult<Pattern> {
        let start = self.span();
        let kind = match self.kind() {
            TokenKind::Name if self.nth(1).kind == TokenKind::LeftBrace => self.instance_pattern()?,
            TokenKind::Name if self.nth(1).kind == TokenKind::LeftParen => {
                self.bump();
                return Err(self.unexpected("a pattern, which calls no rules"));
            }
            TokenKind::LeftBracket => {
                PatternKind::List(Box::new(self.list_of(|parser| parser.nested(Self::pattern_part))?))
            }
            TokenKind::LeftBrace => PatternKind::Dictionary(self.pattern_fields()?),
            TokenKind::Name => PatternKind::Value(self.postfix()?.expr),
            _ if self.starts_literal() => PatternKind::Value(self.postfix()?.expr),
            _ => return Err(self.unexpected("a type or another pattern")),
        };
        Ok(Pattern { kind, span: start.to(self.last_span()) })
    }

    /// `User{name: n}`, or the entity literal `User{"ann"}`.
    fn instance_pattern(&mut self) -> PResult<PatternKind> {
        if self.is_entity_body(2) {
            return Ok(PatternKind::Value(self.postfix()?.expr));
        }
        let token = self.bump();
        let class = self.ident(token);
        Ok(PatternKind::Instance(class, self.pattern_fields()?))
    }

    fn pattern_fields(&mut self) -> PResult<Vec<(Ident, Pattern)>> {
        self.fields(|parser, key| {
            if parser.eat(TokenKind::Colon) {
                return parser.nested(Self::pattern_part);
            }
            match parser.kind() {
                TokenKind::Comma | TokenKind::RightBrace => {
                    let value = Expr { kind: ExprKind::Variable(key.text.clone()), span: key.span };
                    Ok(Pattern { kind: PatternKind::Value(value), span: key.span })
                }
                _ => Err(parser.unexpected("`:` and a pattern after this field")),
            }
        })
    }
}
