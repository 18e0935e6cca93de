//! Coordinated elections (KEP-4355): leaders that are asked to yield, on a control plane of their own that has the feature
//! on, with client-go's own candidates.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use hactl::model::Micros;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::ResourceExt;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::election::{NAME, REPLICAS, ready};
use crate::journal::Journal;
use crate::run::{LAST_LINES, PATIENCE, Slack, document};
use crate::say;
use crate::support::fixtures::{ElectorDeployment, create, elector_deployment};
use crate::support::lateness::{Monitor, now};
use crate::support::wait::{block_on, try_until};
use crate::support::{Namespace, Output, Testbed, hactl, wait_until};

/// Until all Pods are Ready, one after the other, and one leads.
const READY: Duration = Duration::from_secs(120);

/// So often in a row with one election: each time another Pod's container exits.
const IN_A_ROW: usize = 3;

/// For each that is wanted, so many that are late are repeated.
const AGAIN: usize = 3;

/// From its last act to its end a process closes its connections. hactl sees the end.
const LAST_ACT: f64 = 0.1;

/// How the electors are timed: lease duration, renew deadline, retry period.
type Timing = (u32, u32, u32);

const QUICK: Timing = (6, 4, 1);
const REAL: Timing = (15, 10, 2);

struct Election<'t> {
    ns: Namespace<'t>,
    timing: Timing,
}

impl<'t> Election<'t> {
    fn start(bed: &'t Testbed, timing: Timing, change: impl Fn(ElectorDeployment) -> ElectorDeployment) -> Self {
        Self::prepare(bed, timing, change, u32::try_from(REPLICAS).expect("a few"))
    }

    fn prepare(
        bed: &'t Testbed,
        timing: Timing,
        change: impl Fn(ElectorDeployment) -> ElectorDeployment,
        replicas: u32,
    ) -> Self {
        let ns = bed.namespace("stand");
        let workload = change(elector_deployment(NAME, "client-go", replicas).coordinated())
            .env("LEASE_DURATION", &timing.0.to_string())
            .env("RENEW_DEADLINE", &timing.1.to_string())
            .env("RETRY_PERIOD", &timing.2.to_string());
        bed.kubelet();
        for mut manifest in workload.manifests() {
            if manifest["kind"] == "Deployment" {
                // One after the other: of candidates of the same second the controller takes any, and again another one.
                manifest["kind"] = json!("StatefulSet");
                manifest["spec"]["serviceName"] = json!(NAME);
                manifest["spec"]["minReadySeconds"] = json!(2);
                manifest["spec"]["updateStrategy"] = json!({"type": "OnDelete"});
                manifest["spec"]["template"]["spec"]["topologySpreadConstraints"] = json!([]);
            }
            create(&ns, manifest);
        }
        Self { ns, timing }
    }

    /// Waits until one leads and the others stand by; the Pod that leads.
    fn settle(&self) -> String {
        let settled = || async {
            let pods = self.ns.pods(NAME);
            if pods.len() != REPLICAS || !pods.iter().all(ready) {
                return None;
            }
            let spec = self.spec()?;
            let journal = self.journal();
            let [uid] = journal.acting(now())[..] else { return None };
            let pod = pods.iter().find(|pod| pod.uid().as_deref() == Some(uid))?;
            let leads = spec.holder_identity?.starts_with(&pod.name_any()) && spec.preferred_holder.is_none();
            let duration = i32::try_from(self.timing.0).expect("seconds");
            (leads && spec.lease_duration_seconds == Some(duration)).then(|| pod.name_any())
        };
        let leader = try_until(READY, settled).unwrap_or_else(|| panic!("nobody leads as it should"));
        // For any moment of its rhythm.
        thread::sleep(Duration::from_micros(u64::from(now().get().unsigned_abs() as u32 % 2_000_000)));
        leader
    }

    fn spec(&self) -> Option<LeaseSpec> {
        self.ns.lease(NAME).and_then(|lease: Lease| lease.spec)
    }

