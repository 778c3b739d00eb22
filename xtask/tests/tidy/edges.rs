//! Which crate may use which: the plan of ARCHITECTURE.md.

use std::process::Command;

use crate::tree;

/// A crate and the crates of ours that it may use. Any other edge is a decision: change the plan first.
const ALLOWED: &[(&str, &[&str])] = &[
    ("arctos-syntax", &[]),
    ("arctos-derive", &[]),
    ("arctos", &["arctos-syntax", "arctos-derive"]),
    ("arctos-oso", &["arctos", "arctos-derive"]),
    ("arctos-wire", &["arctos", "arctos-syntax"]),
    ("arctos-sql", &["arctos", "arctos-syntax"]),
    ("arctos-cli", &["arctos", "arctos-sql", "arctos-syntax", "arctos-wire"]),
    ("arctos-testkit", &["arctos", "arctos-syntax"]),
    ("arctos-bench", &["arctos", "arctos-sql"]),
    ("arctos-fuzz", &["arctos-testkit"]),
    ("arctos-python", &["arctos", "arctos-syntax", "arctos-wire"]),
    ("xtask", &[]),
];

/// Crates for tests only: no crate may ship with them.
const DEV_ONLY: &[&str] = &["arctos-testkit"];
/// Crates that are tests themselves and never ship.
const TESTS: &[&str] = &["arctos-fuzz"];

#[test]
fn crates_use_only_what_the_plan_allows() {
    let mut wrong = Vec::new();
    for (user, used, kind) in edges() {
        if kind == "dev" {
            continue;
        }
        let allowed = ALLOWED.iter().find(|(name, _)| *name == user).map(|(_, used)| *used);
        match allowed {
            None => wrong.push(format!("{user} is not in the plan")),
            Some(allowed) if !allowed.contains(&&*used) => wrong.push(format!("{user} → {used}")),
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "edges that the plan does not have: {wrong:#?}");
}

#[test]
fn test_crates_are_dev_dependencies_only() {
    for (user, used, kind) in edges() {
        assert!(
            kind == "dev" || !DEV_ONLY.contains(&&*used) || user == used || TESTS.contains(&&*user),
            "{user} may use {used} only in its tests"
        );
    }
}

#[test]
fn every_crate_is_in_the_plan() {
    for (name, _) in packages() {
        let planned = ALLOWED.iter().any(|(planned, _)| *planned == name);
        assert!(planned || name.starts_with("sample-"), "{name} is not in the plan");
    }
}

/// `(user, used, kind)` for each dependency of one of our crates on another.
fn edges() -> Vec<(String, String, String)> {
    let packages = packages();
    let ours: Vec<&String> = packages.iter().map(|(name, _)| name).collect();
    let mut edges = Vec::new();
    for (name, package) in &packages {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let used = dependency["name"].as_str().expect("a name").to_owned();
            let kind = dependency["kind"].as_str().unwrap_or("normal").to_owned();
            if !name.starts_with("sample-") && dependency["path"].is_string() && ours.contains(&&used) {
                edges.push((name.clone(), used, kind));
            }
        }
    }
    assert!(!edges.is_empty(), "the crates use one another");
    edges
}

/// The packages of the workspace and of the workspaces beside it.
fn packages() -> Vec<(String, serde_json::Value)> {
    let mut found: Vec<(String, serde_json::Value)> = Vec::new();
    for manifest in tree::files_ending("Cargo.toml") {
        let is_workspace = tree::text(&manifest).is_some_and(|text| text.contains("[workspace]"));
        if !is_workspace {
            continue;
        }
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(tree::root().join(&manifest))
            .output()
            .expect("cargo metadata");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        for package in metadata["packages"].as_array().expect("packages") {
            let name = package["name"].as_str().expect("a name").to_owned();
            if !found.iter().any(|(known, _)| *known == name) {
                found.push((name, package.clone()));
            }
        }
    }
    found
}
