//! `hermetic scan` through proxies, and the how-to of many targets.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::harness::{Hermetic, Nginx, Origin, Page, Ports, eventually, folder, hermetic};

/// A process that ends with this.
struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A real proxy; waits until its port answers.
fn proxy(command: &mut Command, port: u16) -> Proxy {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let proxy =
        Proxy(child.unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test` installs it")));
    eventually("the proxy", || TcpStream::connect(("127.0.0.1", port)).ok());
    proxy
}

fn microsocks(port: u16) -> Proxy {
    let port_text = port.to_string();
    proxy(
        Command::new("microsocks").args(["-i", "127.0.0.1", "-p", &port_text, "-u", "me", "-P", "p@ss"]),
        port,
    )
}

fn tinyproxy(folder: &Path, port: u16) -> Proxy {
    let file = folder.join("tinyproxy.conf");
    let log = folder.join("tinyproxy.log");
    let text = format!(
        "Port {port}\nListen 127.0.0.1\nLogFile \"{}\"\nLogLevel Connect\nBasicAuth me secret\nMaxClients 100\n",
        log.display()
    );
    std::fs::write(&file, text).unwrap();
    proxy(Command::new("tinyproxy").arg("-d").arg("-c").arg(&file), port)
}

fn edge(origin: &Origin) -> Hermetic {
    Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
            ports.edge(),
            origin.port
        )
    })
}

#[test]
fn an_endpoint_is_seen_through_a_socks_or_http_proxy_as_it_is_without() {
    let origin = Origin::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let edge = edge(&origin);
    let (socks, http) = (edge.ports.nth(4), edge.ports.nth(5));
    let (_socks, _http) = (microsocks(socks), tinyproxy(edge.folder.path(), http));
    let trust = edge.ca().to_str().unwrap().to_owned();
    let target = format!("https://localhost:{}", edge.ports.edge());
    let scan = |proxy: &str| {
        let output = edge
            .hermetic(&["scan", &target, "--trust", &trust, "--fast", "--format", "json", "--proxy", proxy]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (output.status.code(), report)
    };
    for proxy in [
        format!("socks5://me:p%40ss@127.0.0.1:{socks}"),
        format!("socks5h://me:p%40ss@127.0.0.1:{socks}"),
        format!("http://me:secret@127.0.0.1:{http}"),
    ] {
        let (code, report) = scan(&proxy);
        assert_eq!((code, &report["verdict"]), (Some(0), &"sealed".into()), "{proxy}: {report}");
        let named = report["address"].as_str().unwrap().starts_with("localhost:");
        assert_eq!(named, !proxy.starts_with("socks5:"), "{proxy}: {report}");
    }
    let log = std::fs::read_to_string(edge.folder.path().join("tinyproxy.log")).unwrap();
    assert!(log.contains(&format!("CONNECT localhost:{}", edge.ports.edge())), "{log}");

    let (code, report) = scan(&format!("socks5h://me:wrong@127.0.0.1:{socks}"));
    let told = report["reason"].as_str().unwrap();
    assert!(code == Some(3) && told.contains("the proxy: "), "{report}");
    let (code, report) = scan(&format!("http://127.0.0.1:{http}"));
    let told = report["reason"].as_str().unwrap();
    assert!(code == Some(3) && told.contains("wants another user and password"), "{report}");
}

#[test]
fn the_page_on_estates_finds_what_falls_short() {
    let (folder, ports) = (folder(), Ports::reserve());
    let issued = hermetic(folder.path(), &["cert", "issue", "--name", "localhost"]);
    assert!(issued.status.success(), "{issued:?}");
    let (sound, old) = (ports.nth(1), ports.nth(2));
    let certificate = "ssl_certificate localhost.pem; ssl_certificate_key localhost-key.pem;";
    let http = format!(
        "server {{ listen 127.0.0.1:{sound} ssl; {certificate} }}\n\
         server {{ listen 127.0.0.1:{old} ssl; ssl_protocols TLSv1 TLSv1.2; {certificate} \
         ssl_ciphers ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0; }}"
    );
    let _nginx = Nginx::start(folder.path(), &http, sound);
    let list = format!("# ours\nlocalhost:{sound}  # sound\n127.0.0.1/32:{old}\n");
    std::fs::write(folder.path().join("estate.txt"), list).unwrap();
    let hop = format!(
        "[[hop]]\nfrom = \"client\"\nto = \"old\"\nendpoint = \"https://localhost:{old}\"\n\
         tls = {{ trust = \"authority\" }}\n"
    );
    std::fs::write(folder.path().join("hermetic.toml"), hop).unwrap();
    let page = Page::how_to("scan-an-estate");
    let outputs = page.run(folder.path());
    let codes: Vec<_> = outputs.iter().map(|output| output.status.code().unwrap()).collect();
    let told: Vec<_> = outputs.iter().map(|output| String::from_utf8_lossy(&output.stdout)).collect();
    // Neither is trusted by the system's roots, so both are weak.
    assert_eq!(codes, [1, 0, 1, 0, 1], "{outputs:?}");
    assert!(told[1].contains(&format!("tls://127.0.0.1:{old} weak: ")), "{outputs:?}");
    assert!(told[3].contains(&format!("tls://127.0.0.1:{old} beast: ")), "{outputs:?}");
    let hops = std::fs::read_to_string(folder.path().join("hops.jsonl")).unwrap();
    let hop: Value = serde_json::from_str(hops.trim()).unwrap();
    assert_eq!((&hop["verdict"], &hop["handshake"]["problem"]), (&"weak".into(), &Value::Null), "{hop}");
}
