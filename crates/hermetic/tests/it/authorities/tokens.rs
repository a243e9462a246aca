//! Authorities whose keys are in a PKCS#11 token: SoftHSM2.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{certtool_verifies, openssl_verifies, ran_openssl, told};
use crate::harness::{Hermetic, Ports, command, eventually, folder};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// A folder with a token `hermetic` in SoftHSM2, and a configuration that names it.
struct Token {
    folder: tempfile::TempDir,
}

impl Token {
    fn new() -> Self {
        let token = Self { folder: folder() };
        std::fs::create_dir(token.at("tokens")).unwrap();
        let softhsm = format!("directories.tokendir = {}\n", token.at("tokens").display());
        std::fs::write(token.at("softhsm2.conf"), softhsm).unwrap();
        let arguments =
            ["--init-token", "--free", "--label", "hermetic", "--so-pin", "12345678", "--pin", "5678"];
        let made =
            with_token(&mut Command::new("softhsm2-util"), token.folder.path()).args(arguments).output();
        let made = made.expect("softhsm2 is needed; `cargo xtask test` installs it");
        assert!(made.status.success(), "{made:?}");
        token.configure(MODULE);
        token
    }

    fn configure(&self, module: &str) {
        let configuration = format!(
            "[[token]]\nname = \"hsm\"\nmodule = \"{module}\"\nlabel = \"hermetic\"\npin_env = \"HERMETIC_PIN\"\n\
             [authority]\nissuer = \"office\"\n"
        );
        std::fs::write(self.at("hermetic.toml"), configuration).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn hermetic(&self, arguments: &[&str]) -> Output {
        with_token(&mut command(self.folder.path()), self.folder.path()).args(arguments).output().unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.hermetic(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", told(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A root and an issuer below it, both in the token.
    fn with_authorities(constraints: &[&str]) -> Self {
        let token = Self::new();
        token.done(&[&["ca", "create", "vault", "--root", "--key-in", "hsm"][..], constraints].concat());
        token.done(&["ca", "create", "office", "--under", "vault", "--key-in", "hsm"]);
        token
    }
}

fn with_token<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command.env("SOFTHSM2_CONF", folder.join("softhsm2.conf")).env("HERMETIC_PIN", "5678")
}

#[test]
fn authorities_in_a_token_issue_what_openssl_and_certtool_accept() {
    let token = Token::with_authorities(&[]);
    let list: serde_json::Value =
        serde_json::from_str(&token.done(&["ca", "list", "--format", "json"])).unwrap();
    for authority in list["authorities"].as_array().unwrap() {
        assert_eq!((&authority["key"]["in"], &authority["key"]["token"]), (&"token".into(), &"hsm".into()));
    }
    token.done(&["cert", "issue", "--name", "db.internal"]);
    let (roots, leaf) = (token.at(".hermetic/ca.pem"), token.at("db.internal.pem").display().to_string());
    openssl_verifies(&roots, &leaf).unwrap();
    certtool_verifies(&roots, &leaf).unwrap();
    token.done(&["ca", "rotate", "office"]);
    let next = token.done(&["ca", "show", "office", "--generation", "2", "--format", "json"]);
    assert!(next.contains("\"token\": \"hsm\""), "the next generation is made in the token, too: {next}");
}

/// Whoever has the token and its PIN can sign past Hermetic; what the certificate says still binds.
#[test]
fn name_constraints_bind_even_who_signs_with_the_key_by_other_means() {
    let token = Token::with_authorities(&["--permit", "dns:example.com"]);
    let here = token.folder.path();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let output = with_token(command.current_dir(here), here).args(arguments).output();
        let output = output.expect("gnutls-bin is needed; `cargo xtask test` installs it");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let in_token = ["--provider", MODULE, "--login", "--set-pin", "5678", "--list-privkeys", "--only-urls"];
    let listed = run("p11tool", &in_token);
    let key = listed.lines().find(|url| url.contains("hermetic%20vault")).unwrap();
    std::fs::write(token.at("root.pem"), token.done(&["ca", "show", "vault", "--format", "pem"])).unwrap();
    ran_openssl(here, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out leaf.key");
    for (name, is_allowed) in [("shop.example.com", true), ("shop.example.org", false)] {
        let template = format!("cn = {name}\ndns_name = {name}\ntls_www_server\nexpiration_days = 3\n");
        std::fs::write(token.at("template"), template).unwrap();
        let key = format!("{key};pin-value=5678");
        let by = ["--load-ca-certificate", "root.pem", "--load-ca-privkey", &key, "--provider", MODULE];
        let made = ["--load-privkey", "leaf.key", "--template", "template", "--outfile", "leaf.pem"];
        run("certtool", &[&["--generate-certificate"][..], &by, &made].concat());
        let verified = openssl_verifies(&token.at("root.pem"), token.at("leaf.pem").to_str().unwrap());
        assert_eq!(verified.is_ok(), is_allowed, "{name}: {verified:?}");
        assert!(is_allowed || verified.unwrap_err().contains("permitted subtree violation"));
    }
}

#[test]
fn a_token_that_was_pulled_out_is_told_and_issues_again_once_it_is_back() {
    let token = Token::with_authorities(&[]);
    let Token { folder } = token;
    let ports = Ports::reserve();
    let environment = folder.path().to_owned();
    let running = Hermetic::up_in(ports, folder, |command| with_token(command, &environment));
    let issue = |name: &str| running.hermetic(&["cert", "issue", "--name", name]);
    let issued = issue("one.internal");
    assert!(issued.status.success(), "{issued:?}");

    let at = |name: &str| running.folder.path().join(name);
    std::fs::rename(at("tokens"), at("away")).unwrap();
    std::fs::create_dir(at("tokens")).unwrap();
    eventually("the token to be missed", || {
        let refused = issue("two.internal");
        let _ = std::fs::remove_file(at("two.internal.pem"));
        let _ = std::fs::remove_file(at("two.internal-key.pem"));
        (refused.status.code() == Some(3) && told(&refused).contains("the token `hermetic`")).then_some(())
    });
    std::fs::remove_dir(at("tokens")).unwrap();
    std::fs::rename(at("away"), at("tokens")).unwrap();
    eventually("the token to be found", || issue("two.internal").status.success().then_some(()));
}

#[test]
fn a_module_that_is_gone_and_a_token_that_nobody_named_are_told_apart() {
    let token = Token::with_authorities(&[]);
    let issue = ["cert", "issue", "--name", "db.internal"];
    token.configure("/nowhere/libpkcs11.so");
    let gone = token.hermetic(&issue);
    assert_eq!(gone.status.code(), Some(2), "{gone:?}");
    assert!(told(&gone).contains("/nowhere/libpkcs11.so can't be read"), "{gone:?}");
    let broken = token.at("broken.so").display().to_string();
    std::fs::write(&broken, "no library").unwrap();
    token.configure(&broken);
    let unusable = token.hermetic(&issue);
    assert_eq!(unusable.status.code(), Some(3), "{unusable:?}");
    assert!(told(&unusable).contains(&format!("the PKCS#11 module {broken} can't be used")), "{unusable:?}");
    token.configure(MODULE);
    let unnamed = token.hermetic(&["ca", "create", "other", "--root", "--key-in", "vault"]);
    assert_eq!(unnamed.status.code(), Some(2), "{unnamed:?}");
    assert!(told(&unnamed).contains("there is no token `vault`; write it as a [[token]]"), "{unnamed:?}");
    token.done(&issue);
}
