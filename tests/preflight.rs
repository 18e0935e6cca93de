//! `hactl preflight` and `hactl explain`: the program itself, on manifests of every kind.

mod klag_exporter;
mod known;
mod pages;
mod sarif;
mod selection;

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};

use crate::support::screen::Screen;
use crate::support::{Output, Signal, block_on, hactl, scratch};

/// A Deployment of two, of which no check has anything to say, and whatever else stands behind it.
const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: 'web:1', resources: {requests: {cpu: 10m, memory: 20Mi}}, \
           readinessProbe: {httpGet: {path: /, port: 80}}}], topologySpreadConstraints: [{maxSkew: 1, \
           topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}]}
";

/// Its budget, without a single eviction, with these annotations.
fn tight(annotations: &str) -> String {
    format!(
        "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\n  namespace: shop\n{annotations}\
         spec:\n  maxUnavailable: 0\n  selector: {{matchLabels: {{app: web}}}}\n"
    )
}

/// All formats.
const FORMATS: &[&str] = &["table", "wide", "short", "json", "yaml", "junit", "sarif", "github", "markdown"];

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> PathBuf {
    let folder = scratch::path("manifests");
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder in the temporary folder");
        fs::write(path, text).expect("a file in the temporary folder");
    }
    fs::create_dir_all(&folder).expect("a folder in the temporary folder");
    folder
}

/// Runs it in a folder, on a day that does not change.
fn preflight(folder: &Path, args: &[&str], stdin: &str) -> Output {
    // A kubeconfig that nothing could be made of: whoever reads it fails.
    let broken = scratch::path("kubeconfig");
    fs::write(&broken, "clusters: [").expect("a file in the temporary folder");
    hactl()
        .args(["preflight"])
        .args(args)
        .folder(folder)
        .kubeconfig(broken)
        .env("SOURCE_DATE_EPOCH", "1795000000") // 2026-11-18
        .stdin(stdin)
        .run()
}

/// What it finds in a text, as its one document.
fn document(text: &str, args: &[&str]) -> Value {
    let out = preflight(&folder(&[]), &[args, &["-", "-o", "json"]].concat(), text);
    assert_eq!(out.stderr, "", "{out:#?}");
    serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:#?}"))
}

/// The outcomes of a check in a document.
fn outcomes<'d>(document: &'d Value, id: &str) -> Vec<&'d str> {
    let results = document["results"].as_array().expect("results").iter();
    results.filter(|result| result["id"] == id).map(|result| result["outcome"].as_str().expect("a word")).collect()
}

#[test]
fn the_exit_code_is_the_same_in_every_format() {
    let sound = WEB.to_owned();
    let found = WEB.to_owned() + &tight("");
    let unread = WEB.to_owned() + "---\na:\n\tb: c\n";
    let both = found.clone() + "---\na:\n\tb: c\n";
    for (text, code) in [(&sound, 0), (&found, 1), (&unread, 3), (&both, 1)] {
        let folder = folder(&[("all.yaml", text)]);
        for format in FORMATS {
            for (args, stdin) in [(["all.yaml", "-o", format], ""), (["-", "-o", format], text.as_str())] {
                let out = preflight(&folder, &args, stdin);
                assert_eq!((out.code, out.stderr.as_str()), (Some(code), ""), "{out:#?}");
            }
        }
    }
}

#[test]
fn a_person_reads_what_is_wrong_where_and_what_to_paste() {
    let folder = folder(&[("deploy/web.yaml", &(WEB.to_owned() + &tight(""))), ("deploy/notes.txt", "none of mine")]);
    let out = preflight(&folder, &["--select", "HA0201,HA0202,HA0204,HA0205,HA0206", "deploy"], "");
    let expected = "\
poddisruptionbudget/web in shop  deploy/web.yaml
  error    HA0201  maxUnavailable 0 of 2 of deployment/web: no Pod may ever be
                   evicted, and a drain of its node never ends
                   at line 17: spec.maxUnavailable
                   fix: spec:
                          maxUnavailable: 1
                          minAvailable: null

1 error; 4 passed. Why: hactl explain HA0201
";
    assert_eq!((out.stdout.as_str(), out.code), (expected, Some(1)), "{out:#?}");
    let twice = preflight(&folder, &["deploy", "-o", "json"], "");
    assert_eq!(twice.stdout, preflight(&folder, &["-f", "deploy", "-o", "json"], "").stdout, "the same bytes");
}

