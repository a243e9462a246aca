//! Primes of finite-field Diffie-Hellman that many servers share. Sums done once for one of them serve against all
//! who use it, which states are thought to have done for 1024 bits (Logjam, CVE-2015-4000).

use crate::digest::sha256;

/// Where this prime (in network order, without leading zeros) comes from, if it is one that many servers share:
/// an RFC, or the default of a program.
pub fn common_prime(prime: &[u8]) -> Option<&'static str> {
    let digest = sha256(prime).map(|byte| format!("{byte:02x}")).concat();
    COMMON.iter().find(|(_, known)| *known == digest).map(|(name, _)| *name)
}

/// Origin, and SHA-256 of the prime.
static COMMON: [(&str, &str); 20] = [
    ("RFC 2409 group 1", "b52ba6a3026520a6c49d37e4587601801bee500123b3259b6bf03e7cecc3e63d"),
    ("RFC 2409 group 2", "3f35a3f5f6c4376a744acad409bb22f8d897f949d2311d885adaa890981b67a0"),
    ("RFC 3526 group 5", "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b"),
    ("RFC 3526 group 14", "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e"),
    ("RFC 3526 group 15", "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c"),
    ("RFC 3526 group 16", "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33"),
    ("RFC 3526 group 17", "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd"),
    ("RFC 3526 group 18", "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf"),
    ("RFC 5114 group 22", "44c55cfee5c075927cf682da5b681bdecbd5c3eb0784c14f5dce7610f0ef133d"),
    ("RFC 5114 group 23", "bfe545862ca102ad1eeddb5fbfa5bf855ac4995c56a8b408ce3fe099dce93a9d"),
    ("RFC 5114 group 24", "0b7835722cb619827610c2549fdda5587421686c4409a13865e76225522ddcc9"),
    ("RFC 7919 ffdhe2048", "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966"),
    ("RFC 7919 ffdhe3072", "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17"),
    ("RFC 7919 ffdhe4096", "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e"),
    ("RFC 7919 ffdhe6144", "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7"),
    ("RFC 7919 ffdhe8192", "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833"),
    ("Apache 2.2, 512 bits", "db01e702899166da28c9bc7896af62bcdf0c96d0fb341950ba80e68bd51a57ef"),
    ("Apache 2.2, 1024 bits", "bf910d9df4e0b2e76cda7443f592aa118e33ba2c224ebc27fb8978d873c8c2e3"),
    ("nginx before 1.11", "8ae47dca3d24e9b64640062686da234dcabada26b0da6f090c5449c1338d9a11"),
    ("MySQL 5 and MariaDB", "305f7cebce96e6c8a52b698643ba61ac1c388857f3e9282fc8783eb9a8c5e9a8"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prime_of_a_group_is_known_whoever_chose_it() {
        // RFC 2409 section 6.1.
        let oakley = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
                      EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A3620FFFFFFFFFFFFFFFF";
        let mut prime: Vec<u8> = (0..oakley.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&oakley[at..at + 2], 16).unwrap())
            .collect();
        assert_eq!(common_prime(&prime), Some("RFC 2409 group 1"));
        prime[10] ^= 1;
        assert_eq!(common_prime(&prime), None);
    }

    #[test]
    fn no_prime_stands_there_twice() {
        let mut digests: Vec<_> = COMMON.iter().map(|(_, digest)| *digest).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), COMMON.len());
        assert!(digests.iter().all(|digest| digest.len() == 64));
    }
}
