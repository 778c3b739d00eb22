//! How many columns a query selects, where that can be told from its text.

/// The number of columns; `None` where the text does not say, as with `*`.
pub(super) fn selected(text: &str) -> Option<usize> {
    let text = text.trim_start();
    let rest =
        text.get(6..).filter(|_| text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select")))?;
    let (mut depth, mut commas, mut word) = (0_u32, 0, String::new());
    let mut characters = rest.chars().peekable();
    while let Some(c) = characters.next() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        let ended = std::mem::take(&mut word);
        if depth == 0 && ended.eq_ignore_ascii_case("from") {
            return Some(commas + 1);
        }
        match c {
            '\'' | '"' | '`' => while characters.next().is_some_and(|inner| inner != c) {},
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => commas += 1,
            // A column for each there is; dollars and comments may hide whatever.
            '*' if depth == 0 => return None,
            '$' | '#' => return None,
            '-' | '/' if matches!(characters.peek(), Some('-' | '*')) => return None,
            _ => {}
        }
    }
    (depth == 0 && !word.eq_ignore_ascii_case("from")).then_some(commas + 1)
}

/// So many columns, in words.
pub(super) fn counted(count: usize) -> String {
    if count == 1 { "1 column".to_owned() } else { format!("{count} columns") }
}

#[cfg(test)]
mod tests {
    use super::selected;

    #[test]
    fn columns_are_counted_where_the_text_says_so() {
        assert_eq!(selected("SELECT id, repo_id FROM issues"), Some(2));
        assert_eq!(selected("select coalesce(a, b), (SELECT 1 FROM t), 'x, y' from t"), Some(3));
        assert_eq!(selected("SELECT 1"), Some(1));
        assert_eq!(selected("SELECT a AS \"from, x\"\nFROM t, u"), Some(1));
        assert_eq!(selected("SELECT * FROM issues"), None);
        assert_eq!(selected("SELECT a -- , b\nFROM t"), None);
        assert_eq!(selected("WITH x AS (SELECT 1) SELECT a, b FROM x"), None);
    }
}
