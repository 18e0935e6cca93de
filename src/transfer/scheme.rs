//! How an election's identities are made: whether a standby's can be known before it leads.

use crate::model::Pod;
use crate::model::elector::hostname_of;

/// What a candidate's identity is made from, told by the leader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The Pod's name.
    PodName,
    /// The host name that its containers see: the Pod's, or its node's.
    Host,
    /// The Pod's address.
    Address,
    /// The Pod's uid.
    Uid,
    /// Something of which only the process itself knows, such as `<hostname>_<uuid>`.
    Hidden,
}

impl Scheme {
    /// Tells it by the leader's identity and Pod.
    #[must_use]
    pub fn of(identity: &str, pod: &Pod) -> Self {
        if identity == pod.key.name {
            Self::PodName
        } else if identity == pod.host() {
            Self::Host
        } else if pod.ip.as_deref() == Some(identity) {
            Self::Address
        } else if identity == pod.uid {
            Self::Uid
        } else {
            Self::Hidden
        }
    }

    /// The identity that a candidate has.
    #[must_use]
    pub fn identity(self, pod: &Pod) -> Option<String> {
        match self {
            Self::PodName => Some(pod.key.name.clone()),
            Self::Host => Some(pod.host().to_owned()),
            Self::Address => pod.ip.clone(),
            Self::Uid => Some(pod.uid.clone()),
            Self::Hidden => None,
        }
    }

    /// What it is made from, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PodName => "its Pod's name",
            Self::Host => "its host name",
            Self::Address => "its Pod's address",
            Self::Uid => "its Pod's uid",
            Self::Hidden => "something that only the process knows",
        }
    }

    /// Whether an identity is a Pod's, whatever else is in it.
    #[must_use]
    pub fn belongs(identity: &str, pod: &Pod) -> bool {
        Self::of(identity, pod) != Self::Hidden || hostname_of(identity) == Some(pod.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::wire::tests::pod;

    #[test]
    fn a_standbys_identity_is_made_as_the_leaders() {
        let pod = |name: &str, ip: &str| {
            pod(&format!(
                r#"{{"metadata":{{"namespace":"n","name":"{name}","uid":"u-{name}"}},"status":{{"podIP":"{ip}"}}}}"#
            ))
        };
        let (leader, standby) = (pod("web-a", "10.0.0.1"), pod("web-b", "10.0.0.2"));
        let made = |identity: &str| Scheme::of(identity, &leader).identity(&standby);
        assert_eq!(made("web-a").as_deref(), Some("web-b"));
        assert_eq!(made("10.0.0.1").as_deref(), Some("10.0.0.2"));
        assert_eq!(made("u-web-a").as_deref(), Some("u-web-b"));
        let hidden = "web-a_0b3c5d7e-1f2a-4b3c-8d5e-6f7a8b9c0d1e";
        assert_eq!(made(hidden), None);
        assert!(Scheme::belongs(hidden, &leader) && !Scheme::belongs(hidden, &standby));
    }
}
