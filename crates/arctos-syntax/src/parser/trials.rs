//! Tests that live in a policy: `test fixture name { … }` and `test "name" { … }` (facts dialect).

use super::expressions::ADD;
use super::{PResult, Parser};
use crate::lexer::TokenKind;
use crate::source::Span;
use crate::tree::{Assertion, Fixture, Head, Ident, Setting, SetupItem, Test};

impl Parser<'_> {
    /// `test fixture name { fact; … }`
    pub(super) fn fixture(&mut self) -> PResult<Fixture> {
        let start = self.bump().span;
        self.bump();
        let name = self.name("the name of the fixture")?;
        let mut facts = Vec::new();
        self.braced(start, |parser| {
            facts.push(parser.fact()?);
            Ok(())
        })?;
        Ok(Fixture { name, facts, span: start.to(self.last_span()) })
    }

    /// `test "name" { setup { … } assert …; }`
    pub(super) fn test(&mut self) -> PResult<Test> {
        let start = self.bump().span;
        let name = self.string("the name of the test")?;
        let mut test = Test { name, setup: Vec::new(), assertions: Vec::new(), span: start };
        self.braced(start, |parser| parser.test_line(&mut test))?;
        test.span = start.to(self.last_span());
        Ok(test)
    }

    /// `{ line … }`: each line recovers on its own.
    fn braced(&mut self, head: Span, mut line: impl FnMut(&mut Self) -> PResult<()>) -> PResult<()> {
        let head = head.to(self.last_span());
        let open = self.expect(TokenKind::LeftBrace, "`{`")?.span;
        loop {
            let from = self.at;
            match self.kind() {
                TokenKind::RightBrace => {
                    self.bump();
                    return Ok(());
                }
                TokenKind::End => {
                    self.unclosed_block(head, open);
                    return Ok(());
                }
                // A new test before the `}` of this one.
                _ if self.is_word(0, "test")
                    && self.starts_item()
                    && self.nth(1).kind != TokenKind::LeftParen =>
                {
                    self.unclosed_block(head, open);
                    return Ok(());
                }
                _ => {}
            }
            if line(self).is_err() {
                self.resync(from, true);
            }
            if self.at == from {
                self.bump();
            }
        }
    }

    fn test_line(&mut self, test: &mut Test) -> PResult<()> {
        let start = self.token();
        if self.is_word(0, "setup") && self.nth(1).kind == TokenKind::LeftBrace {
            self.bump();
            return self.braced(start.span, |parser| {
                let item = parser.setup_item()?;
                test.setup.push(item);
                Ok(())
            });
        }
        let positive = match () {
            () if self.is_word(0, "assert") => true,
            () if self.is_word(0, "assert_not") => false,
            () => {
                return Err(self.unexpected_word(
                    "`setup`, `assert` or `assert_not`",
                    &["setup", "assert", "assert_not"],
                ));
            }
        };
        self.bump();
        let query = self.head()?;
        let iff = match self.is_word(0, "iff") {
            true => {
                self.bump();
                Some(self.condition_or_value()?)
            }
            false => None,
        };
        self.end_of_statement(start.span, "assertion")?;
        test.assertions.push(Assertion { positive, query, iff, span: start.span.to(self.last_span()) });
        Ok(())
    }

    fn setup_item(&mut self) -> PResult<SetupItem> {
        if self.is_word(0, "fixture") && self.nth(1).kind == TokenKind::Name {
            let start = self.bump().span;
            let name = self.name("the name of a fixture")?;
            self.end_of_statement(start, "line")?;
            return Ok(SetupItem::Fixture(name));
        }
        if self.kind() == TokenKind::Request {
            return Ok(SetupItem::Value(self.setting()?));
        }
        Ok(SetupItem::Fact(self.fact()?))
    }

    /// `@current_unix_time = 1700000000;`
    fn setting(&mut self) -> PResult<Setting> {
        let word = self.bump().span;
        let name = Ident { text: self.text_of(word).trim_start_matches('@').into(), span: word };
        self.expect(TokenKind::Eq, "`=` and the value")?;
        let value = self.value(ADD)?.expr;
        self.end_of_statement(word, "line")?;
        Ok(Setting { name, value, span: word.to(self.last_span()) })
    }

    /// Facts to the end of the text.
    pub(super) fn facts(&mut self) -> Vec<Head> {
        let mut facts = Vec::new();
        while self.kind() != TokenKind::End {
            let from = self.at;
            self.too_deep_told = false;
            match self.fact() {
                Ok(fact) => facts.push(fact),
                Err(_) => self.resync(from, false),
            }
            if self.at == from {
                self.bump();
            }
        }
        facts
    }

    /// `has_role(User{"ann"}, "admin", Org{"acme"});`
    fn fact(&mut self) -> PResult<Head> {
        let start = self.span();
        if self.kind() != TokenKind::Name || self.nth(1).kind != TokenKind::LeftParen {
            if self.kind() == TokenKind::Name {
                self.bump();
                return Err(self.unexpected("`(` and the arguments of a fact"));
            }
            return Err(self.unexpected("a fact or `}`"));
        }
        let fact = self.head()?;
        if self.kind() == TokenKind::Dot {
            return Err(self.lookup_on_fact(fact.span));
        }
        self.end_of_statement(start, "fact")?;
        Ok(fact)
    }
}
