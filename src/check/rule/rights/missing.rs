//! What an elector may not do, and the best evidence of why.

use super::electing::{Electing, on_leases, verbs};
use super::paste;
use super::people::People;
use super::reviewed::told;
use crate::access::{Answer, Binding, Miss, Right, Role, Rule, Scope};
use crate::check::catalogue::Severity;
use crate::check::scene::Scene;
use crate::model::elector::Library;
use crate::model::object::Object;

/// What is to be said of the rights of an elector.
pub(super) enum Looked<'o> {
    Enough,
    /// Nobody knows, for this reason.
    Open(String),
    Lacks(Box<Lack<'o>>),
}

/// What is missing, and where the evidence stands.
pub(super) struct Lack<'o> {
    pub(super) verbs: Vec<&'static str>,
    pub(super) severity: Severity,
    pub(super) object: &'o Object,
    pub(super) field: String,
    pub(super) why: String,
    pub(super) fix: String,
}

/// Where the evidence stands, what it is, and what mends it.
type Evidence<'o> = (&'o Object, String, String, String);

/// Looks at the rights of an elector.
pub(super) fn look<'o>(scene: &Scene<'o>, people: &People<'o>, electing: &Electing<'_, 'o>) -> Looked<'o> {
    let (policy, reckoned) = (scene.policy(), missing(scene, electing));
    let agrees = |told: &Vec<_>| reckoned.as_ref().is_ok_and(|(verbs, _)| verbs == told);
    match told(scene, electing) {
        Some(told) if told.is_empty() => return Looked::Enough,
        Some(told) if !scene.has_rbac() || !agrees(&told) => return overruled(scene, electing, told),
        None if policy.is_empty() => return without_rbac(people, electing),
        _ => {}
    }
    let (verbs, name) = match reckoned {
        Ok((verbs, _)) if verbs.is_empty() => return Looked::Enough,
        Ok(missing) => missing,
        Err(unknown) => {
            let roles: Vec<_> = unknown.iter().map(|binding| binding.refers().1).collect();
            return Looked::Open(format!("what {} may do is not among what was given", roles.join(", ")));
        }
    };
    let misses = common(scene, electing, &verbs, name);
    if let Some(open) = unplaced(scene, electing, &misses) {
        return Looked::Open(open);
    }
    // An older version of a known program may have its lock where the role is about.
    let older = electing.by_itself && bound_rules(scene, electing).any(|(role, rule)| is_for_old_locks(role, rule));
    let evidence = evidence(scene, people, electing, &misses, &verbs, name);
    let account = electing.account.name;
    // Of a cluster all is known that there is.
    let known = scene.is_live()
        || people.made(electing.account).is_some()
        || policy.bindings_for(electing.account).next().is_some();
    // `default` is in every namespace, and nobody makes it.
    if evidence.is_none() && !known && account != "default" {
        return Looked::Open(format!("serviceaccount/{account} and its bindings are not among what was given"));
    }
    let patches = || policy.allows(electing.account, &asked(electing, "patch", name)).is_allowed();
    // Whoever may patch instead may be of another library than the flag suggests.
    let other = electing.library == Library::ClientGo && *verbs == ["update"] && patches();
    let (object, field, why, fix) = evidence.unwrap_or_else(|| {
        let why = "nothing that is bound to it is about leases there".to_owned();
        (electing.workload, electing.field.to_owned(), why, paste::role_and_binding(electing))
    });
    let severity = if other || older || !known { Severity::Warning } else { Severity::Error };
    Looked::Lacks(Box::new(Lack { verbs, severity, object, field, why, fix }))
}

/// The API server has said no, and roles and bindings do not tell why.
fn overruled<'o>(scene: &Scene<'o>, electing: &Electing<'_, 'o>, verbs: Vec<&'static str>) -> Looked<'o> {
    let why = if scene.has_rbac() {
        "so the API server says, though by roles and bindings it is otherwise: another authorizer decides, too"
    } else {
        "so the API server says, and its roles may not be read"
    };
    Looked::Lacks(Box::new(Lack {
        verbs,
        severity: Severity::Error,
        object: electing.workload,
        field: electing.field.to_owned(),
        why: why.to_owned(),
        fix: paste::role_and_binding(electing),
    }))
}

