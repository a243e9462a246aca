//! What may be done with an authority in each of its states, as in AWS Private CA.

use std::fmt;

use hermetic_store::AuthorityState;
use jiff::Timestamp;

/// The state of an authority as it is shown. That it has expired is not kept anywhere: its certificate's end
/// says so, whatever is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It has a key, and waits for its certificate.
    PendingCertificate,
    /// It may do what its stage allows.
    Active,
    /// It issues nothing, and tells of what it has issued.
    Disabled,
    /// Its certificate has run out.
    Expired,
    /// It is gone, but for being restored until a date.
    Deleted,
}

/// What is done with an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Sign certificates.
    Issue,
    /// Answer by OCSP for what it issued.
    AnswerOcsp,
    /// Sign revocation lists.
    SignRevocationList,
    /// Report what it issued.
    Report,
    /// Give it a certificate.
    ImportCertificate,
    /// Revoke what it issued.
    Revoke,
    /// Have it issue nothing any more.
    Disable,
    /// Have it issue again.
    Enable,
    /// Delete it.
    Delete,
    /// Bring it back.
    Restore,
}

impl State {
    /// All of them, in the order of [`Act::ALL`]'s table.
    pub const ALL: [Self; 5] =
        [Self::PendingCertificate, Self::Active, Self::Disabled, Self::Expired, Self::Deleted];

    /// The state that is shown, of the one that is kept and the end of the certificate.
    pub fn of(kept: AuthorityState, not_after: Option<Timestamp>, now: Timestamp) -> Self {
        let has_expired = not_after.is_some_and(|end| end <= now);
        match kept {
            AuthorityState::PendingCertificate => Self::PendingCertificate,
            AuthorityState::Deleted => Self::Deleted,
            AuthorityState::Active | AuthorityState::Disabled if has_expired => Self::Expired,
            AuthorityState::Active => Self::Active,
            AuthorityState::Disabled => Self::Disabled,
        }
    }

    /// Whether this may be done in this state.
    pub fn allows(self, act: Act) -> bool {
        const Y: bool = true;
        const N: bool = false;
        let [issue, ocsp, list, report, import, revoke, disable, enable, delete, restore] = match self {
            Self::PendingCertificate => [N, N, N, N, Y, N, N, N, Y, N],
            Self::Active => [Y, Y, Y, Y, Y, Y, Y, N, N, N],
            Self::Disabled => [N, Y, Y, Y, N, Y, N, Y, Y, N],
            Self::Expired => [N, N, N, N, Y, N, N, N, Y, N],
            Self::Deleted => [N, N, N, N, N, N, N, N, N, Y],
        };
        match act {
            Act::Issue => issue,
            Act::AnswerOcsp => ocsp,
            Act::SignRevocationList => list,
            Act::Report => report,
            Act::ImportCertificate => import,
            Act::Revoke => revoke,
            Act::Disable => disable,
            Act::Enable => enable,
            Act::Delete => delete,
            Act::Restore => restore,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::PendingCertificate => "pending_certificate",
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
        }
    }

    /// The command by which the authority of this name can be brought to where more may be done with it.
    pub(crate) fn remedy(self, name: &str) -> String {
        match self {
            Self::PendingCertificate => format!(
                "have `hermetic ca csr {name}` signed, and give it the certificate with `hermetic ca import {name}`"
            ),
            Self::Active => format!("disable it first with `hermetic ca disable {name}`"),
            Self::Disabled => format!("`hermetic ca enable {name}` makes it active again"),
            Self::Expired => format!(
                "let another generation take its place with `hermetic ca rotate {name}`, or give it a newer \
                 certificate with `hermetic ca import {name}`"
            ),
            Self::Deleted => {
                format!("`hermetic ca restore {name}` brings it back, while its time for that is not over")
            }
        }
    }
}

impl Act {
    /// All of them, in the order of the table of certificates' reference.
    pub const ALL: [Self; 10] = [
        Self::Issue,
        Self::AnswerOcsp,
        Self::SignRevocationList,
        Self::Report,
        Self::ImportCertificate,
        Self::Revoke,
        Self::Disable,
        Self::Enable,
        Self::Delete,
        Self::Restore,
    ];

    /// What is done, in words that follow "can't".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::AnswerOcsp => "answer by OCSP",
            Self::SignRevocationList => "sign revocation lists",
            Self::Report => "report what it issued",
            Self::ImportCertificate => "take a certificate",
            Self::Revoke => "revoke",
            Self::Disable => "be disabled",
            Self::Enable => "be enabled",
            Self::Delete => "be deleted",
            Self::Restore => "be restored",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether all of these, and no others, may be done in a state.
    fn just(state: State, acts: &[Act]) {
        for act in Act::ALL {
            assert_eq!(state.allows(act), acts.contains(&act), "{state} {act:?}");
        }
    }

    #[test]
    fn a_pending_authority_takes_its_certificate_or_goes() {
        just(State::PendingCertificate, &[Act::ImportCertificate, Act::Delete]);
    }

    #[test]
    fn an_active_authority_does_everything_but_go() {
        use Act::*;
        just(
            State::Active,
            &[Issue, AnswerOcsp, SignRevocationList, Report, ImportCertificate, Revoke, Disable],
        );
    }

    #[test]
    fn a_disabled_authority_still_tells_of_what_it_issued() {
        use Act::*;
        just(State::Disabled, &[AnswerOcsp, SignRevocationList, Report, Revoke, Enable, Delete]);
    }

    #[test]
    fn an_expired_authority_takes_a_newer_certificate_or_goes() {
        just(State::Expired, &[Act::ImportCertificate, Act::Delete]);
    }

    #[test]
    fn a_deleted_authority_can_only_be_restored() {
        just(State::Deleted, &[Act::Restore]);
    }

    #[test]
    fn the_reference_of_states_says_what_each_allows() {
        let page = include_str!("../../../../docs/src/reference/states.md");
        let row = |cells: Vec<&str>| format!("| {} |", cells.join(" | "));
        let mut head = vec!["state"];
        head.extend(Act::ALL.map(Act::words));
        assert!(page.contains(&row(head)));
        for state in State::ALL {
            let name = format!("`{state}`");
            let mut cells = vec![name.as_str()];
            cells.extend(Act::ALL.map(|act| if state.allows(act) { "yes" } else { "–" }));
            assert!(page.contains(&row(cells.clone())), "{}", row(cells));
        }
        for word in hermetic_store::Stage::ALL.iter().map(|stage| stage.word()) {
            assert!(page.contains(&format!("| `{word}` |")), "{word}");
        }
        for word in hermetic_store::CertificateState::ALL.iter().map(|state| state.word()) {
            assert!(page.contains(&format!("| `{word}` |")), "{word}");
        }
    }

    #[test]
    fn expiry_shows_over_active_and_disabled_and_over_nothing_else() {
        let (end, before) = (Timestamp::constant(100, 0), Timestamp::constant(99, 999_999_999));
        for kept in AuthorityState::ALL.iter().copied() {
            let shown = |now| State::of(kept, Some(end), now);
            let is_shown = matches!(kept, AuthorityState::Active | AuthorityState::Disabled);
            assert_eq!(shown(end) == State::Expired, is_shown, "{kept}");
            assert_ne!(shown(before), State::Expired);
            assert_eq!(State::of(kept, None, end), shown(before));
        }
    }
}
