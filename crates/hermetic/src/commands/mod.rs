//! The commands, a file each.

mod audit;
pub mod ca;
pub mod cert;
mod check;
mod config;
mod explain;
mod guard;
mod hops;
mod init;
mod policies;
mod policy;
mod reload;
pub mod scan;
mod store;
mod tour;
mod trail;
mod upgrade;
mod wire;

use crate::arguments::{Cert, Command, Tls, Tour};
use crate::exit::{Exit, Failure};
use crate::{part, up};

/// Does what was typed.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Up(arguments) => {
            let options = up::Options {
                config: arguments.config,
                to: arguments.to,
                port_base: arguments.port_base,
                data: arguments.data,
            };
            up::run(options).await?;
            Ok(Exit::Fine)
        }
        Command::Part => match part::run().await {
            Ok(()) => Ok(Exit::Fine),
            Err(error) => Err(Failure::unable(error.to_string())),
        },
        Command::Init(arguments) => init::run(&arguments),
        Command::Check(arguments) => check::run(&arguments).await,
        Command::Reload(arguments) => reload::run(&arguments).await,
        Command::Upgrade(arguments) => upgrade::run(&arguments).await,
        Command::Hops(arguments) => hops::run(&arguments).await,
        Command::Scan(arguments) => scan::run(&arguments).await,
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Tour(Tour::Break { kind, format, place }) => tour::break_hop(kind, format, &place).await,
        Command::Tour(Tour::Wire { secret, format, place }) => wire::run(secret, format, &place).await,
        Command::Tour(Tour::Mend { format, place }) => tour::mend(format, &place).await,
        Command::Cert(Cert::List(arguments)) => cert::list::run(&arguments).await,
        Command::Cert(Cert::Show(arguments)) => cert::show::run(&arguments).await,
        Command::Cert(Cert::Issue(arguments)) => cert::issue::run(&arguments).await,
        Command::Cert(Cert::Renew(arguments)) => cert::renew::run(&arguments).await,
        Command::Cert(Cert::Revoke(arguments)) => cert::revoke::run(&arguments).await,
        Command::Cert(Cert::Watch(arguments)) => cert::watch::run(&arguments).await,
        Command::Cert(Cert::Import(arguments)) => cert::import::run(&arguments).await,
        Command::Cert(Cert::Export(arguments)) => cert::export::run(&arguments).await,
        Command::Cert(Cert::SelfSigned(arguments)) => cert::self_signed::run(&arguments).await,
        Command::Ca(what) => ca::run(what).await,
        Command::Store(what) => store::run(&what).await,
        Command::Trail(what) => trail::run(&what).await,
        Command::Policy(what) => policy::run(what),
        Command::Config(what) => config::run(what),
        Command::Tls(Tls::Policies { name, format }) => policies::run(name.as_deref(), format),
        Command::Guard { rule: None, config: Some(file), format } => guard::listeners::run(&file, format),
        Command::Guard { rule, format, .. } => guard::rules::run(rule, format),
    }
}
