//! Any bytes, in PEM or not, are certificates and keys or an error; what is read and joined has one leaf, whose
//! key it is, and is judged.

#![no_main]

use hermetic_keys::Passphrase;
use hermetic_x509::import::judge;
use hermetic_x509::{Contents, Material};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let words = Passphrase::new("two words").expect("it is not empty");
    let Ok(material) = Contents::read(data, Some(&words)).and_then(Contents::material) else { return };
    let now = material.leaf().not_before;
    let (certified, key) = material.into_parts();
    assert!(!certified.chain.contains(&certified.leaf));
    let again = Material::new(certified, key).expect("the key is the leaf's");
    let _ = judge(again, now);
});
