//! How private keys rest.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use super::{Noon, told, told_of, valid};
use crate::{ConfigurationError, KeyEncryption, SecretSource, parse};

/// A token whose library is there on every machine.
const TOKEN: &str = "[[token]]\nname = \"hsm\"\nmodule = \"/proc/self/exe\"\nlabel = \"hermetic\"\n\
                     pin_env = \"HERMETIC_PIN\"\n";

fn encryption(written: &str) -> KeyEncryption {
    valid(&format!("{TOKEN}[keys]\nencryption = {written}")).encryption
}

fn told_of_encryption(written: &str) -> Vec<String> {
    told_of(&format!("[keys]\nencryption = {written}"))
}

#[test]
fn without_a_word_the_key_is_a_file_in_the_data_folder() {
    let file = KeyEncryption::File(Path::new("/var/lib/hermetic/key").to_owned());
    assert_eq!(valid("data = \"/var/lib/hermetic\"").encryption, file);
    assert_eq!(valid("data = \"/var/lib/hermetic\"\n[keys]").encryption, file);
}

#[test]
fn the_key_comes_from_where_it_is_said() {
    assert_eq!(encryption("{ file = \"kek\" }"), KeyEncryption::File("/etc/hermetic/kek".into()));
    assert_eq!(
        encryption("{ credential = \"hermetic-key\" }"),
        KeyEncryption::Credential("hermetic-key".into())
    );
    let variable = SecretSource::Variable("HERMETIC_PASSPHRASE".into());
    assert_eq!(
        encryption("{ passphrase_env = \"HERMETIC_PASSPHRASE\" }"),
        KeyEncryption::Passphrase(variable)
    );
    assert_eq!(
        encryption("{ token = \"hsm\", key = \"kek\" }"),
        KeyEncryption::Token { token: "hsm".parse().unwrap(), key: "kek".into() }
    );
}

#[test]
fn the_key_has_one_source() {
    assert_eq!(
        told_of_encryption("{ credential = \"k\", file = \"k\" }"),
        ["2:16: `encryption` has both `file` and `credential`; take one of them out"]
    );
    assert_eq!(
        told_of_encryption("{}"),
        [
            "2:14: `encryption` has none of `file`, `passphrase_file`, `passphrase_env`, `credential`, `token`; \
          write one of them"
        ]
    );
}

#[test]
fn a_key_in_a_token_is_named_with_its_token() {
    assert_eq!(
        told_of_encryption("{ token = \"hms\", key = \"kek\" }"),
        ["2:24: no [[token]] is called `hms`; add a [[token]] with `name = \"hms\"`"]
    );
    assert_eq!(
        told(&format!("{TOKEN}[keys]\nencryption = {{ token = \"hsn\" }}")),
        [
            "7:16: which key of the token `hsn` is meant is not said; add the key's label: `key = \"hermetic\"`",
            "7:24: no [[token]] is called `hsn`; did you mean `hsm`?",
        ]
    );
    assert_eq!(
        told_of_encryption("{ file = \"k\", key = \"kek\" }"),
        ["2:28: `key` is the label of a key in a token, and no `token` is named; \
          add `token = \"<the name of a [[token]]>\"`, or take it out"]
    );
}

#[test]
fn a_passphrase_is_not_mistaken_for_its_variable() {
    let problems = told_of_encryption("{ passphrase_env = \"correct horse\" }");
    assert_eq!(
        problems,
        ["2:33: this is not the name of a variable of the environment; \
          write its name, such as \"HERMETIC_PASSPHRASE\", and never its value"]
    );
}

#[test]
fn a_passphrase_in_a_file_is_nobody_elses() {
    let folder = TempDir::new().unwrap();
    let told = |mode| {
        let file = folder.path().join("passphrase");
        if let Some(mode) = mode {
            std::fs::write(&file, "correct horse\n").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let text = "[keys]\nencryption = { passphrase_file = \"passphrase\" }";
        match parse(text, &folder.path().join("hermetic.toml"), &Noon) {
            Ok(configuration) => {
                let source = SecretSource::File(file);
                assert_eq!(configuration.encryption, KeyEncryption::Passphrase(source));
                String::new()
            }
            Err(ConfigurationError::Invalid { problems, .. }) => {
                problems[0].to_string().replace(&format!("{}/", folder.path().display()), "")
            }
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(
        told(None),
        "2:34: passphrase can't be read: No such file or directory (os error 2); \
         write the passphrase alone into a file that this user may read"
    );
    assert_eq!(
        told(Some(0o644)),
        "2:34: everybody on this host can read passphrase; run: chmod 600 passphrase"
    );
    assert_eq!(told(Some(0o600)), "");
}

#[test]
fn the_name_of_a_credential_is_no_path() {
    assert_eq!(
        told_of_encryption("{ credential = \"/run/credentials/key\" }"),
        ["2:29: `/run/credentials/key` is not the name of a credential; \
          write the name before the colon in `LoadCredentialEncrypted=hermetic-key:…`"]
    );
}

#[test]
fn a_token_is_whole() {
    let [token] = &valid(TOKEN).tokens[..] else { panic!() };
    assert_eq!((token.name.as_str(), token.label.as_str()), ("hsm", "hermetic"));
    assert_eq!(token.pin, SecretSource::Variable("HERMETIC_PIN".into()));
}

#[test]
fn a_library_is_named_in_full_and_is_there() {
    let of = |module: &str| told(&TOKEN.replace("/proc/self/exe", module));
    assert_eq!(
        of("libsofthsm2.so"),
        ["3:10: `libsofthsm2.so` is not the whole path of a library; \
          write it from `/` on, such as \"/usr/lib/softhsm/libsofthsm2.so\""]
    );
    assert_eq!(
        of("/no/such.so"),
        ["3:10: /no/such.so can't be read: No such file or directory (os error 2); \
          install the library of the token's maker, or name where it is"]
    );
}

#[test]
fn a_token_has_one_pin_and_a_name_of_its_own() {
    assert_eq!(
        told(&TOKEN.replace("pin_env = \"HERMETIC_PIN\"\n", "")),
        ["1:1: this token has none of `pin_file`, `pin_env`; write one of them"]
    );
    assert_eq!(
        told(&format!("{TOKEN}{TOKEN}")),
        ["7:8: a second token `hsm`; the first is in line 2; give each a name of its own"]
    );
}

#[test]
fn a_label_fits_into_a_token() {
    let label = "a label of more than thirty-two bytes";
    assert_eq!(
        told(&TOKEN.replace("\"hermetic\"", &format!("\"{label}\""))),
        [format!(
            "4:9: `{label}` is not the label of a token; \
             write the label of 1 to 32 bytes that `pkcs11-tool --list-token-slots` shows"
        )]
    );
}
