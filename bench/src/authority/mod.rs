//! The authority: how many certificates it issues a second, each durable before it is answered, and how it
//! goes on with a million of them in the store.

mod inventory;
mod issuing;
mod openssl;
pub mod page;
mod places;
mod requests;

use std::sync::Arc;
use std::time::Duration;

use crate::failure::Failure;
use crate::figure::Median;

/// How many callers there are at a time.
pub const CALLERS: usize = 64;

/// How many different keys ask for certificates; who asks again asks for the same names.
const KEYS: usize = 100_000;

/// How often and for how long, and how large the store becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Runs of each figure.
    pub runs: usize,
    /// The time of one run.
    pub time: Duration,
    /// How many certificates the inventory has.
    pub certificates: u64,
}

/// What was measured.
#[derive(Debug)]
pub struct Results {
    /// As planned.
    pub plan: Plan,
    /// Where certificates were kept, each with what it issued.
    pub issued: Vec<Issued>,
    /// `openssl ca`, where it could be run.
    pub openssl: openssl::Peer,
    /// What a large store takes.
    pub inventory: inventory::Figures,
}

/// What was issued into one place.
#[derive(Debug)]
pub struct Issued {
    /// The database and its version.
    pub name: String,
    /// What it says of how it keeps what is committed.
    pub durability: Vec<(String, String)>,
    /// Certificates a second.
    pub rate: Median,
    /// CPU time for each, of this process and of the database, in milliseconds.
    pub cpu: f64,
}

/// Takes every figure.
pub fn measure(plan: Plan) -> Result<Results, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Setup(error.to_string()))?;
    eprintln!("making {KEYS} keys and their requests");
    let requests = Arc::new(requests::make(KEYS)?);
    let openssl = openssl::measure(&requests)?;
    let mut issued = Vec::new();
    {
        let postgres = places::Postgres::start()?;
        issued.push(runtime.block_on(issuing::measure(
            &postgres.place(),
            &postgres.name,
            &requests,
            plan,
        ))?);
    }
    let folder = places::folder()?;
    let place = hermetic_store::StorePlace::from(folder.path());
    issued.insert(0, runtime.block_on(issuing::measure(&place, "SQLite", &requests, plan))?);
    let inventory = runtime.block_on(inventory::measure(&place, &requests, plan))?;
    Ok(Results { plan, issued, openssl, inventory })
}
