//! Authorities that people make, in an empty folder and beside others.

use super::{certtool_verifies, done, issued, issuing_by, json, openssl_verifies, refused};
use crate::harness::{Hermetic, folder, pkilint};

fn names(list: &serde_json::Value) -> Vec<&str> {
    list["authorities"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn an_empty_folder_gets_just_the_authorities_that_were_asked_for() {
    let folder = folder();
    let below = refused(folder.path(), &["ca", "create", "office"]);
    assert!(
        below.contains("there is no root yet") && below.contains("hermetic ca create office --root"),
        "{below}"
    );
    let subject = ["--subject", "CN=Example Root CA,O=Example", "--lifetime", "7300d"];
    let root = json(folder.path(), &[&["ca", "create", "corp", "--root"][..], &subject].concat());
    assert_eq!(
        (&root["subject"], &root["days_left"]),
        (&"CN=Example Root CA,O=Example".into(), &7299.into())
    );
    done(folder.path(), &["ca", "create", "office"]);
    assert_eq!(names(&json(folder.path(), &["ca", "list"])), ["corp", "office"]);

    let again = refused(folder.path(), &["ca", "create", "corp", "--root"]);
    assert!(again.contains("has an authority `corp` of generation 1 already"), "{again}");
    assert!(again.contains("hermetic ca rotate corp"), "{again}");
    let trail = done(folder.path(), &["trail", "tail", "--kind", "request.refused"]);
    assert!(trail.contains("corp"), "{trail}");

    issuing_by(folder.path(), "office");
    let leaf = issued(folder.path(), "db.internal");
    let roots = folder.path().join(".hermetic/ca.pem");
    openssl_verifies(&roots, &leaf).unwrap();
    certtool_verifies(&roots, &leaf).unwrap();
    assert_eq!(
        names(&json(folder.path(), &["ca", "list"])),
        ["corp", "office"],
        "nothing was founded beside them"
    );
}

#[test]
fn a_root_under_the_usual_name_gets_the_usual_issuer_at_the_first_start() {
    let folder = folder();
    done(folder.path(), &["ca", "create", "root", "--root", "--key", "p384"]);
    openssl_verifies(&folder.path().join(".hermetic/ca.pem"), &issued(folder.path(), "db.internal")).unwrap();
    let list = json(folder.path(), &["ca", "list"]);
    assert_eq!(names(&list), ["root", "intermediate"]);
    assert_eq!(list["authorities"][0]["key"]["algorithm"], "P-384");
}

#[test]
fn without_the_issuer_that_is_named_the_known_ones_are_told() {
    let folder = folder();
    done(folder.path(), &["ca", "create", "corp", "--root"]);
    let told = refused(folder.path(), &["cert", "issue", "--name", "db.internal"]);
    assert!(told.contains("there is no authority `intermediate`; there are corp"), "{told}");
}

#[test]
fn authorities_with_keys_of_every_kind_issue_what_openssl_and_certtool_accept() {
    let folder = folder();
    for key in ["p384", "rsa2048", "ed25519"] {
        let [root, issuer] = ["root", "issuer"].map(|role| format!("{role}-{key}"));
        done(folder.path(), &["ca", "create", &root, "--root", "--key", key]);
        done(folder.path(), &["ca", "create", &issuer, "--under", &root, "--key", key]);
        issuing_by(folder.path(), &issuer);
        let leaf = issued(folder.path(), &format!("{key}.internal"));
        let pem = done(folder.path(), &["ca", "show", &root, "--format", "pem"]);
        let roots = folder.path().join(format!("{root}.pem"));
        std::fs::write(&roots, pem).unwrap();
        openssl_verifies(&roots, &leaf).unwrap();
        certtool_verifies(&roots, &leaf).unwrap();
    }
}

#[test]
fn pkilint_finds_nothing_wrong_with_authorities_of_every_kind() {
    let folder = folder();
    let mut pairs = String::new();
    for key in ["p256", "p384", "rsa3072", "ed25519"] {
        let [root, issuer] = ["root", "issuer"].map(|role| format!("{role}-{key}"));
        let subject = format!("CN=Root {key},O=Example,C=DE");
        done(folder.path(), &["ca", "create", &root, "--root", "--key", key, "--subject", &subject]);
        let permitted =
            ["--permit", "dns:example.com", "--permit", "ip:10.0.0.0/8", "--permit", "directory:O=Example"];
        let excluded = ["--exclude", "uri:.bad.example.com", "--exclude", "email:bad@example.com"];
        let create = ["ca", "create", &issuer, "--under", &root, "--key", key];
        done(folder.path(), &[&create[..], &permitted, &excluded].concat());
        let files = [root, issuer].map(|name| {
            let pem = done(folder.path(), &["ca", "show", &name, "--format", "pem"]);
            let own = pem.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap();
            let file = folder.path().join(format!("{name}.pem"));
            std::fs::write(&file, own).unwrap();
            file.display().to_string()
        });
        pairs += &(files.join(" ") + "\n");
    }
    assert_eq!(pkilint(&pairs), "");
}

#[test]
fn several_roots_and_no_word_which_is_to_sign_are_told() {
    let folder = folder();
    for name in ["one", "two"] {
        done(folder.path(), &["ca", "create", name, "--root"]);
    }
    let told = refused(folder.path(), &["ca", "create", "office"]);
    assert!(
        told.contains("several roots could sign `office`") && told.contains("--under: one, two"),
        "{told}"
    );
}

#[test]
fn what_the_authority_above_leaves_no_room_for_is_refused() {
    let folder = folder();
    done(folder.path(), &["ca", "create", "corp", "--root", "--path-length", "1"]);
    done(folder.path(), &["ca", "create", "office", "--under", "corp"]);
    let told = refused(folder.path(), &["ca", "create", "desk", "--under", "office"]);
    assert!(told.contains("`office` may have no authority below it"), "{told}");
    let told = refused(folder.path(), &["ca", "create", "deep", "--under", "corp", "--path-length", "1"]);
    assert!(told.contains("it allows at most 0"), "{told}");
}

#[test]
fn names_outside_of_the_constraints_are_not_certified() {
    let folder = folder();
    let constraints = ["--permit", "dns:example.com", "--exclude", "dns:secret.example.com"];
    let shown = json(folder.path(), &[&["ca", "create", "corp", "--root"][..], &constraints].concat());
    let expected =
        serde_json::json!({"permitted": ["dns:example.com"], "excluded": ["dns:secret.example.com"]});
    assert_eq!(shown["name_constraints"], expected);
    done(folder.path(), &["ca", "create", "office"]);
    issuing_by(folder.path(), "office");
    let roots = folder.path().join(".hermetic/ca.pem");
    openssl_verifies(&roots, &issued(folder.path(), "shop.example.com")).unwrap();
    for outside in ["shop.example.org", "a.secret.example.com"] {
        let told = refused(folder.path(), &["cert", "issue", "--name", outside]);
        assert!(told.contains(outside), "{told}");
    }
    let trail = done(folder.path(), &["trail", "tail", "--kind", "request.refused"]);
    assert!(trail.contains("shop.example.org"), "{trail}");
}

#[test]
fn a_running_instance_makes_an_authority_and_the_journal_names_who_asked() {
    let tour = Hermetic::tour();
    let made = json(tour.folder.path(), &["ca", "create", "office", "--under", "root"]);
    assert_eq!((&made["state"], &made["stage"]), (&"active".into(), &"signing".into()));
    let trail =
        tour.hermetic(&["trail", "tail", "--kind", "authority.created", "-n", "1", "--format", "json"]);
    let entry: serde_json::Value = serde_json::from_slice(&trail.stdout).unwrap();
    assert_eq!(entry["body"]["name"], "office", "{entry}");
    assert!(entry["body"]["who"]["uid"].is_u64(), "{entry}");
    assert_ne!(entry["body"]["who"]["pid"], tour.pid(), "not the instance on its own account");
}
