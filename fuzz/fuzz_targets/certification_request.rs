//! Any bytes are a certification request or an error; one that is read reads the same as PEM and as DER, and
//! every profile has one verdict on it.

#![no_main]

use hermetic_x509::{CertificationRequest, IssuanceRequest, Profile, ProfileKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(request) = CertificationRequest::read(data) else { return };
    assert!(CertificationRequest::read(request.to_der()).as_ref() == Ok(&request));
    assert!(CertificationRequest::read(request.to_pem().as_bytes()).as_ref() == Ok(&request));
    for kind in ProfileKind::ALL {
        let profile = Profile::built_in(kind);
        let judge = || profile.approve_certification(&request, &IssuanceRequest::default());
        let verdict = judge();
        assert!(verdict == judge());
        if let Ok(approved) = verdict {
            assert!(approved.names.iter().all(|name| name.to_string().parse().as_ref() == Ok(name)));
        }
    }
});
