use std::fs;

use proptest::prelude::*;

use super::*;
use crate::foreign::root;
use crate::peer::openssl;

/// What openssl says of DER.
fn theirs(der: &[u8], command: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("der"), der).unwrap();
    let said = openssl(folder.path(), &format!("{command} -inform DER -in der -noout -text"));
    String::from_utf8_lossy(&said).into_owned()
}

/// Fails with the first line that differs.
fn assert_same(ours: &str, theirs: &str, what: &str) {
    for (number, (our, their)) in ours.lines().zip(theirs.lines()).enumerate() {
        assert_eq!(our, their, "{what}, line {}", number + 1);
    }
    assert_eq!(ours, theirs, "{what}");
}

fn assert_same_certificate(der: &[u8], what: &str) {
    let theirs = theirs(der, "x509 -certopt ext_dump");
    assert_same(&certificate_text(der).unwrap(), &theirs, what);
}

/// A certificate or request that openssl makes by this command.
fn made(configuration: &str, command: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("configuration"), configuration).unwrap();
    openssl(folder.path(), command)
}

const EVERYTHING: &str = include_str!("testdata/everything.cnf");

#[test]
fn a_certificate_with_every_extension_is_shown_as_openssl_does() {
    let make = "req -x509 -newkey rsa:2048 -nodes -keyout key -config configuration -utf8 -outform DER";
    assert_same_certificate(&made(EVERYTHING, make), "everything");
}

#[test]
fn all_kinds_of_keys_and_signatures_are_shown_as_openssl_does() {
    for key in [
        "rsa:1024",
        "rsa:2048 -sha384",
        "rsa:2048 -sha1",
        "ed25519",
        "ed448",
        "rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:222",
        "rsa:2048 -sha1 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20",
        "ec -pkeyopt ec_paramgen_curve:P-224",
        "ec -pkeyopt ec_paramgen_curve:P-256",
        "ec -pkeyopt ec_paramgen_curve:P-384 -sha384",
        "ec -pkeyopt ec_paramgen_curve:P-521 -sha512",
        "ec -pkeyopt ec_paramgen_curve:secp256k1",
        "ec -pkeyopt ec_paramgen_curve:brainpoolP384r1",
    ] {
        let make = format!("req -x509 -newkey {key} -nodes -keyout key -subj /CN=x -outform DER");
        assert_same_certificate(&made("", &make), key);
    }
}

#[test]
fn serial_numbers_of_any_size_and_sign_are_shown_as_openssl_does() {
    for serial in [
        "0",
        "1",
        "127",
        "0x7fffffffffffffff",
        "0x8000000000000000",
        "0x0102030405060708090a",
        "-1",
        "-2",
        "-0x8000",
    ] {
        let make = format!(
            "req -x509 -newkey ed25519 -nodes -keyout key -subj /CN=x -outform DER -set_serial {serial}"
        );
        assert_same_certificate(&made("", &make), serial);
    }
}

#[test]
fn names_are_escaped_as_openssl_does() {
    let one = |subject: &str, mask: &str| {
        let configuration = format!(
            "oid_section=oids\n[req]\nprompt=no\ndistinguished_name=dn\nstring_mask={mask}\n\
             [oids]\nours=1.3.6.1.4.1.99999.1\n[dn]\n{subject}\n"
        );
        let make = "req -x509 -newkey ed25519 -nodes -keyout key -config configuration -utf8 -outform DER";
        assert_same_certificate(&made(&configuration, make), &format!("{subject} {mask}"));
    };
    for subject in [
        "CN=a,b",
        "CN=a+b",
        "CN=a;b",
        "CN=<a>",
        r#"CN=a\"b"#,
        r"CN=a\\b",
        r"CN=\#a",
        r"CN=a\#",
        "CN=a=b",
        r"CN=\ a",
        "CN=a b",
        r"CN=a\ ",
        "CN=münchen",
        "CN=日本",
        "O=a\nCN=b\n+OU=c",
        "ours=a",
        "CN=a'b/c",
        r"CN=a\tb",
        r"CN=a\nb",
        "C=DE\nemailAddress=a@b.test\nDC=test",
    ] {
        one(subject, "utf8only");
    }
    // T61String, BMPString and UniversalString.
    for mask in ["MASK:0x4", "MASK:0x800", "MASK:0x100"] {
        one("CN=münchen, bayern", mask);
    }
}

