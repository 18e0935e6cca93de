//! The old leader's Pod as it changes: whether the process that led can act no more.

use jiff::Timestamp;

use crate::model::{Key, Pod};
use crate::transfer::Body;

/// The Pod whose process leads at the beginning.
#[derive(Clone, Debug)]
pub(super) struct OldPod {
    pub(super) key: Key,
    pub(super) uid: String,
    /// How often each container had been restarted, by name.
    restarts: Vec<(String, i64)>,
    /// When the last of its processes ended, as the kubelet has it.
    finished: Option<Timestamp>,
}

impl OldPod {
    pub(super) fn new(pod: &Pod) -> Self {
        let restarts = pod.containers.iter().map(|one| (one.name.clone(), one.restarts)).collect();
        Self { key: pod.key.clone(), uid: pod.uid.clone(), restarts, finished: None }
    }

    pub(super) fn finished(&self) -> Option<Timestamp> {
        self.finished
    }

    /// What is read under its name.
    pub(super) fn see(&mut self, pod: Option<&Pod>) -> Body {
        match pod {
            None => Body::Lost,
            Some(pod) if pod.uid != self.uid => Body::Replaced,
            Some(pod) => self.look(pod),
        }
    }

    /// What it was like when it went: only a kubelet's report shows that nothing of it runs.
    pub(super) fn gone(&mut self, pod: &Pod) -> Body {
        if pod.uid != self.uid {
            return Body::Replaced;
        }
        match self.look(pod) {
            Body::Ended => Body::Ended,
            _ => Body::Lost,
        }
    }

    fn look(&mut self, pod: &Pod) -> Body {
        let ended = pod.terminating() && pod.ended();
        // In which of its containers the elector runs is not known: each has to have ended once.
        let exited = !pod.containers.is_empty()
            && pod.containers.iter().all(|one| {
                let before = self.restarts.iter().find(|(name, _)| *name == one.name).map_or(0, |(_, count)| *count);
                one.terminated || one.restarts > before
            });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pod;
    use crate::model::wire::tests::pod;

    const RUNNING: &str = r#""running":{"startedAt":"2026-11-21T12:00:00Z"}"#;
    const TERMINATED: &str = r#""terminated":{"exitCode":0,"finishedAt":"2026-11-21T12:00:05Z"}"#;

    fn with(uid: &str, deleted: bool, states: &[(&str, i64)]) -> Pod {
        let deleted = if deleted { r#","deletionTimestamp":"2026-11-21T12:00:30Z""# } else { "" };
        let containers: Vec<_> = (0..states.len()).map(|i| format!(r#"{{"name":"c{i}"}}"#)).collect();
        let statuses = states.iter().enumerate().map(|(i, (state, restarts))| {
            format!(r#"{{"name":"c{i}","restartCount":{restarts},"state":{{{state}}}}}"#)
        });
        pod(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"p","uid":"{uid}"{deleted}}},"spec":{{"containers":[{}]}},
                "status":{{"phase":"Running","containerStatuses":[{}]}}}}"#,
            containers.join(","),
            statuses.collect::<Vec<_>>().join(",")
        ))
    }

    #[test]
    fn only_reports_of_all_containers_prove_an_end() {
        let mut old = OldPod::new(&with("u", false, &[(RUNNING, 1), (RUNNING, 0)]));
        let mut see = |deleted, states: &[(&str, i64)]| old.see(Some(&with("u", deleted, states)));
        assert_eq!(see(false, &[(RUNNING, 1), (RUNNING, 0)]), Body::Running);
        assert_eq!(see(false, &[(RUNNING, 2), (RUNNING, 0)]), Body::Running, "the other one may be the elector");
        assert_eq!(see(false, &[(RUNNING, 2), (TERMINATED, 0)]), Body::Exited);
        assert_eq!(see(true, &[(RUNNING, 2), (TERMINATED, 0)]), Body::Terminating, "it was started again");
        assert_eq!(see(true, &[(TERMINATED, 2), (TERMINATED, 0)]), Body::Ended);
        assert_eq!(old.finished(), Some("2026-11-21T12:00:05Z".parse().expect("a time")));
    }

    #[test]
    fn a_pod_that_goes_without_a_report_is_lost() {
        let mut old = OldPod::new(&with("u", false, &[(RUNNING, 0)]));
        assert_eq!(old.gone(&with("u", true, &[(RUNNING, 0)])), Body::Lost);
        assert_eq!(old.see(None), Body::Lost);
        assert_eq!(old.gone(&with("u", true, &[(TERMINATED, 0)])), Body::Ended);
        assert_eq!(old.see(Some(&with("v", false, &[(RUNNING, 0)]))), Body::Replaced);
    }
}
