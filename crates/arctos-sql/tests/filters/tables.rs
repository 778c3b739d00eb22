//! What mappings come to, and what is refused.

use arctos::residual::{
    Constant, Expression, Formula, Relation, Residual, Row, RowType, RowTypes, ValueType,
};
use arctos::rust::{Arctos, PolarClass};
use arctos_sql::{Dialect, Filter, SqlError, Table, Tables};

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    id: i64,
}

#[derive(PolarClass)]
struct Page {}

fn rows() -> RowTypes {
    let page = RowType::new(["id"])
        .attribute("id", ValueType::Integer)
        .attribute("title", ValueType::String)
        .nullable("deleted_at", ValueType::Integer)
        .relation("parent", Relation::one("Page", [("parent_id", "id")]));
    RowTypes::new().with("Page", page)
}

fn residual(policy: &str, rows: &RowTypes) -> Residual {
    let arctos = Arctos::builder().register::<User>().register::<Page>().load_str(policy).build().unwrap();
    arctos.filter(&User { id: 7 }, "read", "Page", rows).unwrap()
}

fn sql(policy: &str, tables: &Tables) -> Result<String, SqlError> {
    let residual = residual(policy, tables.rows());
    Ok(Filter::new(&residual, tables, Dialect::Postgres).select(&["id", "title"])?.text)
}

#[test]
fn tables_have_schemas_columns_and_rows_that_are_none() {
    let deleted = Expression::Attribute(Row::ROOT, "deleted_at".into());
    let table =
        Table::new("pages").schema("wiki").column("title", "Title").only(Formula::is(deleted, Constant::Nil));
    let tables = Tables::new(rows()).with("Page", table);
    assert_eq!(
        sql(r#"allow(_, _, page: Page) if page.parent.title = "a";"#, &tables).unwrap(),
        concat!(
            r#"SELECT "t"."id", "t"."Title" FROM "wiki"."pages" AS "t" WHERE "t"."deleted_at" IS NULL AND "t"."parent_id" IN "#,
            r#"(SELECT "r1"."id" FROM "wiki"."pages" AS "r1" WHERE "r1"."deleted_at" IS NULL AND "r1"."Title" = $1)"#
        )
    );
    assert_eq!(
        sql(r#"allow(_, "write", _: Page);"#, &tables).unwrap(),
        r#"SELECT "t"."id", "t"."Title" FROM "wiki"."pages" AS "t" WHERE FALSE"#
    );
}

/// Its variants are classes that inherit from it.
#[derive(PolarClass)]
#[expect(dead_code, reason = "the policy is asked about rows")]
enum Animal {
    Cat { lives: i64 },
    Dog { tricks: i64 },
}

#[test]
fn rows_of_a_class_that_inherits_are_those_of_its_table() {
    let row = || RowType::new(["id"]).attribute("id", ValueType::Integer);
    let cat = row().attribute("lives", ValueType::Integer).attribute("kind", ValueType::String);
    let animal = row().attribute("name", ValueType::String).heir("Animal::Cat");
    let kind = Expression::Attribute(Row::ROOT, "kind".into());
    let cats = Table::new("animals").only(Formula::is(kind, Constant::String("cat".into())));
    let tables = Tables::new(RowTypes::new().with("Animal", animal).with("Animal::Cat", cat))
        .with("Animal", Table::new("animals"))
        .with("Animal::Cat", cats);
    let sql = |policy: &str| {
        let arctos =
            Arctos::builder().register::<User>().register::<Animal>().load_str(policy).build().unwrap();
        let found = arctos.filter(&User { id: 7 }, "read", "Animal", tables.rows());
        found.map(|found| Filter::new(&found, &tables, Dialect::Postgres).where_clause("a").unwrap().text)
    };
    let policy = r#"allow(_, _, cat: Animal::Cat) if cat.lives > 1; allow(_, _, animal: Animal) if animal.name = "a";"#;
    assert_eq!(
        sql(policy).unwrap(),
        concat!(
            r#""a"."name" = $1 OR EXISTS(SELECT 1 FROM "animals" AS "r1" "#,
            r#"WHERE "a"."id" = "r1"."id" AND "r1"."kind" = $2 AND "r1"."lives" > CAST($3 AS bigint))"#
        )
    );
    let error =
        sql("allow(_, _, cat: Animal::Cat) if cat.lives > 1 and cut; allow(_, _, _: Animal);").unwrap_err();
    assert_eq!(error.message(), "`cut` among rules about classes that inherit from one another");
    let error = sql("allow(_, _, dog: Animal::Dog) if dog.tricks > 1;").unwrap_err();
    assert_eq!(error.message(), "which rows of `Animal` are of a class that inherits from it");
}

#[test]
fn names_are_quoted() {
    let tables = Tables::new(rows()).with("Page", Table::new("pa\"ges").column("title", "x\" = '' OR \"1"));
    assert_eq!(
        sql(r#"allow(_, _, page: Page) if page.title = "' OR 1 = 1 --";"#, &tables).unwrap(),
        r#"SELECT "t"."id", "t"."x"" = '' OR ""1" FROM "pa""ges" AS "t" WHERE "t"."x"" = '' OR ""1" = $1"#
    );
}

#[test]
fn aliases_of_the_rows_around_are_not_taken() {
    let tables = Tables::new(rows()).with("Page", Table::new("pages"));
    let residual = residual(r#"allow(_, _, page: Page) if page.parent.title = "a";"#, tables.rows());
    let filter = Filter::new(&residual, &tables, Dialect::Postgres);
    assert_eq!(
        filter.whole_where_clause("r1").unwrap(),
        r#""r1"."parent_id" IN (SELECT "r2"."id" FROM "pages" AS "r2" WHERE "r2"."title" = 'a')"#
    );
}

#[test]
fn what_is_missing_is_said() {
    let refused = |policy: &str, tables: &Tables| sql(policy, tables).unwrap_err().to_string();
    let everything = "allow(_, _, _: Page);";
    assert_eq!(refused(everything, &Tables::new(rows())), "the mapping has no table for `Page`");
    let untyped = RowTypes::new().with("Page", RowType::new(["id"]));
    let untyped = Tables::new(untyped).with("Page", Table::new("pages"));
    assert_eq!(
        refused("allow(_, _, page: Page) if page.id = 1;", &untyped),
        "the type of attribute `id` of `Page` is not known, and it is compared: give it one"
    );
}

#[test]
fn conditions_have_a_limit() {
    let tables = Tables::new(rows()).with("Page", Table::new("pages"));
    let residual = residual(r#"allow(_, _, page: Page) if page.id > 1 and page.title < "m";"#, tables.rows());
    let filter = Filter::new(&residual, &tables, Dialect::Sqlite);
    assert!(filter.with_limit(3).where_clause("p").is_ok());
    assert_eq!(filter.with_limit(2).where_clause("p"), Err(SqlError::TooLarge(2)));
}

#[test]
fn two_members_at_once_are_refused() {
    let tables = Tables::new(rows()).with("Page", Table::new("pages"));
    let policy = "
        allow(user, _, page: Page) if good(user, page);
        good(_, page: Page) if page.id = 1;
        good(user, page: Page) if good(user, page.parent) and other = page.parent and good(user, other.parent);
    ";
    let error = sql(policy, &tables).unwrap_err();
    assert_eq!(error, SqlError::Recursion("two rows must be members at once"));
}
