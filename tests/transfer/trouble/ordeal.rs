//! One transfer with trouble, and what came of it.

use std::thread::sleep;
use std::time::Duration;

use hactl::model::Micros;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::api::DeleteParams;
use serde_json::json;

use super::{Kind, Point};
use crate::cell::{Library, Method};
use crate::election::{Cast, Election, NAME, REPLICAS};
use crate::run::{LAST_LINES, PATIENCE, Slack, document, seconds, transfer};
use crate::support::fixtures::create;
use crate::support::gate::Gate;
use crate::support::kubelet::Cut;
use crate::support::lateness::{Monitor, now};
use crate::support::{Output, Running, block_on};

/// For so long the leader has to lead on before nothing more is expected to happen.
const STEADY: Duration = Duration::from_millis(1500);

/// What the requests of a take-over add to the electors' own times.
const REQUESTS: f64 = 1.0;

/// No run heals later; what has not by then never will.
const NEVER: Duration = Duration::from_secs(60);

const POLL: Duration = Duration::from_millis(5);

/// What a run with trouble came to.
#[derive(Clone, Debug)]
pub(crate) struct Ordeal {
    pub(crate) overlap: Micros,
    /// From the end of hactl until somebody led for good.
    pub(crate) healed: Micros,
    pub(crate) codes: Vec<Option<i32>>,
    /// How many requests hactl has made.
    pub(crate) requests: usize,
    pub(crate) in_time: bool,
    pub(crate) wrong: Vec<String>,
}

/// Goes through it.
pub(crate) fn suffer(election: &Election<'_>, method: Method, kind: &Kind, monitor: &Monitor) -> Ordeal {
    let cast = election.settle();
    let budget = matches!(kind, Kind::BudgetRefuses { .. }).then(|| Budget::without_room(election));
    let rule = kind.clone();
    let gate = Gate::before(election.ns.testbed().access(), move |asked| rule.rule(asked));
    let began = now();
    let mut runs = vec![start(election, method, &gate, cast.standbys.last())];
    if *kind == Kind::TwoAtOnce {
        runs.push(start(election, method, &gate, cast.standbys.first()));
    }
    gate.watch(runs[0].pid());
    interfere(election, kind, &gate, &cast, &runs[0]);
    let outputs: Vec<_> = runs.into_iter().map(|run| run.wait(PATIENCE)).collect();
    let ended = gate.killed().unwrap_or_else(now);
    if *kind == Kind::LeaderCut && election.library().exits() {
        // Where it releases on cancel, its release would arrive when the network is back, and wipe whoever leads by then.
        sleep_until(gate.answered("fence").unwrap_or(ended) + seconds(election.setup.gives_up()));
    }
    let cut_until = now();
    cast.leader.restore();
    drop(budget);
    let steady = until_steady(election);
    sleep(LAST_LINES);
    let slack = Slack::of(monitor, began, steady.unwrap_or_else(now));
    let journal = election.journal();
    let overlap = journal.overlap(began, steady.unwrap_or_else(now));
    let healed = steady.map_or(Micros::NEVER, |steady| (steady - ended).max(Micros::ZERO));
    let codes: Vec<_> = outputs.iter().map(|output| output.code).collect();
    let mut ordeal =
        Ordeal { overlap, healed, codes, requests: gate.asked().len(), in_time: slack.in_time, wrong: Vec::new() };
    let trial =
        Trial { election, method, kind, cast: &cast, gate: &gate, began, ended, cut_until, slack: slack.seconds };
    ordeal.wrong = trial.complaints(&ordeal, &outputs);
    ordeal
}

fn start(election: &Election<'_>, method: Method, gate: &Gate, to: Option<&String>) -> Running {
    let mut run = transfer(election, method).kubeconfig(gate.kubeconfig(&election.ns));
    if let Some(to) = to.filter(|_| election.library() != Library::Manager) {
        run = run.args(["--to", to]);
    }
    run.args(["--request-timeout", "5s"]).spawn()
}

fn sleep_until(time: Micros) {
    sleep(Duration::from_micros(u64::try_from((time - now()).get()).unwrap_or_default()));
}

