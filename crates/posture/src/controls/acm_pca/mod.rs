//! Private CA: authorities of one's own.

mod authority;

use super::Entry;

pub(super) use authority::signs_post_quantum;

pub(super) const CONTROLS: &[Entry] = &[
    control!("acm-pca-root-ca-disabled", authority::judge_root),
    control!("acmpca-ca-key-strength"),
    control!("acmpca-ca-revocation-enabled", authority::judge_revocation),
    control!("acmpca-certificate-authority-pqc-key-algorithm", authority::judge_post_quantum),
];
