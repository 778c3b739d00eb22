//! Recursion over random graphs, most of them with cycles: what a policy says must be what the graph's matrix says.
//!
//! The matrix is a third opinion, which knows nothing of rules: the closure after S. Warshall, "A theorem on Boolean
//! matrices", JACM 1962, and games solved backwards. Each question is asked with each way to write the recursion, ground and
//! open, inside negations too.

use std::collections::BTreeSet;
use std::fmt::Write;

use arctos::Limits;

use crate::corpus::{File, Section};
use crate::generate::Random;
use crate::plans;
use crate::run::{Loaded, Runner, ask_reference_here};

/// Steps that no question here needs.
pub(crate) const STEPS: u64 = 400_000;

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Questions that were answered as the matrix has it.
    pub right: usize,
    /// Of those, questions with a negation.
    pub negated: usize,
    /// Graphs with a cycle.
    pub cyclic: usize,
    /// Positions of games that have no winner, and are an error.
    pub drawn: usize,
    /// What is wrong.
    pub differences: Vec<String>,
}

/// How rules say that a way leads from one node to another: as many lines of a policy.
const WAYS: &[&str] = &[
    "reach(x, y) if edge(x, y);\nreach(x, z) if edge(x, y) and reach(y, z);",
    "reach(x, z) if edge(x, y) and reach(y, z);\nreach(x, y) if edge(x, y);",
    "reach(x, y) if edge(x, y);\nreach(x, z) if reach(x, y) and edge(y, z);",
    "reach(x, z) if reach(x, y) and edge(y, z);\nreach(x, y) if edge(x, y);",
    "reach(x, y) if edge(x, y);\nreach(x, z) if reach(x, y) and reach(y, z);",
    "reach(x, z) if reach(x, y) and reach(y, z) or edge(x, z);",
    "reach(x, z) if hop(x, y) and edge(y, z);\nreach(x, y) if edge(x, y);\nhop(x, y) if reach(x, y);",
    "reach(x, y) if edge(x, y);\nreach(x, z) if edge(x, y) and (reach(y, z) or hop(y, z));\nhop(x, y) if reach(x, y) and reach(x, y);",
    "reach(x, z) if edge(x, y) and not y in [] and reach(y, z);\nreach(x, y) if node(x) and node(y) and not not_edge(x, y);\nnot_edge(x, y) if not edge(x, y);",
];

/// A graph over the nodes 0, 1, ….
struct Graph {
    size: usize,
    edge: Vec<Vec<bool>>,
    reach: Vec<Vec<bool>>,
}

impl Graph {
    fn random(random: &mut Random) -> Graph {
        let size = 2 + random.below(5);
        let density = 15 + random.below(35);
        let edge: Vec<Vec<bool>> =
            (0..size).map(|_| (0..size).map(|_| random.chance(density)).collect()).collect();
        let mut reach = edge.clone();
        for middle in 0..size {
            for from in 0..size {
                for to in 0..size {
                    reach[from][to] |= reach[from][middle] && reach[middle][to];
                }
            }
        }
        Graph { size, edge, reach }
    }

    fn is_cyclic(&self) -> bool {
        (0..self.size).any(|node| self.reach[node][node])
    }

    /// The pairs that this holds for.
    fn pairs(&self, holds: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
        let all = (0..self.size).flat_map(|from| (0..self.size).map(move |to| (from, to)));
        all.filter(|(from, to)| holds(*from, *to)).collect()
    }

    /// By node: whether who moves from it wins, `None` where neither can force it. A move follows an edge; who cannot move
    /// has lost.
    fn winners(&self) -> Vec<Option<bool>> {
        let mut known = vec![None; self.size];
        for _ in 0..self.size {
            let next = |node: usize| (0..self.size).filter(move |to| self.edge[node][*to]);
            let settled: Vec<Option<bool>> = (0..self.size)
                .map(|node| match node {
                    _ if next(node).any(|to| known[to] == Some(false)) => Some(true),
                    _ if next(node).all(|to| known[to] == Some(true)) => Some(false),
                    _ => None,
                })
                .collect();
            known = settled;
        }
        known
    }
}

