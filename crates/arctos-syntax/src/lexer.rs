//! Text to tokens.
//!
//! The lexer never fails: what is no token becomes [`TokenKind::Bad`] or [`TokenKind::BadLiteral`] with a diagnostic, and the
//! parser stays silent about such a token, so that one mistake is told once. The last token is always [`TokenKind::End`].
//!
//! INVARIANT: each step consumes at least one character; spans start and end on character boundaries and do not overlap.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};
use crate::suggest::near;
use crate::tree::Text;

/// What a token is. Names, strings and numbers keep their text in the source; the contextual words (`actor`, `test`,
/// `type`, …) are plain names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// An integer of at most 2⁶³, which only fits with a minus before it.
    Integer(u64),
    Float(f64),
    String,
    Name,
    /// `@name`
    Request,
    True,
    False,
    New,
    In,
    Cut,
    Debug,
    Print,
    Isa,
    ForAll,
    If,
    And,
    Or,
    Not,
    Matches,
    Mod,
    Rem,
    Colon,
    Comma,
    LeftBracket,
    RightBracket,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    Dot,
    Bang,
    Star,
    Slash,
    Plus,
    Minus,
    EqEq,
    Neq,
    Leq,
    Geq,
    Lt,
    Gt,
    Eq,
    Assign,
    Pipe,
    Semicolon,
    Query,
    /// A literal that was reported as malformed; stands for a value.
    BadLiteral,
    /// Characters that were reported.
    Bad,
    /// The end of the text; its span is empty.
    End,
}

/// A token with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
    /// True when it is the first token on its line.
    pub(crate) first_on_line: bool,
    /// True when it ended only because its line or the text did: what follows may have belonged to it.
    pub(crate) torn: bool,
}

/// The values of a request that can be named after `@`.
pub(crate) const REQUEST_VALUES: [&str; 3] = ["current_unix_time", "context", "action"];

