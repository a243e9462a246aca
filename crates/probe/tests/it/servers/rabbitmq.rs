use std::process::Command;

use tempfile::TempDir;

use super::{Server, as_user, free_port};
use crate::certificates::Issued;

/// RabbitMQ with a plain port and one with TLS. It takes some seconds to start.
pub struct RabbitMq {
    pub plain: u16,
    pub secure: u16,
    _server: Server,
    _folder: TempDir,
}

impl RabbitMq {
    pub fn start(issued: &Issued) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [plain, secure, nodes] = [(); 3].map(|()| free_port());
        let (certificate, key) = issued.write(folder.path());
        let configuration = format!(
            "listeners.tcp.1 = 127.0.0.1:{plain}\nlisteners.ssl.1 = 127.0.0.1:{secure}\n\
             ssl_options.certfile = {}\nssl_options.keyfile = {}\nssl_options.verify = verify_none\n",
            certificate.display(),
            key.display()
        );
        std::fs::write(folder.path().join("rabbitmq.conf"), configuration).unwrap();
        std::fs::write(folder.path().join("plugins"), "[].\n").unwrap();
        let mut rabbit = Command::new("/usr/lib/rabbitmq/bin/rabbitmq-server");
        rabbit
            .env("HOME", folder.path())
            .env("RABBITMQ_CONFIG_FILE", folder.path().join("rabbitmq"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.path().join("plugins"))
            .env("RABBITMQ_MNESIA_BASE", folder.path().join("data"))
            .env("RABBITMQ_LOG_BASE", folder.path())
            .env("RABBITMQ_NODENAME", format!("probed{plain}@localhost"))
            .env("RABBITMQ_DIST_PORT", nodes.to_string())
            // The daemon that knows Erlang's nodes by name would outlive the test.
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", format!("-start_epmd false -erl_epmd_port {nodes}"));
        as_user(&mut rabbit, "rabbitmq", folder.path());
        let server = Server::start(&mut rabbit, folder.path(), secure, "-TERM");
        Self { plain, secure, _server: server, _folder: folder }
    }
}