/// A question with the answers that are right; none for *no*.
pub(crate) struct Question {
    text: String,
    answers: BTreeSet<String>,
    is_closed: bool,
}

impl Question {
    pub(crate) fn closed(text: String, holds: bool) -> Question {
        Question { text, answers: holds.then(|| "yes".to_owned()).into_iter().collect(), is_closed: true }
    }

    pub(crate) fn open(text: impl Into<String>, answers: impl Iterator<Item = String>) -> Question {
        Question { text: text.into(), answers: answers.collect(), is_closed: false }
    }
}

/// How nodes are written: numbers in facts that are rules, or objects with lists of one another.
#[derive(Clone, Copy)]
enum Nodes {
    Numbers,
    Objects,
}

impl Nodes {
    fn name(self, node: usize) -> String {
        match self {
            Nodes::Numbers => node.to_string(),
            Nodes::Objects => format!("n{node}"),
        }
    }

    fn list(self, nodes: impl Iterator<Item = usize>) -> String {
        nodes.map(|node| self.name(node)).collect::<Vec<_>>().join(", ")
    }

    fn classes(self, graph: &Graph) -> String {
        let mut text = "class Node\n".to_owned();
        if let Nodes::Objects = self {
            for node in 0..graph.size {
                let kids = self.list((0..graph.size).filter(|to| graph.edge[node][*to]));
                let _ = writeln!(text, "object {} = Node{{kids: [{kids}]}}", self.name(node));
            }
        }
        text
    }

    fn policy(self, graph: &Graph, way: &str) -> String {
        let mut text = format!("{way}\nwin(x) if edge(x, y) and not win(y);\n");
        let _ = writeln!(text, "node(x) if x in [{}];", self.list(0..graph.size));
        match self {
            Nodes::Objects => text.push_str("edge(x, y) if node(x) and y in x.kids;\n"),
            Nodes::Numbers => {
                for (from, to) in graph.pairs(|from, to| graph.edge[from][to]) {
                    let _ = writeln!(text, "edge({from}, {to});");
                }
                // There has to be a rule of that name.
                text.push_str("edge(x, x) if x in [];\n");
            }
        }
        text
    }
}

fn questions(graph: &Graph, nodes: Nodes, random: &mut Random) -> Vec<Question> {
    let (a, b) = (random.below(graph.size), random.below(graph.size));
    let (from, to) = (nodes.name(a), nodes.name(b));
    let reach = |x: usize, y: usize| graph.reach[x][y];
    let all = || 0..graph.size;
    let x = |node: usize| format!("x = {}", nodes.name(node));
    let returns = all().all(|node| !reach(a, node) || reach(node, a));
    vec![
        Question::closed(format!("reach({from}, {to})"), reach(a, b)),
        Question::closed(format!("not reach({from}, {to})"), !reach(a, b)),
        Question::closed(format!("not not_reach({from}, {to})"), reach(a, b)),
        Question::closed(format!("reach({from}, {to}) and reach({to}, {from})"), reach(a, b) && reach(b, a)),
        Question::closed(format!("forall(reach({from}, x), reach(x, {from}))"), returns),
        Question::closed(format!("not (reach({from}, x) and not reach(x, {from}))"), returns),
        Question::open(format!("reach({from}, x)"), all().filter(|n| reach(a, *n)).map(x)),
        Question::open(format!("reach(x, {to})"), all().filter(|n| reach(*n, b)).map(x)),
        Question::open("reach(x, x)", all().filter(|n| reach(*n, *n)).map(x)),
        Question::open(
            "node(x) and node(y) and reach(x, y)",
            graph.pairs(reach).into_iter().map(|(n, m)| format!("{}, y = {}", x(n), nodes.name(m))),
        ),
        Question::open(format!("node(x) and not reach(x, {to})"), all().filter(|n| !reach(*n, b)).map(x)),
        Question::open("node(x) and not reach(x, _)", all().filter(|n| !all().any(|m| reach(*n, m))).map(x)),
        Question::open(
            format!("node(x) and forall(reach({from}, y), reach(x, y))"),
            all().filter(|n| all().all(|m| !reach(a, m) || reach(*n, m))).map(x),
        ),
    ]
}

