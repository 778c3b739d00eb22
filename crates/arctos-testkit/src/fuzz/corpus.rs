//! The inputs that are kept for a target: one text file, an input a line, so that thousands of them are six files.
//!
//! A line has the input's bytes as a byte string of Rust has them between its quotes. A line of `# ` and some words before it
//! says what the input has found; such inputs are kept for ever, the others only until fewer do as well.

/// An input that is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// What it has found, if it has found something.
    pub found: Option<String>,
    /// What the target gets.
    pub bytes: Vec<u8>,
}

/// The inputs of a file.
///
/// # Errors
/// The number of the line that cannot be read, from 1, and why.
pub fn read(text: &str) -> Result<Vec<Input>, String> {
    let mut inputs = Vec::new();
    let mut found = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(words) = line.strip_prefix("# ") {
            found = Some(words.to_owned());
            continue;
        }
        let bytes = unescaped(line).map_err(|why| format!("line {}: {why}", index + 1))?;
        inputs.push(Input { found: found.take(), bytes });
    }
    Ok(inputs)
}

/// The file with these inputs: what has found something, then the others from the shortest on, each once.
pub fn write(mut inputs: Vec<Input>) -> String {
    inputs.retain(|input| !input.bytes.is_empty());
    inputs.sort_by_cached_key(|input| (input.found.is_none(), input.bytes.len(), input.clone()));
    let mut written = std::collections::HashSet::new();
    let mut text = String::new();
    for Input { found, bytes } in inputs {
        let line = match escaped(&bytes) {
            line if line.starts_with('#') => line.replacen('#', "\\x23", 1),
            line => line,
        };
        if !written.insert(line.clone()) {
            continue;
        }
        if let Some(found) = found {
            text.push_str(&format!("# {found}\n"));
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn escaped(bytes: &[u8]) -> String {
    // Quotes need no escape here, and there are many in policies.
    bytes.escape_ascii().to_string().replace("\\\"", "\"").replace("\\'", "'")
}

fn unescaped(line: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        bytes.push(match c {
            '\\' => match rest.next() {
                Some('n') => b'\n',
                Some('r') => b'\r',
                Some('t') => b'\t',
                Some('\\') => b'\\',
                Some('x') => {
                    let mut digit =
                        || rest.next().and_then(|c| c.to_digit(16)).ok_or("`\\x` without two digits");
                    (digit()? << 4 | digit()?) as u8
                }
                other => return Err(format!("unknown escape `\\{}`", other.map_or("".into(), String::from))),
            },
            ' '..='~' => c as u8,
            other => return Err(format!("{other:?} is to be escaped")),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(found: Option<&str>, bytes: &[u8]) -> Input {
        Input { found: found.map(str::to_owned), bytes: bytes.to_vec() }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let all: Vec<u8> = (0..=255).collect();
        let inputs = vec![
            input(Some("a stack overflow"), b"# \\n\\x41\"'"),
            input(None, b"#"),
            input(None, b"f(\"a\\\\\") if\r\n\t'"),
            input(None, &all),
        ];
        let text = write(inputs.iter().rev().cloned().collect());
        assert!(text.is_ascii() && text.lines().count() == 5, "{text}");
        assert_eq!(read(&text), Ok(inputs));
    }

    #[test]
    fn an_input_is_written_once_and_keeps_what_it_has_found() {
        let text = write(vec![input(None, b"a"), input(Some("why"), b"a"), input(None, b"")]);
        assert_eq!(text, "# why\na\n");
    }

    #[test]
    fn what_is_no_input_is_refused() {
        for (text, why) in [
            ("a\nb\\q", "line 2: unknown escape `\\q`"),
            ("\\", "line 1: unknown escape `\\`"),
            ("\\x4", "line 1: `\\x` without two digits"),
            ("é", "line 1: 'é' is to be escaped"),
        ] {
            assert_eq!(read(text), Err(why.to_owned()));
        }
    }
}
