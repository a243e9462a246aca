//! `proxy_protocol` of a listener: whose word it takes for whom a connection is from.

use schemars::Schema;

use super::table::{Optional, Required, table};
use super::value::{List, Refused, Text};
use super::word;
use crate::model::{Network, NetworkError};

table! {
    /// Who tells a listener, by PROXY protocol of either version, whose connection it passes on. Each
    /// of them must send a header; from nobody else is one read.
    ProxyProtocol in "proxy_protocol" {
        /// Where they connect from: addresses and networks in CIDR notation.
        #[schemars(extend("examples" = [["10.0.0.0/8", "127.0.0.1"]]))]
        from: Required<List<Network>>,
        /// What becomes of connections from elsewhere.
        #[schemars(extend("default" = "refuse"))]
        others: Optional<word::Others>,
    }
}

impl Text for Network {
    const NOUN: &'static str = "an address or network";
    const EXAMPLE: &'static str = "10.0.0.0/8";

    fn read(text: &str) -> Result<Self, Refused> {
        match text.parse::<Self>() {
            // Whoever may tell from where a connection is may tell anything.
            Ok(network) if network.prefix() == 0 => {
                Err(Refused::new(format!("`{text}` would take everybody's word for who they are"))
                    .hint("write the networks that the proxies before this one connect from"))
            }
            Ok(network) => Ok(network),
            Err(NetworkError::Within(network)) => {
                Err(Refused::new(format!("`{text}` is an address with the length of a network"))
                    .hint(format!("write \"{network}\" for the network that it lies in")))
            }
            Err(NetworkError::Malformed) => Err(Refused::new(format!("`{text}` is no address or network"))),
        }
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$".into());
    }
}
