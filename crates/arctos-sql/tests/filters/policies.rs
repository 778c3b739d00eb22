//! Policies at random over the rows of [`crate::rows`].
//!
//! `x0` is the actor, `x1` the row. Conditions respect the types of attributes, mostly.

use arctos::residual::{Constant, ValueType};
use arctos_testkit::generate::{Case, Goal, Random, Rule};

use crate::rows::{Class, Data, FLOATS, INTEGERS, TEXTS, show};

/// The classes of which rows are asked for.
const ASKED: &[&str] = &["Doc", "Doc", "Folder", "User", "Part"];

/// Classes that a recursion goes along, with relations for it.
const CHAINS: &[(&str, &[&str], &[&str])] =
    &[("Folder", &["parent"], &["children"]), ("User", &["boss"], &["team"]), ("Part", &["next"], &[])];

pub(crate) struct Writer<'a> {
    random: &'a mut Random,
    data: &'a Data,
    variables: usize,
    /// Rules that conditions may call, with the class of the second argument.
    rules: Vec<(String, &'static str)>,
}

/// A policy, and the class of the rows that it is asked about.
pub(crate) fn policy(random: &mut Random, data: &Data) -> (Case, &'static str) {
    let mut writer = Writer { random, data, variables: 2, rules: Vec::new() };
    let mut rules = Vec::new();
    if writer.random.chance(60) {
        writer.recursion(&mut rules);
    }
    for number in 0..writer.random.below(3) {
        let (name, class) = (format!("r{number}"), writer.pick(&["Doc", "Folder", "User", "Part"]));
        for _ in 0..1 + writer.random.below(2) {
            rules.push(writer.rule(&format!("{name}(x0: User, x1: {class})"), class, 2));
        }
        writer.rules.push((name, class));
    }
    let class = writer.pick(ASKED);
    for _ in 0..1 + writer.random.below(3) {
        let mut rule = writer.rule(&format!("allow(x0: User, \"read\", x1: {class})"), class, 3);
        if writer.random.chance(6) {
            let place = writer.random.below(rule.body.len() + 1);
            rule.body.insert(place, Goal::Plain("cut".to_owned()));
        }
        rules.push(rule);
    }
    (Case { classes: Vec::new(), rules, query: Vec::new() }, class)
}

