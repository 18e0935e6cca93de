//! Roles and bindings, and what they come to.

use std::collections::HashMap;

use super::home::home;
use super::miss::misses;
use super::provided::Provided;
use super::{Account, Answer, Right, Rule, Scope};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::selector::Selector;

const GROUP: &str = "rbac.authorization.k8s.io";

/// All roles and bindings that are known.
#[derive(Debug)]
pub struct Policy<'o> {
    roles: Vec<Role<'o>>,
    bindings: Vec<Binding<'o>>,
    /// By scope and name.
    role_at: HashMap<(Scope<'o>, &'o str), usize>,
    /// The bindings that name a ServiceAccount, so that a question does not grow with everything there is.
    bound: HashMap<Account<'o>, Vec<usize>>,
    /// Those that name groups or users.
    wide: Vec<usize>,
    /// The bindings of each scope, and those of each role, by their numbers.
    bound_in: HashMap<Scope<'o>, Vec<usize>>,
    bound_to: HashMap<(Scope<'o>, &'o str), Vec<usize>>,
    roles_in: HashMap<Scope<'o>, Vec<usize>>,
    home: Option<&'o str>,
}

/// A Role or a ClusterRole.
#[derive(Clone, Copy, Debug)]
pub struct Role<'o> {
    /// It.
    pub object: &'o Object,
    /// Its namespace, or the cluster.
    pub scope: Scope<'o>,
}

/// A RoleBinding or a ClusterRoleBinding.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'o> {
    /// It.
    pub object: &'o Object,
    /// Where it grants something.
    pub scope: Scope<'o>,
}

/// The same role is the same object: whole trees need not be compared.
impl PartialEq for Role<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.object, other.object)
    }
}

/// As for roles.
impl PartialEq for Binding<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.object, other.object)
    }
}

/// Why something is allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grant<'o> {
    /// By this binding.
    pub binding: Binding<'o>,
    /// With the role that it refers to, if that is among the objects.
    pub role: Option<Role<'o>>,
    /// By this rule of it, or of what it aggregates.
    pub rule: Option<Rule<'o>>,
}

