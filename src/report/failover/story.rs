//! One trial's story: dated lines, and who acted when.

use serde::Serialize;

use super::Seconds;
use crate::model::Micros;
use crate::model::timeline::Timeline;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When, counted from the fault.
    pub at_seconds: Seconds,
    /// To whom or by whom.
    pub actor: String,
    /// What.
    pub event: String,
}

/// Who acted, and when; for pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Who.
    pub actor: String,
    /// From when to when, counted from the fault: `None` for before it began, and after it ended.
    pub spans: Vec<(Option<Micros>, Option<Micros>)>,
}

pub(super) fn lines(story: &Timeline) -> Vec<Line> {
    let line = |event: &crate::model::timeline::Event| Line {
        at_seconds: event.at.into(),
        actor: event.actor.clone(),
        event: event.what.clone(),
    };
    story.events.iter().map(line).collect()
}

pub(super) fn tracks(story: &Timeline) -> Vec<Track> {
    let mut tracks: Vec<Track> = Vec::new();
    for acting in &story.acting {
        let from = (acting.from > Micros::ZERO - Micros::NEVER).then_some(acting.from);
        let span = (from, acting.until);
        match tracks.iter_mut().find(|track| track.actor == acting.actor) {
            Some(track) => track.spans.push(span),
            None => tracks.push(Track { actor: acting.actor.clone(), spans: vec![span] }),
        }
    }
    tracks
}