/// Lexes a whole text.
pub(crate) fn lex(source: SourceId, text: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    // Spans hold 32-bit offsets; nobody writes a policy of 4 GiB, so the rest is refused rather than looked at.
    let mut readable = text.len().min(u32::MAX as usize - 1);
    while !text.is_char_boundary(readable) {
        readable -= 1;
    }
    let mut lexer = Lexer {
        source,
        text: text.get(..readable).unwrap_or(""),
        at: 0,
        torn: false,
        tokens: Vec::with_capacity(readable / 3 + 1),
        diagnostics: Vec::new(),
    };
    lexer.run();
    if readable < text.len() {
        let end = lexer.span_from(readable);
        lexer.report(Diagnostic::new(codes::INVALID_CHARACTER, end, "the text is longer than 4 GiB"));
    }
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'a> {
    source: SourceId,
    text: &'a str,
    at: usize,
    torn: bool,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        let mut first_on_line = true;
        while let Some(byte) = self.byte() {
            match byte {
                b'\n' => {
                    first_on_line = true;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' => self.skip_bytes(|byte| byte != b'\n' && byte != b'\r'),
                _ => {
                    let start = self.at;
                    self.torn = false;
                    let kind = self.token(byte);
                    if self.at == start {
                        self.advance();
                    }
                    let span = self.span_from(start);
                    self.tokens.push(Token { kind, span, first_on_line, torn: self.torn });
                    first_on_line = false;
                }
            }
        }
        let span = self.span_from(self.at);
        self.tokens.push(Token { kind: TokenKind::End, span, first_on_line, torn: false });
    }

    /// PERF: looks at bytes; what is not ASCII is rare and takes the longer way.
    fn token(&mut self, byte: u8) -> TokenKind {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
            b'"' => self.string(),
            b'0'..=b'9' => self.number(),
            b'@' => self.request(),
            _ => match self.punctuation(byte) {
                Some(kind) => kind,
                None => match self.peek() {
                    Some(c) if is_name_start(c) => self.name(),
                    Some(c) => self.invalid(c),
                    None => TokenKind::Bad,
                },
            },
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips bytes; `keep` refuses those of no ASCII character, or it takes them all, so that the place stays a boundary.
    fn skip_bytes(&mut self, keep: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !keep(*byte)).unwrap_or(rest.len());
    }

    /// Skips what a name may go on with.
    fn skip_name(&mut self) {
        self.skip_bytes(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
        if self.byte().is_some_and(|byte| !byte.is_ascii()) {
            self.skip_while(is_name_continue);
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn skip_while(&mut self, keep: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !keep(c)).unwrap_or(rest.len());
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.advance();
        }
        found
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.source, start as u32, self.at as u32)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn string(&mut self) -> TokenKind {
        let start = self.at;
        self.advance();
        loop {
            self.skip_bytes(|byte| !matches!(byte, b'"' | b'\\' | b'\n'));
            match self.peek() {
                Some('"') => {
                    self.advance();
                    return TokenKind::String;
                }
                Some('\\') => {
                    self.advance();
                    self.advance();
                }
                end => {
                    self.torn = true;
                    let message = match end {
                        None => "this string has no closing quote",
                        Some(_) => "this string does not end on its line",
                    };
                    let diagnostic =
                        Diagnostic::new(codes::UNTERMINATED_STRING, self.span_from(start), message)
                            .primary("starts here")
                            .help("end it with `\"`; write a line break inside a string as `\\n`");
                    self.report(diagnostic);
                    return TokenKind::BadLiteral;
                }
            }
        }
    }

    fn number(&mut self) -> TokenKind {
        let start = self.at;
        let digits = |byte: u8| byte.is_ascii_digit();
        self.skip_bytes(digits);
        let mut float = self.eat('.');
        if float {
            self.skip_bytes(digits);
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            float = true;
            self.advance();
            self.skip_bytes(digits);
            if matches!(self.peek(), Some('+' | '-')) {
                self.advance();
            }
            self.skip_bytes(digits);
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        match float {
            false => self.integer(start, text),
            true => match text.parse() {
                Ok(value) => TokenKind::Float(value),
                Err(_) => self.bad_float(start),
            },
        }
    }

    fn integer(&mut self, start: usize, text: &str) -> TokenKind {
        match text.parse::<u64>() {
            Ok(value) if value <= MOST_NEGATIVE => TokenKind::Integer(value),
            _ => {
                let diagnostic = integer_overflow(self.span_from(start), text);
                self.report(diagnostic);
                TokenKind::BadLiteral
            }
        }
    }

    fn bad_float(&mut self, start: usize) -> TokenKind {
        self.skip_while(is_name_continue);
        let text = self.text.get(start..self.at).unwrap_or("");
        let diagnostic =
            Diagnostic::new(codes::INVALID_FLOAT, self.span_from(start), format!("`{text}` is not a number"))
                .help("a float is written like `1.5`, `1e6` or `2.5e-3`");
        self.report(diagnostic);
        TokenKind::BadLiteral
    }

    fn request(&mut self) -> TokenKind {
        let start = self.at;
        self.advance();
        if !self.peek().is_some_and(is_name_start) {
            let diagnostic =
                Diagnostic::new(codes::INVALID_CHARACTER, self.span_from(start), "`@` stands before no name")
                    .help("values of the request are `@current_unix_time`, `@context` and `@action`");
            self.report(diagnostic);
            return TokenKind::Bad;
        }
        self.skip_while(is_name_continue);
        let name = self.text.get(start + 1..self.at).unwrap_or("");
        if REQUEST_VALUES.contains(&name) {
            return TokenKind::Request;
        }
        let diagnostic = Diagnostic::new(
            codes::INVALID_CHARACTER,
            self.span_from(start),
            format!("there is no request value `@{name}`"),
        );
        let diagnostic = match near(name, REQUEST_VALUES) {
            Some(near) => diagnostic
                .help(format!("did you mean `@{near}`?"))
                .fix(self.span_from(start), format!("@{near}")),
            None => {
                diagnostic.help("values of the request are `@current_unix_time`, `@context` and `@action`")
            }
        };
        self.report(diagnostic);
        TokenKind::BadLiteral
    }

    fn name(&mut self) -> TokenKind {
        let start = self.at;
        self.skip_name();
        while self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(b"::")) {
            let colons = self.at;
            self.at += 2;
            if self.peek().is_some_and(is_name_start) {
                self.skip_while(is_name_continue);
                continue;
            }
            let diagnostic = Diagnostic::new(
                codes::INVALID_CHARACTER,
                self.span_from(colons),
                "`::` stands before no name",
            )
            .help("write one `:` before a type, or a name after `::`");
            // What follows was probably meant as the rest of the name.
            self.torn = true;
            self.report(diagnostic);
            return TokenKind::Name;
        }
        if self.byte() == Some(b'?') {
            self.at += 1;
            return TokenKind::Name;
        }
        keyword(self.text.get(start..self.at).unwrap_or(""))
    }

    fn punctuation(&mut self, byte: u8) -> Option<TokenKind> {
        let (kind, length) = match (byte, self.text.as_bytes().get(self.at + 1)) {
            (b'=', Some(b'=')) => (TokenKind::EqEq, 2),
            (b'!', Some(b'=')) => (TokenKind::Neq, 2),
            (b'<', Some(b'=')) => (TokenKind::Leq, 2),
            (b'>', Some(b'=')) => (TokenKind::Geq, 2),
            (b':', Some(b'=')) => (TokenKind::Assign, 2),
            (b'?', Some(b'=')) => (TokenKind::Query, 2),
            (b':', _) => (TokenKind::Colon, 1),
            (b',', _) => (TokenKind::Comma, 1),
            (b'[', _) => (TokenKind::LeftBracket, 1),
            (b']', _) => (TokenKind::RightBracket, 1),
            (b'(', _) => (TokenKind::LeftParen, 1),
            (b')', _) => (TokenKind::RightParen, 1),
            (b'{', _) => (TokenKind::LeftBrace, 1),
            (b'}', _) => (TokenKind::RightBrace, 1),
            (b'.', _) => (TokenKind::Dot, 1),
            (b'!', _) => (TokenKind::Bang, 1),
            (b'*', _) => (TokenKind::Star, 1),
            (b'/', _) => (TokenKind::Slash, 1),
            (b'+', _) => (TokenKind::Plus, 1),
            (b'-', _) => (TokenKind::Minus, 1),
            (b'<', _) => (TokenKind::Lt, 1),
            (b'>', _) => (TokenKind::Gt, 1),
            (b'=', _) => (TokenKind::Eq, 1),
            (b'|', _) => (TokenKind::Pipe, 1),
            (b';', _) => (TokenKind::Semicolon, 1),
            _ => return None,
        };
        self.at += length;
        Some(kind)
    }

    /// A character that starts no token. A run of the same character is one mistake.
    fn invalid(&mut self, c: char) -> TokenKind {
        let start = self.at;
        if is_foreign_quote(c)
            && let Some(kind) = self.wrongly_quoted(c)
        {
            return kind;
        }
        self.skip_while(|other| other == c);
        let span = self.span_from(start);
        let run = self.text.get(start..self.at).unwrap_or("");
        let (message, kind) = match (c, run) {
            ('&', _) => (format!("`{run}` is not an operator"), TokenKind::And),
            ('\u{feff}', _) => ("the text has a byte order mark".to_owned(), TokenKind::Bad),
            _ if is_misleading(c) => {
                (format!("the character U+{:04X} cannot stand here", c as u32), TokenKind::Bad)
            }
            _ => (format!("`{}` is not a valid character here", c.escape_debug()), TokenKind::Bad),
        };
        let diagnostic = Diagnostic::new(codes::INVALID_CHARACTER, span, message);
        let diagnostic = match c {
            '&' => diagnostic.help("write `and`").fix(span, "and"),
            '\u{feff}' => diagnostic.help("save the file as UTF-8 without a byte order mark").fix(span, ""),
            '\u{2018}'..='\u{201f}' => diagnostic.help("quote strings with plain `\"`").fix(span, "\""),
            '%' => diagnostic.help("the remainder of a division is written `a mod b` or `a rem b`"),
            _ if c.is_whitespace() => diagnostic.help("use a plain space").fix(span, " "),
            '\\' | '^' | '~' | '$' => diagnostic.help("Polar has no such operator"),
            _ => diagnostic,
        };
        self.report(diagnostic);
        kind
    }

    /// `'text'`: one mistake, and a value for the parser.
    fn wrongly_quoted(&mut self, quote: char) -> Option<TokenKind> {
        let start = self.at;
        let inner = self.rest().get(quote.len_utf8()..)?;
        let closes = |c| c == quote || (!quote.is_ascii() && is_foreign_quote(c));
        let length = inner.find(|c| c == '\n' || closes(c))?;
        let close = inner.get(length..)?.chars().next().filter(|c| closes(*c))?;
        let inner = inner.get(..length)?;
        self.at += quote.len_utf8() + length + close.len_utf8();
        let span = self.span_from(start);
        let diagnostic =
            Diagnostic::new(codes::INVALID_CHARACTER, span, format!("strings are not quoted with `{quote}`"))
                .help(format!("use double quotes: `\"{inner}\"`"))
                .fix(span, format!("\"{}\"", inner.replace('"', "\\\"")));
        self.report(diagnostic);
        Some(TokenKind::BadLiteral)
    }
}

/// Quotes of other languages and of word processors.
fn is_foreign_quote(c: char) -> bool {
    matches!(c, '\'' | '`' | '\u{2018}'..='\u{201f}')
}

/// 2⁶³: the magnitude of the most negative integer.
pub(crate) const MOST_NEGATIVE: u64 = 1 << 63;

/// P0101: an integer literal does not fit 64 bits.
pub(crate) fn integer_overflow(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::INTEGER_OVERFLOW, span, format!("`{text}` does not fit a 64-bit integer"))
        .help("integers go from -9223372036854775808 to 9223372036854775807; write a float such as `1e20` for larger ones")
}

