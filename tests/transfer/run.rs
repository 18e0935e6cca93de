//! One transfer, and everything that has to be true of it.

use std::thread::sleep;
use std::time::Duration;

use hactl::model::Micros;
use serde_json::Value;

use crate::cell::Method;
use crate::election::{Cast, Election, NAME};
use crate::journal::Journal;
use crate::support::lateness::{Monitor, now};
use crate::support::{Hactl, Output, hactl};

/// How long a run of hactl may take at the most; its own timeout is far below.
pub(crate) const PATIENCE: Duration = Duration::from_secs(150);

/// The last lines of the electors are on their way.
pub(crate) const LAST_LINES: Duration = Duration::from_millis(500);

/// A run in which a timer was later means nothing, nor one in which a request took longer: hactl assumes 250 ms of the
/// electors' requests.
const TOO_LATE: Micros = Micros::from_millis(100);
const TOO_SLOW: Micros = Micros::from_millis(250);

/// What the testbed needs beside the electors' own times: a report of the kubelet, its way to hactl, a write.
const PIPELINE: f64 = 0.5;

/// From its last act to its end a process closes its connections. hactl sees the end.
const LAST_ACT: f64 = 0.1;

/// Who is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// The last of the standbys, by name.
    Named,
    /// Whoever hactl chooses.
    Best,
}

/// What came of one run.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) overlap: Micros,
    pub(crate) leaderless: Micros,
    /// Who acted first afterwards: whether it was the same Pod.
    pub(crate) same: bool,
    /// From its start to the end of hactl.
    pub(crate) took: Micros,
    pub(crate) in_time: bool,
    pub(crate) wrong: Vec<String>,
}

/// `hactl transfer` of an election.
pub(crate) fn transfer(election: &Election<'_>, method: Method) -> Hactl {
    let elector = election.setup.elector();
    hactl()
        .args(["transfer", &format!("lease/{NAME}"), "--yes", "-o", "json"])
        .args(["--method", method.as_str(), "--elector", &elector])
        .timeout(PATIENCE)
}

/// The one document on stdout.
pub(crate) fn document(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or(Value::Null)
}

/// Moves it once.
pub(crate) fn once(election: &Election<'_>, method: Method, to: To, monitor: &Monitor) -> Moved {
    let mut cast = election.settle();
    if !election.library().exits() && method == Method::Evict {
        // A standby that has started while nobody led sleeps for a whole lease duration first.
        sleep(Duration::from_secs_f64(election.setup.lease_duration()));
        cast = election.settle();
    }
    let wanted = cast.standbys.last().cloned().unwrap_or_default();
    let mut run = transfer(election, method).kubeconfig(election.ns.kubeconfig());
    if to == To::Named {
        run = run.args(["--to", &wanted]);
    }
    let began = now();
    let output = run.run();
    let ended = now();
    sleep(LAST_LINES);
    let journal = election.journal();
    let slack = Slack::of(monitor, began, ended);
    let gaps = journal.gaps(began, ended);
    let leaderless = gaps.iter().fold(Micros::ZERO, |sum, (from, to)| sum + (*to - *from));
    let mut moved = Moved {
        overlap: journal.overlap(began, ended),
        leaderless,
        same: journal.starts(began, ended).first().is_some_and(|(_, uid)| *uid == cast.leader.uid),
        took: ended - began,
        in_time: slack.in_time,
        wrong: Vec::new(),
    };
    let seen = Seen { election, method, to, cast: &cast, wanted: &wanted, output: &output, began, ended };
    moved.wrong = seen.complaints(&moved, &journal, &slack);
    moved
}

/// By how much the machine was late.
pub(crate) struct Slack {
    pub(crate) seconds: f64,
    pub(crate) in_time: bool,
}

impl Slack {
    pub(crate) fn of(monitor: &Monitor, from: Micros, to: Micros) -> Self {
        let (overslept, longest) = (monitor.overslept(from, to), monitor.round_trip(from, to, 100));
        let slack = overslept + longest + monitor.round_trip(from, to, 90) * 8;
        Self { seconds: slack.as_secs_f64(), in_time: overslept <= TOO_LATE && longest <= TOO_SLOW }
    }
}

struct Seen<'a> {
    election: &'a Election<'a>,
    method: Method,
    to: To,
    cast: &'a Cast,
    wanted: &'a str,
    output: &'a Output,
    began: Micros,
    ended: Micros,
}

