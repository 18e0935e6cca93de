//! The table: one row an Election.

use super::{Style, expires, grid, known, leader, place, renewed, standbys};
use crate::model::health::Health;
use crate::report::election_list::Item;

/// Which columns there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The context: where there are several.
    pub context: bool,
    /// The namespace: where there can be several.
    pub namespace: bool,
    /// All that is known; nothing is cut.
    pub wide: bool,
    /// No header line.
    pub no_headers: bool,
}

/// Reasons are told for so many Elections under a table.
const MOST_NOTES: usize = 20;

/// Columns that may be cut: names.
const ELASTIC: &[&str] = &["CONTEXT", "NAMESPACE", "LEASE", "LEADER"];

/// The table, and under it the reasons of everything that is not Healthy.
///
/// Each item goes as its row comes: of ten thousand, not both are held.
#[must_use]
pub fn table(items: impl Iterator<Item = Item>, columns: Columns, style: Style) -> String {
    let (mut rows, mut verdicts, mut notes) = (Vec::new(), Vec::new(), Notes::default());
    for item in items {
        rows.push(row(&item, columns));
        verdicts.push(item.health);
        notes.add(&item, columns, style);
    }
    let uncut = Style { width: style.width.filter(|_| !columns.wide), ..style };
    let mut text = grid::draw(&headers(columns), rows, ELASTIC, !columns.no_headers, uncut);
    if style.colour {
        text = coloured(&text, &verdicts, columns, style);
    }
    text + &notes.text()
}

fn headers(columns: Columns) -> Vec<&'static str> {
    let mut headers = Vec::new();
    headers.extend(columns.context.then_some("CONTEXT"));
    headers.extend(columns.namespace.then_some("NAMESPACE"));
    headers.extend(["LEASE", "LEADER"]);
    headers.extend(if columns.wide { &["NODE", "ZONE", "WORKLOAD", "ELECTOR", "TIMING"][..] } else { &[] });
    headers.extend(["RENEWED", "EXPIRES"]);
    headers.extend(if columns.wide { &["HELD", "TRANSITIONS"][..] } else { &[] });
    headers.extend(["STANDBYS", "HEALTH"]);
    headers
}

fn row(item: &Item, columns: Columns) -> Vec<String> {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let mut row = Vec::new();
    row.extend(columns.context.then(|| or_dash(item.context.as_deref())));
    row.extend(columns.namespace.then(|| item.namespace.clone()));
    row.extend([or_dash(item.lease.as_deref()), leader(item).to_owned()]);
    if columns.wide {
        row.extend([
            or_dash(item.holder.node.as_deref()),
            or_dash(item.holder.zone.as_deref()),
            or_dash(item.workload.as_ref().map(|workload| workload.short.as_str())),
            format!("{}{}", item.elector.name, if item.elector.confidence == "certain" { "" } else { "?" }),
            timing(item),
        ]);
    }
    row.extend([renewed(item), expires(item)]);
    if columns.wide {
        row.push(item.held.map_or_else(|| "-".to_owned(), crate::model::health::words));
        row.push(item.transitions.map_or_else(|| "-".to_owned(), |n| n.to_string()));
    }
    row.extend([standbys(item), item.health.as_str().to_owned()]);
    row
}

/// `15s/10s?/2s?` for the client-go family (lease duration, renew deadline, retry period), `15s-5s?` for electors
/// that renew a grace period before expiry.
fn timing(item: &Item) -> String {
    let timing = item.elector.timing;
    if ["kube-lease-manager", "kubert"].contains(&item.elector.name) {
        return format!("{}-{}", known(timing.lease_duration), known(timing.grace_period));
    }
    let values = [timing.lease_duration, timing.renew_deadline, timing.retry_period];
    values.map(known).join("/")
}

