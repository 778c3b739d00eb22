//! Literals, names, calls, lists, dictionaries, and what may follow them after a dot.

use std::collections::HashMap;

use super::expressions::{ADD, COMPARE, OR, binary};
use super::{MAX_DEPTH, Node, PResult, Parser, Trailing, is_label};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lexer::{MOST_NEGATIVE, Token, TokenKind, integer_overflow, unescape};
use crate::source::Span;
use crate::tree::{BinaryOp, Call, Dot, Expr, ExprKind, Ident, List, Member, Text};

/// The arguments of a call and how deep the deepest is.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) positional: Vec<Expr>,
    pub(super) keyword: Vec<(Ident, Expr)>,
    pub(super) depth: u32,
    keys: Keys,
}

/// Finds a key that stands twice. PERF: few keys are compared one by one, many are looked up.
#[derive(Default)]
struct Keys {
    places: HashMap<Text, Span>,
}

impl Keys {
    /// Where a key stands among those before it, if it does.
    fn earlier<T>(&mut self, key: &Ident, before: &[(Ident, T)]) -> Option<Span> {
        if before.len() <= FEW {
            return before.iter().find(|(known, _)| known.text == key.text).map(|(known, _)| known.span);
        }
        let unknown = before.get(self.places.len()..).unwrap_or_default();
        self.places.extend(unknown.iter().map(|(known, _)| (known.text.clone(), known.span)));
        self.places.get(&key.text).copied()
    }
}

/// So many keys are few.
const FEW: usize = 16;

