use hermetic_keys::{KeyAlgorithm, PrivateKeyError};
use proptest::prelude::*;

use super::*;
use crate::foreign::{Party, root};
use crate::peer::openssl;

/// A root, an authority under it, and a leaf under that.
fn family() -> (Party, Party, Party) {
    let root = root("Root");
    let authority = root.authority("Authority");
    let leaf = authority.leaf("shop.test");
    (root, authority, leaf)
}

fn words() -> Passphrase {
    Passphrase::new("two words").unwrap()
}

fn read(file: impl AsRef<[u8]>) -> Result<Material, MaterialError> {
    Contents::read(file.as_ref(), None)?.material()
}

fn subjects(material: &Material) -> (&str, Vec<&str>) {
    (
        &material.leaf().subject,
        material.chain().iter().map(|certificate| certificate.subject.as_str()).collect(),
    )
}

#[test]
fn a_bundle_is_read_in_any_order_with_anything_between() {
    let (root, authority, leaf) = family();
    let parts = ["Bag Attributes\n    friendlyName: shop\n".to_owned(), root.pem(), leaf.key_pem()];
    let bundle = parts.concat() + "subject=CN = shop\n\n" + &authority.pem() + &leaf.pem() + "the end";
    let material = read(bundle).unwrap();
    assert_eq!(subjects(&material), ("CN=shop.test", vec!["CN=Root", "CN=Authority"]));
    assert_eq!(material.key().public_key(), leaf.private_key().public_key());
}

#[test]
fn line_ends_and_encodings_of_windows_do_not_matter() {
    let (_, _, leaf) = family();
    let unix = leaf.pem() + &leaf.key_pem();
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect()
    };
    let variants = [
        unix.replace('\n', "\r\n").into_bytes(),
        unix.replace('\n', "\r").into_bytes(),
        unix.replace('\n', "\\n").into_bytes(),
        unix.replace('\n', " ").into_bytes(),
        unix.replace('\n', "").into_bytes(),
        unix.replace('\n', "\n    ").into_bytes(),
        unix.replace("=", "").into_bytes(),
        format!("\u{feff}{unix}").into_bytes(),
        [b"caf\xe9\n", unix.as_bytes()].concat(),
        utf16(&unix, u16::to_le_bytes),
        utf16(&unix, u16::to_be_bytes),
    ];
    for (number, variant) in variants.iter().enumerate() {
        let material = read(variant).unwrap_or_else(|error| panic!("variant {number}: {error}"));
        assert_eq!(*material.leaf(), leaf.certificate(), "variant {number}");
    }
}

#[test]
fn keys_are_read_in_all_forms_that_openssl_writes() {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| openssl(folder.path(), arguments);
    std::fs::write(folder.path().join("words"), "two words\n").unwrap();
    openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out ec");
    openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa");
    openssl("genpkey -algorithm ED25519 -out ed");
    let forms = [
        ("pkey -in ec", KeyAlgorithm::EcdsaP384),
        ("pkey -in ec -outform DER", KeyAlgorithm::EcdsaP384),
        ("ec -in ec", KeyAlgorithm::EcdsaP384),
        ("ec -in ec -outform DER", KeyAlgorithm::EcdsaP384),
        ("pkey -in rsa -traditional", KeyAlgorithm::Rsa2048),
        ("pkey -in rsa -traditional -outform DER", KeyAlgorithm::Rsa2048),
        ("pkey -in ed", KeyAlgorithm::Ed25519),
        ("pkcs8 -in ec -topk8 -passout file:words", KeyAlgorithm::EcdsaP384),
        ("pkcs8 -in ec -topk8 -passout file:words -outform DER", KeyAlgorithm::EcdsaP384),
        (
            "pkcs8 -in rsa -topk8 -passout file:words -v1 PBE-SHA1-3DES -provider legacy -provider default",
            KeyAlgorithm::Rsa2048,
        ),
    ];
    for (form, algorithm) in forms {
        let contents = Contents::read(&openssl(form), Some(&words())).unwrap();
        assert_eq!(contents.keys[0].public_key().algorithm(), algorithm, "{form}");
    }
}