/// The value of a string token, its quotes included, with escapes resolved.
pub(crate) fn unescape(literal: &str) -> Text {
    let inner = literal.strip_prefix('"').unwrap_or(literal);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return inner.into();
    }
    let mut value = Text::new();
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => value.extend(characters.next().map(|escaped| match escaped {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                other => other,
            })),
            _ => value.push(c),
        }
    }
    value
}

/// True when `text` is one token of the kind `Name`.
pub(crate) fn is_plain_name(text: &str) -> bool {
    let (tokens, diagnostics) = lex(SourceId(0), text);
    diagnostics.is_empty()
        && matches!(tokens.first(), Some(token) if token.kind == TokenKind::Name && token.span.end as usize == text.len())
}

fn keyword(text: &str) -> TokenKind {
    // PERF: most names are longer or start otherwise than every reserved word.
    let first = text.bytes().next();
    if text.len() > 7 || !first.is_some_and(|first| b"acdfimnoprt".contains(&first)) {
        return TokenKind::Name;
    }
    match text {
        "true" => TokenKind::True,
        "false" => TokenKind::False,
        "inf" => TokenKind::Float(f64::INFINITY),
        "nan" => TokenKind::Float(f64::NAN),
        "new" => TokenKind::New,
        "in" => TokenKind::In,
        "cut" => TokenKind::Cut,
        "debug" => TokenKind::Debug,
        "print" => TokenKind::Print,
        "isa" => TokenKind::Isa,
        "forall" => TokenKind::ForAll,
        "if" => TokenKind::If,
        "and" => TokenKind::And,
        "or" => TokenKind::Or,
        "not" => TokenKind::Not,
        "matches" => TokenKind::Matches,
        "mod" => TokenKind::Mod,
        "rem" => TokenKind::Rem,
        _ => TokenKind::Name,
    }
}

/// The reserved words, for suggestions.
pub(crate) const RESERVED: [&str; 18] = [
    "true", "false", "inf", "nan", "new", "in", "cut", "debug", "print", "isa", "forall", "if", "and", "or",
    "not", "matches", "mod", "rem",
];

fn is_name_start(c: char) -> bool {
    is_name_continue(c) && !c.is_ascii_digit()
}

fn is_name_continue(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric() || (!c.is_ascii() && !is_misleading(c))
}

/// Characters that look like nothing or like something else: space, quotes, marks of direction.
///
/// DIVERGENCE: the predecessor took them as letters of a name, so a typographic quote made a variable.
fn is_misleading(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{feff}' | '\u{2018}'..='\u{201f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}
