//! Reading entries from a terminal: history, completion, colours, and lines until the entry is finished.

use std::borrow::Cow;
use std::path::PathBuf;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::config::{ColorMode, CompletionType};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper};

use super::entry::Entry;
use super::highlight::highlight;
use super::history;
use super::vocabulary::Vocabulary;
use crate::output::Paint;

/// What stands before an entry.
const PROMPT: &str = "polar> ";

/// Reads entries from the terminal.
pub(super) struct Reader {
    editor: Editor<Assistant, DefaultHistory>,
    history: Option<PathBuf>,
}

impl Reader {
    /// Prepares the terminal and reads the history of earlier sessions.
    pub(super) fn new(color: bool) -> Result<Self, ReadlineError> {
        let color_mode = if color { ColorMode::Enabled } else { ColorMode::Disabled };
        let config = Config::builder()
            .history_ignore_space(true)
            .max_history_size(2000)?
            .completion_type(CompletionType::List)
            .color_mode(color_mode)
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Assistant {
            vocabulary: Vocabulary::default(),
            files: FilenameCompleter::new(),
            hinter: HistoryHinter {},
        }));
        let history = history::path();
        if let Some(path) = &history {
            // The first session has no history yet; one that cannot be read or written is not worth a refusal.
            let _ = path.parent().map(std::fs::create_dir_all);
            let _ = editor.load_history(path);
        }
        Ok(Reader { editor, history })
    }

    /// Completes these words from now on.
    pub(super) fn learn(&mut self, vocabulary: &Vocabulary) {
        if let Some(assistant) = self.editor.helper_mut() {
            assistant.vocabulary.clone_from(vocabulary);
        }
    }

    /// The next entry, whole, and remembers it.
    pub(super) fn read(&mut self) -> Result<String, ReadlineError> {
        let text = self.editor.readline(PROMPT)?;
        if !text.trim().is_empty() {
            self.editor.add_history_entry(text.trim_end())?;
            if let Some(path) = &self.history {
                let _ = self.editor.append_history(path);
            }
        }
        Ok(text)
    }
}

struct Assistant {
    vocabulary: Vocabulary,
    files: FilenameCompleter,
    hinter: HistoryHinter,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        context: &Context<'_>,
    ) -> Result<(usize, Vec<Pair>), ReadlineError> {
        if line.starts_with(":load ") {
            return self.files.complete(line, pos, context);
        }
        let (start, words) = self.vocabulary.complete(line.get(..pos).unwrap_or(line));
        let pairs = words.into_iter().map(|word| Pair { display: word.clone(), replacement: word }).collect();
        Ok((start, pairs))
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> Result<ValidationResult, ReadlineError> {
        Ok(match Entry::of(context.input()) {
            Entry::Unfinished => ValidationResult::Incomplete,
            _ => ValidationResult::Valid(None),
        })
    }
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, context: &Context<'_>) -> Option<String> {
        self.hinter.hint(line, pos, context)
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        Cow::Owned(highlight(line))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        Cow::Owned(Paint::Name.apply(prompt))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(Paint::Faint.apply(hint))
    }

    fn highlight_char(&self, _line: &str, _pos: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor
    }
}
