//! Documents as they come, from bytes to objects and problems.

mod properties;

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::model::object::Origin;

/// What was found, a line each: `line:column kind/name (source)` or `line:column problem`.
fn found_in(bytes: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    read(&[PathBuf::from("-")], &mut &*bytes, &mut |found| all.push(shown(&found)));
    all
}

fn shown(found: &Found) -> String {
    match found {
        Found::Object(object) => {
            let Origin::File { source, mark, .. } = &object.origin else { panic!("not from a file: {object:?}") };
            let source = source.as_deref().map(|source| format!(" ({source})")).unwrap_or_default();
            format!("{mark} {} {object}{source}", object.api_version)
        }
        Found::Problem(problem) => format!("{} {:?}: {}", problem.mark, problem.kind, problem.message),
    }
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    let found = found_in(text.as_bytes());
    assert_eq!(found.len(), expected.len(), "{text}: {found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{text}: {found}, and not {expected}");
    }
}

const A: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
const B: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: b}\n";

#[test]
fn documents_and_where_they_come_from() {
    finds(
        &format!("---\n# Source: chart/templates/a.yaml\n{A}---\n\n# words\n# Source: chart/templates/b.yaml  \n{B}"),
        &["3:1 v1 configmap/a (chart/templates/a.yaml)", "10:1 v1 secret/b (chart/templates/b.yaml)"],
    );
    finds(&format!("\u{feff}{A}---\n{B}").replace('\n', "\r\n"), &["1:1 v1 configmap/a", "5:1 v1 secret/b"]);
    finds("# nothing\n---\n---\nnull\n", &[]);
    finds("", &[]);
}

#[test]
fn what_is_broken_keeps_nothing_from_the_others() {
    for (broken, problem) in [
        ("a: [\n", "5:"),
        ("a:\n\t- b\n", "6:2 NotYaml: a tab"),
        ("a: \"x\n", ""),
        ("{\"a\": \"\n", ""),
        ("a: |\n x\n\u{1}\n", "7:1 NotText: a control"),
        ("a: \0\n", "5:4 NotText: a NUL"),
        ("just words\n", "5:1 NotKubernetes: not a Kubernetes object: it is a string"),
        ("a: 1\n", "5:1 NotKubernetes: not a Kubernetes object: there is no `apiVersion`, and no `kind`"),
        (
            "apiVersion: 1\nkind: ''\n",
            "5:1 NotKubernetes: not a Kubernetes object: `apiVersion` is a number, and `kind` is empty",
        ),
        ("apiVersion: v2\nname: chart\n", "5:1 NotKubernetes: not a Kubernetes object: there is no `kind`"),
        ("image: {{ .Values.image }}\n", "5:8 Template"),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "5:1 Kustomization"),
    ] {
        finds(
            &format!("{A}---\n{broken}---\n{B}"),
            &["1:1 v1 configmap/a", problem, &format!("{}:1 v1 secret/b", 5 + broken.matches('\n').count() + 1)],
        );
    }
    let mut bytes = A.as_bytes().to_vec();
    bytes.extend(b"---\na: caf\xe9\n---\n");
    bytes.extend(B.as_bytes());
    assert_eq!(found_in(&bytes)[1], "5:7 NotText: bytes that are not UTF-8: save the file as UTF-8");
    let utf16: Vec<u8> = "\u{feff}a: 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(found_in(&utf16), ["1:1 NotText: UTF-16: save the file as UTF-8"]);
    assert!(found_in(b"\x1f\x8b\x08\0abc")[0].starts_with("1:1 NotText: a compressed file"));
}

#[test]
fn fields_that_are_there_twice() {
    finds(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, name: b}\ndata:\n  x: 1\n  x: 2\n",
        &[
            "3:21 DuplicateKey: `name` is here twice, on line 3 too",
            "6:3 DuplicateKey: `x` is here twice, on line 5",
            "1:1 v1 configmap/b",
        ],
    );
    // Glued together: one problem for each place where `---` is missing, and no more.
    finds(
        &format!("{A}{B}{A}"),
        &[
            "4:1 MissingSeparator: a `---` seems to be missing before line 4",
            "7:1 MissingSeparator: a `---` seems to be missing before line 7",
            "1:1 v1 configmap/a",
        ],
    );
    // However many there are.
    let found = found_in(format!("{A}{}", "data: {}\n".repeat(1000)).as_bytes());
    assert_eq!(found.len(), 22);
    assert!(found[20].contains("979 more fields"), "{}", found[20]);
    finds("kind: A\napiVersion: v1\nkind: B\n", &["3:1 DuplicateKey", "1:1 v1 b/"]);
}

#[test]
fn lists_are_what_is_in_them() {
    finds(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: b}}\n- 7\n- metadata: {name: c}\n",
        &[
            "4:3 v1 pod/a",
            "10:5 v1 pod/b",
            "11:3 NotKubernetes: not a Kubernetes object: it is a number",
            "12:3 NotKubernetes",
        ],
    );
    finds(
        "{\"apiVersion\": \"apps/v1\", \"kind\": \"DeploymentList\", \"items\": [{\"metadata\": {\"name\": \"a\"}}]}",
        &["1:63 apps/v1 deployment/a"],
    );
    finds("apiVersion: v1\nkind: List\nitems: []\n", &[]);
    finds(
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}{\"apiVersion\":\"v1\",\"kind\":\"Node\"}\n",
        &["1:1 v1 pod/", "1:33 v1 node/"],
    );
}

