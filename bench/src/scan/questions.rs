//! What one may ask of an endpoint, and by what each scanner's output shows that it answers it. What only others
//! answer stands here as well.

use super::peers::Peer;

/// A question; `""` where the scanner does not answer it.
struct Question {
    what: &'static str,
    hermetic: &'static str,
    sslscan: &'static str,
    sslyze: &'static str,
    testssl: &'static str,
}

const fn q(
    what: &'static str,
    hermetic: &'static str,
    sslscan: &'static str,
    sslyze: &'static str,
    testssl: &'static str,
) -> Question {
    Question { what, hermetic, sslscan, sslyze, testssl }
}

/// The list: each by what stands in the JSON of Hermetic, the XML of sslscan, and the JSON of sslyze and testssl.sh.
#[rustfmt::skip]
const QUESTIONS: &[Question] = &[
    q("SSL 2.0", "\"version\":\"SSLv2\"", "type=\"ssl\" version=\"2\"", "ssl_2_0_cipher_suites", "\"SSLv2\""),
    q("SSL 3.0", "\"version\":\"SSLv3\"", "type=\"ssl\" version=\"3\"", "ssl_3_0_cipher_suites", "\"SSLv3\""),
    q("TLS 1.0", "\"version\":\"TLSv1.0\"", "version=\"1.0\"", "tls_1_0_cipher_suites", "\"TLS1\""),
    q("TLS 1.1", "\"version\":\"TLSv1.1\"", "version=\"1.1\"", "tls_1_1_cipher_suites", "\"TLS1_1\""),
    q("TLS 1.2", "\"version\":\"TLSv1.2\"", "version=\"1.2\"", "tls_1_2_cipher_suites", "\"TLS1_2\""),
    q("TLS 1.3", "\"version\":\"TLSv1.3\"", "version=\"1.3\"", "tls_1_3_cipher_suites", "\"TLS1_3\""),
    q("suites of each version", "\"suites\":", "<cipher ", "accepted_cipher_suites", "\"cipher_x"),
    q("whose order of suites counts", "\"order\":", "", "", "\"cipher_order\""),
    q("groups of TLS 1.2", "\"groups\":", "<group sslversion=\"TLSv1.2\"", "supported_curves", "PFS_ECDHE_curves"),
    q("groups of TLS 1.3, the finite-field ones too", "\"groups\":", "<group sslversion=\"TLSv1.3\"", "", "DH_groups"),
    q("whose order of groups counts", "\"groups\":", "", "", ""),
    q("post-quantum groups", "\"post_quantum\":", "", "", ""),
    q("signature schemes of TLS 1.2", "\"signature_schemes\":", "", "", ""),
    q("signature schemes of TLS 1.3", "\"signature_schemes\":", "", "", ""),
    q("application protocols", "\"application_protocols\":", "", "", "\"ALPN\""),
    q("NPN", "", "", "", "\"NPN\""),
    q("secure renegotiation", "\"secure_renegotiation\"", "<renegotiation ", "supports_secure_renegotiation", "\"secure_renego\""),
    q("renegotiation at the client's wish", "\"client_renegotiation\"", "", "is_vulnerable_to_client_renegotiation_dos", "\"secure_client_renego\""),
    q("extended master secret", "\"extended_master_secret\"", "", "supports_ems_extension", "\"TLS_extensions\""),
    q("encrypt then MAC", "\"encrypt_then_mac\"", "", "", ""),
    q("session tickets", "\"session_tickets\"", "", "", "\"TLS_session_ticket\""),
    q("lifetime of tickets", "\"ticket_lifetime\"", "", "", "\"TLS_session_ticket\""),
    q("resumption by id", "\"resumption_by_id\"", "", "session_id_resumption_result", "\"sessionresumption_ID\""),
    q("resumption by ticket", "\"resumption_by_ticket\"", "", "tls_ticket_resumption_result", "\"sessionresumption_ticket\""),
    q("resumption in TLS 1.3", "\"resumption_tls13\"", "", "", ""),
    q("whether a ticket is taken again", "\"ticket_again\"", "", "", ""),
    q("0-RTT", "\"early_data\"", "", "supports_early_data", ""),
    q("compression", "\"compression\"", "<compression ", "supports_compression", "\"CRIME_TLS\""),
    q("downgrade sentinel", "\"downgrade_sentinel\"", "", "", ""),
    q("guard against falling back", "\"fallback_protection\"", "<fallback ", "supports_fallback_scsv", "\"fallback_SCSV\""),
    q("intolerance of versions", "\"takes_newer_version\"", "", "", ""),
    q("intolerance of GREASE", "\"takes_unknown\"", "", "", ""),
    q("intolerance of lengths", "\"takes_large_hello\"", "", "", "\"pre_128cipher\""),
    q("Diffie-Hellman values that come again", "\"reuses_curve_value\"", "", "", ""),
    q("fingerprint of the answer", "\"ja3s\"", "", "", ""),
    q("clock of the random values", "", "", "", "\"TLS_timestamp\""),
    q("Heartbleed, tried", "", "<heartbleed ", "is_vulnerable_to_heartbleed", "\"heartbleed\""),
    q("heartbeat extension", "\"heartbeat\"", "", "", "\"heartbleed\""),
    q("CCS injection, tried", "", "", "is_vulnerable_to_ccs_injection", "\"CCS\""),
    q("ROBOT, tried", "", "", "robot_result", "\"ROBOT\""),
    q("Ticketbleed, tried", "", "", "", "\"ticketbleed\""),
    q("BREACH", "", "", "", "\"BREACH\""),
    q("POODLE", "\"id\":\"poodle\"", "", "", "\"POODLE_SSL\""),
    q("SWEET32", "\"id\":\"sweet32\"", "", "", "\"SWEET32\""),
    q("FREAK", "\"id\":\"freak\"", "", "", "\"FREAK\""),
    q("DROWN", "\"id\":\"drown\"", "", "", "\"DROWN\""),
    q("LOGJAM", "\"id\":\"logjam\"", "", "", "\"LOGJAM\""),
    q("shared primes", "\"id\":\"common-prime\"", "", "", "\"LOGJAM-common_primes\""),
    q("BEAST", "\"id\":\"beast\"", "", "", "\"BEAST\""),
    q("LUCKY13", "\"id\":\"lucky13\"", "", "", "\"LUCKY13\""),
    q("RC4", "\"id\":\"rc4\"", "", "", "\"RC4\""),
    q("forward secrecy", "\"id\":\"no-forward-secrecy\"", "", "", "\"PFS\""),
    q("certificate: names and dates", "\"not_after\"", "<not-valid-after", "not_valid_after", "\"cert_notAfter"),
    q("certificate: key and signature", "\"signature_algorithm\"", "<signature-algorithm", "signature_algorithm_oid", "\"cert_signatureAlgorithm"),
    q("certificates of each kind of key", "with its name, for ", "", "", "<cert#2>"),
    q("certificate without a server name", "without a name", "", "", "\"cert_commonName_wo_SNI"),
    q("order of the chain", "\"faults\":", "", "received_chain_has_valid_order", "\"certs_list_ordering_problem"),
    q("trust by the system or Mozilla", "\"trust\":", "", "path_validation_results", "\"cert_chain_of_trust"),
    q("match of the name", "\"for_name\"", "", "subject_alternative_name", "\"cert_trust"),
    q("limit of lifetime by its date", "\"lifetime_limit\"", "", "", "\"cert_validityPeriod"),
    q("stapled OCSP", "\"staple\":", "", "ocsp_response", "\"OCSP_stapling"),
    q("must-staple", "\"demands_staple\"", "", "leaf_certificate_has_must_staple_extension", "\"cert_mustStapleExtension"),
    q("certificate transparency", "\"transparency\"", "", "leaf_certificate_signed_certificate_timestamps_count", "\"certificate_transparency"),
    q("extended validation", "", "", "leaf_certificate_is_ev", "\"cert_certificatePolicies_EV"),
    q("HTTP: HSTS", "\"strict_transport_security\"", "", "strict_transport_security_header", "\"HSTS\""),
    q("HTTP: cookies", "\"cookies\"", "", "", "\"cookie_count\""),
    q("HTTP: another place for the same", "\"alternatives\"", "", "", ""),
    q("grade of SSL Labs", "\"grade\":", "", "", "\"overall_grade\""),
    q("a named policy", "\"policy\":", "", "", ""),
    q("NIST, PCI DSS, CNSA", "\"standards\":", "", "", ""),
    q("what browsers would get", "", "", "", "\"clientsimulation-"),
];

