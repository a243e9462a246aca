//! How the rows of the table are written.

#![expect(clippy::indexing_slicing, reason = "evaluated at compile time, where a wrong index is an error")]

use super::list::{Groups, Suites, Versions};
use crate::policy::{GroupSource, SecurityPolicy, Status};

/// A documented policy of which groups are not known.
pub(super) const fn policy(
    service: &'static str,
    name: &'static str,
    versions: Versions,
    suites: Suites,
) -> SecurityPolicy {
    SecurityPolicy { suites: Some(suites), ..only_versions(service, name, versions) }
}

/// A policy of which nothing but the versions is known.
pub(super) const fn only_versions(
    service: &'static str,
    name: &'static str,
    versions: Versions,
) -> SecurityPolicy {
    SecurityPolicy {
        service,
        name,
        versions,
        suites: None,
        groups: None,
        group_source: GroupSource::Undocumented,
        post_quantum: false,
        fips: false,
        status: Status::Documented,
    }
}

impl SecurityPolicy {
    pub(super) const fn groups(self, group_source: GroupSource, groups: Groups) -> Self {
        Self { groups: Some(groups), group_source, ..self }
    }

    pub(super) const fn post_quantum(self) -> Self {
        Self { post_quantum: true, ..self }
    }

    pub(super) const fn fips(self) -> Self {
        Self { fips: true, ..self }
    }

    pub(super) const fn status(self, status: Status) -> Self {
        Self { status, ..self }
    }
}

/// Lists of suites, one after the other, as one.
macro_rules! suites {
    ($($list:expr),+ $(,)?) => {{
        const LISTS: &[&[crate::CipherSuite]] = &[$($list),+];
        const JOINED: [crate::CipherSuite; super::row::length(LISTS)] =
            super::row::join(LISTS, crate::CipherSuite(0));
        &JOINED
    }};
}
pub(super) use suites;

/// How many items the lists have together.
pub(super) const fn length<T>(lists: &[&[T]]) -> usize {
    let (mut list, mut length) = (0, 0);
    while list < lists.len() {
        length += lists[list].len();
        list += 1;
    }
    length
}

/// The lists as one, at compile time: an index out of bounds would be a compile error. `N` is their
/// [`length`]; `blank` is overwritten everywhere.
pub(super) const fn join<T: Copy, const N: usize>(lists: &[&[T]], blank: T) -> [T; N] {
    let mut joined = [blank; N];
    let (mut list, mut filled) = (0, 0);
    while list < lists.len() {
        let mut item = 0;
        while item < lists[list].len() {
            joined[filled] = lists[list][item];
            item += 1;
            filled += 1;
        }
        list += 1;
    }
    assert!(filled == N);
    joined
}
