//! What a transfer will cost: the same protocol, played against the same electors.

use super::pod::UNDER_THE_FENCE;
use crate::model::{Micros, Pod};
use crate::report::transfer::{Most, Predicted, Spread};
use crate::sim::prediction::{Prediction, Transfer};
use crate::sim::{Restart, Span};
use crate::transfer::Method;
use crate::transfer::plan::Plan;

/// How often it is played: a moment's work, and enough to see what comes once in a thousand. Without optimisation it is
/// some thirty moments' work.
const TRIALS: u32 = if cfg!(debug_assertions) { 2_000 } else { 10_000 };

/// How often it is played once more on the quickest of clusters: only for the least that it can cost.
const QUICK_TRIALS: u32 = TRIALS / 10;

/// From the end of a process until the API server knows of it: the kubelet looks every second, or is told
/// (`k8s.io/kubernetes/pkg/kubelet/pleg`).
const REPORTED: Span = Span { low: Micros::ZERO, high: Micros::from_millis(1_500) };

/// From an eviction until the ReplicaSet's next Pod is on a node, and from there until its elector runs: for a workload
/// whose image is there already.
const REPLACED: Span = Span { low: Micros::from_millis(200), high: Micros::from_secs(5) };
const START_UP: Span = Span { low: Micros::from_millis(100), high: Micros::from_secs(3) };

/// The kubelet's first pause before it restarts a container: none to speak of.
const RESTARTED: Micros = Micros::SECOND;

/// Plays it.
pub(super) async fn foresee(plan: &Plan) -> Predicted {
    let transfer = transfer(plan);
    // It takes the processor, and not the time of whatever else waits.
    let played = tokio::task::spawn_blocking(move || (transfer.predict(), quickest(transfer).predict())).await;
    let Ok((prediction, quick)) = played else { return Predicted::default() };
    let least = [&prediction, &quick].into_iter().filter_map(|played| played.leaderless).map(|spread| spread.min).min();
    let mut predicted = told(plan, &prediction);
    predicted.leaderless_seconds.min = least.map(Into::into);
    predicted
}

/// The same where nothing takes any time but what the electors wait for: what is reckoned with is the slowest that is
/// assumed, and a sum of many such times is never as short as on a cluster that answers at once.
fn quickest(transfer: Transfer) -> Transfer {
    let at_once = |span: Span| Span { low: Micros::ZERO, ..span };
    let none = Span { low: Micros::ZERO, high: Micros::ZERO };
    Transfer {
        latency: none,
        reported: none,
        restart: transfer.restart.map(|restart| Restart { after: Micros::ZERO, ..restart }),
        start_up: at_once(transfer.start_up),
        replaced: transfer.replaced.map(at_once),
        trials: QUICK_TRIALS,
        ..transfer
    }
}

fn transfer(plan: &Plan) -> Transfer {
    Transfer {
        setup: plan.setup,
        way: plan.way,
        named: plan.named,
        freeing: plan.freeing,
        // Whom a controller names is foreseen by its rule, and the others then have no part in it.
        standbys: if plan.method() == Method::Prefer { 1 } else { plan.standbys },
        latency: Span { low: Micros::ZERO, high: plan.assumed.request / 2 },
        restart: Some(Restart { after: RESTARTED, same_identity: !plan.renamed() }),
        start_up: START_UP,
        drain: None,
        reported: REPORTED,
        exit_counts: exit_counts(plan),
        replaced: (plan.method() == Method::Evict).then_some(REPLACED),
        returns: plan.returns,
        haunted: plan.haunted,
        skew: Micros::ZERO,
        timeout: plan.timeout,
        gone_after: None,
        trials: TRIALS,
        seed: 1,
    }
}

/// The end of the one process of the leader's Pod can be seen. Where it has company, that goes on.
fn exit_counts(plan: &Plan) -> Option<Micros> {
    let alone = |pod: &Pod| pod.containers.len() == 1 && !pod.init_running;
    plan.from.pod.as_deref().is_some_and(alone).then(|| UNDER_THE_FENCE.into())
}

fn told(plan: &Plan, prediction: &Prediction) -> Predicted {
    let spread = prediction.leaderless.map_or_else(Spread::default, |spread| Spread {
        min: Some(spread.min.into()),
        p50: Some(spread.p50.into()),
        max: Some(spread.max.into()),
    });
    #[expect(clippy::cast_precision_loss, reason = "a share of some thousands, to be shown")]
    let share = |hits: u64| hits as f64 / prediction.trials.max(1) as f64;
    Predicted {
        leaderless_seconds: spread,
        overlap_seconds: Most { max: prediction.overlap.map(|spread| spread.max.into()) },
        target_leads: plan.named.then(|| share(prediction.target_leads)),
        same_pod_leads: Some(share(prediction.same_pod_leads)),
        assumptions: Vec::new(),
    }
}
