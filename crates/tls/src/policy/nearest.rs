//! What to take instead of a policy that the gateway can't serve.

use std::cmp::Reverse;

use super::SecurityPolicy;
use crate::CipherSuite;

impl SecurityPolicy {
    /// The servable policy that is nearest to this one, itself where it is servable.
    ///
    /// Never one that allows an older version: a suggestion must not weaken. Of the rest the first by this
    /// order: the same service, its family (`cloudfront-origin` is of `cloudfront`'s), alike in FIPS, the
    /// closest lowest version, the most suites in common, Mozilla's, the fewest suites besides, alike in
    /// post-quantum groups.
    pub fn nearest_servable(&self) -> &'static SecurityPolicy {
        let default = Self::default_policy();
        Self::all()
            .iter()
            .filter(|other| other.is_servable().is_ok() && other.lowest_version() >= self.lowest_version())
            .min_by_key(|other| {
                (
                    *other != self,
                    other.service != self.service,
                    other.family() != self.family(),
                    other.fips != self.fips,
                    other.lowest_version(),
                    Reverse(self.suites_in_common(other)),
                    other.service != default.service,
                    other.suites.map_or(0, <[CipherSuite]>::len),
                    other.post_quantum != self.post_quantum,
                )
            })
            .unwrap_or(default)
    }

    fn family(&self) -> &'static str {
        self.service.split_once('-').map_or(self.service, |(family, _)| family)
    }

    fn suites_in_common(&self, other: &SecurityPolicy) -> usize {
        let mine = self.suites.unwrap_or_default();
        other.suites.unwrap_or_default().iter().filter(|suite| mine.contains(suite)).count()
    }
}
