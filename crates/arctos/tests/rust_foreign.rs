//! Types of `uuid` and `chrono` in policies.

#![expect(clippy::unwrap_used, reason = "a test that meets an error fails")]

use std::collections::HashMap;

use arctos::rust::{Arctos, PolarClass};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    id: Uuid,
    #[polar(attribute)]
    roles: HashMap<Uuid, String>,
}

#[derive(PolarClass)]
struct Link {
    #[polar(attribute)]
    owner: Uuid,
    #[polar(attribute)]
    expires: DateTime<Utc>,
    #[polar(attribute)]
    day: NaiveDate,
    #[polar(attribute)]
    lasts: TimeDelta,
}

fn arctos(policy: &str) -> Arctos {
    Arctos::builder()
        .register::<User>()
        .register::<Link>()
        .register::<DateTime<Utc>>()
        .register::<NaiveDate>()
        .register::<TimeDelta>()
        .load_str(policy)
        .build()
        .unwrap()
}

fn story() -> (User, Link) {
    let id = Uuid::from_u128(7);
    let user = User { id, roles: HashMap::from([(id, "owner".to_owned())]) };
    let link = Link {
        owner: id,
        expires: DateTime::from_timestamp(1_000, 0).unwrap(),
        day: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
        lasts: TimeDelta::minutes(2),
    };
    (user, link)
}

fn allowed(policy: &str, action: &str) -> bool {
    let (user, link) = story();
    arctos(policy).is_allowed(&user, action, &link).unwrap()
}

#[test]
fn a_uuid_is_text() {
    assert!(allowed(r#"allow(u: User, "open", l: Link) if u.id = l.owner;"#, "open"));
    assert!(allowed(
        r#"allow(u: User, "open", _) if u.id = "00000000-0000-0000-0000-000000000007";"#,
        "open"
    ));
    assert!(!allowed(
        r#"allow(u: User, "open", _) if u.id = "00000000-0000-0000-0000-000000000008";"#,
        "open"
    ));
    assert!(allowed(
        r#"allow(u: User, "open", l: Link) if ["00000000-0000-0000-0000-000000000007", "owner"] in u.roles and l.owner = u.id;"#,
        "open"
    ));
}

#[test]
fn times_are_ordered() {
    assert!(allowed(r#"allow(_, "open", l: Link) if DateTime.at(999) < l.expires;"#, "open"));
    assert!(!allowed(r#"allow(_, "open", l: Link) if DateTime.at(1001) < l.expires;"#, "open"));
    assert!(allowed(
        r#"allow(_, "open", l: Link) if l.expires.plus_seconds(1) = DateTime.at(1001);"#,
        "open"
    ));
    assert!(allowed(
        r#"allow(_, "open", l: Link) if l.day = new Date(2026, 3, 1) and l.day.month = 3;"#,
        "open"
    ));
    assert!(allowed(r#"allow(_, "open", l: Link) if l.lasts.seconds = 120;"#, "open"));
}