/// What happens beside the requests.
fn interfere(election: &Election<'_>, kind: &Kind, gate: &Gate, cast: &Cast, run: &Running) {
    let after = |step| {
        let deadline = now() + seconds(60.0);
        while gate.answered(step).is_none() && now() < deadline && run.pid().is_some() {
            sleep(POLL);
        }
    };
    match kind {
        Kind::TargetDies => {
            after("hand-over");
            let Some(target) = cast.standbys.last() else { return };
            election.kill(&election.ns.running(target));
            delete(election, target, 0);
        }
        Kind::OldDeleted => {
            after("fence");
            delete(election, &cast.leader.name, 5);
        }
        Kind::LeaderCut => {
            after("fence");
            cast.leader.cut_off(Cut::BlackHole);
        }
        _ => {}
    }
}

fn delete(election: &Election<'_>, pod: &str, grace: u32) {
    let deleted = block_on(election.ns.api::<Pod>().delete(pod, &DeleteParams::default().grace_period(grace)));
    deleted.unwrap_or_else(|error| panic!("deleting {pod}: {error}"));
}

/// When somebody began to lead who then led on for a while; `None` if nobody ever does.
fn until_steady(election: &Election<'_>) -> Option<Micros> {
    let deadline = now() + seconds(NEVER.as_secs_f64());
    let (mut who, mut since) = (String::new(), now());
    loop {
        let leader = leads(election).unwrap_or_default();
        if leader != who {
            (who, since) = (leader, now());
        }
        if !who.is_empty() && now() - since >= seconds(STEADY.as_secs_f64()) {
            return Some(since);
        }
        if now() > deadline {
            return None;
        }
        sleep(POLL * 10);
    }
}

/// Who holds the Lease and acts alone, and is not about to end.
fn leads(election: &Election<'_>) -> Option<String> {
    let holder = election.holder(&election.record()?)?;
    let pod = election.ns.pod(&holder.name)?;
    let stays = pod.metadata.uid.as_ref() == Some(&holder.uid) && pod.metadata.deletion_timestamp.is_none();
    (stays && election.journal().acting(now()) == [holder.uid.as_str()]).then(|| holder.uid.clone())
}

/// A disruption budget that wants every Pod.
struct Budget<'a>(&'a Election<'a>);

impl<'a> Budget<'a> {
    fn without_room(election: &'a Election<'a>) -> Self {
        create(
            &election.ns,
            json!({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": NAME},
                "spec": {"minAvailable": REPLICAS, "selector": {"matchLabels": {"app": NAME}}},
            }),
        );
        election.ns.wait_for(Duration::from_secs(30), "the budget is judged", || {
            let budget = block_on(election.ns.api::<PodDisruptionBudget>().get(NAME)).ok()?;
            let status = budget.status?;
            (status.current_healthy == REPLICAS as i32 && status.disruptions_allowed == 0).then_some(())
        });
        Self(election)
    }
}

impl Drop for Budget<'_> {
    fn drop(&mut self) {
        let _ = block_on(self.0.ns.api::<PodDisruptionBudget>().delete(NAME, &DeleteParams::default()));
    }
}

struct Trial<'a> {
    election: &'a Election<'a>,
    method: Method,
    kind: &'a Kind,
    cast: &'a Cast,
    gate: &'a Gate,
    began: Micros,
    ended: Micros,
    cut_until: Micros,
    slack: f64,
}

