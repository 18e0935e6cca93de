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
        // Each Election goes as its item comes: of ten thousand, not both are held.
        let items = elections.into_iter().map(|election| Item::new(&election, now)).collect();
        let list = self.list(items, now);
        if list.items.is_empty() && matches!(self.args.output, Output::Table | Output::Wide) {
            self.terminal.say(self.nothing());
            return Ok(());
        }
        self.terminal.result(&self.text(&list))
    }

    /// The report of some items.
    pub(super) fn list(&self, mut items: Vec<Item>, now: Now) -> ElectionList {
        if matches!(self.args.output, Output::Table | Output::Wide) {
            items.iter_mut().for_each(Item::make_printable);
        }
        ElectionList::new(self.context.clone(), now, items)
    }

    /// The report in the format that was asked for.
    pub(super) fn text(&self, list: &ElectionList) -> String {
        match self.args.output {
            Output::Json => machine::json(list),
            Output::Yaml => machine::yaml(list),
            Output::Name => machine::names(list),
            Output::Table | Output::Wide => self.picture(list),
        }
    }

    /// For people: one named Election in full, several as a table.
    pub(super) fn picture(&self, list: &ElectionList) -> String {
        if let ([item], Some(_)) = (list.items.as_slice(), &self.args.target) {
            return detail::detail(item, self.terminal.style);
        }
        let columns = Columns {
            context: self.several_contexts,
            namespace: self.args.all_namespaces || self.several_contexts,
            wide: self.args.output == Output::Wide,
            no_headers: self.args.no_headers,
        };
        table::table(list, columns, self.terminal.style)
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
