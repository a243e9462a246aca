//! Remedies on the servers that they are for: a weak one gets the lines of its findings, and the findings are gone.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::harness::{Haproxy, Nginx, Ports, eventually, folder, hermetic, python, self_signed};

/// What the lines have to mend.
const MENDED: [&str; 3] = ["tls1.1", "suite-beyond-policy", "group-beyond-policy"];

/// A configuration of a server: its lines for all, and those of its listener.
#[derive(Clone, Debug, Default)]
struct Lines {
    general: Vec<String>,
    bind: Vec<String>,
}

/// Apache's HTTP server with these lines, killed when dropped.
struct Apache(Child);

impl Apache {
    fn start(folder: &Path, lines: &str, port: u16) -> Self {
        let here = folder.display();
        let modules = ["mpm_event", "ssl", "socache_shmcb", "authz_core"];
        let load = |name: &&str| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n");
        let modules: String = modules.iter().map(load).collect();
        let text = format!(
            "{modules}ServerName localhost\nPidFile {here}/apache.pid\nErrorLog {here}/apache.log\nListen 127.0.0.1:{port}\n\
             {lines}\nSSLEngine on\nSSLCertificateFile {here}/shop.pem\nSSLCertificateKeyFile {here}/shop.key\n"
        );
        let file = folder.join("apache.conf");
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new("/usr/sbin/apache2");
        command.args(["-D", "FOREGROUND", "-f"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let apache = Self(command.spawn().expect("apache2-bin is needed; `cargo xtask test` installs it"));
        eventually("Apache", || TcpStream::connect(("127.0.0.1", port)).ok());
        apache
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // It has children, which go with it only at its own leave.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Envoy with these lines below `tls_params`, killed when dropped.
struct Envoy(Child);

impl Envoy {
    fn start(folder: &Path, lines: &Lines, port: u16) -> Self {
        let here = folder.display();
        let parameters: Vec<_> = lines.general.iter().filter(|line| *line != "tls_params:").collect();
        let parameters = parameters.iter().map(|line| format!("            {line}\n")).collect::<String>();
        let text = format!(
            "static_resources:\n  listeners:\n\
             \x20 - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}\n    filter_chains:\n\
             \x20   - transport_socket:\n        name: tls\n        typed_config:\n          \"@type\": \
             type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext\n\
             \x20         common_tls_context:\n            tls_params:\n{parameters}            tls_certificates:\n\
             \x20           - certificate_chain: {{ filename: \"{here}/shop.pem\" }}\n\
             \x20             private_key: {{ filename: \"{here}/shop.key\" }}\n      filters:\n      - name: echo\n        typed_config: {{ \"@type\": \
             type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo }}\n"
        );
        let file = folder.join("envoy.yaml");
        std::fs::write(&file, text).unwrap();
        let found = python()
            .args([
                "-c",
                "import envoy, pathlib; print(pathlib.Path(envoy.__file__).parent / '_bin/envoy', end='')",
            ])
            .output()
            .unwrap();
        let mut command = Command::new(String::from_utf8(found.stdout).unwrap());
        command.args(["--disable-hot-restart", "--concurrency", "1", "-c"]).arg(&file);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let envoy = Self(command.spawn().expect("Envoy is needed; `cargo xtask test` installs it"));
        eventually("Envoy", || TcpStream::connect(("127.0.0.1", port)).ok());
        envoy
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn nginx(folder: &Path, lines: &Lines, port: u16) -> Nginx {
    let (here, general) = (folder.display(), lines.general.join("\n"));
    let server = format!(
        "{general}\nserver {{ listen 127.0.0.1:{port} ssl; ssl_certificate {here}/shop.pem; \
         ssl_certificate_key {here}/shop.key; return 204; }}"
    );
    Nginx::start(folder, &server, port)
}

fn haproxy(folder: &Path, lines: &Lines, port: u16) -> Haproxy {
    let (here, general, bind) = (folder.display(), lines.general.join("\n "), lines.bind.join(" "));
    let sections = format!(
        "global\n {general}\nfrontend shop\n mode http\n bind 127.0.0.1:{port} ssl crt {here}/shop.both {bind}\n \
         http-request return status 204"
    );
    Haproxy::start(folder, &sections, port)
}

/// Scans a server that is weak by these lines, writes what the findings say, and scans again.
fn assert_mended<S>(software: &str, weak: Lines, start: impl Fn(&Path, &Lines, u16) -> S) {
    let (folder, ports) = (folder(), Ports::reserve());
    self_signed(folder.path(), "shop", "localhost");
    let target = format!("https://localhost:{}", ports.nth(1));
    let findings = || {
        let arguments = ["scan", &target, "--trust", "shop.pem", "--software", software, "--format", "json"];
        let output = hermetic(folder.path(), &arguments);
        let report: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        report["findings"].as_array().unwrap().clone()
    };
    let of = |findings: &[Value], control: &str| findings.iter().find(|it| it["control"] == control).cloned();

    let server = start(folder.path(), &weak, ports.nth(1));
    let before = findings();
    let mut lines = Lines::default();
    for control in MENDED {
        let finding = of(&before, control).unwrap_or_else(|| panic!("{control} is not among {before:?}"));
        let configuration = &finding["configuration"];
        assert_eq!(configuration["software"], software, "{finding}");
        let place =
            if configuration["place"] == "the bind line" { &mut lines.bind } else { &mut lines.general };
        place.extend(
            configuration["lines"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()),
        );
    }
    drop(server);
    let _server = start(folder.path(), &lines, ports.nth(1));
    let after = findings();
    for control in MENDED {
        assert!(of(&after, control).is_none(), "{control} is still there with {lines:?}: {after:?}");
    }
}

fn weak(lines: &[&str]) -> Lines {
    Lines { general: lines.iter().map(|line| (*line).to_owned()).collect(), bind: Vec::new() }
}

#[test]
fn the_lines_for_nginx_mend_it() {
    let lines = ["ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3;", "ssl_ciphers ALL:@SECLEVEL=0;"];
    assert_mended("nginx", weak(&lines), nginx);
}

#[test]
fn the_lines_for_apache_mend_it() {
    let lines = ["SSLProtocol all +TLSv1.1", "SSLCipherSuite ALL:@SECLEVEL=0"];
    assert_mended("apache", weak(&lines), |folder, lines, port| {
        Apache::start(folder, &lines.general.join("\n"), port)
    });
}

#[test]
fn the_lines_for_haproxy_mend_it() {
    let lines = ["ssl-default-bind-options ssl-min-ver TLSv1.1", "ssl-default-bind-ciphers ALL:@SECLEVEL=0"];
    assert_mended("haproxy", weak(&lines), haproxy);
}

#[test]
fn the_lines_for_envoy_mend_it() {
    let lines = [
        "  tls_minimum_protocol_version: TLSv1_1",
        "  tls_maximum_protocol_version: TLSv1_3",
        "  cipher_suites: [ECDHE-ECDSA-AES128-SHA, ECDHE-RSA-AES128-SHA, AES128-SHA, ECDHE-ECDSA-AES128-GCM-SHA256]",
        "  ecdh_curves: [P-256, P-521]",
    ];
    assert_mended("envoy", weak(&lines), Envoy::start);
}
