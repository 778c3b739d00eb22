//! Lists are what checks of each row say, and one query each.

use sample_pages::{Access, User, page, readable, titles};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, Database, DatabaseConnection, EntityTrait, IntoActiveModel, Schema,
};

async fn database() -> DatabaseConnection {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let create = Schema::new(database.get_database_backend()).create_table_from_entity(page::Entity);
    database.execute(&create).await.unwrap();
    for id in 0..60 {
        let row = page::Model {
            id,
            title: format!("page {id}"),
            author_id: id % 3,
            team_id: (id % 4 != 0).then_some(id % 5),
            is_public: id % 7 == 0,
            is_locked: id % 2 == 0,
        };
        row.into_active_model().insert(&database).await.unwrap();
    }
    database
}

#[tokio::test]
async fn lists_are_what_checks_say() {
    let (access, database) = (Access::new().unwrap(), database().await);
    let pages = page::Entity::find().all(&database).await.unwrap();
    for user in
        [User { id: 1, teams: vec![2, 3] }, User { id: 2, teams: vec![] }, User { id: 99, teams: vec![] }]
    {
        let allowed: Vec<&page::Model> =
            pages.iter().filter(|page| access.arctos.is_allowed(&user, "read", *page).unwrap()).collect();
        assert!(!allowed.is_empty() && allowed.len() < pages.len(), "{user:?} tells nothing");
        let listed = readable(&access, &database, &user, (100, 0)).await.unwrap();
        assert_eq!(listed.iter().collect::<Vec<_>>(), allowed, "{user:?}");
        // A part of the list is that part: what may not be read takes no room.
        let part = readable(&access, &database, &user, (5, 3)).await.unwrap();
        assert_eq!(part.iter().collect::<Vec<_>>(), allowed.into_iter().skip(3).take(5).collect::<Vec<_>>());
        let mut found = titles(&access, database.get_sqlite_connection_pool(), &user).await.unwrap();
        let mut expected: Vec<String> = listed.into_iter().map(|page| page.title).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

#[test]
fn nothing_of_a_request_is_in_the_text() {
    let access = Access::new().unwrap();
    let statement = access.select(&User { id: 7, teams: vec![8] }, "edit", &["id"]).unwrap();
    assert!(!statement.text.contains('7') && !statement.text.contains('8'), "{statement}");
    assert_eq!(statement.parameters.len(), 2);
}
