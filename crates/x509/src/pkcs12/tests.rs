use const_oid::db::rfc5911::ID_DATA;
use der::asn1::{Any, OctetString, OctetStringRef};
use der::{Decode, Encode};
use hermetic_keys::PrivateKey;
use proptest::prelude::*;

use super::asn1::{ContentInfo, Pfx};
use super::encryption::{Encryption, OldCipher, OldParameters};
use super::passphrase::{PassphraseForm, Rounds};
use super::*;
use crate::peer::{openssl, run};

macro_rules! testdata {
    ($name:literal) => {
        ($name, include_bytes!(concat!("testdata/", $name, ".p12")).as_slice())
    };
}

/// One leaf with its root and key, as different programs wrote them under "two words".
const WRITTEN: &[(&str, &[u8])] = &[
    testdata!("certtool"),
    testdata!("java"),
    testdata!("java-legacy"),
    testdata!("nss"),
    testdata!("openssl"),
    testdata!("openssl-legacy"),
];

fn words() -> Passphrase {
    Passphrase::new("two words").unwrap()
}

fn read(file: &[u8]) -> Result<Pkcs12, MaterialError> {
    Pkcs12::read(file, Some(&words()))
}

/// The certificate in the file whose key is there, too.
fn leaf(file: &Pkcs12) -> Option<&CertificateBag> {
    let key = PrivateKey::from_pkcs8(&file.keys[0].pkcs8).unwrap();
    file.certificates.iter().find(|certificate| {
        let certificate = crate::take_apart(&certificate.der).unwrap();
        let certificate = crate::ToBeSigned::from_der(&certificate.to_be_signed).unwrap();
        certificate.subject_public_key_info == *key.public_key().info()
    })
}

#[test]
fn what_other_programs_write_is_read() {
    for (name, file) in WRITTEN {
        let file = read(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(file.certificates.len(), 2, "{name}");
        assert_eq!(file.keys[0].label.friendly_name.as_deref(), Some("shop"), "{name}");
        assert!(file.keys[0].label.local_key_id.is_some(), "{name}");
        assert_eq!(file.keys[0].label, leaf(&file).unwrap().label, "{name}");
    }
}

#[test]
fn a_file_without_a_code_and_one_with_pbmac1_are_read() {
    for (name, file) in [testdata!("no-mac"), testdata!("pbmac1")] {
        assert!(leaf(&read(file).unwrap()).is_some(), "{name}");
        let other = Passphrase::new("other words").unwrap();
        assert_eq!(Pkcs12::read(file, Some(&other)), Err(MaterialError::WrongPassphrase), "{name}");
    }
}

#[test]
fn no_passphrase_opens_what_has_an_empty_one_in_either_form() {
    for (name, file) in [testdata!("empty-passphrase"), testdata!("certtool-null")] {
        assert!(leaf(&Pkcs12::read(file, None).unwrap()).is_some(), "{name}");
        assert_eq!(read(file), Err(MaterialError::WrongPassphrase), "{name}");
    }
}

#[test]
fn a_wrong_passphrase_is_told_from_a_missing_one() {
    for (name, file) in [testdata!("java"), testdata!("openssl"), testdata!("openssl-legacy")] {
        let other = Passphrase::new("Two words").unwrap();
        assert_eq!(Pkcs12::read(file, Some(&other)), Err(MaterialError::WrongPassphrase), "{name}");
        assert_eq!(Pkcs12::read(file, None), Err(MaterialError::PassphraseNeeded), "{name}");
    }
}

#[test]
fn a_changed_byte_is_told_from_a_wrong_passphrase() {
    // In the middle of each encrypted part: certificates come first, then the key.
    let (_, file) = testdata!("openssl");
    for at in [400, 1300] {
        let mut changed = file.to_vec();
        changed[at] ^= 1;
        assert_eq!(read(&changed), Err(MaterialError::Altered), "{at}");
    }
}

#[test]
fn a_file_that_is_cut_off_or_goes_on_is_told() {
    for (name, file) in WRITTEN {
        for cut in [1, file.len() / 2, file.len() - 1] {
            assert!(matches!(read(&file[..cut]), Err(MaterialError::Pkcs12(_))), "{name} {cut}");
        }
        let longer = [*file, b"\n"].concat();
        assert!(read(&longer).unwrap_err().to_string().contains("1 bytes follow"), "{name}");
    }
}

#[test]
fn two_thousand_million_rounds_are_refused_at_once() {
    let (_, file) = testdata!("openssl");
    let mut pfx = Pfx::from_der(file).unwrap();
    pfx.mac.as_mut().unwrap().rounds = 2_000_000_000;
    let refused = MaterialError::Rounds { rounds: 2_000_000_000, most: 10_000_000 };
    assert_eq!(read(&pfx.to_der().unwrap()), Err(refused.clone()));

    let words = words();
    let decrypted = |encryption: Encryption| {
        encryption.decrypt(&PassphraseForm::new(&words), &[0; 16], &mut Rounds::of_a_file()).map(|_| ())
    };
    let salt = OctetString::new([0; 8]).unwrap();
    let old = Encryption::Old(OldCipher::TripleDes, OldParameters { salt, rounds: 2_000_000_000 });
    assert_eq!(decrypted(old), Err(refused.clone()));
    let pbes2 = Encryption::Pbes2 { scheme: Vec::new(), rounds: 2_000_000_000 };
    assert_eq!(decrypted(pbes2), Err(refused));
}

#[test]
fn a_key_with_a_passphrase_of_its_own_is_told() {
    // Java allows it: the key of one file, the code and certificates of another passphrase.
    let file = read(testdata!("openssl").1).unwrap();
    let mut parts = file.clone();
    parts.keys.clear();
    let mut own = file;
    own.certificates.clear();
    let own = own.write(&Passphrase::new("its own").unwrap(), Pkcs12Form::Old).unwrap();
    let both = joined(&parts.write(&words(), Pkcs12Form::Old).unwrap(), &own);
    assert_eq!(read(&both), Err(MaterialError::KeyHasOwnPassphrase));
}

/// The parts of two files in one, without a code.
fn joined(one: &[u8], other: &[u8]) -> Vec<u8> {
    let parts = |file| {
        let pfx = Pfx::from_der(file).unwrap();
        let contents = pfx.contents.content.decode_as::<&OctetStringRef>().unwrap();
        Vec::<Any>::from_der(contents.as_bytes()).unwrap()
    };
    let contents = [parts(one), parts(other)].concat().to_der().unwrap();
    let content = OctetStringRef::new(&contents).unwrap().into();
    let contents = ContentInfo { kind: ID_DATA, content };
    Pfx { version: 3, contents, mac: None }.to_der().unwrap()
}

#[test]
fn what_we_write_is_read_by_ourselves_and_by_others() {
    let file = read(testdata!("nss").1).unwrap();
    for (form, mark) in [(Pkcs12Form::Modern, "AES-256-CBC"), (Pkcs12Form::Old, "3DES-CBC")] {
        let written = file.write(&words(), form).unwrap();
        assert_eq!(read(&written).unwrap(), file);

        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file.p12"), &written).unwrap();
        std::fs::write(folder.path().join("words"), "two words\n").unwrap();
        let shown = openssl(folder.path(), "pkcs12 -in file.p12 -passin file:words -nodes -legacy");
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("friendlyName: shop") && shown.contains("BEGIN PRIVATE KEY"), "{shown}");
        assert_eq!(shown.matches("BEGIN CERTIFICATE").count(), 2);
        let shown = run(folder.path(), "certtool", "--p12-info --inder --infile file.p12", b"two words\n");
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains(mark) && shown.contains("BEGIN ENCRYPTED PRIVATE KEY"), "{shown}");
    }
}

