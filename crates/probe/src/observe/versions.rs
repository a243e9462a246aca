//! The versions: what each is spoken with, asked for once, by whoever needs it first.

use hermetic_tls::ProtocolVersion;
use tokio::sync::OnceCell;

use super::dial::Dialer;
use super::ranking::Ranking;
use super::{VERSIONS, VersionObserved, groups, schemes, suites};
use crate::way::Command;

/// All versions of one endpoint.
pub(super) struct Versions<'a> {
    each: [Version<'a>; VERSIONS.len()],
    all: OnceCell<Vec<VersionObserved>>,
}

/// One of them.
struct Version<'a> {
    dialer: &'a Dialer<'a>,
    version: ProtocolVersion,
    suites: OnceCell<VersionObserved>,
}

impl<'a> Versions<'a> {
    pub(super) fn new(dialer: &'a Dialer<'a>) -> Self {
        let each = VERSIONS.map(|version| Version { dialer, version, suites: OnceCell::new() });
        Self { each, all: OnceCell::new() }
    }

    /// All with their suites, oldest first.
    pub(super) async fn with_suites(&self) -> &[VersionObserved] {
        let [ssl3, tls1_0, tls1_1, tls1_2, tls1_3] = self.each.each_ref().map(Version::with_suites);
        let all = async {
            let all = tokio::join!(ssl3, tls1_0, tls1_1, tls1_2, tls1_3);
            let (ssl3, tls1_0, tls1_1, tls1_2, tls1_3) = all;
            [ssl3, tls1_0, tls1_1, tls1_2, tls1_3].map(Clone::clone).to_vec()
        };
        self.all.get_or_init(|| all).await
    }

    /// All with their suites, groups and signature schemes, oldest first.
    pub(super) async fn whole(&self) -> Vec<VersionObserved> {
        let [ssl3, tls1_0, tls1_1, tls1_2, tls1_3] =
            self.each.each_ref().map(|version| Box::pin(version.whole()));
        let (ssl3, tls1_0, tls1_1, tls1_2, tls1_3) = tokio::join!(ssl3, tls1_0, tls1_1, tls1_2, tls1_3);
        vec![ssl3, tls1_0, tls1_1, tls1_2, tls1_3]
    }
}

impl Version<'_> {
    async fn with_suites(&self) -> &VersionObserved {
        let asked = async {
            let suites = suites::accepted(self.dialer, self.version).await;
            let support = suites.support();
            let (first, others, suites) = (suites.first, suites.others, suites.ranking);
            let (groups, schemes) = (Ranking::unasked(), Vec::new());
            VersionObserved { version: self.version, support, suites, groups, schemes, first, others }
        };
        self.suites.get_or_init(|| asked).await
    }

    async fn whole(&self) -> VersionObserved {
        let observed = self.with_suites().await;
        let suites = &observed.suites.accepted;
        let [of_groups, of_schemes] =
            [Command::Groups, Command::Schemes].map(|command| self.dialer.of_command(command));
        let groups = groups::accepted(&of_groups, self.version, suites);
        let schemes = schemes::accepted(&of_schemes, self.version, suites);
        let (groups, schemes) = tokio::join!(groups, schemes);
        VersionObserved { groups, schemes, ..observed.clone() }
    }
}
