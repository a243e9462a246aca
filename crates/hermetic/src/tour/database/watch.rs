//! The process that has the cluster's server as its child. It outlives the supervisor by as long as it takes
//! to stop that server: the kernel's signal on a parent's death does not survive the change of user.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::cluster::{Cluster, Plan};
use crate::part::protocol::{Channel, FromPart, ToPart};

/// Runs the cluster until the supervisor says so, or is gone.
pub async fn run(plan: Plan, mut channel: Channel) -> io::Result<()> {
    // The kernel would end us before we could end the server; the end of the socket tells the same.
    rustix::process::set_parent_process_death_signal(None)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let started = tokio::select! {
        started = Cluster::start(&plan) => started,
        // Whatever is said before the answer, or the end of it, means that nobody waits for one.
        _ = channel.receive::<ToPart>() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    let mut cluster = match started {
        Ok(cluster) => cluster,
        Err(error) => return channel.send(&FromPart::Failed(error.to_string())).await,
    };
    let told = channel.send(&FromPart::Started).await;
    let drained = told.is_ok() && serve(&mut cluster, &mut channel, &mut terminate).await;
    cluster.stop().await;
    if drained { channel.send(&FromPart::Drained).await } else { Ok(()) }
}

/// Waits for the end; gives whether the supervisor asked for it and waits for an answer.
async fn serve(cluster: &mut Cluster, channel: &mut Channel, terminate: &mut Signal) -> bool {
    let mut runs = true;
    loop {
        tokio::select! {
            message = channel.receive() => match message {
                Ok(Some(ToPart::Renewed(certificate))) => {
                    if let Err(error) = cluster.renew(&certificate) {
                        tracing::error!(%error, "the database's renewed certificate could not be written");
                    }
                }
                Ok(Some(ToPart::Drain { .. })) => return true,
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return false,
            },
            status = cluster.ended(), if runs => {
                runs = false;
                let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                tracing::error!(status, "the tour's database ended by itself; everything else goes on");
            }
            _ = terminate.recv() => return false,
        }
    }
}
