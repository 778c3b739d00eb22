//! W6 for Cedar: the same rules as policies, parsed; and parsed and validated against a schema.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, PolicySet, Request, Schema, ValidationMode, Validator,
};
use std::fmt::Write;

use super::ACTIONS;
use crate::contender::Contender;

fn text(rules: usize) -> String {
    let policy = |number: usize| {
        format!(
            "permit (principal is User, action == Action::\"action{}\", resource is Repository)\n\
             when {{ principal.role == \"role{number}\" && resource.id == {number} }};\n",
            number % ACTIONS
        )
    };
    (0..rules).map(policy).collect()
}

fn schema() -> Schema {
    let mut text = String::from("entity User { role: String };\nentity Repository { id: Long };\n");
    for number in 0..ACTIONS {
        let _ = writeln!(
            text,
            "action action{number} appliesTo {{ principal: [User], resource: [Repository] }};"
        );
    }
    text.parse().expect("the schema loads")
}

/// That it decides by the policies.
fn check(policies: &PolicySet) {
    let ask = |role: &str| {
        let entities = format!(
            r#"[{{"uid": {{"type": "User", "id": "u"}}, "attrs": {{"role": "{role}"}}, "parents": []}},
                {{"uid": {{"type": "Repository", "id": "r"}}, "attrs": {{"id": 7}}, "parents": []}}]"#
        );
        let entities = Entities::from_json_str(&entities, None).expect("entities");
        let uid = |text: &str| text.parse().expect("a name");
        let (user, action, repository) =
            (uid(r#"User::"u""#), uid(r#"Action::"action7""#), uid(r#"Repository::"r""#));
        let request = Request::new(user, action, repository, Context::empty(), None).expect("a request");
        Authorizer::new().is_authorized(&request, policies, &entities).decision()
    };
    assert_eq!((ask("role7"), ask("role8")), (Decision::Allow, Decision::Deny), "it decides by the policies");
}

fn parse(text: &str) -> PolicySet {
    text.parse().expect("the policies load")
}

/// Parsing alone.
pub(super) fn parsed(rules: usize) -> Contender {
    let text = text(rules);
    check(&parse(&text));
    Contender::new("cedar-policy, parse", "`PolicySet::from_str`", move |_| !parse(&text).is_empty())
}

/// Parsing and validation; the schema is there before.
pub(super) fn validated(rules: usize) -> Contender {
    let text = text(rules);
    let validator = Validator::new(schema());
    let given =
        "`PolicySet::from_str` and `Validator::validate`, strict, against a schema that is loaded before";
    Contender::new("cedar-policy, parse and validate", given, move |_| {
        validator.validate(&parse(&text), ValidationMode::Strict).validation_passed()
    })
}
