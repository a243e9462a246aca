//! What is asked of the authority, and by whom certificates are issued.

use std::time::Duration;

use super::{told_of, valid, valid_with};
use crate::{Authority, CertificateSource, Issuance, Listener, StoredCertificate};

const DAY: u64 = 86_400;

fn authority(lines: &str) -> Authority {
    valid(&format!("[authority]\n{lines}")).authority
}

fn told_of_authority(lines: &str) -> Vec<String> {
    told_of(&format!("[authority]\n{lines}"))
}

/// What is told of a second listener with these lines from line 4 on, and a route from it.
fn listener(lines: &str) -> String {
    format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\n{lines}\n\
         [[route]]\nlistener = \"second\"\nto = \"app\""
    )
}

fn valid_listener(lines: &str) -> Listener {
    valid_with(&listener(lines)).listener(&"second".parse().unwrap()).unwrap().clone()
}

fn issuance(issuer: &str, profile: &str) -> Issuance {
    Issuance { issuer: issuer.parse().unwrap(), profile: profile.parse().unwrap() }
}

#[test]
fn what_is_not_said_is_as_the_field_has_it() {
    let authority = authority("");
    assert_eq!(authority, valid("").authority);
    assert_eq!(authority.issuer.as_str(), "intermediate");
    assert_eq!((authority.publish, authority.url), (None, None));
    assert_eq!(authority.crl_lifetime, Duration::from_secs(7 * DAY));
    assert_eq!(authority.ocsp_lifetime, Duration::from_secs(DAY));
    assert_eq!(authority.expiry_warning, Duration::from_secs(14 * DAY));
    assert_eq!(authority.renew_at.to_string(), "2/3");
}

#[test]
fn what_is_published_at_an_address_is_found_there() {
    let authority = authority("publish = \"10.0.0.7:8089\"");
    assert_eq!(authority.url.unwrap().to_string(), "http://10.0.0.7:8089");
}

#[test]
fn what_is_published_at_every_address_needs_a_url() {
    assert_eq!(
        told_of_authority("publish = \"0.0.0.0:8089\""),
        ["2:11: under which URL others reach `0.0.0.0:8089` can't be told from it; \
          add `url = \"http://pki.example.com:8089\"`"]
    );
    let authority = authority("publish = \"0.0.0.0:8089\"\nurl = \"http://pki.example.com/\"");
    assert_eq!(authority.url.unwrap().to_string(), "http://pki.example.com");
}

#[test]
fn a_url_alone_is_what_another_node_publishes() {
    let authority = authority("url = \"http://pki.example.com\"");
    assert!(authority.publish.is_none() && authority.url.is_some());
}

#[test]
fn a_url_in_certificates_is_http() {
    assert_eq!(
        told_of_authority("url = \"https://pki.example.com\""),
        ["2:7: `https://pki.example.com` is no address for lists and OCSP: \
          over https a client would need them to fetch them; \
          give an http:// address, for what is fetched is signed"]
    );
}

#[test]
fn what_is_published_takes_no_listeners_address() {
    assert_eq!(
        told_of_authority("publish = \"127.0.0.1:8443\""),
        [
            "5:8: `127.0.0.1:8443` is taken by `127.0.0.1:8443` in line 2; give each an address or port of its own"
        ]
    );
}

#[test]
fn a_part_of_life_is_a_fraction_that_leaves_time_for_both() {
    assert_eq!(authority("renew_at = \"3/4\"").renew_at.to_string(), "3/4");
    let hint = "write a fraction from 1/4 to 9/10, such as \"2/3\"";
    assert_eq!(told_of_authority("renew_at = \"66%\""), [format!("2:12: `66%` is no fraction; {hint}")]);
    assert_eq!(
        told_of_authority("renew_at = \"99/100\""),
        [format!("2:12: `99/100` is out of bounds; {hint}")]
    );
}

#[test]
fn the_name_of_an_authority_is_written_small() {
    assert_eq!(
        told_of_authority("issuer = \"Issuing\""),
        [
            "2:10: `Issuing` is no name of an authority: 1 to 64 lower-case letters, digits, dots, hyphens and \
          underscores, beginning with a letter or a digit; write \"issuing\""
        ]
    );
}

