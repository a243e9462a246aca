//! A hook that is a program.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::output;

/// The most bytes that are kept of what it prints; it may print as much as it likes.
const KEPT: usize = 8 * 1024;

/// How long is read on after it has ended, where something that it started holds its output open.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// Where it finds other programs. It has nothing else of our environment.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs it with this on its standard input, in a process group of its own. What it prints goes to the log.
/// One that takes longer than it may is killed with its group.
pub(super) async fn run(
    hook: &str,
    program: &Path,
    arguments: &[String],
    input: &[u8],
    patience: Duration,
) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("PATH", PATH).current_dir("/").process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
    let mut group = Group(child.id());
    let printed = Printed::default();
    let readers = [printed.read(child.stdout.take()), printed.read(child.stderr.take())];
    let ended = timeout(patience, feed_and_wait(&mut child, input)).await;
    match ended {
        Ok(_) => group.0 = None,
        Err(_) => {
            group.kill();
            // It is gone; this takes its remains away.
            let _ = child.wait().await;
        }
    }
    for reader in readers.into_iter().flatten() {
        let abort = reader.abort_handle();
        if timeout(AFTERWARDS, reader).await.is_err() {
            abort.abort();
        }
    }
    let said = printed.text();
    if !said.is_empty() {
        tracing::info!(hook, output = said, "a hook said");
    }
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(told(status, &said)),
        Ok(Err(error)) => Err(format!("{}: {error}", program.display())),
        Err(_) => Err(format!("not done within {} s; it was killed", patience.as_secs())),
    }
}

async fn feed_and_wait(child: &mut Child, input: &[u8]) -> io::Result<ExitStatus> {
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // It need not read it.
            let _ = stdin.write_all(input).await;
        }
    };
    let (status, ()) = tokio::join!(child.wait(), feed);
    status
}

/// A process group that is killed when this is dropped, for nobody waits for it any more.
struct Group(Option<u32>);

impl Group {
    fn kill(&mut self) {
        let leader = self.0.take().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(leader) = leader {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What it printed, as far as it is kept.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    fn read(&self, from: Option<impl AsyncRead + Unpin + Send + 'static>) -> Option<JoinHandle<()>> {
        let (printed, mut from) = (self.clone(), from?);
        Some(tokio::spawn(async move {
            let mut buffer = [0; 1024];
            while let Ok(read) = from.read(&mut buffer).await {
                let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return };
                let mut kept = printed.0.lock().unwrap_or_else(PoisonError::into_inner);
                let room = KEPT.saturating_sub(kept.len());
                kept.extend(bytes.iter().take(room));
            }
        }))
    }

    fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).lines().map(output::plain).collect::<Vec<_>>().join("\n")
    }
}

/// How it ended, with the last that it said.
fn told(status: ExitStatus, said: &str) -> String {
    let last: String =
        said.lines().rev().find(|line| !line.is_empty()).unwrap_or_default().chars().take(200).collect();
    if last.is_empty() { status.to_string() } else { format!("{status}: {last}") }
}
