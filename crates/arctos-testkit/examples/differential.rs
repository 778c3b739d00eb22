//! Shows one generated case and what machine and reference say of it: `cargo run --example differential SEED`.

use arctos_testkit::differential::{compare, write};
use arctos_testkit::generate::Generator;

fn main() {
    let seed = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let case = Generator::case(seed);
    println!("{}", write(&case));
    println!("{:#?}", compare(&case));
}
