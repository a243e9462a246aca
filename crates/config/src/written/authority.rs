//! `[authority]`: who issues certificates here, for how long, and where others learn what became of them.

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

use hermetic_tls::TrustDomain;
use hermetic_x509::publication::{AuthorityName, Site, SiteError};
use schemars::Schema;

use super::shown;
use super::table::{Optional, table};
use super::value::{Refused, Text};
use crate::model::{Authority as Held, Fraction, Name};
use crate::period::{DAY, HOUR, MINUTE, Period, YEAR};

table! {
    /// The certificate authority, which issues the certificates of listeners and the identities
    /// that are presented to upstreams. The first start makes a root and an `intermediate`.
    Authority in "[authority]" {
        /// The trust domain of SPIFFE IDs: `spiffe://<trust domain>/<name>`.
        #[schemars(extend("default" = TrustDomain::default().to_string()))]
        trust_domain: Optional<TrustDomain>,
        /// The lifetime of the certificates that it issues, where a `[[profile]]` says nothing else.
        #[schemars(extend("default" = shown(Held::default().lifetime)))]
        lifetime: Optional<Period<{ 5 * MINUTE }, YEAR>>,
        /// The authority that signs them, where a listener or upstream names no other.
        #[schemars(extend("default" = Held::default().issuer.to_string()))]
        issuer: Optional<AuthorityName>,
        /// The address and port at which CRLs, OCSP answers and the certificates of authorities are served,
        /// in cleartext: all of it is public and signed. Without it, this node serves none.
        #[schemars(extend("examples" = ["0.0.0.0:8089"]))]
        publish: Optional<SocketAddr>,
        /// What certificates say of where these are had. Needed where `publish` is an address that others
        /// can't take as it stands, such as `0.0.0.0:8089`; alone where another node publishes. It counts
        /// for certificates that are issued from then on.
        url: Optional<Site>,
        /// From the date of a CRL to the date by which the next one comes. Each is signed anew well
        /// before, and whenever a certificate in it is revoked.
        #[schemars(extend("default" = shown(Held::default().crl_lifetime)))]
        crl_lifetime: Optional<Period<HOUR, YEAR>>,
        /// The same of OCSP answers.
        #[schemars(extend("default" = shown(Held::default().ocsp_lifetime)))]
        ocsp_lifetime: Optional<Period<{ 5 * MINUTE }, { 30 * DAY }>>,
        /// The part of its life after which a certificate is renewed, give or take a twentieth of it.
        #[schemars(extend("default" = Held::default().renew_at.to_string()))]
        renew_at: Optional<RenewAt>,
        /// How long before its end a certificate is told of as near expiry, by hooks, events and the control
        /// `acm-certificate-expiration-check`. The default is AWS Config's; Security Hub's ACM.1 asks for
        /// `30d`.
        #[schemars(extend("default" = shown(Held::default().expiry_warning)))]
        expiry_warning: Optional<Period<HOUR, YEAR>>,
    }
}

/// A part of life: late enough to be worth it, early enough to have time for failures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RenewAt(pub(crate) Fraction);

impl Text for AuthorityName {
    const NOUN: &'static str = "the name of an authority";
    const EXAMPLE: &'static str = "intermediate";

    fn read(text: &str) -> Result<Self, Refused> {
        small(text)
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), NAME.into());
    }
}

impl Text for Name {
    const NOUN: &'static str = "a name";
    const EXAMPLE: &'static str = "web";

    fn read(text: &str) -> Result<Self, Refused> {
        small(text)
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), NAME.into());
    }
}

/// The names of authorities, profiles and tokens.
const NAME: &str = "^[a-z0-9][a-z0-9._-]{0,63}$";

/// A name, or the same in small letters as advice.
fn small<T: FromStr<Err: Display>>(text: &str) -> Result<T, Refused> {
    text.parse().map_err(|error: T::Err| {
        let (refused, small) = (Refused::new(error.to_string()), text.to_ascii_lowercase());
        if small.parse::<T>().is_ok() { refused.hint(format!("write \"{small}\"")) } else { refused }
    })
}

impl Text for Site {
    const NOUN: &'static str = "an http:// URL";
    const EXAMPLE: &'static str = "http://pki.example.com";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|error: SiteError| Refused::with_remedy(&error))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^http://[^/@?#]+[^@?#]*$".into());
    }
}

impl Text for RenewAt {
    const NOUN: &'static str = "a part of life";
    const EXAMPLE: &'static str = "2/3";

    fn read(text: &str) -> Result<Self, Refused> {
        let refused = |message: &str| {
            let hint = "write a fraction from 1/4 to 9/10, such as \"2/3\"";
            Refused::new(format!("`{}` {message}", text.escape_default())).hint(hint)
        };
        let fraction: Fraction = text.parse().map_err(|()| refused("is no fraction"))?;
        match fraction.is_within((1, 4), (9, 10)) {
            true => Ok(Self(fraction)),
            false => Err(refused("is out of bounds")),
        }
    }

    fn refine(schema: &mut Schema) {
        schema.insert("title".to_owned(), "fraction from 1/4 to 9/10".into());
        schema.insert("pattern".to_owned(), "^[0-9]+/[0-9]+$".into());
    }
}
