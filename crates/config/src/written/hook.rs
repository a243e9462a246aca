//! `[[hook]]`: who is told when something happens to a certificate.

use hermetic_hop::PartyName;
use hermetic_tls::{Fingerprint, SecurityPolicy};
use hermetic_x509::publication::AuthorityName;
use schemars::Schema;

use super::table::{Optional, Required, table};
use super::text::{FarEnd, TrustSource};
use super::value::{List, Refused, Text, UpTo};
use super::{default, shown, word};
use crate::model::{Name, WebhookUrl};
use crate::period::{MINUTE, Period};

table! {
    /// Who is told when something happens to a certificate: a program that is run, or a URL that is called.
    /// Both are given the event as JSON, the program on its standard input. Each event since the hook was first
    /// seen is told at least once, in order, and by one node of a fleet; nothing else waits for it.
    Hook in "[[hook]]" {
        /// Its name, and where it is a webhook, that of the party that is called.
        #[schemars(extend("examples" = ["pager"]))]
        name: Required<PartyName>,
        /// What it is told of.
        #[schemars(extend("examples" = [["renewal", "failure"]]))]
        on: Required<List<word::HookEvent>>,
        /// The program by its whole path, and what it is given. No shell is between.
        #[schemars(extend("examples" = [["/usr/local/bin/tell", "--all"]]))]
        run: Optional<List<Argument>>,
        /// In place of a program: the URL that is called by `POST`. It is a hop like any other, TLS and
        /// verified.
        webhook: Optional<WebhookUrl>,
        /// Who the far end of a webhook is. Without it, the system's roots vouch for the URL's host.
        tls: Optional<HookTls>,
        /// How long one try may take.
        #[schemars(extend("default" = shown(default::HOOK_TIMEOUT)))]
        timeout: Optional<Period<1, { 10 * MINUTE }>>,
        /// How many more tries there are after one that failed, with longer and longer waits between them.
        #[schemars(extend("default" = default::HOOK_RETRIES))]
        retries: Optional<UpTo<20, 3>>,
    }
}

table! {
    /// TLS to a webhook, always verified.
    HookTls in "tls of a [[hook]]" {
        /// Whom we believe.
        #[schemars(extend("default" = default::HOP_TRUST))]
        trust: Optional<TrustSource>,
        /// Who it must be: a DNS name, `ip:…` or `spiffe://…`. Without it, the URL's host.
        name: Optional<FarEnd>,
        /// The certificates by which alone it may prove that, each by its SHA-256 fingerprint.
        pin: Optional<List<Fingerprint>>,
        /// Who we are to it: the authority issues `spiffe://<trust domain>/<identity>`. Without
        /// it, no certificate is presented.
        identity: Optional<PartyName>,
        /// The profile by which that certificate is issued.
        #[schemars(extend("default" = default::IDENTITY_PROFILE))]
        profile: Optional<Name>,
        /// The authority that signs it. Without it, `issuer` of `[authority]`.
        issuer: Optional<AuthorityName>,
        /// What may be negotiated.
        #[schemars(extend("default" = SecurityPolicy::default_policy().full_name()))]
        policy: Optional<&'static SecurityPolicy>,
    }
}

/// What a program is given, just as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Argument(pub(crate) String);

impl Text for Argument {
    const NOUN: &'static str = "an argument";
    const EXAMPLE: &'static str = "/usr/local/bin/tell";

    fn read(text: &str) -> Result<Self, Refused> {
        match text.contains('\0') {
            true => Err(Refused::new("no argument of a program has a zero byte").hint("leave it out")),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl Text for WebhookUrl {
    const NOUN: &'static str = "an https:// URL";
    const EXAMPLE: &'static str = Self::EXAMPLE;

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|error: crate::model::WebhookUrlError| Refused::with_remedy(&error))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^https://[^/@#]+[^@#]*$".into());
    }
}
