//! Everything before the first write: who leads, who is to, what may be done, what it will cost.

use jiff::Timestamp;

use super::conduct::ask;
use super::foresee::foresee;
use super::measure::{measure, round_trip};
use crate::cli::transfer::Transfer as Args;
use crate::clock::local_now;
use crate::cluster::{Reader, budgets, lease_candidates, missing};
use crate::elector::catalogue::TimedBy;
use crate::error::{Error, Result};
use crate::model::lease_candidate::LeaseCandidate;
use crate::model::{Election, Micros, Right, Role};
use crate::report::transfer::{Outcome, Transfer};
use crate::terminal::Progress;
use crate::transfer::plan::{Asked, Decision, Measured, Plan, Wish, decide};
use crate::transfer::target::Wanted;
use crate::transfer::{Method, rights};

/// What is ready to be done.
pub(super) struct Ready {
    /// When it was planned, by the local clock.
    pub(super) at: Timestamp,
    pub(super) reader: Reader,
    pub(super) election: Election,
    pub(super) wish: Wish,
    pub(super) plan: Plan,
    /// The plan as it is told.
    pub(super) item: Transfer,
}

/// What came of it.
pub(super) enum Prepared {
    /// It is so already.
    Already(Option<String>, Box<Transfer>),
    Ready(Box<Ready>),
}

/// Why nothing was begun, and as much as is known by then.
pub(super) struct Refusal {
    pub(super) context: Option<String>,
    pub(super) item: Box<Transfer>,
    pub(super) error: Error,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let item = Transfer::nothing(Outcome::Refused, Some(error.message.clone()));
        Self { context: None, item: Box::new(item), error }
    }
}

impl Refusal {
    fn of(error: Error, election: &Election) -> Self {
        let item = Transfer::of(election, Outcome::Refused, Some(error.message.clone()));
        Self { context: election.context.clone(), item: Box::new(item), error }
    }
}

/// Asks, measures and decides.
pub(super) async fn prepare(args: &Args, reader: Reader, election: Election) -> Result<Prepared, Refusal> {
    let wish = wish(args);
    match plan(&reader, &election, &wish, args.require_audit).await {
        Ok((Decision::Already(from), _)) => {
            let mut item = Transfer::of(&election, Outcome::Already, None);
            item.leader = Some((&from).into());
            Ok(Prepared::Already(election.context.clone(), Box::new(item)))
        }
        Ok((Decision::Move(plan), rights)) => {
            let playing = foresee(&plan);
            let predicted = Progress::during("playing it through".to_owned(), playing).await;
            let item = Transfer::planned(&election, &plan, &rights, predicted);
            Ok(Prepared::Ready(Box::new(Ready { at: local_now(), reader, election, wish, plan: *plan, item })))
        }
        Err(error) => Err(Refusal::of(error, &election)),
    }
}

pub(super) fn wish(args: &Args) -> Wish {
    Wish {
        wanted: Wanted {
            to: args.to.clone(),
            not_pods: args.not.clone(),
            not_nodes: args.not_node.iter().chain(&args.off_node).cloned().collect(),
            not_zones: args.not_zone.clone(),
            best_effort: args.best_effort,
        },
        from: args.from.clone(),
        method: args.method,
        elector: args.elector.map(|elector| (elector.name, elector.times)),
        disrupt: args.disrupt,
        timeout: args.timeout,
    }
}

/// Decides twice: what can be refused at once is not measured first.
async fn plan(reader: &Reader, election: &Election, wish: &Wish, audit: bool) -> Result<(Decision, Vec<Right>)> {
    let leader = election.candidates.iter().find(|one| one.role == Role::Leader).map(|one| &one.pod.key);
    let budgets = match leader {
        Some(pod) => budgets(reader, pod).await.ok(),
        None => Some(Vec::new()),
    };
    let now = reader.now().at;
    // Whatever is measured, it cannot be better than that.
    let best = Measured { skew: Some(Micros::ZERO), ..Measured::default() };
    // Where budgets could not be read because that is not allowed, the right is what is missing.
    let counted = budgets.as_deref().or(Some(&[]));
    let stand = stand(reader, election, wish).await?;
    let first = decide(election, wish, &best, counted, stand.as_deref(), now)?;
    let Decision::Move(first) = first else { return Ok((first, Vec::new())) };
    let mut rights = rights::to_look(&election.namespace);
    if let Some(pod) = leader.filter(|pod| pod.namespace != election.namespace) {
        rights.extend(rights::to_look(&pod.namespace).into_iter().filter(|right| right.resource == "pods"));
    }
    let next = first.to.as_ref().and_then(|to| to.pod.as_deref()).map(|pod| &pod.key);
    rights.extend(rights::to_move(&first.lease.key, leader, next, first.method(), first.forced));
    rights.extend(audit.then(|| rights::to_record(&first.lease.key)));
    allowed(reader, &rights).await?;
    // An eviction waits for nothing that a clock could tell, and neither does who is asked to yield.
    let unknown = election.elector.timing.retry_period.value.is_none() && wish.elector.is_none();
    let by_date = first.name.timed_by() == TimedBy::Grace;
    let measured = match first.method() {
        Method::HandOver => {
            let asked = asked(reader, &first).await;
            Measured { asked, ..measure(reader, &first.lease, by_date).await? }
        }
        Method::Evict | Method::Prefer if unknown => measure(reader, &first.lease, false).await?,
        Method::Evict | Method::Prefer => {
            Measured { round_trip: round_trip(reader, &first.lease).await?, ..Measured::default() }
        }
    };
    // By the time of what was read: that the leader goes on was just watched, or is looked at before the first write.
    let decision = decide(election, wish, &measured, budgets.as_deref(), stand.as_deref(), now)?;
    Ok((decision, rights))
}

/// Who stands, where a controller chooses among them.
async fn stand(reader: &Reader, election: &Election, wish: &Wish) -> Result<Option<Vec<LeaseCandidate>>> {
    let coordinated = election.lease.as_ref().filter(|lease| lease.strategy.is_some());
    let Some(lease) = coordinated.filter(|_| wish.method.is_none_or(|method| method == Method::Prefer)) else {
        return Ok(None);
    };
    allowed(reader, &[rights::to_foresee(&lease.key.namespace)]).await?;
    let stand = lease_candidates(reader, &lease.key).await?;
    stand.map(Some).ok_or_else(|| {
        Error::refused("the API server knows no LeaseCandidates: no controller of its own chooses who leads next")
            .hint("end the leader's Pod instead: --method evict")
    })
}

/// Asks the leader whether it leads, where its system says so, and hactl may ask.
async fn asked(reader: &Reader, plan: &Plan) -> Asked {
    let Some((pod, _)) = plan.endpoint() else { return Asked::Nowhere };
    match missing(reader, &[rights::to_ask(pod)]).await {
        Ok(missing) if missing.is_empty() => {}
        _ => return Asked::Forbidden,
    }
    match ask(reader, plan).await {
        Some(true) => Asked::Leads,
        Some(false) | None => Asked::Unclear,
    }
}

/// Every right that is needed, before anything is written.
pub(super) async fn allowed(reader: &Reader, rights: &[Right]) -> Result<()> {
    let missing = missing(reader, rights).await?;
    let Some(first) = missing.first() else { return Ok(()) };
    let all: Vec<_> = missing.iter().map(|right| format!("missing: {right}")).collect();
    Err(Error::refused(format!("not allowed to {first}")).hint(format!(
        "{}\na Role with all of them: hactl transfer … --dry-run=client -o yaml, by someone who may",
        all.join("\n")
    )))
}
