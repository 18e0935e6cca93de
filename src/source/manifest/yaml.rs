//! The text of one document to a tree, as Kubernetes reads it: go.yaml.in/yaml/v2 (`decode.go`, v2.4.3) and then JSON.
//!
//! Events come from `granit-parser`, which also reads JSON. What the tree is built by is bounded: a document of a few
//! bytes can be nested without end, or stand for billions of values through its aliases.

mod build;
mod words;

use granit_parser::Parser;

use crate::model::node::{Mark, Node};
use crate::source::problem::Kind;

use build::Builder;

/// So deep may lists and maps stand in each other. Kubernetes' own readers stop at 10 000 (`max_flow_level` of
/// go.yaml.in/yaml/v2, `maxNestingDepth` of sigs.k8s.io/json); the schemas of real custom resources, the deepest
/// manifests there are, stay under a hundred. What walks a tree may recurse.
const DEEPEST: usize = 255;

/// So many values may a document have, names of fields not counted. A list of objects as large as a document may be
/// (32 MiB) has some 1 200 000, and a tree of so many takes up to 200 MB.
const MOST_VALUES: usize = 1_250_000;

/// What aliases may add to that, in values and in bytes of text. `alias_ratio_range_low` of go.yaml.in/yaml/v2 lets as
/// many be read through aliases before it refuses the document.
const MOST_ALIASED: Amount = Amount { values: 400_000, bytes: 8 << 20 };

/// How much a part of a tree is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Amount {
    values: usize,
    bytes: usize,
}

/// A document that was read.
#[derive(Debug)]
pub(super) struct Document {
    /// All of it.
    pub(super) root: Node,
    /// The fields that are there twice, in the order of the text.
    pub(super) twice: Vec<Twice>,
    /// How many more there are.
    pub(super) untold: usize,
}

/// A field that is in a map a second time. The later one is in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Twice {
    pub(super) name: Box<str>,
    /// Where it was, and is no longer.
    pub(super) first: Mark,
    /// Where it is.
    pub(super) second: Mark,
    /// Whether it is a field of the document itself.
    pub(super) top: bool,
}

/// Why there is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) kind: Kind,
    pub(super) mark: Mark,
    pub(super) message: String,
    pub(super) hint: Option<&'static str>,
}

impl Broken {
    fn new(kind: Kind, mark: Mark, message: impl Into<String>) -> Self {
        Self { kind, mark, message: message.into(), hint: None }
    }
}

/// Reads a document whose first character stands there.
pub(super) fn read(text: &str, start: Mark) -> Result<Document, Broken> {
    let mut options = granit_parser::options! {
        emit_anchor_events: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    options.set_emit_comments(false);
    let mut builder = Builder::new(start);
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => return Err(words::broken(error.kind(), builder.mark(*error.marker()))),
        }
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests;