/// What a binding refers to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Referred<'o> {
    Here(Role<'o>),
    Provided(Provided<'o>),
    Nothing,
}

impl<'o> Policy<'o> {
    /// What these objects come to. Those that name no namespace are all in the same one, which may follow from the rest.
    #[must_use]
    pub fn new(objects: &'o [Object]) -> Self {
        let mut policy = Self {
            roles: Vec::new(),
            bindings: Vec::new(),
            role_at: HashMap::new(),
            bound: HashMap::new(),
            wide: Vec::new(),
            bound_in: HashMap::new(),
            bound_to: HashMap::new(),
            roles_in: HashMap::new(),
            home: home(objects),
        };
        for object in objects.iter().filter(|object| object.group() == GROUP) {
            let own = policy.scope(object.namespace.as_deref());
            match &*object.kind {
                "Role" => policy.add(Role { object, scope: own }),
                "ClusterRole" => policy.add(Role { object, scope: Scope::Cluster }),
                "RoleBinding" => policy.bind(Binding { object, scope: own }),
                "ClusterRoleBinding" => policy.bind(Binding { object, scope: Scope::Cluster }),
                _ => {}
            }
        }
        policy
    }

    fn add(&mut self, role: Role<'o>) {
        let at = self.roles.len();
        self.role_at.insert((role.scope, &role.object.name), at);
        self.roles_in.entry(role.scope).or_default().push(at);
        self.roles.push(role);
    }

    fn bind(&mut self, binding: Binding<'o>) {
        let at = self.bindings.len();
        for account in binding.accounts() {
            let bound = self.bound.entry(account).or_default();
            if bound.last() != Some(&at) {
                bound.push(at);
            }
        }
        self.bound_in.entry(binding.scope).or_default().push(at);
        if let Some(place) = binding.place() {
            self.bound_to.entry(place).or_default().push(at);
        }
        let subjects = binding.object.root.get("subjects").list();
        if subjects.iter().any(|subject| matches!(subject.get("kind").text(), Some("Group" | "User"))) {
            self.wide.push(at);
        }
        self.bindings.push(binding);
    }

    /// The bindings that are for a ServiceAccount.
    pub fn bindings_for<'s>(&'s self, who: Account<'s>) -> impl Iterator<Item = Binding<'o>> + use<'s, 'o> {
        let bound = self.bound.get(&who).map_or(&[][..], Vec::as_slice);
        let wide = self.wide.iter().filter(move |at| !bound.contains(at) && self.bindings[**at].is_for(who));
        bound.iter().chain(wide).map(|at| self.bindings[*at])
    }

    /// Whether there are neither roles nor bindings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.bindings.is_empty()
    }

    /// The roles, in the order in which they were given.
    #[must_use]
    pub fn roles(&self) -> &[Role<'o>] {
        &self.roles
    }

    /// The bindings, in the order in which they were given.
    #[must_use]
    pub fn bindings(&self) -> &[Binding<'o>] {
        &self.bindings
    }

    /// The namespace that a name, or none, stands for.
    #[must_use]
    pub fn scope<'a>(&self, namespace: Option<&'a str>) -> Scope<'a>
    where
        'o: 'a,
    {
        Scope::of(namespace.or(self.home))
    }

    /// Whether a ServiceAccount may do something.
    #[must_use]
    pub fn allows(&self, who: Account<'_>, right: &Right<'_>) -> Answer<'o> {
        let mut unknown = Vec::new();
        for binding in self.bindings_for(who).filter(|binding| binding.reaches(right.scope)) {
            match self.referred(binding) {
                Referred::Here(role) => {
                    let rules = self.rules(role);
                    if let Some(rule) = rules.iter().find(|rule| rule.allows(right)) {
                        return Answer::Allowed(Grant { binding, role: Some(role), rule: Some(*rule) });
                    }
                    // Roles that are not among these objects may be meant to fill it.
                    if rules.is_empty() && role.aggregates().next().is_some() {
                        unknown.push(binding);
                    }
                }
                Referred::Provided(role) => {
                    if let Some(rule) = self.added_to(role).find(|rule| rule.allows(right)) {
                        return Answer::Allowed(Grant { binding, role: None, rule: Some(rule) });
                    }
                    match role.allows(right) {
                        Some(true) => return Answer::Allowed(Grant { binding, role: None, rule: None }),
                        Some(false) => {}
                        None => unknown.push(binding),
                    }
                }
                Referred::Nothing => {}
            }
        }
        if unknown.is_empty() { Answer::Denied(misses(self, who, right)) } else { Answer::Unknown(unknown) }
    }

    /// What a binding refers to.
    pub(super) fn referred(&self, binding: Binding<'o>) -> Referred<'o> {
        let Some(place) = binding.place() else { return Referred::Nothing };
        match self.role_at.get(&place) {
            Some(at) => Referred::Here(self.roles[*at]),
            None => Provided::of(binding.refers().0, place.1, place.0).map_or(Referred::Nothing, Referred::Provided),
        }
    }

    /// The role that a binding refers to, if it is among the objects.
    #[must_use]
    pub fn role_of(&self, binding: Binding<'o>) -> Option<Role<'o>> {
        if let Referred::Here(role) = self.referred(binding) { Some(role) } else { None }
    }

    /// Whether a binding refers to a role that is neither among the objects nor one that each cluster has.
    #[must_use]
    pub fn is_dangling(&self, binding: Binding<'o>) -> bool {
        self.referred(binding) == Referred::Nothing
    }

    /// The bindings that refer to a role.
    pub fn bindings_of(&self, role: Role<'o>) -> impl Iterator<Item = Binding<'o>> + use<'_, 'o> {
        let bound = self.bound_to.get(&(role.scope, &*role.object.name)).map_or(&[][..], Vec::as_slice);
        bound.iter().map(|at| self.bindings[*at])
    }

    /// The bindings of a scope itself.
    pub(super) fn bindings_in<'s>(&'s self, scope: Scope<'s>) -> impl Iterator<Item = Binding<'o>> + use<'s, 'o> {
        let bound = self.bound_in.get(&scope).map_or(&[][..], Vec::as_slice);
        bound.iter().map(|at| self.bindings[*at])
    }

    /// The roles of a scope itself.
    pub(super) fn roles_in<'s>(&'s self, scope: Scope<'s>) -> impl Iterator<Item = Role<'o>> + use<'s, 'o> {
        let roles = self.roles_in.get(&scope).map_or(&[][..], Vec::as_slice);
        roles.iter().map(|at| self.roles[*at])
    }

    /// The rules of a role. Those of one that aggregates others are theirs: the controller puts them in the place of its own
    /// (`k8s.io/kubernetes/pkg/controller/clusterroleaggregation`).
    #[must_use]
    pub fn rules(&self, role: Role<'o>) -> Vec<Rule<'o>> {
        let (mut rules, mut seen, mut open) = (Vec::new(), vec![role.object], vec![role]);
        while let Some(role) = open.pop() {
            let selectors: Vec<_> = role.aggregates().collect();
            if selectors.is_empty() {
                rules.extend(Rule::all(role.object));
                continue;
            }
            for other in self.roles_in(Scope::Cluster) {
                let labels = other.object.root.at("metadata.labels");
                let is_new = !seen.iter().any(|seen| std::ptr::eq(*seen, other.object));
                if is_new && selectors.iter().any(|selector| selector.matches(labels)) {
                    seen.push(other.object);
                    open.push(other);
                }
            }
        }
        rules
    }

    /// The rules that ClusterRoles among the objects add to a provided one by their labels.
    fn added_to(&self, provided: Provided<'o>) -> impl Iterator<Item = Rule<'o>> {
        let labels: Vec<_> = provided.labels().collect();
        let roles = self.roles_in(Scope::Cluster).filter(move |role| {
            let own = role.object.root.at("metadata.labels");
            labels.iter().any(|label| own.get(label).text() == Some("true"))
        });
        roles.flat_map(|role| self.rules(role))
    }
}

impl<'o> Role<'o> {
    /// What selects the roles that fill it.
    fn aggregates(self) -> impl Iterator<Item = Selector<'o>> {
        self.object.root.at("aggregationRule.clusterRoleSelectors").list().iter().map(Selector::read)
    }
}

impl<'o> Binding<'o> {
    /// Whether it grants anything there: a ClusterRoleBinding does everywhere.
    #[must_use]
    pub fn reaches(self, scope: Scope<'_>) -> bool {
        self.scope == Scope::Cluster || self.scope == scope
    }

    /// The scope and the name of the role that it refers to: a Role is one of its own namespace.
    fn place(self) -> Option<(Scope<'o>, &'o str)> {
        match self.refers() {
            ("ClusterRole", name) => Some((Scope::Cluster, name)),
            ("Role", name) if self.scope != Scope::Cluster => Some((self.scope, name)),
            _ => None,
        }
    }

    /// The kind and the name of the role that it refers to.
    #[must_use]
    pub fn refers(self) -> (&'o str, &'o str) {
        let field = |path: &str| self.object.root.at(path).text().unwrap_or_default();
        (field("roleRef.kind"), field("roleRef.name"))
    }

    /// Whether one of its subjects is this ServiceAccount, or a group that it is in
    /// (`k8s.io/kubernetes/pkg/registry/rbac/validation/rule.go`, `appliesToUser`).
    #[must_use]
    pub fn is_for(self, who: Account<'_>) -> bool {
        self.object.root.get("subjects").list().iter().any(|subject| {
            let name = subject.get("name").text().unwrap_or_default();
            match subject.get("kind").text() {
                Some("ServiceAccount") => self.account(subject) == Some(who),
                Some("Group") => is_in(who, name),
                Some("User") => is_user(who, name),
                _ => false,
            }
        })
    }

    /// The ServiceAccounts that it names.
    pub fn accounts(self) -> impl Iterator<Item = Account<'o>> {
        self.object.root.get("subjects").list().iter().filter_map(move |subject| self.account(subject))
    }

    /// The ServiceAccount that a subject is: of the binding's namespace, where it names none.
    fn account(self, subject: &'o Node) -> Option<Account<'o>> {
        if subject.get("kind").text() != Some("ServiceAccount") {
            return None;
        }
        let own = subject.get("namespace").text().filter(|namespace| !namespace.is_empty());
        let scope = own.map_or(self.scope, Scope::Namespace);
        let name = subject.get("name").text()?;
        (scope != Scope::Cluster).then_some(Account { scope, name })
    }
}

/// The groups of every ServiceAccount (`k8s.io/apiserver/pkg/authentication/serviceaccount`).
fn is_in(who: Account<'_>, group: &str) -> bool {
    match group.strip_prefix("system:serviceaccounts") {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(|namespace| who.scope == Scope::Namespace(namespace)),
        None => group == "system:authenticated",
    }
}

fn is_user(who: Account<'_>, user: &str) -> bool {
    let Some((namespace, name)) = user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'))
    else {
        return false;
    };
    who == Account { scope: Scope::Namespace(namespace), name }
}
