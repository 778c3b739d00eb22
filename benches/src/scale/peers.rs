//! W7 for the other engines, as far as they go.

use std::hint::black_box;
use std::rc::Rc;

use super::Host;
use super::memory::{Taken, of};
use crate::codehost::{casbin, cedar, regorus};
use crate::contender::Contender;
use crate::rego;

/// An engine up to so many facts, and why not more.
struct Most(&'static str, usize, &'static str);

const CEDAR: Most = Most("cedar-policy", 1_000_000, "its store would take over 20 GB");
const REGORUS: Most = Most("regorus", 1_000_000, "its data are made as JSON, which would take over 5 GB");
const CASBIN: Most = Most("casbin", 1_000_000, "its roles would take over 2 GB");

impl Most {
    /// True when the engine goes so far; else it is listed as absent.
    fn reaches(&self, host: &Host, absent: &mut Vec<(&'static str, String)>) -> bool {
        let Most(engine, most, why) = *self;
        if host.size > most {
            absent.push((engine, why.to_owned()));
        }
        host.size <= most
    }
}

/// What they decide.
pub(super) fn checks(host: &Host, contenders: &mut Vec<Contender>, absent: &mut Vec<(&'static str, String)>) {
    if REGORUS.reaches(host, absent) {
        contenders.push(regorus::vm(&host.world));
    }
    if CEDAR.reaches(host, absent) {
        contenders.push(cedar::stored(&host.world));
    }
    if CASBIN.reaches(host, absent) {
        contenders.push(casbin::contender(&host.world));
    }
}

/// How they load.
pub(super) fn loads(
    host: &Rc<Host>,
    contenders: &mut Vec<Contender>,
    absent: &mut Vec<(&'static str, String)>,
) {
    if REGORUS.reaches(host, absent) {
        let text = regorus::data(&host.world).to_string();
        let given = "`Value::from_json_str`, from text";
        contenders.push(Contender::new(REGORUS.0, given, move |_| {
            black_box(rego::parsed(&text));
            true
        }));
    }
    if CEDAR.reaches(host, absent) {
        let entities = cedar::all(&host.world);
        let given = "`Entities::from_entities` of a clone of ready entities; it finds the ancestors of each";
        contenders.push(Contender::new(CEDAR.0, given, move |_| {
            black_box(cedar::store(entities.clone()));
            true
        }));
    }
    if CASBIN.reaches(host, absent) {
        let (host, given) = (Rc::clone(host), "`add_grouping_policies`, for the roles alone");
        contenders.push(Contender::new(CASBIN.0, given, move |_| {
            black_box(casbin::loaded(&host.world));
            true
        }));
    }
}

/// How many bytes their data take.
pub(super) fn memory(host: &Host, taken: &mut Vec<Taken>, absent: &mut Vec<(&'static str, String)>) {
    if REGORUS.reaches(host, absent) {
        let data = regorus::data(&host.world);
        taken.push((REGORUS.0, "its `Value` of the data", of(|| rego::value(&data))));
    }
    if CEDAR.reaches(host, absent) {
        let bytes = of(|| cedar::store(cedar::all(&host.world)));
        taken.push((CEDAR.0, "its `Entities`, with the ancestors of each", bytes));
    }
    if CASBIN.reaches(host, absent) {
        taken.push((CASBIN.0, "its `Enforcer` with the roles alone", of(|| casbin::loaded(&host.world))));
    }
}
