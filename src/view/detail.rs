//! The detail view: one Election with all its candidates.

use super::{Style, grid, known, standbys};
use crate::model::Role;
use crate::model::health::words;
use crate::report::election_list::{CandidateItem, Item};

/// One Election, field by field, then its candidates, then the reasons.
#[must_use]
pub fn detail(item: &Item, style: Style) -> String {
    let mut text = String::new();
    for (label, value) in fields(item, style) {
        let (indent, value) = (12, style.wrap(&value, 12));
        text.push_str(&format!("{label:<indent$}{}", value.trim_start()));
    }
    if !item.candidates.is_empty() {
        text.push('\n');
        text.push_str(&candidates(&item.candidates, style));
    }
    if !item.reasons.is_empty() {
        text.push('\n');
        text.extend(item.reasons.iter().map(|reason| style.wrap(reason, 2)));
    }
    text
}

fn fields(item: &Item, style: Style) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    fields.push((
        "LEASE",
        match &item.lease {
            Some(lease) => format!("{}/{lease}", item.namespace),
            None => format!("none, in namespace {}", item.namespace),
        },
    ));
    fields.extend(item.context.clone().map(|context| ("CONTEXT", context)));
    fields.push(("HEALTH", style.health(item.health)));
    fields.push(("LEADER", leader(item)));
    let holder = &item.holder;
    fields.extend(holder.identity.clone().filter(|_| holder.pod.is_some()).map(|identity| ("IDENTITY", identity)));
    fields.push(("RENEWED", renewal(item)));
    fields.push(("HELD", tenure(item)));
    fields.extend(item.skew.map(|(ahead, error)| ("CLOCK", clock(ahead, error, style))));
    fields.push(("STANDBYS", standbys(item)));
    fields.push(("WORKLOAD", workload(item)));
    fields.push(("ELECTOR", format!("{} ({}: {})", item.elector.name, item.elector.confidence, item.elector.evidence)));
    fields.push(("TIMING", timing(item)));
    fields.extend(item.moves.as_ref().map(|moves| ("TRANSFER", transfer(moves))));
    fields
}

/// Whether it can be transferred.
fn transfer(moves: &Result<&'static str, String>) -> String {
    match moves {
        Ok(method) => format!("possible: {method}"),
        Err(why) => format!("refused: {why}"),
    }
}

fn leader(item: &Item) -> String {
    let mut text = super::leader(item).to_owned();
    if let Some(node) = &item.holder.node {
        text.push_str(&format!(" on {node}"));
    }
    if let Some(zone) = &item.holder.zone {
        text.push_str(&format!(" ({zone})"));
    }
    text
}

fn renewal(item: &Item) -> String {
    let Some(ago) = item.renewed_seconds_ago else { return "never".to_owned() };
    let renewed = match ago.0.is_negative() {
        true => format!("{} in the future", words(ago.0)),
        false => format!("{} ago", words(ago.0)),
    };
    match item.expires_in_seconds {
        Some(left) if left.0.is_negative() => format!("{renewed}, expired {} ago", words(left.0)),
        Some(left) => format!("{renewed}, expires in {}", words(left.0)),
        None => renewed,
    }
}

fn tenure(item: &Item) -> String {
    let held = item.held.map_or_else(|| "-".to_owned(), |held| format!("for {}", words(held)));
    match item.transitions {
        Some(1) => format!("{held}, 1 transition"),
        Some(n) => format!("{held}, {n} transitions"),
        None => held,
    }
}

fn clock(ahead: jiff::SignedDuration, error: jiff::SignedDuration, style: Style) -> String {
    let within = if style.unicode { "±" } else { "+-" };
    let side = if ahead.is_negative() { "behind" } else { "ahead of" };
    format!("the holder's is {} {side} the server's ({within}{})", words(ahead), words(error))
}

fn workload(item: &Item) -> String {
    let name = item.workload.as_ref().map_or("unknown", |workload| &workload.short);
    item.system.map_or_else(|| name.to_owned(), |system| format!("{name} ({system})"))
}

