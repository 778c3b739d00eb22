//! Values that are known as rows of a query.

use arctos::residual::{Constant, ValueType};
use sea_query::{Expr, Query, SelectStatement, UnionType};

use crate::dialect::Dialect;

/// A query for these rows, in columns `column1`, `column2`, …; `None` where there are none. Rows with a value that no column of its type has are left out.
pub(crate) fn listed_values(
    rows: Vec<Vec<Constant>>,
    types: &[ValueType],
    dialect: Dialect,
) -> Option<SelectStatement> {
    let parameters = |row: Vec<Constant>| -> Option<Vec<Expr>> {
        let pairs = row.iter().zip(types);
        pairs.map(|(value, known)| dialect.constant(value, *known)).collect()
    };
    let rows: Vec<Vec<Expr>> = rows.into_iter().filter_map(parameters).collect();
    if rows.is_empty() {
        return None;
    }
    Some(if dialect == Dialect::Mysql { united(rows) } else { as_values(rows, dialect) })
}

fn united(rows: Vec<Vec<Expr>>) -> SelectStatement {
    let select = |row: Vec<Expr>| {
        let mut select = Query::select();
        for (place, value) in row.into_iter().enumerate() {
            select.expr_as(value, format!("column{}", place + 1));
        }
        select
    };
    let mut rows = rows.into_iter().map(select);
    let mut all = rows.next().unwrap_or_default();
    for row in rows {
        all.union(UnionType::All, row);
    }
    all
}

/// SQLite bounds how many queries `UNION` may join, and not how many rows `VALUES` has.
fn as_values(rows: Vec<Vec<Expr>>, dialect: Dialect) -> SelectStatement {
    let mut text = String::from("* FROM (VALUES ");
    let mut count = 0;
    for (number, row) in rows.iter().enumerate() {
        text.push_str(if number == 0 { "(" } else { ", (" });
        for place in 0..row.len() {
            count += 1;
            let comma = if place == 0 { "" } else { ", " };
            match dialect {
                Dialect::Postgres => text.push_str(&format!("{comma}${count}")),
                _ => text.push_str(&format!("{comma}?")),
            }
        }
        text.push(')');
    }
    text.push_str(") AS \"v\"");
    let mut select = Query::select();
    select.expr(Expr::cust_with_exprs(text, rows.into_iter().flatten()));
    select
}
