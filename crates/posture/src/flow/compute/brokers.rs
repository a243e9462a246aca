//! Brokers of Amazon MSK in a variable: their ports say what is spoken (MSK's guide, "Port information").

use super::super::connection::Wish;

/// The ports in cleartext: of brokers, and of ZooKeeper; all others are TLS.
const CLEARTEXT: [&str; 2] = ["9092", "2181"];

/// One broker of a list of them, and what its port asks for: the one in cleartext where there is one.
pub struct Broker<'t> {
    /// Its name.
    pub host: &'t str,
    /// What its port asks for.
    pub wish: Wish,
}

/// The broker of a list that is separated by commas; none where it is no list of MSK's brokers.
pub fn of(text: &str) -> Option<Broker<'_>> {
    let brokers: Option<Vec<(&str, &str)>> = text.trim().split(',').map(broker).collect();
    let brokers = brokers?;
    let in_clear = brokers.iter().find(|(_, port)| CLEARTEXT.contains(port));
    let (host, port) = in_clear.or(brokers.first())?;
    let wish = if CLEARTEXT.contains(port) { Wish::Never } else { Wish::Encrypted };
    Some(Broker { host, wish })
}

fn broker(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.trim().split_once(':')?;
    let name = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com")?;
    let mut labels = name.rsplit('.').skip(1);
    let is_msk = matches!(labels.next(), Some("kafka" | "kafka-serverless"));
    (is_msk && port.parse::<u16>().is_ok()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "b-1.orders.abc.c2.kafka.eu-west-1.amazonaws.com";

    #[test]
    fn the_port_of_a_broker_says_what_is_spoken() {
        let ports = [
            ("9092", Wish::Never),
            ("9094", Wish::Encrypted),
            ("9098", Wish::Encrypted),
            ("2181", Wish::Never),
            ("2182", Wish::Encrypted),
        ];
        for (port, wish) in ports {
            let text = format!("{HOST}:{port}");
            let broker = of(&text).unwrap();
            assert_eq!((broker.host, broker.wish), (HOST, wish), "{text}");
        }
    }

    #[test]
    fn one_broker_in_cleartext_is_told_before_all_others() {
        let text = format!("b-2.orders.abc.c2.kafka.eu-west-1.amazonaws.com:9094, {HOST}:9092");
        assert_eq!(of(&text).map(|broker| broker.host), Some(HOST));
    }

    #[test]
    fn what_is_no_list_of_brokers_of_msk_is_passed_over() {
        for text in ["", "kafka.example.com:9092", HOST, "a.kafka.eu-west-1.amazonaws.com:x", "a:1,"] {
            assert!(of(text).is_none(), "{text}");
        }
    }
}
