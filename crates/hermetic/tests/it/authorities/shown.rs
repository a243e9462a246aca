//! What is listed and shown of authorities.

use super::{done, json, openssl_verifies, refused, told};
use crate::harness::{folder, hermetic};

#[test]
fn the_authorities_of_the_first_start_are_listed_with_states_keys_and_ends() {
    let folder = folder();
    done(folder.path(), &["cert", "issue", "--name", "db.internal"]);
    let list = json(folder.path(), &["ca", "list"]);
    assert_eq!(list["schema"], "hermetic.certificate-authorities/1");
    let of = |at: usize, what: &str| list["authorities"][at][what].clone();
    assert_eq!([of(0, "name"), of(1, "name")], ["root", "intermediate"]);
    assert_eq!([of(0, "kind"), of(1, "kind")], ["root", "subordinate"]);
    assert_eq!(of(1, "signed_by"), serde_json::json!({"who": "authority", "name": "root", "generation": 1}));
    assert_eq!(of(0, "key"), serde_json::json!({"algorithm": "P-256", "in": "store"}));
    assert_eq!([of(0, "days_left"), of(1, "days_left")], [3649, 1824]);
    let table = done(folder.path(), &["ca", "list"]);
    let row = table.lines().nth(2).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(
        row[..7],
        ["intermediate", "1", "subordinate", "active", "signing", "P-256", "store"],
        "{table}"
    );
}

#[test]
fn an_authority_is_shown_for_people_programs_and_openssl() {
    let folder = folder();
    done(folder.path(), &["cert", "issue", "--name", "db.internal"]);
    let shown = json(folder.path(), &["ca", "show", "intermediate"]);
    assert_eq!(
        (&shown["schema"], &shown["path_length"]),
        (&"hermetic.certificate-authority/1".into(), &0.into())
    );
    assert_eq!(shown["rotation"]["next"]["step"], "prepare");
    let text = done(folder.path(), &["ca", "show", "intermediate", "--format", "text"]);
    assert!(text.contains("CA:TRUE, pathlen:0"), "{text}");
    let pem = done(folder.path(), &["ca", "show", "intermediate", "--format", "pem"]);
    assert_eq!(pem, shown["chain_pem"]);
    std::fs::write(folder.path().join("chain.pem"), pem).unwrap();
    let chain = folder.path().join("chain.pem");
    openssl_verifies(&folder.path().join(".hermetic/ca.pem"), chain.to_str().unwrap()).unwrap();
    let unknown = refused(folder.path(), &["ca", "show", "nowhere"]);
    assert!(unknown.contains("there is no authority `nowhere`; there are intermediate, root"), "{unknown}");
}

#[test]
fn an_empty_folder_is_told_how_to_get_an_authority() {
    let folder = folder();
    let list = hermetic(folder.path(), &["ca", "list"]);
    assert_eq!(list.status.code(), Some(3));
    assert!(told(&list).contains("hermetic ca create NAME --root"), "{list:?}");
    assert!(!folder.path().join(".hermetic").exists(), "looking makes nothing");
}
