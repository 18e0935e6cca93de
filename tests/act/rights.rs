//! What an account may not do is refused, and told before it is tried.

use std::time::Duration;

use hactl::cluster::{Consent, Pen, Reader, Refused, Writer, missing};
use hactl::error::Exit;
use hactl::model::write::Change;
use hactl::model::{LeasePatch, Right};
use serde_json::json;

use super::{LEASES, key, pod, read, reader, refused, stored, uid};
use crate::support::fixtures::{create, lease};
use crate::support::{Namespace, Testbed, block_on, wait_until};

/// How long a right may take until the API server knows of it.
const KNOWN_SOON: Duration = Duration::from_secs(10);

/// Whoever may read one Lease and one Pod by their names, and evict that Pod, and nothing else.
pub(super) fn limited(namespace: &Namespace) -> Reader {
    let group = "rbac.authorization.k8s.io/v1";
    create(namespace, json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "limited"}}));
    let read = ["get", "list", "watch"];
    let rules = json!([
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": ["payments"], "verbs": read},
        {"apiGroups": [""], "resources": ["pods"], "resourceNames": ["web-1"], "verbs": read},
        {"apiGroups": [""], "resources": ["pods/eviction"], "resourceNames": ["web-1"], "verbs": ["create"]},
    ]);
    create(namespace, json!({"apiVersion": group, "kind": "Role", "metadata": {"name": "limited"}, "rules": rules}));
    let subject = json!({"kind": "ServiceAccount", "name": "limited", "namespace": namespace.name()});
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "limited"});
    let binding = json!({
        "apiVersion": group, "kind": "RoleBinding", "metadata": {"name": "limited"}, "roleRef": role, "subjects": [subject],
    });
    create(namespace, binding);
    let reader = reader(namespace.kubeconfig_as("limited"));
    wait_until(KNOWN_SOON, "the account's rights are known", || async {
        reader.lease(&key(namespace, "payments")).await.is_ok().then_some(())
    });
    reader
}

fn right(verb: &'static str, group: &'static str, resource: &'static str, namespace: &Namespace, name: &str) -> Right {
    let (namespace, name) = (namespace.name().to_owned(), Some(name.to_owned()));
    Right { verb, group, resource, subresource: None, namespace, name }
}

#[test]
fn the_rights_that_are_missing_are_named_and_their_use_is_refused() {
    let namespace = Testbed::shared().namespace("act");
    lease("payments").holder("someone").create(&namespace);
    let leader = pod(&namespace, "web-1");
    let reader = limited(&namespace);
    let get = right("get", "coordination.k8s.io", "leases", &namespace, "payments");
    let patch = Right { verb: "patch", ..get.clone() };
    let evict = Right { subresource: Some("eviction"), ..right("create", "", "pods", &namespace, "web-1") };
    let other = Right { name: Some("web-2".to_owned()), ..evict.clone() };
    let delete = right("delete", "", "pods", &namespace, "web-1");
    let asked = [get.clone(), patch.clone(), evict.clone(), other.clone(), delete.clone()];
    assert_eq!(block_on(missing(&reader, &asked)), Ok(vec![patch, other, delete]));
    let elsewhere = Right { namespace: "default".to_owned(), ..get };
    assert_eq!(block_on(missing(&reader, std::slice::from_ref(&elsewhere))), Ok(vec![elsewhere]));

    let writer = Writer::new(reader, Consent::by_flag());
    let before = stored(&namespace, LEASES, "payments");
    let change = LeasePatch { transitions: Change::Set(9), ..LeasePatch::of(&read(&namespace, "payments")) };
    let answer = block_on(writer.patch(&key(&namespace, "payments"), &change));
    let error = answer.as_ref().expect_err("forbidden").failure().error.clone();
    assert!(error.message.contains("cannot patch resource \"leases\""), "{error:?}");
    assert_eq!(error.exit, Exit::Refused);
    assert_eq!(refused(answer), Refused::Forbidden);
    assert_eq!(stored(&namespace, LEASES, "payments"), before);
    let place = key(&namespace, "web-1");
    assert_eq!(refused(block_on(writer.delete(&place, uid(&leader)))), Refused::Forbidden);
    // Who may evict need not be allowed to delete.
    block_on(writer.evict(&place, uid(&leader))).expect("this right is there");
}

#[test]
fn where_reviews_cannot_be_had_no_right_is_taken_for_granted() {
    use crate::support::ill::{Server, refusal};
    let server = Server::https(|_, _| refusal(503, "shutting down", &serde_json::Value::Null));
    let namespace = Testbed::shared().namespace("act");
    let asked = right("get", "", "pods", &namespace, "web-1");
    let answer = block_on(missing(&reader(server.kubeconfig()), &[asked]));
    assert!(answer.as_ref().is_err_and(|error| error.message.contains("503")), "{answer:?}");
}
