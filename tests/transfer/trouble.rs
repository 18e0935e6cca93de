//! Transfers with trouble: whatever happens, never two leaders, somebody leads again in time, and the exit code is true.

mod catalogue;
mod kind;
mod ordeal;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread;

pub(crate) use self::kind::{Kind, Point};
use crate::cell::{Method, Setup};
use crate::election::Election;
use crate::room;
use crate::support::Testbed;
use crate::support::lateness::Monitor;
use ordeal::{Ordeal, suffer};

/// What is repeated so often because it was late.
const AGAIN: usize = 3;

/// An election and a method, and everything that befalls it.
pub(crate) struct Course {
    pub(crate) setup: Setup,
    pub(crate) method: Method,
    pub(crate) kinds: Vec<Kind>,
}

/// A run, and what befell it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) ordeal: Ordeal,
}

/// Everything of the catalogue whose name has `only` in it; `many` of each, if that is set.
pub(crate) fn endure(bed: &Testbed, monitor: &Monitor, only: &str, many: Option<usize>) -> Vec<Case> {
    let cases = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for course in catalogue::courses(many) {
            let kinds: Vec<_> = course.kinds.iter().filter(|kind| course.name(kind).contains(only)).cloned().collect();
            for part in kinds.chunks(course.in_a_row()) {
                let (part, place, cases) = (part.to_vec(), room::take(), &cases);
                let course = Course { kinds: part, ..course };
                scope.spawn(move || {
                    let some = several(bed, monitor, &course);
                    drop(place);
                    cases.lock().unwrap_or_else(PoisonError::into_inner).extend(some);
                });
            }
        }
    });
    cases.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn several(bed: &Testbed, monitor: &Monitor, course: &Course) -> Vec<Case> {
    let mut election = Election::start(bed, course.setup);
    let (mut cases, mut spent) = (Vec::new(), false);
    for kind in &course.kinds {
        for _ in 0..AGAIN {
            if std::mem::take(&mut spent) {
                election = Election::start(bed, course.setup);
            }
            let ordeal = suffer(&election, course.method, kind, monitor);
            let case = Case { name: course.name(kind), ordeal };
            if std::env::var_os("TRANSFER_TELL").is_some() {
                crate::say(&format!("{}: {:?}", case.name, case.ordeal));
            }
            // A leader of kube-lease-manager that was cut off may take its name out of another's record once it is back, and
            // up to 0.11.0 nobody ever takes what is left of that.
            spent = *kind == Kind::LeaderCut && !course.setup.library.exits();
            let again = !case.ordeal.in_time;
            cases.push(case);
            if !again {
                break;
            }
        }
    }
    cases
}

impl Course {
    fn name(&self, kind: &Kind) -> String {
        format!("{}: {}, {kind}", self.setup, self.method.as_str())
    }

    /// A leader that exits waits for the kubelet's back-off the second time.
    fn in_a_row(&self) -> usize {
        if self.setup.library.exits() && self.method == Method::HandOver { 3 } else { 8 }
    }
}

/// A table: of each kind how many, and what they came to.
pub(crate) fn table(cases: &[Case]) -> String {
    let mut rows: BTreeMap<String, Vec<&Ordeal>> = BTreeMap::new();
    for case in cases {
        rows.entry(case.name.clone()).or_default().push(&case.ordeal);
    }
    let mut table = String::from(
        "| what happens | n | two led, s | somebody leads after, s | requests | exit codes | late |\n|---|---|---|---|---|---|---|\n",
    );
    for (name, all) in rows {
        let (timely, late): (Vec<&Ordeal>, Vec<_>) = all.into_iter().partition(|ordeal| ordeal.in_time);
        let overlap = timely.iter().map(|ordeal| ordeal.overlap).max().unwrap_or_default();
        let healed = timely.iter().map(|ordeal| ordeal.healed).max().unwrap_or_default();
        let mut codes: BTreeMap<String, usize> = BTreeMap::new();
        for ordeal in &timely {
            for code in &ordeal.codes {
                *codes.entry(code.map_or_else(|| "killed".to_owned(), |code| code.to_string())).or_default() += 1;
            }
        }
        let codes: Vec<_> = codes.into_iter().map(|(code, count)| format!("{code} ({count})")).collect();
        table += &format!(
            "| {name} | {} | {} | {:.1} | {} | {} | {} |\n",
            timely.len(),
            overlap.as_secs_f64(),
            healed.as_secs_f64(),
            timely.iter().map(|ordeal| ordeal.requests).max().unwrap_or_default(),
            codes.join(", "),
            late.len()
        );
    }
    table
}