impl Parser<'_> {
    fn node(&self, kind: ExprKind, start: Span, depth: u32) -> Node {
        let span = start.to(self.last_span());
        Node { expr: Expr { kind, span }, outer: span, depth }
    }

    /// An atom and the lookups after it.
    pub(super) fn postfix(&mut self) -> PResult<Node> {
        let mut node = self.atom()?;
        while self.kind() == TokenKind::Dot {
            node = self.lookup_onto(node)?;
        }
        Ok(node)
    }

    fn lookup_onto(&mut self, node: Node) -> PResult<Node> {
        self.bump();
        let object = self.as_value(node);
        let (member, depth) = self.member()?;
        let outer = object.outer.to(self.last_span());
        let depth = object.depth.max(depth) + 1;
        if depth > MAX_DEPTH {
            return Err(self.too_deep(self.last_span()));
        }
        let kind = ExprKind::Dot(Box::new(Dot { object: object.expr, member }));
        Ok(Node { expr: Expr { kind, span: outer }, outer, depth })
    }

    fn member(&mut self) -> PResult<(Member, u32)> {
        if self.eat(TokenKind::LeftParen) {
            let key = self.nested(Self::atom)?;
            if !matches!(key.expr.kind, ExprKind::String(_) | ExprKind::Variable(_) | ExprKind::Error) {
                return Err(self.dynamic_key(key.expr.span));
            }
            self.expect(TokenKind::RightParen, "`)`")?;
            return Ok((Member::Dynamic(key.expr), 1));
        }
        let name = self.label("a field name after `.`")?;
        if self.kind() != TokenKind::LeftParen {
            return Ok((Member::Field(name), 0));
        }
        let Arguments { positional, keyword, depth, .. } = self.arguments()?;
        Ok((Member::Method(Box::new(Call { name, args: positional, kwargs: keyword })), depth))
    }

    pub(super) fn atom(&mut self) -> PResult<Node> {
        match self.kind() {
            TokenKind::Name => self.named(),
            TokenKind::LeftBracket => self.list(),
            TokenKind::LeftBrace => self.dictionary(),
            TokenKind::LeftParen => self.parenthesised(),
            TokenKind::New => self.construction(),
            TokenKind::ForAll => self.for_all(),
            TokenKind::Print | TokenKind::Debug => self.statement_call(),
            TokenKind::In => self.prefix_in(),
            TokenKind::Dot => self.prefix_dot(),
            _ => self.literal(),
        }
    }

    /// An atom that has no other inside.
    pub(super) fn literal(&mut self) -> PResult<Node> {
        let token = self.token();
        let text = self.text_of(token.span);
        let kind = match token.kind {
            TokenKind::Integer(_) | TokenKind::Float(_) | TokenKind::Plus | TokenKind::Minus => {
                let number = self.number()?;
                return Ok(self.node(number, token.span, 1));
            }
            TokenKind::String => ExprKind::String(unescape(text)),
            TokenKind::BadLiteral => ExprKind::Error,
            TokenKind::True | TokenKind::False => ExprKind::Boolean(token.kind == TokenKind::True),
            TokenKind::Request => ExprKind::RequestValue(text.trim_start_matches('@').into()),
            TokenKind::Cut => ExprKind::Cut,
            _ => return Err(self.unexpected("an expression")),
        };
        self.bump();
        Ok(self.node(kind, token.span, 1))
    }

    /// A number with its sign, which belongs to the literal.
    pub(super) fn number(&mut self) -> PResult<ExprKind> {
        let sign = match self.kind() {
            TokenKind::Plus | TokenKind::Minus => Some(self.bump()),
            _ => None,
        };
        let negative = sign.is_some_and(|sign| sign.kind == TokenKind::Minus);
        let token = self.token();
        let literal = match token.kind {
            TokenKind::Integer(value) if negative => ExprKind::Integer(0_i64.wrapping_sub_unsigned(value)),
            TokenKind::Integer(value) if value < MOST_NEGATIVE => ExprKind::Integer(value as i64),
            TokenKind::Integer(_) => {
                let diagnostic = integer_overflow(token.span, self.text_of(token.span));
                self.report(diagnostic);
                ExprKind::Error
            }
            TokenKind::Float(value) => ExprKind::Float(if negative { -value } else { value }),
            TokenKind::BadLiteral => ExprKind::Error,
            _ => return Err(self.sign_without_number()),
        };
        self.bump();
        Ok(literal)
    }

    /// A variable, a rule call or an entity literal.
    fn named(&mut self) -> PResult<Node> {
        let token = self.bump();
        match self.kind() {
            TokenKind::LeftParen => {
                let arguments = self.arguments()?;
                Ok(self.rule_call(token, arguments))
            }
            TokenKind::LeftBrace => self.entity(token),
            _ => Ok(self.variable(token)),
        }
    }

    fn variable(&self, token: Token) -> Node {
        self.node(ExprKind::Variable(self.text_of(token.span).into()), token.span, 1)
    }

    fn rule_call(&mut self, token: Token, arguments: Arguments) -> Node {
        let name = self.ident(token);
        let Arguments { positional, keyword, depth, .. } = arguments;
        if let Some((key, _)) = keyword.first() {
            let diagnostic = keyword_on_rule_call(&name, key);
            self.report(diagnostic);
        }
        let call = Call { name, args: positional, kwargs: keyword };
        self.node(ExprKind::Call(Box::new(call)), token.span, depth + 1)
    }

    /// `User{"ann"}`
    fn entity(&mut self, token: Token) -> PResult<Node> {
        let name = self.ident(token);
        if !self.is_entity_body(1) {
            return Err(self.pattern_as_value(&name));
        }
        self.bump();
        let id = self.literal()?;
        self.expect(TokenKind::RightBrace, "`}`")?;
        Ok(self.node(ExprKind::Entity(Box::new(name), Box::new(id.expr)), token.span, 2))
    }

    /// True when the tokens from the `n`th on are the inside of `User{"ann"}`.
    pub(super) fn is_entity_body(&self, n: usize) -> bool {
        match self.nth(n).kind {
            TokenKind::String
            | TokenKind::Integer(_)
            | TokenKind::True
            | TokenKind::False
            | TokenKind::BadLiteral => true,
            TokenKind::Plus | TokenKind::Minus => matches!(self.nth(n + 1).kind, TokenKind::Integer(_)),
            _ => false,
        }
    }

    fn parenthesised(&mut self) -> PResult<Node> {
        let open = self.bump().span;
        let inner = self.expression(OR)?;
        self.close(TokenKind::RightParen, open, "`)`")?;
        Ok(Node { outer: open.to(self.last_span()), ..inner })
    }

    /// `[a, b, *rest]`
    fn list(&mut self) -> PResult<Node> {
        let open = self.span();
        let mut deepest = 0;
        let list = self.list_of(|parser| {
            let item = parser.value(ADD)?;
            deepest = deepest.max(item.depth);
            Ok(item.expr)
        })?;
        Ok(self.node(ExprKind::List(Box::new(list)), open, deepest + 1))
    }

    /// A bracketed list with an optional `*rest` at its end; a trailing comma may stand.
    pub(super) fn list_of<T>(&mut self, mut item: impl FnMut(&mut Self) -> PResult<T>) -> PResult<List<T>> {
        let open = self.bump().span;
        let mut list = List { items: Vec::new(), rest: None };
        loop {
            if self.eat(TokenKind::RightBracket) {
                return Ok(list);
            }
            if self.eat(TokenKind::Star) {
                list.rest = Some(self.name("the name of a variable after `*`")?);
                match self.eat(TokenKind::RightBracket) {
                    true => return Ok(list),
                    false => return Err(self.after_rest()),
                }
            }
            list.items.push(item(self)?);
            if self.kind() != TokenKind::RightBracket && !self.eat(TokenKind::Comma) {
                return Err(self.unclosed(open, "`,` or `]`"));
            }
        }
    }

    /// `{a: 1, b}`
    fn dictionary(&mut self) -> PResult<Node> {
        let open = self.span();
        let mut deepest = 1;
        let fields = self.fields(|parser, key| {
            if !parser.eat(TokenKind::Colon) {
                return match parser.kind() {
                    TokenKind::Comma | TokenKind::RightBrace
                        if !is_reserved_label(parser.previous().map(|t| t.kind)) =>
                    {
                        Ok(Expr { kind: ExprKind::Variable(key.text.clone()), span: key.span })
                    }
                    _ => Err(parser.unexpected("`:` and a value after this key")),
                };
            }
            let value = parser.value(COMPARE)?;
            deepest = deepest.max(value.depth);
            Ok(value.expr)
        })?;
        Ok(self.node(ExprKind::Dictionary(fields), open, deepest + 1))
    }

    /// `{key …, key …}` with unique keys; `value` parses what follows a key.
    pub(super) fn fields<T>(
        &mut self,
        mut value: impl FnMut(&mut Self, &Ident) -> PResult<T>,
    ) -> PResult<Vec<(Ident, T)>> {
        let open = self.bump().span;
        let mut fields: Vec<(Ident, T)> = Vec::new();
        let mut keys = Keys::default();
        loop {
            if self.eat(TokenKind::RightBrace) {
                return Ok(fields);
            }
            let key = self.key()?;
            let value = value(self, &key)?;
            match keys.earlier(&key, &fields) {
                Some(first) => _ = self.duplicate_key(&key, first),
                None => fields.push((key, value)),
            }
            if self.kind() != TokenKind::RightBrace && !self.eat(TokenKind::Comma) {
                return Err(self.unclosed(open, "`,` or `}`"));
            }
        }
    }

    /// `new Class(a, k: v)`
    fn construction(&mut self) -> PResult<Node> {
        let new = self.bump().span;
        if self.kind() == TokenKind::LeftParen {
            return Err(self.new_without_class(new));
        }
        let name = self.name("the name of a class after `new`")?;
        if self.kind() != TokenKind::LeftParen {
            return Err(self.unexpected("`(` and the arguments of the constructor"));
        }
        let Arguments { positional, keyword, depth, .. } = self.arguments()?;
        let call = Call { name, args: positional, kwargs: keyword };
        Ok(self.node(ExprKind::New(Box::new(call)), new, depth + 1))
    }

    /// `forall(condition, action)`
    fn for_all(&mut self) -> PResult<Node> {
        let start = self.bump().span;
        self.expect(TokenKind::LeftParen, "`(` after `forall`")?;
        let condition = self.expression(OR)?;
        let condition = self.as_condition(condition);
        self.expect(TokenKind::Comma, "`,` and what must hold for each")?;
        let action = self.expression(OR)?;
        let action = self.as_condition(action);
        self.expect(TokenKind::RightParen, "`)`")?;
        let depth = condition.depth.max(action.depth) + 1;
        Ok(self.node(ExprKind::ForAll(Box::new(condition.expr), Box::new(action.expr)), start, depth))
    }

    /// `print(a, b,)` and `debug(a)`
    fn statement_call(&mut self) -> PResult<Node> {
        let word = self.bump();
        self.expect(TokenKind::LeftParen, "`(` and arguments")?;
        let mut deepest = 0;
        let args = self.separated(TokenKind::RightParen, Trailing::Allowed, "`,` or `)`", |parser| {
            let value = parser.value(OR)?;
            deepest = deepest.max(value.depth);
            Ok(value.expr)
        })?;
        let kind = match word.kind {
            TokenKind::Print => ExprKind::Print(args),
            _ => ExprKind::Debug(args),
        };
        Ok(self.node(kind, word.span, deepest + 1))
    }

    /// `in(x, list)`, an old spelling of `x in list`.
    fn prefix_in(&mut self) -> PResult<Node> {
        let word = self.bump().span;
        self.expect(TokenKind::LeftParen, "`(` after an `in` with nothing before it")?;
        let left = self.value(COMPARE)?;
        self.expect(TokenKind::Comma, "`,` and a list")?;
        let right = self.value(COMPARE)?;
        self.expect(TokenKind::RightParen, "`)`")?;
        let outer = word.to(self.last_span());
        let node = binary(BinaryOp::In, word, left, right);
        Ok(Node { expr: Expr { span: outer, ..node.expr }, outer, depth: node.depth })
    }

    /// `.(object, "field", out)`, an old spelling of `object.("field") = out`.
    fn prefix_dot(&mut self) -> PResult<Node> {
        let dot = self.span();
        if self.nth(1).kind != TokenKind::LeftParen {
            return Err(self.unexpected("an expression"));
        }
        self.bump();
        let arguments = self.arguments()?;
        Ok(self.lookup_of(dot, arguments))
    }

    fn lookup_of(&mut self, dot: Span, arguments: Arguments) -> Node {
        let Arguments { positional, keyword, depth, .. } = arguments;
        let outer = dot.to(self.last_span());
        let mut args = positional.into_iter();
        match (args.next(), args.next(), args.next(), args.next()) {
            (Some(object), Some(key), Some(out), None)
                if keyword.is_empty() && matches!(key.kind, ExprKind::String(_) | ExprKind::Variable(_)) =>
            {
                let kind = ExprKind::Dot(Box::new(Dot { object, member: Member::Dynamic(key) }));
                let left = Node { expr: Expr { kind, span: outer }, outer, depth: depth + 1 };
                let right = Node { outer: out.span, expr: out, depth };
                let node = binary(BinaryOp::Unify, dot, left, right);
                Node { expr: Expr { span: outer, ..node.expr }, outer, depth: node.depth }
            }
            _ => {
                self.report(
                    Diagnostic::new(codes::MALFORMED_FORM, outer, "a lookup stands after its object")
                        .help("write `object.field` or `object.(\"field\")`"),
                );
                self.node(ExprKind::Error, dot, 1)
            }
        }
    }

    /// `(a, b, k: v)`
    pub(super) fn arguments(&mut self) -> PResult<Arguments> {
        let open = self.expect(TokenKind::LeftParen, "`(`")?.span;
        let mut arguments = Arguments::default();
        if self.eat(TokenKind::RightParen) {
            return Ok(arguments);
        }
        loop {
            self.argument(&mut arguments)?;
            if self.eat(TokenKind::RightParen) {
                return Ok(arguments);
            }
            if self.kind() != TokenKind::Comma {
                return Err(self.unclosed(open, "`,` or `)`"));
            }
            let comma = self.bump();
            if self.kind() == TokenKind::RightParen {
                self.trailing_comma(comma);
                self.bump();
                return Ok(arguments);
            }
        }
    }

    fn argument(&mut self, arguments: &mut Arguments) -> PResult<()> {
        if is_label(self.kind()) && self.nth(1).kind == TokenKind::Colon {
            let key = self.bump();
            self.bump();
            let value = self.value(OR)?;
            self.keyword_argument(arguments, key, value);
            return Ok(());
        }
        let value = self.value(OR)?;
        self.positional_argument(arguments, value)
    }

    fn keyword_argument(&mut self, arguments: &mut Arguments, key: Token, value: Node) {
        let key = self.ident(key);
        arguments.depth = arguments.depth.max(value.depth);
        match arguments.keys.earlier(&key, &arguments.keyword) {
            Some(first) => _ = self.duplicate_key(&key, first),
            None => arguments.keyword.push((key, value.expr)),
        }
    }

    fn positional_argument(&mut self, arguments: &mut Arguments, value: Node) -> PResult<()> {
        if let Some((key, _)) = arguments.keyword.first() {
            let key = key.span;
            return Err(self.positional_after_keyword(value.expr.span, key));
        }
        arguments.depth = arguments.depth.max(value.depth);
        arguments.positional.push(value.expr);
        Ok(())
    }
}

fn is_reserved_label(kind: Option<TokenKind>) -> bool {
    kind.is_some_and(|kind| is_label(kind) && kind != TokenKind::Name)
}

/// P0111: rules have no keyword parameters.
fn keyword_on_rule_call(name: &Ident, key: &Ident) -> Diagnostic {
    let message = format!("`{}` is called as a rule, and rules take no keyword arguments", name.text);
    Diagnostic::new(codes::MALFORMED_FORM, key.span, message).help(format!(
        "pass `{}` by its position; to construct an object write `new {}(…)`",
        key.text, name.text
    ))
}
