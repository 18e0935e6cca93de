//! What a write does to a Lease: its fields, who owns each, its version, and which error is answered instead.
//!
//! Only the few writes that electors and hactl make, with identities and field managers as small ids: no patch engine.
//! Checked against kube-apiserver 1.36; ownership follows `sigs.k8s.io/structured-merge-diff/merge/update.go`, where a
//! manager that applies and the same manager that updates are two owners. kube-lease-manager deadlocks on that.

use super::micros::Micros;

/// A `holderIdentity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(u8);

impl Identity {
    /// The empty string: free for some electors, a holder like any other for the rest.
    pub const EMPTY: Self = Self(0);
    /// An identity that no candidate has.
    pub const NOBODY: Self = Self(u8::MAX);

    /// The identity of the candidate with this number.
    #[must_use]
    pub const fn of(number: u8) -> Self {
        Self(number + 1)
    }
}

/// The name under which a client writes: one of sixteen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Manager(u8);

impl Manager {
    /// An administrator, or hactl.
    pub const ADMINISTRATOR: Self = Self(15);
    /// Nobody: `before-first-apply`, whose is what stands in a Lease of which no owner was kept so far.
    pub const BEFORE_FIRST_APPLY: Self = Self(14);

    /// The manager with this number; the first fourteen are the candidates', and from there on they share.
    #[must_use]
    pub const fn of(number: u8) -> Self {
        Self(number % 14)
    }
}

/// A `metadata.resourceVersion`; a later one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u32);

impl Version {
    /// The version with this number.
    #[must_use]
    pub const fn of(number: u32) -> Self {
        Self(number)
    }
}

/// The five fields of a Lease that electors use, and one of coordinated elections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spec {
    /// `holderIdentity`.
    pub holder: Option<Identity>,
    /// `leaseDurationSeconds`.
    pub duration: Option<i32>,
    /// `acquireTime`.
    pub acquired: Option<Micros>,
    /// `renewTime`.
    pub renewed: Option<Micros>,
    /// `leaseTransitions`.
    pub transitions: Option<i32>,
    /// `preferredHolder`: in a coordinated election, the holder is to give the Lease up for this one.
    pub preferred: Option<Identity>,
}

impl Spec {
    /// When the record runs out, by the clock of whoever renewed it.
    #[must_use]
    pub fn expires(&self) -> Option<Micros> {
        Some(self.renewed? + Micros::from_secs(self.duration?.into()))
    }

    fn validate(&self) -> Result<(), Refusal> {
        let valid =
            self.duration.is_none_or(|seconds| seconds > 0) && self.transitions.is_none_or(|number| number >= 0);
        if valid { Ok(()) } else { Err(Refusal::Invalid) }
    }
}

/// What a partial write says of one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Change<T> {
    /// Nothing.
    #[default]
    Keep,
    /// It is to be null.
    Null,
    /// It is to be this.
    Set(T),
}

impl<T: Copy> Change<T> {
    fn on(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Null => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// A partial write: what it says of each field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fields {
    /// `holderIdentity`.
    pub holder: Change<Identity>,
    /// `leaseDurationSeconds`.
    pub duration: Change<i32>,
    /// `acquireTime`.
    pub acquired: Change<Micros>,
    /// `renewTime`.
    pub renewed: Change<Micros>,
    /// `leaseTransitions`.
    pub transitions: Change<i32>,
    /// `preferredHolder`.
    pub preferred: Change<Identity>,
}

impl Fields {
    /// All null but the transitions: how kube-lease-manager and kubert give a Lease up.
    pub const RELEASED: Self = Self {
        holder: Change::Null,
        duration: Change::Null,
        acquired: Change::Null,
        renewed: Change::Null,
        transitions: Change::Keep,
        preferred: Change::Keep,
    };
}

/// A write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Write {
    /// POST.
    Create(Spec),
    /// PUT of the whole spec.
    Put {
        /// All that is to stand there.
        spec: Spec,
        /// The version that is replaced.
        version: Option<Version>,
    },
    /// PATCH with server-side apply.
    Apply {
        /// All that this manager wants to apply. Nobody sends a null, and here it applies nothing. (To an API server it
        /// is something to own.)
        fields: Fields,
        /// Whether fields of other owners are taken over.
        force: bool,
        /// The version that it was decided on.
        version: Option<Version>,
        /// Whether `metadata.name` stands in the body: without it a missing Lease cannot be created.
        named: bool,
    },
    /// A merge PATCH or a strategic one: on a Lease, which has no lists, they do the same.
    Patch {
        /// What is to change.
        fields: Fields,
        /// The version that it was decided on.
        version: Option<Version>,
    },
    /// DELETE.
    Delete {
        /// The version that it was decided on.
        version: Option<Version>,
    },
}

