//! `hactl explain`: what a check is about.

use super::checked::unknown;
use super::{End, ended};
use crate::check::{Check, catalogue, selection};
use crate::cli::explain::{Explain, Output};
use crate::clock::generated_at;
use crate::error::{Exit, Result};
use crate::report::check_report::{CheckExplanation, CheckExplanationList, Explanation};
use crate::terminal::Terminal;
use crate::view::{check as view, machine};

/// Runs `hactl explain`.
///
/// # Errors
///
/// Where no check answers to the name.
pub fn run(args: &Explain, terminal: &Terminal) -> Result<Exit> {
    let mut checks: Vec<&Check> = match args.ids.is_empty() {
        true => catalogue::all().collect(),
        false => {
            let named: Result<Vec<_>> = args.ids.iter().map(|id| selection::named(id).map_err(unknown)).collect();
            named?.concat()
        }
    };
    checks.sort_by_key(|check| check.id);
    checks.dedup_by_key(|check| check.id);
    // A family is a list, however many it has.
    let is_id = |word: &String| checks.iter().any(|check| check.id.eq_ignore_ascii_case(word.trim()));
    let pages = !args.ids.is_empty() && args.ids.iter().all(is_id);
    let text = match checks.as_slice() {
        [check] if pages && args.ids.len() == 1 => {
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
            let several =
                |page: &dyn Fn(&Explanation) -> String| list.items.iter().map(page).collect::<Vec<_>>().join("\n");
            match args.output {
                Output::Table if pages => several(&|check| view::explanation(check, terminal.style)),
                Output::Table => view::catalogue(&list.items, terminal.style),
                Output::Markdown => several(&view::page),
                Output::Json => machine::json(&list),
                Output::Yaml => machine::yaml(&list),
            }
        }
    };
    ended(terminal.result(&text).map(|()| Exit::Success).map_err(End::from))
}
