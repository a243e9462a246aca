//! Key-exchange groups.

/// A key-exchange group, by its number on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NamedGroup(pub u16);

impl NamedGroup {
    /// NIST P-256.
    pub const SECP256R1: Self = Self(0x0017);
    /// NIST P-384.
    pub const SECP384R1: Self = Self(0x0018);
    /// NIST P-521.
    pub const SECP521R1: Self = Self(0x0019);
    /// X25519.
    pub const X25519: Self = Self(0x001D);
    /// ML-KEM-1024 alone, as CNSA 2.0 wants it.
    pub const MLKEM1024: Self = Self(0x0202);
    /// P-256 with ML-KEM-768.
    pub const SECP256R1MLKEM768: Self = Self(0x11EB);
    /// X25519 with ML-KEM-768, the post-quantum hybrid that browsers offer.
    pub const X25519MLKEM768: Self = Self(0x11EC);
    /// P-384 with ML-KEM-1024.
    pub const SECP384R1MLKEM1024: Self = Self(0x11ED);

    /// The registry's name; X25519 in capitals as people write it.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name)
    }

    /// The group of a name, aliases such as `P-256` and `prime256v1` included; case does not count.
    pub fn from_name(name: &str) -> Option<Self> {
        let names = GROUPS.iter().map(|row| (row.name, Self(row.number))).chain(ALIASES);
        names.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, group)| group)
    }

    /// Whether a quantum computer could not undo the exchange later: ML-KEM alone or in a hybrid, or one
    /// of the experiments before it.
    pub fn is_post_quantum(self) -> bool {
        self.row().is_some_and(|row| row.post_quantum)
    }

    /// How many bits of security the exchange has, against classical computers; `None` where the group itself
    /// does not tell.
    pub fn security_bits(self) -> Option<u16> {
        self.row().map(|row| row.bits).filter(|bits| *bits > 0)
    }

    /// Whether TLS 1.3 exchanges keys by it (RFC 8446 section 4.2.7). Strict servers refuse hellos of TLS 1.3
    /// that name others.
    pub fn is_of_tls13(self) -> bool {
        self.row().is_some() && !matches!(self.0, 0x0001..=0x0016 | 0x001A..=0x001C | 0xFF01..)
    }

    /// All that are known, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        GROUPS.iter().map(|row| Self(row.number))
    }

    fn row(self) -> Option<&'static Row> {
        let found = GROUPS.binary_search_by_key(&self.0, |row| row.number).ok()?;
        GROUPS.get(found)
    }
}

super::text::text_of_wire_number!(NamedGroup, Group);

/// What else people call a group: NIST's names, those of X9.62 and OpenSSL, and FIPS 203's spelling.
const ALIASES: [(&str, NamedGroup); 10] = [
    ("P-256", NamedGroup::SECP256R1),
    ("P256", NamedGroup::SECP256R1),
    ("prime256v1", NamedGroup::SECP256R1),
    ("P-384", NamedGroup::SECP384R1),
    ("P384", NamedGroup::SECP384R1),
    ("P-521", NamedGroup::SECP521R1),
    ("P521", NamedGroup::SECP521R1),
    ("ML-KEM-512", NamedGroup(0x0200)),
    ("ML-KEM-768", NamedGroup(0x0201)),
    ("ML-KEM-1024", NamedGroup::MLKEM1024),
];

struct Row {
    number: u16,
    name: &'static str,
    bits: u16,
    post_quantum: bool,
}

const fn classical(number: u16, name: &'static str, bits: u16) -> Row {
    Row { number, name, bits, post_quantum: false }
}

const fn post_quantum(number: u16, name: &'static str, bits: u16) -> Row {
    Row { number, name, bits, post_quantum: true }
}

