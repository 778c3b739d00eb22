//! W6 for regorus: the same rules, compiled for its interpreter.

use std::sync::Arc;

use regorus::{CompiledPolicy, Engine, Value};

use super::ACTIONS;
use crate::contender::Contender;
use crate::rego;

/// How many rules go into one file: regorus takes no file over a mebibyte.
const IN_A_FILE: usize = 1_000;

fn files(rules: usize) -> Vec<String> {
    let rule = |number: &usize| {
        format!(
            "\nallow if {{\n\tinput.action == \"action{}\"\n\tinput.user.role == \"role{number}\"\n\t\
             input.repository.id == {number}\n}}\n",
            number % ACTIONS
        )
    };
    let numbers: Vec<usize> = (0..rules).collect();
    let file = |numbers: &[usize]| format!("package load\n{}", numbers.iter().map(rule).collect::<String>());
    numbers.chunks(IN_A_FILE).map(file).collect()
}

fn load(files: &[String]) -> CompiledPolicy {
    let mut engine = Engine::new();
    for (number, text) in files.iter().enumerate() {
        engine.add_policy(format!("policy{number}.rego"), text.clone()).expect("the policy loads");
    }
    engine.compile_with_entrypoint(&Arc::from("data.load.allow")).expect("the policy compiles")
}

pub(super) fn contender(rules: usize) -> Contender {
    let files = files(rules);
    let compiled = load(&files);
    let ask = |role: &str| {
        let input = serde_json::json!({"action": "action7", "user": {"role": role}, "repository": {"id": 7}});
        compiled.eval_with_input(rego::value(&input)).ok()
    };
    assert_eq!((ask("role7"), ask("role8")), (Some(Value::Bool(true)), Some(Value::Undefined)));
    let given = "`add_policy` and `compile_with_entrypoint`, for its interpreter: its virtual machine takes no program as \
                 long as that of 10,000 rules";
    Contender::new("regorus", given, move |_| {
        drop(load(&files));
        true
    })
}
