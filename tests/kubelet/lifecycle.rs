//! Pods from their start to their end.

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::ResourceExt;
use kube::api::DeleteParams;
use serde_json::json;

use super::{SOON, create_pod, merge, namespace, printed, runs, script, wait_container, waits_because};
use crate::support::fixtures::{create, elector_deployment};
use crate::support::kubelet::Change;

#[test]
fn a_deployment_gets_nodes_and_one_of_its_electors_leads() {
    let ns = namespace("deployment");
    elector_deployment("web", "client-go", 2).apply(&ns);
    let pods = ns.wait_ready("web", 2, SOON);
    let holder = ns.wait_leader("web", SOON);

    let nodes: Vec<_> = pods.iter().map(|pod| pod.spec.as_ref().and_then(|spec| spec.node_name.clone())).collect();
    assert_ne!(nodes[0], nodes[1]);
    assert!(pods.iter().any(|pod| pod.name_any() == holder), "{holder} is none of the Pods");
    let status = pods[0].status.clone().unwrap_or_default();
    assert_eq!(status.phase.as_deref(), Some("Running"));
    let conditions = status.conditions.unwrap_or_default();
    for kind in ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"] {
        let condition = conditions.iter().find(|condition| condition.type_ == kind);
        assert_eq!(condition.map(|condition| condition.status.as_str()), Some("True"), "{kind}");
    }
    let running = ns.running(&holder);
    assert_eq!(status.pod_ips.map(|ips| ips.len()), Some(1));
    let started = || running.events().into_iter().find(|event| event.event == Change::Start);
    let start = ns.wait_for(SOON, "the leader says that it leads", started);
    assert_eq!((start.lease, start.identity), (format!("{}/web", ns.name()), holder));
}

#[test]
fn each_library_finds_a_leader() {
    for image in ["manager", "client-go", "kube-lease-manager-0.13", "kube-lease-manager-0.8", "kubert"] {
        let ns = namespace("library");
        elector_deployment("web", &format!("example.com/{image}:v1"), 1).quick().apply(&ns);
        let holder = ns.wait_leader("web", SOON);
        let pod = ns.running_as(&holder);
        ns.wait_for(SOON, "it acts", || pod.events().into_iter().find(|event| event.event == Change::Start));
    }
}

#[test]
fn a_deleted_pod_is_told_to_end_and_then_replaced() {
    let ns = namespace("deletion");
    elector_deployment("web", "client-go", 1).env("RELEASE_ON_CANCEL", "true").apply(&ns);
    let former = ns.wait_leader("web", SOON);
    let running = ns.running(&former);
    ns.wait_ready("web", 1, SOON);

    let deleted = ns.testbed().block_on(ns.api::<Pod>().delete(&former, &DeleteParams::default()));
    deleted.expect("Pods may be deleted");
    ns.wait_for(SOON, "the Pod is gone", || ns.pod(&former).is_none().then_some(()));
    // It was no kill: the elector has said good-bye.
    assert_eq!(running.events().last().map(|event| event.event), Some(Change::Stop));
    assert_eq!(running.pid("elector"), None);
    ns.wait_other_leader("web", &former, SOON);
}

#[test]
fn a_pod_that_ignores_sigterm_is_killed_after_its_grace_period() {
    let ns = namespace("stubborn");
    let mut spec = script("trap '' TERM; echo up; while :; do sleep 0.1; done");
    merge(&mut spec, &json!({"terminationGracePeriodSeconds": 2}));
    create_pod(&ns, "stubborn", "sh", &spec);
    wait_container(&ns, "stubborn", "it runs", runs);
    let running = ns.running("stubborn");
    ns.wait_for(SOON, "its trap is set", || (!printed(&running).is_empty()).then_some(()));

    let pod = ns.testbed().block_on(ns.api::<Pod>().delete("stubborn", &DeleteParams::default()));
    pod.expect("Pods may be deleted");
    ns.wait_for(SOON, "the Pod is gone", || ns.pod("stubborn").is_none().then_some(()));
    assert_eq!(running.exit_code("main"), Some(137));
}

#[test]
fn after_a_forced_deletion_the_process_goes_on_for_a_second() {
    let ns = namespace("forced");
    create_pod(&ns, "forced", "sh", &script("trap 'echo TERM' TERM; echo up; while :; do sleep 0.1; done"));
    wait_container(&ns, "forced", "it runs", runs);
    let running = ns.running("forced");
    ns.wait_for(SOON, "its trap is set", || (!printed(&running).is_empty()).then_some(()));

    let by_force = DeleteParams::default().grace_period(0);
    ns.testbed().block_on(ns.api::<Pod>().delete("forced", &by_force)).expect("Pods may be deleted");
    assert!(ns.pod("forced").is_none());
    assert!(running.pid("main").is_some(), "it has only lost its object");
    ns.wait_for(SOON, "it is killed", || running.exit_code("main"));
    assert_eq!((printed(&running).concat().as_str(), running.exit_code("main")), ("upTERM", Some(137)));
}

