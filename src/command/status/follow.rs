//! `hactl status -w` and `--wait`: the same picture, kept up to date.
//!
//! A record that runs out is read again before it is called expired, and while the API server cannot be asked it is not:
//! a watch that is silent may be dead.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::{Stream, StreamExt, select_all};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{MissedTickBehavior, interval};

use super::super::look::{keys, selected};
use super::show::Shown;
use super::{End, unselected};
use crate::cli::Global;
use crate::cli::status::{Condition, Output, Status};
use crate::clock::local_now;
use crate::cluster::{Change, Reader, Scope, follow, reread};
use crate::error::{Error, Exit};
use crate::model::Kind;
use crate::model::election::{Election, without_lease};
use crate::model::health::{Health, Now};
use crate::model::live::Live;
use crate::model::selection::{Target, Unselected};
use crate::model::wire::{WireDeployment, WireLease, WireNode, WirePod, WireStatefulSet};
use crate::report::election_list::Item;
use crate::terminal::{Redraw, Terminal};
use crate::view::{line, machine};

/// How often the picture is drawn anew: ages and expiries change without any event.
const TICK: Duration = Duration::from_millis(250);

/// So many Elections are drawn half as often: each time all of them are judged.
const MANY: usize = 1000;
const SLOW_TICK: Duration = Duration::from_millis(500);

/// How often an API server that does not answer is asked about Leases that look expired; and how long it may take.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(1);
const ASK_BOUND: Duration = Duration::from_secs(2);

/// One cluster as it is being watched.
struct Watched<'a> {
    reader: &'a Reader,
    scope: Scope,
    live: Live,
    /// Which kinds have been read, or are known to be unreadable.
    seen: Vec<Kind>,
    /// Whether the API server cannot be asked about Leases at the moment.
    lost: bool,
    /// Why. Where a picture is drawn it stands under it, because a line on stderr would tear it.
    lost_because: String,
    drawn: bool,
    /// When it was last asked about Leases that look expired.
    asked: Option<Timestamp>,
}

type Changes = std::pin::Pin<Box<dyn Stream<Item = (usize, Change)>>>;

