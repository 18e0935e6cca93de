//! klag-exporter, where an example of a page is not enough.

mod scrape;

use serde_json::{Value as Json, json};

use crate::check::{Outcome, Scene, Severity, catalogue, judge};
use crate::model::node::Node;
use crate::model::object::{Object, Origin};

const CLUSTER: &str = "[[clusters]]\nname = \"a\"\nbootstrap_servers = \"k:9092\"\n";

/// A workload and its file.
struct Case {
    deployment: Json,
    map: Json,
    others: Vec<Json>,
}

/// Two replicas that elect, in `shop`, as they should.
fn case() -> Case {
    let container = json!({"name": "main", "image": "registry.example.com/klag-exporter:1",
        "ports": [{"name": "http", "containerPort": 8000}],
        "volumeMounts": [{"name": "c", "mountPath": "/app/config.toml", "subPath": "config.toml"}]});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "lag", "namespace": "shop"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "lag"}},
            "template": {"metadata": {"labels": {"app": "lag"}},
                "spec": {"containers": [container], "volumes": [{"name": "c", "configMap": {"name": "lag"}}]}}}});
    let map =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "lag", "namespace": "shop"}, "data": {}});
    Case { deployment, map, others: Vec::new() }.leadership("enabled = true\nlease_namespace = \"shop\"")
}

impl Case {
    fn container(mut self, fields: Json) -> Self {
        let container = &mut self.deployment["spec"]["template"]["spec"]["containers"][0];
        for (name, value) in fields.as_object().expect("fields") {
            container[name] = value.clone();
        }
        self
    }

    fn leadership(self, lines: &str) -> Self {
        self.file(&format!("[exporter]\n[exporter.leadership]\n{lines}\n{CLUSTER}"))
    }

    fn file(mut self, text: &str) -> Self {
        self.map["data"]["config.toml"] = json!(text);
        self
    }

    fn with(mut self, other: Json) -> Self {
        self.others.push(other);
        self
    }

    fn objects(&self) -> Vec<Object> {
        let all = [&self.deployment, &self.map].into_iter().chain(&self.others).filter(|json| !json.is_null());
        all.map(|json| Object::new(Node::from(json), Origin::Live).expect("an object")).collect()
    }

    /// What a check says: each failure with how bad it is, what it is about, and the fix; or that it passes, or not even
    /// that.
    fn told(&self, id: &str) -> Told {
        let objects = self.objects();
        let verdicts = judge(&Scene::new(&objects), catalogue::named(id));
        let failed: Vec<_> = verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Fail).collect();
        if failed.is_empty() {
            let passes = verdicts.iter().any(|verdict| verdict.outcome == Outcome::Pass);
            return if passes { Told::Pass } else { Told::Nothing };
        }
        let told = |verdict: &&crate::check::Verdict<'_>| {
            (verdict.severity, format!("{} {}: {}", verdict.spot.object.kind, verdict.spot.field, verdict.message))
        };
        Told::Failures(failed.iter().map(told).collect())
    }

    fn fails(&self, id: &str, severity: Severity, words: &str) {
        let told = self.told(id);
        let Told::Failures(failures) = &told else { panic!("{id}: {told:?} and not {words}") };
        let found = failures.iter().any(|(bad, message)| *bad == severity && message.contains(words));
        assert!(found, "{id}: {severity} {words}: {failures:?}");
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Pass,
    Nothing,
    Failures(Vec<(Severity, String)>),
}

/// Its whole family.
const ALL: &[&str] =
    &["HA0801", "HA0802", "HA0803", "HA0804", "HA0805", "HA0806", "HA0807", "HA0808", "HA0809", "HA0810", "HA0811"];

#[test]
fn nothing_is_said_of_what_is_no_klag_exporter() {
    let other = case().container(json!({"image": "nginx"}));
    let told = |case: &Case| ALL.iter().map(|id| case.told(id)).collect::<Vec<_>>();
    assert!(told(&other).iter().all(|told| *told == Told::Nothing));
    // Nor of what is only called so, and has another file.
    let called = case().file("port = 1\n").container(json!({"name": "klag-exporter", "image": "kafka-lag-exporter"}));
    assert!(told(&called).iter().all(|told| *told == Told::Nothing), "{:?}", told(&called));
    let beside = case().container(json!({"name": "klag-exporter", "image": "mirror/lag@sha256:00"}));
    assert_eq!(beside.told("HA0802"), Told::Pass);
}

