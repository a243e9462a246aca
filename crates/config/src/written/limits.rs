//! `limits` of a `[[listener]]`: how much it takes on, in all and from one client.

use std::num::NonZeroU32;
use std::time::Duration;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;
use toml::Spanned;
use toml::de::DeValue;

use super::shown;
use super::table::{self, Optional, Required, table};
use super::value::{Refused, Text, Whole, Written, kind};
use crate::model::{Limits as Held, Rate};
use crate::period::{DAY, HOUR, MINUTE, Period};
use crate::problem::Problems;
use crate::size::{self, Size};

const KIB: u64 = 1 << 10;
const GIB: u64 = 1 << 30;

table! {
    /// How much a listener takes on, in all and from one client: an IPv4 address, or a /64 of IPv6. What
    /// is over is refused at once and cheaply: connections and handshakes are closed, requests get
    /// 429, 503, 431, 413 or 408. Limits without a default are off: behind a NAT or a balancer many people
    /// share an address.
    Limits in "limits" {
        /// Connections at once. More are closed as they are accepted, save where one that has sent no
        /// ClientHello for a second can give way.
        #[schemars(extend("default" = Held::default().connections))]
        connections: Optional<Whole<10_000_000, 10_000>>,
        /// Connections of one client at once.
        #[schemars(extend("examples" = [256]))]
        connections_per_client: Optional<Whole<10_000_000, 256>>,
        /// How fast one client may open connections.
        connection_rate_per_client: Optional<Pace>,
        /// Handshakes under way at once, counted before their first cryptographic operation. More wait in
        /// a short queue, in turn by client. Without it, 1024 for each worker.
        #[schemars(extend("examples" = [1024]))]
        handshakes: Optional<Whole<1_000_000, 1024>>,
        /// Handshakes of one client that wait or are under way at once.
        #[schemars(extend("examples" = [64]))]
        handshakes_per_client: Optional<Whole<1_000_000, 64>>,
        /// Requests in flight at once; more get 503.
        #[schemars(extend("examples" = [2000]))]
        requests: Optional<Whole<10_000_000, 2000>>,
        /// Requests of one client in flight at once; more get 429.
        #[schemars(extend("examples" = [100]))]
        requests_per_client: Optional<Whole<10_000_000, 100>>,
        /// How fast one client may send requests; more get 429.
        request_rate_per_client: Optional<Pace>,
        /// Bytes in the head of a request; a larger one gets 431.
        #[schemars(extend("default" = size::write(Held::default().header_bytes as u64)))]
        header_bytes: Optional<Size<KIB, { 256 * KIB }>>,
        /// Fields in the head of a request; more get 431. The cookies of HTTP/2 count as one.
        #[schemars(extend("default" = Held::default().header_fields))]
        header_fields: Optional<Whole<4096, 100>>,
        /// Bytes in the body of a request; a larger one gets 413.
        #[schemars(extend("examples" = ["10MiB"]))]
        body_bytes: Optional<Size<0, { 1024 * GIB }>>,
        /// How long a body may stand still while one end waits for the other, in either direction.
        #[schemars(extend("default" = shown(Held::default().body_timeout)))]
        body_timeout: Optional<Period<1, DAY>>,
        /// Bytes a second that a client must send of a body whose length it told, and take of a response,
        /// on average over the time that is spent waiting for it; `0B` for none. The first 30 seconds
        /// are free.
        #[schemars(extend("default" = size::write(Held::default().body_rate)))]
        body_rate: Optional<Size<0, GIB>>,
        /// How long a WebSocket, a gRPC or event stream, or a connection of a `tls`, `tcp` or `postgres`
        /// listener may be silent in both directions.
        #[schemars(extend("default" = shown(Held::default().stream_timeout)))]
        stream_timeout: Optional<Period<1, { 30 * DAY }>>,
    }
}

table! {
    /// How fast something may come, and how much of it at once.
    Burst in "rate" {
        /// So many a second, minute or hour.
        rate: Required<PerTime>,
        /// How many may come at once after a quiet time. Without it, as many as the rate says for its
        /// unit.
        #[schemars(extend("examples" = [200]))]
        burst: Optional<Whole<1_000_000, 200>>,
    }
}

