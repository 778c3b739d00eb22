//! What every workload does alike with regorus.

use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

use crate::contender::Contender;

/// JSON as a value of regorus.
pub(crate) fn value(json: &serde_json::Value) -> Value {
    parsed(&json.to_string())
}

/// The text of JSON as a value of regorus.
pub(crate) fn parsed(text: &str) -> Value {
    Value::from_json_str(text).expect("JSON")
}

fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true))
}

fn engine(policy: &str, data: &serde_json::Value) -> Engine {
    let mut engine = Engine::new();
    engine.add_policy("policy.rego".to_owned(), policy.to_owned()).expect("the policy loads");
    engine.add_data(value(data)).expect("data");
    engine
}

/// The virtual machine, with the policy compiled to its instructions: the fastest way there is.
pub(crate) fn vm(policy: &str, data: &serde_json::Value, entry: &str, inputs: Vec<Value>) -> Contender {
    let mut engine = engine(policy, data);
    let compiled = engine.compile_with_entrypoint(&Arc::from(entry)).expect("the policy compiles");
    let program =
        Compiler::compile_from_policy(&compiled, &[entry]).expect("the policy compiles for the machine");
    let mut vm = RegoVM::new();
    vm.load_program(program);
    vm.set_data(value(data)).expect("data");
    let given = "its virtual machine, `set_input` and `execute`; data and inputs are `Value`s made before";
    Contender::new("regorus", given, move |question| {
        vm.set_input(inputs[question].clone());
        is_true(&vm.execute().expect("a decision"))
    })
}

/// The interpreter that its README shows.
pub(crate) fn interpreter(
    policy: &str,
    data: &serde_json::Value,
    entry: &'static str,
    inputs: Vec<Value>,
) -> Contender {
    let mut engine = engine(policy, data);
    let given = "its interpreter, `set_input` and `eval_rule`; data and inputs are `Value`s made before";
    Contender::new("regorus, interpreter", given, move |question| {
        engine.set_input(inputs[question].clone());
        is_true(&engine.eval_rule(entry.to_owned()).expect("a decision"))
    })
}
