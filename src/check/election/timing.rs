//! How an election is timed: what is said of it, and what holds where nothing is.

use jiff::SignedDuration;

use super::super::program::Program;
use super::known::known;
use super::said::{Place, Said, Tree, find};
use super::span;
use super::words::{self, Name, Unit};
use crate::model::Micros;
use crate::model::elector::{Elector, Library};
use crate::model::object::Object;
use crate::model::timing::{Known, Source as Seen};

/// How an election is timed. What the library has no word for is `None`.
#[derive(Clone, Debug)]
pub(in crate::check) struct Timing<'o> {
    pub(in crate::check) lease_duration: Option<Span<'o>>,
    pub(in crate::check) renew_deadline: Option<Span<'o>>,
    pub(in crate::check) retry_period: Option<Span<'o>>,
    pub(in crate::check) grace_period: Option<Span<'o>>,
}

/// A length of time, and how it is known.
#[derive(Clone, Debug)]
pub(in crate::check) struct Span<'o> {
    /// `lease duration`.
    pub(in crate::check) what: &'static str,
    pub(in crate::check) value: Value,
    pub(in crate::check) source: Source<'o>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) enum Value {
    Time(Micros),
    /// It is known, and no length of time.
    Nonsense(String),
    /// It hangs on what is not known.
    Open,
}

/// Where a length of time comes from.
#[derive(Clone, Debug)]
pub(in crate::check) enum Source<'o> {
    Said(Said<'o>),
    /// The program's own default.
    Program,
    /// The library's, which most programs leave as it is.
    Assumed,
    /// The Lease itself, or how it is renewed.
    Lease,
}

/// client-go's, controller-runtime's and component-base's: `sigs.k8s.io/controller-runtime/pkg/manager/internal.go`,
/// `k8s.io/component-base/config/v1alpha1/defaults.go`. In seconds.
const CLIENT_GO: [i64; 3] = [15, 10, 2];

/// klag-exporter's (0.1.29, `src/config.rs`). In seconds.
const KLAG_EXPORTER: [i64; 2] = [15, 5];

/// The flags that component-base defines as lengths of time (`k8s.io/component-base/config/options/leaderelectionconfig.go`).
/// Other programs may have flags that count seconds.
const COMPONENT_BASE: &[&str] =
    &["leader-elect-lease-duration", "leader-elect-renew-deadline", "leader-elect-retry-period"];

impl<'o> Timing<'o> {
    /// How a program's election is timed.
    pub(super) fn read(workload: &'o Object, program: &Program<'o>, trees: &[Tree<'o>], library: Library) -> Self {
        let said = |name: &Name| find(workload, program, trees, name);
        // `--retry-period` alone may be about anything; beside `--renew-deadline` it is not.
        let names = [&words::LEASE_DURATION, &words::RENEW_DEADLINE, &words::RETRY_PERIOD];
        let several = names.into_iter().filter_map(said).count() > 1;
        let said = |name: &Name| said(name).filter(|said| said.fit.topical || several);
        let klag = library == Library::KubeLeaseManager;
        let own = known(program).and_then(|known| known.timing);
        let span = |what, name: &Name, seconds: i64| {
            // In a file of component-base no time at all stands for the default (`SetDefaults` there).
            let unsaid = |said: &Said<'_>| {
                !klag && matches!(said.place, Place::File { .. }) && value(said) == Value::Time(Micros::ZERO)
            };
            match said(name).filter(|said| !unsaid(said)) {
                Some(said) => Span { what, value: value(&said), source: Source::Said(said) },
                None => Span {
                    what,
                    value: Value::Time(Micros::from_secs(seconds)),
                    source: if klag || own.is_some() { Source::Program } else { Source::Assumed },
                },
            }
        };
        if klag {
            return Self {
                lease_duration: Some(span("lease duration", &words::LEASE_DURATION, KLAG_EXPORTER[0])),
                grace_period: Some(span("grace period", &words::GRACE_PERIOD, KLAG_EXPORTER[1])),
                renew_deadline: None,
                retry_period: None,
            };
        }
        let [lease, deadline, retry] = own.unwrap_or(CLIENT_GO);
        Self {
            lease_duration: Some(span("lease duration", &words::LEASE_DURATION, lease)),
            renew_deadline: Some(span("renew deadline", &words::RENEW_DEADLINE, deadline)),
            retry_period: Some(span("retry period", &words::RETRY_PERIOD, retry)),
            grace_period: None,
        }
    }

