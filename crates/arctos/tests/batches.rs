//! Questions that share what they find out are answered as each is by itself.

use std::sync::atomic::{AtomicUsize, Ordering};

use arctos::facts::{Facts, ValueRef, parse};
use arctos::rust::{Arctos, PolarClass};
use arctos::{Authorizer, Policy, Request, Schema, Sources};

/// Nodes of a graph.
const SIZE: usize = 7;

type Matrix = [[bool; SIZE]; SIZE];

/// A random graph, and what leads where in it, after S. Warshall, "A theorem on Boolean matrices", JACM 1962.
fn graph(seed: u64) -> (Matrix, Matrix) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut edges = [[false; SIZE]; SIZE];
    for edge in edges.iter_mut().flatten() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *edge = (state >> 33) % 100 < 20;
    }
    let mut leads = edges;
    for middle in 0..SIZE {
        for from in 0..SIZE {
            for to in 0..SIZE {
                leads[from][to] |= leads[from][middle] && leads[middle][to];
            }
        }
    }
    (edges, leads)
}

/// All pairs of nodes, those of a later `turn` in another order.
fn pairs(turn: usize) -> impl Iterator<Item = (usize, usize)> {
    let all = SIZE * SIZE;
    // The strides have no factor in common with the number of pairs.
    (0..all)
        .map(move |index| index * [1, 5, 11, 48][turn % 4] % all)
        .map(|index| (index / SIZE, index % SIZE))
}

#[derive(PolarClass)]
#[polar(methods(read_next))]
struct Graph {
    next: Vec<Vec<usize>>,
    reads: AtomicUsize,
}

impl Graph {
    /// The nodes after a node; there is no node 99.
    fn read_next(&self, node: i64) -> Result<Vec<usize>, String> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let next = usize::try_from(node).ok().and_then(|node| self.next.get(node));
        next.cloned().ok_or_else(|| format!("no node {node}"))
    }
}

const WAYS: &str = r#"
    leads(graph: Graph, x, y) if y in graph.read_next(x);
    leads(graph: Graph, x, z) if y in graph.read_next(x) and leads(graph, y, z);
    apart(graph: Graph, x, y) if not leads(graph, x, y);
"#;

#[test]
fn a_batch_over_objects_says_what_single_questions_say() {
    let arctos = Arctos::builder().register::<Graph>().load_str(WAYS).build().unwrap();
    let session = arctos.session();
    for seed in 0..40 {
        let (edges, leads) = graph(seed);
        let next = |from: &[bool; SIZE]| (0..SIZE).filter(|to| from[*to]).collect();
        let graph = Graph { next: edges.iter().map(next).collect(), reads: AtomicUsize::new(0) };
        let mut reads = [0; 2];
        for (turn, reads) in reads.iter_mut().enumerate() {
            let mut batch = session.batch();
            for (from, to) in pairs(seed as usize + turn) {
                if turn == 0 {
                    batch = session.batch();
                }
                let [apart, leads_to] =
                    ["apart", "leads"].map(|rule| batch.holds(rule, (&graph, from, to)).unwrap());
                assert_eq!((leads_to, apart), (leads[from][to], !leads[from][to]), "{seed}: {from} to {to}");
                // An error says nothing about what comes after it.
                assert!(from != to || batch.holds("leads", (&graph, 99, to)).is_err());
            }
            *reads = graph.reads.swap(0, Ordering::Relaxed);
        }
        assert!(reads[1] <= reads[0], "{seed}: {reads:?}");
    }
}

#[test]
fn a_batch_walks_each_way_once() {
    let arctos = Arctos::builder().register::<Graph>().load_str(WAYS).build().unwrap();
    let (session, depth) = (arctos.session(), 100);
    let next = (1..=depth).map(|to| vec![to]).chain([vec![]]).collect();
    let graph = Graph { next, reads: AtomicUsize::new(0) };
    let reads = |in_turn: bool| {
        let mut batch = session.batch();
        for from in 0..depth {
            if !in_turn {
                batch = session.batch();
            }
            assert!(!batch.holds("leads", (&graph, from, 5 * depth)).unwrap());
        }
        graph.reads.swap(0, Ordering::Relaxed)
    };
    // Each way is walked for each node on it, or once.
    assert!(reads(false) > depth * depth / 2);
    assert!(reads(true) <= 2 * (depth + 1));
}

#[test]
fn checks_of_one_request_say_what_single_checks_say() {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    let text = r#"
        actor Node {}
        declare edge(Node, Node);
        leads(x: Node, y: Node) if edge(x, y);
        leads(x: Node, z: Node) if y matches Node and edge(x, y) and leads(y, z);
        apart(x: Node, y: Node) if not leads(x, y);
    "#;
    sources.add(Some("main.polar"), text);
    let policy = Policy::load(&schema, sources).unwrap();
    for seed in 0..40 {
        let (edges, leads) = graph(seed);
        let mut change = Facts::new().change();
        for (from, to) in pairs(0).filter(|(from, to)| edges[*from][*to]) {
            for fact in parse(None, &format!(r#"edge(Node{{"{from}"}}, Node{{"{to}"}});"#)).unwrap() {
                change.insert(&fact).unwrap();
            }
        }
        let authorizer = Authorizer::new(&policy, change.commit().0).unwrap();
        let mut checks = authorizer.checks(&Request::default()).unwrap();
        for (from, to) in pairs(seed as usize) {
            let [x, y] = [from, to].map(|node| node.to_string());
            let pair = [ValueRef::entity("Node", &x), ValueRef::entity("Node", &y)];
            let said = ["leads", "apart"].map(|rule| checks.check(rule, &pair).unwrap());
            assert_eq!(said, [leads[from][to], !leads[from][to]], "{seed}: {from} to {to}");
            assert_eq!(authorizer.check("leads", &pair).unwrap(), said[0]);
            // An error says nothing about what comes after it.
            assert!(checks.check("no_such_rule", &pair).is_err());
        }
    }
}
