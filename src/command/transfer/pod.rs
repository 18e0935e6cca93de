//! The old leader's Pod as it changes: whether the process that led can act no more.

use jiff::{SignedDuration, Timestamp};

use crate::model::pod::Container;
use crate::model::{Key, Pod};
use crate::transfer::Body;

/// A process that ended so long after the fence was stored ended under it: kubelets cut the fraction of the second off, and
/// a node's clock may be ahead of the API server's. It may be ahead by more: what is reported so soon after the fence may
/// have been before it, whatever its date.
pub(super) const UNDER_THE_FENCE: SignedDuration = SignedDuration::from_secs(3);

/// The Pod whose process leads at the beginning.
#[derive(Clone, Debug)]
pub(super) struct OldPod {
    pub(super) key: Key,
    pub(super) uid: String,
    /// Since when the fence stands. An exit before it proves nothing: the container may be back, and lead.
    fenced: Option<Timestamp>,
    /// The ends that were reported before one could be under the fence, by container: also those of a node whose clock is
    /// far ahead.
    before: Vec<(String, Option<Timestamp>)>,
    /// When the last of its processes ended, as the kubelet has it.
    finished: Option<Timestamp>,
}

impl OldPod {
    pub(super) fn new(pod: &Pod) -> Self {
        Self { key: pod.key.clone(), uid: pod.uid.clone(), fenced: None, before: ends(pod), finished: None }
    }

    /// The fence, or what else ends the leader's term, was seen stored, at this time of the API server's clock.
    pub(super) fn fence(&mut self, at: Timestamp) {
        self.fenced.get_or_insert(at);
    }

    pub(super) fn finished(&self) -> Option<Timestamp> {
        self.finished
    }

    /// What is read under its name, at this time of the API server's clock.
    pub(super) fn see(&mut self, pod: Option<&Pod>, now: Timestamp) -> Body {
        match pod {
            None => Body::Lost,
            Some(pod) if pod.uid != self.uid => Body::Replaced,
            Some(pod) => self.look(pod, now),
        }
    }

    /// What it was like when it went: only a kubelet's report shows that nothing of it runs.
    pub(super) fn gone(&mut self, pod: &Pod, now: Timestamp) -> Body {
        if pod.uid != self.uid {
            return Body::Replaced;
        }
        match self.look(pod, now) {
            Body::Ended => Body::Ended,
            _ => Body::Lost,
        }
    }

    fn look(&mut self, pod: &Pod, now: Timestamp) -> Body {
        let ended = pod.terminating() && pod.ended();
        // In which of its containers the elector runs is not known: each has to have ended once under the fence, and none
        // of those that stay beside them may run.
        let since = self.fenced.and_then(|at| at.checked_add(UNDER_THE_FENCE).ok());
        if since.is_none_or(|since| now <= since) {
            self.before = ends(pod);
        }
        let new = |one: &Container| !self.before.contains(&(one.name.clone(), one.finished));
        let exited = !pod.containers.is_empty()
            && !pod.init_running
            && pod
                .containers
                .iter()
                .all(|one| one.finished.zip(since).is_some_and(|(finished, since)| finished > since) && new(one));
        if ended || exited {
            self.finished = pod.containers.iter().filter_map(|one| one.finished).max().or(self.finished);
        }
        match (ended, pod.terminating(), exited) {
            (true, ..) => Body::Ended,
            (false, true, _) => Body::Terminating,
            (false, false, true) => Body::Exited,
            (false, false, false) => Body::Running,
        }
    }
}

