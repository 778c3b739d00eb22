//! An application that means no good: objects without end, values that are deep, wide, long or shared many times over.

use std::time::Duration;

use arctos::{
    Arguments, ClassId, Comparison, ConstantId, Decider, Error, Heap, Host, HostError, HostErrorKind, Limits,
    Lineage, Name, Policy, Query, Replied, Reply, Schema, Sources, Term, View,
};

/// Objects are numbers; `thing` is 0. Each new one is the next number.
#[derive(Debug, Default)]
pub(crate) struct Endless {
    made: u64,
    /// How often the host was asked for something.
    pub(crate) asked: u64,
    /// Bytes of the longest text that was printed.
    pub(crate) printed: usize,
    /// Milliseconds that pass with each look at the clock; 0 for no clock.
    tick: u64,
    elapsed: u64,
}

/// Lists inside one another, each the only item of the next.
const DEEP: usize = 50_000;
/// Lists of a list twice, inside one another: a tree of 2^64 leaves, in 64 lists.
const SHARED: usize = 64;

impl Endless {
    /// A host whose clock shows so many milliseconds more at each look.
    pub(crate) fn ticking(tick: u64) -> Self {
        Endless { tick, ..Endless::default() }
    }

    fn new_object(&mut self, heap: &mut Heap<u64>) -> Term {
        self.made += 1;
        heap.object(self.made)
    }
}

fn nested(heap: &mut Heap<u64>, depth: usize, copies: usize) -> Term {
    (0..depth).fold(heap.nil(), |inner, _| heap.list(&vec![inner; copies]))
}

impl Host for Endless {
    type Object = u64;

    fn lineage(&mut self, _: &u64) -> Lineage<'_> {
        Lineage::None
    }

    fn attribute(&mut self, heap: &mut Heap<u64>, object: Term, name: Name<'_>) -> Replied {
        self.asked += 1;
        let reply = match name.text {
            "next" => self.new_object(heap),
            "itself" => object,
            "deep" => nested(heap, DEEP, 1),
            "shared" => nested(heap, SHARED, 2),
            "wide" => nested(heap, 12, 100),
            "dictionaries" => {
                (0..SHARED).fold(heap.nil(), |inner, _| heap.dictionary([("a", inner), ("b", inner)]))
            }
            "long" => {
                let items: Vec<Term> = (0..1_000_000).map(|item| heap.integer(item)).collect();
                heap.list(&items)
            }
            "text" => heap.string(&"x".repeat(1 << 20)),
            "number" => heap.integer(1),
            name => return Err(HostError::missing(format!("no attribute `{name}`"))),
        };
        Ok(Reply::Ready(reply))
    }

    fn call(&mut self, heap: &mut Heap<u64>, object: Term, name: Name<'_>, _: Arguments<'_>) -> Replied {
        self.asked += 1;
        let reply = match (name.text, heap.view(object)) {
            ("doubled", View::String(text)) => {
                let text = text.repeat(2);
                heap.string(&text)
            }
            ("pair", _) => heap.list(&[object, object]),
            (name, _) => return Err(HostError::missing(format!("no method `{name}`"))),
        };
        Ok(Reply::Ready(reply))
    }

    fn construct(&mut self, _: &mut Heap<u64>, _: ClassId, _: Arguments<'_>) -> Replied {
        Err(HostError::new(HostErrorKind::Construction, "nothing can be made"))
    }

    fn constant(&mut self, heap: &mut Heap<u64>, _: ConstantId) -> Replied {
        Ok(Reply::Ready(heap.object(0)))
    }

    fn class(&mut self, heap: &mut Heap<u64>, _: ClassId) -> Replied {
        Ok(Reply::Ready(heap.nil()))
    }

    fn compare(&mut self, _: &Heap<u64>, _: Comparison, _: Term, _: Term) -> Replied<bool> {
        self.asked += 1;
        Ok(Reply::Ready(false))
    }

    fn iterate(&mut self, _: &mut Heap<u64>, _: Term) -> Result<u64, HostError> {
        Ok(u64::MAX)
    }

    fn next(&mut self, heap: &mut Heap<u64>, _: &u64) -> Replied<Option<Term>> {
        self.asked += 1;
        Ok(Reply::Ready(Some(self.new_object(heap))))
    }

    fn identity(&self, object: &u64) -> u64 {
        *object
    }

    fn describe(&self, object: &u64) -> String {
        format!("object {object}")
    }

    fn print(&mut self, text: &str) {
        self.printed = self.printed.max(text.len());
    }

    fn now(&mut self) -> Option<Duration> {
        self.elapsed += self.tick;
        (self.tick > 0).then(|| Duration::from_millis(self.elapsed))
    }
}

/// Loads a policy in which `thing` is an object.
pub(crate) fn policy(text: &str) -> Policy {
    let mut schema = Schema::new();
    schema.add_constant("thing");
    schema.add_constant("other");
    let mut sources = Sources::default();
    sources.add(None, text);
    Policy::load(&schema, sources).expect("a policy that loads")
}

/// Who decides.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    /// All answers of a query, one after the other.
    Answers,
    /// Whether a query has an answer.
    Query,
    /// Whether there is an answer, with plans.
    Decider,
}

/// All of them.
pub(crate) const ENGINES: [Engine; 3] = [Engine::Answers, Engine::Query, Engine::Decider];

/// Asks rule `f` with the argument 1, on a thread with the stack that threads usually have.
///
/// # Errors
/// As the engines have them.
pub(crate) fn ask(
    engine: Engine,
    policy: &Policy,
    host: &mut Endless,
    limits: &Limits,
) -> Result<bool, Error> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let asking = thread.spawn_scoped(scope, || ask_here(engine, policy, host, limits));
        asking.expect("a thread").join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn ask_here(engine: Engine, policy: &Policy, host: &mut Endless, limits: &Limits) -> Result<bool, Error> {
    if matches!(engine, Engine::Decider) {
        let mut decider = Decider::new(policy);
        let one = decider.heap().integer(1);
        return decider.decide(host, "f", &[one], limits);
    }
    let mut query = Query::new(policy, host);
    query.set_limits(limits.clone());
    let one = query.heap().integer(1);
    query.ask("f", &[one])?;
    if matches!(engine, Engine::Query) {
        return query.decide();
    }
    let mut found = false;
    while query.next()?.is_some() {
        found = true;
    }
    Ok(found)
}
