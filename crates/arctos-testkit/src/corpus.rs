//! Reading and writing corpus files: one behaviour, or a few that belong together, as text.
//!
//! The format is documented in `corpus/README.md`; it is line-based, so that every binding can read it in an
//! afternoon. INVARIANT: [`File::render`] of a parsed file is the file, up to blank lines at the ends of sections.

use std::fmt::Write;

/// One corpus file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Why the case exists: the comment lines at the top, without `#`.
    pub reason: Vec<String>,
    /// Who runs it: `machine`, `reference`, `python`.
    pub run: Vec<String>,
    /// `limits: steps 1000`: what one query may use.
    pub limits: Vec<(String, u64)>,
    /// The sections in order.
    pub sections: Vec<Section>,
}

/// A part of a corpus file, from its `----` line to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Its first word: `classes`, `policy`, `facts`, `time`, `request`, `load`, `query`, `print`.
    pub kind: String,
    /// What follows the first word: a query's text, a policy's file name.
    pub argument: String,
    /// The lines, without blank ones at the end.
    pub lines: Vec<String>,
}

/// The words that begin a section.
const KINDS: &[&str] = &["classes", "policy", "facts", "time", "request", "load", "query", "print"];

impl File {
    /// Reads a corpus file.
    ///
    /// # Errors
    /// The first line that is not understood.
    pub fn parse(text: &str) -> Result<File, String> {
        let mut file = File::default();
        let mut section: Option<Section> = None;
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("---- ") {
                file.sections.extend(section.take());
                section = Some(Section::titled(title)?);
            } else if let Some(section) = &mut section {
                section.lines.push(line.to_owned());
            } else {
                file.header(line)?;
            }
        }
        file.sections.extend(section);
        for section in &mut file.sections {
            while section.lines.last().is_some_and(|line| line.trim().is_empty()) {
                section.lines.pop();
            }
        }
        file.check()?;
        Ok(file)
    }

    fn header(&mut self, line: &str) -> Result<(), String> {
        if let Some(reason) = line.strip_prefix('#') {
            self.reason.push(reason.trim().to_owned());
        } else if let Some(run) = line.strip_prefix("run:") {
            self.run = run.split_whitespace().map(str::to_owned).collect();
        } else if let Some(limits) = line.strip_prefix("limits:") {
            let words: Vec<&str> = limits.split_whitespace().collect();
            for pair in words.chunks(2) {
                let [name, number] = pair else { return Err(format!("`{line}` lacks a number")) };
                let number = number.parse().map_err(|error| format!("`{line}`: {error}"))?;
                self.limits.push(((*name).to_owned(), number));
            }
        } else if !line.trim().is_empty() {
            return Err(format!("`{line}` stands before the first section"));
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        if self.reason.is_empty() {
            return Err("there is no `#` line that says the reason".to_owned());
        }
        if self.run.is_empty() {
            return Err("there is no `run:` line".to_owned());
        }
        match self.run.iter().find(|run| !["machine", "reference", "python"].contains(&run.as_str())) {
            Some(run) => Err(format!("nothing named `{run}` runs corpus files")),
            None => Ok(()),
        }
    }

    /// True when `runner` runs this file.
    pub fn runs(&self, runner: &str) -> bool {
        self.run.iter().any(|run| run == runner)
    }

    /// The text of the classes section; empty where there is none.
    pub fn classes(&self) -> String {
        self.of_kind("classes").map(Section::text).collect()
    }

    /// The text of the facts; `None` where the application keeps none.
    pub fn facts(&self) -> Option<String> {
        self.of_kind("facts").next()?;
        Some(self.of_kind("facts").map(Section::text).collect())
    }

    /// The policy's sources in order: file name, if any, and text.
    pub fn policies(&self) -> Vec<(Option<&str>, String)> {
        let named = |section: &'_ Section| section.text();
        self.of_kind("policy").map(|section| (section.name(), named(section))).collect()
    }

    /// The sections of that kind.
    pub fn of_kind<'f>(&'f self, kind: &'f str) -> impl Iterator<Item = &'f Section> {
        self.sections.iter().filter(move |section| section.kind == kind)
    }

    /// How many expectations the file has: its queries and loads.
    pub fn cases(&self) -> usize {
        self.of_kind("query").count() + self.of_kind("load").count()
    }

    /// The file's text.
    pub fn render(&self) -> String {
        let mut text = String::new();
        for reason in &self.reason {
            let _ = writeln!(text, "{}", format!("# {reason}").trim_end());
        }
        let _ = writeln!(text, "run: {}", self.run.join(" "));
        if !self.limits.is_empty() {
            let limits: Vec<String> = self.limits.iter().map(|(name, n)| format!("{name} {n}")).collect();
            let _ = writeln!(text, "limits: {}", limits.join(" "));
        }
        for section in &self.sections {
            let _ = writeln!(text, "{}", format!("---- {} {}", section.kind, section.argument).trim_end());
            for line in &section.lines {
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }
}

impl Section {
    fn titled(title: &str) -> Result<Section, String> {
        let (kind, argument) = title.trim().split_once(' ').unwrap_or((title.trim(), ""));
        if !KINDS.contains(&kind) {
            return Err(format!("`---- {kind}` begins no section; there are {}", KINDS.join(", ")));
        }
        Ok(Section { kind: kind.to_owned(), argument: argument.trim().to_owned(), lines: Vec::new() })
    }

    fn name(&self) -> Option<&str> {
        if self.argument.is_empty() { None } else { Some(&self.argument) }
    }

    /// The lines, each with its line end.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// The lines that are neither blank nor comments: what is expected.
    pub fn expected(&self) -> Vec<&str> {
        let lines = self.lines.iter().map(|line| line.trim());
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
    }

    /// Replaces what is expected, and keeps the comments before it.
    pub fn expect(&mut self, lines: Vec<String>) {
        self.lines.retain(|line| line.trim_start().starts_with('#'));
        self.lines.extend(lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Numbers are equal by value.\nrun: machine reference\nlimits: steps 1000\n---- policy a.polar\nf(1);\n---- query f(x)\n# the only one\nx = 1\n";

    #[test]
    fn a_file_reads_and_writes_the_same() {
        let file = File::parse(TEXT).unwrap();
        assert_eq!(file.render(), TEXT);
        assert_eq!(file.policies(), [(Some("a.polar"), "f(1);\n".to_owned())]);
        assert_eq!(file.sections[1].expected(), ["x = 1"]);
        assert!(file.runs("machine") && !file.runs("python"));
        assert_eq!(file.cases(), 1);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, mistake) in [
            ("run: machine\n", "reason"),
            ("# r\n", "run:"),
            ("# r\nrun: toaster\n", "toaster"),
            ("# r\nrun: machine\n---- qurey x\n", "qurey"),
            ("# r\nwhat\n", "what"),
        ] {
            let error = File::parse(text).unwrap_err();
            assert!(error.contains(mistake), "{error}");
        }
    }
}
