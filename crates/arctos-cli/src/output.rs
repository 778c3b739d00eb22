//! Where results and complaints go, in colour or not.
//!
//! Results go to stdout, complaints about how the tool was used and errors of evaluation to stderr. Everything that
//! comes from a policy has been escaped by whoever made the text, so that it cannot steer the terminal.

use std::io::{self, IsTerminal, Write};

use arctos::{Diagnostic, Error, Sources};
use arctos_syntax::render;

use crate::args::ColorWhen;

/// What the shell is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done, and the result is good: no errors, or there are answers.
    Good = 0,
    /// Done, and the result is negative: a policy with errors, or no answer.
    Negative = 1,
    /// Not done: wrong usage, an unreadable file, an error while answering.
    NotDone = 2,
}

/// Why a command could not be carried out.
#[derive(Debug)]
pub enum Failure {
    /// The user has to change the command or a file; each message is one sentence.
    Usage(Vec<String>),
    /// The result could not be written.
    Output(io::Error),
}

impl Failure {
    /// One message to the user.
    pub fn usage(message: impl Into<String>) -> Self {
        Failure::Usage(vec![message.into()])
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// Stdout and stderr with the decision whether to use colour on each.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    color_out: bool,
    color_err: bool,
}

/// The text without control characters that could steer the terminal; they are shown as `\u{1b}`.
pub(crate) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// An error's heading.
    Error,
    /// A warning's heading.
    Warning,
    /// Less important text.
    Faint,
    /// A good result.
    Good,
    /// A name in a list.
    Name,
    /// A keyword.
    Keyword,
    /// A string.
    String,
    /// A number.
    Number,
}

impl Paint {
    /// The text between escape sequences that switch the colour on and off.
    pub fn apply(self, text: &str) -> String {
        let code = match self {
            Paint::Error => "1;31",
            Paint::Warning => "1;33",
            Paint::Faint => "2",
            Paint::Good => "32",
            Paint::Name => "1",
            Paint::Keyword => "35",
            Paint::String => "32",
            Paint::Number => "36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

impl Output {
    /// Decides about colour: as told, else on terminals unless `NO_COLOR` is set and not empty.
    pub fn new(color: ColorWhen) -> Self {
        let wanted = |is_terminal: bool| match color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => {
                is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Output {
            color_out: wanted(io::stdout().is_terminal()),
            color_err: wanted(io::stderr().is_terminal()),
        }
    }

    /// Whether results are coloured.
    pub fn color(&self) -> bool {
        self.color_out
    }

    /// The text in that colour, where results are coloured.
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        if self.color_out { paint.apply(text) } else { text.to_owned() }
    }

    /// The text in that colour, where stderr is coloured.
    pub fn paint_err(&self, paint: Paint, text: &str) -> String {
        if self.color_err { paint.apply(text) } else { text.to_owned() }
    }

    /// Writes a line of the result.
    ///
    /// # Errors
    /// As stdout has them.
    pub fn line(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.write_all(b"\n")
    }

    /// Writes text as it is to stdout.
    ///
    /// # Errors
    /// As stdout has them.
    pub fn raw(&self, text: &str) -> io::Result<()> {
        io::stdout().lock().write_all(text.as_bytes())
    }

    /// Writes a line to stderr.
    ///
    /// # Errors
    /// As stderr has them.
    pub fn note(&self, text: &str) -> io::Result<()> {
        let mut err = io::stderr().lock();
        err.write_all(text.as_bytes())?;
        err.write_all(b"\n")
    }

    /// Writes `error: message` to stderr; the message may quote a policy.
    ///
    /// # Errors
    /// As stderr has them.
    pub fn error(&self, message: &str) -> io::Result<()> {
        let heading = self.paint_err(Paint::Error, "error");
        self.note(&format!("{heading}: {}", harmless(message)))
    }

    /// Writes diagnostics for people to stderr.
    ///
    /// # Errors
    /// As stderr has them.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &Sources) -> io::Result<()> {
        let text = render::human(diagnostics, sources, self.color_err);
        io::stderr().lock().write_all(text.as_bytes())
    }

    /// Writes an error of a load or a query to stderr: its diagnostics, or its message and the open rule calls.
    ///
    /// # Errors
    /// As stderr has them.
    pub fn failure(&self, error: &Error) -> io::Result<()> {
        if let Some(sources) = error.sources()
            && !error.diagnostics().is_empty()
        {
            return self.diagnostics(error.diagnostics(), sources);
        }
        self.error(&error.message().replace('\n', "\n  "))?;
        for frame in error.trace().iter().rev() {
            let mut line = format!("  in `{}`", harmless(&frame.goal));
            if let Some(rule) = &frame.rule {
                line.push_str(&format!(" of rule `{rule}`"));
            }
            if !frame.location.is_empty() {
                line.push_str(&format!(" at {}", frame.location));
            }
            self.note(&self.paint_err(Paint::Faint, &line))?;
        }
        Ok(())
    }
}
