//! Elections: whether there is one where there are several Pods, and several Pods where there is one.

use serde_json::json;

use super::super::catalogue::{Check, Severity};
use super::super::election::file;
use super::super::election::{self, Elector, Elects, Remedy, known};
use super::super::program::Program;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use super::{paste, yaml};

pub(in crate::check) const SEVERAL_ELECT: Check = Check {
    id: "HA0102",
    severity: Severity::Error,
    title: "several replicas elect a leader, where they can",
    page: include_str!("../pages/HA0102.md"),
    judge: several_elect,
};

pub(in crate::check) const HAS_STANDBY: Check = Check {
    id: "HA0103",
    severity: Severity::Warning,
    title: "a leader has a standby",
    page: include_str!("../pages/HA0103.md"),
    judge: has_standby,
};

pub(in crate::check) const IS_PASSED: Check = Check {
    id: "HA0107",
    severity: Severity::Warning,
    title: "a file that turns leader election on is passed to the program",
    page: include_str!("../pages/HA0107.md"),
    judge: is_passed,
};

fn several_elect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let most = scene.most(workload);
        if most < 2 {
            verdicts.skip(workload.object, "it has no second replica");
            continue;
        }
        let electors = scene.electors().in_pods_of(workload);
        let mut said = false;
        for elector in electors.iter().filter(|elector| elector.election.elects == Elects::No) {
            let message = format!(
                "{most} replicas and no leader election ({}): each of them does all of the work, at the same time",
                elector.election.evidence
            );
            let failed = verdicts.fail(workload.object, elector.election.field.as_str(), message);
            if let Some(fix) = turned_on(elector) {
                failed.fix(fix);
            }
            said = true;
        }
        if said {
            continue;
        }
        if electors.iter().any(|elector| elector.election.elects == Elects::Yes) {
            verdicts.pass(workload.object);
        } else if let Some(elector) = electors.first() {
            let why = format!("whether it elects a leader is not known: {}", elector.election.evidence);
            verdicts.skip(workload.object, why);
        } else if let Some(program) = unsaid(scene, workload) {
            let message = format!(
                "{most} replicas, and nothing turns leader election on: a program of kubebuilder's scaffold elects only \
                 with --leader-elect"
            );
            let failed = verdicts.fail(workload.object, program.path.as_str(), message).severity(Severity::Warning);
            if let Some(fix) = paste::added(&program, "--leader-elect") {
                failed.fix(fix);
            }
        } else {
            verdicts.skip(workload.object, "nothing says that its programs could elect a leader");
        }
    }
}

/// A program that could elect by what it is built on, and says nothing of it.
fn unsaid<'o>(scene: &Scene<'o>, workload: Workload<'o>) -> Option<Program<'o>> {
    Program::all(scene, workload).into_iter().find(|program| {
        // What a Secret or another ConfigMap says is not known.
        let silent = !program.environment.open;
        silent && known::scaffolded(program) && unpassed(scene, workload, program).is_none()
    })
}

fn turned_on(elector: &Elector<'_>) -> Option<String> {
    let Elector { program, election, .. } = elector;
    match &election.remedy {
        Remedy::Word(word) => paste::word(program, &election.field, &[word], 1),
        Remedy::Variable(name, value) => {
            paste::container(program, json!({"env": [{"name": name, "value": value, "valueFrom": null}]}))
        }
        Remedy::Add(word) => paste::added(program, word),
        Remedy::Other => None,
    }
}

fn has_standby(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let mut electors = scene.electors().in_pods_of(workload).iter();
        let Some(elector) = electors.find(|elector| elector.election.elects == Elects::Yes) else {
            verdicts.skip(workload.object, "nothing says that it elects a leader");
            continue;
        };
        if scene.autoscaler(workload).is_some() {
            verdicts.skip(workload.object, "an autoscaler says how many there are: HA0104");
        } else if workload.replicas() == 1 {
            let message = format!(
                "it elects a leader ({}), and has one replica: when that is lost, nobody leads until another Pod has \
                 started",
                elector.election.evidence
            );
            verdicts.fail(workload.object, "spec.replicas", message).fix(yaml(&json!({"spec": {"replicas": 2}})));
        } else {
            verdicts.pass(workload.object);
        }
    }
}

/// A file that turns leader election on, and that the program is not told of.
fn unpassed<'o>(
    scene: &Scene<'o>,
    workload: Workload<'o>,
    program: &Program<'o>,
) -> Option<(file::File<'o>, file::Says)> {
    let files = file::all(scene, workload, program).into_iter();
    let mut said = files.filter_map(|file| file.says(program).map(|says| (file, says)));
    // Beside one that it reads another may be for somebody else.
    let read = file::read(scene, workload, program);
    let known = |file: &file::File<'_>| read.iter().any(|one| std::ptr::eq(one.config_map, file.config_map));
    said.find(|(file, says)| says.elects && !known(file))
}

fn is_passed(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        for program in Program::all(scene, workload) {
            // Where that looks for its own is HA0801.
            if election::is_klag_exporter(&program) {
                continue;
            }
            let elects = election::of(scene, workload, &program);
            let Some((file, says)) = unpassed(scene, workload, &program) else {
                if file::all(scene, workload, &program).iter().any(|file| file.says(&program).is_some()) {
                    verdicts.pass(workload.object);
                }
                continue;
            };
            // Something else turns it on.
            if elects.is_some_and(|election| election.elects == Elects::Yes) {
                continue;
            }
            let several = scene.most(workload) > 1;
            let (severity, follows) = match () {
                () if says.managed && several => (Severity::Error, "all of its replicas work at the same time"),
                () => (Severity::Warning, "unless it looks there by itself, it is never read"),
            };
            let message = format!(
                "{} of {} turns leader election on, and nothing tells the program of {}: {follows}",
                file.key, file.config_map, file.path
            );
            let failed = verdicts.fail(workload.object, file.field.as_str(), message).severity(severity);
            if let Some(fix) = paste::added(&program, &format!("--config={}", file.path)) {
                failed.fix(fix);
            }
        }
    }
}
