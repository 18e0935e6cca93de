//! Events to a tree.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Marker, ScalarStyle, Span, Tag};

use crate::model::node::{Field, Mark, Node, Value};
use crate::source::manifest::scalar::{self, Unfit};
use crate::source::problem::Kind;

use super::{Amount, Broken, DEEPEST, Document, MOST_ALIASED, MOST_VALUES, Twice};

/// More fields that are there twice are only counted.
const MOST_TWICE: usize = 20;

/// A tree that grows.
#[derive(Debug)]
pub(super) struct Builder {
    start: Mark,
    root: Option<Node>,
    /// What has been opened and not closed.
    open: Vec<Open>,
    anchors: HashMap<usize, Anchor>,
    values: usize,
    /// What came from aliases, or is kept for them.
    aliased: Amount,
    twice: Vec<Twice>,
    untold: usize,
}

/// A list or a map that is not complete.
#[derive(Debug)]
struct Open {
    mark: Mark,
    anchor: usize,
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    List(Vec<Node>),
    Map {
        fields: Vec<Field>,
        /// The name whose value comes next.
        name: Option<Name>,
        /// Those of the fields that were merged into it (`<<`), which may be there twice.
        merged: Vec<Range<usize>>,
    },
}

#[derive(Debug)]
enum Name {
    Field(Box<str>, Mark),
    /// `<<`
    Merge,
}

#[derive(Debug)]
struct Anchor {
    node: Node,
    amount: Amount,
    height: usize,
}

impl Builder {
    pub(super) fn new(start: Mark) -> Self {
        Self {
            start,
            root: None,
            open: Vec::new(),
            anchors: HashMap::new(),
            values: 0,
            aliased: Amount::default(),
            twice: Vec::new(),
            untold: 0,
        }
    }

    /// A place in the whole file. The parser counts lines from 1, and characters of a line from 0.
    pub(super) fn mark(&self, marker: Marker) -> Mark {
        let line = u32::try_from(marker.line()).unwrap_or(u32::MAX).max(1);
        let column = u32::try_from(marker.col()).unwrap_or(u32::MAX).saturating_add(1);
        let before = if line == 1 { self.start.column.saturating_sub(1) } else { 0 };
        Mark { line: line.saturating_add(self.start.line - 1), column: column.saturating_add(before) }
    }

