//! `hactl history`: how an Election got here.

mod follow;

use jiff::Timestamp;

use super::one::{connect_one, find, namespace};
use super::{End, ended};
use crate::cli::Global;
use crate::cli::history::{History as Args, Output};
use crate::cluster::{Reader, events};
use crate::error::{Error, Exit, Result};
use crate::model::event::record::EventRecord;
use crate::model::history::History;
use crate::model::selection::Target;
use crate::model::{Election, Key, LeaseRecord};
use crate::report::history::{Item, TransferHistory};
use crate::terminal::Terminal;
use crate::view::{history, machine};

/// What is said where nothing is known.
const NOTHING: &str = "nothing is recorded: no transfer by hactl, no Event, and nobody has taken it yet";

/// Runs `hactl history`.
///
/// # Errors
///
/// Where nothing answers to the name, or the Lease could not be read.
pub async fn run(args: &Args, global: &Global, terminal: Terminal) -> Result<Exit> {
    let reader = connect_one(global, "a history is of one Election").await?;
    let found = match find(&reader, &args.target, global, &terminal).await {
        Ok(Election { lease: Some(lease), .. }) => Ok(lease),
        Ok(election) => {
            let why = format!("{} has no Lease: there is nothing that tells its past", args.target);
            Err(Error::usage(why).hint(election.reasons.join("\n")))
        }
        Err(error) => Err(error),
    };
    let (key, lease) = match (found, &args.target) {
        (Ok(lease), _) => (lease.key.clone(), Some(lease)),
        // A Lease that was deleted has left its Events.
        (Err(error), Target::Lease(name) | Target::Name(name)) if error.exit == Exit::Usage => {
            let key = Key::new(namespace(&reader, global), name);
            if events(&reader, &key).await.map_or(true, |events| events.is_empty()) {
                return Err(error);
            }
            terminal.say(format_args!("warning: there is no Lease {key} any more: these are its Events"));
            (key, None)
        }
        (Err(error), _) => return Err(error),
    };
    if args.watch {
        return ended(follow::run(args, &terminal, &reader, &key).await);
    }
    let told = events(&reader, &key).await;
    let told = told.unwrap_or_else(|why| {
        terminal.say(format_args!("warning: events could not be read: {why}"));
        Vec::new()
    });
    ended(once(args, &terminal, &reader, &key, lease.as_deref(), &told))
}

/// Shows what is known now.
fn once(
    args: &Args,
    terminal: &Terminal,
    reader: &Reader,
    key: &Key,
    lease: Option<&LeaseRecord>,
    events: &[EventRecord],
) -> std::result::Result<Exit, End> {
    let now = reader.now();
    let mut known = History::of(lease, events, None, now.at);
    if let Some(begin) = begin(args, now.at) {
        known.since(begin);
    }
    let History { items, unreadable } = known;
    let report = TransferHistory::of(reader.context.clone(), key, now, items, unreadable);
    terminal.result(&match args.output {
        Output::Json => machine::json(&report),
        Output::Yaml => machine::yaml(&report),
        Output::Table => history::table(&printable(&report.items), !args.no_headers, terminal.style),
    })?;
    if report.items.is_empty() {
        let since = args.since.map(|_| "nothing is recorded since then: leave --since out to see what was before");
        terminal.say(since.unwrap_or(NOTHING));
    }
    unread(unreadable, terminal);
    Ok(Exit::Success)
}

/// The instant from which on things are wanted.
fn begin(args: &Args, now: Timestamp) -> Option<Timestamp> {
    args.since.map(|since| now.checked_sub(since).unwrap_or(Timestamp::MIN))
}

/// Items as they may be shown on a terminal.
fn printable(items: &[Item]) -> Vec<Item> {
    let printable = |item: &Item| {
        let mut item = item.clone();
        item.make_printable();
        item
    };
    items.iter().map(printable).collect()
}

/// Says how many entries of the ring could not be read.
fn unread(count: usize, terminal: &Terminal) {
    if count > 0 {
        let entries = if count == 1 { "entry" } else { "entries" };
        let annotation = crate::model::audit::HISTORY_ANNOTATION;
        terminal.say(format_args!("warning: {count} {entries} of the annotation {annotation} cannot be read"));
    }
}