impl Seen<'_> {
    /// What is not as it has to be.
    fn complaints(&self, moved: &Moved, journal: &Journal, slack: &Slack) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |holds: bool, what: String| {
            if !holds {
                wrong.push(what);
            }
        };
        let Self { election, cast, output, .. } = self;
        let answer = document(output);
        let hidden = election.library() == crate::cell::Library::Manager;
        // Nobody can name who has no name: the same Pod may come first again. And a StatefulSet's next Pod has the name that
        // stands in the Lease.
        let again =
            election.name_of(journal.acting(self.ended).first().copied().unwrap_or_default()) == cast.leader.name;
        let chance = again && (hidden && self.method == Method::HandOver || election.setup.stateful);
        // What the leader gives up itself is free until hactl hears of its end: another standby may look just then.
        // Only where someone was asked for is that not what was wanted.
        let chosen = answer["leader"]["pod"] == answer["to"]["pod"];
        let overtaken = election.setup.releases && self.method == Method::Evict && !chosen && !again;
        let missed = chance || (overtaken && self.to == To::Named);
        let (code, outcome) = if missed { (Some(13), "moved-elsewhere") } else { (Some(0), "done") };
        check(output.code == code, format!("exit code {:?}, not {code:?}: {}", output.code, output.stderr));
        check(
            answer["outcome"] == outcome,
            format!("outcome {}, not {outcome}: {}", answer["outcome"], answer["reason"]),
        );
        check(answer["method"] == self.method.as_str(), format!("method {}", answer["method"]));
        check(answer["from"]["pod"] == cast.leader.name.as_str(), format!("from {}", answer["from"]));

        check(moved.overlap == Micros::ZERO, format!("two led for {}", moved.overlap));
        let acting = journal.acting(self.ended);
        let names: Vec<_> = acting.iter().map(|uid| election.name_of(uid)).collect();
        check(acting.len() == 1, format!("{names:?} act in the end"));
        let leader = answer["leader"]["pod"].as_str().unwrap_or_default();
        check(names.first().is_some_and(|name| name == leader), format!("{leader} is said to lead, and {names:?} do"));
        check((chance && hidden) || !acting.contains(&cast.leader.uid.as_str()), "the old process leads on".to_owned());
        if chance {
            check(leader == cast.leader.name, format!("{leader} leads"));
        } else if overtaken {
            // Or the leader's own replacement, which is quick here: there is no image to be pulled.
            check(!leader.is_empty() && leader != cast.leader.name, format!("{leader} leads"));
        } else if self.to == To::Named {
            check(leader == self.wanted, format!("{leader} leads, and {} was asked for", self.wanted));
        } else if let Some(to) = answer["to"]["pod"].as_str() {
            check(leader == to, format!("{leader} leads, and {to} was chosen"));
        }

        let gap = moved.leaderless.as_secs_f64();
        let within = |low: f64, high: f64| (low - slack.seconds..=high + slack.seconds).contains(&gap);
        let number = |value: &Value| value.as_f64();
        let predicted = &answer["predicted"]["leaderlessSeconds"];
        let (low, high) = number(&predicted["min"]).zip(number(&predicted["max"])).unwrap_or_else(|| {
            let (low, high) = election.setup.leaderless(self.method, !hidden);
            (low, high + PIPELINE)
        });
        check(
            within(low, high),
            format!("nobody led for {gap:.3} s, and {low} to {high} was said (±{})", slack.seconds),
        );
        let measured = &answer["measured"]["leaderlessSeconds"];
        if let Some((low, high)) = number(&measured["min"]).zip(number(&measured["max"])) {
            let said = format!("{low} to {high} was measured (±{})", slack.seconds);
            check(within(low, high + LAST_ACT), format!("nobody led for {gap:.3} s, and {said}"));
        }
        let two = &answer["measured"]["overlapSeconds"]["min"];
        check(two.is_null() || number(two) == Some(0.0), format!("two are said to have led for {two} s"));

        if std::env::var_os("TRANSFER_TELL").is_some() {
            crate::say(&format!("{gap:.3} {} {} {}", answer["to"]["pod"], answer["steps"], answer["measured"]));
        }
        let Some(record) = election.record() else {
            wrong.push("the Lease is gone".to_owned());
            return wrong;
        };
        let mut check = |holds: bool, what: String| {
            if !holds {
                wrong.push(what);
            }
        };
        let holder = election.holder(&record).map(|pod| pod.name.clone());
        check(holder.as_deref() == Some(leader), format!("the Lease says {}", record.holder));
        check(!record.annotated, "the annotation is left behind".to_owned());
        let transitions = record.transitions - cast.record.transitions;
        // Who finds its own name there has not changed it.
        let counted = i32::from(!(chance && election.setup.stateful));
        check(transitions == counted, format!("{transitions} transitions were counted"));
        let acquired = record.acquired.unwrap_or_default();
        let first = journal.gaps(self.began, self.ended).first().map_or(self.began, |(from, _)| *from);
        let last = journal.starts(self.began, self.ended).last().map_or(self.ended, |(at, _)| *at);
        // What an elector writes by itself is cut to whole seconds by some; and the leader dates a fence before it reads it.
        let slack = seconds(1.0 + slack.seconds);
        check(
            counted == 0 || (first - slack..=last + slack).contains(&acquired),
            format!(
                "acquired {} after the end of the old leader, {} before the next",
                acquired - first,
                last - acquired
            ),
        );
        wrong
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a number of microseconds")]
pub(crate) fn seconds(seconds: f64) -> Micros {
    Micros::new((seconds * 1e6).round() as i64)
}
