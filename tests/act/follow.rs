//! One object is followed by who may read no other.

use std::time::Duration;

use futures::StreamExt;
use hactl::cluster::{Change, Pen, follow_one};
use hactl::model::snapshot::Object;
use hactl::model::wire::{WireLease, WirePod};
use hactl::model::write::Change as Field;
use hactl::model::{LeasePatch, Pod};

use super::rights::limited;
use super::{key, make_ready, pod, read, uid, writer};
use crate::support::fixtures::lease;
use crate::support::{Testbed, block_on};

/// How long the server may take to tell what has happened.
const TOLD_SOON: Duration = Duration::from_secs(10);

#[test]
fn one_lease_and_one_pod_are_followed_with_rights_to_their_names() {
    let namespace = Testbed::shared().namespace("act");
    for name in ["payments", "other"] {
        lease(name).holder("someone").create(&namespace);
    }
    let leader = pod(&namespace, "web-1");
    pod(&namespace, "web-2");
    let (reader, writer) = (limited(&namespace), writer(&namespace));
    let place = key(&namespace, "payments");
    block_on(async {
        let mut changes = follow_one::<WireLease>(&reader, &place);
        let mut next =
            async || tokio::time::timeout(TOLD_SOON, changes.next()).await.expect("in time").expect("no end");
        let Change::Listed(_, objects, _) = next().await else { panic!("a list") };
        let [Object::Lease(listed)] = &objects[..] else { panic!("one Lease: {objects:?}") };
        let patch = LeasePatch { transitions: Field::Set(4), ..LeasePatch::of(listed) };
        let other = LeasePatch { transitions: Field::Set(4), ..LeasePatch::of(&read(&namespace, "other")) };
        writer.patch(&key(&namespace, "other"), &other).await.expect("the administrator may");
        let written = writer.patch(&place, &patch).await.expect("what a list tells is what a write is decided on");
        let Change::Put(Object::Lease(seen)) = next().await else { panic!("a change") };
        assert_eq!(seen, written);
    });
    let place = key(&namespace, "web-1");
    block_on(async {
        let mut changes = follow_one::<WirePod>(&reader, &place);
        let mut next =
            async || tokio::time::timeout(TOLD_SOON, changes.next()).await.expect("in time").expect("no end");
        assert!(matches!(next().await, Change::Listed(_, objects, _) if objects.len() == 1));
        make_ready(&namespace, "web-1");
        assert!(matches!(next().await, Change::Put(Object::Pod(pod)) if pod.ready));
        writer.delete(&place, uid(&leader)).await.expect("the administrator may");
        // First it is on its way out, also where nobody has to be waited for; and its last state is told with its end.
        let last = |pod: &Pod| pod.uid == uid(&leader) && pod.ready && pod.terminating();
        let (leaving, gone) = (next().await, next().await);
        assert!(matches!(&leaving, Change::Put(Object::Pod(pod)) if last(pod)), "{leaving:?}");
        assert!(matches!(&gone, Change::Gone(Object::Pod(pod)) if last(pod)), "{gone:?}");
    });
}
