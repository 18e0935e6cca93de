//! What the person sees while it runs: one line for each thing that happens, and what is waited for.

use super::conduct::Audience;
use crate::model::Micros;
use crate::report::transfer::Line;
use crate::terminal::{Terminal, Waiting};
use crate::transfer::moments::Moments;
use crate::transfer::plan::Plan;
use crate::transfer::{Awaited, Step, Told};

/// Tells on stderr, and keeps what it told.
pub(super) struct Live<'a> {
    terminal: &'a Terminal,
    plan: &'a Plan,
    began: Micros,
    waiting: Waiting,
    pub(super) lines: Vec<Line>,
    renewals: u32,
}

impl<'a> Live<'a> {
    /// From this time of the local clock on, which goes evenly; what is known of the API server's changes with each answer.
    pub(super) fn new(terminal: &'a Terminal, plan: &'a Plan, began: Micros) -> Self {
        Self { terminal, plan, began, waiting: Waiting::new(), lines: Vec::new(), renewals: 0 }
    }

    /// One more line.
    pub(super) fn line(&mut self, now: Micros, action: &'static str, result: String) {
        let at = (now - self.began).max(Micros::ZERO);
        let told = format!("  +{:.2}s  {result}", at.as_secs_f64());
        self.waiting.aside(|| self.terminal.say(&told));
        self.lines.push(Line { at_seconds: at.into(), action, result });
    }

    /// Nothing is waited for any more.
    pub(super) fn finish(&mut self) {
        self.waiting.finish();
    }

    fn next(&self) -> &str {
        let to = self.plan.to.as_ref().and_then(|to| to.pod.as_deref());
        to.map_or("the next leader", |pod| pod.key.name.as_str())
    }
}

impl Audience for Live<'_> {
    fn tell(&mut self, told: Told, who: Option<&str>, _: &Moments, now: Micros) {
        let (action, result) = match told {
            Told::Stored(Step::Renew) => {
                self.renewals += 1;
                return;
            }
            Told::Stored(Step::Fence) => {
                ("fence", "fenced: nobody can take the Lease, and the leader is to notice".to_owned())
            }
            Told::Stored(Step::HandOver) => ("hand-over", format!("handed over to {}", self.next())),
            Told::Stored(Step::Free) => {
                ("release", "released for the old leader: anyone may take the Lease".to_owned())
            }
            Told::Stored(Step::Prefer) => ("prefer", "the leader is asked to yield: it renews no more".to_owned()),
            Told::Stored(Step::Relent) => {
                ("relent", "nobody else was named: the leader is asked to yield no more".to_owned())
            }
            Told::Stored(Step::TakeBack) => ("take-back", "the leader's name is back in the Lease".to_owned()),
            Told::Evicting => ("evict", "the leader's Pod is being ended".to_owned()),
            Told::Ending => ("watch", "someone else ends the leader's Pod: its end is waited for".to_owned()),
            Told::Acknowledged => {
                ("acknowledge", "the leader has renewed under the fence, and reads it now".to_owned())
            }
            Told::Denied => ("acknowledge", "the leader says that it leads no more".to_owned()),
            Told::Ended => ("end", "the leader's process has ended".to_owned()),
            Told::Released => ("watch", "the leader gave the Lease up".to_owned()),
            Told::Lost => {
                ("watch", "the leader's Pod is gone, and nobody reported its end: nothing is proved".to_owned())
            }
            Told::Foreign(_) if who.is_some() && who == self.plan.to.as_ref().and_then(|to| to.identity.as_deref()) => {
                ("watch", format!("{} took the Lease by itself", self.next()))
            }
            Told::Foreign(_) => ("watch", format!("someone else made {} the holder", who.unwrap_or("nobody"))),
        };
        self.line(now, action, result);
    }

    fn wait(&mut self, awaited: Awaited, left: Option<Micros>) {
        let what = match awaited {
            Awaited::Quiet => "waiting for a quiet moment",
            Awaited::Proof => "waiting until the leader is off",
            Awaited::End => "waiting for the leader's process to end",
            Awaited::Leader => "waiting for the next leader",
        };
        let left = left.filter(|left| *left > Micros::ZERO);
        let left = left.map_or_else(String::new, |left| format!(", {:.1}s left", left.as_secs_f64()));
        self.waiting.show(format!("{what}{left}"));
    }
}
