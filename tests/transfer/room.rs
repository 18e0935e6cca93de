//! How many elections the machine bears side by side.

use std::sync::{Condvar, Mutex, PoisonError};

/// Elections at once, of three Pods each, with a run of hactl beside each: more, and two cores are late.
const ROOM: usize = 20;

static LEFT: Mutex<usize> = Mutex::new(ROOM);
static CHANGED: Condvar = Condvar::new();

/// A place, given back when it is dropped.
pub(crate) struct Place(usize);

/// Waits for a place.
pub(crate) fn take() -> Place {
    take_several(1)
}

/// Waits for several at once, for what was late among so many.
pub(crate) fn take_several(places: usize) -> Place {
    let places = places.min(ROOM);
    let left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    let mut left = CHANGED.wait_while(left, |left| *left < places).unwrap_or_else(PoisonError::into_inner);
    *left -= places;
    Place(places)
}

impl Drop for Place {
    fn drop(&mut self) {
        *LEFT.lock().unwrap_or_else(PoisonError::into_inner) += self.0;
        CHANGED.notify_all();
    }
}
