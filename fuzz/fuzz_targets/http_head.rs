//! Any bytes are the head of an answer or none; what is behind it changes nothing. Its headers are read or passed over.

#![no_main]

use hermetic_probe::http::Head;
use hermetic_probe::web::{Alternative, Cookie, TransportSecurity};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok((head, length)) = Head::read(data) else { return };
    assert!(length <= data.len());
    assert_eq!(Head::read(&data[..length]), Ok((head.clone(), length)));
    for (_, value) in &head.headers {
        let told = TransportSecurity::of(Some(value));
        if let TransportSecurity::Set { max_age, include_subdomains, preload } = told {
            let subdomains = if include_subdomains { "; includeSubDomains" } else { "" };
            let listed = if preload { "; preload" } else { "" };
            let written = format!("max-age={max_age}{subdomains}{listed}");
            assert_eq!(TransportSecurity::of(Some(&written)), told);
        }
        let _ = (Cookie::of(value), Alternative::all_of(value));
    }
});
