//! A transfer in words: the plan before, and what came of it after.

use jiff::SignedDuration;

use super::Style;
use crate::model::Role;
use crate::model::health::words;
use crate::report::election_list::CandidateItem;
use crate::report::transfer::{CLEARING, Measured, Outcome, PartyItem, Predicted, Transfer};
use crate::report::{Seconds, make_printable};

/// Where a field's value begins.
const INDENT: usize = 10;

/// The plan, field by field.
#[must_use]
pub fn plan(transfer: &Transfer, context: Option<&str>, style: Style) -> String {
    let mut text = String::new();
    for (label, values) in fields(transfer, context) {
        let mut label = label;
        for value in values {
            let value = style.wrap(&value, INDENT);
            text.push_str(&format!("{label:<INDENT$}{}", value.trim_start()));
            label = "";
        }
    }
    printable(text)
}

/// Names out of a cluster may hold what a terminal obeys.
fn printable(text: String) -> String {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.iter_mut().for_each(make_printable);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn fields(transfer: &Transfer, context: Option<&str>) -> Vec<(&'static str, Vec<String>)> {
    let context = context.map_or_else(String::new, |context| format!(" in context {context}"));
    let one = |text: String| vec![text];
    let mut fields = vec![
        ("LEASE", one(format!("{}{context}", place(transfer)))),
        ("FROM", one(located(&transfer.from))),
        ("TO", one(next(transfer))),
    ];
    fields.push(("STANDBYS", standbys(transfer)));
    let reason = transfer.method_reason.as_deref().unwrap_or_default();
    fields.push(("HOW", one(format!("{}: {reason}", transfer.method.unwrap_or("-")))));
    fields.extend(transfer.predicted.as_ref().map(|predicted| ("COST", cost(predicted))));
    fields.push(("BUDGET", transfer.budget.iter().cloned().collect()));
    if let (Some(longest), Some(timeout)) = (transfer.longest_seconds, transfer.timeout_seconds) {
        fields.push(("TAKES", one(format!("at most {}; given up after {}", time(longest), time(timeout)))));
    }
    fields.extend(transfer.predicted.as_ref().map(|predicted| ("ASSUMES", predicted.assumptions.clone())));
    fields.push(("NOTE", transfer.risks.clone()));
    fields.push(("UNDO", transfer.undo.iter().cloned().collect()));
    fields.retain(|(_, values)| !values.is_empty());
    fields
}

/// `namespace/lease`.
#[must_use]
pub fn place(transfer: &Transfer) -> String {
    let namespace = transfer.namespace.as_deref().unwrap_or("-");
    format!("{namespace}/{}", transfer.lease.as_deref().unwrap_or("-"))
}

fn located(party: &PartyItem) -> String {
    let node = party.node.as_ref().map_or_else(String::new, |node| format!(" on {node}"));
    format!("{}{node}", party.name())
}

fn next(transfer: &Transfer) -> String {
    match (&transfer.to, &transfer.to_reason) {
        (Some(to), Some(why)) => format!("{}: {why}", located(to)),
        (Some(to), None) => located(to),
        (None, why) => {
            format!("whoever is first: {}", why.as_deref().unwrap_or("no standby's identity can be known"))
        }
    }
}

/// Who stands by, as it is before; of many only the first.
fn standbys(transfer: &Transfer) -> Vec<String> {
    const SHOWN: usize = 8;
    let all: Vec<_> = transfer.candidates.iter().filter(|one| one.role == Role::Standby).collect();
    let told = |one: &&CandidateItem| {
        let node = one.node.as_ref().map_or_else(String::new, |node| format!(" on {node}"));
        let zone = one.zone.as_ref().map_or_else(String::new, |zone| format!(" ({zone})"));
        let state = match (one.terminating, one.ready) {
            (true, _) => ", Terminating",
            (false, true) => ", Ready",
            (false, false) => ", not Ready",
        };
        format!("{}{node}{zone}{state}", one.pod)
    };
    let mut lines: Vec<_> = all.iter().take(SHOWN).map(told).collect();
    if all.len() > SHOWN {
        lines.push(format!("and {} more", all.len() - SHOWN));
    }
    lines
}

fn cost(predicted: &Predicted) -> Vec<String> {
    let spread = predicted.leaderless_seconds;
    let (Some(min), Some(p50), Some(max)) = (spread.min, spread.p50, spread.max) else {
        return vec!["it could not be played through: this elector's behaviour is not known well enough".to_owned()];
    };
    let overlap = match predicted.overlap_seconds.max {
        None => "whether two lead is not known".to_owned(),
        Some(Seconds(SignedDuration::ZERO)) => "two never lead".to_owned(),
        Some(Seconds(overlap)) => format!("two lead for up to {}", words(overlap)),
    };
    let mut told = vec![format!(
        "nobody leads for {} to {}, half of the time for less than {}; {overlap}",
        words(min.0),
        words(max.0),
        words(p50.0)
    )];
    if let Some(share) = predicted.target_leads.filter(|share| *share < 0.9995) {
        told.push(format!("the wanted one leads next in {:.0} % of the elections that were played", share * 100.0));
    }
    if let Some(share) = predicted.same_pod_leads.filter(|share| *share >= 0.0005) {
        told.push(format!("the same Pod leads again in {:.0} % of them", share * 100.0));
    }
    told
}

/// What came of it, in one sentence or two.
#[must_use]
pub fn result(transfer: &Transfer, style: Style) -> String {
    let to = transfer.leader.as_ref().or(transfer.to.as_ref()).map_or("nobody", PartyItem::name);
    let from = transfer.from.name();
    let place = place(transfer);
    let reason = transfer.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let sentence = match transfer.outcome {
        Outcome::Planned => format!("Nothing was changed: this is the plan for {place}"),
        Outcome::Done if transfer.method == Some(CLEARING) => {
            format!("{to} leads {place}: the fence that was left behind is cleared")
        }
        Outcome::Done => format!("{to} leads {place}, and {from} does not{}", gap(transfer)),
        Outcome::Already => format!("{to} leads {place} already"),
        Outcome::Refused => format!("Refused, nothing was changed{reason}"),
        Outcome::Declined => "Nothing was changed".to_owned(),
        Outcome::Unknown => format!("No success was seen for {place}{reason}"),
        Outcome::MovedElsewhere => format!("{to} leads {place}{}, not the wanted one{reason}", gap(transfer)),
        Outcome::FollowUpFailed => format!("{to} leads {place}{}, but a follow-up failed{reason}", gap(transfer)),
    };
    printable(style.wrap(&format!("{sentence}."), 0))
}

fn gap(transfer: &Transfer) -> String {
    let Some(Measured { leaderless_seconds, overlap_seconds, evidence }) = transfer.measured else {
        return "; how long nobody led was not seen".to_owned();
    };
    let predicted = transfer.predicted.as_ref().and_then(|predicted| {
        let Seconds(max) = predicted.leaderless_seconds.max?;
        Some(format!(", predicted at most {}", words(max)))
    });
    let overlap = match overlap_seconds.max.0 {
        SignedDuration::ZERO => "two never".to_owned(),
        max => format!("two for at most {}", words(max)),
    };
    let by = match evidence {
        "container-exit" => "its container's exit",
        _ => "the Lease alone",
    };
    format!(
        "; nobody led for {} to {} (by {by}{}), {overlap}",
        words(leaderless_seconds.min.0),
        words(leaderless_seconds.max.0),
        predicted.unwrap_or_default()
    )
}

fn time(seconds: Seconds) -> String {
    words(seconds.0)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::report::transfer::{Bounds, Most, Spread};

    fn seconds(millis: i64) -> Seconds {
        Seconds(SignedDuration::from_millis(millis))
    }

    fn party(pod: &str, node: &str) -> PartyItem {
        PartyItem { identity: None, pod: Some(pod.to_owned()), node: Some(node.to_owned()) }
    }

    fn done() -> Transfer {
        Transfer {
            namespace: Some("billing".to_owned()),
            lease: Some("payments".to_owned()),
            method: Some("evict"),
            method_reason: Some("it exits anyway".to_owned()),
            from: party("payments-0", "n1"),
            to: Some(party("payments-1", "n2")),
            to_reason: Some("Ready; the only one".to_owned()),
            leader: Some(party("payments-1", "n2")),
            predicted: Some(Predicted {
                leaderless_seconds: Spread {
                    min: Some(seconds(100)),
                    p50: Some(seconds(1_400)),
                    max: Some(seconds(4_400)),
                },
                overlap_seconds: Most { max: Some(seconds(0)) },
                target_leads: Some(0.97),
                same_pod_leads: Some(0.0),
                assumptions: vec!["one".to_owned(), "two".to_owned()],
            }),
            measured: Some(Measured {
                leaderless_seconds: Bounds { min: seconds(600), max: seconds(1_000) },
                overlap_seconds: Bounds { min: seconds(0), max: seconds(0) },
                evidence: "container-exit",
            }),
            ..Transfer::nothing(Outcome::Done, None)
        }
    }

    #[test]
    fn a_plan_tells_each_thing_once() {
        let text = plan(&done(), Some("prod"), Style::default());
        let expected = "\
LEASE     billing/payments in context prod
FROM      payments-0 on n1
TO        payments-1 on n2: Ready; the only one
HOW       evict: it exits anyway
COST      nobody leads for 0.1s to 4.4s, half of the time for less than 1.4s; two never lead
          the wanted one leads next in 97 % of the elections that were played
ASSUMES   one
          two
";
        assert_eq!(text, expected);
        let unknown = Transfer { predicted: Some(Predicted::default()), to: None, ..done() };
        let text = plan(&unknown, None, Style::default());
        assert!(text.contains("TO        whoever is first") && text.contains("COST      it could not be"), "{text}");
    }

    #[test]
    fn a_result_tells_what_was_seen_and_no_more() {
        let told = |transfer: Transfer| result(&transfer, Style::default());
        assert_eq!(
            told(done()),
            "payments-1 leads billing/payments, and payments-0 does not; nobody led for 0.6s to 1.0s (by its container's \
             exit, predicted at most 4.4s), two never.\n"
        );
        assert!(told(Transfer { measured: None, ..done() }).ends_with("how long nobody led was not seen.\n"));
        let why = Some("the leader is cut off".to_owned());
        let unknown = Transfer { outcome: Outcome::Unknown, reason: why.clone(), ..done() };
        assert_eq!(told(unknown), "No success was seen for billing/payments: the leader is cut off.\n");
        let elsewhere = Transfer { outcome: Outcome::MovedElsewhere, reason: why, measured: None, ..done() };
        assert!(told(elsewhere).contains("not the wanted one: the leader is cut off"));
        let already = Transfer { outcome: Outcome::Already, ..done() };
        assert_eq!(told(already), "payments-1 leads billing/payments already.\n");
    }
}