#[test]
fn a_listener_is_certified_by_the_issuer_unless_it_names_another() {
    let of = |lines: &str| match &valid_listener(lines).termination().unwrap().certificates[..] {
        [CertificateSource::Authority { issuance, .. }] => issuance.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(of("names = [\"b\"]"), issuance("intermediate", "server"));
    assert_eq!(of("names = [\"b\"]\nissuer = \"shop\"\nprofile = \"both\""), issuance("shop", "both"));
}

#[test]
fn whoever_brings_all_certificates_names_no_issuer() {
    let because = "the authority issues no certificate for this listener, so";
    let remedy = "take it out, or add `names` that it is to issue for";
    assert_eq!(
        told_of(&listener(
            "certificate = { stored = \"b.example\" }\nissuer = \"shop\"\nprofile = \"server\""
        )),
        [
            format!("5:1: {because} `issuer` has no meaning; {remedy}"),
            format!("6:1: {because} `profile` has no meaning; {remedy}"),
        ]
    );
}

#[test]
fn a_certificate_in_the_store_is_named_or_numbered() {
    let listener = valid_listener(
        "names = [\"b.example\", \"c.example\"]\n\
         certificates = [{ stored = \"b.example\" }, { stored = \"serial:0A:b1\" }]",
    );
    let [CertificateSource::Stored(name), CertificateSource::Stored(serial), issued] =
        &listener.termination().unwrap().certificates[..]
    else {
        panic!("{listener:?}")
    };
    assert_eq!(*name, StoredCertificate::Name("b.example".parse().unwrap()));
    assert_eq!(*serial, StoredCertificate::Serial("ab1".to_owned()));
    let CertificateSource::Authority { identities, .. } = issued else { panic!("{issued:?}") };
    assert_eq!(identities[0].to_string(), "dns:c.example", "what the named one covers is not issued again");
}

#[test]
fn what_is_in_a_certificate_of_the_store_is_not_guessed_by_routes() {
    let lines = listener("certificate = { stored = \"serial:ab1\" }");
    assert!(told_of(&format!("{lines}\nhost = \"any.example\"")).is_empty());
}

#[test]
fn a_certificate_is_in_files_or_in_the_store() {
    assert_eq!(
        told_of(&listener("certificate = { stored = \"b\", cert = \"b.pem\" }")),
        ["4:31: unknown key `cert` in certificate in the store; the keys are stored"]
    );
    assert_eq!(
        told_of(&listener("certificate = { stored = \"serial:x\" }")),
        ["4:26: `serial:x` is neither a name nor a serial number; \
          write a name in the certificate, or `serial:` and the digits that `hermetic cert list` shows"]
    );
}

#[test]
fn an_identity_has_one_certificate_wherever_it_is_presented() {
    let upstream = |name: &str, of: &str| {
        format!(
            "[[upstream]]\nname = \"{name}\"\nendpoints = [\"{name}.internal:1\"]\n\
             tls = {{ trust = \"system\", identity = \"edge\"{of} }}\n"
        )
    };
    let both = |of: &str| told_of(&format!("{}{}", upstream("one", ""), upstream("two", of)));
    assert!(both(", issuer = \"intermediate\"").is_empty());
    assert_eq!(
        both(", issuer = \"shop\", profile = \"both\""),
        ["8:38: `edge` is issued by `intermediate` as `client` in line 4, and here by `shop` as `both`; \
          write the same in both places, or another `identity`"]
    );
}

#[test]
fn without_an_identity_no_issuer_is_asked() {
    let upstream = "[[upstream]]\nname = \"one\"\nendpoints = [\"one.internal:1\"]\n\
                    tls = { trust = \"system\", issuer = \"shop\" }";
    assert_eq!(
        told_of(upstream),
        [
            "4:27: no certificate is presented here, so `issuer` has no meaning; add `identity`, or take it out"
        ]
    );
}
