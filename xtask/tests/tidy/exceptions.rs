//! Lists of exceptions that may only shrink.

use std::collections::BTreeSet;

/// Fails when something is found that is not excepted, and when something is excepted that is not found.
pub(crate) fn compare(rule: &str, found: impl IntoIterator<Item = String>, excepted: &[&str]) {
    let found: BTreeSet<String> = found.into_iter().collect();
    let excepted: BTreeSet<String> = excepted.iter().map(|&text| text.to_owned()).collect();
    let new: Vec<&String> = found.difference(&excepted).collect();
    let stale: Vec<&String> = excepted.difference(&found).collect();
    assert!(new.is_empty(), "{rule}:\n{new:#?}");
    assert!(stale.is_empty(), "no longer an exception to `{rule}`, take it off the list:\n{stale:#?}");
}

#[test]
#[should_panic(expected = "no longer an exception")]
fn a_stale_exception_fails() {
    compare("rule", [], &["old"]);
}

#[test]
#[should_panic(expected = "new")]
fn a_new_finding_fails() {
    compare("rule", ["new".to_owned()], &[]);
}
