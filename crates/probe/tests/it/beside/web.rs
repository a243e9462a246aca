//! What real HTTP servers say about their transport.

use hermetic_probe::web::{Plain, Preload, TransportSecurity};

use super::scanned;
use crate::certificates::Authority;
use crate::servers::{Nginx, free_port};

/// nginx with TLS that says this, and this on a port for cleartext.
fn web(authority: &Authority, over_tls: &str, in_cleartext: &str) -> hermetic_probe::web::Web {
    let plain = free_port();
    let issued = authority.issue("shop.test");
    let nginx = Nginx::serving(|port, folder| {
        let (certificate, key) = issued.write(folder);
        format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {}; ssl_certificate_key {}; {over_tls} }}\n\
             server {{ listen 127.0.0.1:{plain}; {in_cleartext} }}",
            certificate.display(),
            key.display()
        )
    });
    let endpoint = format!("https://127.0.0.1:{}", nginx.port);
    let scanned =
        scanned(&endpoint, authority.trust(), "shop.test", |extent| extent.plain_port = Some(plain));
    scanned.beside.unwrap().web.unwrap()
}

#[test]
fn headers_that_concern_transport_are_read() {
    let told = web(
        &Authority::new(),
        "add_header Strict-Transport-Security 'max-age=63072000; includeSubDomains; preload'; \
         add_header Set-Cookie 'id=1; Secure; HttpOnly'; add_header Set-Cookie 'shown=1'; \
         add_header Alt-Svc 'h3=\":443\"; ma=60'; add_header Expect-CT 'max-age=1'; \
         add_header Content-Security-Policy 'upgrade-insecure-requests'; return 200 'x';",
        "return 301 https://$host$request_uri;",
    );
    let preload = Preload::of(&told, &"dns:shop.test".parse().unwrap());
    assert!(preload.is_met(), "{preload:?}");
    let site = told.site.unwrap();
    assert!(site.upgrades_insecure_requests && site.leads_to_cleartext().is_none());
    assert_eq!((site.verified, site.status), (Ok(()), 200));
    assert!(site.server.unwrap().starts_with("nginx"));
    assert_eq!(site.cookies.iter().map(|it| it.secure).collect::<Vec<_>>(), [true, false]);
    assert_eq!(
        (site.alternatives[0].protocol.as_str(), site.abandoned),
        ("h3", vec!["expect-ct".to_owned()])
    );
    match told.plain.unwrap() {
        Plain::LeadsToTls { through, same_host: true } => assert_eq!(through[0].status, 301),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_port_for_cleartext_does_is_told() {
    let authority = Authority::new();
    let of = |plain: &str| {
        let told = web(&authority, "return 204;", plain);
        assert_eq!(told.site.unwrap().transport_security, TransportSecurity::Absent);
        told.plain.unwrap()
    };
    assert_eq!(of("return 200 'x';"), Plain::Serves { through: Vec::new(), status: 200 });
    let detour = "location = / { return 302 /in; } location /in { return 308 https://www.shop.test/; }";
    match of(detour) {
        Plain::LeadsToTls { through, same_host: false } => assert_eq!(through.len(), 2),
        other => panic!("{other:?}"),
    }
    assert!(matches!(of("return 301 http://www.shop.test/;"), Plain::LeadsElsewhere { .. }));
    match of("return 302 /again;") {
        Plain::Circles { through } => assert_eq!(through.len(), 5),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_site_that_leads_from_tls_to_cleartext_is_seen_and_may_not_be_preloaded() {
    let header =
        "add_header Strict-Transport-Security 'max-age=63072000; includeSubDomains; preload' always;";
    let over_tls = format!("{header} return 302 http://$host/in;");
    let told = web(&Authority::new(), &over_tls, "return 200 'x';");
    let preload = Preload::of(&told, &"dns:shop.test".parse().unwrap());
    let expected = [
        "over TLS it leads to cleartext: http://shop.test/in",
        "its port for cleartext answers 200, and leads nobody to TLS",
    ];
    assert_eq!((preload.unmet, preload.untold), (expected.map(str::to_owned).to_vec(), Vec::new()));
}

#[test]
fn a_port_that_is_closed_is_closed() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "");
    let endpoint = format!("https://127.0.0.1:{}", nginx.port);
    let closed = free_port();
    let scanned =
        scanned(&endpoint, authority.trust(), "shop.test", |extent| extent.plain_port = Some(closed));
    assert!(matches!(scanned.beside.unwrap().web.unwrap().plain, Some(Plain::Closed(_))));
}
