//! Rows that the law meets too rarely, and that databases get wrong in ways of their own.

use arctos::residual::Constant;

use crate::law::difference;
use crate::rows::Data;

/// A row: its class, and what is not nil of it.
type Given = (&'static str, Vec<(&'static str, Constant)>);

fn integer(value: i64) -> Constant {
    Constant::Integer(value)
}

fn text(text: &str) -> Constant {
    Constant::String(text.into())
}

fn data(shape: usize, rows: &[Given]) -> Data {
    let rows: Vec<(&str, &[_])> = rows.iter().map(|(class, row)| (*class, &row[..])).collect();
    Data::of(shape, &rows)
}

fn check(data: &Data, cases: &[(&str, &'static str)]) {
    let mut databases = crate::databases();
    for (rules, class) in cases {
        let found = difference(data, rules, class, &mut databases);
        assert!(found.is_none(), "{rules}\n{}", found.unwrap());
    }
}

/// MariaDB remembers what an inner query came to, by what its collation takes for the same.
#[test]
fn texts_that_collations_mix_up_are_told_apart() {
    let user = |id, boss, name| -> Given {
        ("User", vec![("id", integer(id)), ("boss_id", integer(boss)), ("name", text(name))])
    };
    let doc = |id, folder| -> Given { ("Doc", vec![("id", integer(id)), ("folder_id", text(folder))]) };
    let mut rows = vec![("Folder", vec![("id", text("k1")), ("flag", Constant::Boolean(true))])];
    rows.extend([user(0, 0, "z"), user(1, 0, "Z"), user(2, 0, "z"), user(3, 0, "Z ")]);
    rows.extend([doc(0, "K1 "), doc(1, "k1"), doc(2, "K1"), doc(3, "k1")]);
    check(
        &data(1, &rows),
        &[
            ("allow(_, _, x1: User) if (x1.boss_id = 99 or x1.name != x1.boss.name)", "User"),
            ("allow(_, _, x1: Doc) if (x1.id = 99 or x1.folder.flag)", "Doc"),
            (
                "allow(_, _, x1: Doc) if (x1.id = 99 or x2 = x1.folder and x2.flag and x1.folder.id > \"a\")",
                "Doc",
            ),
            ("allow(_, _, x1: Doc) if (x1.id = 99 or x1.folder.id = \"k1\")", "Doc"),
            ("allow(_, _, x1: Doc) if (x1.id = 99 or not x1.folder.flag = false)", "Doc"),
        ],
    );
}

/// SQLite 3.51 makes a join of an EXISTS with a set in it, and finds a row as often as there are others that it leads to.
#[test]
fn rows_are_found_once() {
    let part = |number: i64| -> Given {
        ("Part", vec![("folder_id", text("k0")), ("no", integer(number)), ("next_no", integer(2))])
    };
    let rows = [("User", vec![("id", integer(0))]), ("Folder", vec![("id", text("k0"))]), part(2), part(3)];
    let up = "up(_x0: User, _x1: Part) if true\nup(x0: User, x1: Part) if x3 = x1.next and up(x0, x3)";
    let rules = format!(
        "{up}\nallow(x0: User, \"read\", x1: Folder) if x4 in x1.parts and up(x0, x4) and forall(x5 in x1.parts, x5.no != 9)"
    );
    check(&data(1, &rows), &[(&rules, "Folder")]);
}

/// PostgreSQL has a place for NaN in its order.
#[test]
fn nan_is_in_no_order() {
    let user = |id, boss, size: Option<f64>| -> Given {
        let size = size.map_or(Constant::Nil, Constant::Float);
        ("User", vec![("id", integer(id)), ("boss_id", integer(boss)), ("size", size), ("num", integer(id))])
    };
    let nan = Some(f64::NAN);
    let rows =
        [user(0, 0, nan), user(1, 0, Some(1.0)), user(2, 1, nan), user(3, 1, Some(2.0)), user(4, 0, None)];
    let mut data = data(0, &rows);
    (data.has_nan, data.has_infinity) = (true, true);
    let mut cases = Vec::new();
    for op in ["<", "<=", ">", ">=", "==", "!="] {
        for other in ["x1.boss.size", "x1.boss.num", "1.0", "nan", "inf"] {
            cases.push(format!("allow(_, _, x1: User) if x1.size {op} {other}"));
            cases.push(format!("allow(_, _, x1: User) if not x1.size {op} {other}"));
        }
    }
    let cases: Vec<(&str, &'static str)> = cases.iter().map(|case| (&**case, "User")).collect();
    check(&data, &cases);
}

/// Integers do not wrap, and remainders have signs; what is not there is unknown.
#[test]
fn arithmetic_is_that_of_the_language() {
    let numbers = [i64::MIN, i64::MIN + 1, -7, -1, 0, 1, 2, 7, i64::MAX - 1, i64::MAX];
    let user = |(id, num): (usize, Option<i64>)| -> Given {
        let num = num.map_or(Constant::Nil, Constant::Integer);
        ("User", vec![("id", integer(id as i64)), ("boss_id", integer(0)), ("num", num)])
    };
    let rows: Vec<Given> = numbers.into_iter().map(Some).chain([None]).enumerate().map(user).collect();
    let mut cases = Vec::new();
    for op in ["+", "-", "*", "mod", "rem"] {
        for other in ["2", "-2", "-1", "0", "-9223372036854775808", "x1.num", "(x1.num + 1)"] {
            for asked in ["= 1", "!= 1", "< 1", ">= -1", "== x1.num"] {
                cases.push(format!("allow(_, _, x1: User) if x1.num {op} {other} {asked}"));
                cases.push(format!("allow(_, _, x1: User) if not {other} {op} x1.num {asked}"));
            }
        }
    }
    for asked in ["/ 2 = 3.5", "/ 4 < 0.5", "+ 0.5 > 1.5", "* 0.1 <= 0.2", "in [1, 2.0]"] {
        cases.push(format!("allow(_, _, x1: User) if x1.num {asked}"));
        cases.push(format!("allow(_, _, x1: User) if not x1.num {asked}"));
    }
    cases.push("allow(_, _, x1: User) if (x1.num - 1) in [1, 6, nil]".to_owned());
    let cases: Vec<(&str, &'static str)> = cases.iter().map(|case| (&**case, "User")).collect();
    check(&data(0, &rows), &cases);
}

/// Folders in one another; one of them is gone, and so the way through it.
#[test]
fn recursion_goes_through_rows_only() {
    let folder = |id, parent: Option<i64>, gone: Option<i64>| -> Given {
        let or_nil = |value: Option<i64>| value.map_or(Constant::Nil, Constant::Integer);
        (
            "Folder",
            vec![
                ("id", integer(id)),
                ("parent_id", or_nil(parent)),
                ("gone_at", or_nil(gone)),
                ("num", integer(id)),
            ],
        )
    };
    let mut rows = vec![("User", vec![("id", integer(0))])];
    rows.extend([
        folder(0, None, None),
        folder(1, Some(0), Some(5)),
        folder(2, Some(1), None),
        folder(3, Some(0), None),
        folder(4, Some(3), None),
        folder(5, Some(4), None),
        folder(6, Some(6), None),
    ]);
    let one = "up(_, x1: Folder) if x1.num = 0\nup(x0, x1: Folder) if up(x0, x1.parent)";
    let two = "up(_, x1: Folder) if x1.num = 0\nup(x0, x1: Folder) if x2 = x1.parent.parent and up(x0, x2)";
    let mut cases = Vec::new();
    for rules in [one, two] {
        cases.push(format!("allow(x0, _, x1: Folder) if up(x0, x1)\n{rules}"));
        cases.push(format!("allow(x0, _, x1: Folder) if not up(x0, x1)\n{rules}"));
    }
    let cases: Vec<(&str, &'static str)> = cases.iter().map(|case| (&**case, "Folder")).collect();
    check(&data(0, &rows), &cases);
}
