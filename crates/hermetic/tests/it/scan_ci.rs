//! The page on scans in CI, typed as it stands there.

use crate::harness::{Nginx, Page, Ports, folder, self_signed, typed_in};

#[test]
fn the_page_on_ci_ends_and_prints_as_it_says() {
    let (folder, ports) = (folder(), Ports::reserve());
    self_signed(folder.path(), "shop", "localhost");
    let (here, port) = (folder.path().display(), ports.nth(1));
    let serve = |tls: &str| {
        let server = format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {here}/shop.pem; ssl_certificate_key \
             {here}/shop.key; ssl_ecdh_curve X25519:prime256v1:secp384r1; {tls} return 204; }}"
        );
        Nginx::start(folder.path(), &server, port)
    };
    let page = Page::how_to("scan-in-ci");
    let endpoint = format!("https://localhost:{port} --trust shop.pem");
    let typed = |with: &str| {
        let command = page.other(with).trim().trim_start_matches("$ ").replace("shop.example.com", &endpoint);
        typed_in(folder.path(), &command).status.code()
    };
    std::fs::write(folder.path().join("house.toml"), page.configuration("name = \"house\"", &[])).unwrap();

    let nginx = serve("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM;");
    for with in [
        "scan shop.example.com\n",
        "--fail-on high\n",
        "junit > scan.xml",
        "html > scan.html",
        "json > known.json",
    ] {
        assert_eq!(typed(with), Some(0), "{with}");
    }
    for (file, begins) in [("scan.xml", "<?xml"), ("scan.html", "<!DOCTYPE html>"), ("known.json", "{")] {
        assert!(std::fs::read_to_string(folder.path().join(file)).unwrap().starts_with(begins), "{file}");
    }
    assert_eq!((typed("--policy house.toml"), typed("--baseline known.json")), (Some(0), Some(0)));

    drop(nginx);
    let _nginx = serve("ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0;");
    for with in
        ["scan shop.example.com\n", "--fail-on high\n", "--policy house.toml", "--baseline known.json"]
    {
        assert_eq!(typed(with), Some(1), "{with}");
    }
}
