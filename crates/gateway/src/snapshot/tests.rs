use std::path::Path;

use hermetic_tls::{Chain, Credential, PrivateKey, SystemClock, SystemRandomness};

use super::*;

/// Two doors on this host that lead to two upstreams.
const TWO: &str = r#"
[[listener]]
name = "one"
bind = "127.0.0.1:1001"
protocol = "tcp"
[[route]]
listener = "one"
to = "first"
[[listener]]
name = "two"
bind = "127.0.0.1:1002"
protocol = "tcp"
[[route]]
listener = "two"
to = "second"
[[upstream]]
name = "first"
endpoints = ["127.0.0.1:2001"]
[[upstream]]
name = "second"
endpoints = ["127.0.0.1:2002"]
"#;

struct World {
    credentials: Credentials,
    clock: Arc<dyn Clock>,
}

impl World {
    fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let credentials = Credentials {
            anchors: TrustAnchors::from_pem(include_str!("../live/client.pem")).unwrap(),
            listeners: HashMap::new(),
            stored: HashMap::new(),
            identities: HashMap::new(),
            revoked: RevokedCertificates::default(),
            tickets: TicketKeys::generate(clock.clone(), Arc::new(SystemRandomness::default())).unwrap(),
            mock_secret: MockSecret::new(Zeroizing::new([7; 32])),
            randomness: Arc::new(SystemRandomness::default()),
        };
        Self { credentials, clock }
    }

    /// The same where the system believes this certificate alone.
    fn build_by(&self, system: &str, before: Option<&Snapshot>, text: &str) -> Snapshot {
        let configuration = hermetic_config::parse(text, Path::new("hermetic.toml"), &*self.clock).unwrap();
        let system = SystemRoots(OnceCell::from(TrustAnchors::from_pem(system)));
        Snapshot::built(Builder {
            configuration: &configuration,
            credentials: &self.credentials,
            clock: &self.clock,
            flows: Arc::default(),
            before,
            key_update_after: KEY_UPDATE_AFTER,
            system,
        })
        .unwrap()
    }

    fn build(&self, before: Option<&Snapshot>, text: &str) -> Snapshot {
        let configuration = hermetic_config::parse(text, Path::new("hermetic.toml"), &*self.clock).unwrap();
        Snapshot::build_after(before, &configuration, &self.credentials, &self.clock).unwrap()
    }

    /// What becomes of the listeners when `TWO` gives way to this.
    fn changes(&self, text: &str) -> (Changes, Snapshot, Snapshot) {
        let before = self.build(None, TWO);
        let after = self.build(Some(&before), text);
        (after.succeed(&before, Default::default()), before, after)
    }
}

fn names(names: &[PartyName]) -> Vec<&str> {
    names.iter().map(PartyName::as_str).collect()
}

fn listener<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Arc<ListenerSnapshot> {
    snapshot.listeners.values().find(|listener| listener.name.as_str() == name).unwrap()
}

#[test]
fn the_same_configuration_changes_nothing() {
    let (changes, before, after) = World::new().changes(TWO);
    assert_eq!(names(&changes.kept), ["one", "two"]);
    assert!(Arc::ptr_eq(listener(&before, "one"), listener(&after, "one")));
}

#[test]
fn a_listener_is_another_where_its_upstream_is_and_its_neighbour_stays() {
    let (changes, before, after) = World::new().changes(&TWO.replace("2002", "2003"));
    assert_eq!((names(&changes.changed), names(&changes.kept)), (vec!["two"], vec!["one"]));
    assert!(Arc::ptr_eq(listener(&before, "one"), listener(&after, "one")));
    assert!(!Arc::ptr_eq(listener(&before, "two"), listener(&after, "two")));
}

#[test]
fn the_connections_to_an_upstream_outlive_a_change_of_the_listener_before_it() {
    let changed = TWO.replace("name = \"two\"\n", "name = \"two\"\nidle_timeout = \"7s\"\n");
    let (changes, before, after) = World::new().changes(&changed);
    assert_eq!(names(&changes.changed), ["two"]);
    let hop = |snapshot| listener(snapshot, "two").hops().into_iter().next().unwrap().clone();
    assert!(Arc::ptr_eq(&hop(&before), &hop(&after)));
}

#[test]
fn a_listener_that_is_called_otherwise_keeps_its_socket() {
    let (changes, before, after) = World::new().changes(&TWO.replace("\"two\"", "\"zwei\""));
    assert_eq!((names(&changes.added), names(&changes.removed)), (vec!["zwei"], vec!["two"]));
    assert!(after.binds_gone_since(&before).is_empty());
}

