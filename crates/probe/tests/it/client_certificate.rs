//! An endpoint that demands a client certificate.

use std::sync::Arc;

use hermetic_probe::observe::Manners;
use hermetic_probe::{Depth, Outcome, Target, scan};
use hermetic_tls::{
    Chain, Credential, PrivateKey, SecurityPolicy, SystemClock, SystemRandomness, TrustAnchors,
};

use crate::server::OpenSsl;

#[tokio::test]
async fn shows_its_handshake_to_who_has_one_and_tells_who_has_none_what_it_may_demand() {
    let made = rcgen::generate_simple_self_signed(vec!["client.test".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("client.pem");
    std::fs::write(&file, made.cert.pem()).unwrap();
    let arguments = ["-tls1_2", "-Verify", "1", "-verify_return_error", "-CAfile", file.to_str().unwrap()];
    let server = OpenSsl::start(&arguments);
    let chain = Chain::from_pem(&made.cert.pem()).unwrap();
    let key = PrivateKey::from_pem(&made.signing_key.serialize_pem()).unwrap();
    let credential = Arc::new(Credential::new(chain, key).unwrap());
    let look = async |credential: Option<Arc<Credential>>| {
        let target = Target {
            endpoint: format!("tls://{}", server.address).parse().unwrap(),
            trust: TrustAnchors::from_pem(&made.cert.pem()).unwrap(),
            expected: "shop.test".parse().unwrap(),
            policy: SecurityPolicy::default_policy(),
            credential,
            revoked: Default::default(),
            extent: None,
        };
        let (manners, clock) = (Manners::default(), Arc::new(SystemClock));
        let addresses = [server.address.into()];
        scan(&target, &addresses, Depth::Fast, &manners, clock, &SystemRandomness::default()).await
    };
    let without = look(None).await;
    let Outcome::Unreachable { reason, .. } = &without.outcome else { panic!("{without:?}") };
    assert!(reason.contains("it may demand a client certificate"), "{reason}");
    // What it accepts is seen all the same.
    assert!(without.observed.unwrap().unwrap().versions.iter().any(|observed| observed.support.is_yes()));
    let with = look(Some(credential)).await;
    assert!(matches!(with.outcome, Outcome::Seen(_)), "{with:?}");
}
