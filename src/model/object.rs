//! A Kubernetes object as it was written or read, and where it comes from.

use std::fmt;
use std::sync::Arc;

use super::node::{Mark, Node};

/// An object. What is said of it names it again and again, and shares these texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Where it comes from.
    pub origin: Origin,
    /// `group/version`, or the version alone.
    pub api_version: Box<str>,
    /// Its kind.
    pub kind: Arc<str>,
    /// Its namespace, if it names one.
    pub namespace: Option<Arc<str>>,
    /// Its name; empty where it has `generateName` instead.
    pub name: Arc<str>,
    /// All of it.
    pub root: Node,
}

/// Where an object comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It was read from a cluster.
    Live,
    /// It stands in a file.
    File {
        /// The path as it was given, or `-` for the standard input.
        path: Arc<str>,
        /// The template that made it, by Helm's comment `# Source:`.
        source: Option<Arc<str>>,
        /// Where the document begins.
        mark: Mark,
    },
}

impl Object {
    /// The object of this tree, if it says what it is.
    #[must_use]
    pub fn new(root: Node, origin: Origin) -> Option<Self> {
        let own = |name: &str| root.get(name).text().filter(|text| !text.is_empty()).map(str::to_owned);
        let (api_version, kind) = (own("apiVersion")?, own("kind")?);
        Some(Self::named(root, origin, &api_version, &kind))
    }

    /// The object of this tree, which is of this version and kind though it may not say so: an item of a list.
    #[must_use]
    pub fn named(root: Node, origin: Origin, api_version: &str, kind: &str) -> Self {
        let own = |path: &str| root.at(path).text().filter(|text| !text.is_empty()).map(Arc::from);
        let (namespace, name) = (own("metadata.namespace"), own("metadata.name").unwrap_or_default());
        Self { origin, api_version: api_version.into(), kind: kind.into(), namespace, name, root }
    }

    /// The group of its API: empty for the core.
    #[must_use]
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
}

impl fmt::Display for Object {
    /// `deployment/payments`, as kubectl names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_ascii_lowercase(), self.name)
    }
}
