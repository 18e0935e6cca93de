//! Which checks are wanted, which count less, and what a project says once for all.

use super::{WEB, document, folder, outcomes, preflight, tight};

#[test]
fn checks_are_selected_left_out_and_downgraded() {
    let text = WEB.to_owned() + &tight("");
    let folder = folder(&[("all.yaml", &text)]);
    for (args, code) in [
        (vec!["--select", "HA0201"], 1),
        (vec!["--select", "ha02"], 1),
        (vec!["--select", "HA0204,HA0205"], 0),
        (vec!["--skip", "HA0201"], 0),
        (vec!["--skip", "HA0202", "--skip", "HA0201"], 0),
        (vec!["--downgrade", "HA0201"], 0),
        (vec!["--downgrade", "HA02=warning", "--fail-on", "warning"], 1),
        (vec!["--downgrade", "HA0201=info", "--fail-on", "warning"], 0),
        (vec!["--fail-on", "never"], 0),
    ] {
        let out = preflight(&folder, &[args.as_slice(), &["all.yaml"]].concat(), "");
        assert_eq!((out.code, out.stderr.as_str()), (Some(code), ""), "{args:?} {out:#?}");
    }
    let warned = preflight(&folder, &["--downgrade", "HA0201", "all.yaml"], "");
    assert!(warned.stdout.contains("  warning  HA0201  ") && warned.stdout.contains("\n1 warning; "), "{warned:#?}");
    // What cannot be read is said whatever was selected.
    let unread = preflight(&folder, &["--select", "HA0205", "gone.yaml"], "");
    assert_eq!(unread.code, Some(3), "{unread:#?}");
    let unread = preflight(&folder, &["--skip", "HA0001", "gone.yaml"], "");
    assert_eq!(unread.code, Some(0), "but where it is left out by name: {unread:#?}");
}

#[test]
fn an_id_that_nobody_knows_is_a_wrong_usage() {
    let folder = folder(&[]);
    for args in [["--select", "HA0231"], ["--skip", "HA0231"], ["--downgrade", "HA0231=info"]] {
        let out = preflight(&folder, &[args.as_slice(), &["-"]].concat(), WEB);
        assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{args:?} {out:#?}");
        assert!(out.stderr.starts_with("error: there is no check \"HA0231\"\n hint: did you mean HA02"), "{out:#?}");
    }
    let out = preflight(&folder, &["--select", "budgets", "-"], WEB);
    assert_eq!(
        (out.code, out.stderr.as_str()),
        (Some(2), "error: there is no check \"budgets\"\n hint: all checks: hactl explain\n")
    );
}

#[test]
fn a_project_says_it_once() {
    let text = WEB.to_owned() + &tight("");
    let skip = "[preflight]\nskip = [\"HA0201\"]\n";
    let folder =
        folder(&[("all.yaml", &text), ("hactl.toml", skip), ("other.toml", "[preflight]\nfail-on = \"never\"\n")]);
    let code = |args: &[&str]| preflight(&folder, &[args, &["all.yaml"]].concat(), "").code;
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--config", "other.toml"]), Some(0));
    assert_eq!(code(&["--config", "other.toml", "--fail-on", "error"]), Some(1), "a flag is said later");
    let wrong = super::folder(&[("hactl.toml", "[preflight]\n\nfial-on = 'error'\n")]);
    let out = preflight(&wrong, &["-"], WEB);
    assert_eq!(out.code, Some(2), "{out:#?}");
    assert_eq!(out.stderr, "error: hactl.toml:3:1: there is no setting fial-on: did you mean fail-on?\n");
    let unknown = super::folder(&[("hactl.toml", "[preflight]\nskip = ['HA0231']\n")]);
    let out = preflight(&unknown, &["-"], WEB);
    assert_eq!(out.code, Some(2), "{out:#?}");
    assert!(
        out.stderr.starts_with("error: hactl.toml:2:10: there is no check \"HA0231\": did you mean HA02"),
        "{out:#?}"
    );
    let gone = preflight(&wrong, &["--config", "gone.toml", "-"], WEB);
    assert_eq!((gone.code, gone.stderr.as_str()), (Some(2), "error: there is no file gone.toml\n"));
}

#[test]
fn green_for_no_check_at_all_is_refused() {
    let both = "[preflight]\nselect = ['HA0202']\nskip = ['HA0201']\n";
    let folder = folder(&[("hactl.toml", "[preflight]\nskip = ['HA02']\n"), ("both.toml", both)]);
    for (args, told) in [
        (vec!["--select", "HA0201"], "no check is left of --select: all are in skip of hactl.toml"),
        (
            vec!["--select", "HA0201,HA03", "--skip", "HA03"],
            "no check is left of --select: all are in --skip or skip of hactl.toml",
        ),
        (
            vec!["--config", "both.toml", "--skip", "HA0202"],
            "no check is left of select of both.toml: all are in --skip or skip of both.toml",
        ),
    ] {
        let out = preflight(&folder, &[args.as_slice(), &["-"]].concat(), WEB);
        assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{args:?} {out:#?}");
        assert_eq!(out.stderr, format!("error: {told}\n"), "{args:?}");
    }
    // Where something is left, that is judged.
    for args in [["--select", "HA0201,HA03"], ["--select", "HA00"]] {
        let out = preflight(&folder, &[args.as_slice(), &["-"]].concat(), WEB);
        assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""), "{args:?} {out:#?}");
    }
}

#[test]
fn an_object_says_itself_what_does_not_count() {
    let text = |ignore: &str| WEB.to_owned() + &tight(&format!("  annotations:\n    hactl.dev/ignore: {ignore}\n"));
    let told = document(&text("\"HA0201: drained by hand; until=2026-11-18\""), &[]);
    assert_eq!((outcomes(&told, "HA0201"), outcomes(&told, "HA0005")), (vec!["skipped"], vec!["pass"]));
    let result = told["results"].as_array().expect("results").iter().find(|r| r["id"] == "HA0201").expect("it");
    let expected = serde_json::json!({"by": "annotation", "reason": "drained by hand", "until": "2026-11-18"});
    assert_eq!(result["suppression"], expected);
    assert_eq!(told["summary"]["suppressed"], 1);
    for (ignore, line) in
        [("HA0201", "suppressed without a reason"), ("\"HA0201: x; until=2026-11-17\"", "until 2026-11-17")]
    {
        let told = document(&text(ignore), &[]);
        assert_eq!((outcomes(&told, "HA0201"), outcomes(&told, "HA0005")), (vec!["fail"], vec!["fail"]), "{ignore}");
        let own = told["results"].as_array().expect("results").iter().find(|r| r["id"] == "HA0005").expect("it");
        assert!(own["message"].as_str().is_some_and(|message| message.contains(line)), "{own:#}");
        assert_eq!((&own["severity"], &own["where"]["line"]), (&"warning".into(), &17.into()));
    }
    let block = "|\n      HA0201: one\n      HA0202: two";
    assert_eq!(outcomes(&document(&text(block), &[]), "HA0201"), ["skipped"]);
}
