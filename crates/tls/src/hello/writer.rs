//! Writes hellos for the tests, right ones and wrong ones.

/// What goes into a hello; the default is the least that is legal.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) legacy_version: u16,
    pub(crate) random: [u8; 32],
    pub(crate) session_id: Vec<u8>,
    pub(crate) suites: Vec<u16>,
    pub(crate) compression: Vec<u8>,
    /// `None`: the message ends before the block.
    pub(crate) extensions: Option<Vec<(u16, Vec<u8>)>>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            legacy_version: 0x0303,
            random: [7; 32],
            session_id: Vec::new(),
            suites: vec![0x1301],
            compression: vec![0],
            extensions: None,
        }
    }
}

impl Sample {
    pub(crate) fn with(extensions: Vec<(u16, Vec<u8>)>) -> Self {
        Self { extensions: Some(extensions), ..Self::default() }
    }

    /// The handshake message.
    pub(crate) fn message(&self) -> Vec<u8> {
        let mut body = self.legacy_version.to_be_bytes().to_vec();
        body.extend(self.random);
        body.extend(vector8(&self.session_id));
        body.extend(vector16(&numbers(&self.suites)));
        body.extend(vector8(&self.compression));
        if let Some(extensions) = &self.extensions {
            let block: Vec<u8> = extensions
                .iter()
                .flat_map(|(kind, body)| [kind.to_be_bytes().to_vec(), vector16(body)].concat())
                .collect();
            body.extend(vector16(&block));
        }
        handshake(1, &body)
    }

    /// The message in one record, as most clients send it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        record(&self.message())
    }
}

pub(crate) fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

pub(crate) fn record(fragment: &[u8]) -> Vec<u8> {
    [&[22, 3, 1][..], &u16::try_from(fragment.len()).unwrap().to_be_bytes(), fragment].concat()
}

/// The message cut into fragments of these sizes, over and over, each a record.
pub(crate) fn records(mut message: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for &size in sizes.iter().cycle() {
        let (fragment, rest) = message.split_at(size.min(message.len()));
        bytes.extend(record(fragment));
        message = rest;
        if message.is_empty() {
            break;
        }
    }
    bytes
}

pub(crate) fn vector8(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

pub(crate) fn vector16(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

pub(crate) fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

pub(crate) fn server_name(host: &[u8]) -> (u16, Vec<u8>) {
    (0, vector16(&[&[0], vector16(host).as_slice()].concat()))
}

pub(crate) fn groups(groups: &[u16]) -> (u16, Vec<u8>) {
    (10, vector16(&numbers(groups)))
}

pub(crate) fn signature_schemes(schemes: &[u16]) -> (u16, Vec<u8>) {
    (13, vector16(&numbers(schemes)))
}

pub(crate) fn alpn(protocols: &[&[u8]]) -> (u16, Vec<u8>) {
    (16, vector16(&protocols.iter().flat_map(|protocol| vector8(protocol)).collect::<Vec<_>>()))
}

pub(crate) fn versions(versions: &[u16]) -> (u16, Vec<u8>) {
    (43, vector8(&numbers(versions)))
}

pub(crate) fn key_shares(shares: &[(u16, &[u8])]) -> (u16, Vec<u8>) {
    let list = shares.iter().flat_map(|(group, key)| [numbers(&[*group]), vector16(key)].concat());
    (51, vector16(&list.collect::<Vec<_>>()))
}
