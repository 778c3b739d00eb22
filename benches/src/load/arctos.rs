//! W6 for Arctos: parse, check and lower.

use arctos::rust::{Arctos, PolarClass};

use crate::contender::Contender;

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    role: String,
}

#[derive(PolarClass)]
struct Repository {
    #[polar(attribute)]
    id: u32,
}

fn load(text: &str) -> Arctos {
    let builder = Arctos::builder().register::<User>().register::<Repository>();
    builder.load_str(text).build().expect("the policy loads")
}

/// Loads so many rules; before, that it decides by them is checked once.
pub fn contender(rules: usize) -> Contender {
    let text = super::polar(rules);
    let engine = load(&text);
    let ask = |role: &str| engine.is_allowed(&User { role: role.into() }, "action7", &Repository { id: 7 });
    assert_eq!((ask("role7").ok(), ask("role8").ok()), (Some(true), Some(false)), "it decides by the rules");
    let given = "`builder().register()….load_str(text).build()`: parse, every check, lower and index";
    Contender::new("arctos", given, move |_| load(&text).policy().has_rule("allow"))
}
