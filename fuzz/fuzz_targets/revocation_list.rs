//! Any bytes are a list of CRLs or an error; what is read says in whose name it is and until when it holds,
//! and reads the same again. The authority's own reader takes less, and says the same of what it takes.

#![no_main]

use hermetic_tls::RevocationList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let strict = hermetic_x509::crl::RevocationList::read(data);
    let Ok(lists) = RevocationList::read(data, "crl") else { return };
    assert!(!lists.is_empty());
    let again = RevocationList::read(data, "crl").expect("it was read before");
    for (list, same) in lists.iter().zip(&again) {
        assert_eq!(list.issuer(), same.issuer());
        assert_eq!((list.this_update(), list.next_update()), (same.this_update(), same.next_update()));
        assert_eq!(list.revoked(), same.revoked());
    }
    if let (Ok(strict), [list]) = (strict, lists.as_slice()) {
        assert_eq!((list.this_update(), list.next_update()), (strict.this_update(), strict.next_update()));
        assert_eq!(list.revoked(), strict.revoked().len());
    }
});
