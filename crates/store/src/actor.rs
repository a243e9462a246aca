//! Who does what the journal tells of.

use serde::Serialize;
use serde_json::{Value, json};

/// Who does something with the store, and from where. Stands in each record of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// From where: a host's name, or an address.
    pub from: String,
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", untagged)]
pub enum Who {
    /// An instance on its own account, such as for a renewal.
    Instance {
        /// What it goes by.
        instance: String,
        /// Its process.
        pid: u32,
    },
    /// Somebody on this host.
    Caller {
        /// The name of the account, where it has one.
        user: Option<String>,
        /// Its number.
        uid: u32,
        /// The process.
        pid: u32,
    },
    /// Somebody who proved to be this, such as by a client certificate.
    Party {
        /// The identity.
        identity: String,
    },
}

impl Actor {
    /// This process on its own account.
    pub fn this_process() -> Self {
        let from = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self { who: Who::Instance { instance: "hermetic".to_owned(), pid: std::process::id() }, from }
    }

    /// The person that runs this process, as a command line does.
    pub fn this_caller() -> Self {
        Self::caller(rustix::process::getuid().as_raw(), std::process::id())
    }

    /// Somebody on this host who asks this process, such as over a socket that says who they are.
    pub fn caller(uid: u32, pid: u32) -> Self {
        Self { who: Who::Caller { user: account(uid), uid, pid }, ..Self::this_process() }
    }

    /// A body of the journal with who did it, from where, and with what result: `done`, where it names none.
    pub(crate) fn signed(&self, body: Value) -> Value {
        let Value::Object(mut members) = body else { return body };
        members.insert("who".to_owned(), json!(self.who));
        members.insert("from".to_owned(), json!(self.from));
        members.entry("result").or_insert_with(|| json!("done"));
        Value::Object(members)
    }
}

/// The name of an account, as `/etc/passwd` has it.
fn account(uid: u32) -> Option<String> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number == uid.to_string()).then(|| name.to_owned())
    })
}
