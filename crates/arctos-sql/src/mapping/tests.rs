//! What a mapping says, and what is said of one that is wrong.

use arctos::residual::{Attribute, Relation, ValueType};
use expect_test::{Expect, expect};

use crate::tables::Tables;

const WHOLE: &str = r#"
[class.User]
table = "users"
key = "id"
columns = { id = "integer", email = "string" }
relations.groups = { to = "Group", many = true, on = { id = "user_id" }, through = { class = "Member", on = { group_no = "no" } } }

[class.Group]
schema = "app"
key = ["no"]
where = { deleted_at = { nil = true }, kind = "team", rank = 1 }
[class.Group.columns]
no = "integer"
kind = { type = "string", column = "group_kind" }
rank = "float"
deleted_at = { type = "string", nullable = true }

[class.Member]
key = ["user_id", "group_no"]
columns = { user_id = "integer", group_no = "integer" }
"#;

#[test]
fn a_whole_mapping() {
    let tables = Tables::parse(WHOLE).unwrap();
    let classes: Vec<&str> = tables.rows().iter().map(|(class, _)| class).collect();
    assert_eq!(classes, ["User", "Group", "Member"]);
    let user = tables.rows().get("User").unwrap();
    let groups = Relation::many("Group", [("id", "user_id")]).through("Member", [("group_no", "no")]);
    assert_eq!(user.relation_named("groups"), Some(&groups));
    let group = tables.rows().get("Group").unwrap();
    assert_eq!(group.key(), ["no"]);
    let nullable = Attribute { value_type: Some(ValueType::String), nullable: true };
    assert_eq!(group.attribute_named("deleted_at"), Some(nullable));
    let table = tables.table("Group").unwrap();
    assert_eq!((table.named(), table.column_of("kind")), (Some((Some("app"), "Group")), "group_kind"));
    let only = table.only.as_ref().unwrap().to_string();
    assert_eq!(only, r#"_.deleted_at == nil and _.kind == "team" and _.rank == 1"#);
}

fn refused(text: &str, expected: &Expect) {
    expected.assert_eq(&Tables::parse(text).unwrap_err().to_string());
}

#[test]
fn names_that_mean_nothing() {
    let text =
        "[clas.User]\n[class.User]\ntabel = 'users'\nkey = 'id'\ncolumns = { id = { typ = 'integer' } }";
    refused(
        text,
        &expect![[r#"
        line 1, column 2: `clas` means nothing in a mapping; did you mean `class`?
        line 3, column 1: `tabel` means nothing in a class; did you mean `table`?
        line 5, column 18: a column has no `type`
        line 5, column 20: `typ` means nothing in a column; did you mean `type`?"#]],
    );
    refused("", &expect!["line 1, column 1: a mapping has no `class`"]);
    refused("[class.User", &expect!["line 1, column 12: unclosed table, expected `]`"]);
}

#[test]
fn keys_have_columns() {
    let text = "[class.A]\nkey = 'idd'\ncolumns.id = 'text'\n[class.B]\n[class.C]\nkey = ['x', 7]\ncolumns.x = { type = 'float', nullable = true }";
    refused(
        text,
        &expect![[r#"
        line 2, column 7: the key `idd` is no column; did you mean `id`?
        line 3, column 14: there is no type `text`; there are boolean, integer, float, string
        line 4, column 1: a class has no `key`
        line 6, column 8: `x` is part of the key, and never nil
        line 6, column 13: this must be a string"#]],
    );
}

#[test]
fn relations_have_ends() {
    let text = "
        [class.Doc]
        key = 'id'
        columns = { id = 'integer', folder_id = 'string' }
        relations.folder = { to = 'Foldr', on = { folder_id = 'id' } }
        relations.parent = { to = 'Folder', on = { foldr_id = 'idd' } }
        relations.other = { to = 'Folder', on = { folder_id = 'id' } }
        relations.id = { to = 'Folder', on = { id = 'id' } }
        relations.none = { on = {}, through = { class = 'Folder' } }
        [class.Folder]
        key = 'id'
        columns.id = 'integer'";
    refused(
        text,
        &expect![[r#"
        line 5, column 35: the mapping has no class `Foldr`; did you mean `Folder`?
        line 6, column 52: `Doc` has no column `foldr_id`; did you mean `folder_id`?
        line 6, column 63: `Folder` has no column `idd`; did you mean `id`?
        line 7, column 63: `folder_id` and `id` are of different types
        line 8, column 19: `id` is a column of `Doc` already
        line 9, column 26: a relation has no `to`
        line 9, column 33: `on` names at least one pair of columns
        line 9, column 47: `through` has no `on`"#]],
    );
}

#[test]
fn rows_among_what_is_in_a_table() {
    let text = "
        [class.Doc]
        key = 'id'
        columns = { id = 'integer', kind = 'string' }
        where = { kid = 1, kind = 1, id = { nill = true } }";
    refused(
        text,
        &expect![[r#"
        line 5, column 19: there is no column `kid`; did you mean `id`?
        line 5, column 35: this must be `{ nil = true }` or a value of type string
        line 5, column 43: a condition has no `nil`
        line 5, column 45: `nill` means nothing in a condition; did you mean `nil`?"#]],
    );
}
