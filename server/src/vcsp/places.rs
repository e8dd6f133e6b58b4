//! How many transfers from publishers go on at a time; the others wait, in the order in which they came.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for transfers.
#[derive(Debug)]
pub struct Places {
    free: Arc<Semaphore>,
    n_max: Mutex<usize>,
}

impl Places {
    /// So many.
    pub fn new(n_max: usize) -> Places {
        Places { free: Arc::new(Semaphore::new(n_max)), n_max: Mutex::new(n_max) }
    }

    /// A place, until it is dropped; when one is free.
    pub async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// From now on so many. Who has a place keeps it; those that are too many go when they are free.
    pub fn change(&self, n_max: usize) {
        let mut before = self.n_max.lock().unwrap_or_else(PoisonError::into_inner);
        if n_max > *before {
            self.free.add_permits(n_max - *before);
        }
        for _ in n_max..*before {
            let free = Arc::clone(&self.free);
            tokio::spawn(async move {
                if let Ok(place) = free.acquire_owned().await {
                    place.forget();
                }
            });
        }
        *before = n_max;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_come_and_go_while_others_are_taken() {
        let places = Places::new(1);
        let first = places.enter().await;
        assert_eq!(places.free.available_permits(), 0);
        places.change(3);
        let second = places.enter().await;
        assert_eq!(places.free.available_permits(), 1);
        places.change(1);
        drop((first, second));
        while places.free.available_permits() != 1 {
            tokio::task::yield_now().await;
        }
        assert!(places.enter().await.is_some());
    }
}
