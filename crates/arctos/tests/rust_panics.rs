//! An application whose own code panics, or asks for ever inside its methods: the panic is the application's, and the
//! thread's next question is answered as if nothing had been.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arctos::rust::{Arctos, PolarClass, Unbound};
use arctos::{Error, ErrorKind, Limit, Limits};

#[derive(PolarClass, Clone)]
struct Page {
    #[polar(attribute)]
    id: i64,
    #[polar(attribute)]
    public: bool,
}

/// An error that cannot even be shown.
#[derive(Debug)]
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("this error panics when it is shown")
    }
}

impl std::error::Error for Unspeakable {}

/// Has a first item, and panics at the second.
impl<'p> IntoIterator for &'p Page {
    type Item = &'p i64;
    type IntoIter = Box<dyn Iterator<Item = &'p i64> + 'p>;

    fn into_iter(self) -> Self::IntoIter {
        let second = std::iter::from_fn(|| panic!("page {} has no second item", self.id));
        Box::new(std::iter::once(&self.id).chain(second))
    }
}

const POLICY: &str = r#"
    allow(_, "read", page: Page) if page.public;
    allow(_, "call", page: Page) if page.panics();
    allow(_, "call_again", page: Page) if page.panics() or page.public;
    allow(_, "not", page: Page) if not page.panics();
    allow(_, "error", page: Page) if page.fails();
    allow(_, "show", page: Page) if page < 1;
    allow(_, "equal", page: Page) if page = new Page(1);
    allow(_, "items", page: Page) if x in page and x = 3;
    allow(_, "deep", page: Page) if deep(page, 20);
    deep(page, 0) if page.panics();
    deep(page, n) if n > 0 and deep(page, n - 1);
    listed(page: Page, x) if x in [1, 2] and page.panics();
"#;

fn arctos() -> Arctos {
    let class = Page::class()
        .constructor(|id: i64| Page { id, public: true })
        .method("panics", |page: &Page| -> bool { panic!("page {} panics", page.id) })
        .method("fails", |_: &Page| -> Result<bool, Unspeakable> { Err(Unspeakable) })
        .described_by(|page: &Page| -> String { panic!("page {} cannot be described", page.id) })
        .equal_by(|_: &Page, _: &Page| -> bool { panic!("pages cannot be compared") })
        .iterable();
    Arctos::builder().register_class(class).load_str(POLICY).build().unwrap()
}

/// The text of the panic that `ask` ends with.
fn panic_of<T>(ask: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(ask)).err().unwrap();
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap()
}

#[test]
fn a_panic_goes_through_and_leaves_nothing_behind() {
    let arctos = arctos();
    let (public, private) = (Page { id: 1, public: true }, Page { id: 2, public: false });
    let cases = [
        ("call", "page 2 panics"),
        ("call_again", "page 2 panics"),
        ("not", "page 2 panics"),
        ("error", "this error panics when it is shown"),
        ("show", "page 2 cannot be described"),
        ("equal", "pages cannot be compared"),
        ("items", "page 2 has no second item"),
        ("deep", "page 2 panics"),
    ];
    for (action, text) in cases {
        // Cold and warm: what the thread keeps from one decision to the next must not be what a panic has left.
        for _ in 0..3 {
            assert_eq!(panic_of(|| arctos.is_allowed("ann", action, &private)), text, "{action}");
            assert!(arctos.is_allowed("ann", "read", &public).unwrap(), "after {action}");
            assert!(!arctos.is_allowed("ann", "read", &private).unwrap(), "after {action}");
            assert!(!arctos.is_allowed("ann", "nothing", &public).unwrap(), "after {action}");
        }
    }
}

#[test]
fn a_session_goes_on_after_a_panic() {
    let arctos = arctos();
    let session = arctos.session();
    let private = Page { id: 2, public: false };
    for _ in 0..2 {
        let mut answers = session.query_rule("listed", (&private, Unbound("x"))).unwrap();
        assert_eq!(panic_of(|| answers.next().map(|_| ())), "page 2 panics");
        drop(answers);
        assert!(!session.is_allowed("ann", "read", &private).unwrap());
        assert!(session.is_allowed("ann", "read", &Page { id: 1, public: true }).unwrap());
    }
}

/// Asks the same question in a method that the question calls, until somebody stops it.
fn asks_itself(limits: Limits) -> Arctos {
    use std::sync::{Arc, OnceLock};

    let own: Arc<OnceLock<Arctos>> = Arc::default();
    let asked = own.clone();
    let class = Page::class().method("readable", move |page: &Page| -> Result<bool, Error> {
        asked.get().unwrap().is_allowed("ann", "read", page)
    });
    let listed = own.clone();
    let class = class.method("listed", move |page: &Page| -> Result<bool, Error> {
        let session = listed.get().unwrap().session();
        let mut answers = session.query_rule("allow", ("ann", Unbound("action"), page))?;
        answers.next().map(|answer| answer.is_some())
    });
    let policy = r#"
        allow(_, "read", page: Page) if page.public or page.readable();
        allow(_, "list", page: Page) if page.listed();
    "#;
    let arctos = Arctos::builder().register_class(class).limits(limits).load_str(policy).build().unwrap();
    let _ = own.set(arctos.clone());
    arctos
}

#[test]
fn questions_inside_one_another_have_a_limit() {
    let ask = || {
        let arctos = asks_itself(Limits::default());
        for action in ["read", "list"] {
            let error = arctos.is_allowed("ann", action, &Page { id: 2, public: false }).unwrap_err();
            let mut innermost = &error;
            while let Some(inner) = innermost.host().and_then(|host| {
                std::error::Error::source(host).and_then(|source| source.downcast_ref::<Error>())
            }) {
                innermost = inner;
            }
            assert_eq!(innermost.kind(), ErrorKind::Exhausted(Limit::Depth), "{action}: {innermost}");
            assert!(arctos.is_allowed("ann", "read", &Page { id: 1, public: true }).unwrap());
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(ask);
    thread.unwrap().join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}