/// Asks about `count` graphs from `seed` on. Needs the stack of the reference.
pub fn compare_many(seed: u64, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        let mut random = Random::new(seed);
        let graph = Graph::random(&mut random);
        tally.cyclic += usize::from(graph.is_cyclic());
        let nodes = if random.chance(50) { Nodes::Numbers } else { Nodes::Objects };
        let way = random.pick(WAYS).copied().unwrap_or("");
        let way = format!("{way}\nnot_reach(x, y) if not reach(x, y);");
        let file = file(&nodes.classes(&graph), &nodes.policy(&graph, &way));
        match Loaded::new(&file, Runner::Machine) {
            Ok(mut loaded) if loaded.is_valid() => {
                loaded.limits = Limits { steps: STEPS, time: None, ..Limits::default() };
                for question in questions(&graph, nodes, &mut random) {
                    tally.ask(&file, &loaded, &question, seed);
                }
                tally.play(&file, &loaded, &graph, nodes, seed);
            }
            other => tally.differences.push(format!("# seed {seed}: {other:?}\n{}", file.render())),
        }
    }
    tally
}

pub(crate) fn file(classes: &str, policy: &str) -> File {
    let section = |kind: &str, text: &str| Section {
        kind: kind.to_owned(),
        argument: String::new(),
        lines: text.lines().map(str::to_owned).collect(),
    };
    File { sections: vec![section("classes", classes), section("policy", policy)], ..File::default() }
}

impl Tally {
    /// Asks machine, reference and plan.
    pub(crate) fn ask(&mut self, file: &File, loaded: &Loaded, question: &Question, seed: u64) {
        let Question { text, answers, is_closed } = question;
        let machine = loaded.ask(text);
        let reference = ask_reference_here(loaded, text).outcome;
        let mut wrong = Vec::new();
        for (who, outcome) in [("machine", &machine), ("reference", &reference)] {
            let found: BTreeSet<String> = outcome.answers.iter().cloned().collect();
            if outcome.failure.is_some() || found != *answers {
                wrong.push(format!("{who}: {:?}", outcome.lines()));
            }
        }
        if *is_closed {
            let (verdict, _) = plans::compare(&loaded.world, &file.policies(), text);
            let right = match &verdict {
                plans::Verdict::Same(yes) => *yes != answers.is_empty(),
                plans::Verdict::Left(word) => *word == if answers.is_empty() { "no" } else { "yes" },
                _ => false,
            };
            if !right {
                wrong.push(format!("plan: {verdict:?}"));
            }
        }
        self.note(wrong, text, &format!("{answers:?}"), file, seed);
        self.negated += usize::from(text.contains("not ") || text.contains("forall"));
    }

    /// Asks who wins from each node. Whoever decides decides right; a position without a winner is never decided.
    fn play(&mut self, file: &File, loaded: &Loaded, graph: &Graph, nodes: Nodes, seed: u64) {
        for (node, winner) in graph.winners().into_iter().enumerate() {
            let text = format!("win({})", nodes.name(node));
            let mut wrong = Vec::new();
            for (who, outcome) in
                [("machine", loaded.ask(&text)), ("reference", ask_reference_here(loaded, &text).outcome)]
            {
                let refused = outcome.failure.as_ref().is_some_and(|failure| failure.kind == "NegationLoop");
                let decided = outcome.failure.is_none().then_some(!outcome.answers.is_empty());
                // On the way to a winner a cycle may be met first.
                let right = if refused { graph.is_cyclic() } else { decided.is_some() && decided == winner };
                if !right {
                    wrong.push(format!("{who}: {:?}", outcome.lines()));
                }
            }
            self.drawn += usize::from(winner.is_none());
            self.note(wrong, &text, &format!("{winner:?}"), file, seed);
        }
    }

    fn note(&mut self, wrong: Vec<String>, question: &str, expected: &str, file: &File, seed: u64) {
        if wrong.is_empty() {
            self.right += 1;
            return;
        }
        let wrong = wrong.join("\n# ");
        self.differences
            .push(format!("# seed {seed}, {question}: expected {expected}\n# {wrong}\n{}", file.render()));
    }
}
