//! `hactl explain`: what a check is about.

use super::checked::unknown;
use super::{End, ended};
use crate::check::{catalogue, selection};
use crate::cli::explain::{Explain, Output};
use crate::clock::generated_at;
use crate::error::{Exit, Result};
use crate::report::check_report::{CheckExplanation, CheckExplanationList};
use crate::terminal::Terminal;
use crate::view::{check as view, machine};

/// Runs `hactl explain`.
///
/// # Errors
///
/// Where no check answers to the name.
pub fn run(args: &Explain, terminal: &Terminal) -> Result<Exit> {
    let checks = match &args.id {
        Some(id) => selection::named(id).map_err(unknown)?,
        None => catalogue::all().collect(),
    };
    let named = args.id.as_deref().unwrap_or_default().trim();
    let text = match checks.as_slice() {
        // A family is a list, however many it has.
        [check] if check.id.eq_ignore_ascii_case(named) => {
            let explanation = CheckExplanation::new(generated_at(), check);
            match args.output {
                Output::Table => view::explanation(&explanation.item, terminal.style),
                Output::Markdown => view::page(&explanation.item),
                Output::Json => machine::json(&explanation),
                Output::Yaml => machine::yaml(&explanation),
            }
        }
        checks => {
            let list = CheckExplanationList::new(generated_at(), checks.iter().copied());
            match args.output {
                Output::Table => view::catalogue(&list.items, terminal.style),
                Output::Markdown => list.items.iter().map(view::page).collect::<Vec<_>>().join("\n"),
                Output::Json => machine::json(&list),
                Output::Yaml => machine::yaml(&list),
            }
        }
    };
    ended(terminal.result(&text).map(|()| Exit::Success).map_err(End::from))
}
