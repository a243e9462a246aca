//! The command line: arguments, output and exit codes. What Hermetic does is in the crates below.

mod admin;
mod arguments;
mod commands;
mod data;
mod descriptors;
mod exit;
mod hooks;
mod listening_socket;
mod logging;
mod output;
mod outside;
mod part;
mod picture;
mod publishing;
mod settings;
mod tour;
mod up;
mod visits;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use exit::Exit;

/// An audit of a large plan takes a sixth less time with it than with glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::start(arguments.command.log_level());
    let exit = match commands::run(arguments.command).await {
        Ok(exit) => exit,
        Err(failure) => failure.tell(),
    };
    Exit::into(exit)
}