#[test]
fn a_certificate_is_read_as_der_and_as_openssl_trusts_it() {
    let (_, _, leaf) = family();
    assert_eq!(Contents::read(&leaf.der, None).unwrap().certified().unwrap().leaf, leaf.certificate());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("leaf"), leaf.pem()).unwrap();
    let trusted = openssl(folder.path(), "x509 -in leaf -trustout -addtrust serverAuth");
    assert!(trusted.starts_with(b"-----BEGIN TRUSTED CERTIFICATE-----"));
    assert_eq!(Contents::read(&trusted, None).unwrap().certified().unwrap().leaf, leaf.certificate());
}

#[test]
fn certificate_and_key_may_have_a_file_each() {
    let (_, authority, leaf) = family();
    let read = |file: String| Contents::read(file.as_bytes(), None).unwrap();
    let both = read(authority.pem() + &leaf.pem()).with(read(leaf.key_pem())).with(read(leaf.pem()));
    assert_eq!(subjects(&both.material().unwrap()), ("CN=shop.test", vec!["CN=Authority"]));
}

#[test]
fn a_root_that_nothing_needs_is_no_second_leaf() {
    let (_, authority, leaf) = family();
    let bundle = root("Stranger").pem() + &leaf.pem() + &authority.pem();
    let certified = Contents::read(bundle.as_bytes(), None).unwrap().certified().unwrap();
    assert_eq!(certified.leaf, leaf.certificate());
}

#[test]
fn the_certificate_of_an_authority_is_the_leaf_where_there_is_no_other() {
    let (root, authority, _) = family();
    let bundle = root.pem() + &authority.pem();
    let certified = Contents::read(bundle.as_bytes(), None).unwrap().certified().unwrap();
    assert_eq!(certified, Certified { leaf: authority.certificate(), chain: vec![root.certificate()] });
}

#[test]
fn pkcs12_is_known_by_its_first_bytes() {
    let file = include_bytes!("../pkcs12/testdata/nss.p12");
    let material = Contents::read(file, Some(&words())).unwrap().material().unwrap();
    assert_eq!(subjects(&material), ("CN=shop.example", vec!["CN=Example root"]));
}

#[test]
fn a_key_of_another_certificate_is_told_with_whose_it_is() {
    let (_, authority, leaf) = family();
    let stranger = read(leaf.pem() + &root("Stranger").key_pem()).unwrap_err();
    let of_nobody = MaterialError::KeyOfAnother { leaf: "CN=shop.test".to_owned(), owner: None };
    assert_eq!(stranger, of_nobody);
    let of_authority = read(leaf.pem() + &authority.pem() + &authority.key_pem()).unwrap_err();
    assert!(of_authority.to_string().ends_with("it is that of `CN=Authority`"), "{of_authority}");
}

#[test]
fn what_is_missing_or_there_twice_is_told() {
    let (_, authority, leaf) = family();
    let other = authority.leaf("other.test");
    assert_eq!(read(leaf.key_pem()).unwrap_err(), MaterialError::NoCertificate);
    assert_eq!(read(leaf.pem()).unwrap_err(), MaterialError::NoKey);
    let both = vec!["CN=shop.test".to_owned(), "CN=other.test".to_owned()];
    let leaves = read(leaf.pem() + &other.pem() + &leaf.key_pem()).unwrap_err();
    assert_eq!(leaves, MaterialError::SeveralLeaves(both));
    let keys = read(leaf.pem() + &other.key_pem() + &leaf.key_pem()).unwrap_err();
    assert_eq!(keys, MaterialError::SeveralKeys(2));
}

#[test]
fn an_encrypted_key_needs_its_passphrase_and_no_other() {
    let (_, _, leaf) = family();
    let bundle = leaf.pem() + &leaf.private_key().to_encrypted_pem(&words()).unwrap();
    let with = |passphrase: Option<&Passphrase>| Contents::read(bundle.as_bytes(), passphrase)?.material();
    with(Some(&words())).unwrap();
    assert_eq!(with(None).unwrap_err(), MaterialError::PassphraseNeeded);
    let other = Passphrase::new("other words").unwrap();
    assert_eq!(with(Some(&other)).unwrap_err(), MaterialError::WrongPassphrase);
}