#[test]
fn where_it_looks_and_where_its_file_is() {
    let at = |path: &str, more: Json| {
        let mounts = json!([{"name": "c", "mountPath": path}]);
        case().container(json!({"volumeMounts": mounts})).container(more)
    };
    let told = |path: &str, more: Json| at(path, more).told("HA0801");
    assert_eq!(case().told("HA0801"), Told::Pass);
    assert_eq!(told("/app", json!({})), Told::Pass);
    assert_eq!(told("/etc/klag", json!({"args": ["-c", "/etc/klag/config.toml"]})), Told::Pass);
    assert_eq!(
        told("/etc/klag", json!({"command": ["/app/klag-exporter", "--config=/etc/klag/config.toml"]})),
        Told::Pass
    );
    assert_eq!(told("/etc/klag", json!({"args": ["-l", "debug"], "workingDir": "/etc/klag"})), Told::Pass);
    at("/etc/klag", json!({})).fails("HA0801", Severity::Error, "looks for /app/config.toml, where nothing is mounted");
    at("/etc/klag", json!({"args": ["--config", "/etc/lag/config.toml"]})).fails(
        "HA0801",
        Severity::Error,
        "is told of /etc/lag/config.toml, where nothing is mounted",
    );
    at("/etc/klag", json!({"args": ["--leader-elect"]})).fails(
        "HA0801",
        Severity::Error,
        "the argument --leader-elect: ",
    );
    at("/etc/klag", json!({"args": ["/app/klag-exporter", "--config", "x"]})).fails(
        "HA0801",
        Severity::Error,
        "args[0]: ",
    );
    // What a shell makes of it, or what a variable is, nobody knows; and a Secret may hold it.
    assert_eq!(told("/etc/klag", json!({"command": ["sh", "-c", "exec klag-exporter"]})), Told::Nothing);
    let variable = json!({"args": ["--config=$(FILE)"], "env": [{"name": "FILE", "valueFrom": {"secretKeyRef": {}}}]});
    assert_eq!(told("/etc/klag", variable), Told::Nothing);
    let mut secret = at("/app", json!({}));
    secret.deployment["spec"]["template"]["spec"]["volumes"] = json!([{"name": "c", "secret": {"secretName": "x"}}]);
    assert_eq!(secret.told("HA0801"), Told::Nothing);
    // Its own image has none in it, another may.
    let mut bare = at("/data", json!({"volumeMounts": []}));
    assert_eq!(bare.told("HA0801"), Told::Nothing);
    bare = bare.container(json!({"image": "ghcr.io/softwaremill/klag-exporter:0.1.29"}));
    bare.fails("HA0801", Severity::Error, "looks for /app/config.toml, where nothing is mounted: it ends");
    // The volume is there, and the file is called something else in it.
    let mut renamed = at("/app", json!({}));
    renamed.map["data"] = json!({"klag.toml": "[exporter]\n"});
    renamed.fails("HA0801", Severity::Error, "klag.toml of configmap/lag is mounted at /app/klag.toml");
}

#[test]
fn a_secret_is_never_told() {
    let text = format!(
        "[exporter]\nhttp_port = 0.5\n{CLUSTER}[clusters.consumer_properties]\n\"sasl.password\" = \"hunter2\"\nx = hunter2\n"
    );
    for text in [text.clone(), text.replace("x = hunter2\n", ""), text.replace("http_port = 0.5", "http_host = \"x\"")]
    {
        let case = case().file(&text).container(json!({"args": ["--password=hunter2"]}));
        let objects = case.objects();
        let verdicts = judge(&Scene::new(&objects), catalogue::named("HA08"));
        assert!(verdicts.iter().any(|verdict| verdict.outcome == Outcome::Fail));
        assert!(!format!("{verdicts:?}").contains("hunter2"), "{verdicts:?}");
    }
}

#[test]
fn what_it_cannot_start_with() {
    case().leadership("enabled = yes").fails(
        "HA0802",
        Severity::Error,
        "ConfigMap data.config.toml: klag-exporter ends when it starts: line 3 of config.toml",
    );
    case().leadership("grace_period_secs = \"5\"").fails("HA0802", Severity::Error, "grace_period_secs is text");
    // What a Secret gives may be anything.
    let open = case().leadership("enabled = ${ON}").container(json!({"envFrom": [{"secretRef": {"name": "x"}}]}));
    assert_eq!(open.told("HA0802"), Told::Pass);
    let none = case().leadership("enabled = ${ON}");
    none.fails("HA0802", Severity::Error, "no TOML where ON, which is not set, stands for a value");
    let mut gone = case();
    gone.map = Json::Null;
    assert_eq!(gone.told("HA0802"), Told::Nothing);
}

