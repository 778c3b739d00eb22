//! The JSON and the page of explanations.

#![expect(clippy::expect_used, reason = "a test may fail where it stands")]

use arctos::explain::Explanation;
use arctos::facts::{Facts, ValueRef, parse};
use arctos::{Authorizer, Policy, Request, Schema, Sources};
use arctos_wire::explanation::to_html;
use expect_test::expect;

const POLICY: &str = r#"
actor User {}
resource Doc {
  roles = ["reader"];
  permissions = ["read"];
  relations = { folder: Folder };
  "reader" if "reader" on "folder";
  "read" if "reader" and is_active(actor);
}
resource Folder { roles = ["reader"]; }
is_active(user: User) if not is_suspended(user);
"#;

const FACTS: &str = r#"
has_role(User{"ann"}, "reader", Folder{"top"});
has_relation(Doc{"plan"}, "folder", Folder{"top"});
is_suspended(User{"eve"});
"#;

fn explained(rule: &str, arguments: &[ValueRef<'_>]) -> Explanation {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(Some("docs.polar"), POLICY);
    let policy = Policy::load(&schema, sources).expect("the policy is valid");
    let mut change = Facts::new().change();
    for fact in parse(None, FACTS).expect("facts") {
        change.insert(&fact).expect("a fact");
    }
    let authorizer = Authorizer::new(&policy, change.commit().0).expect("facts are enabled");
    authorizer.explain(&Request::default(), rule, arguments).expect("it is explained")
}

fn json(actor: &str) -> String {
    let explanation = explained("is_active", &[ValueRef::entity("User", actor)]);
    let shape = arctos_wire::Explanation::of(&explanation);
    serde_json::to_string_pretty(&shape).expect("it is written")
}

#[test]
fn a_proof_in_json() {
    expect![[r#"
        {
          "version": 1,
          "allowed": true,
          "question": {
            "text": "is_active(User{\"ann\"})",
            "predicate": "is_active",
            "args": [
              {
                "kind": "value",
                "value": {
                  "type": "User",
                  "id": "ann"
                }
              }
            ]
          },
          "proof": {
            "goal": {
              "text": "is_active(User{\"ann\"})",
              "predicate": "is_active",
              "args": [
                {
                  "kind": "value",
                  "value": {
                    "type": "User",
                    "id": "ann"
                  }
                }
              ]
            },
            "by": {
              "kind": "rule",
              "rule": {
                "text": "is_active(user: User) if not is_suspended(user);",
                "location": "docs.polar:11:1"
              }
            },
            "parts": [
              {
                "kind": "negation",
                "text": "not is_suspended(user)",
                "why": "is_suspended(User{\"ann\"}) does not hold",
                "reasons": [
                  "there is no such fact"
                ]
              }
            ]
          },
          "misses": [],
          "omitted": []
        }"#]]
    .assert_eq(&json("ann"));
}

#[test]
fn misses_in_json() {
    expect![[r#"
        {
          "version": 1,
          "allowed": false,
          "question": {
            "text": "is_active(User{\"eve\"})",
            "predicate": "is_active",
            "args": [
              {
                "kind": "value",
                "value": {
                  "type": "User",
                  "id": "eve"
                }
              }
            ]
          },
          "proof": null,
          "misses": [
            {
              "needed": [
                {
                  "kind": "no_fact",
                  "fact": {
                    "predicate": "is_suspended",
                    "args": [
                      {
                        "type": "User",
                        "id": "eve"
                      }
                    ]
                  }
                }
              ],
              "provided": [],
              "rules": [
                {
                  "text": "is_active(user: User) if not is_suspended(user);",
                  "location": "docs.polar:11:1"
                }
              ]
            }
          ],
          "omitted": []
        }"#]]
    .assert_eq(&json("eve"));
}

#[test]
fn a_page_stands_by_itself() {
    for actor in ["ann", "eve", "<script>alert(1)</script>\"'"] {
        let html = to_html(&explained(
            "allow",
            &[ValueRef::entity("User", actor), "read".into(), ValueRef::entity("Doc", "plan")],
        ));
        assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
        for outside in ["http://", "https://", "url(", "<script", "@import", "src="] {
            assert!(!html.replace("http://www.w3.org/2000/svg", "").contains(outside), "{outside}");
        }
        let drawing = html.split_once("<svg").and_then(|(_, rest)| rest.split_once("</svg>"));
        let (svg, _) = drawing.expect("a drawing");
        assert_eq!(svg.matches("<g>").count(), svg.matches("</g>").count());
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        assert!(svg.matches("<path").count() + 1 >= svg.matches("<rect").count());
    }
}