#[test]
fn nothing_is_never_sound() {
    let folder = folder(&[("empty.yaml", "# nothing\n"), ("values.yaml", "replicas: 2\n")]);
    for (args, stdin, told) in [
        (vec!["-"], "", "there is no Kubernetes object in the standard input"),
        (vec![], "\n---\n", "there is no Kubernetes object in the standard input"),
        (vec!["empty.yaml"], "", "there is no Kubernetes object in it"),
        (vec!["values.yaml"], "", "there is no Kubernetes object in what was given"),
        (vec!["gone.yaml"], "", "gone.yaml"),
    ] {
        let out = preflight(&folder, &args, stdin);
        assert_eq!((out.code, out.stderr.as_str()), (Some(3), ""), "{args:?} {out:#?}");
        assert!(out.stdout.replace("\n                   ", " ").contains(told), "{args:?} {out:#?}");
        assert!(out.stdout.contains("unknown  HA0001"), "{args:?} {out:#?}");
    }
    let out = preflight(&folder, &["values.yaml", "-o", "short"], "");
    assert!(out.stdout.contains("values.yaml:1:1: skipped HA0004: "), "{out:#?}");
}

#[test]
fn what_is_named_beside_others_is_expected_to_hold_something() {
    let (none, web) = ("# nothing\n", WEB);
    let folder = folder(&[
        ("web.yaml", web),
        ("none.yaml", none),
        ("all/web.yaml", web),
        ("all/a.yaml", none),
        ("no/a.yaml", none),
    ]);
    for (args, empty) in [
        (vec!["web.yaml", "-"], Some("-")),
        (vec!["-", "web.yaml", "-"], Some("-")),
        (vec!["web.yaml", "none.yaml"], Some("none.yaml")),
        (vec!["no", "web.yaml"], Some("no")),
        (vec!["all"], None),
        (vec!["all", "web.yaml"], None),
    ] {
        let out = preflight(&folder, &[args.as_slice(), &["--select", "HA00", "-o", "short"]].concat(), "");
        let told: Vec<_> = out.stdout.lines().filter(|line| line.contains("unknown HA0001: there is no")).collect();
        let expected = empty.map(|empty| format!("{empty}: "));
        assert_eq!(told.len(), usize::from(empty.is_some()), "{args:?} {out:#?}");
        assert!(expected.is_none_or(|start| told[0].starts_with(&start)), "{args:?} {out:#?}");
        assert_eq!(out.code, Some(if empty.is_some() { 3 } else { 0 }), "{args:?} {out:#?}");
    }
    // Who reads it for the second time reads nothing, and that is no news.
    let twice = preflight(&folder, &["-", "-"], WEB);
    assert_eq!(twice.code, Some(0), "{twice:#?}");
}

#[test]
fn at_a_terminal_with_nothing_named_it_says_what_to_type() {
    let screen = Screen::open();
    let mut child = hactl().args(["preflight"]).spawn_at(&screen.program);
    let ended = block_on(async { tokio::time::timeout(std::time::Duration::from_secs(30), child.wait()).await });
    assert_eq!(ended.expect("it does not wait for input").expect("a child").code(), Some(2), "{}", screen.shown());
    let told = crate::support::wait::try_until(std::time::Duration::from_secs(10), || async {
        screen.shows("helm template ./chart | hactl preflight -").then_some(())
    });
    assert!(told.is_some() && screen.shows("error: there is nothing to read"), "{}", screen.shown());
}