fn ends(pod: &Pod) -> Vec<(String, Option<Timestamp>)> {
    pod.containers.iter().map(|one| (one.name.clone(), one.finished)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pod;
    use crate::model::wire::tests::pod;

    fn with(uid: &str, deleted: bool, states: &[String]) -> Pod {
        let deleted = if deleted { r#","deletionTimestamp":"2026-11-21T12:00:30Z""# } else { "" };
        let containers: Vec<_> = (0..states.len()).map(|i| format!(r#"{{"name":"c{i}"}}"#)).collect();
        let statuses: Vec<_> =
            states.iter().enumerate().map(|(i, state)| format!(r#"{{"name":"c{i}",{state}}}"#)).collect();
        pod(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"p","uid":"{uid}"{deleted}}},"spec":{{"containers":[{}]}},
                "status":{{"phase":"Running","containerStatuses":[{}]}}}}"#,
            containers.join(","),
            statuses.join(",")
        ))
    }

    fn running() -> String {
        r#""state":{"running":{"startedAt":"2026-11-21T12:00:00Z"}}"#.to_owned()
    }

    fn terminated() -> String {
        r#""state":{"terminated":{"exitCode":0,"finishedAt":"2026-11-21T12:00:25Z"}}"#.to_owned()
    }

    /// Back, after its process ended at this second.
    fn back(second: u8) -> String {
        let last =
            format!(r#""lastState":{{"terminated":{{"exitCode":1,"finishedAt":"2026-11-21T12:00:{second:02}Z"}}}}"#);
        format!("{},{last}", running())
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-11-21T{time}Z").parse().expect("a time")
    }

    fn fenced() -> OldPod {
        let mut old = OldPod::new(&with("u", false, &[running()]));
        old.fence("2026-11-21T12:00:10Z".parse().expect("a time"));
        old
    }

    #[test]
    fn an_exit_is_a_proof_only_under_the_fence() {
        let mut old = fenced();
        let mut see = |states: &[String]| old.see(Some(&with("u", false, states)), at("12:00:30"));
        assert_eq!(see(&[running()]), Body::Running);
        assert_eq!(see(&[back(9)]), Body::Running, "it came back before, and may lead by the same name");
        assert_eq!(see(&[back(12)]), Body::Running, "its node's clock may be ahead");
        assert_eq!(see(&[back(20)]), Body::Exited);
        assert_eq!(see(&[back(20), running()]), Body::Running, "the other one may be the elector");
        assert_eq!(see(&[back(20), terminated()]), Body::Exited);
        let mut unfenced = OldPod::new(&with("u", false, &[running()]));
        assert_eq!(unfenced.see(Some(&with("u", false, &[back(20)])), at("12:00:30")), Body::Running);
    }

    #[test]
    fn an_exit_that_was_there_before_proves_nothing_whatever_its_date() {
        // Its node's clock is far ahead.
        let mut old = OldPod::new(&with("u", false, &[back(25)]));
        old.fence(at("12:00:10"));
        assert_eq!(old.see(Some(&with("u", false, &[back(25)])), at("12:00:30")), Body::Running);
        // Reported as the fence had just been stored.
        assert_eq!(old.see(Some(&with("u", false, &[back(40)])), at("12:00:13")), Body::Running);
        assert_eq!(old.see(Some(&with("u", false, &[back(40)])), at("12:00:30")), Body::Running);
        assert_eq!(old.see(Some(&with("u", false, &[back(50)])), at("12:00:31")), Body::Exited);
    }

    #[test]
    fn only_reports_of_all_containers_prove_an_end() {
        let mut old = fenced();
        let mut see = |states: &[String]| old.see(Some(&with("u", true, states)), at("12:00:30"));
        assert_eq!(see(&[back(20), terminated()]), Body::Terminating, "it was started again");
        assert_eq!(see(&[terminated(), terminated()]), Body::Ended);
        assert_eq!(old.finished(), Some("2026-11-21T12:00:25Z".parse().expect("a time")));
    }

    #[test]
    fn a_pod_that_goes_without_a_report_is_lost() {
        let mut old = OldPod::new(&with("u", false, &[running()]));
        assert_eq!(old.gone(&with("u", true, &[running()]), at("12:00:30")), Body::Lost);
        assert_eq!(old.see(None, at("12:00:30")), Body::Lost);
        assert_eq!(old.gone(&with("u", true, &[terminated()]), at("12:00:30")), Body::Ended);
        assert_eq!(old.see(Some(&with("v", false, &[running()])), at("12:00:30")), Body::Replaced);
    }
}
