//! A baseline: only what is new counts.

use std::fs;

use serde_json::Value;

use super::{WEB, folder, preflight, tight};

#[test]
fn only_what_is_new_counts() {
    let text = WEB.to_owned() + &tight("");
    let folder = folder(&[("all.yaml", &text)]);
    let out = preflight(&folder, &["all.yaml", "--write-baseline", "known.json"], "");
    assert_eq!((out.code, out.stderr.as_str()), (Some(0), "1 finding written to known.json\n"), "{out:#?}");
    assert!(out.stdout.starts_with("no findings; ") && out.stdout.ends_with(", 1 suppressed\n"), "{out:#?}");
    let known: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("known.json")).expect("it is there")).expect("JSON");
    assert_eq!((&known["kind"], &known["items"][0]["id"]), (&"CheckBaseline".into(), &"HA0201".into()));

    let with = |text: &str| preflight(&folder, &["-", "--baseline", "known.json", "-o", "short"], text);
    assert_eq!(with(&text).code, Some(0));
    // Lines have moved, and there are more replicas.
    let moved = format!("# one\n# two\n{}", text.replace("replicas: 2", "replicas: 5"));
    assert_eq!(with(&moved).code, Some(0), "{:#?}", with(&moved));
    // The same mistake elsewhere is new, and only that is told.
    let other = text.replace("web", "api");
    let new = with(&format!("{text}---\n{other}"));
    assert_eq!((new.code, new.stdout.lines().count()), (Some(1), 1), "{new:#?}");
    assert!(new.stdout.contains("poddisruptionbudget/api: "), "{new:#?}");
    // What cannot be read is none of it.
    let unread = with(&format!("{text}---\na:\n\tb: c\n"));
    assert_eq!(unread.code, Some(3), "{unread:#?}");
}

#[test]
fn what_is_in_no_file_is_not_known() {
    let folder = folder(&[("all.yaml", &(WEB.to_owned() + &tight("")))]);
    let out = preflight(&folder, &["all.yaml", "--write-baseline", "gone/known.json"], "");
    assert_eq!(out.code, Some(1), "{out:#?}");
    assert!(out.stderr.starts_with("error: gone/known.json cannot be written: "), "{out:#?}");
    assert_eq!(out.stdout, preflight(&folder, &["all.yaml"], "").stdout, "and nothing is suppressed");
    let sound = preflight(&folder, &["-", "--write-baseline", "gone/known.json"], WEB);
    assert_eq!(sound.code, Some(3), "{sound:#?}");
}

#[test]
fn a_file_that_would_be_written_twice_is_refused() {
    let folder = folder(&[("all.yaml", WEB)]);
    for (args, told) in [
        (["--report", "json=out", "--report", "sarif=./out"], "./out"),
        (["--report", "json=out", "--report", "json=out"], "out"),
        (["--report", "json=out", "--write-baseline", "out"], "out"),
    ] {
        let out = preflight(&folder, &[args.as_slice(), &["all.yaml"]].concat(), "");
        assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{args:?} {out:#?}");
        assert!(out.stderr.starts_with(&format!("error: {told} would be written twice\n")), "{args:?} {out:#?}");
        assert!(!folder.join("out").exists(), "{args:?}");
    }
}

#[test]
fn what_is_no_baseline_is_refused() {
    let folder = folder(&[("report.json", "{\"kind\": \"CheckReport\", \"items\": []}"), ("broken.json", "{\n")]);
    for (file, told) in [
        ("report.json", "error: report.json: a CheckReport, and no CheckBaseline\n"),
        ("broken.json", "error: broken.json: no baseline: line 2\n"),
        ("gone.json", "error: there is no file gone.json\n"),
    ] {
        let out = preflight(&folder, &["-", "--baseline", file], WEB);
        assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{out:#?}");
        assert!(out.stderr.starts_with(told), "{out:#?}");
    }
}
