//! Where the prompt's history is kept.

use std::ffi::OsString;
use std::path::PathBuf;

/// `arctos/history` in the user's folder for state: `$XDG_STATE_HOME`, else `~/.local/state`; `None` where there is none.
pub(super) fn path() -> Option<PathBuf> {
    path_by(|name| std::env::var_os(name))
}

fn path_by(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // The standard says that a relative path in the variable is to be ignored.
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("state")))
        .or_else(|| absolute("LOCALAPPDATA"))?;
    Some(state.join("arctos").join("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: Option<&str>) {
        let found =
            path_by(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()));
        assert_eq!(found, expected.map(PathBuf::from));
    }

    #[test]
    fn state_folder() {
        check(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")], Some("/s/arctos/history"));
        check(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")], Some("/h/.local/state/arctos/history"));
        check(&[], None);
    }
}