#[test]
fn a_template_is_told_of_once() {
    let text = "{{- if .Values.x }}\na: 1\n---\nb: {{ .y }}\n---\n";
    finds(&format!("{text}{B}"), &["1:1 Template", "6:1 v1 secret/b"]);
    // Text that only holds braces is text.
    finds("apiVersion: v1\nkind: ConfigMap\ndata: {x: '{{ $labels.pod }}'}\n", &["1:1 v1 configmap/"]);
}

#[test]
fn nothing_of_a_secret_is_quoted() {
    let secret = "hunter2";
    for text in [
        format!("stringData:\n  a: {secret}: {secret}\n"),
        format!("stringData:\n  a: \"{secret}\n"),
        format!("stringData:\n\ta: {secret}\n"),
        format!("stringData: {{a: {secret}\n"),
        format!("a: *{secret}\n"),
        format!("a: !!int {secret}\n"),
        format!("a: \"\\{secret}\"\n"),
        format!("a: x\n{secret}\n"),
        format!("a: 1\na: {secret}\n"),
        format!("{secret}\n"),
        format!("apiVersion: [{secret}]\n"),
        format!("%{secret} x\n---\na: b: c\n"),
        format!("a: @{secret}\n"),
        format!("a: !{secret}! x\n"),
        format!("{secret}{{{{\n"),
    ] {
        let mut problems = Vec::new();
        read(&[PathBuf::from("-")], &mut text.as_bytes(), &mut |found| {
            if let Found::Problem(problem) = found {
                problems.push(problem);
            }
        });
        assert_ne!(problems, [], "{text}");
        assert!(problems.iter().all(|problem| !format!("{problem:?}").contains("unter2")), "{text}: {problems:?}");
    }
}

/// A folder of its own for a test, which is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("hactl-source-{}-{name}", std::process::id())));
        for (path, text) in files {
            let path = folder.0.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    fn found_in(&self, inputs: &[&str]) -> Vec<String> {
        let inputs: Vec<_> = inputs.iter().map(|input| self.0.join(input)).collect();
        let mut all = Vec::new();
        read(&inputs, &mut std::io::empty(), &mut |found| {
            let path = match &found {
                Found::Object(Object { origin: Origin::File { path, .. }, .. }) => path.to_string(),
                Found::Object(_) => String::new(),
                Found::Problem(problem) => problem.path.to_string(),
            };
            let path = path.strip_prefix(&*self.0.to_string_lossy()).expect("a path below the folder");
            all.push(format!("{} {}", path.trim_start_matches(['/', '\\']), shown(&found)));
        });
        all
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn folders_are_read_in_order() {
    let folder = Folder::new(
        "order",
        &[
            ("b/x.json", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}"),
            ("a.yml", A),
            ("c.YAML", B),
            ("d.txt", "x"),
            (".hidden/x.yaml", A),
            (".y.yaml", A),
            ("empty/x", ""),
        ],
    );
    assert_eq!(
        folder.found_in(&["."]),
        ["./a.yml 1:1 v1 configmap/a", "./b/x.json 1:1 v1 pod/", "./c.YAML 1:1 v1 secret/b"]
    );
    assert_eq!(folder.found_in(&["d.txt"]), ["d.txt 1:1 NotKubernetes: not a Kubernetes object: it is a string"]);
    assert_eq!(
        folder.found_in(&["empty", "none", ".y.yaml"]),
        [
            "empty 0:0 Unreadable: a folder with no *.yaml, *.yml or *.json in it",
            "none 0:0 Unreadable: no such file or folder",
            ".y.yaml 1:1 v1 configmap/a"
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_link_may_lead_in_a_circle_or_nowhere() {
    let folder = Folder::new("links", &[("a/x.yaml", A)]);
    std::os::unix::fs::symlink("../../links-not-there", folder.0.join("a/gone.yaml")).expect("a link");
    std::os::unix::fs::symlink("..", folder.0.join("a/up")).expect("a link");
    assert_eq!(
        folder.found_in(&["a"]),
        ["a/gone.yaml 0:0 Unreadable: no such file or folder", "a/x.yaml 1:1 v1 configmap/a"]
    );
}

#[test]
fn a_chart_is_to_be_rendered() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n";
    let folder = Folder::new(
        "chart",
        &[
            ("Chart.yaml", "apiVersion: v2\nname: x\n"),
            ("values.yaml", "a: 1\n"),
            ("crds/x.yaml", A),
            ("templates/a.yaml", template),
            ("templates/b.yaml", B),
        ],
    );
    let expected = [
        "crds/x.yaml 1:1 v1 configmap/a",
        "templates/a.yaml 3:19 Template: a Helm template that has not been rendered",
        "templates/b.yaml 1:1 v1 secret/b",
    ];
    assert_eq!(folder.found_in(&[""]), expected);
    assert_eq!(folder.found_in(&["templates/a.yaml"]), expected[1..2]);
    assert_eq!(folder.found_in(&["templates"]), expected[1..]);
}

#[test]
fn kustomizations_may_leave_out_what_they_are() {
    let folder = Folder::new("kustomize", &[("a.yaml", A), ("kustomization.yaml", "resources: [a.yaml]\n")]);
    assert_eq!(
        folder.found_in(&["."])[1],
        "./kustomization.yaml 1:1 Kustomization: a kustomization, and no object: what it changes is not seen here"
    );
}
