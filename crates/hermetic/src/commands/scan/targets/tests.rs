use std::fmt::Write as _;
use std::io::Cursor;

use hermetic_tls::{SecurityPolicy, TrustAnchors};

use super::*;

fn given() -> Arc<Given> {
    let root = rcgen_root();
    Arc::new(Given {
        expected: None,
        trust: TrustAnchors::from_pem(&root).unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        extent: None,
    })
}

/// A root that nothing is verified by here.
fn rcgen_root() -> String {
    include_str!("root.pem").to_owned()
}

/// Targets as they are written, and complaints with their place.
fn read(text: &[u8]) -> Vec<Result<String, String>> {
    let lines = Lines::new("list", Cursor::new(text.to_vec()), given());
    let told = |next: Next| match next {
        Ok(named) => Ok(named.target.endpoint.to_string()),
        Err(failure) => Err(serde_json::to_string(&failure).unwrap()),
    };
    lines.map(told).collect()
}

#[test]
fn a_list_has_a_target_a_line_and_comments() {
    let text = b"\xef\xbb\xbfexample.com\n\n# a comment\n  db:5432   # ours\r\n10.0.0.0/31:8443\nsmtp://mail";
    let expected = [
        "https://example.com:443",
        "postgres://db:5432",
        "https://10.0.0.0:8443",
        "https://10.0.0.1:8443",
        "smtp://mail:25",
    ];
    assert_eq!(read(text), expected.map(|it| Ok(it.to_owned())));
}

#[test]
fn a_line_of_nonsense_is_named_and_the_rest_is_read() {
    let mut text = b"one.test\nwhat is this\n\xff\xfe\x00\n10.0.0.0/8\n".to_vec();
    text.extend(vec![b'x'; 200_000]);
    text.extend(b"\ntwo.test\n");
    let read = read(&text);
    assert_eq!(read.first().unwrap().as_deref(), Ok("https://one.test:443"));
    assert_eq!(read.last().unwrap().as_deref(), Ok("https://two.test:443"));
    for (place, line) in [(1, 2), (2, 3), (3, 4), (4, 5)] {
        let told = read[place].as_ref().unwrap_err();
        assert!(told.contains(&format!("list:{line}\"")), "{told}");
    }
    assert_eq!(read.len(), 6);
}

#[test]
fn what_stands_in_lists_more_than_once_comes_once_and_complaints_all_come() {
    let known = Known::default();
    let read = |text: &'static [u8]| {
        let lines = Lines::new("list", Cursor::new(text), given());
        known.without(Box::new(lines)).map(|next| next.map(|it| it.target.endpoint.to_string()).ok())
    };
    let first: Vec<_> = read(b"a.test\nA.test:443\nhttps://a.test/cart\nb.test\na b\na b\n").collect();
    let of = |name: &str| Some(format!("https://{name}:443"));
    assert_eq!(first, [of("a.test"), of("b.test"), None, None]);
    assert_eq!(read(b"b.test\nc.test\n").collect::<Vec<_>>(), [of("c.test")]);
}

#[test]
fn a_range_is_not_expanded_before_it_is_asked_for() {
    let mut text = String::new();
    (0..1000).for_each(|net| writeln!(text, "10.{}.0.0/16", net % 256).unwrap());
    let lines = Lines::new("list", Cursor::new(text.into_bytes()), given());
    assert_eq!(lines.take(10).filter(Result::is_ok).count(), 10);
}

#[tokio::test]
async fn a_configuration_s_listeners_upstreams_and_far_ends_are_targets() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".hermetic")).unwrap();
    std::fs::write(folder.path().join(".hermetic/ca.pem"), rcgen_root()).unwrap();
    let path = folder.path().join("hermetic.toml");
    let text = r#"
[[listener]]
name = "edge"
bind = "0.0.0.0:8443"
names = ["*.example.com"]
[[listener]]
name = "plain"
bind = "0.0.0.0:8080"
protocol = "http"
redirect = "edge"
[[route]]
listener = "edge"
to = "app"
[[upstream]]
name = "app"
endpoints = ["10.0.1.5:8443", "10.0.1.6:8443"]
tls = { trust = "authority", name = "app.internal" }
[[hop]]
from = "app"
to = "db"
endpoint = "postgres://db.internal:5432"
tls = { trust = "authority" }
evidence = ["probe"]
"#;
    std::fs::write(&path, text).unwrap();
    let targets = configuration::targets(&path, &given()).await.unwrap();
    let told = targets.map(|next| {
        let Named { target, hop } = next.unwrap();
        format!("{} as {} for {}", target.endpoint, target.expected, hop.unwrap().name)
    });
    let expected = [
        "https://127.0.0.1:8443 as dns:www.example.com for client → edge",
        "https://10.0.1.5:8443 as dns:app.internal for edge → app",
        "https://10.0.1.6:8443 as dns:app.internal for edge → app",
        "postgres://db.internal:5432 as dns:db.internal for app → db",
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}
