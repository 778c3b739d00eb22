//! What is wrong with a policy, as data.
//!
//! A [`Diagnostic`] has a stable [`Code`], one primary message at one primary span, and optionally labels on other
//! places, help and a fix. The contract: if only one thing can be shown, it is the primary message at the primary span.
//!
//! Each code is declared once, in [`codes`](crate::codes), and has a page `docs/diagnostics/<code>.md`.
//! Rendering is in [`render`](crate::render).

use crate::codes::Code;
use crate::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The policy loads; something in it is probably not meant.
    Warning,
    /// The policy does not load.
    Error,
}

/// A secondary place with a short text.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words: "first declared here".
    pub text: String,
}

/// A change that would mend the problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What is replaced; may be empty (an insertion).
    pub span: Span,
    /// The text to put there.
    pub replacement: String,
}

/// One problem found in a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its stable code; the severity is the code's.
    pub code: Code,
    /// One sentence, lowercase, no final period, names in backticks.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A few words under the primary span; may be empty.
    pub label: String,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Vec<String>,
    /// A mechanical correction.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A diagnostic without labels or help.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            span,
            label: String::new(),
            labels: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// Sets the few words under the primary span.
    #[must_use]
    pub fn primary(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds a secondary place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a line of help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds `did you mean …?`, where there is a near name; the caller knows which place a fix would replace.
    #[must_use]
    pub fn did_you_mean(mut self, near: Option<&str>) -> Self {
        if let Some(near) = near {
            self.help.push(format!("did you mean `{near}`?"));
        }
        self
    }

    /// Sets the correction.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// True when the policy cannot load because of it.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}
