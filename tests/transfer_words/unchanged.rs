//! A dry run changes nothing: neither in the program's head nor on the server.

use super::{App, document};
use crate::support::gate::{Act, Gate};

#[test]
fn a_dry_run_changes_nothing() {
    let app = App::start(2);
    let before = app.facts();
    for method in ["evict", "hand-over"] {
        for place in ["client", "server"] {
            let gate = Gate::before(app.namespace.testbed().access(), |_| Act::Pass);
            let dry = format!("--dry-run={place}");
            let out =
                app.hactl(&["--method", method, &dry, "-o", "json"]).kubeconfig(gate.kubeconfig(&app.namespace)).run();
            assert_eq!(out.code, Some(0), "{out:#?}");
            let answer = document(&out);
            assert_eq!((&answer["outcome"], &answer["method"]), (&"planned".into(), &method.into()), "{out:#?}");
            assert!(
                answer["measured"].is_null() && answer["undo"].is_string() && answer["roles"].is_array(),
                "{out:#?}"
            );
            let writes: Vec<_> = gate.asked().into_iter().filter(|asked| asked.step().is_some()).collect();
            let rehearsed = writes
                .iter()
                .all(|asked| asked.path.contains("dryRun=All") || asked.body["deleteOptions"]["dryRun"][0] == "All");
            assert!(rehearsed, "{writes:?}");
            assert_eq!(writes.is_empty(), place == "client", "{writes:?}");
            assert_eq!(app.facts(), before, "{method} {place}");
        }
    }
    // In words: the plan is the result.
    let out = app.hactl(&["--dry-run=client"]).run();
    assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""), "{out:#?}");
    assert!(out.stdout.contains(&app.leader) && out.stdout.contains("UNDO"), "{out:#?}");
    assert_eq!(app.facts(), before);
}