fn timing(item: &Item) -> String {
    let timing = item.elector.timing;
    let mut parts = vec![format!("lease duration {}", known(timing.lease_duration))];
    if ["kube-lease-manager", "kubert"].contains(&item.elector.name) {
        parts.push(format!("grace period {}", known(timing.grace_period)));
    } else {
        parts.push(format!("renew deadline {}", known(timing.renew_deadline)));
        parts.push(format!("retry period {}", known(timing.retry_period)));
    }
    let values = [timing.lease_duration, timing.renew_deadline, timing.retry_period, timing.grace_period];
    let legend = if values.iter().any(|known| known.inferred()) { "   (? inferred)" } else { "" };
    format!("{}{legend}", parts.join(", "))
}

fn candidates(candidates: &[CandidateItem], style: Style) -> String {
    let or_dash = |text: Option<&String>| text.map_or("-", String::as_str).to_owned();
    let row = |candidate: &CandidateItem| {
        vec![
            match candidate.role {
                Role::Leader => "* leader".to_owned(),
                Role::Standby => "  standby".to_owned(),
            },
            candidate.pod.clone(),
            if candidate.ready { "yes" } else { "no" }.to_owned(),
            candidate.restarts.to_string(),
            or_dash(candidate.node.as_ref()),
            or_dash(candidate.zone.as_ref()),
            candidate.note.clone().unwrap_or_default(),
        ]
    };
    let headers = ["  ROLE", "POD", "READY", "RESTARTS", "NODE", "ZONE", "NOTE"];
    grid::draw(&headers, candidates.iter().map(row).collect(), &["POD", "NODE", "ZONE", "NOTE"], true, style)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::tests::led;
    use super::*;

    fn field(item: &Item, label: &str) -> Option<String> {
        fields(item, Style::default()).into_iter().find(|(name, _)| *name == label).map(|(_, value)| value)
    }

    #[test]
    fn a_field_says_what_is_known_and_no_more() {
        let mut item = led(0);
        assert_eq!(field(&item, "LEADER").as_deref(), Some("web-7d4b9-aaaaa on n1"));
        assert_eq!(field(&item, "RENEWED").as_deref(), Some("2.0s ago, expires in 13.0s"));
        assert_eq!(field(&led(60), "RENEWED").as_deref(), Some("62s ago, expired 47s ago"));
        assert_eq!(field(&led(-5), "RENEWED").as_deref(), Some("3.0s in the future, expires in 18.0s"));
        let timing = "lease duration 15s, renew deadline 10s?, retry period ?   (? inferred)";
        assert_eq!(field(&item, "TIMING").as_deref(), Some(timing));
        assert_eq!(field(&item, "IDENTITY").as_deref(), Some("web-7d4b9-aaaaa"));
        item.elector.timing.renew_deadline = item.elector.timing.lease_duration;
        let timing = "lease duration 15s, renew deadline 15s, retry period ?";
        assert_eq!(field(&item, "TIMING").as_deref(), Some(timing));
        item.holder.pod = None;
        assert_eq!(field(&item, "IDENTITY"), None, "it is the LEADER already");
        let mut held = |transitions| {
            item.transitions = transitions;
            field(&item, "HELD")
        };
        let all = [held(Some(1)), held(Some(2)), held(None)].map(Option::unwrap_or_default);
        assert_eq!(all, ["-, 1 transition", "-, 2 transitions", "-"]);
    }

    #[test]
    fn a_clock_is_ahead_or_behind() {
        let mut item = led(0);
        let mut told = |ahead| {
            item.skew = Some((SignedDuration::from_secs(ahead), SignedDuration::from_millis(500)));
            field(&item, "CLOCK").unwrap_or_default()
        };
        assert_eq!(told(3), "the holder's is 3.0s ahead of the server's (+-0.5s)");
        assert_eq!(told(-3), "the holder's is 3.0s behind the server's (+-0.5s)");
    }
}