/// What comes close to these verbs: rules that fall short of some of them, but whole roles only if they have all.
fn common<'o>(
    scene: &Scene<'o>,
    electing: &Electing<'_, 'o>,
    verbs: &[&'static str],
    name: Option<&str>,
) -> Vec<Miss<'o>> {
    let answers = verbs.iter().map(|verb| scene.policy().allows(electing.account, &asked(electing, verb, name)));
    let each: Vec<_> =
        answers.filter_map(|it| if let Answer::Denied(misses) = it { Some(misses) } else { None }).collect();
    let mut all = Vec::new();
    for miss in each.iter().flatten() {
        let whole = matches!(miss, Miss::Elsewhere(..) | Miss::Unbound(_) | Miss::Others(..));
        if !all.contains(miss) && (!whole || each.iter().all(|misses| misses.contains(miss))) {
            all.push(*miss);
        }
    }
    all.sort_by_key(Miss::rank);
    all
}

/// Where there are no roles at all, they may be elsewhere; but who makes the ServiceAccount would be the one to bind it.
fn without_rbac<'o>(people: &People<'o>, electing: &Electing<'_, 'o>) -> Looked<'o> {
    let Some(object) = people.made(electing.account) else {
        return Looked::Open(
            "no roles or bindings are in what was given: add the files that have them with -f".to_owned(),
        );
    };
    Looked::Lacks(Box::new(Lack {
        verbs: verbs(electing.library).to_vec(),
        severity: Severity::Warning,
        object,
        field: String::new(),
        why: "nothing in what was given binds it to a role, though it is made here".to_owned(),
        fix: paste::role_and_binding(electing),
    }))
}

/// What is asked of a Lease of this name; creating it is asked before it has one.
pub(super) fn asked<'a>(electing: &Electing<'a, '_>, verb: &'a str, name: Option<&'a str>) -> Right<'a> {
    on_leases(verb, electing.scope, name.filter(|_| verb != "create"))
}

/// The verbs that are missing, for the name of a Lease for which the fewest are: where its name is not known, it is one of
/// those that its rules name.
pub(super) fn missing<'s, 'o>(
    scene: &Scene<'o>,
    electing: &Electing<'s, 'o>,
) -> Result<(Vec<&'static str>, Option<&'s str>), Vec<Binding<'o>>>
where
    'o: 's,
{
    let policy = scene.policy();
    let mut names = vec![electing.lease];
    if electing.lease.is_none() {
        for (_, rule) in bound_rules(scene, electing).filter(|(_, rule)| rule.has_resource("leases")) {
            names.extend(rule.texts("resourceNames").map(Some));
        }
    }
    let mut best: Option<(Vec<&'static str>, Option<&str>)> = None;
    for name in names {
        let mut lacks = Vec::new();
        // What is installed with the rest need not be made.
        let installed = name.is_some_and(|name| {
            let mut leases = scene.of_kind("Lease").iter();
            leases.any(|lease| *lease.name == *name && policy.scope(lease.namespace.as_deref()) == electing.scope)
        });
        for verb in verbs(electing.library).iter().filter(|verb| !installed || **verb != "create") {
            match policy.allows(electing.account, &asked(electing, verb, name)) {
                Answer::Allowed(_) => {}
                Answer::Denied(_) => lacks.push(*verb),
                Answer::Unknown(bindings) => return Err(bindings),
            }
        }
        if best.as_ref().is_none_or(|(best, _)| lacks.len() < best.len()) {
            best = Some((lacks, name));
        }
    }
    Ok(best.unwrap_or_default())
}

fn bound_rules<'s, 'o>(
    scene: &'s Scene<'o>,
    electing: &'s Electing<'s, 'o>,
) -> impl Iterator<Item = (Role<'o>, Rule<'o>)> + use<'s, 'o> {
    let policy = scene.policy();
    let bindings = policy.bindings_for(electing.account).filter(|binding| binding.reaches(electing.scope));
    bindings
        .filter_map(|binding| policy.role_of(binding))
        .flat_map(|role| policy.rules(role).into_iter().map(move |rule| (role, rule)))
}

/// Why the namespaces do not tell: something that would do names none, and nobody knows where it will be.
fn unplaced(scene: &Scene<'_>, electing: &Electing<'_, '_>, misses: &[Miss<'_>]) -> Option<String> {
    let elsewhere = |miss: &&Miss<'_>| match miss {
        Miss::Elsewhere(binding, _) => binding.scope == Scope::Unnamed || electing.scope == Scope::Unnamed,
        _ => false,
    };
    if let Some(Miss::Elsewhere(binding, _)) = misses.iter().find(elsewhere) {
        return Some(format!(
            "whether {} is where the Lease is hangs on a namespace that is not named",
            binding.object
        ));
    }
    let told = |miss: &&Miss<'_>| match miss {
        Miss::Elsewhere(binding, _) => is_hinted(electing, binding.scope),
        _ => false,
    };
    if let Some(Miss::Elsewhere(binding, _)) = misses.iter().find(told) {
        let there = binding.scope;
        return Some(format!(
            "its Lease may be in {there}, which its arguments name, and where {} holds",
            binding.object
        ));
    }
    let same_name = |binding: &Binding<'_>| {
        binding.accounts().any(|account| account.name == electing.account.name && account != electing.account)
    };
    let unnamed = electing.account.scope == Scope::Unnamed && scene.policy().bindings().iter().any(same_name);
    unnamed.then(|| format!("the namespace of {} is not named, and so not who it runs as", electing.workload))
}

