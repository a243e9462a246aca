//! Route: which way a request goes. The first route that takes its host and path.

use hermetic_config::HostPattern;

use crate::snapshot::RouteSnapshot;

/// The route of a request; `None` where none takes it.
pub(crate) fn choose<'a>(routes: &'a [RouteSnapshot], host: &str, path: &str) -> Option<&'a RouteSnapshot> {
    routes.iter().find(|route| takes(route, host, path))
}

fn takes(route: &RouteSnapshot, host: &str, path: &str) -> bool {
    route.host.as_ref().is_none_or(|pattern| takes_host(pattern, host)) && takes_path(&route.path, path)
}

pub(crate) fn takes_host(HostPattern(pattern): &HostPattern, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        None => pattern == host,
        Some(parent) => host.strip_suffix(parent).is_some_and(|label| !label.is_empty()),
    }
}

/// By whole segments: `/api` takes `/api` and `/api/users`, not `/apis`.
fn takes_path(prefix: &str, path: &str) -> bool {
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_by_whole_segments() {
        assert!(takes_path("/", "/anything"));
        assert!(
            takes_path("/api", "/api")
                && takes_path("/api", "/api/users")
                && takes_path("/api/", "/api/users")
        );
        assert!(!takes_path("/api", "/apis") && !takes_path("/api", "/"));
    }

    #[test]
    fn a_wildcard_host_needs_a_label() {
        let pattern = HostPattern("*.example.com".to_owned());
        assert!(takes_host(&pattern, "shop.example.com"));
        assert!(!takes_host(&pattern, "example.com") && !takes_host(&pattern, ".example.com"));
    }
}
