//! A strict reader of HTTP/1.1 framing that stands between TLS and the HTTP library.
