//! Each format says the same, and nothing that stands in a manifest becomes part of it.

use roxmltree::Document;
use serde_json::{Value, json};

use super::*;
use crate::report::check_report::tests::{lenient, strict};
use crate::report::check_report::{CheckReport, ObjectName, Place};
use crate::view::Style;

fn printable() -> CheckReport {
    let mut report = strict();
    report.make_printable();
    report
}

#[test]
fn a_table_has_errors_first_with_what_to_paste() {
    let expected = "\
poddisruptionbudget/x|y in n  a b.yaml  (chart/templates/x.yaml)
  error    HA0201  minAvailable 1 of 1 of deployment/x: no Pod may ever be
                   evicted, and a drain of its node never ends
                   at line 9: spec.minAvailable
                   fix: spec:
                          maxUnavailable: 1
                          minAvailable: null

a b.yaml:31:3  (chart/templates/x.yaml)
  error    HA0002  app is there twice

a b.yaml:3:5  (chart/templates/x.yaml)
  unknown  HA0001  a tab in the indentation\u{fffd}[2J

2 errors, 1 unknown; 4 passed, 1 suppressed. Why: hactl explain HA0201
";
    assert_eq!(table(&printable(), Style::default()), expected);
    let wide = wide(&printable(), Style::default());
    assert!(wide.contains("skipped\n  HA0003  suppressed until 2027-01-31: by design (b.yaml:8:1)\n"), "{wide}");
    assert!(wide.contains("passed\n") && wide.contains("  HA0205  poddisruptionbudget/x|y: "), "{wide}");
    assert!(wide.lines().all(|line| line.chars().count() <= 80), "{wide}");
    let coloured = table(&printable(), Style { colour: true, ..Style::default() });
    assert!(coloured.contains("\x1b[31merror\x1b[0m    HA0201  "), "{coloured}");
}

#[test]
fn what_may_not_be_read_is_told_once_with_the_checks_that_would_have_looked() {
    let mut report = printable();
    let missing = |plural: &str| format!("not known: the right to list {plural} in namespace shop is missing");
    for (id, kind, plural) in [
        ("HA0301", "Role", "roles.rbac.authorization.k8s.io"),
        ("HA0103", "StatefulSet", "statefulsets.apps"),
        ("HA0102", "StatefulSet", "statefulsets.apps"),
        ("HA0104", "StatefulSet", "statefulsets.apps"),
        ("HA0102", "StatefulSet", "statefulsets.apps"),
    ] {
        let name = ObjectName { kind: kind.into(), namespace: Some("shop".into()), name: "".into() };
        let place = Place { file: None, line: None, column: None, field: None, source: None };
        let (object, message) = (Some(name), Some(missing(plural).into()));
        let unknown = CheckResult { id, object, place, message, ..report.results[0].clone() };
        assert_eq!(unknown.outcome, Outcome::Unknown);
        report.results.insert(0, unknown);
    }
    let expected = "\n\
not known
  the right to list statefulsets.apps in namespace shop is missing - HA0102,
  HA0103, HA0104
  the right to list roles.rbac.authorization.k8s.io in namespace shop is missing
  - HA0301

2 errors, ";
    let text = table(&report, Style::default());
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("statefulset/") && text.contains("  unknown  HA0001  a tab"), "{text}");
    assert!(wide(&report, Style { unicode: true, ..Style::default() }).contains("is missing \u{2014} HA0102,"));
}

#[test]
fn a_long_place_takes_more_lines() {
    let mut report = printable();
    let budget = report.results.iter_mut().find(|result| result.id == "HA0201").expect("a failure");
    budget.place.field =
        Some("metadata.annotations[\"a note of whoever wrote it\"], and of whoever reads it".to_owned());
    let text = table(&report, Style::default());
    let at =
        "                   at line 9: metadata.annotations[\"a note of whoever wrote\n                   it\"], and";
    assert!(text.contains(at), "{text}");
}

#[test]
fn a_short_line_is_a_compilers() {
    let expected = "\
a b.yaml:3:5: unknown HA0001: a tab in the indentation\u{fffd}[2J
a b.yaml:9:1: error HA0201 poddisruptionbudget/x|y: minAvailable 1 of 1 of deployment/x: no Pod may ever be evicted, and a drain of its node never ends
a b.yaml:31:3: error HA0002: app is there twice
";
    assert_eq!(short(&printable()), expected);
}