    fn journal(&self) -> Journal {
        Journal::of(&self.ns.testbed().kubelet().pods(self.ns.name()), &[])
    }

    fn name_of(&self, uid: &str) -> String {
        let pods = self.ns.testbed().kubelet().pods(self.ns.name());
        pods.iter().find(|pod| pod.uid == uid).map_or_else(|| uid.to_owned(), |pod| pod.name.clone())
    }

    /// The candidates that were created first by each Pod's process that runs now, the oldest first: without hactl's eyes.
    fn oldest_first(&self) -> Vec<String> {
        let kind = GroupVersionKind::gvk("coordination.k8s.io", "v1beta1", "LeaseCandidate");
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.ns.testbed().client(), self.ns.name(), &ApiResource::from_gvk(&kind));
        let list = block_on(api.list(&ListParams::default())).expect("LeaseCandidates");
        let pods = self.ns.testbed().kubelet().pods(self.ns.name());
        // Who runs is who came up last in each Pod.
        let up: Vec<_> = pods.iter().filter_map(|pod| Some(pod.events().last()?.identity.clone())).collect();
        let mut alive: Vec<_> = list.into_iter().filter(|one| up.contains(&one.name_any())).collect();
        alive.sort_by_key(ResourceExt::creation_timestamp);
        alive.iter().map(|one| one.name_any().split('_').next().unwrap_or_default().to_owned()).collect()
    }

    fn hactl(&self, kubeconfig: PathBuf, args: &[&str]) -> Output {
        let (lease, deadline, retry) = self.timing;
        let elector = format!("coordinated:{lease}/{deadline}/{retry}");
        let line = ["transfer", "lease/app", "--yes", "-o", "json", "--elector", &elector];
        hactl().args(line).args(args).kubeconfig(kubeconfig).timeout(PATIENCE).run()
    }

    /// A kubeconfig of an account that may do no more than these rules say.
    fn account(&self, name: &str, rules: &Value) -> PathBuf {
        let group = "rbac.authorization.k8s.io/v1";
        let metadata = json!({ "name": name });
        create(&self.ns, json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}));
        create(&self.ns, json!({"apiVersion": group, "kind": "Role", "metadata": metadata, "rules": rules}));
        let subject = json!({"kind": "ServiceAccount", "name": name, "namespace": self.ns.name()});
        let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
        create(
            &self.ns,
            json!({"apiVersion": group, "kind": "RoleBinding", "metadata": metadata, "roleRef": role, "subjects": [subject]}),
        );
        let kubeconfig = self.ns.kubeconfig_as(name);
        wait_until(Duration::from_secs(10), "the account's rights", || async {
            let args = ["status", "app"];
            (hactl().args(args).kubeconfig(&kubeconfig).run().code == Some(0)).then_some(())
        });
        kubeconfig
    }

    /// Refused, and nothing was changed.
    fn refused(&self, args: &[&str], why: &str) -> Vec<String> {
        let before = self.spec().map(|spec| (spec.holder_identity, spec.preferred_holder));
        let out = self.hactl(self.ns.kubeconfig(), args);
        let after = self.spec().map(|spec| (spec.holder_identity, spec.preferred_holder));
        let answer = document(&out);
        let mut wrong = Vec::new();
        if out.code != Some(10) || answer["outcome"] != "refused" || !out.stderr.contains(why) {
            wrong.push(format!("{args:?}: not refused because of {why:?}: {out:#?}"));
        }
        if before != after {
            wrong.push(format!("{args:?}: refused, and it was {before:?}, and is {after:?}"));
        }
        wrong
    }

    /// One transfer, and what is not as it has to be; whether the machine was in time, and how long nobody led.
    fn once(&self, kubeconfig: PathBuf, to: bool, monitor: &Monitor) -> (Vec<String>, bool, f64) {
        let leader = self.settle();
        let next = self.oldest_first().into_iter().find(|pod| *pod != leader).unwrap_or_default();
        let args = ["--method", "prefer", "--to", &next];
        let began = now();
        let out = self.hactl(kubeconfig, if to { &args } else { &args[..2] });
        let ended = now();
        thread::sleep(LAST_LINES);
        let (journal, answer) = (self.journal(), document(&out));
        let slack = Slack::of(monitor, began, ended);
        let gaps = journal.gaps(began, ended);
        let gap = gaps.iter().fold(Micros::ZERO, |sum, (from, to)| sum + (*to - *from)).as_secs_f64();
        let mut wrong = Vec::new();
        let mut check = |holds: bool, what: String| {
            if !holds {
                wrong.push(what);
            }
        };
        check(out.code == Some(0) && answer["outcome"] == "done", format!("not done: {out:#?}"));
        check(answer["method"] == "prefer", format!("by {}", answer["method"]));
        check(answer["from"]["pod"] == leader.as_str(), format!("from {}, and {leader} led", answer["from"]));
        check(answer["to"]["pod"] == next.as_str(), format!("to {}, and {next} was next", answer["to"]));
        check(answer["leader"]["pod"] == next.as_str(), format!("{} is said to lead", answer["leader"]));
        let acting: Vec<_> = journal.acting(ended).iter().map(|uid| self.name_of(uid)).collect();
        check(acting == [next.as_str()], format!("{acting:?} act in the end, and not {next}"));
        let overlap = journal.overlap(began, ended);
        check(overlap == Micros::ZERO, format!("two led for {overlap}"));
        check(gaps.len() == 1, format!("nobody led {} times", gaps.len()));
        for (field, tail) in [("predicted", 0.0), ("measured", LAST_ACT)] {
            let bounds = &answer[field]["leaderlessSeconds"];
            let (low, high) = (bounds["min"].as_f64(), bounds["max"].as_f64());
            let within = low
                .zip(high)
                .is_some_and(|(low, high)| (low - slack.seconds..=high + tail + slack.seconds).contains(&gap));
            check(within, format!("nobody led for {gap:.3} s, and {field} was {bounds} (±{:.3})", slack.seconds));
        }
        let longest = answer["longestSeconds"].as_f64().unwrap_or_default();
        let took = (ended - began).as_secs_f64();
        check(took < longest + 10.0, format!("it took {took} s, and {longest} s was the longest"));
        let lease = self.ns.lease(NAME).unwrap_or_default();
        let spec = lease.spec.clone().unwrap_or_default();
        check(spec.preferred_holder.is_none(), format!("{:?} is still preferred", spec.preferred_holder));
        check(spec.strategy.as_deref() == Some("OldestEmulationVersion"), format!("{:?}", spec.strategy));
        check(
            spec.holder_identity.is_some_and(|holder| holder.starts_with(&next)),
            "the Lease says another".to_owned(),
        );
        check(!lease.annotations().contains_key("hactl.dev/transfer"), "an annotation is left behind".to_owned());
        check(lease.annotations().contains_key("hactl.dev/history"), "it was not recorded".to_owned());
        say(&format!(
            "prefer {:?}: nobody led for {gap:.2} s, two for {overlap}; predicted {}, measured {}; took {took:.1} s{}",
            self.timing,
            answer["predicted"]["leaderlessSeconds"],
            answer["measured"]["leaderlessSeconds"],
            if slack.in_time { "" } else { ", late" }
        ));
        (wrong, slack.in_time, gap)
    }
}

