//! `actor`, `resource` and `global` blocks.
//!
//! A rule or block found inside a block is told once and then parsed as if it stood outside, so that a forgotten `}` does
//! not make everything after it an error.

use super::{PResult, Parser, Trailing};
use crate::lexer::TokenKind;
use crate::source::Span;
use crate::tree::{
    Block, BlockItem, BlockKind, Expr, ExprKind, Ident, Item, Shorthand, ShorthandExpr, ShorthandTerm,
    StringLit,
};

/// The declarations a block can have.
pub(super) const DECLARATIONS: [&str; 3] = ["roles", "permissions", "relations"];

impl Parser<'_> {
    /// A block, from its keyword; whatever the keyword is, the text has the form of a block.
    pub(super) fn block(&mut self, items: &mut Vec<Item>) -> PResult<()> {
        let start = self.span();
        let (kind, name) = self.block_head();
        let mut extends = Vec::new();
        if self.is_word(0, "extends") {
            self.bump();
            extends = self.supertypes()?;
        }
        let head = start.to(self.last_span());
        let open = self.expect(TokenKind::LeftBrace, "`{`")?.span;
        let (body, inner) = self.block_body(head, open);
        items.push(Item::Block(Block { kind, name, extends, body, span: start.to(self.last_span()) }));
        items.extend(inner);
        Ok(())
    }

    /// The keyword and the name; an unknown keyword is reported and taken for `resource`.
    fn block_head(&mut self) -> (BlockKind, Ident) {
        let word = self.bump();
        let keyword = self.ident(word);
        if self.kind() != TokenKind::Name {
            if keyword.text == "global" {
                return (BlockKind::Global, keyword);
            }
            self.unnamed_block(&keyword);
            return (BlockKind::Resource, keyword);
        }
        let token = self.bump();
        let name = self.ident(token);
        let kind = match keyword.text.as_str() {
            "actor" => BlockKind::Actor,
            "resource" => BlockKind::Resource,
            _ => {
                self.unknown_block(&keyword, &name);
                BlockKind::Resource
            }
        };
        (kind, name)
    }

    fn supertypes(&mut self) -> PResult<Vec<Ident>> {
        let mut types = vec![self.name("the name of a type after `extends`")?];
        while self.eat(TokenKind::Comma) && self.kind() != TokenKind::LeftBrace {
            types.push(self.name("the name of a type")?);
        }
        Ok(types)
    }

    fn block_body(&mut self, head: Span, open: Span) -> (Vec<BlockItem>, Vec<Item>) {
        let (mut body, mut inner) = (Vec::new(), Vec::new());
        let mut told = self.in_torn_block;
        loop {
            let from = self.at;
            match self.kind() {
                TokenKind::RightBrace => {
                    self.bump();
                    return (body, inner);
                }
                TokenKind::End => {
                    if !told {
                        self.unclosed_block(head, open);
                    }
                    return (body, inner);
                }
                _ if self.starts_item() => {
                    if !told {
                        self.item_in_block(head);
                        told = true;
                    }
                    let outside = std::mem::replace(&mut self.in_torn_block, true);
                    self.item_or_skip(&mut inner);
                    self.in_torn_block = outside;
                }
                _ => {
                    if self.production(&mut body).is_err() {
                        self.resync(from, true);
                    }
                }
            }
            if self.at == from {
                self.bump();
            }
        }
    }

    /// True when the current token can start a declaration or a shorthand rule.
    pub(super) fn starts_production(&self) -> bool {
        let second = self.nth(1).kind;
        match self.kind() {
            TokenKind::String => second == TokenKind::If,
            TokenKind::Name => matches!(second, TokenKind::If | TokenKind::Eq),
            _ => false,
        }
    }

    fn production(&mut self, body: &mut Vec<BlockItem>) -> PResult<()> {
        let start = self.span();
        match (self.kind(), self.nth(1).kind) {
            (TokenKind::Name, TokenKind::Eq | TokenKind::EqEq | TokenKind::Colon | TokenKind::Assign) => {
                self.declaration(body)?;
                self.end_of_statement(start, "declaration")
            }
            (TokenKind::Name | TokenKind::String | TokenKind::BadLiteral, _) => {
                let head = self.shorthand_term("a role, permission or relation")?;
                if self.kind() != TokenKind::If {
                    return Err(self.no_shorthand_body(&head));
                }
                self.bump();
                let condition = self.shorthand_or()?;
                let ended = self.end_of_statement(start, "shorthand rule");
                body.push(BlockItem::Shorthand(Shorthand {
                    head,
                    body: condition,
                    span: start.to(self.last_span()),
                }));
                ended
            }
            _ => Err(self.unexpected("a declaration, a shorthand rule or `}`")),
        }
    }

    /// `roles = [ … ]`, `permissions = [ … ]`, `relations = { … }`
    fn declaration(&mut self, body: &mut Vec<BlockItem>) -> PResult<()> {
        let token = self.bump();
        let name = self.ident(token);
        let sign = self.bump();
        if sign.kind != TokenKind::Eq {
            self.declared_without_equals(&name, sign);
        }
        let bracket = self.kind();
        match (name.text.as_str(), bracket) {
            ("roles", TokenKind::LeftBracket) => {
                let list = self.string_list(&name)?;
                body.push(BlockItem::Roles(list, name.span.to(self.last_span())));
            }
            ("permissions", TokenKind::LeftBracket) => {
                let list = self.string_list(&name)?;
                body.push(BlockItem::Permissions(list, name.span.to(self.last_span())));
            }
            ("relations", TokenKind::LeftBrace) => {
                let relations = self.relations()?;
                body.push(BlockItem::Relations(relations, name.span.to(self.last_span())));
            }
            ("roles" | "permissions" | "relations", _) => return Err(self.malformed_declaration(&name)),
            _ => {
                self.unknown_declaration(&name, bracket);
                return self.skip_declared_value();
            }
        }
        Ok(())
    }

    fn skip_declared_value(&mut self) -> PResult<()> {
        let saved = self.diagnostics.len();
        let skipped = self.postfix();
        // Whatever else is wrong inside an unknown declaration says nothing new.
        self.diagnostics.truncate(saved);
        skipped.map(|_| ())
    }

    fn string_list(&mut self, declared: &Ident) -> PResult<Vec<StringLit>> {
        self.bump();
        let declared = declared.clone();
        self.separated(TokenKind::RightBracket, Trailing::Allowed, "`,` or `]`", |parser| {
            match parser.kind() {
                TokenKind::String | TokenKind::BadLiteral => parser.string("a string"),
                TokenKind::Name
                | TokenKind::Integer(_)
                | TokenKind::Float(_)
                | TokenKind::True
                | TokenKind::False => Err(parser.unquoted_in_declaration(&declared)),
                _ => Err(parser.unexpected("a string or `]`")),
            }
        })
    }

    /// `{ parent: Org, Folder }`
    fn relations(&mut self) -> PResult<Vec<(Ident, Ident)>> {
        self.fields(|parser, key| match parser.kind() {
            TokenKind::Colon => {
                parser.bump();
                match parser.kind() {
                    TokenKind::String => Err(parser.quoted_relation_type()),
                    _ => parser.name("the name of a type"),
                }
            }
            TokenKind::Comma | TokenKind::RightBrace => Ok(key.clone()),
            _ => Err(parser.unexpected("`:` and the name of a type")),
        })
    }

    fn shorthand_term(&mut self, expected: &str) -> PResult<ShorthandTerm> {
        match self.kind() {
            TokenKind::Name => Ok(ShorthandTerm::Word(self.name(expected)?)),
            _ => Ok(ShorthandTerm::Name(self.string(expected)?)),
        }
    }

    fn shorthand_or(&mut self) -> PResult<ShorthandExpr> {
        let mut parts = vec![self.shorthand_and()?];
        while self.eat(TokenKind::Or) {
            parts.push(self.shorthand_and()?);
        }
        Ok(flatten(parts, ShorthandExpr::Or, |part| match part {
            ShorthandExpr::Or(inner) => Ok(inner),
            other => Err(other),
        }))
    }

    fn shorthand_and(&mut self) -> PResult<ShorthandExpr> {
        let mut parts = vec![self.shorthand_atom()?];
        while self.eat(TokenKind::And) {
            parts.push(self.shorthand_atom()?);
        }
        Ok(flatten(parts, ShorthandExpr::And, |part| match part {
            ShorthandExpr::And(inner) => Ok(inner),
            other => Err(other),
        }))
    }

    fn shorthand_atom(&mut self) -> PResult<ShorthandExpr> {
        let start = self.span();
        match (self.kind(), self.nth(1).kind) {
            (TokenKind::LeftParen, _) => {
                self.bump();
                let inner = self.nested(Self::shorthand_or)?;
                self.close(TokenKind::RightParen, start, "`)`")?;
                return Ok(inner);
            }
            (TokenKind::Name, TokenKind::LeftParen) => {
                let call = self.postfix()?.expr;
                return Ok(ShorthandExpr::Call(self.only_call(call)));
            }
            (TokenKind::Name, TokenKind::String | TokenKind::Name)
                if self.is_word(0, "global") && !self.is_word(1, "on") =>
            {
                self.bump();
                let term = self.shorthand_term("a global role or permission")?;
                return Ok(ShorthandExpr::Global(term, start.to(self.last_span())));
            }
            _ => {}
        }
        if !matches!(self.kind(), TokenKind::Name | TokenKind::String | TokenKind::BadLiteral) {
            return Err(self.no_shorthand_condition());
        }
        let term = self.shorthand_term("a role, permission or relation")?;
        let next = self.token();
        if next.kind == TokenKind::Name && !(next.first_on_line && self.starts_production()) {
            if !self.is_word(0, "on") {
                self.unknown_relation_keyword();
            }
            self.bump();
            let relation = self.shorthand_term("the name of a relation")?;
            return Ok(ShorthandExpr::Holds(term, Some(relation)));
        }
        Ok(ShorthandExpr::Holds(term, None))
    }

    fn only_call(&mut self, call: Expr) -> Expr {
        match call.kind {
            ExprKind::Call(_) | ExprKind::Error => call,
            _ => {
                self.lookup_in_shorthand(call.span);
                Expr { kind: ExprKind::Error, span: call.span }
            }
        }
    }
}

/// One part stands for itself; several are joined, and those already joined the same way are taken apart.
fn flatten(
    parts: Vec<ShorthandExpr>,
    join: fn(Vec<ShorthandExpr>) -> ShorthandExpr,
    open: fn(ShorthandExpr) -> Result<Vec<ShorthandExpr>, ShorthandExpr>,
) -> ShorthandExpr {
    let several = parts.len() > 1;
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match open(part) {
            Ok(inner) if several => flat.extend(inner),
            Ok(inner) => return join(inner),
            Err(other) if several => flat.push(other),
            Err(other) => return other,
        }
    }
    join(flat)
}