/// Follows until nobody reads on, or until the condition holds.
pub(super) async fn run(
    args: &Status,
    global: &Global,
    terminal: &Terminal,
    readers: &[Reader],
    failures: Vec<Error>,
) -> Result<Exit, End> {
    // What cannot even be logged in to is not followed.
    if let Some(failure) = failures.into_iter().next() {
        return Err(failure.into());
    }
    let drawn = terminal.interactive && args.watch && matches!(args.output, Output::Table | Output::Wide);
    let mut watched: Vec<_> =
        readers.iter().map(|reader| Watched::new(reader, super::scope(args, global, reader), drawn)).collect();
    let mut changes = select_all(watched.iter().enumerate().flat_map(|(i, watched)| watched.changes(i)));
    let mut screen = Screen::new(args, global, terminal, readers);
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let deadline = tokio::time::sleep(args.timeout);
    tokio::pin!(deadline);
    loop {
        tokio::select! {
            biased;
            () = &mut deadline, if args.wait => return screen.timed_out(&mut watched),
            // Before the changes: however many come, what is shown does not stand still.
            _ = tick.tick() => {}
            Some((i, change)) = changes.next() => {
                watched[i].apply(change, terminal, args.wait)?;
                continue;
            }
        }
        if !watched.iter().all(Watched::complete) {
            continue;
        }
        // What is asked for and what is shown are of one instant: nothing can run out between the two.
        let at = local_now();
        let mut elections = Vec::new();
        for cluster in &mut watched {
            elections.extend(cluster.confirmed(at, args.target.as_ref(), terminal).await);
        }
        if elections.len() > MANY && tick.period() == TICK {
            tick = interval(SLOW_TICK);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        if let Some(exit) = screen.update(elections, &watched, at)? {
            return Ok(exit);
        }
    }
}

impl<'a> Watched<'a> {
    fn new(reader: &'a Reader, scope: Scope, drawn: bool) -> Self {
        let mut live = Live::default();
        live.snapshot.context.clone_from(&reader.context);
        Self { reader, scope, live, seen: Vec::new(), drawn, lost: false, lost_because: String::new(), asked: None }
    }

    /// The changes of every kind, marked with this cluster's number.
    fn changes(&self, i: usize) -> Vec<Changes> {
        let (reader, scope) = (self.reader, &self.scope);
        [
            follow::<WireLease>(reader, scope),
            follow::<WirePod>(reader, scope),
            follow::<WireNode>(reader, scope),
            follow::<WireDeployment>(reader, scope),
            follow::<WireStatefulSet>(reader, scope),
        ]
        .map(|changes| Box::pin(changes.map(move |change| (i, change))) as Changes)
        .into()
    }

    fn apply(&mut self, change: Change, terminal: &Terminal, waiting: bool) -> Result<(), Error> {
        let now = self.reader.now();
        match change {
            Change::Listed(kind, objects, began) => {
                self.live.list(kind, objects, began, now);
                self.saw(kind);
                self.found(kind, terminal);
            }
            Change::Put(object) => self.live.put(object, now),
            Change::Gone(object) => self.live.gone(&object),
            Change::Found(kind) => self.found(kind, terminal),
            Change::Unread(Kind::Leases, _, error) => return Err(error),
            Change::Unread(kind, short, _) => {
                if self.live.snapshot.unread(kind).is_none() {
                    terminal.say(format_args!("warning: {} could not be read: {short}", kind.resource()));
                }
                self.live.unread(kind, short);
                self.saw(kind);
            }
            // What never answered is a failure like that of a single look; `--wait` may wait for the server, too.
            Change::Lost(Kind::Leases, error) if !self.seen.contains(&Kind::Leases) && !waiting => return Err(error),
            Change::Lost(Kind::Leases, error) => self.lost(&error, terminal),
            // What was read before is kept; what never was is not taken for empty.
            Change::Lost(kind, error) if !self.seen.contains(&kind) => {
                self.live.unread(kind, error.to_string());
                self.saw(kind);
            }
            Change::Lost(..) => {}
        }
        Ok(())
    }

    fn lost(&mut self, error: &Error, terminal: &Terminal) {
        self.lost_because = format!("connection lost, trying again: {error}");
        if !std::mem::replace(&mut self.lost, true) && !self.drawn {
            terminal.say(&self.lost_because);
        }
    }

    fn found(&mut self, kind: Kind, terminal: &Terminal) {
        if kind == Kind::Leases && std::mem::take(&mut self.lost) && !self.drawn {
            terminal.say("connection found again");
        }
    }

    fn saw(&mut self, kind: Kind) {
        if !self.seen.contains(&kind) {
            self.seen.push(kind);
        }
    }

    /// Whether every kind has been read once.
    fn complete(&self) -> bool {
        self.seen.len() == 5
    }

    /// The Elections at an instant of the local clock.
    fn elections(&mut self, at: Timestamp, target: Option<&Target>) -> Vec<Election> {
        let mut found = self.live.elections(self.reader.now_at(at), self.scope.all_kinds);
        if let Some(target) = target {
            found.extend(without_lease(&self.live.snapshot, target, &found));
        }
        found
    }

    /// The Elections at an instant, once every Lease was read again whose record ran out since it was last read.
    async fn confirmed(&mut self, at: Timestamp, target: Option<&Target>, terminal: &Terminal) -> Vec<Election> {
        let elections = self.elections(at, target);
        let unconfirmed = keys(&elections, |election| election.unconfirmed);
        let asked = self.asked.is_some_and(|last| at.duration_since(last) < ASK_AGAIN);
        if unconfirmed.is_empty() || (self.lost && asked) {
            return elections;
        }
        self.asked = Some(at);
        match tokio::time::timeout(ASK_BOUND, reread(self.reader, &self.scope, &unconfirmed)).await {
            Ok(Ok(read)) => {
                let (began, now) = (self.reader.now_at(at).at, self.reader.now());
                for (key, lease) in read {
                    self.live.read_again(&key, lease, began, now);
                }
                self.found(Kind::Leases, terminal);
            }
            Ok(Err(error)) => self.lost(&error, terminal),
            Err(_) => self.lost(&Error::unknown(format!("{} does not answer", self.reader.server)), terminal),
        }
        self.elections(at, target)
    }

    fn item(&self, election: &Election, at: Timestamp) -> Item {
        let mut item = Item::new(election, self.reader.now_at(at));
        item.skew = election.lease.as_ref().and_then(|lease| self.live.skew(&lease.key));
        item
    }
}

/// What is on the screen, or was told line by line.
struct Screen<'a> {
    args: &'a Status,
    global: &'a Global,
    terminal: &'a Terminal,
    shown: Shown<'a>,
    redraw: Redraw,
    told: BTreeMap<String, (String, Item)>,
    /// Whether anything was shown yet: what is gone later is no slip of the hand.
    begun: bool,
}