#[test]
fn every_root_of_this_machine_is_shown_as_openssl_does() {
    let mut shown = 0;
    for entry in fs::read_dir("/etc/ssl/certs").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            let contents = crate::Contents::read(&fs::read(&path).unwrap(), None).unwrap();
            let root = contents.certified().unwrap().leaf;
            assert_same_certificate(&root.der, &path.display().to_string());
            shown += 1;
        }
    }
    assert!(shown > 100, "{shown}");
}

#[test]
fn what_rcgen_makes_is_shown_as_openssl_does() {
    let root = root("Root");
    assert_same_certificate(&root.der, "root");
    assert_same_certificate(&root.leaf("shop.test").der, "leaf");
}

#[test]
fn requests_are_shown_as_openssl_does() {
    let same = |configuration: &str, options: &str| {
        let make = format!("req -new -newkey ed25519 -nodes -keyout key -outform DER {options}");
        let request = made(configuration, &make);
        let theirs = theirs(&request, "req -reqopt ext_dump");
        assert_same(&request_text(&request).unwrap(), &theirs, options);
    };
    same("", "-subj /CN=x");
    same(
        "",
        "-subj /CN=x -addext subjectAltName=DNS:x.test,IP:10.0.0.1 -addext keyUsage=critical,keyAgreement",
    );
    let attributes = "[req]\nprompt=no\ndistinguished_name=dn\nattributes=more\nreq_extensions=wanted\n[dn]\nCN=x\n\
                      [more]\nchallengePassword=secret\nunstructuredName=x\n[wanted]\n1.2.3.4=DER:0500\n";
    same(attributes, "-config configuration");
}

#[test]
fn revocation_lists_are_shown_as_openssl_does() {
    let configuration = "[ca]\ndefault_ca=this\n[this]\ndatabase=database\ncrlnumber=number\nserial=serial\n\
        new_certs_dir=.\ndefault_md=sha256\ndefault_crl_days=3\ndefault_days=3\npolicy=policy\ncrl_extensions=more\n\
        [policy]\nCN=supplied\n[more]\nauthorityKeyIdentifier=keyid\nissuingDistributionPoint=critical,@point\n\
        freshestCRL=URI:http://fresh.test/\n\
        [point]\nfullname=URI:http://list.test/1.crl\nonlyuser=TRUE\nonlysomereasons=keyCompromise,superseded\n";
    let folder = tempfile::tempdir().unwrap();
    let run = |command: &str| openssl(folder.path(), command);
    for (name, content) in
        [("configuration", configuration), ("database", ""), ("number", "1000"), ("serial", "01")]
    {
        fs::write(folder.path().join(name), content).unwrap();
    }
    run("req -x509 -newkey ed25519 -nodes -keyout ca.key -subj /CN=Authority -out ca");
    let ca = "ca -batch -config configuration -keyfile ca.key -cert ca";
    let list = |what: &str| {
        run(&format!("{ca} -gencrl -out list"));
        let der = run("crl -in list -outform DER");
        assert_same(&revocation_list_text(&der).unwrap(), &theirs(&der, "crl"), what);
    };
    list("empty");
    for reason in [
        "",
        "-crl_reason keyCompromise",
        "-crl_compromise 20260101000000Z",
        "-crl_hold holdInstructionReject",
    ] {
        run("req -newkey ed25519 -nodes -keyout key -subj /CN=x -out request");
        run(&format!("{ca} -in request -out certificate"));
        run(&format!("{ca} -revoke certificate {reason}"));
        fs::write(folder.path().join("database.attr"), "unique_subject = no\n").unwrap();
    }
    list("revoked");
}