#[test]
fn a_process_that_crashes_again_and_again_has_to_wait() {
    let ns = namespace("crash-loop");
    create_pod(&ns, "crash", "sh", &script("exit 3"));
    let status = wait_container(&ns, "crash", "it waits", |status| waits_because(status, "CrashLoopBackOff"));
    assert_eq!(status.restart_count, 1, "the first restart is immediate");
    let last = status.last_state.and_then(|state| state.terminated).expect("it has run before");
    assert_eq!((last.exit_code, last.reason.as_deref()), (3, Some("Error")));
    let pod = ns.pod("crash").expect("it restarts in place");
    assert_eq!(pod.status.and_then(|status| status.phase).as_deref(), Some("Running"));
}

#[test]
fn a_pod_that_is_not_restarted_succeeds_or_fails() {
    let ns = namespace("never");
    for (name, code, phase) in [("good", 0, "Succeeded"), ("bad", 1, "Failed")] {
        let mut spec = script(&format!("exit {code}"));
        merge(&mut spec, &json!({"restartPolicy": "Never"}));
        create_pod(&ns, name, "sh", &spec);
        let reached = || ns.pod(name)?.status?.phase.filter(|now| now == phase);
        ns.wait_for(SOON, &format!("{name} is {phase}"), reached);
        let deleted = ns.testbed().block_on(ns.api::<Pod>().delete(name, &DeleteParams::default()));
        deleted.expect("Pods may be deleted");
        ns.wait_for(SOON, "the Pod is gone", || ns.pod(name).is_none().then_some(()));
    }
}

#[test]
fn an_unknown_image_is_not_pulled() {
    let ns = namespace("image");
    create_pod(&ns, "unknown", "example.com/unknown:v1", &json!({}));
    wait_container(&ns, "unknown", "the error", |status| waits_because(status, "ErrImagePull"));
    wait_container(&ns, "unknown", "the pause", |status| waits_because(status, "ImagePullBackOff"));
    let pod = ns.pod("unknown").expect("it waits");
    assert_eq!(pod.status.and_then(|status| status.phase).as_deref(), Some("Pending"));
}

#[test]
fn the_environment_is_the_one_of_the_spec() {
    let ns = namespace("environment");
    let spec = json!({"containers": [{
        "args": ["-c", "echo $(GREETING); echo $HOSTNAME $POD_IP $NODE $LABEL $SECRET $CONFIG $OPTIONAL.; exec sleep 1000"],
        "env": [
            {"name": "WHOM", "value": "world"},
            {"name": "GREETING", "value": "hello $(WHOM)"},
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            {"name": "LABEL", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
            {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "secret", "key": "word"}}},
            {"name": "CONFIG", "valueFrom": {"configMapKeyRef": {"name": "config", "key": "word"}}},
            {"name": "OPTIONAL", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "word", "optional": true}}},
        ],
    }]});
    create(
        &ns,
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "secret"}, "stringData": {"word": "sesame"}}),
    );
    create_pod(&ns, "env", "sh", &spec);
    let missing = wait_container(&ns, "env", "it waits", |status| waits_because(status, "CreateContainerConfigError"));
    let message = missing.state.and_then(|state| state.waiting?.message);
    assert_eq!(message.as_deref(), Some("configmap \"config\" not found"));

    let config = ConfigMap { data: Some([("word".to_owned(), "blue".to_owned())].into()), ..ConfigMap::default() };
    let mut config = serde_json::to_value(config).expect("a ConfigMap is JSON");
    merge(&mut config, &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}}));
    create(&ns, config);
    wait_container(&ns, "env", "it runs", runs);
    let running = ns.running("env");
    ns.wait_for(SOON, "it has printed", || (printed(&running).len() == 2).then_some(()));
    let second = format!("env {} {} env sesame blue .", running.ip, running.node);
    assert_eq!(printed(&running), ["hello world".to_owned(), second]);
}

#[test]
fn init_containers_run_first_and_one_after_the_other() {
    let ns = namespace("init");
    let mut spec = script("echo main; exec sleep 1000");
    let init = |name: &str| json!({"name": name, "image": "sh", "args": ["-c", format!("sleep 0.2; echo {name}")]});
    merge(&mut spec, &json!({"initContainers": [init("first"), init("second")]}));
    create_pod(&ns, "init", "sh", &spec);
    wait_container(&ns, "init", "it is ready", |status| status.ready);
    let running = ns.running("init");
    ns.wait_for(SOON, "it has printed", || (printed(&running).len() == 3).then_some(()));
    assert_eq!(printed(&running), ["first", "second", "main"]);
}