/// Colours the verdict, the last word of each row.
fn coloured(text: &str, verdicts: &[Health], columns: Columns, style: Style) -> String {
    let skip = usize::from(!columns.no_headers);
    let mut out = String::with_capacity(text.len() * 2);
    for (i, line) in text.lines().enumerate() {
        let health = i.checked_sub(skip).and_then(|i| verdicts.get(i));
        match health.and_then(|health| Some((line.strip_suffix(health.as_str())?, *health))) {
            Some((before, health)) => {
                out.push_str(before);
                out.push_str(&style.health(health));
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// Why everything that is not Healthy is not.
#[derive(Default)]
struct Notes {
    text: String,
    told: usize,
}

impl Notes {
    fn add(&mut self, item: &Item, columns: Columns, style: Style) {
        if item.health == Health::Healthy || item.reasons.is_empty() {
            return;
        }
        self.told += 1;
        if self.told > MOST_NOTES {
            return;
        }
        let name = match &item.lease {
            Some(lease) if !columns.namespace && !columns.context => lease.clone(),
            _ => place(item, columns.context),
        };
        self.text.push_str(&style.wrap(&format!("{name}: {}", item.reasons.join("; ")), 2));
    }

    fn text(mut self) -> String {
        if let Some(more @ 1..) = self.told.checked_sub(MOST_NOTES) {
            self.text.push_str(&format!("  and {more} more that are not Healthy: -o json tells why\n"));
        }
        if self.text.is_empty() { self.text } else { format!("\n{}", self.text) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::led;
    use super::*;

    fn drawn(items: Vec<Item>, columns: Columns, style: Style) -> Vec<String> {
        table(items.into_iter(), columns, style).lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_not_healthy_is_told_under_the_table() {
        let (healthy, expired) = (led(0), led(60));
        let text = drawn(vec![healthy.clone(), expired.clone()], Columns::default(), Style::default());
        assert_eq!(
            text[..2],
            [
                "LEASE  LEADER           RENEWED  EXPIRES  STANDBYS  HEALTH",
                "l      web-7d4b9-aaaaa  2.0s     13.0s    1/1       Healthy",
            ]
        );
        assert!(text[4].starts_with("  l: web-7d4b9-aaaaa has not renewed: expired 47s ago"), "{text:#?}");
        assert_eq!(text.len(), 5, "{text:#?}");
        let mut noted = healthy;
        noted.reasons = vec!["Pods could not be read".to_owned()];
        assert_eq!(drawn(vec![noted], Columns::default(), Style::default()).len(), 2);
        let many = drawn(vec![expired; 23], Columns { namespace: true, ..Columns::default() }, Style::default());
        assert!(many[25].starts_with("  n/l: "), "{many:#?}");
        assert_eq!(many.len(), 46, "{many:#?}");
        assert_eq!(many[45], "  and 3 more that are not Healthy: -o json tells why");
    }

    #[test]
    fn the_verdict_is_coloured_with_and_without_headers() {
        let style = Style { colour: true, ..Style::default() };
        for no_headers in [true, false] {
            let text = drawn(vec![led(0), led(60)], Columns { no_headers, ..Columns::default() }, style);
            let rows = &text[usize::from(!no_headers)..];
            assert!(rows[0].ends_with("\x1b[32mHealthy\x1b[0m"), "{text:#?}");
            assert!(rows[1].ends_with("\x1b[31mNoLeader\x1b[0m"), "{text:#?}");
        }
    }

    #[test]
    fn only_the_wide_table_is_wider_than_the_terminal() {
        let style = Style { width: Some(55), ..Style::default() };
        let row = |wide| drawn(vec![led(0)], Columns { wide, ..Columns::default() }, style).remove(1);
        assert_eq!(row(false), "l      web-7~aaaaa  2.0s     13.0s    1/1       Healthy");
        assert_eq!(
            row(true),
            "l      web-7d4b9-aaaaa  n1    -     deploy/web  client-go?  15s/10s?/?  2.0s     13.0s    -     -            1/1       Healthy"
        );
    }
}