impl Trial<'_> {
    fn complaints(&self, ordeal: &Ordeal, outputs: &[Output]) -> Vec<String> {
        let mut wrong = Vec::new();
        let Self { election, kind, .. } = self;
        if *kind == &Kind::LeaderCut && !election.library().exits() && election.library() != Library::Kubert {
            wrong.extend(self.cut_off());
            if ordeal.codes != [Some(12)] {
                wrong.push(format!("{:?}, though the leader is cut off", ordeal.codes));
            }
        } else if ordeal.overlap > Micros::ZERO {
            wrong.push(format!("two led for {}", ordeal.overlap));
        }
        let within = election.setup.heals(self.method) + REQUESTS + self.slack;
        // Up to 0.11.0 nobody ever takes what a leader leaves that comes back from a cut and takes its name out.
        let locked = *kind == &Kind::LeaderCut && election.library() == Library::KubeLeaseManager08;
        if ordeal.healed > seconds(within) && !locked {
            wrong.push(format!("somebody leads {} after the end of hactl, not within {within:.1} s", ordeal.healed));
        }
        // What the leader of a Rust elector gives up as it ends, its replacement may take before anyone is named; and what
        // another gives up by itself, nobody has to hand over.
        let elsewhere = self.method == Method::Evict && !election.library().exits();
        let came = match kind {
            Kind::Request { at: Point::Step(step), .. } => {
                self.gate.asked().iter().any(|asked| asked.step() == Some(step))
            }
            _ => true,
        };
        for output in outputs {
            let allowed = (elsewhere && output.code == Some(13)) || (!came && output.code == Some(0));
            if !allowed && !kind.codes().contains(&output.code) {
                let wanted = kind.codes();
                wrong.push(format!(
                    "exit code {:?}, not of {wanted:?}: {} {}",
                    output.code, output.stdout, output.stderr
                ));
            }
            wrong.extend(self.lies(output));
        }
        let done = outputs.iter().filter(|output| output.code == Some(0)).count();
        let least = usize::from(self.method == Method::HandOver || election.library().exits());
        if **kind == Kind::TwoAtOnce && !(least..=1).contains(&done) {
            wrong.push(format!("{done} of two are done: {:?}", ordeal.codes));
        }
        if !wrong.is_empty() {
            let steps: Vec<_> = self.gate.asked().iter().filter_map(crate::support::gate::Asked::step).collect();
            wrong.push(format!("steps {steps:?}"));
        }
        wrong
    }

    /// A leader of kube-lease-manager that is cut off acts for ever. Without hactl a standby takes over when the last
    /// renewal has run out, and with it no sooner.
    fn cut_off(&self) -> Option<String> {
        let journal = self.election.journal();
        let Some(cut) = self.gate.answered("fence") else { return Some("there was no fence".to_owned()) };
        let first = journal.starts(cut, self.cut_until).first().map(|(at, _)| *at)?;
        let held =
            self.cast.record.renewed.unwrap_or_default() + seconds(self.election.setup.lease_duration() - self.slack);
        (first < held).then(|| format!("another leads {} too soon", held - first))
    }

    /// What an exit code or a document says that is not so.
    fn lies(&self, output: &Output) -> Vec<String> {
        let mut lies = Vec::new();
        let answer = document(output);
        let outcome = answer["outcome"].as_str().unwrap_or_default();
        let expected = match output.code {
            None => return lies,
            Some(0) => "done",
            Some(3 | 10) => "refused",
            Some(12) => "unknown",
            Some(13) => "moved-elsewhere",
            Some(14) => "follow-up-failed",
            Some(_) => "",
        };
        // Whatever was not known before anything was begun is an error, and no document.
        if outcome != expected && !(output.code == Some(3) && output.stdout.is_empty()) {
            lies.push(format!("exit code {:?}, and the outcome is {outcome:?}: {}", output.code, output.stderr));
        }
        let Some(record) = self.election.record() else { return vec!["the Lease is gone".to_owned()] };
        let holder = self.election.holder(&record).map(|pod| pod.name.clone()).unwrap_or_default();
        let said = answer["leader"]["pod"].as_str().unwrap_or_default();
        match output.code {
            Some(0) => {
                let to = answer["to"]["pod"].as_str().unwrap_or(said);
                if holder != said || holder != to {
                    lies.push(format!("done: {said} is said to lead, {to} was wanted, and {holder} leads"));
                }
                let counted = record.transitions - self.cast.record.transitions;
                if counted != 1 {
                    lies.push(format!("done, and {counted} transitions are counted"));
                }
                if record.annotated {
                    lies.push("done, and the annotation is left behind".to_owned());
                }
            }
            // What another run did at the same time is no change of this one's.
            Some(3 | 10) if *self.kind != Kind::TwoAtOnce => {
                let journal = self.election.journal();
                let gaps = journal.gaps(self.began, self.ended);
                let same = holder == self.cast.leader.name && record.transitions == self.cast.record.transitions;
                if !same || !gaps.is_empty() || record.annotated {
                    lies.push(format!("refused, and something was changed: {record:?}, gaps {gaps:?}"));
                }
            }
            Some(13) if holder != said => lies.push(format!("{said} is said to lead, and {holder} does")),
            _ => {}
        }
        lies
    }
}
