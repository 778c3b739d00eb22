//! The catalogue of diagnostic codes: each is declared here once.
//!
//! Numbering: P01xx text and grammar · P02xx names, calls, variables · P03xx types and rule types · P04xx blocks ·
//! P05xx rules that can never matter (lints) · P06xx recursion · P07xx whole policies and files · P08xx facts ·
//! P09xx files of facts · P10xx what tests of a policy come to.

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

    /// A variable that occurs only once in its rule.
    SINGLETON_VARIABLE = "P0201" "singleton-variable" Error Validation;
    /// A rule body calls a rule that does not exist.
    UNDEFINED_RULE = "P0202" "undefined-rule" Error Validation;
    /// A rule body calls a rule that exists only with another number of parameters.
    CALL_ARITY = "P0203" "call-arity" Warning Validation;
    /// A registered class or constant stands where a variable or a specializer was probably meant.
    NAME_IS_REGISTERED = "P0204" "name-is-registered" Warning Validation;
    /// A capitalised name that is not registered, and is therefore read as a variable.
    NAME_IS_VARIABLE = "P0205" "name-is-variable" Warning Validation;
    /// A field that the class does not have, but a similar one it does.
    UNKNOWN_MEMBER = "P0206" "unknown-member" Warning Validation;
    /// `and` and `or` mixed without parentheses.
    AMBIGUOUS_PRECEDENCE = "P0207" "ambiguous-precedence" Warning Validation;

    /// A specializer, pattern or `new` names a class that is not registered.
    UNKNOWN_CLASS = "P0301" "unknown-class" Warning Validation;
    /// A rule that matches none of the rule types of its name.
    INVALID_RULE = "P0302" "invalid-rule" Error Validation;
    /// A rule type with something in its parameters that no rule can be compared with.
    INVALID_RULE_TYPE = "P0303" "invalid-rule-type" Error Validation;
    /// A rule that the policy's declarations require is missing.
    MISSING_RULE = "P0304" "missing-rule" Error Validation;
    /// A block extends something that cannot be extended, or itself.
    INVALID_EXTENDS = "P0305" "invalid-extends" Error Validation;
    /// An entity literal that stands for no value.
    INVALID_ENTITY = "P0306" "invalid-entity" Error Validation;

    /// A block for a type that is not registered.
    UNREGISTERED_BLOCK_TYPE = "P0401" "unregistered-block-type" Error Validation;
    /// A relation to a type that is not registered.
    UNREGISTERED_RELATION_TYPE = "P0402" "unregistered-relation-type" Error Validation;
    /// A name declared twice in one list.
    DUPLICATE_DECLARATION = "P0403" "duplicate-declaration" Error Validation;
    /// A name declared as two different things for one type.
    CONFLICTING_DECLARATION = "P0404" "conflicting-declaration" Error Validation;
    /// A block with two lists of the same kind.
    REPEATED_LIST = "P0405" "repeated-list" Error Validation;
    /// A shorthand rule uses a name that its type does not declare.
    UNDECLARED_NAME = "P0406" "undeclared-name" Error Validation;
    /// What follows `on` is not a relation.
    NOT_A_RELATION = "P0407" "not-a-relation" Error Validation;
    /// A shorthand rule follows a relation to a type without a block.
    RELATED_BLOCK_MISSING = "P0408" "related-block-missing" Error Validation;
    /// A shorthand rule uses a name that the related type does not declare.
    UNDECLARED_RELATED_NAME = "P0409" "undeclared-related-name" Error Validation;
    /// A shorthand rule written twice.
    DUPLICATE_SHORTHAND = "P0410" "duplicate-shorthand" Warning Validation;
    /// A rule names a role, permission or relation that no block declares.
    UNDECLARED_IN_RULE = "P0411" "undeclared-in-rule" Warning Validation;

    /// A rule that repeats an earlier one.
    DUPLICATE_RULE = "P0501" "duplicate-rule" Warning Validation;
    /// A rule whose body can never hold.
    NEVER_HOLDS = "P0502" "never-holds" Warning Validation;
    /// A condition that is a value other than true or false.
    CONDITION_NOT_BOOLEAN = "P0503" "condition-not-boolean" Warning Validation;
    /// A variable required to be two things that exclude each other.
    CONTRADICTION = "P0504" "contradiction" Warning Validation;
    /// A role or relation that is declared and never used.
    UNUSED_DECLARATION = "P0505" "unused-declaration" Warning Validation;
    /// A permission that no rule grants.
    UNGRANTED_PERMISSION = "P0506" "ungranted-permission" Warning Validation;

    /// A rule that can depend on its own negation.
    NEGATIVE_RECURSION = "P0601" "negative-recursion" Warning Validation;
    /// Rules over facts that depend on their own negation.
    NEGATION_CYCLE = "P0602" "negation-cycle" Error Validation;

    /// No rule decides anything: there is no `allow`, `allow_field` or `allow_request`.
    NO_ALLOW_RULE = "P0701" "no-allow-rule" Warning Validation;
    /// Blocks declare permissions that no rule asks for.
    PERMISSIONS_NOT_ASKED = "P0702" "permissions-not-asked" Warning Validation;
    /// A form of the facts dialect where the application keeps no facts.
    FACTS_DIALECT = "P0703" "facts-dialect" Error Validation;
    /// A file, or the same text under another name, given twice.
    DUPLICATE_SOURCE = "P0704" "duplicate-source" Error Validation;
    /// A rule `allow` that replaces the default one, where permissions are then asked for by none.
    DEFAULT_ALLOW_DROPPED = "P0705" "default-allow-dropped" Warning Validation;

    /// A fact with a number of arguments that it cannot have.
    FACT_ARITY = "P0801" "fact-arity" Error Validation;
    /// A call that is looked up among the facts, and nearly the name of a rule.
    MISSPELT_FACT = "P0802" "misspelt-fact" Warning Validation;
    /// An argument that no fact can have.
    MALFORMED_FACT = "P0803" "malformed-fact" Error Validation;
    /// A test states a fact that the policy does not ask for.
    UNKNOWN_FACT = "P0804" "unknown-fact" Error Validation;
    /// A test names a fixture that is not there, or two have one name.
    UNKNOWN_FIXTURE = "P0805" "unknown-fixture" Error Validation;
    /// A test states a fact whose types, role or relation the policy does not ask for.
    FACT_FORM = "P0806" "fact-form" Error Validation;

    /// A test whose lines cannot be understood: what follows `iff`, or what is set of the request.
    MALFORMED_TEST = "P0810" "malformed-test" Error Validation;

    /// A record of a file of facts that is not of its form.
    MALFORMED_RECORD = "P0901" "malformed-record" Error Runtime;
    /// A file of facts that ends in the middle of a record.
    TRUNCATED_FILE = "P0902" "truncated-file" Error Runtime;
    /// Bytes that are no UTF-8 text.
    NOT_UTF8 = "P0903" "not-utf8" Error Runtime;
    /// A record or an id that is longer than the reader takes.
    RECORD_TOO_LONG = "P0904" "record-too-long" Error Runtime;
    /// A fact that the same file deletes.
    CONFLICTING_CHANGE = "P0905" "conflicting-change" Error Runtime;

    /// A test's assertion that does not hold (`arctos test`).
    FAILED_ASSERTION = "P1001" "failed-assertion" Error Validation;
    /// An inline query without an answer (`arctos test`).
    FAILED_INLINE_QUERY = "P1002" "failed-inline-query" Error Validation;
    /// A change of the policy that no test notices (`arctos test --mutants`).
    SURVIVING_MUTANT = "P1003" "surviving-mutant" Error Validation;
}