#[test]
fn a_lease_has_a_namespace() {
    let namespace = |text: &str| case().leadership(&format!("enabled = true\nlease_namespace = \"{text}\""));
    for sound in ["shop", "a-1", "${POD_NAMESPACE:-shop}", "${HOSTNAME}", "${KUBERNETES_SERVICE_HOST}"] {
        assert_eq!(namespace(sound).told("HA0803"), Told::Pass, "{sound}");
    }
    for (wrong, words) in [
        ("", "lease_namespace is empty"),
        ("Shop", "is \"Shop\", which no namespace can be called"),
        ("a.b", "is \"a.b\", which no namespace can be called"),
        ("$(POD_NAMESPACE)", "is \"$(POD_NAMESPACE)\", which no namespace can be called"),
        ("${POD-NAMESPACE}", "is \"${POD-NAMESPACE}\", which no namespace can be called"),
    ] {
        namespace(wrong).fails(
            "HA0803",
            Severity::Error,
            &format!(
                "ConfigMap data.config.toml: line 4 of config.toml: lease_namespace {}",
                words.trim_start_matches("lease_namespace ")
            ),
        );
    }
    namespace("${POD_NAMESPACE}").fails("HA0803", Severity::Error, "Deployment spec.template.spec.containers[0]: ");
    let given =
        json!({"env": [{"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}]});
    assert_eq!(namespace("${POD_NAMESPACE}").container(given).told("HA0803"), Told::Pass);
    let empty = json!({"env": [{"name": "POD_NAMESPACE", "value": ""}]});
    namespace("${POD_NAMESPACE}").container(empty).fails("HA0803", Severity::Error, "ConfigMap");
    assert_eq!(case().leadership("lease_namespace = \"\"").told("HA0803"), Told::Nothing, "it does not elect");
}

#[test]
fn a_lease_is_where_its_pods_are() {
    let told = |lines: &str| case().leadership(&format!("enabled = true\n{lines}")).told("HA0804");
    case().leadership("enabled = true").fails("HA0804", Severity::Warning, "is in default, and the Pods are in shop");
    assert_eq!(told("lease_namespace = \"leases\""), Told::Pass, "it is meant");
    let mut nowhere = case().leadership("enabled = true");
    nowhere.deployment["metadata"] = json!({"name": "lag"});
    nowhere.map["metadata"] = json!({"name": "lag"});
    assert_eq!(nowhere.told("HA0804"), Told::Nothing);
    let variable = json!({"env": [{"name": "NS", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}]});
    nowhere = nowhere.leadership("enabled = true\nlease_namespace = \"${NS}\"").container(variable);
    assert_eq!(nowhere.told("HA0804"), Told::Pass);
    let mut home = case().leadership("enabled = true");
    home.deployment["metadata"]["namespace"] = json!("default");
    home.map["metadata"]["namespace"] = json!("default");
    assert_eq!(home.told("HA0804"), Told::Pass);
}

#[test]
fn names_that_are_passed_over() {
    case().leadership("enable = true").fails("HA0805", Severity::Error, "leader election stays off");
    let mut one = case().leadership("enable = true");
    one.deployment["spec"]["replicas"] = json!(1);
    one.fails("HA0805", Severity::Warning, "exporter.leadership.enabled is what it would read");
    let both = case().leadership("enable = true\nenabled = true");
    both.fails("HA0805", Severity::Warning, "exporter.leadership.enable, ");
    case().leadership("retry_period_secs = 2").fails(
        "HA0805",
        Severity::Info,
        "knows no exporter.leadership.retry_period_secs",
    );
    let section = case().file(&format!("[exporter]\n[exporter.leader_election]\nenabled = true\n{CLUSTER}"));
    section.fails("HA0805", Severity::Error, "exporter.leadership is what it would read");
}

#[test]
fn variables_that_nobody_gives() {
    let told = |text: &str, more: Json| {
        case().leadership(&format!("enabled = true\nlease_name = \"{text}\"")).container(more).told("HA0806")
    };
    assert_ne!(told("a${NAME}", json!({})), Told::Pass);
    for text in ["a${NAME:-x}", "a${?NAME}", "a${HOSTNAME}", "a"] {
        assert_eq!(told(text, json!({})), Told::Pass, "{text}");
    }
    assert_eq!(told("a${NAME}", json!({"env": [{"name": "NAME", "value": ""}]})), Told::Pass);
    assert_eq!(told("a${NAME}", json!({"envFrom": [{"configMapRef": {"name": "not-given"}}]})), Told::Pass);
    let identity = case().leadership("enabled = true\nidentity = \"${POD_NAME}\"");
    identity.fails("HA0806", Severity::Warning, "the container POD_NAME: it is empty there");
    identity.fails("HA0501", Severity::Error, "2 replicas take part as \"\"");
    let off = case().leadership("identity = \"${POD_NAME}\"");
    off.fails("HA0806", Severity::Warning, "neither env nor envFrom gives the container POD_NAME");
}

#[test]
fn probes_are_answered() {
    let at = |probe: &str, get: Json, file: &str| {
        case()
            .file(&format!("[exporter]\n{file}\n[exporter.leadership]\nenabled = true\n{CLUSTER}"))
            .container(json!({probe: get}))
    };
    let get = |path: &str, port: Json| json!({"httpGet": {"path": path, "port": port}});
    for (probe, get, file) in [
        ("livenessProbe", get("/health", json!("http")), ""),
        ("readinessProbe", get("/ready", json!(8000)), ""),
        ("readinessProbe", get("/leader?x=1", json!(9000)), "http_port = 9000"),
        ("readinessProbe", json!({"tcpSocket": {"port": 8000}}), ""),
        ("startupProbe", json!({"httpGet": {"port": 8000}}), ""),
        ("livenessProbe", json!({"httpGet": {"path": "/health", "port": 1, "host": "10.0.0.1"}}), ""),
        ("livenessProbe", get("/health", json!(8000)), "http_host = \"[::]\""),
    ] {
        assert_eq!(at(probe, get.clone(), file).told("HA0807"), Told::Pass, "{get}");
    }
    assert_eq!(at("livenessProbe", json!({"exec": {"command": ["true"]}}), "").told("HA0807"), Told::Nothing);
    for (probe, get, file, words) in [
        (
            "livenessProbe",
            get("/healthz", json!(8000)),
            "",
            "asks for /healthz, which it does not know: the kubelet restarts",
        ),
        (
            "readinessProbe",
            get("/ready/", json!(8000)),
            "",
            "asks for /ready/, which it does not know: it is never Ready",
        ),
        ("readinessProbe", get("/ready", json!("http")), "http_port = 9000", "port 8000, and it listens on 9000"),
        ("livenessProbe", json!({"tcpSocket": {"port": 80}}), "", "asks at port 80, and it listens on 8000"),
        ("livenessProbe", json!({"grpc": {"port": 8000}}), "", "gRPC"),
        ("livenessProbe", json!({"httpGet": {"path": "/health", "port": 8000, "scheme": "HTTPS"}}), "", "by HTTPS"),
        ("startupProbe", get("/ready", json!(8000)), "", "/ready, which no standby answers"),
        ("livenessProbe", get("/health", json!(8000)), "http_host = \"127.0.0.1\"", "listens on 127.0.0.1"),
    ] {
        at(probe, get, file).fails("HA0807", Severity::Error, words);
    }
}

#[test]
fn its_own_images_cannot_elect() {
    let told = |image: &str| case().container(json!({"image": image})).told("HA0808");
    for image in [
        "ghcr.io/softwaremill/klag-exporter:0.1.29",
        "softwaremill/klag-exporter",
        "ghcr.io/softwaremill/klag-exporter:1@sha256:0",
    ] {
        assert!(matches!(told(image), Told::Failures(_)), "{image}");
    }
    assert_eq!(told("localhost:5000/klag-exporter"), Told::Pass);
    let off = case().leadership("").container(json!({"image": "softwaremill/klag-exporter"}));
    assert_eq!(off.told("HA0808"), Told::Nothing);
}

#[test]
fn a_new_configuration_is_followed() {
    case().fails("HA0811", Severity::Info, "a new lease_name makes two leaders");
    let annotated = |at: &str, name: &str| {
        let mut case = case();
        case.deployment.pointer_mut(at).expect("metadata")["annotations"] = json!({name: "x"});
        case.told("HA0811")
    };
    assert_eq!(annotated("/spec/template/metadata", "checksum/config"), Told::Pass);
    assert_eq!(annotated("/metadata", "reloader.stakater.com/auto"), Told::Pass);
    assert_ne!(annotated("/spec/template/metadata", "prometheus.io/scrape"), Told::Pass);
    let mut fixed = case();
    fixed.map["immutable"] = json!(true);
    assert_eq!(fixed.told("HA0811"), Told::Pass);
    let named = |name: &str| {
        let mut case = case();
        case.map["metadata"]["name"] = json!(name);
        case.deployment["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] = json!(name);
        case.told("HA0811")
    };
    assert_eq!(named("lag-5f9k2m8g7h"), Told::Pass);
    assert_ne!(named("lag-production"), Told::Pass);
}