/// A number for each second, minute or hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PerTime {
    count: NonZeroU32,
    seconds: u64,
}

/// A rate with its burst: `"100/s"`, or a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace(pub(crate) Rate);

impl PerTime {
    fn with_burst(self, burst: NonZeroU32) -> Pace {
        Pace(Rate { interval: Duration::from_secs(self.seconds) / self.count.get(), burst })
    }
}

impl Text for PerTime {
    const NOUN: &'static str = "a rate";
    const EXAMPLE: &'static str = "100/s";

    fn read(text: &str) -> Result<Self, Refused> {
        let hint = "write a whole number for each second, minute or hour, such as \"100/s\" or \"30/m\"";
        let refused = || Refused::new(format!("`{text}` is not a rate")).hint(hint);
        let (count, unit) = text.split_once('/').ok_or_else(refused)?;
        let seconds = match unit {
            "s" => 1,
            "m" => MINUTE,
            "h" => HOUR,
            _ => return Err(refused()),
        };
        let digits = count.bytes().all(|byte| byte.is_ascii_digit());
        let count = count.parse().ok().filter(|count: &NonZeroU32| digits && count.get() <= 1_000_000);
        Ok(Self { count: count.ok_or_else(refused)?, seconds })
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), json!("^[0-9]{1,7}/[smh]$"));
    }
}

impl Written for Pace {
    fn noun() -> String {
        PerTime::NOUN.to_owned()
    }

    fn example() -> String {
        format!("\"{}\"", PerTime::EXAMPLE)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let (text, table) = (PerTime::schema(generator), generator.subschema_for::<Burst>());
        json_schema!({ "anyOf": [text, table], "examples": [PerTime::EXAMPLE] })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let at = value.span().start;
        match value.get_ref() {
            DeValue::String(_) => {
                let rate = PerTime::decode(value, label, problems)?;
                Some(rate.with_burst(rate.count))
            }
            DeValue::Table(table) => {
                let written: Burst = table::read(table, at, problems);
                let rate = written.rate.written()?.value;
                let burst = written.burst.if_any()?.and_then(|burst| NonZeroU32::try_from(burst.0).ok());
                Some(rate.with_burst(burst.unwrap_or(rate.count)))
            }
            other => {
                let message = format!("{label} must be a rate, not {}", kind(other));
                problems.tell(at, message, "write \"100/s\", or `{ rate = \"100/s\", burst = 200 }`");
                None
            }
        }
    }
}

impl<const LEAST: u64, const MOST: u64> Written for Size<LEAST, MOST> {
    fn noun() -> String {
        format!("a number of bytes from {} to {}", size::write(LEAST), size::write(MOST))
    }

    fn example() -> String {
        format!("\"{}\"", size::write((64 * KIB).clamp(LEAST, MOST)))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": format!("bytes from {} to {}", size::write(LEAST), size::write(MOST)),
            "anyOf": [
                { "type": "integer", "minimum": LEAST, "maximum": MOST },
                { "type": "string", "pattern": "^[0-9]+ ?(B|KB|KiB|MB|MiB|GB|GiB)$" },
            ],
        })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let (read, written) = match value.get_ref() {
            DeValue::Integer(integer) => {
                (u64::from_str_radix(integer.as_str(), integer.radix()).ok(), integer.to_string())
            }
            DeValue::String(text) => (size::read(text), format!("`{text}`")),
            other => {
                let message = format!("{label} must be a number of bytes, not {}", kind(other));
                problems.tell(value.span().start, message, format!("write {}", Self::example()));
                return None;
            }
        };
        let within = read.filter(|bytes| (LEAST..=MOST).contains(bytes));
        if within.is_none() {
            let hint = format!("write {}, such as {}", Self::noun(), Self::example());
            problems.tell(value.span().start, format!("{label} can't be {written}"), hint);
        }
        within.map(Self)
    }
}
