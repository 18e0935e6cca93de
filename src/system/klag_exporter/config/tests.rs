//! The configuration as klag-exporter reads it, and where it does not start.

use std::borrow::Cow;

use super::*;

const CLUSTER: &str = "[[clusters]]\nname = \"a\"\nbootstrap_servers = \"kafka:9092\"\n";

/// These variables; `OPEN` may have any value.
fn variable(name: &str) -> Variable<'static> {
    match name {
        "NS" => Variable::Set(Cow::Borrowed("shop")),
        "ON" => Variable::Set(Cow::Borrowed("true")),
        "EMPTY" => Variable::Set(Cow::Borrowed("")),
        "TEN" => Variable::Set(Cow::Borrowed("10")),
        "OPEN" | "HOSTNAME" => Variable::Open,
        _ => Variable::Unset,
    }
}

/// A file with these lines about leadership, and all else that it needs.
fn leadership(lines: &str) -> Config {
    let text = format!("[exporter]\n[exporter.leadership]\n{lines}\n{CLUSTER}");
    read(&text, variable).unwrap_or_else(|unread| panic!("{unread:?}: {text}"))
}

fn faults(text: &str) -> Vec<String> {
    let told = |fault: &Fault| format!("{} {}", fault.mark, fault.says);
    match read(text, variable) {
        Ok(config) => config.faults.iter().map(told).collect(),
        Err(Unread::Broken(fault)) => vec![told(&fault)],
        Err(Unread::Open(names)) => vec![format!("open {names:?}")],
    }
}

#[test]
fn what_is_not_said_has_its_default() {
    let config = read(&format!("[exporter]\n{CLUSTER}"), variable).expect("TOML");
    let Leadership { enabled, lease_name, lease_namespace, identity, lease_duration_secs, grace_period_secs } =
        config.leadership;
    assert_eq!((enabled.value, lease_name.value.as_deref()), (Some(false), Some("klag-exporter")));
    assert_eq!((lease_namespace.value.as_deref(), lease_namespace.mark), (Some("default"), None));
    assert_eq!((identity, lease_duration_secs.value, grace_period_secs.value), (None, Some(15), Some(5)));
    assert_eq!((config.http_host.value.as_deref(), config.http_port.value), (Some("0.0.0.0"), Some(8000)));
    assert_eq!((config.faults, config.strangers, config.unset), (vec![], vec![], vec![]));
}

#[test]
fn variables_are_put_in_their_places_first() {
    let namespace = |text: &str| {
        let config = leadership(&format!("lease_namespace = \"{text}\""));
        let Setting { value, variable, .. } = config.leadership.lease_namespace;
        (value, variable, config.unset.len())
    };
    let set = |text: &str| Some(text.to_owned());
    assert_eq!(namespace("${NS}"), (set("shop"), set("NS"), 0));
    assert_eq!(namespace("${?NS}"), (set("shop"), set("NS"), 0));
    assert_eq!(namespace("${NS:-default}"), (set("shop"), set("NS"), 0));
    assert_eq!(namespace("${GONE}"), (set(""), set("GONE"), 1));
    assert_eq!(namespace("${?GONE}"), (set(""), set("GONE"), 0));
    assert_eq!(namespace("${GONE:-monitoring}"), (set("monitoring"), set("GONE"), 0));
    assert_eq!(namespace("${GONE:-}"), (set(""), set("GONE"), 0));
    // It is set, to nothing.
    assert_eq!(namespace("${EMPTY:-monitoring}"), (set(""), set("EMPTY"), 0));
    assert_eq!(namespace("${OPEN}"), (None, set("OPEN"), 0));
    assert_eq!(namespace("${OPEN:-monitoring}"), (None, set("OPEN"), 0));
    assert_eq!(namespace("a-${NS}"), (set("a-shop"), None, 0));
    assert_eq!(namespace("${NS}-${OPEN}"), (None, None, 0));
    // Which none of them are: no name has a dash, or a colon alone.
    for text in ["$NS", "$(NS)", "${}", "${MY-NS}", "${NS:x}", "${NS"] {
        assert_eq!(namespace(text), (set(text), None, 0), "{text}");
    }
}

#[test]
fn a_text_with_its_variables() {
    assert_eq!(substitute("a ${NS} ${?GONE}|${GONE:-x} ${OPEN:-y} ${A-B} $", variable), "a shop |x ${OPEN} ${A-B} $");
}

