//! CNSA 2.0, NSA's suite for national security systems, by its steps: TLS 1.3 with AES-256, ML-KEM-1024 alone,
//! and ML-DSA-87 in the handshake and the chain.

use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};

use super::{Ruling, Standard, Standing, View};

const CNSA: Standard = Standard { id: "cnsa-2.0", title: "CNSA 2.0" };

const AES_256_GCM: CipherSuite = CipherSuite(0x1302);

pub(super) fn standings(view: &View<'_>) -> Vec<Standing> {
    vec![view.rule(CNSA, judge)]
}

fn judge(ruling: &mut Ruling<'_>) {
    ruling.step = Some(step(ruling));
    ruling.versions(|version| version == ProtocolVersion::TLS1_3);
    ruling.speaks(ProtocolVersion::TLS1_3);
    ruling.suites(|suite| (suite != AES_256_GCM).then_some("not TLS_AES_256_GCM_SHA384"));
    ruling.groups(|group| (group != NamedGroup::MLKEM1024).then_some("not ML-KEM-1024"));
    ruling.certificate();
    let algorithms: Vec<&str> =
        ruling.certificates().map(|reading| reading.description.signature_algorithm.as_str()).collect();
    match algorithms.iter().find(|algorithm| !algorithm.eq_ignore_ascii_case("ML-DSA-87")) {
        Some(algorithm) => ruling.against(format!("a certificate is signed with {algorithm}, not ML-DSA-87")),
        None if algorithms.is_empty() => ruling.unseen("by what its certificates are signed"),
        None => {}
    }
}

fn step(ruling: &Ruling<'_>) -> &'static str {
    let groups = ruling.spoken().flat_map(|observed| observed.groups.accepted.iter().copied());
    let groups: Vec<NamedGroup> = groups.collect();
    let of_cnsa = [NamedGroup::MLKEM1024, NamedGroup::SECP384R1MLKEM1024];
    if of_cnsa.iter().any(|group| groups.contains(group)) {
        "its key exchange is ready"
    } else if groups.into_iter().any(NamedGroup::is_post_quantum) {
        "post-quantum, and not of CNSA"
    } else {
        "none"
    }
}