#[test]
fn an_annotation_of_github_is_one_command() {
    let mut report = printable();
    report.results[0].message = Some("50%: one,\r\n::error::two".into());
    report.results[0].place.file = Some("a,b:c%.yaml".into());
    let text = github(&report);
    let first = text.lines().next().expect("a line");
    assert_eq!(
        first,
        "::warning file=a%2Cb%3Ac%25.yaml,line=3,col=5,title=HA0001 unknown%3A what was given can be read\
         ::50%25: one,%0D%0A::error::two"
    );
    assert_eq!(text.lines().filter(|line| line.starts_with("::")).count(), 3, "{text}");
    assert!(text.contains("%0Afix:%0Aspec:%0A  maxUnavailable: 1"), "{text}");
    assert!(text.ends_with("\nhactl: 2 errors, 1 unknown; 4 passed, 1 suppressed\n"), "{text}");
    report.results[0].place.file = Some("-".into());
    assert!(
        github(&report).starts_with("::warning file=chart/templates/x.yaml,title="),
        "lines of a pipe are no one's"
    );
}

#[test]
fn markdown_stays_text() {
    let hostile = "a | b ``` *c* <script> @user #12 [x](y) \\ \n# title";
    let mut report = printable();
    report.results[0].message = Some(hostile.to_owned().into());
    for result in &mut report.results {
        result.fix = result.fix.as_ref().map(|_| "a: |\n  ```\n  ````\n".to_owned());
    }
    let text = markdown(&report);
    let row = text.lines().find(|line| line.starts_with("| unknown")).expect("a row");
    assert!(
        row.ends_with("| a \\| b \\`\\`\\` \\*c\\* &#60;script&#62; &#64;user &#35;12 \\[x\\](y) \\\\  &#35; title |"),
        "{row}"
    );
    assert!(row.split('|').count() == 8, "five cells, and a bar that is none: {row}");
    assert!(text.contains("\n`````yaml\na: |\n  ```\n  ````\n`````\n"), "{text}");
    assert!(text.contains("<summary>HA0201: a fix for poddisruptionbudget/x|y</summary>"), "{text}");
    assert!(text.contains("suppressed until 2027-01-31: by design"), "{text}");
}

#[test]
fn junit_can_be_read_back() {
    let told = |mut report: CheckReport| {
        report.results[0].message = Some("</error> & \"quotes\" \u{1b}[2J".into());
        junit(&report)
    };
    for (text, failures) in [(told(strict()), 2), (told(lenient()), 0)] {
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let all = document.root_element();
        let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        let told = |name: &str| all.attribute(name).and_then(|number| number.parse::<usize>().ok()).expect(name);
        assert_eq!((told("failures"), count("failure")), (failures, failures));
        assert_eq!((told("errors"), count("error"), told("skipped"), count("skipped")), (1, 1, 1, 1));
        assert_eq!((told("tests"), count("testcase")), (8, 8));
        let suites: usize = all.children().filter_map(|suite| suite.attribute("tests")?.parse::<usize>().ok()).sum();
        assert_eq!(suites, 8);
        let error = document.descendants().find(|node| node.has_tag_name("error")).expect("an error");
        assert_eq!(error.attribute("message"), Some("</error> & \"quotes\" \u{fffd}[2J"));
        let case = error.parent().expect("a case");
        assert_eq!((case.attribute("file"), case.attribute("line")), (Some("a b.yaml"), Some("3")));
        assert_eq!(count("system-out"), 2 - failures, "what does not count is told all the same");
    }
}

#[test]
fn sarif_has_what_code_scanning_reads() {
    let text = sarif(&strict());
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let run = &document["runs"][0];
    let results = run["results"].as_array().expect("results");
    let told: Vec<_> = results.iter().map(|result| (&result["ruleId"], &result["kind"], &result["level"])).collect();
    let expected = json!([
        ["HA0001", "open", "none"],
        ["HA0201", "fail", "error"],
        ["HA0002", "fail", "error"],
        ["HA0003", "fail", "error"]
    ]);
    assert_eq!(serde_json::to_value(&told).expect("JSON"), expected);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    let place = &results[1]["locations"][0];
    assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "a%20b.yaml");
    assert_eq!(place["physicalLocation"]["region"], json!({"startLine": 9, "startColumn": 1}));
    assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "n/poddisruptionbudget/x|y/spec.minAvailable");
    let suppression =
        json!([{"kind": "inSource", "status": "accepted", "justification": "by design (until 2027-01-31)"}]);
    assert_eq!(results[3]["suppressions"], suppression);
    assert_eq!(results[1]["suppressions"], Value::Null);
}

#[test]
fn nothing_found_is_one_line() {
    let mut report = strict();
    report.results.clear();
    report.summary = Summary { passed: 3, skipped: 2, suppressed: 1, ..Summary::default() };
    assert_eq!(table(&report, Style::default()), "no findings; 3 passed, 1 skipped, 1 suppressed\n");
    assert_eq!(short(&report), "");
    report.summary = Summary { warnings: 1, infos: 2, ..Summary::default() };
    assert_eq!(counts(&report.summary), "1 warning, 2 infos");
}
