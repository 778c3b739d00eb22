//! Counting tests from what `cargo test` and pytest print.

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Tests that passed; a step without tests of its own counts as one.
    pub(crate) passed: usize,
    /// Tests that failed.
    pub(crate) failed: usize,
}

impl Count {
    /// Adds what one line says, where it is the summary of a test run.
    pub(crate) fn see(&mut self, line: &str) {
        let line = plain(line);
        let cargo = line.starts_with("test result:");
        let pytest = line.contains(" in ") && line.ends_with('s') && !cargo || line.starts_with("====");
        if !cargo && !pytest {
            return;
        }
        self.passed += before(&line, "passed");
        self.failed += before(&line, "failed");
        if pytest {
            self.failed += before(&line, "error") + before(&line, "errors");
        }
    }

    /// Makes the count agree with whether the step succeeded: a failure is never counted as none.
    pub(crate) fn settle(&mut self, ok: bool) {
        if ok && self.passed == 0 {
            self.passed = 1;
        }
        if !ok && self.failed == 0 {
            self.failed = 1;
        }
    }

    /// Adds another count.
    pub(crate) fn add(&mut self, other: &Count) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The number that stands before a word: 12 in `ok. 12 passed; 0 failed`.
fn before(line: &str, word: &str) -> usize {
    let words: Vec<&str> = line.split([' ', ';', ',', '=']).filter(|word| !word.is_empty()).collect();
    words
        .windows(2)
        .find(|pair| pair.last() == Some(&word))
        .and_then(|pair| pair.first()?.parse().ok())
        .unwrap_or(0)
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut characters = line.trim().chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            for skipped in characters.by_ref() {
                if skipped.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Count;

    fn check(lines: &[&str], passed: usize, failed: usize) {
        let mut count = Count::default();
        lines.iter().for_each(|line| count.see(line));
        assert_eq!(count, Count { passed, failed });
    }

    #[test]
    fn reads_cargo_and_pytest_summaries() {
        check(&["test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; finished in 0.03s"], 12, 0);
        check(&["test result: FAILED. 3 passed; 2 failed; 0 ignored"], 3, 2);
        check(&["\u{1b}[32m======= 41 passed in 1.20s =======\u{1b}[0m"], 41, 0);
        check(&["2 failed, 39 passed, 1 error in 0.50s"], 39, 3);
        check(&["7 passed, 1 warning in 0.50s"], 7, 0);
        check(&["running 5 tests", "5 passed"], 0, 0);
    }

    #[test]
    fn a_failed_step_counts_at_least_one_failure() {
        let mut count = Count { passed: 5, failed: 0 };
        count.settle(false);
        assert_eq!(count.failed, 1);
    }
}
