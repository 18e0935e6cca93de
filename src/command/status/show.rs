//! From Elections to the format that was asked for.

use crate::cli::Global;
use crate::cli::status::{Output, Status};
use crate::cluster::Reader;
use crate::model::Election;
use crate::model::health::Now;
use crate::report::election_list::{ElectionList, Item};
use crate::terminal::{Stop, Terminal};
use crate::view::table::Columns;
use crate::view::{detail, machine, table};

/// How results are shown.
pub(super) struct Shown<'a> {
    args: &'a Status,
    terminal: &'a Terminal,
    /// The one context that was asked.
    context: Option<String>,
    several_contexts: bool,
}

impl<'a> Shown<'a> {
    pub(super) fn new(args: &'a Status, global: &'a Global, terminal: &'a Terminal, readers: &[Reader]) -> Self {
        let several_contexts = global.context.len() > 1;
        let context = readers.first().and_then(|reader| reader.context.clone()).filter(|_| !several_contexts);
        Self { args, terminal, context, several_contexts }
    }

    /// Writes the Elections once, whole.
    pub(super) fn once(&self, elections: Vec<Election>, now: Now) -> Result<(), Stop> {
        let alone = elections.len() == 1 && self.args.target.is_some();
        let items = elections.into_iter().map(|election| {
            let item = Item::new(&election, now);
            if alone { item.with_moves(&election, now) } else { item }
        });
        if items.len() == 0 && self.for_people() {
            self.terminal.say(self.nothing());
            return Ok(());
        }
        self.terminal.result(&match self.args.output {
            Output::Json => machine::json(&self.list(items.collect(), now)),
            Output::Yaml => machine::yaml(&self.list(items.collect(), now)),
            Output::Name => machine::names(&self.list(items.collect(), now)),
            Output::Table | Output::Wide => self.picture(items),
        })
    }

    /// The report of some items.
    pub(super) fn list(&self, items: Vec<Item>, now: Now) -> ElectionList {
        ElectionList::new(self.context.clone(), now, items)
    }

    /// For people: one named Election in full, several as a table.
    pub(super) fn picture(&self, items: impl ExactSizeIterator<Item = Item>) -> String {
        let one = items.len() == 1 && self.args.target.is_some();
        let mut items = items.map(|mut item| {
            item.make_printable();
            item
        });
        if one && let Some(item) = items.next() {
            return detail::detail(&item, self.terminal.style);
        }
        let columns = Columns {
            context: self.several_contexts,
            namespace: self.args.all_namespaces || self.several_contexts,
            wide: self.args.output == Output::Wide,
            no_headers: self.args.no_headers,
        };
        table::table(items, columns, self.terminal.style)
    }

    /// Whether the format is for people.
    fn for_people(&self) -> bool {
        matches!(self.args.output, Output::Table | Output::Wide)
    }

    /// What is said where there is nothing to show.
    pub(super) fn nothing(&self) -> &'static str {
        match (self.args.all_namespaces, self.args.selector.is_some()) {
            (_, true) => "no Election's Lease matches the selector",
            (true, false) => "no Elections in this cluster",
            (false, false) => "no Elections in this namespace: look everywhere with -A",
        }
    }
}