impl Writer<'_> {
    fn pick<T: Copy + Default>(&mut self, all: &[T]) -> T {
        self.random.pick(all).copied().unwrap_or_default()
    }

    fn class(&self, name: &str) -> Option<Class> {
        self.data.class(name).map(|(_, class)| class.clone())
    }

    fn rule(&mut self, head: &str, class: &str, depth: usize) -> Rule {
        Rule { head: head.to_owned(), body: self.goals("x1", class, depth) }
    }

    fn recursion(&mut self, rules: &mut Vec<Rule>) {
        let Some((class, ones, manys)) = self.random.pick(CHAINS).copied() else { return };
        let head = format!("up(x0: User, x1: {class})");
        rules.push(self.rule(&head, class, 1));
        for _ in 0..1 + self.random.below(2) {
            let mut body = if self.random.chance(30) { vec![self.goal("x1", class, 0)] } else { Vec::new() };
            let variable = self.variable();
            body.push(Goal::Plain(match self.random.below(3) {
                0 if !manys.is_empty() => {
                    format!("{variable} in x1.{} and up(x0, {variable})", self.pick(manys))
                }
                1 => format!("{variable} = x1.{} and up(x0, {variable})", self.pick(ones)),
                2 if self.random.chance(30) => {
                    let one = self.pick(ones);
                    format!("{variable} = x1.{one}.{one} and up(x0, {variable})")
                }
                _ => format!("up(x0, x1.{})", self.pick(ones)),
            }));
            rules.push(Rule { head: head.clone(), body });
        }
        self.rules.push(("up".to_owned(), class));
    }

    fn variable(&mut self) -> String {
        self.variables += 1;
        format!("x{}", self.variables)
    }

    fn goals(&mut self, of: &str, class: &str, depth: usize) -> Vec<Goal> {
        let count = if self.random.chance(60) { 1 } else { 2 };
        (0..count).map(|_| self.goal(of, class, depth)).collect()
    }

    fn goal(&mut self, of: &str, class: &str, depth: usize) -> Goal {
        let Some(known) = self.class(class) else { return Goal::Plain("true".to_owned()) };
        match self.random.below(if depth == 0 { 9 } else { 18 }) {
            0..=3 => self.with_constant(of, &known),
            4 => self.among(of, &known),
            5 if self.random.chance(30) => self.computed(of, &known),
            5 => self.with_attribute(of, &known),
            6 => self.truth(of, &known),
            7 => self.relation(of, &known),
            8 if self.random.chance(30) => Goal::Not(vec![self.call(of, class)]),
            8 => self.call(of, class),
            9 | 10 => Goal::Not(self.goals(of, class, depth - 1)),
            11 | 12 => {
                let branches = 2 + self.random.below(2);
                Goal::Or((0..branches).map(|_| self.goals(of, class, depth - 1)).collect())
            }
            13 | 14 => self.one(of, &known, depth - 1),
            15 => self.all_of(of, &known, depth - 1),
            _ => self.some(of, &known, depth - 1),
        }
    }

    fn attribute(&mut self, class: &Class) -> (&'static str, ValueType) {
        let (name, kind, _) =
            self.random.pick(&class.attributes).copied().unwrap_or(("id", ValueType::Integer, false));
        (name, kind)
    }

    fn constant(&mut self, kind: ValueType) -> String {
        let kind = if self.random.chance(8) {
            use ValueType::{Boolean, Float, Integer, String};
            *self.random.pick(&[Boolean, Integer, Float, String]).unwrap_or(&kind)
        } else {
            kind
        };
        if self.random.chance(6) {
            return "nil".to_owned();
        }
        let number = |kind, this: &mut Self| match kind {
            ValueType::Integer => Constant::Integer(this.pick(INTEGERS)),
            _ => Constant::Float(this.pick(FLOATS)),
        };
        show(&match kind {
            ValueType::Boolean => Constant::Boolean(self.random.chance(50)),
            ValueType::String => {
                let key = self.random.below(4);
                let text =
                    if self.random.chance(15) { format!("k{key}") } else { self.pick(TEXTS).to_owned() };
                Constant::String(text.into())
            }
            ValueType::Float if self.random.chance(10) => {
                return self.pick(&["inf", "nan", "inf"]).to_owned();
            }
            kind if self.random.chance(25) => {
                let other = if kind == ValueType::Integer { ValueType::Float } else { ValueType::Integer };
                number(other, self)
            }
            kind => number(kind, self),
        })
    }

    fn operator(&mut self, kind: ValueType) -> &'static str {
        match kind {
            ValueType::Boolean if !self.random.chance(2) => self.pick(&["=", "==", "!="]),
            _ => self.pick(&["=", "==", "!=", "!=", "<", "<=", ">", ">="]),
        }
    }

    fn with_constant(&mut self, of: &str, class: &Class) -> Goal {
        let (name, kind) = self.attribute(class);
        let (op, constant) = (self.operator(kind), self.constant(kind));
        Goal::Plain(match self.random.below(20) {
            0 => format!(
                "[{of}.{name}] {} [{constant}]",
                self.pick(&["=", "=", "=", "=", "=", "=", "=", "=", "==", "!="])
            ),
            1 => format!("{{a: {of}.{name}}} = {{a: {constant}}}"),
            2 | 3 => format!("{constant} {op} {of}.{name}"),
            _ => format!("{of}.{name} {op} {constant}"),
        })
    }

    fn among(&mut self, of: &str, class: &Class) -> Goal {
        let (name, kind) = self.attribute(class);
        let constants: Vec<String> = (0..self.random.below(4)).map(|_| self.constant(kind)).collect();
        Goal::Plain(format!("{of}.{name} in [{}]", constants.join(", ")))
    }

    /// Two attributes that may be alike: of the row, of the actor, or of a related row.
    fn with_attribute(&mut self, of: &str, class: &Class) -> Goal {
        let (name, kind) = match self.random.chance(30) {
            true => ("size", ValueType::Float),
            false => self.attribute(class),
        };
        let op = self.operator(kind);
        let (other, of_other) = match self.random.below(3) {
            0 => ("x0".to_owned(), self.class("User")),
            1 => match self.single(class) {
                Some((relation, class)) => (format!("{of}.{relation}"), self.class(&class)),
                None => (of.to_owned(), Some(class.clone())),
            },
            _ => (of.to_owned(), Some(class.clone())),
        };
        let is_odd = self.random.chance(3);
        let numbers = |kind| is_odd || matches!(kind, ValueType::Integer | ValueType::Float);
        let mut alike = of_other.map_or_else(Vec::new, |class| class.attributes);
        alike.retain(|(_, other, _)| *other == kind || numbers(*other) && numbers(kind));
        match self.random.pick(&alike) {
            Some((second, ..)) => Goal::Plain(format!("{of}.{name} {op} {other}.{second}")),
            None => Goal::Plain(format!("{of}.{name} != nil")),
        }
    }

    /// Arithmetic on integers. Of floats databases make other things, where these are no numbers any more.
    fn computed(&mut self, of: &str, class: &Class) -> Goal {
        let integer = |(_, kind, _): &&(&'static str, ValueType, bool)| *kind == ValueType::Integer;
        let all: Vec<&'static str> =
            class.attributes.iter().filter(integer).map(|(name, ..)| *name).collect();
        let side = |this: &mut Self| match this.random.below(4) {
            0 => show(&Constant::Integer(this.pick(INTEGERS))),
            1 if !all.is_empty() => format!("({of}.{} * {})", this.pick(&all), this.pick(&[-1, 0, 1, 2, 3])),
            _ if all.is_empty() => "x0.num".to_owned(),
            _ => format!("{of}.{}", this.pick(&all)),
        };
        let (left, right, other) = (side(self), side(self), side(self));
        let op = self.pick(&["+", "-", "*", "mod", "rem"]);
        Goal::Plain(format!("{left} {op} {right} {} {other}", self.operator(ValueType::Integer)))
    }

    fn truth(&mut self, of: &str, class: &Class) -> Goal {
        let flags: Vec<_> =
            class.attributes.iter().filter(|(_, kind, _)| *kind == ValueType::Boolean).collect();
        match self.random.pick(&flags) {
            Some((name, ..)) => Goal::Plain(format!("{of}.{name}")),
            None => Goal::Plain("true".to_owned()),
        }
    }

    fn related(&mut self, class: &Class, many: bool) -> Option<(&'static str, String)> {
        let all: Vec<_> = class.relations.iter().filter(|(_, relation)| relation.many == many).collect();
        self.random.pick(&all).map(|(name, relation)| (*name, relation.class.clone()))
    }

    fn single(&mut self, class: &Class) -> Option<(&'static str, String)> {
        self.related(class, false)
    }

    /// A relation beside the actor or nil.
    fn relation(&mut self, of: &str, class: &Class) -> Goal {
        if class.name == "User" && self.random.chance(40) {
            return Goal::Plain(format!("{of} {} x0", self.pick(&["=", "!="])));
        }
        if self.random.chance(25)
            && let Some((name, class)) = self.related(class, true)
            && class == "User"
        {
            return Goal::Plain(format!("x0 in {of}.{name}"));
        }
        let Some((name, class)) = self.single(class) else { return Goal::Plain("true".to_owned()) };
        let op = self.pick(&["=", "==", "!="]);
        let other = match (&*class, self.random.below(4)) {
            ("User", 0 | 1) => "x0".to_owned(),
            ("User", 2) => "x0.boss".to_owned(),
            (class, 3) => self.object(class),
            _ => "nil".to_owned(),
        };
        Goal::Plain(match self.random.chance(15) {
            true => format!("{of}.{name} matches {class}"),
            false => format!("{of}.{name} {op} {other}"),
        })
    }

    /// One of the class's rows, by its name.
    fn object(&self, class: &str) -> String {
        let place = self.data.class(class).map_or(0, |(place, _)| place);
        let first = self.data.all(place).next();
        first.map_or_else(|| "nil".to_owned(), |(number, _)| self.data.name((place, number)))
    }

    fn call(&mut self, of: &str, class: &str) -> Goal {
        let fitting: Vec<String> =
            self.rules.iter().filter(|(_, of)| *of == class).map(|(name, _)| name.clone()).collect();
        if let Some(name) = self.random.pick(&fitting) {
            return Goal::Plain(format!("{name}(x0, {of})"));
        }
        let all = self.rules.clone();
        let relations = self.class(class).map_or_else(Vec::new, |class| class.relations);
        let fits = |(rule, class): &(String, &'static str)| {
            let to = relations.iter().find(|(_, relation)| relation.class == *class && !relation.many);
            to.map(|(relation, _)| format!("{rule}(x0, {of}.{relation})"))
        };
        let calls: Vec<String> = all.iter().filter_map(fits).collect();
        Goal::Plain(self.random.pick(&calls).cloned().unwrap_or_else(|| "x0.flag = true".to_owned()))
    }

    /// Something of the row that a relation leads to.
    fn one(&mut self, of: &str, class: &Class, depth: usize) -> Goal {
        let Some((name, class)) = self.single(class) else { return Goal::Plain("true".to_owned()) };
        if self.random.chance(40) {
            return self.goal(&format!("{of}.{name}"), &class, 0);
        }
        let variable = self.variable();
        let inner = self.goals(&variable, &class, depth);
        self.bound(format!("{variable} = {of}.{name}"), inner)
    }

    fn some(&mut self, of: &str, class: &Class, depth: usize) -> Goal {
        let Some((name, class)) = self.related(class, true) else { return self.one(of, class, depth) };
        let variable = self.variable();
        let inner = self.goals(&variable, &class, depth);
        self.bound(format!("{variable} in {of}.{name}"), inner)
    }

    /// A variable's goal, and what is asked of it.
    fn bound(&mut self, first: String, inner: Vec<Goal>) -> Goal {
        let mut goals = vec![Goal::Plain(first)];
        goals.extend(inner);
        Goal::Or(vec![goals])
    }

    fn all_of(&mut self, of: &str, class: &Class, depth: usize) -> Goal {
        let Some((name, class)) = self.related(class, true) else { return self.one(of, class, depth) };
        let variable = self.variable();
        let inner = self.goals(&variable, &class, depth);
        Goal::ForAll(vec![Goal::Plain(format!("{variable} in {of}.{name}"))], inner)
    }
}