/// Why a write was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// 400: a body without a name cannot create.
    Nameless,
    /// 404.
    NotFound,
    /// 409: there is one already.
    AlreadyExists,
    /// 409: it has another version by now.
    Stale,
    /// 409: another owner set a field to something else, and force was not asked for.
    Owned,
    /// 422: a duration that is not positive, negative transitions, or a PUT without a version.
    Invalid,
}

/// A set of owners: one bit for each manager and operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Owners(u32);

impl Owners {
    const NONE: Self = Self(0);

    /// Whoever applies under this name.
    #[must_use]
    pub const fn applier(manager: Manager) -> Self {
        Self(1 << (2 * manager.0))
    }

    /// Whoever updates under this name: PUT, POST, or any other PATCH.
    #[must_use]
    pub const fn updater(manager: Manager) -> Self {
        Self(2 << (2 * manager.0))
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The one name under which they all are, whether it applies or updates.
    fn only(self) -> Option<Manager> {
        (0..16).map(Manager).find(|name| {
            let name = Self::applier(*name).with(Self::updater(*name));
            self.has(name) && self.without(name) == Self::NONE
        })
    }

    /// Whether any of the others is among them.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A Lease as the API server keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stored {
    /// Its fields.
    pub spec: Spec,
    /// Who owns each of the five of electors, in the order of [`Spec`]. The sixth is never applied here.
    pub owners: [Owners; 5],
    /// Its version.
    pub version: Version,
}

/// The place where a Lease stands, or does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    lease: Option<Stored>,
    revision: u32,
}

impl Place {
    /// What a GET answers.
    #[must_use]
    pub const fn get(&self) -> Option<&Stored> {
        self.lease.as_ref()
    }

    /// Writes, as the API server would.
    ///
    /// # Errors
    /// The answer of an API server that refuses; nothing has changed then.
    pub fn write(&mut self, by: Manager, write: &Write) -> Result<Version, Refusal> {
        // What is invalid is not even looked for.
        if let Write::Create(spec) = write {
            spec.validate()?;
        }
        let next = match (*write, self.lease) {
            (Write::Create(spec), None) => updated(None, spec, by),
            (Write::Create(_), Some(_)) => return Err(Refusal::AlreadyExists),
            (Write::Put { spec, version: None }, None) => updated(None, spec, by),
            (Write::Put { version: None, .. }, Some(_)) => return Err(Refusal::Invalid),
            // The body carries the uid of what was read, so a PUT does not create it again (404 would be no better).
            (Write::Put { version: Some(_), .. }, None) => return Err(Refusal::Stale),
            (Write::Put { spec, version }, Some(lease)) => updated(Some(lease.matching(version)?), spec, by),
            (Write::Patch { .. } | Write::Delete { .. }, None) => return Err(Refusal::NotFound),
            (Write::Patch { fields, version }, Some(lease)) => {
                let lease = lease.matching(version)?;
                updated(Some(lease), patched(&lease.spec, &fields), by)
            }
            (Write::Apply { named: false, .. }, None) => return Err(Refusal::Nameless),
            // Also where it names a version: kubert's users count on that.
            (Write::Apply { fields, force, .. }, None) => applied(&Stored::EMPTY, &fields, by, force)?,
            (Write::Apply { fields, force, version, .. }, Some(lease)) => {
                // Whose the fields are is asked before which version it is.
                let next = applied(&lease, &fields, by, force)?;
                lease.matching(version)?;
                next
            }
            (Write::Delete { version }, Some(lease)) => {
                lease.matching(version)?;
                self.lease = None;
                return Ok(lease.version);
            }
        };
        next.spec.validate()?;
        if self.lease == Some(next) {
            // What changes nothing is not stored, and the version stays.
            return Ok(next.version);
        }
        self.revision += 1;
        let version = Version(self.revision);
        self.lease = Some(Stored { version, ..next });
        Ok(version)
    }
}

