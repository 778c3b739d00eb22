//! The nearest known name to a misspelt one, for `did you mean …?`.
//!
//! Distance is Damerau–Levenshtein in its restricted form (insert, delete, replace, swap neighbours); how far is near
//! grows with the length of the name, so that short names do not match everything.

/// Characters of the longest name for which a near one is looked for: comparing takes time in proportion to the square.
const LONGEST: usize = 128;

/// The candidate nearest to `name`, if one is near enough; a name that differs only in case wins at once. Among
/// equally near candidates the first is taken; `name` itself is never suggested.
///
/// ```
/// use arctos_syntax::suggest::near;
/// assert_eq!(near("permisions", ["roles", "permissions"]), Some("permissions"));
/// assert_eq!(near("x", ["y"]), None);
/// ```
pub fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let limit = match wanted.len() {
        0..=2 => 0,
        3..=4 => 1,
        5..=8 => 2,
        9..=LONGEST => 3,
        _ => return None,
    };
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        // PERF: most candidates differ too much in length, which for ASCII needs no look at the letters.
        if candidate.is_ascii() && wanted.len().abs_diff(candidate.len()) > limit {
            continue;
        }
        let other: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        if wanted == other {
            return Some(candidate);
        }
        if wanted.len().abs_diff(other.len()) > limit {
            continue;
        }
        let distance = distance(&wanted, &other);
        if distance <= limit && distance < other.len() && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Restricted Damerau–Levenshtein distance, by rows.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, &a) in left.iter().enumerate() {
        let mut row = Vec::with_capacity(right.len() + 1);
        let mut last = i + 1;
        row.push(last);
        let mut diagonal = i;
        for (j, &b) in right.iter().enumerate() {
            let up = above.get(j + 1).copied().unwrap_or(usize::MAX - 1);
            let mut cost = (diagonal + usize::from(a != b)).min(up + 1).min(last + 1);
            let swapped = i > 0 && j > 0 && left.get(i - 1) == Some(&b) && right.get(j - 1) == Some(&a);
            if let Some(&earlier) = before.get(j.wrapping_sub(1)).filter(|_| swapped) {
                cost = cost.min(earlier + 1);
            }
            diagonal = up;
            last = cost;
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, near};

    fn between(a: &str, b: &str) -> usize {
        distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }

    #[test]
    fn distance_counts_single_edits() {
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("abc", ""), 3);
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(between("ab", "ba"), 1);
        assert_eq!(between("é", "e"), 1);
    }

    #[test]
    fn near_scales_with_length() {
        assert_eq!(near("ressource", ["actor", "resource"]), Some("resource"));
        assert_eq!(near("User", ["user", "Users"]), Some("user"));
        assert_eq!(near("ab", ["ac"]), None);
        assert_eq!(near("allwo", ["allow"]), Some("allow"));
        assert_eq!(near("allow", ["allow"]), None);
    }

    #[test]
    fn nothing_is_near_a_name_that_is_very_long() {
        let name = |length: usize| "a".repeat(length);
        assert_eq!(near(&name(128), [&*name(129)]), Some(&*name(129)));
        assert_eq!(near(&name(129), [&*name(130)]), None);
    }
}