#[test]
fn variables_stand_for_any_kind_of_value() {
    let config = leadership("enabled = ${ON}\nlease_duration_secs = ${TEN}\ngrace_period_secs = ${OPEN:-7}");
    let Leadership { enabled, lease_duration_secs, grace_period_secs, .. } = config.leadership;
    assert_eq!((enabled.value, lease_duration_secs.value, grace_period_secs.value), (Some(true), Some(10), None));
    assert_eq!(config.faults, []);
    // In quotes they stay text.
    let text = format!("[exporter]\n[exporter.leadership]\nlease_duration_secs = \"${{OPEN}}\"\n{CLUSTER}");
    assert_eq!(faults(&text), ["3:24 lease_duration_secs is text, and has to be a whole number from 0 to 4294967295"]);
    let text = format!("[exporter]\n[exporter.leadership]\nenabled = ${{GONE}}\n{CLUSTER}");
    assert_eq!(faults(&text), ["3:18 it is no TOML where GONE, which is not set, stands for a value"]);
    assert_eq!(faults(&text.replace("GONE}", "GONE:-true}")), [""; 0]);
    assert_eq!(faults(&text.replace("${GONE}", "1${OPEN}")), ["open [\"OPEN\"]"]);
}

#[test]
fn a_variable_in_a_comment_is_none() {
    let config = leadership("enabled = true # \"${GONE}\"\n# lease_namespace = \"${POD_NAMESPACE}\"\n# it's ${OPEN}");
    assert_eq!((config.unset, config.faults), (vec![], vec![]));
    let broken = "[exporter]\n# ${OPEN}\nenabled = \n";
    assert!(faults(broken)[0].starts_with("3:11 it is no TOML: "), "{:?}", faults(broken));
    // But the sign of one may be a part of a word.
    assert_eq!(leadership("lease_name = \"a#${GONE}\"").unset.len(), 1);
}

#[test]
fn a_place_is_that_in_the_file() {
    let text = format!(
        "# ${{NS}}${{GONE}}\n[exporter]\nhttp_host = \"${{GONE:-0.0.0.0}}\"; http_port = 1\n[exporter.leadership]\n{CLUSTER}"
    );
    assert!(faults(&text)[0].starts_with("3:31 it is no TOML: unexpected"), "{:?}", faults(&text));
    let config = leadership("lease_name = \"${NS}\"\n  lease_namespace = \"x-${GONE}y\"\nlease_duration_secs = ${TEN}");
    let Leadership { lease_name, lease_namespace, lease_duration_secs, .. } = config.leadership;
    let at = |mark: Option<Mark>| mark.map(|mark| (mark.line, mark.column));
    assert_eq!(at(lease_name.mark).map(|at| at.0), Some(3));
    assert_eq!(at(lease_namespace.mark).map(|at| at.0), Some(4));
    assert_eq!(at(lease_duration_secs.mark), Some((5, 23)));
    assert_eq!(at(Some(config.unset[0].mark)), Some((4, 24)));
}

#[test]
fn what_it_asks_of_its_file() {
    let with = |lines: &str| faults(&format!("[exporter]\n{lines}\n{CLUSTER}"));
    for (lines, told) in [
        ("http_port = \"8000\"", "2:14 http_port is text, and has to be a whole number from 0 to 65535"),
        ("http_port = 80000", "2:13 http_port is 80000, and has to be a whole number from 0 to 65535"),
        ("http_host = \"localhost\"", "2:14 http_host is \"localhost\", which is no IP address"),
        ("http_host = \"::\"", "2:14 http_host is \"::\", which is no IP address"),
        (
            "granularity = \"Topic\"",
            "2:16 granularity is \"Topic\", and \"topic\" or \"partition\" is all that it knows",
        ),
        ("poll_interval = 30", "2:17 poll_interval is a whole number, and has to be text"),
        ("poll_interval = \"30\"", "2:18 poll_interval is \"30\", without a unit: \"30s\""),
        ("leadership = true", "2:14 leadership is a truth value, and has to be a table"),
        ("http_port = 1\nhttp_port = 2", "3:1 it is no TOML: duplicate key: `http_port`"),
    ] {
        assert_eq!(with(lines), [told], "{lines}");
    }
    for sound in
        ["http_host = \"[::]\"", "http_host = \"127.0.0.1\"", "poll_interval = \"1m 30s\"", "http_port = 0x1f40"]
    {
        assert_eq!(with(sound), [""; 0], "{sound}");
    }
}

#[test]
fn what_it_asks_of_its_clusters() {
    for (clusters, told) in [
        ("", "1:1 there are no [[clusters]], of which it needs one"),
        ("clusters = []", "1:12 there are no [[clusters]], of which it needs one"),
        ("[clusters]", "1:1 clusters is a table, and has to be a list of tables"),
        ("[[clusters]]\nname = \"a\"", "1:1 bootstrap_servers of a cluster is missing"),
        ("[[clusters]]\nname = \"\"\nbootstrap_servers = \"k\"", "2:8 name of a cluster is empty"),
        ("[[clusters]]\nname = \"a\"\nbootstrap_servers = \"${GONE}\"", "3:21 bootstrap_servers of a cluster is empty"),
        (
            "[[clusters]]\nname = \"a\"\nbootstrap_servers = [\"k\"]",
            "3:21 bootstrap_servers is a list, and has to be text",
        ),
        (
            "[[clusters]]\nname = \"a\"\nbootstrap_servers = \"k\"\ngroup_whitelist = [\"*\"]",
            "4:21 group_whitelist has a regular expression with nothing that its first sign could repeat",
        ),
        (
            "[[clusters]]\nname = \"a\"\nbootstrap_servers = \"k\"\n[clusters.consumer_properties]\n\"fetch.min.bytes\" = 1",
            "5:21 bytes is a whole number, and has to be text",
        ),
    ] {
        assert_eq!(faults(&format!("{clusters}\n[exporter]")), [told], "{clusters}");
    }
    assert_eq!(faults(CLUSTER), ["1:1 there is no [exporter], which it needs"]);
}