/// Several in a row, with no more rights than the plan prints; and before that, each of those that prefer takes beside what
/// the other methods do is missing once.
fn several(bed: &Testbed, monitor: &Monitor, timing: Timing, count: usize) -> Vec<String> {
    let election = Election::start(bed, timing, |workload| workload);
    let leader = election.settle();
    let mut wrong = Vec::new();
    let last = election.oldest_first().pop().unwrap_or_default();
    assert_ne!(last, leader, "the oldest leads");
    wrong.extend(election.refused(&["--to", &last], "cannot be made the next leader"));
    wrong.extend(election.refused(&["--method", "prefer", "--to", &last], "cannot be made the next leader"));
    wrong.extend(election.refused(&["--method", "hand-over"], "has a strategy"));
    let plan = document(&election.hactl(election.ns.kubeconfig(), &["--dry-run=client"]));
    let rules = &plan["roles"][0]["rules"];
    let candidates = |rule: &&Value| rule["resources"][0] == "leasecandidates";
    let all = rules.as_array().cloned().unwrap_or_default();
    let fewer: Vec<_> = all.iter().filter(|rule| !candidates(rule)).cloned().collect();
    if fewer.len() + 1 != all.len() || plan["method"] != "prefer" {
        wrong.push(format!("the plan is {plan:#}"));
    }
    let out = election.hactl(election.account("less", &json!(fewer)), &[]);
    if out.code != Some(10) || !out.stderr.contains("list leasecandidates.coordination.k8s.io") {
        wrong.push(format!("without the right to list candidates: {out:#?}"));
    }
    let enough = election.account("enough", rules);
    let server = election.hactl(enough.clone(), &["--dry-run=server"]);
    if server.code != Some(0) || election.spec().is_some_and(|spec| spec.preferred_holder.is_some()) {
        wrong.push(format!("a dry run: {server:#?}"));
    }
    let (mut done, mut late) = (0, 0);
    while done < count && late < count * AGAIN {
        let (complaints, in_time, _) = election.once(enough.clone(), done % 2 == 1, monitor);
        if in_time {
            done += 1;
            wrong.extend(complaints);
        } else {
            late += 1;
        }
    }
    if done == 0 {
        wrong.push("every run was late: this machine is too busy to measure on".to_owned());
    }
    wrong
}