impl Stored {
    /// Under whose name `renewTime` was written, where that is one.
    #[must_use]
    pub fn renewer(&self) -> Option<Manager> {
        self.owners[3].only()
    }

    const EMPTY: Self = Self {
        spec: Spec { holder: None, duration: None, acquired: None, renewed: None, transitions: None, preferred: None },
        owners: [Owners::NONE; 5],
        version: Version(0),
    };

    /// Whether no owners are kept.
    fn is_untracked(&self) -> bool {
        self.owners == [Owners::NONE; 5]
    }

    fn matching(self, version: Option<Version>) -> Result<Self, Refusal> {
        if version.is_none_or(|version| version == self.version) { Ok(self) } else { Err(Refusal::Stale) }
    }
}

fn patched(before: &Spec, fields: &Fields) -> Spec {
    Spec {
        holder: fields.holder.on(before.holder),
        duration: fields.duration.on(before.duration),
        acquired: fields.acquired.on(before.acquired),
        renewed: fields.renewed.on(before.renewed),
        transitions: fields.transitions.on(before.transitions),
        preferred: fields.preferred.on(before.preferred),
    }
}

/// After an update: whoever changes a field owns it alone, and what stays as it was keeps its owners. Where there are no
/// owners, none are kept until the first apply (`fieldmanager/skipnonapplied.go`): so it is with a Lease that was created
/// empty.
fn updated(before: Option<Stored>, after: Spec, by: Manager) -> Stored {
    if let Some(before) = before.filter(Stored::is_untracked) {
        return Stored { spec: after, ..before };
    }
    fn own<T: PartialEq>(owners: &mut Owners, before: Option<T>, after: Option<T>, by: Owners) {
        if before != after {
            *owners = if after.is_some() { by } else { Owners::NONE };
        }
    }
    let Stored { spec, mut owners, version } = before.unwrap_or(Stored::EMPTY);
    let by = Owners::updater(by);
    own(&mut owners[0], spec.holder, after.holder, by);
    own(&mut owners[1], spec.duration, after.duration, by);
    own(&mut owners[2], spec.acquired, after.acquired, by);
    own(&mut owners[3], spec.renewed, after.renewed, by);
    own(&mut owners[4], spec.transitions, after.transitions, by);
    Stored { spec: after, owners, version }
}

/// After an apply: equal values are shared, others need force, and what is no longer applied goes with its last owner.
fn applied(before: &Stored, fields: &Fields, by: Manager, force: bool) -> Result<Stored, Refusal> {
    struct Applier {
        by: Owners,
        force: bool,
        conflict: bool,
    }
    impl Applier {
        fn field<T: Copy + PartialEq>(&mut self, value: &mut Option<T>, owners: &mut Owners, change: Change<T>) {
            if let Change::Set(wanted) = change {
                if *value == Some(wanted) {
                    *owners = owners.with(self.by);
                } else {
                    self.conflict |= !self.force && owners.without(self.by) != Owners::NONE;
                    (*value, *owners) = (Some(wanted), self.by);
                }
            } else if owners.has(self.by) {
                *owners = owners.without(self.by);
                if *owners == Owners::NONE {
                    *value = None;
                }
            }
        }
    }
    let mut applier = Applier { by: Owners::applier(by), force, conflict: false };
    let Stored { mut spec, mut owners, version } = *before;
    if before.is_untracked() {
        let unknown = |set: bool| if set { Owners::updater(Manager::BEFORE_FIRST_APPLY) } else { Owners::NONE };
        let Spec { holder, duration, acquired, renewed, transitions, preferred: _ } = spec;
        let set = [holder.is_some(), duration.is_some(), acquired.is_some(), renewed.is_some(), transitions.is_some()];
        owners = set.map(unknown);
    }
    applier.field(&mut spec.holder, &mut owners[0], fields.holder);
    applier.field(&mut spec.duration, &mut owners[1], fields.duration);
    applier.field(&mut spec.acquired, &mut owners[2], fields.acquired);
    applier.field(&mut spec.renewed, &mut owners[3], fields.renewed);
    applier.field(&mut spec.transitions, &mut owners[4], fields.transitions);
    if applier.conflict { Err(Refusal::Owned) } else { Ok(Stored { spec, owners, version }) }
}

#[cfg(test)]
pub(crate) mod relative;
#[cfg(test)]
mod tests;
