//! Where `hactl doctor` looks: namespaces, and the lists that have what is in them.

use crate::check::live::Live;
use crate::model::object::Object;

/// Of so many namespaces each has lists of its own; what is in more is found in the lists of all of them.
const FEW: usize = 3;

/// The namespaces that are looked at. `None` are all of them.
pub(super) type Namespaces = Vec<Option<String>>;

/// The namespaces that are looked at: those of the manifests, too. Of many only those of what is pointed at, if anything is.
pub(super) fn namespaces<'o>(
    home: &'o str,
    applied: &'o [Object],
    is_target: Option<impl Fn(&Object) -> bool>,
) -> Namespaces {
    let of = |objects: &mut dyn Iterator<Item = &'o Object>| {
        let named = objects.filter_map(|object| object.namespace.as_deref()).chain([home]);
        let mut namespaces: Vec<_> = named.map(|namespace| Some(namespace.to_owned())).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        namespaces
    };
    let all = of(&mut applied.iter());
    match is_target {
        Some(is_target) if all.len() > FEW => of(&mut applied.iter().filter(|object| is_target(object))),
        _ => all,
    }
}

/// Where lists are read for these namespaces.
pub(super) fn lists(namespaces: &[Option<String>]) -> Namespaces {
    if namespaces.len() > FEW { vec![None] } else { namespaces.to_vec() }
}

fn is_in(namespaces: &[Option<String>], namespace: &str) -> bool {
    namespaces.iter().any(|one| one.as_deref().is_none_or(|one| one == namespace))
}

/// Leaves out what is in other namespaces.
pub(super) fn keep(objects: &mut Vec<Object>, namespaces: &[Option<String>]) {
    objects.retain(|object| object.namespace.as_deref().is_none_or(|own| is_in(namespaces, own)));
}

/// Leaves out the Elections of other namespaces.
pub(super) fn keep_elections(live: &mut Live, namespaces: &[Option<String>]) {
    live.elections.retain(|election| {
        [&election.namespace, &election.workload_namespace].iter().any(|own| is_in(namespaces, own))
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::node::Node;
    use crate::model::object::Origin;

    fn object(number: usize) -> Object {
        let json = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "namespace": format!("n{number}")}});
        Object::new(Node::from(&json), Origin::Live).expect("an object")
    }

    #[test]
    fn what_is_in_many_namespaces_takes_no_more_lists_than_what_is_in_all() {
        let nobody = None::<fn(&Object) -> bool>;
        let mut objects: Vec<_> = (0..60).map(object).collect();
        let named = |numbers: &[usize]| -> Namespaces { numbers.iter().map(|n| Some(format!("n{n}"))).collect() };
        let few = namespaces("n1", &objects[..3], nobody);
        assert_eq!((&few, lists(&few)), (&named(&[0, 1, 2]), named(&[0, 1, 2])));
        let many = namespaces("n1", &objects, nobody);
        assert_eq!((many.len(), lists(&many)), (60, vec![None]));
        let target = Some(|object: &Object| object.namespace.as_deref() == Some("n7"));
        assert_eq!(namespaces("n1", &objects[..3], target), few);
        let own = namespaces("n1", &objects, target);
        assert_eq!((&own, lists(&own)), (&named(&[1, 7]), named(&[1, 7])));
        keep(&mut objects, &own);
        assert_eq!(objects.len(), 2);
        keep(&mut objects, &[None]);
        assert_eq!(objects.len(), 2);
    }
}
