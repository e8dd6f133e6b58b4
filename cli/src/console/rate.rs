//! How fast bytes move: over the last seconds, so that what stalls is seen to stall.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How far it looks back.
const WINDOW: Duration = Duration::from_secs(5);
/// Places that are kept are at least this far apart.
const STEP: Duration = Duration::from_millis(250);

/// Bytes at some points in time; the last is the newest.
#[derive(Clone, Debug, Default)]
pub(super) struct Rate(VecDeque<(Instant, u64)>);

impl Rate {
    /// Begins here.
    pub(super) fn from(n_bytes: u64, now: Instant) -> Rate {
        Rate(VecDeque::from([(now, n_bytes)]))
    }

    pub(super) fn is_new(&self) -> bool {
        self.0.is_empty()
    }

    /// The same speed, from another place.
    pub(super) fn skip(&self, n_bytes: u64) -> Rate {
        let Some(&(_, last)) = self.0.back() else { return Rate::default() };
        Rate(self.0.iter().map(|&(at, n)| (at, (n + n_bytes).saturating_sub(last))).collect())
    }

    /// So many bytes are there now.
    pub(super) fn at(&mut self, n_bytes: u64, now: Instant) {
        let before_last = self.0.len().checked_sub(2).map(|idx| self.0[idx].0);
        match (self.0.back_mut(), before_last) {
            (Some(last), Some(before)) if last.0.saturating_duration_since(before) < STEP => {
                *last = (now, n_bytes);
            }
            _ => self.0.push_back((now, n_bytes)),
        }
        while self.0.len() > 2 && now.saturating_duration_since(self.0[1].0) >= WINDOW {
            self.0.pop_front();
        }
    }

    /// Bytes in a second; `None` as long as too little is known.
    pub(super) fn per_second(&self) -> Option<f64> {
        let (&(from, first), &(to, last)) = (self.0.front()?, self.0.back()?);
        let elapsed = to.saturating_duration_since(from);
        (elapsed >= STEP).then(|| last.saturating_sub(first) as f64 / elapsed.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(begin: Instant, ms: u64) -> Instant {
        begin + Duration::from_millis(ms)
    }

    #[test]
    fn it_is_that_of_the_last_seconds() {
        let begin = Instant::now();
        let mut rate = Rate::from(0, begin);
        assert_eq!(rate.per_second(), None);
        for second in 1..=20 {
            rate.at(second * 1000, after(begin, second * 1000));
        }
        assert_eq!(rate.per_second(), Some(1000.0));
        for second in 21..=40 {
            rate.at(20_000, after(begin, second * 1000));
        }
        assert_eq!(rate.per_second(), Some(0.0), "it stalls");
    }

    #[test]
    fn what_is_skipped_is_no_speed() {
        let begin = Instant::now();
        let mut rate = Rate::from(0, begin);
        rate.at(1000, after(begin, 1000));
        let mut rate = rate.skip(1_000_000);
        rate.at(1_001_000, after(begin, 2000));
        assert_eq!(rate.per_second(), Some(1000.0));
    }

    #[test]
    fn many_small_steps_take_little_room() {
        let begin = Instant::now();
        let mut rate = Rate::from(0, begin);
        for ms in 1..100_000 {
            rate.at(ms, after(begin, ms));
        }
        assert!(rate.0.len() < 30, "{}", rate.0.len());
        let per_second = rate.per_second().unwrap();
        assert!((990.0..=1010.0).contains(&per_second), "{per_second}");
    }
}
