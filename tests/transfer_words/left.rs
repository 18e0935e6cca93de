//! A fence that was left behind, by a hactl that was killed while no candidate reaches the API server: the next transfer
//! clears it.

use std::time::Duration;

use serde_json::{Value, json};

use super::interrupted::HAND_OVER;
use super::{App, PATIENCE, SOON, document, refused};
use crate::support::hactl;
use crate::support::kubelet::Cut;

impl App<'_> {
    /// Nobody can take what runs out.
    fn leave_a_fence(&self) {
        let run = self.hactl(&HAND_OVER).spawn();
        self.fenced();
        run.kill();
        for pod in self.pods() {
            self.namespace.running(pod).cut_off(Cut::Refuse);
        }
        refused(&self.hactl(&["--yes", "-o", "json"]).run(), "in progress");
        let left = || Some(self.status()).filter(|status| status["reasons"].to_string().contains("left behind"));
        let status = self.namespace.wait_for(SOON, "the fence runs out", left);
        assert_eq!((&status["health"], &status["transfer"]["from"]), (&json!("NoLeader"), &json!(self.leader)));
        // The API server's Date goes by seconds: what one run knows has run out may have a moment left for the next.
        std::thread::sleep(Duration::from_secs(1));
    }

    fn pods(&self) -> impl Iterator<Item = &str> {
        self.standbys.iter().chain([&self.leader]).map(String::as_str)
    }

    fn status(&self) -> Value {
        let out = hactl().args(["status", "lease/app", "-o", "json"]).kubeconfig(self.namespace.kubeconfig()).run();
        let list: Value = serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:#?}"));
        list["items"][0].clone()
    }

    fn reaches(&self, pod: &str) {
        self.namespace.running(pod).restore();
    }

    fn wait_holder(&self, holder: &str) {
        self.namespace.wait_for(SOON, &format!("{holder:?} holds the Lease"), || {
            let now = self.namespace.lease("app")?.spec?.holder_identity?;
            (now == holder).then_some(())
        });
    }
}

fn steps(document: &Value) -> Vec<&str> {
    document["steps"].as_array().into_iter().flatten().filter_map(|step| step["action"].as_str()).collect()
}

#[test]
fn it_is_cleared_and_whoever_looks_first_leads() {
    let app = App::start(2);
    app.leave_a_fence();
    let before = app.facts();

    let out = app.hactl(&["--dry-run=server", "-o", "json"]).run();
    let plan = document(&out);
    assert_eq!(
        (out.code, &plan["outcome"], &plan["method"]),
        (Some(0), &json!("planned"), &json!("repair")),
        "{out:#?}"
    );
    assert_eq!(plan["from"]["pod"], app.leader.as_str(), "{out:#?}");
    let out = app.hactl(&[]).run();
    assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "it has to be confirmed: {out:#?}");
    assert!(out.stderr.contains("left its fence behind: it ran out"), "the plan says so: {out:#?}");
    refused(&app.hactl(&["--yes", "-o", "json", "--from", &app.standbys[0]]).run(), "did not lead before the fence");
    refused(&app.hactl(&["--yes", "-o", "json", "--require-audit"]).run(), "recorded only afterwards");
    assert_eq!(app.facts(), before);

    let run = app.hactl(&["--yes", "-o", "json", "--from", &app.leader]).spawn();
    app.wait_holder("");
    app.reaches(&app.standbys[0]);
    let out = run.wait(PATIENCE);
    let done = document(&out);
    assert_eq!((out.code, &done["outcome"]), (Some(0), &json!("done")), "{out:#?}");
    assert_eq!((&done["leader"]["pod"], steps(&done)), (&json!(app.standbys[0]), vec!["write", "verify"]), "{out:#?}");
    let after = app.facts();
    assert!(!after.annotations.contains(&"hactl.dev/transfer".to_owned()), "{after:?}");
    assert_eq!(after.holder.as_deref(), Some(app.standbys[0].as_str()));
}

#[test]
fn who_is_not_wanted_is_moved_then() {
    let app = App::start(3);
    app.leave_a_fence();
    let [first, wanted] = [&app.standbys[0], &app.standbys[1]];
    let run = app.hactl(&["--yes", "-o", "json", "--to", wanted]).spawn();
    app.wait_holder("");
    app.reaches(first);
    app.wait_holder(first);
    app.pods().for_each(|pod| app.reaches(pod));
    let out = run.wait(PATIENCE + Duration::from_secs(30));
    let done = document(&out);
    assert_eq!((out.code, &done["outcome"]), (Some(0), &json!("done")), "{out:#?}");
    assert_eq!((&done["from"]["pod"], &done["leader"]["pod"]), (&json!(first), &json!(wanted)), "{out:#?}");
    assert_eq!(steps(&done)[..3], ["write", "verify", "evict"], "{out:#?}");
    let at: Vec<_> =
        done["steps"].as_array().into_iter().flatten().filter_map(|step| step["atSeconds"].as_f64()).collect();
    assert!(at.is_sorted(), "{out:#?}");
    assert_eq!(app.namespace.holder("app").as_deref(), Some(wanted.as_str()));
}
