//! A repair in words: what is stuck and what would be done, and what came of it.

use super::Style;
use crate::model::health::words;
use crate::report::repair::{Item, Written};
use crate::report::transfer::Outcome;

/// Where a field's value begins.
const INDENT: usize = 10;

/// What is stuck, what has to be proved, and what is written then, field by field.
#[must_use]
pub fn plan(item: &Item, context: Option<&str>, style: Style) -> String {
    let mut text = String::new();
    for (label, values) in fields(item, context) {
        let mut label = label;
        for value in values {
            text.push_str(&format!("{label:<INDENT$}{}", style.wrap(&value, INDENT).trim_start()));
            label = "";
        }
    }
    text
}

fn fields(item: &Item, context: Option<&str>) -> Vec<(&'static str, Vec<String>)> {
    let context = context.map_or_else(String::new, |context| format!(" in context {context}"));
    let one = |text: String| vec![text];
    let mut fields = vec![("LEASE", one(format!("{}{context}", place(item))))];
    fields.extend(item.elector.map(|elector| ("ELECTOR", one(elector.to_owned()))));
    let evidence = item.evidence.as_ref().map_or_else(String::new, |evidence| format!(": {evidence}"));
    fields.extend(item.problem.map(|problem| ("PROBLEM", one(format!("{problem}{evidence}")))));
    if let Some(precondition) = &item.precondition {
        fields.push(("NEEDED", one(precondition.what.to_owned())));
        let label = if precondition.proved { "PROVED" } else { "MISSING" };
        fields.push((label, one(precondition.why.clone())));
    }
    fields.push(("WRITES", item.writes.iter().map(written).collect()));
    if let Some(within) = item.within_seconds {
        fields.push(("THEN", one(format!("somebody leads within {}", words(within.0)))));
    }
    fields.push(("ADVICE", item.advice.clone()));
    fields.retain(|(_, values)| !values.is_empty());
    fields
}

fn written(written: &Written) -> String {
    format!("{}: {}", written.field, written.value.as_ref().map_or("null".to_owned(), |value| format!("{value:?}")))
}

/// `namespace/lease`.
#[must_use]
pub fn place(item: &Item) -> String {
    format!("{}/{}", item.namespace, item.lease.as_deref().unwrap_or("-"))
}

/// What came of it, in one sentence.
#[must_use]
pub fn result(item: &Item, style: Style) -> String {
    let place = place(item);
    let reason = item.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let sentence = match item.outcome {
        Outcome::Already => format!("Nothing to repair in {place}{reason}"),
        Outcome::Planned => format!("Nothing was changed: this is what would be done to {place}"),
        Outcome::Refused => format!("Refused, nothing was changed{reason}"),
        Outcome::Declined => "Nothing was changed".to_owned(),
        Outcome::Done => match &item.leader {
            Some(leader) => format!("Repaired: {leader} leads {place}"),
            None => format!("{place} is repaired{reason}"),
        },
        _ => format!("It was written, and nobody was seen to lead {place}{reason}"),
    };
    style.wrap(&format!("{sentence}."), 0)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::elector::catalogue::{Name, Times};
    use crate::elector::kube_lease_manager::Edition;
    use crate::model::wire::tests::lease;
    use crate::model::{Key, LeaseRecord};
    use crate::transfer::repair::{Case, Leader, diagnose};

    fn stuck() -> LeaseRecord {
        lease(
            r#"{"metadata":{"namespace":"n","name":"l"},"spec":{"leaseDurationSeconds":15,"renewTime":"2026-11-21T12:00:00Z"}}"#,
        )
    }

    fn item(seconds: i64) -> Item {
        let (lease, elector) = (stuck(), Name::KubeLeaseManager(Edition::Before0_11_1));
        let begin = lease.renewed.expect("a date");
        let case = Case {
            lease: Some(&lease),
            elector: Some(elector),
            times: Times::default(),
            leader: Leader::Unknown,
            pods: None,
            now: begin + SignedDuration::from_secs(seconds),
            error: SignedDuration::ZERO,
            watched: SignedDuration::ZERO,
        };
        Item::planned(&Key::new("n", "l"), true, Some(elector.as_str()), &diagnose(&case).expect("stuck"))
    }

    #[test]
    fn what_is_proved_or_missing_is_said_before_what_is_written() {
        let style = Style { width: Some(80), ..Style::default() };
        let expected = "\
LEASE     n/l in context east
ELECTOR   kube-lease-manager@0.8
PROBLEM   deadlock: holderIdentity, acquireTime, leaseTransitions null beside
          leaseDurationSeconds, renewTime: kube-lease-manager up to 0.11.0 never
          takes it again
NEEDED    no live leader can still send its blind renewal
PROVED    nobody has renewed it for 60s
WRITES    holderIdentity: null
          leaseDurationSeconds: null
          acquireTime: null
          renewTime: null
THEN      somebody leads within 75s
";
        assert_eq!(plan(&item(60), Some("east"), style), expected);
        let missing = plan(&item(20), None, style);
        assert!(
            missing.starts_with("LEASE     n/l\n") && missing.contains("\nMISSING   it was renewed 20s ago"),
            "{missing}"
        );
        assert!(missing.lines().all(|line| line.len() <= 80), "{missing}");
    }

    #[test]
    fn what_came_of_it_is_one_sentence() {
        let told = |outcome, leader: Option<&str>, reason: Option<&str>| {
            let (leader, reason) = (leader.map(str::to_owned), reason.map(str::to_owned));
            result(&Item { outcome, leader, reason, ..item(60) }, Style::default())
        };
        assert_eq!(told(Outcome::Already, None, None), "Nothing to repair in n/l.\n");
        assert_eq!(told(Outcome::Done, Some("web-0"), None), "Repaired: web-0 leads n/l.\n");
        assert_eq!(told(Outcome::Done, None, Some("restart its Pods")), "n/l is repaired: restart its Pods.\n");
        assert_eq!(told(Outcome::Refused, None, Some("why")), "Refused, nothing was changed: why.\n");
        let unseen = "It was written, and nobody was seen to lead n/l: not within 75s.\n";
        assert_eq!(told(Outcome::Unknown, None, Some("not within 75s")), unseen);
    }
}
