//! What a check says of an object.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::civil::Date;

use super::catalogue::{Check, Severity};
use crate::model::node::{Field, Mark, Node};
use crate::model::object::{Object, Origin};
use crate::model::unread::Unread;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// The check does not apply, or what it needs cannot be in what was given: the reason is in the message.
    Skipped,
    /// It was to look, and could not.
    Unknown,
}

/// What a check says of an object.
#[derive(Clone, Debug)]
pub struct Verdict<'c> {
    /// The check.
    pub check: &'c Check,
    /// What came of it.
    pub outcome: Outcome,
    /// How bad it is, if it failed.
    pub severity: Severity,
    /// Which object, and where in it.
    pub spot: Spot,
    /// In a sentence: what is so, and what follows.
    pub message: Cow<'static, str>,
    /// What to paste: fields to merge into the object, or a whole object to add. YAML.
    pub fix: Option<String>,
    /// Why a failure does not count. Its outcome is then [`Outcome::Skipped`].
    pub waiver: Option<Waiver>,
}

/// Why a failure does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiver {
    /// The object's annotation says so.
    Annotation {
        /// For this reason.
        reason: String,
        /// Until the end of this day, in UTC.
        until: Option<Date>,
    },
    /// It was there when the baseline was written.
    Baseline,
}

/// A place in an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The object, as [`Verdict`]s need it when the scene is gone.
    pub object: Name,
    /// The field: `spec.template.spec.containers[0].args[1]`. Empty for the object as a whole.
    pub field: String,
    /// Where that stands, or what is next above it.
    pub mark: Mark,
}

/// What identifies an object, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// Its kind; empty where it is about a document that is no object, or about a file.
    pub kind: Arc<str>,
    /// Its namespace, if it names one.
    pub namespace: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Spot {
    /// A field of an object; where there is no such field, the place is that of what is next above it.
    #[must_use]
    pub fn of(object: &Object, field: impl Into<String>) -> Self {
        let field = field.into();
        let mark = nearest(&object.root, &field);
        Self { object: Name::of(object), field, mark }
    }

    fn whole(object: Name) -> Self {
        Self { object, field: String::new(), mark: Mark::default() }
    }
}

impl Name {
    /// What was read of a cluster; no namespace where that is empty.
    #[must_use]
    pub fn live(kind: &str, namespace: &str, name: &str) -> Self {
        let namespace = Some(namespace).filter(|namespace| !namespace.is_empty()).map(Arc::from);
        Self { kind: kind.into(), namespace, name: name.into(), origin: Origin::Live }
    }

    pub(super) fn of(object: &Object) -> Self {
        let Object { origin, kind, namespace, name, .. } = object;
        Self { kind: kind.clone(), namespace: namespace.clone(), name: name.clone(), origin: origin.clone() }
    }
}

/// The place of what is at the end of this path, or next above it. A name may have dots: `data.config.toml`.
fn nearest(root: &Node, path: &str) -> Mark {
    let (mut node, mut mark, mut path) = (root, root.mark, path);
    while !path.is_empty() {
        if let Some(inner) = path.strip_prefix('[') {
            let Some((index, rest)) = inner.split_once(']') else { break };
            let Some(entry) = index.parse::<usize>().ok().and_then(|index| node.list().get(index)) else { break };
            (node, mark, path) = (entry, entry.mark, rest.trim_start_matches('.'));
            continue;
        }
        let rest = |field: &Field| {
            path.strip_prefix(&*field.name).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let found = node.fields().iter().filter_map(|field| Some((field, rest(field)?)));
        let Some((field, rest)) = found.max_by_key(|(field, _)| field.name.len()) else { break };
        (node, mark, path) = (&field.node, field.mark, rest.trim_start_matches('.'));
    }
    mark
}

/// A verdict that was just given, for whoever has more to say of it.
pub(super) struct Said<'v> {
    severity: &'v mut Severity,
    mark: &'v mut Mark,
    fix: &'v mut Option<String>,
}

impl Said<'_> {
    /// It is worse, or not as bad, here.
    pub(super) fn severity(self, severity: Severity) -> Self {
        *self.severity = severity;
        self
    }

    /// It stands in a text, here from its beginning. Only of a block of text is it known where its lines are.
    pub(super) fn inside(self, text: Option<&Field>, at: Mark) -> Self {
        if let Some(Field { mark: name, node: Node { mark: first, .. }, .. }) = text
            && first.line > name.line
        {
            *self.mark = Mark { line: first.line + at.line - 1, column: first.column + at.column - 1 };
        }
        self
    }

    /// What to paste.
    pub(super) fn fix(self, yaml: impl Into<String>) -> Self {
        *self.fix = Some(yaml.into());
        self
    }
}

/// What one check has said.
pub(super) struct Verdicts<'c> {
    check: &'c Check,
    pub(super) given: Vec<Verdict<'c>>,
}

impl<'c> Verdicts<'c> {
    pub(super) fn new(check: &'c Check) -> Self {
        Self { check, given: Vec::new() }
    }

    /// It is as it should be.
    pub(super) fn pass(&mut self, object: &Object) {
        self.say(Outcome::Pass, Spot::of(object, ""), "".into());
    }

    /// It is not.
    pub(super) fn fail(
        &mut self,
        object: &Object,
        field: impl Into<String>,
        message: impl Into<Cow<'static, str>>,
    ) -> Said<'_> {
        self.say(Outcome::Fail, Spot::of(object, field), message.into())
    }

    /// It does not apply, or cannot be known from what was given.
    pub(super) fn skip(&mut self, object: &Object, why: impl Into<Cow<'static, str>>) {
        self.say(Outcome::Skipped, Spot::of(object, ""), why.into());
    }

    /// It is not, on what is no object of the scene.
    pub(super) fn fail_on(&mut self, object: Name, message: impl Into<Cow<'static, str>>) -> Said<'_> {
        self.say(Outcome::Fail, Spot::whole(object), message.into())
    }

    /// It is as it should be, with what is no object of the scene.
    pub(super) fn pass_on(&mut self, object: Name) {
        self.say(Outcome::Pass, Spot::whole(object), "".into());
    }

    /// It does not apply to what is no object of the scene, or that cannot be known.
    pub(super) fn skip_on(&mut self, object: Name, why: impl Into<Cow<'static, str>>) {
        self.say(Outcome::Skipped, Spot::whole(object), why.into());
    }

    /// It does not apply to anything here.
    pub(super) fn skip_all(&mut self, why: impl Into<Cow<'static, str>>) {
        self.skip_on(Name::live("", "", ""), why);
    }

    /// It was to look at what is no object of the scene, and what is there makes no sense.
    pub(super) fn unknown_on(&mut self, object: Name, why: impl Into<Cow<'static, str>>) {
        self.say(Outcome::Unknown, Spot::whole(object), why.into());
    }

    /// It was to look at objects of a kind, and could not.
    pub(super) fn unknown(&mut self, unread: &Unread) {
        let kind = Name::live(unread.kind, &unread.right.namespace, "");
        self.say(Outcome::Unknown, Spot::whole(kind), format!("not known: {unread}").into());
    }

    fn say(&mut self, outcome: Outcome, spot: Spot, message: Cow<'static, str>) -> Said<'_> {
        let check = self.check;
        let verdict = Verdict { check, outcome, severity: check.severity, spot, message, fix: None, waiver: None };
        let last = self.given.len();
        self.given.push(verdict);
        let Verdict { severity, fix, spot, .. } = &mut self.given[last];
        Said { severity, mark: &mut spot.mark, fix }
    }
}
