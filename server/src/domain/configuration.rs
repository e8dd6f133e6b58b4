//! The settings of synchronisation, which administrators change by a call; and what follows from them.
//!
//! There is one record of them, made by the first change. Hours are those of UTC.

use serde::{Deserialize, Serialize};

use super::decision::{Command, Draft, Question, Stop};
use super::ids::{ConfigurationId, Time};
use super::library::{Content, Library};
use super::refusal::Refusal;

/// How often a library is tried again that could not be synchronised, if not more often anyway.
const RETRY_MINUTES: u64 = 15;
/// Minutes of a year, the longest time between two automatic synchronisations.
pub const MINUTES_MAX: u64 = 525_600;
/// The most transfers of published files at a time.
pub const SYNCS_MAX: usize = 1_000;

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The only one there is.
    pub id: ConfigurationId,
    /// Whether libraries that ask for it are synchronised by themselves.
    pub automatic_sync: bool,
    /// From which hour of the day.
    pub start_hour: u8,
    /// Until which hour; the same as the first means all day.
    pub stop_hour: u8,
    /// How many transfers from publishers there are at a time.
    pub syncs_max: usize,
    /// Minutes between two synchronisations of a library.
    pub refresh_minutes: u64,
}

impl Default for Configuration {
    fn default() -> Configuration {
        Configuration {
            id: the_one(),
            automatic_sync: true,
            start_hour: 20,
            stop_hour: 7,
            syncs_max: 5,
            refresh_minutes: 240,
        }
    }
}

fn the_one() -> ConfigurationId {
    ConfigurationId::from("configuration")
}

impl Configuration {
    /// Whether it is time for a library to be synchronised by itself. One that never was is not kept waiting for the hour.
    pub fn is_due(&self, library: &Library, now: Time) -> bool {
        let Content::Subscribed { subscription, following } = &library.content else { return false };
        if !self.automatic_sync
            || !subscription.automatic_sync
            || library.in_maintenance
            || following.sync.as_ref().is_some_and(|sync| !sync.is_stuck(now))
        {
            return false;
        }
        let Some(tried) = following.tried.filter(|_| following.sync.is_none()) else { return true };
        let minutes = match following.error {
            None => self.refresh_minutes,
            Some(_) => self.refresh_minutes.min(RETRY_MINUTES),
        };
        now >= tried.plus_ms(minutes.saturating_mul(60_000)) && self.is_open(now)
    }

    fn is_open(&self, now: Time) -> bool {
        let hour = u8::try_from(now.0.div_euclid(3_600_000).rem_euclid(24)).unwrap_or(0);
        let (start, stop) = (self.start_hour, self.stop_hour);
        if start < stop {
            (start..stop).contains(&hour)
        } else {
            start == stop || hour >= start || hour < stop
        }
    }
}

/// Asks for the settings.
#[derive(Clone, Copy, Debug)]
pub struct GetConfiguration;

impl Question for GetConfiguration {
    type Answer = Configuration;

    fn answer(&self, draft: &Draft<'_>) -> Result<Configuration, Stop> {
        Ok(draft.get::<Configuration>(&the_one())?.cloned().unwrap_or_default())
    }
}

/// Changes settings; what is unset stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangeConfiguration {
    /// See [`Configuration`].
    pub automatic_sync: Option<bool>,
    /// See [`Configuration`].
    pub start_hour: Option<i64>,
    /// See [`Configuration`].
    pub stop_hour: Option<i64>,
    /// See [`Configuration`].
    pub syncs_max: Option<i64>,
    /// See [`Configuration`].
    pub refresh_minutes: Option<i64>,
}

impl Command for ChangeConfiguration {
    type Reply = Configuration;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<Configuration, Stop> {
        let mut rules = GetConfiguration.answer(draft)?;
        rules.automatic_sync = self.automatic_sync.unwrap_or(rules.automatic_sync);
        set(&mut rules.start_hour, self.start_hour, "automatic_sync_start_hour", 0, 23)?;
        set(&mut rules.stop_hour, self.stop_hour, "automatic_sync_stop_hour", 0, 23)?;
        set(&mut rules.syncs_max, self.syncs_max, "maximum_concurrent_item_syncs", 1, SYNCS_MAX)?;
        let name = "automatic_sync_refresh_interval";
        set(&mut rules.refresh_minutes, self.refresh_minutes, name, 1, MINUTES_MAX)?;
        draft.put(rules.clone());
        Ok(rules)
    }
}

fn set<T>(field: &mut T, value: Option<i64>, name: &str, min: T, max: T) -> Result<(), Refusal>
where
    T: Copy + TryFrom<i64> + PartialOrd + std::fmt::Display,
{
    let Some(value) = value else { return Ok(()) };
    match T::try_from(value).ok().filter(|value| min <= *value && *value <= max) {
        Some(value) => *field = value,
        None => {
            let (what, way_out) = (format!("{value} is none"), format!("Give {min} to {max}."));
            return Err(Refusal::invalid(name, &what, &way_out));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_go_over_midnight() {
        let at = |hour: i64| Time(hour * 3_600_000 + 5);
        let open = |start_hour, stop_hour| -> Vec<i64> {
            let rules = Configuration { start_hour, stop_hour, ..Configuration::default() };
            (0..24).filter(|hour| rules.is_open(at(24 * 400 + hour))).collect()
        };
        assert_eq!(open(20, 7), [0, 1, 2, 3, 4, 5, 6, 20, 21, 22, 23]);
        assert_eq!(open(7, 9), [7, 8]);
        assert_eq!(open(5, 5).len(), 24);
    }
}
