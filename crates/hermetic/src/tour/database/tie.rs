//! Ties a program to the process that starts it: the kernel ends the one when the other is gone, however that
//! went. A program that nobody is left to stop would run on for ever.
//!
//! A signal on the death of a parent can only be asked for by the child itself, and is forgotten when it
//! changes its user. So the change of user comes first, then util-linux's `setpriv` asks, and a shell sees
//! whether the parent was still there when it did: one that died before is no news to the kernel.

use std::path::Path;
use std::process::{Command as Blocking, Stdio};

use tokio::process::Command;

/// PostgreSQL's own word for a shutdown at once; `initdb` removes what it made.
const SIGNAL: &str = "QUIT";

/// Becomes the program if whoever started it, whose number is the first argument, is still there.
const UNLESS_ORPHANED: &str = r#"[ "$PPID" = "$0" ] && exec "$@""#;

/// Whether there is a `setpriv` here that knows of it. That of BusyBox does not.
pub fn is_known() -> bool {
    let mut trial = Blocking::new("setpriv");
    trial.args(["--pdeathsig", SIGNAL, "--", "true"]);
    trial.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    trial.status().is_ok_and(|status| status.success())
}

/// The program, tied to this process; its arguments may follow.
pub fn tied(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", SIGNAL, "--", "sh", "-c", UNLESS_ORPHANED]);
    command.arg(std::process::id().to_string()).arg(program);
    command
}

#[cfg(test)]
mod tests {
    use std::process::Output;

    use super::*;

    async fn run(mut command: Command) -> Output {
        command.output().await.unwrap()
    }

    #[tokio::test]
    async fn a_tied_program_runs_with_its_arguments_and_has_asked_for_the_signal() {
        assert!(is_known(), "util-linux is part of every Debian");
        let mut command = tied(Path::new("setpriv"));
        command.arg("--dump");
        let output = run(command).await;
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.lines().any(|line| line.to_lowercase().contains("death signal: quit")), "{output:?}");
    }

    #[tokio::test]
    async fn a_program_whose_parent_is_another_by_now_does_not_start() {
        let mut command = Command::new("sh");
        command.args(["-c", UNLESS_ORPHANED, "1", "true"]);
        assert!(!run(command).await.status.success());
    }
}
