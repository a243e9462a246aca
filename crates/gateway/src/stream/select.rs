//! Select: which way a stream goes, by the hello that it begins with. The first route that takes it.

use hermetic_tls::{Alert, ClientHello, Refusal};

use crate::route::takes_host;
use crate::snapshot::StreamRouteSnapshot;

/// The first route that takes this hello. A hello whose name is encrypted (RFC 9849) is taken by the name
/// that it shows in clear, which its server published for that.
pub(super) fn route<'a>(
    routes: &'a [StreamRouteSnapshot],
    hello: &ClientHello,
) -> Result<&'a StreamRouteSnapshot, Refusal> {
    let name = hello.server_name.as_deref();
    let mut of_name = routes.iter().filter(|route| takes_name(route, name)).peekable();
    if of_name.peek().is_none() {
        let reason = match name {
            Some(name) => format!("no route takes the server name `{name}`"),
            None => "no route takes a hello without a server name".to_owned(),
        };
        return Err(Refusal { alert: Alert::UnrecognizedName, reason });
    }
    of_name.find(|route| takes_protocols(route, hello)).ok_or_else(|| {
        let offered: Vec<_> = hello.alpn.iter().map(|name| String::from_utf8_lossy(name)).collect();
        let reason = match offered.as_slice() {
            [] => "no route takes a hello without application protocols".to_owned(),
            offered => format!("no route takes the application protocols {}", offered.join(", ")),
        };
        Refusal { alert: Alert::NoApplicationProtocol, reason }
    })
}

/// Whether it takes hellos with this server name, or without one.
pub(super) fn takes_name(route: &StreamRouteSnapshot, name: Option<&str>) -> bool {
    match (&route.server_name, name) {
        (None, _) => true,
        (Some(pattern), Some(name)) => takes_host(pattern, name),
        (Some(_), None) => false,
    }
}

fn takes_protocols(route: &StreamRouteSnapshot, hello: &ClientHello) -> bool {
    route.alpn.is_empty()
        || hello.alpn.iter().any(|offered| route.alpn.iter().any(|name| name.as_bytes() == *offered))
}
