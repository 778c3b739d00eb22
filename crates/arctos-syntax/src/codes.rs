//! The catalogue of diagnostic codes: each is declared here once.
//!
//! Numbering: P01xx text and grammar · P02xx names, calls, variables · P03xx types and rule types · P04xx blocks ·
//! P05xx rules that can never matter (lints) · P06xx recursion · P07xx whole policies and files.

use crate::diagnostic::Severity;

/// Which class of exception the predecessor's users catch for an error; bindings map it to theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// A number beyond 64 bits.
    IntegerOverflow,
    /// A character that cannot stand there.
    InvalidTokenCharacter,
    /// A malformed token.
    InvalidToken,
    /// The text ends too early.
    UnrecognizedEof,
    /// A token that cannot stand there.
    UnrecognizedToken,
    /// A token after the end.
    ExtraToken,
    /// Any other grammar error (reserved word, bad float, value where a condition is needed, duplicate key).
    Parse,
    /// Everything found after parsing.
    Validation,
    /// Errors about files and repeated loads.
    Runtime,
}

/// A stable diagnostic code such as `P0101`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(&'static Entry);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Entry {
    code: &'static str,
    name: &'static str,
    severity: Severity,
    family: Family,
}

impl Code {
    /// `P0101`
    pub fn as_str(self) -> &'static str {
        self.0.code
    }

    /// A short readable name: `unexpected-token`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        self.0.severity
    }

    /// Which exception class it becomes in a binding.
    pub fn family(self) -> Family {
        self.0.family
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.code)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.code)
    }
}

macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $ident:ident = $code:literal $name:literal $severity:ident $family:ident; )+) => {
        $( $(#[doc = $doc])+ pub const $ident: Code = {
            static ENTRY: Entry =
                Entry { code: $code, name: $name, severity: Severity::$severity, family: Family::$family };
            Code(&ENTRY)
        }; )+

        /// Every code, in order.
        pub const ALL: &[Code] = &[$($ident),+];
    };
}

codes! {
    /// An integer literal does not fit 64 bits.
    INTEGER_OVERFLOW = "P0101" "integer-overflow" Error IntegerOverflow;
    /// A character that no token starts with or contains.
    INVALID_CHARACTER = "P0102" "invalid-character" Error InvalidTokenCharacter;
    /// A string literal without its closing quote.
    UNTERMINATED_STRING = "P0103" "unterminated-string" Error InvalidTokenCharacter;
    /// A malformed float literal.
    INVALID_FLOAT = "P0104" "invalid-float" Error Parse;
    /// The text ends inside a form.
    UNEXPECTED_END = "P0105" "unexpected-end" Error UnrecognizedEof;
    /// A token that cannot stand there.
    UNEXPECTED_TOKEN = "P0106" "unexpected-token" Error UnrecognizedToken;
    /// A reserved word used as a name.
    RESERVED_WORD = "P0107" "reserved-word" Error Parse;
    /// A condition where a value is needed, or the other way round.
    WRONG_KIND = "P0108" "wrong-kind" Error Parse;
    /// A dictionary literal names a key twice.
    DUPLICATE_KEY = "P0109" "duplicate-key" Error Parse;
    /// Brackets, `not` or operators nested deeper than the limit.
    NESTING_TOO_DEEP = "P0110" "nesting-too-deep" Error Parse;
    /// A form that parses but has no meaning, such as keyword arguments on a rule call.
    MALFORMED_FORM = "P0111" "malformed-form" Error Parse;
    /// A block that starts with another word than `actor`, `resource` or `global`, or has no name.
    UNKNOWN_BLOCK = "P0112" "unknown-block" Error Validation;
    /// A declaration in a block other than roles, permissions and relations.
    UNKNOWN_DECLARATION = "P0113" "unknown-declaration" Error Validation;
    /// Roles or permissions that are no list of strings, or relations that are no dictionary.
    MALFORMED_DECLARATION = "P0114" "malformed-declaration" Error Validation;
    /// A word other than `on` between the two strings of a shorthand rule.
    UNKNOWN_RELATION_KEYWORD = "P0115" "unknown-relation-keyword" Error Validation;
}
