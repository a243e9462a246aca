//! No message of a stranger gets a login through under SCRAM, and none breaks either end. The first byte
//! says how long the first message is.

#![no_main]

use hermetic_gateway::postgres::scram::{
    Client, ClientBinding, Keys, Nonce, SCRAM, SCRAM_PLUS, Server, mock_verifier,
};
use hermetic_tls::SystemRandomness;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((length, rest)) = data.split_first() else { return };
    let (first, last) = rest.split_at(rest.len().min(usize::from(*length)));
    let nonce = Nonce::new(&SystemRandomness::default()).expect("this machine has chance");
    for (mechanism, end_point) in [(SCRAM, None), (SCRAM, Some(vec![1])), (SCRAM_PLUS, Some(vec![1]))] {
        let server = Server::new(mock_verifier(&[7; 32], "web"), true, end_point);
        if let Ok((challenged, _)) = server.challenge(mechanism, first, &nonce) {
            assert!(challenged.finish(last).is_err(), "nobody knows the key of this verifier");
        }
    }
    let (client, ..) = Client::start(&[SCRAM], ClientBinding::Impossible, &nonce).expect("it is offered");
    let Ok(answered) = client.challenged(first) else { return };
    // A far end chooses how much work it is; here, little.
    let iterations = answered.iterations;
    if let Ok(keys) = Keys::of_password("hunter2", &answered.salt, iterations.min(2)) {
        if let Ok((proving, _)) = answered.prove(&keys) {
            assert!(proving.finish(last).is_err(), "nobody signs with the key of this password");
        }
    }
});