#[test]
fn a_broken_block_is_told_with_its_line() {
    let (_, authority, leaf) = family();
    let broken = |text: String| Contents::read(text.as_bytes(), None).unwrap_err().to_string();
    let cut = leaf.pem().lines().take(4).collect::<Vec<_>>().join("\n");
    let lines = authority.pem().lines().count();
    for (text, why) in [
        (authority.pem() + &cut, "it has no end"),
        (authority.pem() + &cut + "\n" + &leaf.pem(), "it has no end before the next begins"),
        (authority.pem() + &cut + "\n-----END PRIVATE KEY-----", "its end has another label"),
        (authority.pem() + &leaf.pem().replace('M', "!"), "it is no base64"),
    ] {
        let begins =
            format!("the block `CERTIFICATE` that begins in line {} can't be read: {why}", lines + 1);
        assert_eq!(broken(text), begins);
    }
    let other = "-----BEGIN CERTIFICATE-----\nMAMCAQM=\n-----END CERTIFICATE-----\n".to_owned();
    assert!(broken(other).starts_with("the block `CERTIFICATE` that begins in line 1 can't be read: "));
}

#[test]
fn a_file_of_a_hundred_thousand_blocks_is_read_at_once() {
    let blocks = "-----BEGIN X-----\n-----END X-----\n".repeat(100_000);
    let begun = std::time::Instant::now();
    let error = read(blocks + "-----BEGIN CERTIFICATE-----").unwrap_err().to_string();
    assert!(error.contains("line 200001"), "{error}");
    // Each block for itself counted all lines before it: minutes.
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn a_file_of_more_certificates_than_any_bundle_has_is_refused() {
    let root = root("Root");
    let many: String = (0..=MOST_PARTS)
        .map(|number| {
            let key = rcgen::KeyPair::generate().unwrap();
            let mut params = root.params.clone();
            params.serial_number = Some((number as u64).into());
            root.certify(params, key).pem()
        })
        .collect();
    assert_eq!(Contents::read(many.as_bytes(), None).unwrap_err(), MaterialError::TooMany(MOST_PARTS));
}

#[test]
fn an_encrypted_key_is_one_whatever_its_block_is_called() {
    let (_, _, leaf) = family();
    let key = leaf.private_key().to_encrypted_pem(&words()).unwrap();
    let bundle = leaf.pem() + &key.replace("ENCRYPTED PRIVATE KEY", "PRIVATE KEY");
    let with = |passphrase: Option<&Passphrase>| Contents::read(bundle.as_bytes(), passphrase)?.material();
    with(Some(&words())).unwrap();
    assert_eq!(with(None).unwrap_err(), MaterialError::PassphraseNeeded);
}

#[test]
fn a_public_key_in_place_of_the_private_one_is_told() {
    let (_, _, leaf) = family();
    let der = leaf.private_key().public_key().to_der();
    assert_eq!(Contents::read(&der, None).unwrap_err(), MaterialError::PublicKey);
    for label in ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        let block = crate::pem::write(label, &der);
        assert_eq!(Contents::read(block.as_bytes(), None).unwrap_err(), MaterialError::PublicKey, "{label}");
    }
}

#[test]
fn what_is_not_read_is_called_by_its_name() {
    let block = |label: &str| format!("-----BEGIN {label}-----\nMAMCAQM=\n-----END {label}-----\n");
    for label in ["OPENSSH PRIVATE KEY", "DSA PRIVATE KEY", "PKCS7"] {
        let error = Contents::read(block(label).as_bytes(), None).unwrap_err();
        assert!(matches!(error, MaterialError::Unsupported(_)), "{label}: {error}");
    }
    let old =
        block("RSA PRIVATE KEY").replace("MAMC", "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\nMAMC");
    let error = Contents::read(old.as_bytes(), Some(&words())).unwrap_err();
    assert_eq!(error, MaterialError::Key(PrivateKeyError::OldEncryption));
    assert_eq!(Contents::read(b"hello", None).unwrap_err(), MaterialError::Unreadable);
    assert_eq!(Contents::read(b"", None).unwrap_err(), MaterialError::Unreadable);
    let long = Contents::read(&vec![0; MOST + 1], None).unwrap_err();
    assert_eq!(long, MaterialError::TooLarge { size: MOST + 1, most: MOST });
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(bytes);
    }

    #[test]
    fn no_text_around_marks_panics(text in "(-----BEGIN |-----END |CERTIFICATE|PRIVATE KEY|-----|[\n\rMA=\\\\é:]){0,20}") {
        let _ = read(text);
    }
}