/// By an identity that outlives its process a leader is the best again once it is back, and nobody leads: refused. Done by
/// hand, it is seen to be so, and hactl repairs it.
fn outlives(bed: &Testbed) -> Vec<String> {
    let election = Election::start(bed, QUICK, |workload| workload.env("UNIQUE", "false"));
    let leader = election.settle();
    let mut wrong = election.refused(&["--method", "prefer"], "nobody would lead");
    wrong.extend(election.refused(&["--method", "prefer", "--best-effort"], "nobody would lead"));
    let asked = now();
    let patch = Patch::Merge(json!({"spec": {"preferredHolder": "app-1"}}));
    block_on(election.ns.api::<Lease>().patch(NAME, &PatchParams::default(), &patch)).expect("a patch");
    // It has given up by then, and for long the controller has had the time to name somebody.
    thread::sleep(Duration::from_secs(35));
    let journal = election.journal();
    let starts = journal.starts(asked, now());
    if !journal.acting(now()).is_empty() || !starts.is_empty() {
        wrong.push(format!("somebody leads without a repair: {starts:?}"));
    }
    let args = ["repair", "lease/app", "--yes", "--wait", "--timeout", "60s", "-o", "json"];
    let out = hactl().args(args).kubeconfig(election.ns.kubeconfig()).timeout(PATIENCE).run();
    if out.code != Some(0) || !out.stdout.contains("unanswered-yield") {
        wrong.push(format!("not repaired: {out:#?}"));
    }
    if election.settle() != leader {
        wrong.push("another than the best leads after the repair".to_owned());
    }
    wrong
}