    /// How an election is timed that is seen: by what is said, or else by its Lease. Where that does not have the duration
    /// of the library's defaults, nobody knows the rest.
    pub(super) fn seen(workload: &'o Object, program: &Program<'o>, trees: &[Tree<'o>], elector: &Elector) -> Self {
        let said = |name: &Name| find(workload, program, trees, name).filter(|said| said.fit.topical);
        let span = |what, name: &Name, known: Known| {
            let source = match (said(name), known.source) {
                (Some(said), _) => return Span { what, value: value(&said), source: Source::Said(said) },
                (None, Seen::Lease | Seen::Measured) => Source::Lease,
                (None, _) => Source::Assumed,
            };
            Span { what, value: known.value.map_or(Value::Open, |time| Value::Time(time.into())), source }
        };
        let Known { value: duration, .. } = elector.timing.lease_duration;
        let default = |known: Known, seconds: i64| {
            let usual =
                elector.library == Library::ClientGo && duration == Some(SignedDuration::from_secs(CLIENT_GO[0]));
            if usual { known.or(Known::new(SignedDuration::from_secs(seconds), Seen::Default)) } else { known }
        };
        let lease_duration = Some(span("lease duration", &words::LEASE_DURATION, elector.timing.lease_duration));
        if elector.library.renews_before_expiry() {
            let grace_period = Some(span("grace period", &words::GRACE_PERIOD, elector.timing.grace_period));
            return Self { lease_duration, grace_period, renew_deadline: None, retry_period: None };
        }
        let (deadline, retry) =
            (default(elector.timing.renew_deadline, CLIENT_GO[1]), default(elector.timing.retry_period, CLIENT_GO[2]));
        Self {
            lease_duration,
            renew_deadline: Some(span("renew deadline", &words::RENEW_DEADLINE, deadline)),
            retry_period: Some(span("retry period", &words::RETRY_PERIOD, retry)),
            grace_period: None,
        }
    }

    /// All that there are.
    pub(in crate::check) fn spans(&self) -> impl Iterator<Item = &Span<'o>> {
        [&self.lease_duration, &self.renew_deadline, &self.retry_period, &self.grace_period].into_iter().flatten()
    }

    /// Whether any of it is only assumed.
    pub(in crate::check) fn is_assumed(&self) -> bool {
        self.spans().any(|span| matches!(span.source, Source::Assumed))
    }

    /// Whether any of it stands in the Lease.
    pub(in crate::check) fn is_seen(&self) -> bool {
        self.spans().any(|span| matches!(span.source, Source::Lease))
    }

    /// Whether anything is said of it, and not all of it left as it is.
    pub(in crate::check) fn is_said(&self) -> bool {
        self.spans().any(|span| span.said().is_some())
    }
}

impl<'o> Span<'o> {
    /// What is said of it, where anything is.
    pub(in crate::check) fn said(&self) -> Option<&Said<'o>> {
        if let Source::Said(said) = &self.source { Some(said) } else { None }
    }

    /// How long it is, if that is known.
    pub(in crate::check) fn time(&self) -> Option<Micros> {
        self.value.time()
    }
}

impl Value {
    /// How long it is, if that is known.
    pub(super) fn time(&self) -> Option<Micros> {
        if let Self::Time(time) = self { Some(*time) } else { None }
    }
}

/// What a value comes to.
pub(super) fn value(said: &Said<'_>) -> Value {
    let Some(text) = said.text.as_deref().filter(|text| !is_open(text)) else { return Value::Open };
    let (number, nonsense) = (span::seconds(text), || Value::Nonsense(text.to_owned()));
    match (said.fit.unit, number) {
        (Unit::Seconds, Some(time)) => return Value::Time(time),
        (Unit::Milliseconds, Some(time)) => return Value::Time(time / 1000),
        // `LEASE_DURATION_SECONDS=15s`: no number, and some programs take it all the same.
        (Unit::Seconds | Unit::Milliseconds, None) => return if text.is_empty() { Value::Open } else { nonsense() },
        (Unit::Unsaid, _) => {}
    }
    if let Some(time) = span::go(text) {
        return Value::Time(time);
    }
    match (said.place, number) {
        // `metav1.Duration` is text as Go writes it (`k8s.io/apimachinery/pkg/apis/meta/v1/duration.go`).
        (Place::File { typed: true, .. }, _) => nonsense(),
        (Place::Flag, _) if COMPONENT_BASE.contains(&said.name.trim_start_matches('-')) => nonsense(),
        // `--leader-election-lease-duration=`: the template had no value.
        (Place::Flag, None) if text.is_empty() => nonsense(),
        // What a program makes of a bare number in a file only it knows: seconds, nanoseconds, an error.
        (Place::File { .. }, Some(_)) => Value::Open,
        (Place::Flag | Place::Variable, Some(time)) => Value::Time(time),
        // Programs that are not written in Go have other spellings: `PT15S`, `15 seconds`.
        (_, None) if text.is_empty() || text.parse::<SignedDuration>().is_ok() => Value::Open,
        (_, None) => nonsense(),
    }
}

/// Whether a variable stands in it that is not known.
pub(super) fn is_open(text: &str) -> bool {
    text.contains("$(") || text.contains("${")
}
