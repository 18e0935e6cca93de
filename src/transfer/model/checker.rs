//! The question as `stateright` takes it: every state, everything that can follow, and what must always be so.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Write as _};
use std::sync::atomic::Ordering;
use std::time::Duration;

use stateright::report::{ReportData, ReportDiscovery, Reporter};
use stateright::{Checker, HasDiscoveries, Model, Path, Property};

use super::arena::Arena;
use super::choice::Choices;
use super::event::Event;
use super::world::{World, Wrong};
use crate::elector::Settings;
use crate::model::Micros;
use crate::model::write::relative::Relative;

/// Something that happens, with what is chosen in it, and what comes of it.
#[derive(Clone)]
pub(super) struct Move<M> {
    event: Event,
    passed: Micros,
    next: Box<World<M>>,
}

impl<M: PartialEq> PartialEq for Move<M> {
    fn eq(&self, other: &Self) -> bool {
        self.event == other.event && self.next == other.next
    }
}

impl<M> Debug for Move<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} after {}", self.event, self.passed)
    }
}

const TWO_LEAD: &str = "two lead";
const NOBODY_LEADS: &str = "nobody leads";
const SAID: &str = "what is said is not so";

impl<S> Model for Arena<S>
where
    S: Settings,
    S::Machine: Relative,
{
    type State = World<S::Machine>;
    type Action = Move<S::Machine>;

    fn init_states(&self) -> Vec<Self::State> {
        self.beginnings()
    }

    fn actions(&self, world: &Self::State, moves: &mut Vec<Self::Action>) {
        if self.over(world) {
            return;
        }
        let mut events = world.due().1;
        events.extend(world.at_any_time());
        for event in events {
            Choices::every(|choices| {
                let mut next = Box::new(world.clone());
                self.happen(&mut next, event, choices);
                let passed = next.now - world.now;
                next.normalise();
                moves.push(Move { event, passed, next });
            });
        }
    }

    fn next_state(&self, _: &Self::State, action: Self::Action) -> Option<Self::State> {
        Some(*action.next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(TWO_LEAD, |_, world: &Self::State| world.wrong != Some(Wrong::TwoLead)),
            Property::always(NOBODY_LEADS, |_, world: &Self::State| world.wrong != Some(Wrong::NobodyLeads)),
            Property::always(SAID, |_, world: &Self::State| world.wrong != Some(Wrong::Said)),
        ]
    }
}

/// How far the checker has looked.
struct Look {
    states: usize,
    depth: usize,
    seconds: f64,
}

impl<M: Model> Reporter<M> for Look {
    fn report_checking(&mut self, data: ReportData) {
        *self = Self { states: data.unique_states, depth: data.max_depth, seconds: data.duration.as_secs_f64() };
    }

    fn report_discoveries(&mut self, _: &M, _: BTreeMap<&'static str, ReportDiscovery<M>>)
    where
        M::Action: Debug + PartialEq,
        M::State: Debug + std::hash::Hash + PartialEq,
    {
    }

    fn delay(&self) -> Duration {
        Duration::from_millis(20)
    }
}

impl<S> Arena<S>
where
    S: Settings + Debug + Send + Sync + 'static,
    S::Machine: Relative + Debug + Send + Sync,
{
    /// Everything that can happen is followed, and nothing is ever wrong.
    #[track_caller]
    pub(super) fn holds(self, name: &str) {
        let longest = self.longest.clone();
        // The least memory.
        let checker = self.checker().finish_when(HasDiscoveries::AnyFailures).spawn_dfs();
        let mut look = Look { states: 0, depth: 0, seconds: 0.0 };
        let checker = checker.join_and_report(&mut look);
        let found = checker.discoveries().into_iter().next();
        let [gap, after] = [0, 1].map(|which| Micros::new(longest[which].load(Ordering::Relaxed)));
        let Look { states, depth, seconds } = look;
        say(format_args!(
            "{name:80} {states:>8} states, depth {depth:>3}, {seconds:>5.2} s; nobody leads for {gap}, after its end {after}"
        ));
        if let Some((wrong, path)) = found {
            panic!("{name}: {wrong}\n{}", tell(path));
        }
    }

    /// There is a way to this. The shortest, in words.
    #[track_caller]
    pub(super) fn breaks(self, name: &str, wrong: Wrong) -> String {
        let wanted = match wrong {
            Wrong::TwoLead => TWO_LEAD,
            Wrong::NobodyLeads => NOBODY_LEADS,
            Wrong::Said => SAID,
        };
        let checker = self.checker().finish_when(HasDiscoveries::AnyOf([wanted].into())).spawn_bfs();
        let mut look = Look { states: 0, depth: 0, seconds: 0.0 };
        let mut found = checker.join_and_report(&mut look).discoveries();
        let Look { states, depth, seconds } = look;
        say(format_args!("{name:80} {states:>8} states, depth {depth:>3}, {seconds:>5.2} s; {wanted}"));
        let others: Vec<_> = found.keys().copied().collect();
        let path = found.remove(wanted).unwrap_or_else(|| panic!("{name}: not {wanted:?}, but {others:?}"));
        tell(path)
    }
}

#[expect(clippy::print_stdout, reason = "for whoever runs the test with --nocapture")]
fn say(what: fmt::Arguments<'_>) {
    println!("{what}");
}

/// How it came to that.
fn tell<M: Debug + Clone + PartialEq>(path: Path<World<M>, Move<M>>) -> String {
    let mut at = Micros::ZERO;
    let mut story = String::new();
    let mut before = None;
    for (world, action) in path.into_vec() {
        let acting: Vec<_> = world.candidates.iter().map(|candidate| candidate.acting).collect();
        let holder = world.place.get().and_then(|lease| lease.spec.holder);
        let now = (acting, holder);
        if before.as_ref() != Some(&now) {
            let _infallible = writeln!(story, "        acting: {:?}, holder: {:?}", now.0, now.1);
            before = Some(now);
        }
        let Some(action) = action else { break };
        at += action.passed;
        let _infallible = writeln!(story, "{:>10} {}", at.to_string(), line(&world, action.event));
    }
    story
}

fn line<M: Debug>(world: &World<M>, event: Event) -> String {
    let what: &dyn Debug = match event {
        Event::Mail(number) => &world.candidates[number].mail,
        Event::RunMail(number) => match &world.runs[number] {
            Some(run) => &run.mail,
            None => &(),
        },
        _ => &(),
    };
    format!("{event:?} {what:?}")
}
