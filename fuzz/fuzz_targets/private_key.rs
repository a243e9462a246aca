//! Any bytes are a private key or an error; what is read signs, and reads the same again from what is written.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hermetic_keys::{PrivateKey, Signer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Without a passphrase: with one, the input would say how long deriving its key takes.
    let Ok(key) = PrivateKey::read(data, None) else { return };
    for written in [key.pkcs8(), key.to_pem().as_bytes()] {
        let again = PrivateKey::read(written, None).expect("it was written here");
        assert_eq!(again.public_key(), key.public_key());
        assert_eq!(again.pkcs8(), key.pkcs8());
    }
    // A key in this process signs at once.
    let mut signing = pin!(key.signer().sign(b"message"));
    let Poll::Ready(signature) = signing.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits for something");
    };
    let signature = signature.expect("it is a key");
    assert!(key.public_key().verifies(key.signer().algorithm(), b"message", &signature));
});