#[test]
fn each_old_cipher_of_openssl_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = testdata!("openssl");
    std::fs::write(folder.path().join("file.p12"), file).unwrap();
    std::fs::write(folder.path().join("words"), "two words\n").unwrap();
    openssl(folder.path(), "pkcs12 -in file.p12 -passin file:words -nodes -out both.pem");
    for cipher in ["PBE-SHA1-3DES", "PBE-SHA1-2DES", "PBE-SHA1-RC2-128", "PBE-SHA1-RC2-40", "aes-192-cbc"] {
        let encryption = format!("-legacy -keypbe {cipher} -certpbe {cipher} -macalg sha384");
        let export = format!("pkcs12 -export -in both.pem {encryption} -passout file:words");
        assert!(leaf(&read(&openssl(folder.path(), &export)).unwrap()).is_some(), "{cipher}");
    }
}

#[test]
fn what_is_not_read_is_called_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.p12"), testdata!("openssl").1).unwrap();
    std::fs::write(folder.path().join("words"), "two words\n").unwrap();
    openssl(folder.path(), "pkcs12 -in file.p12 -passin file:words -nodes -out both.pem");
    let export = "pkcs12 -export -in both.pem -legacy -keypbe PBE-SHA1-RC4-128 -passout file:words";
    let refused = read(&openssl(folder.path(), export)).unwrap_err();
    assert!(matches!(&refused, MaterialError::Unsupported(what) if what.contains("1.2.840.113549.1.12.1.1")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_change_of_a_file_is_read_as_something_else(at in 0_usize..1400, byte in any::<u8>()) {
        let (_, file) = testdata!("openssl-legacy");
        let genuine = read(file).unwrap();
        let mut changed = file.to_vec();
        changed[at] = byte;
        if let Ok(found) = read(&changed) {
            prop_assert_eq!(found, genuine);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Pkcs12::read(&bytes, None);
    }
}
