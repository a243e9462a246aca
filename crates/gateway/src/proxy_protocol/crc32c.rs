//! CRC32C, the checksum of RFC 4960 appendix B, which version 2 may carry.

/// Castagnoli's polynomial, its bits reversed.
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// The checksum of these parts, one behind the other.
pub(super) fn of(parts: &[&[u8]]) -> u32 {
    let bytes = parts.iter().copied().flatten();
    !bytes.fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| shifted(sum)))
}

fn shifted(sum: u32) -> u32 {
    let shifted = sum >> 1;
    if sum & 1 == 1 { shifted ^ POLYNOMIAL } else { shifted }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_examples_of_the_standard_hold() {
        // RFC 3720 section B.4.
        assert_eq!(of(&[&[0; 32]]), 0x8A91_36AA);
        assert_eq!(of(&[&[0xFF; 32]]), 0x62A8_AB43);
        assert_eq!(of(&[b"1234", b"56789"]), 0xE306_9283);
    }
}
