//! By which domains authorities are named in CAA records. From the repositories of their policies (section 4.2 of
//! their certification practice statements), as of November 2026; who is not here can't be told.

/// What stands in the issuer's organisation, and the domains that name it.
const ISSUERS: [(&str, &[&str]); 14] = [
    ("Let's Encrypt", &["letsencrypt.org"]),
    ("Internet Security Research Group", &["letsencrypt.org"]),
    (
        "DigiCert",
        &[
            "digicert.com",
            "www.digicert.com",
            "digicert.ne.jp",
            "cybertrust.ne.jp",
            "symantec.com",
            "thawte.com",
            "geotrust.com",
            "rapidssl.com",
        ],
    ),
    ("Sectigo", &["sectigo.com", "comodo.com", "comodoca.com", "usertrust.com", "trust-provider.com"]),
    ("ZeroSSL", &["sectigo.com"]),
    ("Google Trust Services", &["pki.goog"]),
    ("Amazon", &["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"]),
    ("GlobalSign", &["globalsign.com"]),
    ("GoDaddy", &["godaddy.com", "starfieldtech.com"]),
    ("Starfield", &["starfieldtech.com", "godaddy.com"]),
    ("Entrust", &["entrust.net", "affirmtrust.com", "sectigo.com"]),
    ("Buypass", &["buypass.com", "buypass.no"]),
    ("SSL Corp", &["ssl.com"]),
    ("Microsoft Corporation", &["microsoft.com"]),
];

/// The domains by which an issuer, as RFC 4514 writes its name, is named in CAA records; none where it is not known.
pub fn caa_domains_of(issuer: &str) -> &'static [&'static str] {
    // A comma in a value is written with a backslash.
    let organisation =
        issuer.split("O=").skip(1).find_map(|rest| rest.split([',', '+']).next()).unwrap_or_default();
    let found = ISSUERS.iter().find(|(name, _)| organisation.starts_with(name));
    found.map_or(&[], |(_, domains)| domains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_known_by_its_organisation() {
        assert_eq!(caa_domains_of("CN=R11,O=Let's Encrypt,C=US"), ["letsencrypt.org"]);
        assert_eq!(caa_domains_of("CN=Amazon RSA 2048 M02,O=Amazon,C=US").first(), Some(&"amazon.com"));
        assert!(caa_domains_of("CN=R11,O=Shop,C=US").is_empty());
    }
}
