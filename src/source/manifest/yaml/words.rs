//! What a parser stumbles over, in words; none of them is the document's.

use granit_parser::ErrorKind;

use crate::model::node::Mark;
use crate::source::problem::Kind;

use super::{Broken, DEEPEST};

const TABS: &str = "YAML is indented with spaces alone: replace the tabs";

/// What is wrong at this place.
pub(super) fn broken(kind: &ErrorKind, mark: Mark) -> Broken {
    use ErrorKind as E;
    if matches!(kind, E::RecursionLimitExceeded) {
        return Broken::new(
            Kind::TooLarge,
            mark,
            format!("lists and maps within each other deeper than {DEEPEST} levels"),
        );
    }
    let (message, hint) = match kind {
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => ("a tab where only spaces may stand", Some(TABS)),
        E::UnknownAnchor => ("an alias (`*name`) of an anchor that is not defined before it in this document", None),
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar | E::InvalidQuotedScalarIndent => {
            ("a quote that is not closed before this, or text in quotes that goes on without indentation", None)
        }
        E::UnclosedFlowCollection { .. }
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping => ("a bracket that is opened and never closed", None),
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => {
            ("a bracket is closed that is not the one that was opened", None)
        }
        E::ExpectedFlowMappingSeparator | E::ExpectedFlowSequenceSeparator => {
            ("a comma or a closing bracket is missing before this", None)
        }
        E::MappingValueNotAllowed
        | E::InvalidColonPlacement
        | E::InvalidMappingValueWhitespace
        | E::MappingKeyNotAllowed => {
            ("a `:` where no field may be", Some("text with `: ` in it wants quotes; or the indentation is wrong"))
        }
        E::SimpleKeyExpected | E::InvalidSimpleKey | E::ExpectedBlockMappingKey => (
            "a field, `name: value`, was expected here",
            Some("see whether a `:` is missing, or the indentation is wrong"),
        ),
        E::ExpectedBlockSequenceEntry
        | E::BlockSequenceEntryNotAllowed
        | E::BlockEntryInFlowCollection
        | E::InvalidBlockEntryWhitespace => ("a `-` where no list may begin, or an entry of a list without one", None),
        E::InvalidIndentation | E::InvalidFlowScalarIndent | E::InvalidBlockScalarIndent => {
            ("the indentation fits nothing that is open", None)
        }
        E::UnexpectedCharacter { character } if !character.is_ascii_graphic() => {
            ("a character that YAML does not allow", Some("write it with a backslash within \"\": \"\\u007f\""))
        }
        E::UnexpectedCharacter { .. } => (
            "a character that no value may begin with",
            Some("text that begins with `@`, `%` or a backtick wants quotes"),
        ),
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => (
            "something follows a closing quote",
            Some("a quote within quotes is written \\\" within \"\", and '' within ''"),
        ),
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => {
            ("a backslash within \"\" that stands for no character", Some("write it twice, or take '' instead"))
        }
        E::ZeroBlockScalarIndent | E::InvalidBlockScalarHeader => ("a `|` or `>` with something behind it", None),
        E::CommentNotSeparated => ("a `#` with no space before it", None),
        E::CommentInterceptedScalar => ("a comment in the middle of a text of several lines", None),
        E::BomInsideDocument => ("a byte order mark (U+FEFF) in the middle of the text", None),
        E::InvalidDocumentEnd => ("something follows `...`", None),
        E::ExpectedDocumentStart | E::MissingDocumentEndBeforeDirective => (
            "something that is not part of the document before it",
            Some("see whether `---` is missing, or the indentation is wrong"),
        ),
        _ => ("YAML that cannot be read", None),
    };
    Broken { hint, ..Broken::new(Kind::NotYaml, mark, message) }
}
