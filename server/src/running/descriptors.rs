//! How many files and connections the process may have open at once: as many as the system lets it, and a word if that is
//! not enough for what was set.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Records, the log, the runtime's own, and what is looked at now and then.
const APART: u64 = 64;

/// Raises the limit as far as this user may; a warning if the connections that are allowed could need more.
pub(super) fn raise(n_connections_max: usize) -> Option<String> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let n_open_max = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::debug!("the limit of open files stays as it was: {error}");
            limit.current
        }
    };
    shortage(n_open_max?, n_connections_max)
}

/// A connection needs a place, and so does the file that it transfers.
fn shortage(n_open_max: u64, n_connections_max: usize) -> Option<String> {
    let needed = (n_connections_max as u64).saturating_mul(2).saturating_add(APART);
    (needed > n_open_max).then(|| {
        let enough = n_open_max.saturating_sub(APART) / 2;
        format!(
            "listen.connections_max is {n_connections_max}, which can take {needed} open files, and the system allows \
             {n_open_max}: set it to {enough}, or allow more (LimitNOFILE of systemd, `ulimit -Hn` of a shell)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_needs_two_places() {
        assert_eq!(shortage(264, 100), None);
        let words = shortage(263, 100).unwrap();
        assert!(words.contains("264 open files") && words.contains("set it to 99"), "{words}");
        assert!(shortage(u64::MAX - 1, usize::MAX).is_some());
    }

    #[test]
    fn the_limit_is_as_high_as_it_may_be() {
        assert_eq!(raise(1), None);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
