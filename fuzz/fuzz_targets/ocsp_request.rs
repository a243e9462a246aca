//! Any bytes are an OCSP request or refused, and so is any text in an address. One that is read asks for
//! something, can be answered, and reads the same from an address.

#![no_main]

use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use hermetic_keys::{KeyAlgorithm, LocalSigner, Signer};
use hermetic_x509::ocsp::{AnswerDraft, Request, SingleAnswer, Status};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

static SIGNER: LazyLock<LocalSigner> =
    LazyLock::new(|| LocalSigner::generate(KeyAlgorithm::EcdsaP256).expect("a key is made").0);

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Request::from_uri(text);
    }
    let Ok(request) = Request::read(data) else { return };
    assert!(!request.certificates().is_empty());
    assert!(request.nonce().is_none_or(|nonce| (1..=128).contains(&nonce.as_bytes().len())));
    assert_eq!(Request::from_uri(&Base64::encode_string(data)).as_ref(), Ok(&request));

    let now = Timestamp::UNIX_EPOCH;
    let single = |certificate| SingleAnswer {
        certificate,
        status: Status::Unknown,
        this_update: now,
        next_update: now,
    };
    let answers: Vec<_> = request.certificates().iter().map(single).collect();
    let responder = SIGNER.public_key();
    let draft = AnswerDraft { responder, produced_at: now, answers: &answers, nonce: request.nonce() };
    draft.to_der().expect("what was asked can be answered");
});
