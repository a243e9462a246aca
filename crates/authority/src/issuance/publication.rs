//! Where certificates say that news of them is to be had.

use hermetic_tls::Serial;
use hermetic_x509::Publication;

use crate::authorities::CertificateAuthority;
use crate::settings::Terms;

impl Terms {
    /// Where news of what this authority issues under this serial number is to be had.
    pub(crate) fn publication(&self, issuer: &CertificateAuthority, serial: &Serial) -> Publication {
        let shard = issuer.shards().of(serial);
        self.site.as_ref().map(|site| site.publication(issuer.publisher(), shard)).unwrap_or_default()
    }
}
