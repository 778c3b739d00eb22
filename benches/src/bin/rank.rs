//! throwaway
use std::time::Instant;
use std::hint::black_box;
fn main() {
    let mut args = std::env::args().skip(1);
    let app: usize = args.next().unwrap().parse().unwrap();
    let mode = args.next().unwrap();
    if mode == "run" {
        let n: usize = args.next().unwrap().parse().unwrap();
        // pairs h:q on stdin
        let text = std::io::read_to_string(std::io::stdin()).unwrap();
        for pair in text.split_whitespace() {
            let (h, q) = pair.split_once(':').unwrap();
            let (mut c, _) = arctos_bench::published::ours_of(app, h.parse().unwrap());
            let q: usize = q.parse().unwrap();
            for _ in 0..n { black_box(c.answer(black_box(q))); }
        }
        return;
    }
    let hs: u64 = args.next().unwrap().parse().unwrap();
    let mut all = Vec::new();
    for h in 0..hs {
        let (mut c, count) = arctos_bench::published::ours_of(app, h);
        for q in 0..count { c.answer(q); }
        for q in 0..count {
            let mut best = f64::MAX;
            for _ in 0..5 { let t = Instant::now(); black_box(c.answer(black_box(q))); best = best.min(t.elapsed().as_secs_f64()*1e9); }
            all.push((best, h, q));
        }
    }
    all.sort_by(|a,b| a.0.total_cmp(&b.0));
    let n = all.len();
    eprintln!("median {:.0} p90 {:.0} p99 {:.0} max {:.0}", all[n/2].0, all[n*9/10].0, all[n*99/100].0, all[n-1].0);
    for (_, h, q) in &all[n*985/1000..n*995/1000] { println!("{h}:{q}"); }
}