#[test]
fn what_it_asks_of_its_timing() {
    let told = |lines: &str| {
        let config = leadership(lines);
        config
            .faults
            .iter()
            .chain(&config.timing)
            .map(|fault| (fault.mark.line, fault.says.clone()))
            .collect::<Vec<_>>()
    };
    let on = |lines: &str| told(&format!("enabled = true\n{lines}"));
    assert_eq!(on("lease_duration_secs = 6"), []);
    let less = "lease_duration_secs is 5, which has to be more than grace_period_secs, 5";
    assert_eq!(on("lease_duration_secs = 5"), [(4, less.to_owned())]);
    let more = "lease_duration_secs is 15, which has to be more than grace_period_secs, 20";
    assert_eq!(on("grace_period_secs = 20"), [(4, more.to_owned())]);
    assert_eq!(on("grace_period_secs = 0"), [(4, "grace_period_secs is 0, which has to be more".to_owned())]);
    assert_eq!(on("lease_duration_secs = ${OPEN}\ngrace_period_secs = 20"), []);
    // It looks only where it elects; but a value of another kind is wrong anyway.
    assert_eq!(told("lease_duration_secs = 5"), []);
    let kind = "lease_duration_secs is -1, and has to be a whole number from 0 to 4294967295";
    assert_eq!(told("lease_duration_secs = -1"), [(3, kind.to_owned())]);
    let quoted = "enabled is text, and has to be true or false";
    assert_eq!(told("enabled = \"true\""), [(3, quoted.to_owned())]);
    let provider = "provider is \"Kubernetes\", and \"kubernetes\" is all that it knows";
    assert_eq!(told("provider = \"Kubernetes\""), [(3, provider.to_owned())]);
    assert_eq!(told("provider = \"${OPEN}\""), []);
}

#[test]
fn names_that_mean_nothing_are_told_where_they_could() {
    let told = |text: &str| {
        let config = read(&format!("{text}\n{CLUSTER}"), variable).expect("TOML");
        let told = config.strangers.into_iter();
        told.map(|one| (one.name.replace("exporter.", ""), one.meant.map(|m| m.replace("exporter.", "")), one.turns_on))
            .collect::<Vec<_>>()
    };
    let means = |name: &str, meant: &str, on: bool| vec![(name.to_owned(), Some(meant.to_owned()), on)];
    let inside = |line: &str| told(&format!("[exporter]\n[exporter.leadership]\n{line}"));
    for (line, name, meant, on) in [
        ("enable = true", "enable", "enabled", true),
        ("enable = false", "enable", "enabled", false),
        ("namespace = \"x\"", "namespace", "lease_namespace", false),
        ("leaseDurationSecs = 5", "leaseDurationSecs", "lease_duration_secs", false),
        ("lease-duration-secs = 5", "lease-duration-secs", "lease_duration_secs", false),
        ("lease_duration = 5", "lease_duration", "lease_duration_secs", false),
        ("lease_duration_sec = 5", "lease_duration_sec", "lease_duration_secs", false),
        ("lease_namspace = \"x\"", "lease_namspace", "lease_namespace", false),
        ("grace_period = 5", "grace_period", "grace_period_secs", false),
    ] {
        assert_eq!(inside(line), means(&format!("leadership.{name}"), &format!("leadership.{meant}"), on), "{line}");
    }
    assert_eq!(inside("retry_period_secs = 2"), [("leadership.retry_period_secs".to_owned(), None, false)]);
    for section in ["leader_election", "leaderElection", "leader", "leadreship"] {
        let text = format!("[exporter]\n[exporter.{section}]\nenabled = true");
        assert_eq!(told(&text), means(section, "leadership", true), "{section}");
    }
    assert_eq!(told("[exporter]\n[leadership]\nenabled = true"), means("leadership", "leadership", true));
    assert_eq!(told("[exporter]\nlease_name = \"a\""), means("lease_name", "leadership.lease_name", false));
    let behind = told("[exporter.leadership]\n[exporter.otel]\nlease_namespace = \"a\"");
    assert_eq!(behind, means("otel.lease_namespace", "leadership.lease_namespace", false));
    assert_eq!(told("[exporter]\nmode = \"rate\"\n[exporter.timestamp_sampling]\nmode = \"rate\""), []);
}