/// The registry of groups and the experiments that never entered it, sorted by number.
static GROUPS: [Row; 60] = [
    classical(0x0001, "sect163k1", 80),
    classical(0x0002, "sect163r1", 80),
    classical(0x0003, "sect163r2", 80),
    classical(0x0004, "sect193r1", 96),
    classical(0x0005, "sect193r2", 96),
    classical(0x0006, "sect233k1", 112),
    classical(0x0007, "sect233r1", 112),
    classical(0x0008, "sect239k1", 115),
    classical(0x0009, "sect283k1", 128),
    classical(0x000A, "sect283r1", 128),
    classical(0x000B, "sect409k1", 192),
    classical(0x000C, "sect409r1", 192),
    classical(0x000D, "sect571k1", 256),
    classical(0x000E, "sect571r1", 256),
    classical(0x000F, "secp160k1", 80),
    classical(0x0010, "secp160r1", 80),
    classical(0x0011, "secp160r2", 80),
    classical(0x0012, "secp192k1", 96),
    classical(0x0013, "secp192r1", 96),
    classical(0x0014, "secp224k1", 112),
    classical(0x0015, "secp224r1", 112),
    classical(0x0016, "secp256k1", 128),
    classical(0x0017, "secp256r1", 128),
    classical(0x0018, "secp384r1", 192),
    classical(0x0019, "secp521r1", 256),
    classical(0x001A, "brainpoolP256r1", 128),
    classical(0x001B, "brainpoolP384r1", 192),
    classical(0x001C, "brainpoolP512r1", 256),
    classical(0x001D, "X25519", 128),
    classical(0x001E, "x448", 224),
    classical(0x001F, "brainpoolP256r1tls13", 128),
    classical(0x0020, "brainpoolP384r1tls13", 192),
    classical(0x0021, "brainpoolP512r1tls13", 256),
    classical(0x0022, "GC256A", 128),
    classical(0x0023, "GC256B", 128),
    classical(0x0024, "GC256C", 128),
    classical(0x0025, "GC256D", 128),
    classical(0x0026, "GC512A", 256),
    classical(0x0027, "GC512B", 256),
    classical(0x0028, "GC512C", 256),
    classical(0x0029, "curveSM2", 128),
    classical(0x0100, "ffdhe2048", 112),
    classical(0x0101, "ffdhe3072", 128),
    classical(0x0102, "ffdhe4096", 152),
    classical(0x0103, "ffdhe6144", 176),
    classical(0x0104, "ffdhe8192", 200),
    post_quantum(0x0200, "MLKEM512", 128),
    post_quantum(0x0201, "MLKEM768", 192),
    post_quantum(0x0202, "MLKEM1024", 256),
    post_quantum(0x11EB, "SecP256r1MLKEM768", 192),
    post_quantum(0x11EC, "X25519MLKEM768", 192),
    post_quantum(0x11ED, "SecP384r1MLKEM1024", 256),
    post_quantum(0x11EE, "curveSM2MLKEM768", 192),
    post_quantum(0x4138, "CECPQ2", 128),
    post_quantum(0x6399, "X25519Kyber768Draft00", 192),
    post_quantum(0x639A, "SecP256r1Kyber768Draft00", 192),
    post_quantum(0xFE30, "X25519Kyber512Draft00", 128),
    post_quantum(0xFE31, "X25519Kyber768Draft00Old", 192),
    classical(0xFF01, "arbitrary_explicit_prime_curves", 0),
    classical(0xFF02, "arbitrary_explicit_char2_curves", 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_read_by_any_of_its_names_in_any_case() {
        for text in ["secp256r1", "P-256", "p256", "prime256v1", "PRIME256V1", "0x0017"] {
            assert_eq!(text.parse(), Ok(NamedGroup::SECP256R1), "{text}");
        }
        assert_eq!("x25519".parse(), Ok(NamedGroup::X25519));
        assert_eq!("x25519mlkem768".parse(), Ok(NamedGroup::X25519MLKEM768));
        assert!("P-257".parse::<NamedGroup>().is_err());
    }

    #[test]
    fn names_show_as_the_registry_writes_them_but_x25519_in_capitals() {
        let groups = [
            NamedGroup::X25519,
            NamedGroup::SECP256R1,
            NamedGroup::X25519MLKEM768,
            NamedGroup::SECP256R1MLKEM768,
            NamedGroup::SECP384R1MLKEM1024,
        ];
        let shown = groups.map(|group| group.to_string());
        let names = ["X25519", "secp256r1", "X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"];
        assert_eq!(shown, names);
    }

    #[test]
    fn the_rows_are_in_the_order_that_the_look_up_relies_on() {
        assert!(GROUPS.is_sorted_by(|a, b| a.number < b.number));
    }

    #[test]
    fn only_exchanges_with_a_post_quantum_part_count_as_such() {
        assert!(NamedGroup::X25519MLKEM768.is_post_quantum());
        assert!(NamedGroup::MLKEM1024.is_post_quantum());
        assert!(!NamedGroup::X25519.is_post_quantum());
        assert!(!NamedGroup(0x1234).is_post_quantum());
    }
}
