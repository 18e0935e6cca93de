//! A setting as people write it: `15/10/2`, `30/5`, `kubert`, `kube-lease-manager@0.8:15/5`.

use std::str::FromStr;

use super::question::time;
use crate::elector::catalogue::{Name, TimedBy, Times};
use crate::elector::kube_lease_manager::Edition;
use crate::model::Micros;

/// A library and a timing, one of which may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contender {
    /// The library, named or implied by the number of values.
    pub name: Name,
    /// Whether it was named.
    pub named: bool,
    /// The timing; what is not said is the library's default.
    pub times: Times,
}

impl FromStr for Contender {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (name, values) = match text.split_once(':') {
            Some((name, values)) => (Some(name.parse()?), Some(values)),
            None if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => (None, Some(text)),
            None => (Some(text.parse()?), None),
        };
        let values = values.map_or_else(|| Ok(Vec::new()), |values| values.split('/').map(time).collect())?;
        let named = name.is_some();
        let name: Name = match (name, values.len()) {
            (Some(name), _) => name,
            (None, 3) => Name::ClientGo,
            (None, 2) => Name::KubeLeaseManager(Edition::Since0_11_1),
            (None, _) => {
                let expected = "expected LEASE-DURATION/RENEW-DEADLINE/RETRY-PERIOD or LEASE-DURATION/GRACE-PERIOD";
                return Err(format!("{expected}, such as 15/10/2 or 30/5, not {text}"));
            }
        };
        Ok(Self { name, named, times: times(name, &values)? })
    }
}

/// The values in the order of the library's own words.
fn times(name: Name, values: &[Micros]) -> Result<Times, String> {
    let lease_duration = values.first().copied();
    match (name.timed_by(), values) {
        (_, []) => Ok(Times::default()),
        (TimedBy::Deadline, [_, deadline, retry]) => Ok(Times {
            lease_duration,
            renew_deadline: Some(*deadline),
            retry_period: Some(*retry),
            grace_period: None,
        }),
        (TimedBy::Period, [_, period]) => Ok(Times { lease_duration, retry_period: Some(*period), ..Times::default() }),
        (TimedBy::Grace, [_, grace]) => Ok(Times { lease_duration, grace_period: Some(*grace), ..Times::default() }),
        (TimedBy::Deadline, _) => Err(format!("{name} takes LEASE-DURATION/RENEW-DEADLINE/RETRY-PERIOD")),
        (TimedBy::Period, _) => Err(format!("{name} takes LEASE-DURATION/RETRY-PERIOD")),
        (TimedBy::Grace, _) => Err(format!("{name} takes LEASE-DURATION/GRACE-PERIOD")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let Contender { name, times, .. } = text.parse()?;
        let told = |time: Option<Micros>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
        let all = [times.lease_duration, times.renew_deadline, times.retry_period, times.grace_period];
        Ok(format!("{name} {}", all.map(told).join(",")))
    }

    #[test]
    fn settings_are_read_as_people_write_them() {
        assert_eq!(read("15/10/2").as_deref(), Ok("client-go 15 s,10 s,2 s,-"));
        assert_eq!(read("30/5").as_deref(), Ok("kube-lease-manager 30 s,-,-,5 s"));
        assert_eq!(read("kubert").as_deref(), Ok("kubert -,-,-,-"));
        assert_eq!(read("kube-lease-manager@0.8:15s/5s").as_deref(), Ok("kube-lease-manager@0.8 15 s,-,-,5 s"));
        assert_eq!(read("kube-leader-election:15/5").as_deref(), Ok("kube-leader-election 15 s,-,5 s,-"));
    }

    #[test]
    fn what_is_no_setting_is_told_so() {
        for wrong in ["15", "1/2/3/4", "15/x/2", "client-go:15/10", "kubert:1/2/3", "etcd", "0/10/2", "-5/3/1"] {
            assert!(wrong.parse::<Contender>().is_err(), "{wrong}");
        }
    }
}