    pub(super) fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Broken> {
        let mark = self.mark(span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), mark),
            Event::SequenceStart(_, anchor, _) => self.begin(mark, anchor, Inside::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                self.begin(mark, anchor, Inside::Map { fields: Vec::new(), name: None, merged: Vec::new() })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, mark),
            _ => Ok(()),
        }
    }

    /// The tree, when all events have come. Nothing at all is null.
    pub(super) fn finish(mut self) -> Document {
        self.twice.sort_by_key(|twice| twice.second);
        let root = self.root.unwrap_or(Node { value: Value::Null, mark: self.start });
        Document { root, twice: self.twice, untold: self.untold }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        mark: Mark,
    ) -> Result<(), Broken> {
        let merges = match tag {
            None => style == ScalarStyle::Plain && text == "<<",
            Some(tag) => tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() == Some("merge"),
        };
        if merges && let Some(Open { inside: Inside::Map { name: name @ None, .. }, .. }) = self.open.last_mut() {
            *name = Some(Name::Merge);
            return Ok(());
        }
        let value = match tag {
            Some(tag) => scalar::tagged(tag.core_suffix().unwrap_or_default(), text),
            None if style == ScalarStyle::Plain => scalar::plain(text),
            None => Ok(Value::Text(text.into())),
        };
        let value = value.map_err(|unfit| {
            let message = match unfit {
                Unfit::NotFinite => "infinity, or not a number: an object cannot have such a value",
                Unfit::Tag => "a value that is not what its tag says",
            };
            Broken::new(Kind::NotYaml, mark, message)
        })?;
        let node = Node { value, mark };
        self.keep(anchor, &node, 0)?;
        self.put(node)
    }

    fn begin(&mut self, mark: Mark, anchor: usize, inside: Inside) -> Result<(), Broken> {
        if self.open.len() == DEEPEST {
            return Err(too_deep(mark));
        }
        if let Some(Open { inside: Inside::Map { name: None, .. }, .. }) = self.open.last() {
            return Err(not_a_name(mark));
        }
        self.open.push(Open { mark, anchor, inside });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Broken> {
        // The parser ends nothing that it has not begun.
        let Some(Open { mark, anchor, inside }) = self.open.pop() else { return Ok(()) };
        let value = match inside {
            Inside::List(mut entries) => {
                entries.shrink_to_fit();
                Value::List(entries)
            }
            Inside::Map { fields, merged, .. } => Value::Map(self.each_name_once(fields, &merged)),
        };
        let node = Node { value, mark };
        if anchor != 0 {
            let height = height(&node);
            self.keep(anchor, &node, height)?;
        }
        self.put(node)
    }

    /// Keeps what has an anchor for its aliases.
    fn keep(&mut self, anchor: usize, node: &Node, height: usize) -> Result<(), Broken> {
        if anchor != 0 {
            let amount = amount(node);
            self.aliased = self.aliased.with(amount, node.mark)?;
            self.anchors.insert(anchor, Anchor { node: node.clone(), amount, height });
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, mark: Mark) -> Result<(), Broken> {
        let Some(Anchor { node, amount, height }) = self.anchors.get(&anchor) else {
            return Err(Broken::new(Kind::NotYaml, mark, "an alias (`*name`) of something that it is a part of"));
        };
        if self.open.len() + height > DEEPEST {
            return Err(too_deep(mark));
        }
        self.aliased = self.aliased.with(*amount, mark)?;
        // The places stay those of what is written, where it can be mended.
        let node = node.clone();
        self.put(node)
    }

    /// A value is complete, and goes where it belongs.
    fn put(&mut self, node: Node) -> Result<(), Broken> {
        if !matches!(self.open.last(), Some(Open { inside: Inside::Map { name: None, .. }, .. })) {
            self.values += 1; // a name is none
        }
        if self.values > MOST_VALUES {
            let message = format!("more than {MOST_VALUES} values in one document");
            return Err(Broken::new(Kind::TooLarge, node.mark, message));
        }
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        match &mut open.inside {
            Inside::List(entries) => entries.push(node),
            Inside::Map { fields, name, merged } => match name.take() {
                None => {
                    *name = Some(Name::Field(text_of_name(node.value).ok_or_else(|| not_a_name(node.mark))?, node.mark))
                }
                Some(Name::Field(name, mark)) => fields.push(Field { name, mark, node }),
                Some(Name::Merge) => {
                    let from = fields.len();
                    merge(fields, node)?;
                    merged.push(from..fields.len());
                }
            },
        }
        Ok(())
    }

    fn tell_twice(&mut self, first: &Field, second: &Field, top: bool) {
        // By these two it is seen that documents have been glued together, and where.
        let most = if top && matches!(&*first.name, "apiVersion" | "kind") { 100 * MOST_TWICE } else { MOST_TWICE };
        if self.twice.len() < most {
            let name = second.name.clone();
            self.twice.push(Twice { name, first: first.mark, second: second.mark, top });
        } else {
            self.untold += 1;
        }
    }

    /// Of the fields of one name the last, where the first stood.
    ///
    /// Kubernetes drops the others without a word, also those that stand before a `<<` that has them too, against what
    /// YAML says of it: `mapping` and `merge` of go.yaml.in/yaml/v2 set one after the other.
    fn each_name_once(&mut self, mut fields: Vec<Field>, merged: &[Range<usize>]) -> Vec<Field> {
        let repeated = repeated(&fields);
        if !repeated.is_empty() {
            let top = self.open.is_empty();
            // They stand in rising order, and can be as many as the fields.
            let was_merged = |at: usize| {
                let next = merged.partition_point(|range| range.end <= at);
                merged.get(next).is_some_and(|range| range.contains(&at))
            };
            let mut stays = vec![true; fields.len()];
            for places in repeated {
                for two in places.windows(2) {
                    let (first, second) = (two[0], two[1]);
                    stays[second] = false;
                    if !was_merged(first) && !was_merged(second) {
                        self.tell_twice(&fields[first], &fields[second], top);
                    }
                }
                if let [first, .., last] = *places {
                    fields.swap(first, last);
                }
            }
            let mut stays = stays.into_iter();
            fields.retain(|_| stays.next().unwrap_or(true));
        }
        fields.shrink_to_fit();
        fields
    }
}

impl Amount {
    /// What aliases have come to, with this.
    fn with(self, more: Self, mark: Mark) -> Result<Self, Broken> {
        let sum = Self { values: self.values + more.values, bytes: self.bytes + more.bytes };
        if sum.values > MOST_ALIASED.values || sum.bytes > MOST_ALIASED.bytes {
            return Err(Broken::new(Kind::TooLarge, mark, "anchors and aliases that come to far more than is written"));
        }
        Ok(sum)
    }
}

fn too_deep(mark: Mark) -> Broken {
    Broken::new(Kind::TooLarge, mark, format!("lists and maps within each other deeper than {DEEPEST} levels"))
}

fn not_a_name(mark: Mark) -> Broken {
    Broken::new(Kind::NotYaml, mark, "null, a list or a map as the name of a field: Kubernetes takes only text")
}

/// A name as `convertToJSONableObject` of sigs.k8s.io/yaml has it: `on: x` is the field `true`.
fn text_of_name(value: Value) -> Option<Box<str>> {
    match value {
        Value::Text(text) => Some(text),
        Value::Bool(yes) => Some(yes.to_string().into()),
        Value::Int(number) => Some(number.to_string().into()),
        Value::Float(number) => Some(number.to_string().into()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// Adds the fields of a map, or of a list of maps, of which the earlier ones win and so come last.
fn merge(fields: &mut Vec<Field>, node: Node) -> Result<(), Broken> {
    let unfit = |mark| Err(Broken::new(Kind::NotYaml, mark, "`<<` with something else than a map or a list of maps"));
    match node.value {
        Value::Map(more) => fields.extend(more),
        Value::List(entries) => {
            for entry in entries.into_iter().rev() {
                match entry.value {
                    Value::Map(more) => fields.extend(more),
                    _ => return unfit(entry.mark),
                }
            }
        }
        _ => return unfit(node.mark),
    }
    Ok(())
}

/// The places of the fields whose name is there more than once, in rising order for each name.
fn repeated(fields: &[Field]) -> Vec<Vec<usize>> {
    const FEW: usize = 12;
    let is_there = |(at, field): (usize, &Field)| fields[..at].iter().any(|other| other.name == field.name);
    if fields.len() <= FEW && !fields.iter().enumerate().any(is_there) {
        return Vec::new();
    }
    let mut places: Vec<usize> = (0..fields.len()).collect();
    places.sort_by_key(|at| &fields[*at].name); // stable
    let same = places.chunk_by(|one, other| fields[*one].name == fields[*other].name);
    same.filter(|places| places.len() > 1).map(<[usize]>::to_vec).collect()
}

fn amount(node: &Node) -> Amount {
    let mut sum = Amount { values: 1, bytes: 0 };
    let mut add = |name: usize, node: &Node| {
        let part = amount(node);
        sum.values += part.values;
        sum.bytes += part.bytes + name;
    };
    match &node.value {
        Value::Text(text) => sum.bytes = text.len(),
        Value::List(entries) => entries.iter().for_each(|entry| add(0, entry)),
        Value::Map(fields) => fields.iter().for_each(|field| add(field.name.len(), &field.node)),
        _ => {}
    }
    sum
}

/// How many lists and maps stand in each other.
fn height(node: &Node) -> usize {
    match &node.value {
        Value::List(entries) => 1 + entries.iter().map(height).max().unwrap_or_default(),
        Value::Map(fields) => 1 + fields.iter().map(|field| height(&field.node)).max().unwrap_or_default(),
        _ => 0,
    }
}
