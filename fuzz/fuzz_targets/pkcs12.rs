//! Any bytes are a PKCS#12 file or an error, with a passphrase and without one; what is read reads the same
//! again.

#![no_main]

use hermetic_keys::Passphrase;
use hermetic_x509::pkcs12::Pkcs12;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let words = Passphrase::new("two words").expect("it is not empty");
    for passphrase in [None, Some(&words)] {
        let Ok(file) = Pkcs12::read(data, passphrase) else { continue };
        assert_eq!(Pkcs12::read(data, passphrase), Ok(file));
    }
});