/// Whether a program that is not told where to elect is told of this namespace.
fn is_hinted(electing: &Electing<'_, '_>, scope: Scope<'_>) -> bool {
    let Scope::Namespace(namespace) = scope else { return false };
    let mut words = electing.hints.iter().flat_map(|hint| hint.split(['=', ',', ' ', ':', '/']));
    words.any(|word| word == namespace)
}

fn evidence<'o>(
    scene: &Scene<'o>,
    people: &People<'o>,
    electing: &Electing<'_, 'o>,
    misses: &[Miss<'o>],
    verbs: &[&'static str],
    name: Option<&str>,
) -> Option<Evidence<'o>> {
    let close = misses.iter().find_map(|miss| match miss {
        Miss::Verb(_, rule) | Miss::Name(_, rule) | Miss::Group(_, rule) if rule.names_resource("leases") => {
            Some(by_rule(miss, *rule, verbs, name))
        }
        _ => None,
    });
    close.or_else(|| by_old_lock(scene, electing)).or_else(|| {
        misses.iter().find_map(|miss| match miss {
            Miss::Dangling(binding) if is_for_electing(&binding.object.name) => Some(by_dangling(electing, *binding)),
            Miss::Elsewhere(binding, role) => Some(by_place(electing, *binding, *role)),
            Miss::Unbound(role) if may_be_meant(scene, electing, *role) => {
                let why = format!("{} would do, and nothing binds it", role.object);
                let kind = &role.object.kind;
                Some((role.object, String::new(), why, paste::binding(electing, kind, &role.object.name)))
            }
            Miss::Others(binding, role) if is_for_nobody(scene, people, *binding) => {
                let why = format!("{} gives {} to others, whom nothing here runs as", binding.object, role.object);
                Some((binding.object, "subjects".to_owned(), why, paste::with_subject(binding.object, electing)))
            }
            _ => None,
        })
    })
}

/// Whether a binding is for nobody, or for ServiceAccounts that are not there. One that is for people is meant so.
fn is_for_nobody(scene: &Scene<'_>, people: &People<'_>, binding: Binding<'_>) -> bool {
    let mut accounts = binding.accounts().peekable();
    match accounts.peek() {
        None => binding.object.root.get("subjects").list().is_empty() && !is_provided(binding.object),
        Some(_) => !accounts.any(|account| people.has(account) || !scene.knows(account.scope)),
    }
}

/// Whether each API server makes it for itself (`k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy`).
fn is_provided(object: &Object) -> bool {
    !object.root.at("metadata.labels").get("kubernetes.io/bootstrapping").is_null()
}

/// Whether a role that nothing binds may be meant for this election. Every cluster has some that would do for anything, and
/// those of others.
fn may_be_meant(scene: &Scene<'_>, electing: &Electing<'_, '_>, role: Role<'_>) -> bool {
    let likely = || {
        let name = &*role.object.name;
        is_for_electing(name) || name.starts_with(electing.account.name) || name.starts_with(&*electing.workload.name)
    };
    role.scope != Scope::Cluster || (!is_provided(role.object) && (!scene.is_live() || likely()))
}

