//! What is wrong with a document, a file or a folder, and where.

use std::fmt;
use std::sync::Arc;

use crate::model::node::Mark;

/// Something that is wrong with what was read, or that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path as it was given, or found in a folder; `-` for the standard input.
    pub path: Arc<str>,
    /// The template that made the document, by Helm's comment `# Source:`.
    pub source: Option<Arc<str>>,
    /// Where; no place (0:0) where it is about the file, or the folder.
    pub mark: Mark,
    /// What it is.
    pub kind: Kind,
    /// What it is in words: a sentence without a full stop, and without a value of the document.
    pub message: String,
    /// What to do next, if there is something that helps in most cases.
    pub hint: Option<String>,
}

/// What a problem is, which decides what it counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file or folder that does not exist, or cannot be read.
    Unreadable,
    /// Bytes that are no text: UTF-16, compressed, broken UTF-8. The rest of the document, or of the file, was not read.
    NotText,
    /// A document that no YAML reader of Kubernetes would read.
    NotYaml,
    /// A document over one of the limits: its size, the number of its values, its depth, what its aliases come to.
    TooLarge,
    /// The source of a document: a Helm template that has not been rendered. Once for each file.
    Template,
    /// Two documents without `---` between them. They were read as one, as Kubernetes would: the last field of a name wins.
    MissingSeparator,
    /// A field is there twice. The document was read all the same, as Kubernetes does: the last one wins.
    DuplicateKey,
    /// A document without `apiVersion` and `kind`.
    NotKubernetes,
    /// What kustomize builds objects from, which is no object itself. What stands beside it may be incomplete.
    Kustomization,
}

impl Kind {
    /// Whether the document was given as an object all the same.
    #[must_use]
    pub const fn was_read(self) -> bool {
        matches!(self, Self::MissingSeparator | Self::DuplicateKey)
    }
}

impl fmt::Display for Problem {
    /// `deploy.yaml:12:3: a tab in the indentation`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path)?;
        if self.mark != Mark::default() {
            write!(f, "{}:", self.mark)?;
        }
        write!(f, " {}", self.message)
    }
}
