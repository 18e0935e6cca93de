//! `hactl doctor` beside a script that asks the same with kubectl, on the testbed's real API server: for a workload of few
//! Pods, and of many.
//!
//! The script only fetches; whoever runs it has still to read it. Requests are counted in the server's audit log.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::audit::{Audit, is_discovery};
use crate::cluster::Cluster;
use crate::measure::{Sample, run};
use crate::say;
use crate::support::{Component, Testbed, scratch};
use crate::table::{self, Aim, Row};
use crate::tool::{Kubectl, Tool, hactl, kubectls};

const ROUNDS: usize = 7;
const PODS: [usize; 2] = [3, 300];

/// A workload takes no more requests than this.
const REQUESTS: usize = 20;

/// Prints it all.
pub(crate) fn compare() {
    say("doctor: building kubectl and the control plane");
    let kubectls = kubectls();
    say("doctor: starting a control plane and filling it");
    let audit = Audit { file: scratch::path("audit.log") };
    let testbed = Testbed::audited(&[Component::Etcd, Component::ApiServer], &audit.file);
    let mut cluster = Cluster::fill(testbed.client());
    cluster.leases(20);
    let mut bench = Bench { testbed: &testbed, audit: &audit, kubectl: &kubectls[0], users: 0 };
    let mut all = Vec::new();
    for pods in PODS {
        let (namespace, name) = cluster.replicas(pods);
        say(&format!("doctor: {pods} Pods"));
        let rows = bench.rows(&namespace, &name);
        print!("{}", table::table(&format!("A workload of {pods} Pods"), &rows));
        all.push(rows);
    }
    println!(
        "\n  Milliseconds; MB are millions of bytes. kubectl with a warm discovery cache; cluster-wide kinds and access reviews too."
    );
    print!("{}", table::aims(&aims(&all)));
}

struct Bench<'a> {
    testbed: &'a Testbed,
    audit: &'a Audit,
    kubectl: &'a Kubectl,
    users: usize,
}

impl Bench<'_> {
    fn rows(&mut self, namespace: &str, name: &str) -> Vec<Row> {
        let target = format!("deploy/{name}");
        let args = ["doctor", &target, "-n", namespace, "-o", "json", "--fail-on", "never"];
        let tools = [
            Tool::new("hactl doctor", &hactl(), args).on(self.testbed),
            script(&self.kubectl.program, namespace).named(format!("{}, a script", self.kubectl.name)).on(self.testbed),
        ];
        let mut runs = vec![Vec::new(); tools.len()];
        for round in 0..=ROUNDS {
            for turn in 0..tools.len() {
                let turn = (round + turn) % tools.len();
                let run = self.run(&tools[turn]);
                // The first one is for the caches: the server's, and that of what kubectl has discovered.
                if round > 0 {
                    runs[turn].push(run);
                }
            }
        }
        let requests = self.audit.requests();
        let count = |user: &String| {
            let requests = requests.get(user).map_or(&[][..], Vec::as_slice);
            (requests.len(), requests.iter().filter(|uri| is_discovery(uri)).count())
        };
        let rows = tools.into_iter().zip(runs);
        rows.map(|(tool, runs)| {
            let requests = Some(runs.iter().map(|(user, _)| count(user)).collect());
            Row { name: tool.name, samples: runs.into_iter().map(|(_, sample)| sample).collect(), requests }
        })
        .collect()
    }

    /// One run, as a user of its own.
    fn run(&mut self, tool: &Tool) -> (String, Sample) {
        self.users += 1;
        let user = format!("bench-{}", self.users);
        let (sample, _) = run(&tool.clone().acting_as(&user));
        (user, sample)
    }
}

/// What doctor asks for, as one would fetch it by hand. What is behind `sh` is whom kubectl impersonates.
fn script(kubectl: &Path, namespace: &str) -> Tool {
    let reviews = scratch::path("reviews");
    fs::create_dir(&reviews).expect("a folder in the temporary folder");
    let mut script = format!(
        "set -e; k={}; \
         $k get deployments,statefulsets,pods,leases,poddisruptionbudgets,horizontalpodautoscalers,roles,rolebindings,\
         serviceaccounts,services,configmaps,limitranges -n {namespace} -o json \"$@\"; \
         $k get nodes,clusterroles,clusterrolebindings -o json \"$@\"; ",
        kubectl.display()
    );
    for verb in ["get", "create", "update"] {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
                "user": format!("system:serviceaccount:{namespace}:default"),
                "resourceAttributes": {"verb": verb, "group": "coordination.k8s.io", "resource": "leases", "namespace": namespace},
            },
        });
        let file = reviews.join(verb);
        fs::write(&file, review.to_string()).expect("a file in the temporary folder");
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        script.push_str(&format!("$k create --raw {path} -f {} \"$@\"; ", file.display()));
    }
    Tool::new("kubectl", Path::new("sh"), ["-c", &script, "sh"])
}

fn aims(all: &[Vec<Row>]) -> Vec<Aim> {
    let most = |rows: &Vec<Row>| rows[0].requests.iter().flatten().map(|(all, _)| *all).max().unwrap_or_default();
    let asked: Vec<_> = all.iter().map(most).collect();
    let ratio = |rows: &Vec<Row>| rows[0].wall().as_secs_f64() / rows[1].wall().as_secs_f64();
    let slowest = all.iter().map(ratio).fold(0.0, f64::max);
    vec![
        Aim {
            words: "requests: 20, or less, and as many for many Pods as for few",
            measured: format!("{asked:?}"),
            met: asked.iter().all(|count| *count <= REQUESTS && *count == asked[0]),
        },
        Aim { words: "no more time than the script", measured: format!("{slowest:.2}"), met: slowest <= 1.0 },
    ]
}
