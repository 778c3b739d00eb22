//! Conditions that remain in an answer, as text: `_this > 1 and _this.name = "x"`.

use arctos::{Expression, Heap, Operand, Variable};

use crate::host::{Handle, to_value};
use crate::value::{Renderer, Value};

/// An expression whose terms have left the query's heap.
#[derive(Clone, Debug)]
pub enum Condition {
    /// The variable it is about.
    This,
    /// A value.
    Value(Value),
    /// An operator by its traditional name, and operands.
    Operation(&'static str, Vec<Condition>),
    /// A class with fields, or only fields.
    Pattern(Option<String>, Vec<(String, Condition)>),
}

impl Condition {
    /// Takes an expression off the heap.
    pub fn of(expression: &Expression, heap: &Heap<Handle>, variables: &mut Vec<Variable>) -> Condition {
        let args = expression.args.iter().map(|arg| Condition::of_operand(arg, heap, variables));
        Condition::Operation(expression.op, args.collect())
    }

    fn of_operand(operand: &Operand, heap: &Heap<Handle>, variables: &mut Vec<Variable>) -> Condition {
        match operand {
            Operand::This => Condition::This,
            Operand::Term(term) => Condition::Value(to_value(heap, *term, variables)),
            Operand::Expression(expression) => Condition::of(expression, heap, variables),
            Operand::Pattern { class, fields } => {
                let fields = fields.iter();
                let fields =
                    fields.map(|(name, field)| (name.clone(), Condition::of_operand(field, heap, variables)));
                Condition::Pattern(class.clone(), fields.collect())
            }
        }
    }

    /// The condition's text.
    pub fn render(&self, renderer: &mut Renderer<'_>) -> String {
        match self {
            Condition::This => "_this".to_owned(),
            Condition::Value(value) => renderer.render(value),
            Condition::Pattern(class, fields) => {
                let class = class.as_deref().unwrap_or("");
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, field)| format!("{name}: {}", field.render(renderer)))
                    .collect();
                if fields.is_empty() && !class.is_empty() {
                    return class.to_owned();
                }
                format!("{class}{{{}}}", fields.join(", "))
            }
            Condition::Operation("Not", args) => format!("not ({})", joined(args, " and ", renderer)),
            Condition::Operation("Dot", args) => match args.as_slice() {
                [object, Condition::Value(Value::String(name))] => {
                    format!("{}.{name}", object.operand(renderer))
                }
                _ => format!(".({})", joined(args, ", ", renderer)),
            },
            Condition::Operation(op, args) => joined(args, &format!(" {} ", symbol(op)), renderer),
        }
    }

    fn operand(&self, renderer: &mut Renderer<'_>) -> String {
        match self {
            Condition::Operation("Dot" | "Not", _) => self.render(renderer),
            Condition::Operation(_, args) if args.len() > 1 => format!("({})", self.render(renderer)),
            _ => self.render(renderer),
        }
    }
}

fn joined(args: &[Condition], between: &str, renderer: &mut Renderer<'_>) -> String {
    let plain = between == " and " || between == ", ";
    let args: Vec<String> =
        args.iter().map(|arg| if plain { arg.render(renderer) } else { arg.operand(renderer) }).collect();
    args.join(between)
}

fn symbol(op: &'static str) -> &'static str {
    match op {
        "And" => "and",
        "Or" => "or",
        "Unify" => "=",
        "Eq" => "==",
        "Neq" => "!=",
        "Lt" => "<",
        "Leq" => "<=",
        "Gt" => ">",
        "Geq" => ">=",
        "In" => "in",
        "Isa" => "matches",
        "Add" => "+",
        "Sub" => "-",
        "Mul" => "*",
        "Div" => "/",
        "Mod" => "mod",
        "Rem" => "rem",
        other => other,
    }
}