/// It is bound to a rule about leases that falls short.
fn by_rule<'o>(miss: &Miss<'o>, rule: Rule<'o>, verbs: &[&'static str], name: Option<&str>) -> Evidence<'o> {
    let at = |field: &str| format!("rules[{}].{field}", rule.index);
    let alone = rule.texts("resources").eq(["leases"]);
    let limited = rule.is_limited();
    match miss {
        Miss::Verb(..) if alone && !(limited && verbs.contains(&"create")) => {
            let why = format!("its rule about leases has {}", rule.texts("verbs").collect::<Vec<_>>().join(", "));
            (rule.of, at("verbs"), why, paste::with_verbs(rule.of, rule.index, verbs))
        }
        Miss::Group(..) => {
            let why = "its rule about leases names another group than coordination.k8s.io".to_owned();
            (rule.of, at("apiGroups"), why, paste::with_rules(rule.of, [paste::lease_rule(verbs, &[])]))
        }
        _ => {
            let names: Vec<_> = name.into_iter().collect();
            let (create, named): (Vec<_>, Vec<_>) = verbs.iter().copied().partition(|verb| *verb == "create");
            let rules = [(create, &[][..]), (named, &names[..])];
            let more = rules.into_iter().filter(|(verbs, _)| !verbs.is_empty());
            let fix = paste::with_rules(rule.of, more.map(|(verbs, names)| paste::lease_rule(&verbs, names)));
            let field = if limited { at("resourceNames") } else { at("verbs") };
            let listed = rule.texts("resourceNames").collect::<Vec<_>>().join(", ");
            let why = if limited {
                format!("its rule about leases is limited to {listed}")
            } else {
                format!("its rule about leases has {}", rule.texts("verbs").collect::<Vec<_>>().join(", "))
            };
            (rule.of, field, why, fix)
        }
    }
}

/// It is bound to a role that is meant for an election, and is about what locks were once kept in.
fn by_old_lock<'o>(scene: &Scene<'o>, electing: &Electing<'_, 'o>) -> Option<Evidence<'o>> {
    let (role, rule) = bound_rules(scene, electing).find(|(role, rule)| is_for_old_locks(*role, *rule))?;
    let why = format!("{} is about configmaps, where locks were kept once, and not about leases", role.object);
    let fix = paste::with_rules(role.object, [paste::lease_rule(verbs(electing.library), &[])]);
    Some((role.object, format!("rules[{}].resources", rule.index), why, fix))
}

/// Whether a rule is for a lock in a ConfigMap, or in Endpoints, of a role that is meant for an election.
pub(super) fn is_for_old_locks(role: Role<'_>, rule: Rule<'_>) -> bool {
    let old = rule.names_resource("configmaps") || rule.names_resource("endpoints");
    old && rule.has_verb("update") && (is_for_electing(&role.object.name) || rule.texts("resourceNames").any(is_a_lock))
}

/// Whether a ConfigMap of this name is a lock: `ingress-controller-leader`, `payments-lock`.
fn is_a_lock(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("leader") || name.ends_with("-lock") || name.ends_with("-leader-elect") || is_for_electing(&name)
}

/// Whether a name says that something is for the election of a leader.
pub(super) fn is_for_electing(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_', '.', ':'], "");
    name.contains("leaderelect") || name.contains("electleader")
}

fn by_dangling<'o>(electing: &Electing<'_, 'o>, binding: Binding<'o>) -> Evidence<'o> {
    let (kind, name) = binding.refers();
    let why = format!("{} refers to {kind} {name}, which is not there", binding.object);
    (electing.workload, electing.field.to_owned(), why, paste::role_and_binding(electing))
}

fn by_place<'o>(electing: &Electing<'_, 'o>, binding: Binding<'o>, role: Role<'o>) -> Evidence<'o> {
    let (here, there) = (electing.scope, binding.scope);
    let why = format!("{} would do, but holds in {there}, and the Lease is in {here}", binding.object);
    if role.scope == Scope::Cluster {
        let fix = paste::binding(electing, "ClusterRole", &role.object.name);
        return (binding.object, "metadata.namespace".to_owned(), why, fix);
    }
    (role.object, "metadata.namespace".to_owned(), why, paste::role_and_binding(electing))
}