#[test]
fn what_is_read_is_yaml_json_and_lists() {
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
        "spec": {"minAvailable": 1, "maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [budget.clone(), budget.clone()]});
    assert_eq!(outcomes(&document(&budget.to_string(), &[]), "HA0205"), ["fail"]);
    assert_eq!(outcomes(&document(&list.to_string(), &[]), "HA0205"), ["fail", "fail"]);
    let chart = format!("---\n# Source: shop/templates/pdb.yaml\n{}", tight("").trim_start_matches("---\n"));
    let told = document(&(WEB.to_owned() + &chart), &[]);
    let failed = told["results"].as_array().expect("results").iter().find(|r| r["outcome"] == "fail").expect("one");
    let place = json!({"file": "-", "line": 18, "column": 3, "field": "spec.maxUnavailable", "source": "shop/templates/pdb.yaml"});
    assert_eq!(failed["where"], place);
    assert_eq!(failed["object"], json!({"kind": "PodDisruptionBudget", "namespace": "shop", "name": "web"}));
}

#[test]
fn reports_go_to_files_as_well_and_are_whole() {
    let folder = folder(&[("all.yaml", &(WEB.to_owned() + &tight(""))), ("old.xml", "old")]);
    let reports: Vec<String> = FORMATS.iter().map(|format| format!("--report={format}=out.{format}")).collect();
    let mut args: Vec<_> = reports.iter().map(String::as_str).collect();
    args.extend(["--report", "junit=old.xml", "all.yaml", "-o", "short"]);
    let out = preflight(&folder, &args, "");
    assert_eq!((out.code, out.stderr.as_str(), out.stdout.lines().count()), (Some(1), "", 1), "{out:#?}");
    for format in FORMATS {
        let read = fs::read_to_string(folder.join(format!("out.{format}"))).expect(format);
        let alone = preflight(&folder, &["all.yaml", "-o", format], "").stdout;
        assert_eq!(read, alone, "{format}");
    }
    assert!(fs::read_to_string(folder.join("old.xml")).expect("it is there").starts_with("<?xml"));
    let left = fs::read_dir(&folder).expect("a folder").count();
    assert_eq!(left, FORMATS.len() + 2, "nothing half-written is left");
    // What cannot be written is told, and findings are still what the exit code says.
    let out = preflight(&folder, &["all.yaml", "--report", "sarif=gone/out.sarif"], "");
    assert_eq!(out.code, Some(1), "{out:#?}");
    assert!(out.stderr.starts_with("error: gone/out.sarif cannot be written: "), "{out:#?}");
    let sound = preflight(&folder, &["-", "--report", "sarif=gone/out.sarif"], WEB);
    assert_eq!(sound.code, Some(3), "{sound:#?}");
    let wrong = preflight(&folder, &["-", "--report", "xml=out"], WEB);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""), "{wrong:#?}");
}

#[test]
fn what_a_manifest_says_is_never_obeyed() {
    let hostile = r#"
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: "a\u001b[2J\n::error::b\r\u202e|`<c>"
  annotations:
    hactl.dev/ignore: "HA0206: because\u001b]0;title\u0007"
spec: {minAvailable: 1, maxUnavailable: 1, selector: {app: x}}
"#;
    let folder = folder(&[]);
    for format in FORMATS {
        let out = preflight(&folder, &["-", "-o", format], hostile);
        assert_eq!(out.code, Some(1), "{out:#?}");
        let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        let has_lines = !["json", "yaml", "sarif"].contains(format);
        assert!(!out.stdout.contains(|c: char| c.is_control() && c != '\n'), "{format}: {out:#?}");
        assert!(!has_lines || !out.stdout.contains(obeyed), "{format}: {out:#?}");
        let commands = out.stdout.lines().filter(|line| line.starts_with("::")).count();
        assert_eq!(commands, usize::from(*format == "github"), "{format}: {out:#?}");
    }
    // What machines read is what stands there.
    let name = document(hostile, &[])["results"][0]["object"]["name"].clone();
    assert_eq!(name, "a\u{1b}[2J\n::error::b\r\u{202e}|`<c>");
}

#[test]
fn yaml_says_what_json_says() {
    let text = WEB.to_owned() + &tight("") + "---\na:\n\tb: c\n";
    let read = preflight(&folder(&[]), &["-", "-o", "yaml"], &text).stdout;
    let yaml: Value = serde_saphyr::from_str(&read).unwrap_or_else(|error| panic!("{error}: {read}"));
    assert_eq!(yaml, document(&text, &[]));
}

#[test]
fn a_pipe_that_never_ends_can_be_left() {
    let pipe = folder(&[]).join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe in the temporary folder");
    let running = hactl().args(["preflight", "-o", "short"]).args([&pipe]).spawn();
    // Waits until somebody reads.
    let _open = fs::OpenOptions::new().write(true).open(&pipe).expect("it is read");
    running.signal(Signal::INT);
    let out = running.wait(std::time::Duration::from_secs(10));
    assert_eq!((out.code, out.stdout.as_str(), out.stderr.as_str()), (Some(130), "", ""), "{out:#?}");
}
