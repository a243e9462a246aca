//! Origins behind the gateway: a plain one that shows what it got, and a real nginx.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use super::eventually;

/// An HTTP/1.1 origin in this process that answers by a function of the whole request, one
/// request a connection, and keeps what it got.
#[derive(Debug)]
pub struct Origin {
    pub port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Origin {
    /// Answers each request with these bytes.
    pub fn answering(response: &'static [u8]) -> Self {
        Self::acting(move |stream, _| {
            let _ = stream.write_all(response);
        })
    }

    /// Does as told with each connection, once the request's head is there.
    pub fn acting(act: impl Fn(&mut TcpStream, &str) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, act) = (requests.clone(), Arc::new(act));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, act) = (seen.clone(), act.clone());
                std::thread::spawn(move || {
                    let mut stream = stream;
                    let head = read_head(&mut stream);
                    seen.lock().unwrap().push(head.clone());
                    act(&mut stream, &head);
                });
            }
        });
        Self { port, requests }
    }

    /// The heads of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The next request's head; empty when there is none.
pub fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A real nginx in a folder of its own; killed when dropped.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
}

impl Nginx {
    /// Starts nginx with this inside its `http` block, and waits until `port` answers.
    pub fn start(folder: &Path, http: &str, port: u16) -> Self {
        let here = folder.display();
        let configuration = format!(
            "daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/nginx-error.log;\n\
             events {{ worker_connections 256; }}\n\
             http {{ access_log off; client_body_temp_path {here}/b; proxy_temp_path {here}/p; \
             fastcgi_temp_path {here}/f; uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;\n{http}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, configuration).unwrap();
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&file)
            .arg("-p")
            .arg(folder)
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is needed; `cargo xtask test` installs it");
        eventually("nginx", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { child }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
