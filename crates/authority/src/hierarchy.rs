//! Root and intermediate: made together at the first start, loaded at every other.

use std::path::Path;
use std::sync::Arc;

use der::Encode;
use hermetic_store::{AuthorityRecord, Store};
use hermetic_tls::{Chain, TrustAnchors};

use crate::World;
use crate::error::AuthorityError;
use crate::issuer::{self, Issuer};
use crate::keyring::{Keyring, Owner};
use crate::lint::{self, Purpose};
use crate::public_key::PublicKey;
use crate::signer::{LocalSigner, Signer};
use crate::{file, profile, serial, tbs};

const ROOT: &str = "root";
const INTERMEDIATE: &str = "intermediate";

/// The root's certificate, and the intermediate that signs. The root's key stays sealed: it is needed
/// only for a new intermediate.
#[derive(Debug)]
pub(crate) struct Hierarchy {
    pub(crate) root: Chain,
    pub(crate) anchors: TrustAnchors,
    pub(crate) intermediate: Issuer,
}

impl Hierarchy {
    /// Loads root and intermediate; checks that they belong together.
    pub(crate) fn load(
        records: &[AuthorityRecord],
        keyring: &Keyring,
        around: impl FnOnce(LocalSigner) -> Arc<dyn Signer>,
    ) -> Result<Self, AuthorityError> {
        let root = Chain::from_pem(&record(records, ROOT)?.chain_pem)?;
        let intermediate = record(records, INTERMEDIATE)?;
        let key = keyring.open(Owner::Authority(INTERMEDIATE), &intermediate.sealed_key)?;
        let signer = around(LocalSigner::from_pkcs8(&key)?);
        let intermediate = Issuer::new(INTERMEDIATE, Chain::from_pem(&intermediate.chain_pem)?, signer)?;
        let (to_be_signed, signature) = tbs::take_apart(&intermediate.certificate().der)?;
        if !PublicKey::of_certificate(root.leaf())?.verifies(&to_be_signed, &signature) {
            let reason = "the intermediate in the store is not signed by the root in it";
            return Err(AuthorityError::Certificate(reason.to_owned()));
        }
        Ok(Self { anchors: TrustAnchors::from_pem(&root.to_pem())?, root, intermediate })
    }

    /// Writes the root where people find it.
    pub(crate) fn publish(&self, data: &Path) -> Result<(), AuthorityError> {
        let path = data.join("ca.pem");
        let pem = self.root.to_pem();
        if file::read(&path)?.as_deref() == Some(pem.as_bytes()) {
            return Ok(());
        }
        file::replace(&path, pem.as_bytes(), 0o644)
    }
}

/// Makes root and intermediate and records both or none. No intent comes before these signatures: the
/// keys exist only in this process until they are recorded, so after a crash they can vouch for nothing.
pub(crate) async fn found(
    store: &Store,
    keyring: &Keyring,
    world: &World,
) -> Result<Vec<AuthorityRecord>, AuthorityError> {
    let now = world.clock.now();

    let (signer, root_secret) = LocalSigner::generate()?;
    let key = PublicKey::from_der(signer.public_key())?;
    let tbs = profile::root(&key, serial::draw(&*world.randomness)?, now)?;
    let root = Chain::from_ders([issuer::self_signed(&tbs, &signer).await?.as_slice()])?;
    let root = Issuer::new(ROOT, root, Arc::new(signer))?;

    let (signer, intermediate_secret) = LocalSigner::generate()?;
    let key = PublicKey::from_der(signer.public_key())?;
    let tbs = profile::intermediate(&root, &key, serial::draw(&*world.randomness)?, now)?.to_der()?;
    lint::check(&tbs, Purpose::Intermediate, Some(&root))?;
    let signature = root.sign(&tbs).await?;
    let intermediate = Chain::from_ders([root.certify(&tbs, &signature)?.as_slice()])?;

    let record = |name: &str, chain: &Chain, secret: &[u8]| {
        let sealed_key = keyring.seal(Owner::Authority(name), secret)?;
        Ok::<_, AuthorityError>(AuthorityRecord {
            name: name.to_owned(),
            chain_pem: chain.to_pem(),
            sealed_key,
            at: now,
        })
    };
    let records = vec![
        record(ROOT, root.chain(), &root_secret)?,
        record(INTERMEDIATE, &intermediate, &intermediate_secret)?,
    ];
    store.create_authorities(records.clone()).await?;
    Ok(records)
}

fn record<'a>(records: &'a [AuthorityRecord], name: &str) -> Result<&'a AuthorityRecord, AuthorityError> {
    records.iter().find(|record| record.name == name).ok_or_else(|| {
        AuthorityError::Certificate(format!(
            "the store has authorities, but no `{name}`; restore it from a backup"
        ))
    })
}
