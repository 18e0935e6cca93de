//! Ctrl-C: before anything was changed, while it can be taken back, and when it is too late for that.

use std::time::Duration;

use super::{App, PATIENCE, document};
use crate::support::Signal;
use crate::support::kubelet::Change;

impl App<'_> {
    pub(super) fn fenced(&self) {
        self.namespace.wait_for(PATIENCE, "the fence stands", || {
            self.namespace.holder("app").filter(|holder| holder.starts_with("hactl-transfer/"))
        });
    }
}

pub(super) const HAND_OVER: [&str; 5] = ["--yes", "-o", "json", "--method", "hand-over"];

#[test]
fn before_anything_was_changed_nothing_is() {
    let app = App::start(2);
    let before = app.facts();
    for signal in [Signal::INT, Signal::TERM] {
        let run = app.hactl(&HAND_OVER).spawn();
        // The leader is being watched.
        std::thread::sleep(Duration::from_millis(700));
        run.signal(signal);
        let out = run.wait(PATIENCE);
        assert_eq!(out.code, Some(if signal == Signal::INT { 130 } else { 143 }), "{out:#?}");
        assert!(!app.facts().writers.contains(&"hactl".to_owned()));
        assert_eq!(app.facts(), before);
    }
}

#[test]
fn in_time_the_leader_leads_on() {
    let app = App::start(2);
    let leader = app.namespace.running(&app.leader);
    let run = app.hactl(&HAND_OVER).spawn();
    app.fenced();
    run.signal(Signal::INT);
    let out = run.wait(PATIENCE);
    assert_eq!(out.code, Some(12), "{out:#?}");
    let answer = document(&out);
    assert_eq!(answer["outcome"], "unknown", "{out:#?}");
    assert!(answer["reason"].as_str().is_some_and(|reason| reason.contains("goes on")), "{out:#?}");
    let steps: Vec<_> =
        answer["steps"].as_array().into_iter().flatten().filter_map(|step| step["action"].as_str()).collect();
    assert_eq!(steps, ["fence", "take-back"], "{out:#?}");
    // Longer than it would take to find itself without its Lease.
    std::thread::sleep(Duration::from_secs(8));
    assert_eq!(app.namespace.holder("app").as_deref(), Some(app.leader.as_str()));
    let stopped = leader.events().into_iter().filter(|event| event.event == Change::Stop).count();
    assert_eq!(stopped, 0, "{:?}", leader.events());
    let facts = app.facts();
    assert!(!facts.annotations.contains(&"hactl.dev/transfer".to_owned()), "{facts:?}");
}

#[test]
fn too_late_it_says_what_will_happen_by_itself() {
    let app = App::start(2);
    let run = app.hactl(&HAND_OVER).spawn();
    app.fenced();
    // Beyond what the leader is sure to look within, and before it is off.
    std::thread::sleep(Duration::from_millis(3_300));
    run.signal(Signal::INT);
    let out = run.wait(PATIENCE);
    assert_eq!(out.code, Some(12), "{out:#?}");
    let answer = document(&out);
    assert!(
        answer["reason"].as_str().is_some_and(|reason| reason.contains("somebody leads by itself within")),
        "{out:#?}"
    );
    let healed = Duration::from_secs_f64(6.0 + 4.4 + 2.0);
    app.namespace.wait_for(healed, "somebody leads", || {
        app.namespace.holder("app").filter(|holder| !holder.starts_with("hactl-transfer/"))
    });
}