#[test]
fn a_listener_that_is_gone_gives_up_its_place() {
    let (changes, before, after) = World::new().changes(&TWO.replace("1002", "1003"));
    assert_eq!(names(&changes.changed), ["two"]);
    let gone = after.binds_gone_since(&before);
    assert_eq!(gone.iter().map(|bind| bind.address.port()).collect::<Vec<_>>(), [1002]);
}

#[test]
fn a_new_flow_touches_no_listener_that_shows_none() {
    let flow = "[[flow]]\nname = \"shop\"\npath = [\"client\", \"one\", \"first\"]\n";
    let (changes, ..) = World::new().changes(&(TWO.to_owned() + flow));
    assert_eq!(names(&changes.kept), ["one", "two"]);
}

#[test]
fn a_root_that_the_system_believes_no_more_is_not_believed_after_a_reload() {
    let root = || rcgen::generate_simple_self_signed(vec!["root.test".to_owned()]).unwrap().cert.pem();
    let (old, new) = (root(), root());
    let text = TWO.replace("[\"127.0.0.1:2002\"]", "[\"shop.test:2002\"]\ntls = { trust = \"system\" }");
    let world = World::new();
    let before = world.build_by(&old, None, &text);
    let same = world.build_by(&old, Some(&before), &text);
    assert!(Arc::ptr_eq(listener(&before, "two"), listener(&same, "two")));
    let after = world.build_by(&new, Some(&before), &text);
    let hop = |snapshot| listener(snapshot, "two").hops().into_iter().next().unwrap().clone();
    assert!(!Arc::ptr_eq(&hop(&before), &hop(&after)), "its sessions and connections rest on the old root");
    assert!(Arc::ptr_eq(listener(&before, "one"), listener(&after, "one")));
}

#[test]
fn a_root_that_the_authority_has_published_is_believed_by_what_believes_the_authority_alone() {
    let root = rcgen::generate_simple_self_signed(vec!["root.test".to_owned()]).unwrap().cert.pem();
    let text = TWO.replace("[\"127.0.0.1:2002\"]", "[\"shop.test:2002\"]\ntls = { trust = \"authority\" }");
    let mut world = World::new();
    let before = world.build(None, &text);
    let same = world.build(Some(&before), &text);
    assert!(Arc::ptr_eq(listener(&before, "two"), listener(&same, "two")));
    let both = include_str!("../live/client.pem").to_owned() + &root;
    world.credentials.anchors = TrustAnchors::from_pem(&both).unwrap();
    let after = world.build(Some(&before), &text);
    assert!(!Arc::ptr_eq(listener(&before, "two"), listener(&after, "two")));
    assert!(Arc::ptr_eq(listener(&before, "one"), listener(&after, "one")));
}

/// A door whose certificate is in the store.
const STORED: &str = r#"
[[listener]]
name = "shop"
bind = "127.0.0.1:1001"
certificate = { stored = "shop.test" }
[[route]]
listener = "shop"
to = "app"
[[upstream]]
name = "app"
endpoints = ["127.0.0.1:2001"]
"#;

#[test]
fn a_listener_whose_certificate_is_not_in_the_store_is_told() {
    let world = World::new();
    let configuration = hermetic_config::parse(STORED, Path::new("hermetic.toml"), &*world.clock).unwrap();
    let built = Snapshot::build_after(None, &configuration, &world.credentials, &world.clock);
    let told = built.unwrap_err().to_string();
    assert!(
        told.starts_with("shop: no valid certificate in the store is `dns:shop.test`; bring it"),
        "{told}"
    );
}

#[test]
fn a_listener_is_another_where_another_certificate_of_the_store_is_its() {
    let handle = || {
        let made = rcgen::generate_simple_self_signed(vec!["shop.test".to_owned()]).unwrap();
        let chain = Chain::from_pem(&made.cert.pem()).unwrap();
        let key = PrivateKey::from_pem(&made.signing_key.serialize_pem()).unwrap();
        CredentialHandle::new(Credential::new(chain, key).unwrap())
    };
    let mut world = World::new();
    world.credentials.stored.insert("shop.test".parse().unwrap(), handle());
    let before = world.build(None, STORED);
    let same = world.build(Some(&before), STORED);
    assert!(Arc::ptr_eq(listener(&before, "shop"), listener(&same, "shop")));
    world.credentials.stored.insert("shop.test".parse().unwrap(), handle());
    let after = world.build(Some(&before), STORED);
    assert!(!Arc::ptr_eq(listener(&before, "shop"), listener(&after, "shop")));
}
