//! `hactl failover`: what a failover costs, by simulation.

mod options;
mod play;
mod several;
mod tune;

use serde::Serialize;

use super::one::{connect_one, find};
use super::{End, ended};
use crate::cli::Global;
use crate::cli::failover::{Failover, Output};
use crate::clock::generated_at;
use crate::error::{Exit, Result};
use crate::model::Election;
use crate::report::failover::{FailoverSimulation, Simulation};
use crate::sim::plan::Plan;
use crate::terminal::{Progress, Terminal};
use crate::view::failover::Shown;
use crate::view::{Style, machine};

/// Runs `hactl failover`.
///
/// # Errors
///
/// Where the flags make no sense together, or the Election could not be read.
pub async fn run(args: &Failover, global: &Global, terminal: Terminal) -> Result<Exit> {
    let election = match &args.target {
        Some(target) => {
            let reader = connect_one(global, "a simulation takes its values from one Election").await?;
            Some(find(&reader, target, global, &terminal).await?)
        }
        None => None,
    };
    let (text, exit) = simulate(args, election.as_ref(), &terminal).await?;
    ended(terminal.result(&text).map(|()| exit).map_err(End::from))
}

/// What is asked, as text, and whether the answer is no.
async fn simulate(args: &Failover, election: Option<&Election>, terminal: &Terminal) -> Result<(String, Exit)> {
    let plan = options::plan(args, election)?;
    let (threads, style) = (threads(args), terminal.style);
    if let Some(target) = args.rto {
        let plan = Plan { trials: args.trials.unwrap_or(tune::TRIALS), ..plan };
        let report = tune::tune(args, target, election, &plan, threads).await?;
        // Whether anything meets the target is a question with an answer.
        let exit = if report.front.is_empty() { Exit::No } else { Exit::Success };
        return Ok((written(args.output, &report, style), exit));
    }
    if !args.compare.is_empty() {
        let report = several::compare(args, election, &plan, threads).await?;
        return Ok((written(args.output, &report, style), Exit::Success));
    }
    if let Some(sweep) = &args.sweep {
        let report = several::sweep(sweep, args, election, &plan, threads).await?;
        return Ok((written(args.output, &report, style), Exit::Success));
    }
    let played = Progress::during("simulating".to_owned(), play::play(&plan, threads)).await;
    let item = Simulation::new(&plan, election, &played);
    let report = FailoverSimulation::new(generated_at(), several::context(election), item);
    Ok((written(args.output, &report, style), Exit::Success))
}

/// A report in the format that is wanted.
fn written(output: Output, report: &(impl Serialize + Shown), style: Style) -> String {
    match output {
        Output::Table => report.text(style),
        Output::Json => machine::json(report),
        Output::Yaml => machine::yaml(report),
        Output::Svg => report.svg(),
        Output::Html => report.html(),
    }
}

/// How many threads play.
fn threads(args: &Failover) -> u32 {
    let cores = || std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    args.threads.map_or_else(cores, u32::from)
}
