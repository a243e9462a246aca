//! What holds for every hello and for every other string of bytes.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::writer::{self, Sample, records};
use super::{ClientHello, HelloError, HelloReader, Progress};

/// Feeds `bytes` in segments of these sizes, over and over.
fn read(mut bytes: &[u8], segments: &[usize]) -> Result<Progress, HelloError> {
    let mut reader = HelloReader::new();
    for &size in segments.iter().cycle() {
        let (segment, rest) = bytes.split_at(size.min(bytes.len()));
        let progress = reader.push(segment)?;
        bytes = rest;
        if bytes.is_empty() || progress != Progress::Partial {
            return Ok(progress);
        }
    }
    Ok(Progress::Partial)
}

fn hello(bytes: &[u8], segments: &[usize]) -> ClientHello {
    match read(bytes, segments) {
        Ok(Progress::Complete(hello)) => *hello,
        Ok(Progress::Partial) => panic!("not whole"),
        Err(error) => panic!("{error}"),
    }
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(1..200_usize, 1..8)
}

/// Hellos with the extensions that the reader understands, any of them absent, and unknown ones.
fn samples() -> impl Strategy<Value = Sample> {
    let known = (
        prop::option::of("[a-zA-Z0-9_-]{1,20}(\\.[a-zA-Z0-9-]{1,20}){0,3}"),
        prop::option::of(vec(any::<u16>(), 1..20)),
        prop::option::of(vec(any::<u16>(), 1..20)),
        prop::option::of(vec(vec(any::<u8>(), 1..20), 1..5)),
        prop::option::of(vec(any::<u16>(), 1..10)),
        prop::option::of(vec((any::<u16>(), vec(any::<u8>(), 1..1300)), 0..4)),
    );
    let unknown = btree_map(100..60_000_u16, vec(any::<u8>(), 0..100), 0..6);
    let extensions =
        (known, unknown).prop_map(|((name, groups, schemes, alpn, versions, shares), unknown)| {
            let mut extensions: Vec<_> = unknown.into_iter().collect();
            extensions.extend(name.map(|name| writer::server_name(name.as_bytes())));
            extensions.extend(groups.map(|groups| writer::groups(&groups)));
            extensions.extend(schemes.map(|schemes| writer::signature_schemes(&schemes)));
            extensions
                .extend(alpn.map(|alpn| writer::alpn(&alpn.iter().map(Vec::as_slice).collect::<Vec<_>>())));
            extensions.extend(versions.map(|versions| writer::versions(&versions)));
            extensions.extend(shares.map(|shares| {
                writer::key_shares(
                    &shares.iter().map(|(group, key)| (*group, key.as_slice())).collect::<Vec<_>>(),
                )
            }));
            extensions
        });
    (
        any::<u16>(),
        any::<[u8; 32]>(),
        vec(any::<u8>(), 0..=32),
        vec(any::<u16>(), 1..40),
        vec(any::<u8>(), 1..3),
        prop::option::of(extensions.prop_shuffle()),
    )
        .prop_map(|(legacy_version, random, session_id, suites, compression, extensions)| Sample {
            legacy_version,
            random,
            session_id,
            suites,
            compression,
            extensions,
        })
}

proptest! {
    #[test]
    fn what_was_written_is_read(sample in samples()) {
        let hello = hello(&sample.bytes(), &[usize::MAX]);
        prop_assert!(hello.legacy_version.0 == sample.legacy_version);
        prop_assert_eq!(hello.random, sample.random);
        prop_assert_eq!(hello.session_id, sample.session_id);
        prop_assert!(hello.suites.iter().map(|suite| suite.0).eq(sample.suites));
        prop_assert_eq!(hello.compression, sample.compression);
        let read = hello.extensions.iter().map(|(kind, body)| (*kind, body.to_vec()));
        prop_assert!(read.eq(sample.extensions.unwrap_or_default()));
    }

    #[test]
    fn segments_do_not_matter(sample in samples(), fragments in sizes(), segments in sizes()) {
        let bytes = records(&sample.message(), &fragments);
        prop_assert!(hello(&bytes, &segments) == hello(&bytes, &[usize::MAX]));
    }

    #[test]
    fn records_do_not_matter(sample in samples(), fragments in sizes()) {
        let bytes = records(&sample.message(), &fragments);
        let fragmented = hello(&bytes, &[usize::MAX]);
        prop_assert_eq!(&fragmented.raw, &bytes);
        let whole = hello(&sample.bytes(), &[usize::MAX]);
        let same = ClientHello { raw: whole.raw.clone(), ..fragmented } == whole;
        prop_assert!(same);
    }

    #[test]
    fn a_hello_cut_short_is_never_whole(sample in samples(), fragments in sizes(), cut in any::<prop::sample::Index>()) {
        let bytes = records(&sample.message(), &fragments);
        let cut = cut.index(bytes.len());
        prop_assert!(read(&bytes[..cut], &[usize::MAX]) == Ok(Progress::Partial));
    }

    #[test]
    fn a_hello_with_bytes_changed_gets_one_answer_however_it_is_split(
        sample in samples(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        fragments in sizes(),
        segments in sizes(),
    ) {
        let mut bytes = records(&sample.message(), &fragments);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        prop_assert!(read(&bytes, &segments) == read(&bytes, &[usize::MAX]));
    }

    #[test]
    fn any_bytes_get_one_answer_however_they_are_split(bytes in vec(any::<u8>(), 0..300), segments in sizes()) {
        prop_assert!(read(&bytes, &segments) == read(&bytes, &[usize::MAX]));
    }
}
