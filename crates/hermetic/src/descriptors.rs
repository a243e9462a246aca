//! File descriptors: as many as the system lets this process have, and for how many connections that is
//! enough. Many systems give 1,024 at first, for the sake of programs that use select(2); a gateway that
//! runs out of them can neither accept nor reach its upstreams (istio/ztunnel#1585).

use std::num::NonZeroUsize;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Those that are no connection: files, listening sockets, the store, metrics.
const OTHERS: u64 = 128;

/// Those of a connection: the client's, and that to the upstream behind it.
const EACH: u64 = 2;

/// Raises the soft limit to the hard one; gives for how many connections that is enough, `None` where there
/// is no limit.
pub fn raise() -> Option<NonZeroUsize> {
    let before = getrlimit(Resource::Nofile);
    if before.current != before.maximum {
        let all = Rlimit { current: before.maximum, maximum: before.maximum };
        match setrlimit(Resource::Nofile, all) {
            Ok(()) => tracing::info!(
                before = before.current,
                now = before.maximum,
                connections = enough_for(before.maximum).map(NonZeroUsize::get),
                "the limit of file descriptors is raised"
            ),
            Err(error) => tracing::warn!(%error, "the limit of file descriptors can't be raised"),
        }
    }
    enough_for(getrlimit(Resource::Nofile).current)
}

fn enough_for(descriptors: Option<u64>) -> Option<NonZeroUsize> {
    let connections = descriptors?.saturating_sub(OTHERS) / EACH;
    Some(NonZeroUsize::new(usize::try_from(connections).unwrap_or(usize::MAX)).unwrap_or(NonZeroUsize::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_takes_two_and_some_are_for_others() {
        assert_eq!(enough_for(Some(1024)).unwrap().get(), 448);
        assert_eq!(enough_for(Some(100)).unwrap().get(), 1);
        assert_eq!(enough_for(None), None);
    }
}
