//! The pages of the wiki: one struct is the row of SeaORM and the object of rules.

use arctos::rust::PolarClass;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, PolarClass)]
#[sea_orm(table_name = "page")]
#[polar(class_name = "Page")]
pub struct Model {
    #[sea_orm(primary_key)]
    #[polar(attribute)]
    pub id: i64,
    #[polar(attribute)]
    pub title: String,
    #[polar(attribute)]
    pub author_id: i64,
    #[polar(attribute)]
    pub team_id: Option<i64>,
    #[polar(attribute)]
    pub is_public: bool,
    #[polar(attribute)]
    pub is_locked: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