impl<'a> Screen<'a> {
    fn new(args: &'a Status, global: &'a Global, terminal: &'a Terminal, readers: &[Reader]) -> Self {
        let shown = Shown::new(args, global, terminal, readers);
        Self { args, global, terminal, shown, redraw: Redraw::default(), told: BTreeMap::new(), begun: false }
    }

    /// Shows the present state; says how the run ends if it ends.
    fn update(
        &mut self,
        elections: Vec<Election>,
        watched: &[Watched<'_>],
        at: Timestamp,
    ) -> Result<Option<Exit>, End> {
        let now = now(watched, at);
        let chosen = selected(elections, self.args.target.as_ref());
        if let Some(condition) = self.args.condition.as_ref().filter(|_| self.args.wait) {
            let chosen = match chosen {
                Ok(chosen) => chosen,
                // What does not exist yet may come; what is ambiguous stays so.
                Err(Unselected::NotFound(_)) => return Ok(None),
                Err(ambiguous) => return Err(unselected(ambiguous, self.args, self.global).into()),
            };
            if watched.iter().any(|cluster| cluster.lost) || !holds(condition, &chosen) {
                return Ok(None);
            }
            self.shown.once(chosen, now)?;
            return Ok(Some(Exit::Success));
        }
        let chosen = match chosen {
            Ok(chosen) => chosen,
            Err(why) if !self.begun => return Err(unselected(why, self.args, self.global).into()),
            Err(_) => Vec::new(),
        };
        self.begun = true;
        let items: Vec<_> = chosen.iter().map(|election| item_of(election, watched, at)).collect();
        match self.args.output {
            Output::Table | Output::Wide if self.terminal.interactive => {
                let mut picture = match items.is_empty() {
                    true => format!("{}\n", self.shown.nothing()),
                    false => self.shown.picture(items.into_iter()),
                };
                for cluster in watched.iter().filter(|cluster| cluster.lost) {
                    picture.push_str(&self.terminal.style.wrap(&cluster.lost_because, 0));
                }
                self.redraw.draw(self.terminal, &picture)?;
            }
            _ => self.lines(items, now)?,
        }
        Ok(None)
    }

    /// Tells what has changed since it was last told.
    fn lines(&mut self, items: Vec<Item>, now: Now) -> Result<(), End> {
        let mut before = std::mem::take(&mut self.told);
        let mut changed = Vec::new();
        for item in items {
            let key = format!("{:?}/{}/{:?}", item.context, item.namespace, item.lease);
            let state = essence(&item);
            if before.remove(&key).is_none_or(|(told, _)| told != state) {
                changed.push(item.clone());
            }
            self.told.insert(key, (state, item));
        }
        let mut text = String::new();
        match self.args.output {
            Output::Table | Output::Wide => {
                changed.iter_mut().for_each(Item::make_printable);
                let several = self.global.context.len() > 1;
                text.extend(changed.iter().map(|item| line::change(item, now.at, several)));
                text.extend(before.values().map(|(_, item)| line::gone(item, now.at, several)));
            }
            Output::Json if !changed.is_empty() => text = machine::json_line(&self.shown.list(changed, now)),
            Output::Yaml if !changed.is_empty() => {
                text = format!("---\n{}", machine::yaml(&self.shown.list(changed, now)));
            }
            Output::Name => text = machine::names(&self.shown.list(changed, now)),
            Output::Json | Output::Yaml => {}
        }
        if !text.is_empty() {
            self.terminal.result(&text)?;
        }
        Ok(())
    }

    /// The condition did not come to hold in time: shows what is, and says why that is not enough.
    fn timed_out(&self, watched: &mut [Watched<'_>]) -> Result<Exit, End> {
        let waited = format!("{:?}", self.args.timeout);
        if let Some(cluster) = watched.iter().find(|cluster| cluster.lost || !cluster.complete()) {
            let error = Error::unknown(format!(
                "the API server {} could not be asked for all of {waited}",
                cluster.reader.server
            ));
            return Err(error.hint("is it up? hactl status shows what is wrong").into());
        }
        let (at, target) = (local_now(), self.args.target.as_ref());
        let elections = watched.iter_mut().flat_map(|cluster| cluster.elections(at, target)).collect();
        let now = now(watched, at);
        let condition = self.args.condition.as_ref().map_or_else(String::new, ToString::to_string);
        match selected(elections, self.args.target.as_ref()) {
            Ok(chosen) => {
                self.shown.once(chosen, now)?;
                self.terminal.say(format_args!("error: {condition} did not come to hold within {waited}"));
            }
            Err(why) => {
                let why = unselected(why, self.args, self.global);
                self.terminal.say(format_args!("error: {condition} did not come to hold within {waited}: {why}"));
            }
        }
        Ok(Exit::No)
    }
}

/// An instant of the local clock by the clock of the first cluster.
fn now(watched: &[Watched<'_>], at: Timestamp) -> Now {
    watched.first().map_or(Now { at, error: SignedDuration::ZERO }, |cluster| cluster.reader.now_at(at))
}

fn item_of(election: &Election, watched: &[Watched<'_>], at: Timestamp) -> Item {
    let own = watched.iter().find(|cluster| cluster.reader.context == election.context).or_else(|| watched.first());
    own.map_or_else(
        || Item::new(election, Now { at, error: SignedDuration::ZERO }),
        |cluster| cluster.item(election, at),
    )
}

/// Whether the condition holds for every Election, and there is one.
fn holds(condition: &Condition, elections: &[Election]) -> bool {
    let led = |election: &Election| {
        matches!(election.health, Health::Healthy | Health::AtRisk | Health::Draining)
            && election.holder.identity.is_some()
    };
    let one = |election: &Election| match condition {
        Condition::Leader => led(election),
        Condition::Healthy => election.health == Health::Healthy,
        Condition::Holder(name) => {
            let holder = &election.holder;
            led(election) && (holder.pod.as_ref() == Some(name) || holder.identity.as_ref() == Some(name))
        }
    };
    !elections.is_empty() && elections.iter().all(one)
}

/// What makes a line worth telling: all but what changes with every renewal, and with every second.
fn essence(item: &Item) -> String {
    let candidates: Vec<_> = item.candidates.iter().map(|c| (&c.pod, c.ready, c.terminating, &c.node)).collect();
    // Ages stand in the reasons: a second more is nothing new, nor is a minute instead of sixty seconds.
    let age = |word: &&str| word.trim_start_matches('(').starts_with(|c: char| c.is_ascii_digit());
    let reasons: Vec<_> = item.reasons.iter().flat_map(|reason| reason.split(' ')).filter(|word| !age(word)).collect();
    format!(
        "{} {:?} {:?} {:?} {candidates:?} {reasons:?}",
        item.health.as_str(),
        item.holder,
        item.transitions,
        item.elector.name,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::tests::{HELD, at, election_after, web, world};

    /// An Election whose Pod has led until two seconds ago, so many seconds later.
    fn led(seconds_later: i64) -> Election {
        let pods = [web("aaaaa", "n1", true, ""), web("bbbbb", "n2", true, "")];
        election_after(&world(HELD, &[&pods[0], &pods[1]]), seconds_later)
    }

    #[test]
    fn who_no_longer_renews_does_not_hold() {
        let holder = Condition::Holder("web-7d4b9-aaaaa".to_owned());
        for condition in [&holder, &Condition::Leader, &Condition::Healthy] {
            assert!(holds(condition, &[led(0)]), "{condition}");
            assert!(!holds(condition, &[led(60)]), "{condition}: {:?}", led(60).reasons);
            assert!(!holds(condition, &[led(0), led(60)]), "{condition}, of one of two");
            assert!(!holds(condition, &[]), "{condition}, of none");
        }
        assert!(!holds(&Condition::Holder("web-7d4b9-bbbbb".to_owned()), &[led(0)]));
    }

    #[test]
    fn what_only_grows_older_is_not_told_again() {
        let item = |seconds: i64| {
            let now = Now { at: at(-seconds).parse().expect("a time"), error: SignedDuration::ZERO };
            Item::new(&led(seconds), now)
        };
        let (fresh, expired) = (essence(&item(0)), essence(&item(60)));
        assert_eq!(fresh, essence(&item(5)));
        assert_eq!(expired, essence(&item(61)));
        for (seconds, unit) in [(32, "20s"), (132, "2m 0s"), (3612, "1h 0m"), (172_812, "2d 0h")] {
            assert_eq!(expired, essence(&item(seconds)), "before {unit}");
            assert_eq!(expired, essence(&item(seconds + 1)), "{unit}");
        }
        assert_ne!(fresh, expired);
    }
}
