use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::peer::{openssl, run};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).unwrap()
}

/// A key that openssl makes, in whatever form.
struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    fn new(how: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        openssl(folder.path(), &format!("genpkey {how} -out key.pem"));
        Self { folder }
    }

    fn p256() -> Self {
        Self::new("-algorithm EC -pkeyopt ec_paramgen_curve:P-256")
    }

    fn public_key(&self) -> PublicKey {
        let der = openssl(self.folder.path(), "pkey -in key.pem -pubout -outform DER");
        PublicKey::from_der(&der).unwrap()
    }

    /// What an openssl command writes to its output.
    fn written(&self, command: &str) -> Vec<u8> {
        openssl(self.folder.path(), command)
    }
}

/// The public half of a private key, as openssl reads it from PEM.
fn seen_by_openssl(pem: &str, passphrase: &str) -> PublicKey {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key.pem"), pem).unwrap();
    let der =
        openssl(folder.path(), &format!("pkey -in key.pem -passin pass:{passphrase} -pubout -outform DER"));
    PublicKey::from_der(&der).unwrap()
}

fn certtool(folder: &Path, arguments: &str) -> Vec<u8> {
    run(folder, "certtool", arguments, b"")
}

#[test]
fn plain_forms_that_openssl_writes_are_read() {
    for (how, forms) in [
        (
            "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
            ["pkey -in key.pem", "pkey -in key.pem -traditional", "ec -in key.pem -outform DER"],
        ),
        (
            "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
            ["pkey -in key.pem", "rsa -in key.pem -traditional", "rsa -in key.pem -traditional -outform DER"],
        ),
        (
            "-algorithm ED25519",
            ["pkey -in key.pem", "pkey -in key.pem -outform DER", "pkcs8 -topk8 -nocrypt -in key.pem"],
        ),
    ] {
        let made = Made::new(how);
        for form in forms {
            let key = PrivateKey::read(&made.written(form), None).unwrap();
            assert_eq!(*key.public_key(), made.public_key(), "{form}");
        }
    }
}

#[test]
fn what_openssl_encrypted_is_read_with_its_passphrase_only() {
    let made = Made::p256();
    for how in
        ["-v2 aes-256-cbc", "-v2 aes-128-cbc -v2prf hmacWithSHA1", "-v2 aes-192-cbc -v2prf hmacWithSHA512"]
    {
        let pem = made.written(&format!("pkcs8 -topk8 -in key.pem {how} -passout pass:secret"));
        let key = PrivateKey::read(&pem, Some(&passphrase("secret"))).unwrap();
        assert_eq!(*key.public_key(), made.public_key());
        assert_eq!(PrivateKey::read(&pem, None).unwrap_err(), PrivateKeyError::PassphraseNeeded);
        let refused = PrivateKey::read(&pem, Some(&passphrase("Secret"))).unwrap_err();
        assert_eq!(refused, PrivateKeyError::WrongPassphrase);
    }
}

#[test]
fn what_certtool_wrote_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let name = "--generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile=key.pem --no-text";
    certtool(folder.path(), name);
    let pem = fs::read(folder.path().join("key.pem")).unwrap();
    let key = PrivateKey::read(&pem, None).unwrap();
    for cipher in ["aes-256", "aes-128"] {
        let arguments =
            format!("--load-privkey=key.pem --to-p8 --pkcs-cipher={cipher} --password=secret --no-text");
        let pem = certtool(folder.path(), &arguments);
        let again = PrivateKey::read(&pem, Some(&passphrase("secret"))).unwrap();
        assert_eq!(again.public_key(), key.public_key());
    }
}

#[test]
fn what_is_written_plain_openssl_reads() {
    for algorithm in [KeyAlgorithm::EcdsaP384, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa2048] {
        let key = PrivateKey::generate(algorithm).unwrap();
        assert_eq!(seen_by_openssl(&key.to_pem(), "none"), *key.public_key());
    }
}

#[test]
fn what_is_written_under_a_passphrase_openssl_and_certtool_read() {
    let key = PrivateKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let pem = key.to_encrypted_pem(&passphrase("secret")).unwrap();
    assert_eq!(seen_by_openssl(&pem, "secret"), *key.public_key());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key.pem"), &pem).unwrap();
    let public = certtool(folder.path(), "--load-privkey=key.pem --password=secret --pubkey-info --outder");
    assert_eq!(PublicKey::from_der(&public).unwrap(), *key.public_key());
}

