//! Envoy.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::stage::Stage;

/// The command that runs it.
pub fn command(program: &Path, stage: &Stage, port: u16, origin: u16) -> Result<Command, Failure> {
    let (cert, key) = (stage.path("cert.pem"), stage.path("key.pem"));
    let configuration = stage.write(
        "envoy.yaml",
        format!(
            r#"static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
    filter_chains:
    - transport_socket:
        name: tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          common_tls_context:
            alpn_protocols: [http/1.1]
            tls_params:
              tls_minimum_protocol_version: TLSv1_2
              tls_maximum_protocol_version: TLSv1_3
              ecdh_curves: [X25519MLKEM768, X25519]
            tls_certificates:
            - certificate_chain: {{ filename: "{cert}" }}
              private_key: {{ filename: "{key}" }}
      filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: edge
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{{ match: {{ prefix: "/" }}, route: {{ cluster: app }} }}]
          http_filters:
          - name: router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
  clusters:
  - name: app
    type: STATIC
    load_assignment:
      cluster_name: app
      endpoints:
      - lb_endpoints:
        - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {origin} }} }} }}
"#,
            cert = cert.display(),
            key = key.display(),
        ),
    )?;
    let mut command = Command::new(program);
    command
        .args(["--concurrency", "1", "--log-level", "warn", "--disable-hot-restart", "-c"])
        .arg(configuration);
    Ok(command)
}
