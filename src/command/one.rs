//! The one Election of one cluster that a command is pointed at.

use super::connect;
use super::look::{Found, look_at, selected, unselected};
use crate::cli::Global;
use crate::cluster::{Reader, Scope};
use crate::error::{Error, Exit, Result};
use crate::model::Election;
use crate::model::selection::Target;
use crate::terminal::{Progress, Terminal};

/// Connects to the one context that was named, or to the current one; `why` says why it has to be one.
pub(super) async fn connect_one(global: &Global, why: &str) -> Result<Reader> {
    if global.context.len() > 1 {
        return Err(Error::usage(format!("{why}: name one --context")));
    }
    // There is one answer for each context, and there is always one context.
    connect(global).await.pop().unwrap_or_else(|| Err(Error::unknown("no cluster could be read")))
}

/// The namespace that is meant.
pub(super) fn namespace(reader: &Reader, global: &Global) -> String {
    global.namespace.clone().unwrap_or_else(|| reader.namespace.clone())
}

/// Finds it. What could not be read on the way is said.
pub(super) async fn find(reader: &Reader, target: &Target, global: &Global, terminal: &Terminal) -> Result<Election> {
    find_whole(reader, target, global, terminal).await.map(|(election, _)| election)
}

/// Finds it, and tells whether everything could be read on the way.
pub(super) async fn find_whole(
    reader: &Reader,
    target: &Target,
    global: &Global,
    terminal: &Terminal,
) -> Result<(Election, bool)> {
    let scope = Scope {
        namespace: Some(namespace(reader, global)),
        selector: None,
        all_kinds: false,
        lease: match target {
            Target::Lease(name) | Target::Name(name) => Some(name.clone()),
            Target::Workload(_) => None,
        },
        exact: matches!(target, Target::Lease(_)),
    };
    let looking = look_at(reader, &scope, Some(target));
    let Found { elections, unread, .. } = Progress::during(format!("reading {}", reader.server), looking).await?;
    unread.iter().for_each(|part| terminal.say(format_args!("warning: {part}")));
    let mut found = selected(elections, Some(target)).map_err(|why| {
        let error = unselected(why, Some(target), global.namespace.as_deref(), false);
        // What was looked for may be in the part that could not be read.
        if unread.is_empty() { error } else { Error { exit: Exit::Unknown, ..error } }
    })?;
    match found.len() {
        1 => Ok((found.remove(0), unread.is_empty())),
        count => {
            let names: Vec<_> = found.iter().filter_map(|election| election.lease_name()).collect();
            Err(Error::usage(format!("{target} contends in {count} Elections"))
                .hint(format!("name one of them: lease/{}", names.join(", lease/"))))
        }
    }
}