#[test]
fn what_is_encrypted_reads_back_with_its_passphrase_only() {
    let key = PrivateKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let der = key.to_encrypted_der(&passphrase("secret")).unwrap();
    let again = PrivateKey::read(&der, Some(&passphrase("secret"))).unwrap();
    assert_eq!(again.pkcs8(), key.pkcs8());
    let refused = PrivateKey::read(&der, Some(&passphrase("another"))).unwrap_err();
    assert_eq!(refused, PrivateKeyError::WrongPassphrase);
    // Iterated 600,000 times, and salted anew.
    assert!(der.windows(5).any(|bytes| bytes == [2, 3, 0x09, 0x27, 0xc0]));
    assert_ne!(key.to_encrypted_der(&passphrase("secret")).unwrap(), der);
}

#[test]
fn a_key_behind_its_parameters_and_certificates_is_found() {
    let made = Made::p256();
    let mut pem = made.written("ecparam -name prime256v1");
    pem.extend(b"Bag Attributes\r\n    friendlyName: edge\r\n");
    pem.extend(made.written("pkey -in key.pem -traditional"));
    let key = PrivateKey::read(&pem, None).unwrap();
    assert_eq!(*key.public_key(), made.public_key());
}

#[test]
fn a_file_without_a_private_key_says_so() {
    let pem = Made::p256().written("pkey -in key.pem -pubout");
    assert_eq!(PrivateKey::read(&pem, None).unwrap_err(), PrivateKeyError::Missing);
}

#[test]
fn the_old_encryption_of_openssl_is_refused_by_name() {
    let made = Made::p256();
    let pem = made.written("ec -in key.pem -aes256 -passout pass:secret");
    let refused = PrivateKey::read(&pem, Some(&passphrase("secret"))).unwrap_err();
    assert_eq!(refused, PrivateKeyError::OldEncryption);
}

#[test]
fn encryption_that_is_not_supported_is_named() {
    let made = Made::p256();
    for (how, name) in [
        ("-scrypt", "scrypt"),
        ("-v2 des3", "Triple DES"),
        ("-v1 PBE-SHA1-3DES", "SHA-1 and Triple DES"),
        ("-v2 camellia-256-cbc", "1.2.392.200011.61.1.1.1.4"),
    ] {
        let pem = made.written(&format!("pkcs8 -topk8 -in key.pem {how} -passout pass:secret"));
        let refused = PrivateKey::read(&pem, Some(&passphrase("secret"))).unwrap_err();
        assert!(refused.to_string().contains(name), "{refused}");
    }
}

#[test]
fn weak_keys_are_refused_by_their_weakness() {
    for (how, weakness) in [
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:1024", PublicKeyError::RsaLength(1024)),
        (
            "-algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3",
            PublicKeyError::RsaExponent,
        ),
        (
            "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
            PublicKeyError::ExplicitCurve,
        ),
    ] {
        let pem = Made::new(how).written("pkey -in key.pem");
        assert_eq!(PrivateKey::read(&pem, None).unwrap_err(), PrivateKeyError::PublicKey(weakness));
    }
    let pem = Made::new("-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1").written("pkey -in key.pem");
    assert!(matches!(PrivateKey::read(&pem, None).unwrap_err(), PrivateKeyError::PublicKey(_)));
}

#[test]
fn a_private_key_with_the_public_half_of_another_is_refused() {
    let [one, other] = [(); 2].map(|()| PrivateKey::generate(KeyAlgorithm::EcdsaP256).unwrap());
    let length = one.pkcs8().len() - 65;
    let mixed = [&one.pkcs8()[..length], &other.pkcs8()[length..]].concat();
    let refused = PrivateKey::from_pkcs8(&mixed).unwrap_err();
    assert!(matches!(refused, PrivateKeyError::Rejected(KeyAlgorithm::EcdsaP256, _)), "{refused}");
}

#[test]
fn nothing_secret_is_shown_when_debugged() {
    let key = PrivateKey::generate(KeyAlgorithm::Ed25519).unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey(Ed25519)");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let _ = PrivateKey::read(&bytes, None);
        let framed = [b"-----BEGIN PRIVATE KEY-----\n".as_slice(), &bytes, b"\n-----END PRIVATE KEY-----\n"];
        let _ = PrivateKey::read(&framed.concat(), None);
    }

    #[test]
    fn pem_of_any_length_reads_back(der in prop::collection::vec(any::<u8>(), 1..200)) {
        let text = pem::write("PRIVATE KEY", &der);
        prop_assert_eq!(&*pem::private_key(text.as_bytes()).unwrap().unwrap(), &der);
        let crlf = text.replace('\n', "\r\n");
        prop_assert_eq!(&*pem::private_key(crlf.as_bytes()).unwrap().unwrap(), &der);
    }
}
