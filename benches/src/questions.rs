//! Choosing what is asked.

use fastrand::Rng;

/// Random questions of which half are allowed, shuffled. After `patience` tries whatever comes is taken, where the data
/// have not enough of one sort.
pub(crate) fn half_allowed<Q: Copy>(
    count: usize,
    patience: usize,
    random: &mut Rng,
    any: impl Fn(&mut Rng) -> Q,
    allows: impl Fn(Q) -> bool,
) -> Vec<Q> {
    let mut questions = Vec::with_capacity(count);
    let mut wanted = [count / 2; 2];
    let mut tries = 0;
    while questions.len() < count {
        tries += 1;
        let question = any(random);
        let left = &mut wanted[usize::from(allows(question))];
        if *left > 0 || tries > patience {
            *left = left.saturating_sub(1);
            questions.push(question);
        }
    }
    random.shuffle(&mut questions);
    questions
}
