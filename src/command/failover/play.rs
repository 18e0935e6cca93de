//! Plays a plan on several threads: the result is the same on any number of them.

use std::thread;

use crate::elector::Settings;
use crate::elector::setup::Visitor;
use crate::model::Micros;
use crate::model::timeline::Timeline;
use crate::sim::plan::{Plan, Played};
use crate::sim::{Random, Replacement, Sample, Simulator, Trial, timeline};

/// Plays a plan off the thread that listens for Ctrl-C.
pub(super) async fn play(plan: &Plan, threads: u32) -> Played {
    let plan = plan.clone();
    let work = tokio::task::spawn_blocking(move || match Replacement::of(&plan) {
        Some(replacement) => many(&plan, threads, || replacement),
        None => plan.setup().visit(Elect { plan: &plan, threads }),
    });
    match work.await {
        Ok(played) => played,
        // The panic of a bug is the main thread's too.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// What can be played again and again.
trait Play {
    fn trial(&mut self, random: Random) -> Trial;
    fn story(&mut self, random: Random, plan: &Plan) -> Timeline;
}

impl<S: Settings> Play for Simulator<'_, S> {
    fn trial(&mut self, random: Random) -> Trial {
        Simulator::trial(self, random, &mut ())
    }

    fn story(&mut self, random: Random, plan: &Plan) -> Timeline {
        let mut moments = Vec::new();
        Simulator::trial(self, random, &mut moments);
        timeline(&moments, plan)
    }
}

impl Play for Replacement<'_> {
    fn trial(&mut self, random: Random) -> Trial {
        Replacement::trial(self, random)
    }

    fn story(&mut self, random: Random, _: &Plan) -> Timeline {
        self.timeline(random)
    }
}

/// An election, whichever the library.
struct Elect<'p> {
    plan: &'p Plan,
    threads: u32,
}

impl Visitor for Elect<'_> {
    type Output = Played;

    fn visit<S: Settings + Send + Sync>(self, settings: S) -> Played {
        let scenario = self.plan.scenario(settings);
        many(self.plan, self.threads, || Simulator::new(&scenario))
    }
}

/// The trials before they are counted: each with its rank.
#[derive(Default)]
struct Part {
    sample: Sample,
    ranked: Vec<(Micros, u32)>,
}

impl Part {
    fn join(&mut self, other: Self) {
        self.sample.join(other.sample);
        self.ranked.extend(other.ranked);
    }
}

fn many<P: Play>(plan: &Plan, threads: u32, player: impl Fn() -> P + Sync) -> Played {
    let (trials, seed) = (plan.trials, plan.seed);
    let threads = threads.clamp(1, trials);
    let part = |number: u32| {
        let (mut player, mut part) = (player(), Part::default());
        // Neighbours go to different threads: all take about as long.
        for trial in (number..trials).step_by(threads as usize) {
            let played = player.trial(Random::stream(seed, trial.into()));
            part.ranked.push((rank(&played), trial));
            part.sample.add(&played);
        }
        part
    };
    let mut whole = thread::scope(|scope| {
        let part = &part;
        let others: Vec<_> = (1..threads).map(|number| scope.spawn(move || part(number))).collect();
        let mut whole = part(0);
        for other in others {
            match other.join() {
                Ok(other) => whole.join(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        whole
    });
    let middle = (whole.ranked.len() - 1) / 2;
    let (_, typical, after) = whole.ranked.select_nth_unstable(middle);
    // Of those that are as bad as the worst, the first.
    let worst = after.iter().chain([&*typical]).min_by_key(|(rank, trial)| (std::cmp::Reverse(*rank), *trial));
    let worst = worst.map_or(typical.1, |(_, trial)| *trial);
    let tell = |trial: u32| player().story(Random::stream(seed, trial.into()), plan);
    Played { typical: tell(typical.1), worst: tell(worst), outcome: whole.sample.outcome() }
}

/// How bad a trial is: how long the system did not serve, or two led.
fn rank(trial: &Trial) -> Micros {
    trial.outage + trial.overlap
}
