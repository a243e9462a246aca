//! One text form for every parameter: the name, or the number on the wire where it has none.

/// Gives a newtype over a wire number its text: `Display` and `Debug`, `FromStr`, and serde as that text.
///
/// The type has `name` and `from_name`; `$error` is the variant of `ParameterError` for text that is
/// neither a name nor a number.
macro_rules! text_of_wire_number {
    ($type:ident, $error:ident) => {
        impl $type {
            /// Whether it is one of the values that mean nothing and are to be ignored (GREASE, RFC 8701).
            pub const fn is_grease(self) -> bool {
                crate::parameters::is_grease(self.0)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => f.pad(&format!("0x{:04X}", self.0)),
                }
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::parameters::ParameterError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::from_name(text)
                    .or_else(|| crate::parameters::text::wire_number(text).map(Self))
                    .ok_or_else(|| Self::Err::$error(text.to_owned()))
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use text_of_wire_number;

/// The number that `0x1301` writes. A sign, which `from_str_radix` would take, is none of it.
pub(super) fn wire_number(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{CipherSuite, NamedGroup, ParameterError, ProtocolVersion};

    proptest! {
        #[test]
        fn every_number_reads_back_from_its_own_text(number: u16) {
            prop_assert_eq!(ProtocolVersion(number).to_string().parse(), Ok(ProtocolVersion(number)));
            prop_assert_eq!(CipherSuite(number).to_string().parse(), Ok(CipherSuite(number)));
            prop_assert_eq!(NamedGroup(number).to_string().parse(), Ok(NamedGroup(number)));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text: String) {
            let _ = (text.parse::<ProtocolVersion>(), text.parse::<CipherSuite>(), text.parse::<NamedGroup>());
        }
    }

    #[test]
    fn a_number_without_a_name_shows_as_four_hexadecimal_digits() {
        assert_eq!(CipherSuite(0x1234).to_string(), "0x1234");
        assert_eq!(format!("{:?}", NamedGroup(0x0abc)), "0x0ABC");
    }

    #[test]
    fn names_take_part_in_the_alignment_of_tables() {
        assert_eq!(format!("[{:<8}]", ProtocolVersion::TLS1_3), "[TLSv1.3 ]");
        assert_eq!(format!("[{:>8}]", CipherSuite(0x1234)), "[  0x1234]");
    }

    #[test]
    fn what_only_looks_like_a_number_is_refused() {
        for text in ["0x", "0x+130", "0x-1", "0x13010", "1301", "x1301", ""] {
            assert_eq!(text.parse::<CipherSuite>(), Err(ParameterError::Suite(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn exactly_sixteen_values_are_grease() {
        let grease: Vec<u16> = (0..=u16::MAX).filter(|&number| CipherSuite(number).is_grease()).collect();
        assert_eq!(grease.len(), 16);
        assert_eq!(grease.first(), Some(&0x0A0A));
        assert_eq!(grease.last(), Some(&0xFAFA));
        assert!(
            grease
                .iter()
                .all(|&number| NamedGroup(number).is_grease() && ProtocolVersion(number).is_grease())
        );
        assert!(grease.iter().all(|&number| CipherSuite(number).name().is_none()));
    }

    #[test]
    fn serde_writes_and_reads_the_text() {
        let json = serde_json::to_string(&(ProtocolVersion::TLS1_3, CipherSuite(0x1301), NamedGroup::X25519));
        assert_eq!(json.unwrap(), r#"["TLSv1.3","TLS_AES_128_GCM_SHA256","X25519"]"#);
        let read: (ProtocolVersion, CipherSuite, NamedGroup) =
            serde_json::from_str(r#"["1.2","ECDHE-RSA-AES128-GCM-SHA256","p-256"]"#).unwrap();
        assert_eq!(read, (ProtocolVersion::TLS1_2, CipherSuite(0xC02F), NamedGroup::SECP256R1));
        let error = serde_json::from_str::<ProtocolVersion>(r#""1.4""#).unwrap_err();
        assert!(error.to_string().contains("`1.4` is not a protocol version"), "{error}");
    }
}
