//! Hooks of a running instance, as the page on them has them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Hermetic, Page, PythonServer, eventually};

/// An HTTPS server that keeps the bodies that are posted to it.
fn server(folder: &Path, port: u16) -> PythonServer {
    let (folder, script) = (
        folder.display(),
        r#"
import http.server, ssl
class Keep(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['content-length']))
        with open('FOLDER/called', 'ab') as kept:
            kept.write(self.path.encode() + b' ' + body + b'\n')
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(('127.0.0.1', PORT), Keep)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain('FOLDER/localhost.pem', 'FOLDER/localhost-key.pem')
server.socket = tls.wrap_socket(server.socket, server_side=True)
print('ready', flush=True)
server.serve_forever()
"#,
    );
    PythonServer::start(&script.replace("FOLDER", &folder.to_string()).replace("PORT", &port.to_string()))
}

fn events(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let body = |line: &str| serde_json::from_str(line.strip_prefix("/hermetic ").unwrap_or(line)).ok();
    text.lines().filter_map(body).collect()
}

fn subjects(path: &Path) -> Vec<String> {
    events(path).iter().map(|event| event["subject"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_page_on_hooks_tells_a_program_and_a_webhook_over_a_sealed_hop() {
    let page = Page::how_to("act-on-renewals");
    let hermetic = Hermetic::configured(|ports, folder| {
        let (program, log) = (folder.join("tell"), folder.join("told"));
        let script = page.other("#!/bin/sh").replace("/var/log/certificates.jsonl", log.to_str().unwrap());
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let webhook = format!("localhost:{}", ports.nth(3));
        format!(
            "admin = \"127.0.0.1:{}\"\n[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:1\"]\n",
            ports.nth(9),
            ports.edge()
        ) + &page.configuration("name = \"teller\"", &[("/usr/local/bin/tell", program.to_str().unwrap())])
            + &page.configuration("name = \"pager\"", &[("pager.internal:8444", &webhook)])
    });
    let folder = hermetic.folder.path();
    // Not before both have looked where the journal ends.
    let (told, called) = (folder.join("told"), folder.join("called"));
    eventually("the program to be told of a certificate", || {
        let name = format!("n{}.internal", fs::read_dir(folder).unwrap().count());
        assert!(hermetic.hermetic(&["cert", "issue", "--name", &name]).status.success());
        (!events(&told).is_empty()).then_some(())
    });
    assert!(hermetic.hermetic(&["cert", "issue", "--name", "localhost"]).status.success());
    let _server = server(folder, hermetic.ports.nth(3));
    eventually("the webhook to be called", || {
        subjects(&called).contains(&"localhost".to_owned()).then_some(())
    });
    eventually("the program to be told", || subjects(&told).contains(&"localhost".to_owned()).then_some(()));
    let event = events(&called).pop().unwrap();
    assert_eq!((&event["schema"], &event["event"]), (&"hermetic.event/1".into(), &"issue".into()), "{event}");
    let hop = hermetic.hop("hermetic", "pager");
    assert_eq!((&hop["verdict"], &hop["evidence"]), (&"sealed".into(), &"negotiated".into()), "{hop}");
    let trail = hermetic.hermetic(&["trail", "tail", "--kind", "hook.done", "--format", "json"]);
    let trail = String::from_utf8(trail.stdout).unwrap();
    assert!(trail.contains("\"hook\":\"pager\"") && trail.contains("\"hook\":\"teller\""), "{trail}");
}
