//! What is listed is what holds: an entity that facts name is among the answers of a question with a variable in its place exactly
//! when the question about it holds.

use super::Case;
use crate::outcome::Outcome;
use crate::run::Loaded;

/// How many entities of a type generated cases have.
const ENTITIES: usize = 3;

/// The first entity that is listed and does not hold, or holds and is not listed.
pub(super) fn listed_otherwise(loaded: &Loaded, case: &Case) -> Option<String> {
    let (rule, rest) = case.query.split_once('(')?;
    let arguments: Vec<&str> = rest.strip_suffix(')')?.split(", ").collect();
    (0..arguments.len()).find_map(|place| differs_at(loaded, case, rule, &arguments, place))
}

fn differs_at(loaded: &Loaded, case: &Case, rule: &str, arguments: &[&str], place: usize) -> Option<String> {
    let (type_name, _) = arguments.get(place)?.split_once('{')?;
    let asked = |argument: &str| {
        let mut arguments = arguments.to_vec();
        arguments[place] = argument;
        format!("{rule}({})", arguments.join(", "))
    };
    let list = loaded.ask(&format!("listed matches {type_name} and {}", asked("listed")));
    if list.failure.is_some() {
        return None;
    }
    (0..ENTITIES).map(|id| format!("{type_name}{{\"{id}\"}}")).find_map(|entity| {
        let is_named = case.facts.iter().any(|fact| fact.contains(&entity));
        let question = asked(&entity);
        let decided = loaded.ask(&question);
        if !is_named || decided.failure.is_some() {
            return None;
        }
        let (is_listed, holds) = (lists(&list, type_name, &entity), !decided.answers.is_empty());
        let says = |listed| if listed { "listed" } else { "not listed" };
        (is_listed != holds).then(|| format!("{question} is {holds}, and {entity} is {}", says(is_listed)))
    })
}

/// True when an entity, or whatever value of its type, is among the answers.
fn lists(list: &Outcome, type_name: &str, entity: &str) -> bool {
    let wanted = [format!("listed = {entity}"), format!("listed where _this matches {type_name}")];
    let is_wanted = |line: &String| {
        let mut rests = wanted.iter().filter_map(|wanted| line.strip_prefix(&**wanted));
        rests.any(|rest| rest.is_empty() || rest.starts_with(','))
    };
    list.answers.iter().any(is_wanted)
}
