//! What a transfer told.

use std::sync::{Arc, Mutex};

use contentlib_client::{Event, Progress};

/// Collects what is told.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<Event>>>);

impl Told {
    pub(crate) fn progress(&self) -> Progress {
        let told = self.clone();
        Progress::new(move |event| told.add(event))
    }

    pub(crate) fn add(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }

    pub(crate) fn all(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn offsets(&self) -> Vec<u64> {
        let begun = |event: &Event| match event {
            Event::Begun { offset, .. } => Some(*offset),
            _ => None,
        };
        self.0.lock().unwrap().iter().filter_map(begun).collect()
    }
}