/// A leader of an older version is named again once its container is back: refused, and with `--best-effort` seen to be so.
fn older(bed: &Testbed) -> Vec<String> {
    let election = Election::prepare(bed, QUICK, |workload| workload.env("EMULATION_VERSION", "1.35.0"), 1);
    let sets = election.ns.api::<StatefulSet>();
    let first = || async { election.journal().acting(now()).len().eq(&1).then_some(()) };
    try_until(READY, first).expect("the first leads");
    // The Pod that runs is left as it is; the others are made by the new template.
    block_on(async {
        let mut set = sets.get(NAME).await.expect("a StatefulSet");
        let spec = set.spec.as_mut().expect("a spec");
        spec.replicas = i32::try_from(REPLICAS).ok();
        let env = spec.template.spec.as_mut().and_then(|pod| pod.containers[0].env.as_mut()).expect("an environment");
        let version = env.iter_mut().find(|variable| variable.name == "EMULATION_VERSION").expect("a version");
        version.value = Some("1.36.0".to_owned());
        sets.replace(NAME, &PostParams::default(), &set).await.expect("a new template");
    });
    let leader = election.settle();
    let mut wrong = election.refused(&["--method", "prefer"], "would name the leader's Pod again");
    let began = now();
    let out = election.hactl(election.ns.kubeconfig(), &["--method", "prefer", "--best-effort"]);
    let (journal, answer) = (election.journal(), document(&out));
    if out.code != Some(13) || answer["reason"] != "the same Pod leads again" || election.settle() != leader {
        wrong.push(format!("an older leader: {out:#?}"));
    }
    let overlap = journal.overlap(began, now());
    if overlap != Micros::ZERO {
        wrong.push(format!("two led for {overlap}"));
    }
    wrong
}

/// A leader whose Pod is evicted is followed by whom the controller names, and hactl waits until that one acts.
fn evicted(bed: &Testbed) -> Vec<String> {
    let election = Election::start(bed, QUICK, |workload| workload);
    let leader = election.settle();
    let next = election.oldest_first().into_iter().find(|pod| *pod != leader).unwrap_or_default();
    let began = now();
    let out = election.hactl(election.ns.kubeconfig(), &["--method", "evict"]);
    let ended = now();
    thread::sleep(LAST_LINES);
    let (journal, answer) = (election.journal(), document(&out));
    let acting: Vec<_> = journal.acting(ended).iter().map(|uid| election.name_of(uid)).collect();
    let mut wrong = Vec::new();
    if out.code != Some(0) || answer["leader"]["pod"] != next.as_str() || acting != [next.as_str()] {
        wrong.push(format!("{acting:?} act after an eviction, and {next} was next: {out:#?}"));
    }
    let overlap = journal.overlap(began, ended);
    if overlap != Micros::ZERO {
        wrong.push(format!("two led for {overlap}"));
    }
    wrong
}

/// A leader whose process does not end is the best again, and yields for as long as it is asked to: it is asked no more.
fn stays(bed: &Testbed) -> Vec<String> {
    let election = Election::start(bed, QUICK, |workload| workload.env("STAYS", "true"));
    let leader = election.settle();
    let began = now();
    let out = election.hactl(election.ns.kubeconfig(), &["--method", "prefer"]);
    let answer = document(&out);
    let mut wrong = Vec::new();
    if out.code != Some(12) || answer["outcome"] != "unknown" {
        wrong.push(format!("a leader that stays: {out:#?}"));
    }
    if election.settle() != leader {
        wrong.push("another than the leader that stays leads".to_owned());
    }
    let overlap = election.journal().overlap(began, now());
    if overlap != Micros::ZERO {
        wrong.push(format!("two led for {overlap}"));
    }
    wrong
}

#[test]
fn a_leader_that_yields_is_followed_by_whom_the_controller_names() {
    let bed = Testbed::coordinated();
    let probe = bed.namespace("monitor");
    let monitor = Monitor::start(&probe);
    let (bed, monitor) = (&bed, &monitor);
    let wrong: Vec<_> = thread::scope(|scope| {
        let runs = [
            scope.spawn(|| several(bed, monitor, QUICK, IN_A_ROW)),
            scope.spawn(|| several(bed, monitor, QUICK, IN_A_ROW)),
            scope.spawn(|| several(bed, monitor, REAL, IN_A_ROW - 1)),
            scope.spawn(|| outlives(bed)),
            scope.spawn(|| older(bed)),
            scope.spawn(|| evicted(bed)),
            scope.spawn(|| stays(bed)),
        ];
        runs.into_iter().flat_map(|run| run.join().expect("a run does not panic")).collect()
    });
    assert!(wrong.is_empty(), "{} things went wrong:\n{}", wrong.len(), wrong.join("\n"));
}
