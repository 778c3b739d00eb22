//! Arctos alone answers so many questions: `count W1 2000`, to be run under valgrind's callgrind or a profiler.

use anyhow::{Context, Result};
use arctos_bench::Workload;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "count <workload> <number of questions>";
    let ours = Workload::ours(&arguments.next().context(usage)?)?;
    let count: usize = arguments.next().context(usage)?.parse().context(usage)?;
    let (mut arctos, questions) = (ours.make)();
    arctos.answer_many(0, count, questions);
    Ok(())
}