/// How many questions there are.
pub fn count() -> usize {
    QUESTIONS.len()
}

/// Those that are answered in what a scanner told.
pub fn answered(peer: Peer, told: &str) -> Vec<&'static str> {
    // Indented or not, it is the same JSON.
    let told = told.replace("\": ", "\":").replace(":null", "");
    let shown = |question: &&Question| {
        let mark = match peer {
            Peer::Hermetic => question.hermetic,
            Peer::Sslscan => question.sslscan,
            Peer::Sslyze | Peer::SslyzeWhole => question.sslyze,
            Peer::Testssl => question.testssl,
        };
        !mark.is_empty() && told.contains(mark)
    };
    QUESTIONS.iter().filter(shown).map(|question| question.what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_only_where_the_output_shows_it() {
        assert_eq!(
            answered(Peer::Testssl, "{\"id\"   : \"HSTS\"}, {\"id\": \"SSLv2\"}"),
            ["SSL 2.0", "HTTP: HSTS"]
        );
        assert_eq!(
            answered(Peer::Hermetic, "{\n  \"policy\": null,\n  \"ja3s\": \"1\"\n}"),
            ["fingerprint of the answer"]
        );
        assert_eq!(answered(Peer::Sslyze, "").len(), 0);
    }

    #[test]
    fn no_question_is_asked_twice() {
        let different: std::collections::BTreeSet<_> =
            QUESTIONS.iter().map(|question| question.what).collect();
        assert_eq!(different.len(), count());
    }
}
