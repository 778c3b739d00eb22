//! W6 for the crate `oso`: the same text.

use oso::{Oso, PolarClass};

use crate::contender::Contender;

#[derive(Clone, PolarClass)]
struct User {
    #[polar(attribute)]
    role: String,
}

#[derive(Clone, PolarClass)]
struct Repository {
    #[polar(attribute)]
    id: u32,
}

fn load(text: &str) -> Oso {
    let mut engine = Oso::new();
    for class in [User::get_polar_class(), Repository::get_polar_class()] {
        engine.register_class(class).expect("a class");
    }
    engine.load_str(text).expect("the policy loads");
    engine
}

pub(super) fn contender(rules: usize) -> Contender {
    let text = super::polar(rules);
    let engine = load(&text);
    let ask =
        |role: &str| engine.is_allowed(User { role: role.into() }, "action7", Repository { id: 7 }).ok();
    assert_eq!((ask("role7"), ask("role8")), (Some(true), Some(false)), "it decides by the rules");
    Contender::new("oso", "`Oso::new()`, `register_class` and `load_str(text)`, the same text", move |_| {
        drop(load(&text));
        true
    })
}
