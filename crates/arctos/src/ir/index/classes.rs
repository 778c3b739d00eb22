//! What a parameter accepts, and which keys that is.

use rustc_hash::FxHashMap;

use super::Key;
use crate::ir::{Code, EntityId, Membership, Operand, Param, Pattern, Tag};
use crate::schema::{ClassId, Schema};

/// What indexes know of classes, shared by those of one program.
#[derive(Debug)]
pub(crate) struct Classes {
    schema: Schema,
    unions: Vec<Membership>,
    /// By class: which of [`MEMBERSHIPS`] it and the classes that inherit from it have.
    memberships: Vec<[bool; 3]>,
    /// By class: the classes that inherit from it, and from others that its other heirs do not inherit from. Most have none.
    irregular: FxHashMap<ClassId, Vec<ClassId>>,
}

/// The memberships there are: every actor is a resource.
const MEMBERSHIPS: [Membership; 3] = [
    Membership { actor: false, resource: false },
    Membership { actor: false, resource: true },
    Membership { actor: true, resource: true },
];

/// What a parameter accepts, as far as the index looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Accepts {
    Anything,
    /// Exactly that constant (or an object equal to it).
    Constant(Key),
    Class(Tag),
}

impl Accepts {
    /// What a parameter accepts.
    pub(in crate::ir) fn of(param: &Param, code: &Code) -> Accepts {
        match param.operand {
            Operand::Text(symbol) => return Accepts::Constant(Key::Text(symbol)),
            Operand::Integer(value) => return Accepts::Constant(Key::Integer(value)),
            Operand::Boolean(value) => return Accepts::Constant(Key::Boolean(value)),
            Operand::Nil => return Accepts::Constant(Key::Nil),
            Operand::Entity(EntityId(id)) => {
                let class = code.entities.get(id as usize).map(|(class, _)| Tag::Class(*class));
                return class.map_or(Accepts::Anything, Accepts::Class);
            }
            Operand::Slot(_) | Operand::Anonymous => {}
            _ => return Accepts::Anything,
        }
        match param.pattern.and_then(|id| code.patterns.get(id.0 as usize)) {
            Some(Pattern::Instance(tag, _)) if !matches!(tag, Tag::Unknown(_)) => Accepts::Class(*tag),
            Some(Pattern::Value(Operand::Text(symbol))) => Accepts::Constant(Key::Text(*symbol)),
            Some(Pattern::Value(Operand::Integer(value))) => Accepts::Constant(Key::Integer(*value)),
            _ => Accepts::Anything,
        }
    }
}

impl Classes {
    pub(in crate::ir) fn new(schema: &Schema, unions: &[Membership]) -> Classes {
        let mut memberships = vec![[false; 3]; schema.classes().count()];
        let mut irregular: FxHashMap<ClassId, Vec<ClassId>> = FxHashMap::default();
        for (class, known) in schema.classes() {
            let membership = unions.get(class.index()).copied().unwrap_or_default();
            let parent = known.lineage.get(1).map_or(&[][..], |parent| schema.lineage(*parent));
            let is_regular = known.lineage.get(1..) == Some(parent);
            for ancestor in &known.lineage {
                if let Some(has) = memberships.get_mut(ancestor.index()) {
                    MEMBERSHIPS.iter().zip(has).for_each(|(one, has)| *has |= *one == membership);
                }
                if !is_regular && *ancestor != class {
                    irregular.entry(*ancestor).or_default().push(class);
                }
            }
        }
        Classes { schema: schema.clone(), unions: unions.to_vec(), memberships, irregular }
    }

    /// True when instances of `class` satisfy `tag`.
    fn matches(&self, class: ClassId, tag: Tag) -> bool {
        match tag {
            Tag::Class(ancestor) => self.schema.is_subclass(class, ancestor),
            Tag::Actor => self.membership(class).actor,
            Tag::Resource => self.membership(class).resource,
            Tag::Unknown(_) => true,
        }
    }

    /// The class and its ancestors, most specific first.
    pub(super) fn lineage(&self, class: ClassId) -> &[ClassId] {
        self.schema.lineage(class)
    }

    /// The built-in unions that a class belongs to.
    pub(super) fn membership(&self, class: ClassId) -> Membership {
        self.unions.get(class.index()).copied().unwrap_or_default()
    }

    /// The memberships that a class and its heirs have.
    pub(super) fn memberships(&self, class: ClassId) -> impl Iterator<Item = Membership> + use<> {
        let has = self.memberships.get(class.index()).copied().unwrap_or_default();
        MEMBERSHIPS.into_iter().zip(has).filter(|(_, has)| *has).map(|(one, _)| one)
    }

    /// The heirs of a class that an edge for it does not stand for.
    pub(super) fn irregular(&self, class: ClassId) -> &[ClassId] {
        self.irregular.get(&class).map_or(&[], Vec::as_slice)
    }

    /// True when an argument of that key may match a parameter that accepts that.
    pub(in crate::ir) fn may_match(&self, accepts: Accepts, key: Key) -> bool {
        match (accepts, key) {
            (Accepts::Anything, _) | (_, Key::Any) => true,
            (Accepts::Constant(constant), Key::Text(_) | Key::Boolean(_) | Key::Nil | Key::Integer(_)) => {
                constant == key
            }
            (Accepts::Constant(Key::Integer(_)), Key::Core(ClassId::FLOAT)) => true,
            (Accepts::Constant(_), Key::Core(_)) => false,
            // The host decides whether an object equals a constant.
            (Accepts::Constant(_), Key::Object(_) | Key::ObjectOther) => true,
            (Accepts::Class(tag), Key::Text(_)) => self.matches(ClassId::STRING, tag),
            (Accepts::Class(tag), Key::Integer(_)) => self.matches(ClassId::INTEGER, tag),
            (Accepts::Class(tag), Key::Boolean(_)) => self.matches(ClassId::BOOLEAN, tag),
            (Accepts::Class(tag), Key::Core(class) | Key::Object(class)) => self.matches(class, tag),
            (Accepts::Class(_), Key::Nil | Key::ObjectOther) => false,
        }
    }
}