#[test]
fn timestamps_of_logs_are_shown_as_openssl_does() {
    let timestamp = |extensions: &[u8], algorithm: [u8; 2]| {
        let body = [
            &[0][..],
            &[7; 32],
            &1_700_000_000_123_u64.to_be_bytes(),
            &short(extensions),
            &algorithm,
            &short(&[9; 71]),
        ];
        short(&body.concat())
    };
    let list = short(&[timestamp(&[], [4, 3]), timestamp(&[1, 2, 3], [4, 1])].concat());
    let content = [&[0x04, 0x81, u8::try_from(list.len()).unwrap()][..], &list].concat();
    let leaf = root("Root").leaf_with("shop.test", |params| {
        let oid = &[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2];
        params.custom_extensions.push(rcgen::CustomExtension::from_oid_content(oid, content));
    });
    let shown = certificate_text(&leaf.der).unwrap();
    assert!(shown.contains("Timestamp : Nov 14 22:13:20.123 2023 GMT"), "{shown}");
    assert_same_certificate(&leaf.der, "timestamps");
}

/// Bytes with their length in two bytes before them.
fn short(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

#[test]
fn what_is_unknown_or_broken_is_shown_in_hexadecimal() {
    let with = |oid: &[u64], content: &[u8]| {
        root("Root").leaf_with("shop.test", |params| {
            params.custom_extensions.push(rcgen::CustomExtension::from_oid_content(oid, content.to_vec()));
        })
    };
    let long: Vec<u8> = (0..60).collect();
    for (oid, content) in [
        (&[1, 2, 3, 4][..], &long[..]),
        (&[1, 2, 3, 4], &[]),
        // A certificate policy, a CRL distribution point and SCTs that are none.
        (&[2, 5, 29, 32], &[0x30, 1]),
        (&[2, 5, 29, 31], &[1, 2, 3]),
        (&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], &[4, 3, 0, 5, 1]),
    ] {
        assert_same_certificate(&with(oid, content).der, &format!("{oid:?}"));
    }
}

#[test]
fn a_name_adds_no_line_and_no_escape_to_what_a_person_reads() {
    let name = "x\n            DNS:bank.example\u{1b}[2J\u{202e}";
    let notice = [&[0x0c, name.len() as u8], name.as_bytes()].concat();
    let wrap = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
    let oid = |oid: &str| der::Encode::to_der(&const_oid::ObjectIdentifier::new_unwrap(oid)).unwrap();
    let qualifier = wrap(0x30, &[oid("1.3.6.1.5.5.7.2.2"), wrap(0x30, &notice)].concat());
    let policy = wrap(0x30, &[oid("2.23.140.1.2.1"), wrap(0x30, &qualifier)].concat());
    let party = root("Root").leaf_with("shop.test", |params| {
        let uri = rcgen::string::Ia5String::try_from("urn:a\nb").unwrap();
        params.subject_alt_names.push(rcgen::SanType::URI(uri));
        let policies = rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 32], wrap(0x30, &policy));
        params.custom_extensions.push(policies);
    });

    let text = certificate_text(&party.der).unwrap();
    assert!(text.contains("URI:urn:a\\x0Ab\n"), "{text}");
    let told = "Explicit Text: x\\x0A            DNS:bank.example\\x1B[2J\\xE2\\x80\\xAE\n";
    assert!(text.contains(told), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_change_of_a_certificate_panics(changes in prop::collection::vec((0_usize..2000, any::<u8>()), 1..4)) {
        let mut der = include_bytes!("testdata/everything.der").to_vec();
        for (place, byte) in changes {
            let place = place % der.len();
            der[place] = byte;
        }
        let _ = certificate_text(&der);
        let _ = crate::weaknesses(&der, crate::foreign::now());
    }
}
