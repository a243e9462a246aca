//! Who is told when something happens to a certificate.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use hermetic_hop::{Checked, Transport};
use tempfile::TempDir;

use super::{told, told_of, valid, valid_with};
use crate::{Hook, HookAction, HookEvent, Trust};

/// A program that is there on every machine.
const RUN: &str = "run = [\"/bin/true\", \" as it is \", \"\"]";
const WEBHOOK: &str = "webhook = \"https://hooks.example.com/x?y=1\"";

/// A hook with these lines from line 4 on.
fn hook(lines: &str) -> String {
    format!("[[hook]]\nname = \"pager\"\non = [\"renewal\", \"failure\"]\n{lines}\n")
}

fn valid_hook(lines: &str) -> Hook {
    valid(&hook(lines)).hooks.remove(0)
}

fn told_of_hook(lines: &str) -> Vec<String> {
    told(&hook(lines))
}

#[test]
fn a_program_is_run_with_its_arguments_as_they_are() {
    let hook = valid_hook(RUN);
    assert_eq!(hook.on, [HookEvent::Renewal, HookEvent::Failure]);
    assert_eq!((hook.timeout, hook.retries), (Duration::from_secs(30), 3));
    let HookAction::Run { program, arguments } = hook.action else { panic!() };
    assert_eq!(program.as_os_str(), "/bin/true");
    assert_eq!(arguments, [" as it is ", ""]);
}

#[test]
fn a_webhook_is_verified_without_a_word_about_it() {
    let hook = valid_hook(&format!("{WEBHOOK}\ntimeout = \"5s\"\nretries = 0"));
    assert_eq!((hook.timeout, hook.retries), (Duration::from_secs(5), 0));
    let HookAction::Webhook { url, tls } = hook.action else { panic!() };
    assert_eq!((url.to_string().as_str(), url.target()), ("https://hooks.example.com:443", "/x?y=1"));
    assert!(matches!(tls.trust, Trust::System));
    assert_eq!(tls.name.to_string(), "dns:hooks.example.com");
}

#[test]
fn a_webhook_has_the_tls_that_it_is_given() {
    let tls = "tls = { trust = \"authority\", name = \"spiffe://shop/pager\", identity = \"edge\" }";
    let HookAction::Webhook { tls, .. } = valid_hook(&format!("{WEBHOOK}\n{tls}")).action else { panic!() };
    assert!(matches!(tls.trust, Trust::Authority));
    assert_eq!(tls.name.to_string(), "spiffe://shop/pager");
    assert_eq!(tls.identity.unwrap().party.as_str(), "edge");
}

#[test]
fn a_webhook_is_a_hop_and_a_program_is_none() {
    assert!(valid(&hook(RUN)).hops().is_empty());
    let hops = valid_with(&hook(WEBHOOK)).hops();
    let hop = hops.iter().find(|hop| hop.name.to_string() == "hermetic → pager").unwrap();
    let Some(Transport::Tls(facts)) = &hop.transport else { panic!() };
    assert_eq!((facts.server_checked, facts.client_checked), (Checked::Verified, Checked::NotAsked));
}

#[test]
fn a_flow_may_lead_over_a_webhook() {
    let flow = "[[flow]]\nname = \"alarm\"\npath = [\"hermetic\", \"pager\"]";
    assert!(told_of(&format!("{}{flow}", hook(WEBHOOK))).is_empty());
}

#[test]
fn a_webhook_in_cleartext_is_refused() {
    assert_eq!(
        told_of_hook("webhook = \"http://127.0.0.1:8080/\""),
        ["4:11: a webhook is a hop too, and this one is not `https`; write \"https://…\""]
    );
}

#[test]
fn a_hook_does_one_thing() {
    assert_eq!(told_of_hook(""), ["1:1: this hook has none of `run`, `webhook`; write one of them"]);
    assert_eq!(
        told_of_hook(&format!("{RUN}\n{WEBHOOK}")),
        ["5:1: this hook has both `run` and `webhook`; take one of them out"]
    );
    assert_eq!(
        told_of_hook(&format!("{RUN}\ntls = {{ trust = \"system\" }}")),
        ["5:1: without `webhook`, `tls` has no meaning; take it out"]
    );
}

#[test]
fn a_hook_is_told_of_something_and_of_nothing_twice() {
    let told_on = |on: &str| told(&format!("[[hook]]\nname = \"pager\"\non = {on}\n{RUN}\n"));
    assert_eq!(
        told_on("[]"),
        ["3:6: a hook that is told of nothing does nothing; \
          write what it is told of, such as [\"renewal\", \"failure\"]"]
    );
    assert_eq!(told_on("[\"issue\", \"issue\"]"), ["3:16: `issue` is in the list already; take it out"]);
    assert_eq!(told_on("[\"renewed\"]"), ["3:7: `renewed` is not known here; did you mean \"renewal\"?"]);
}

#[test]
fn a_program_is_named_in_full_and_can_be_run() {
    assert_eq!(
        told_of_hook("run = [\"tell\"]"),
        ["4:8: `tell` is not the whole path of a program; \
          write it from `/` on, such as \"/usr/local/bin/tell\""]
    );
    assert_eq!(
        told_of_hook("run = [\"/no/such\"]"),
        ["4:8: /no/such can't be run: No such file or directory (os error 2); \
          name a program that is there, and that this user may run"]
    );
    assert_eq!(
        told_of_hook("run = []"),
        ["4:7: an empty `run` runs nothing; \
          write the program by its whole path, such as [\"/usr/local/bin/tell\"]"]
    );
    assert_eq!(
        told_of_hook("run = [\"/bin\"]"),
        ["4:8: /bin is no program that this user may run; run: chmod +x /bin"]
    );
}

#[test]
fn a_program_that_anybody_can_change_is_not_run() {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("tell");
    std::fs::write(&program, "#!/bin/sh\n").unwrap();
    let of = |mode| {
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(mode)).unwrap();
        let told = told_of_hook(&format!("run = [\"{}\"]", program.display()));
        told.iter().map(|told| told.replace(&format!("{}/", folder.path().display()), "")).collect::<Vec<_>>()
    };
    assert_eq!(of(0o644), ["4:8: tell is no program that this user may run; run: chmod +x tell"]);
    assert_eq!(of(0o757), ["4:8: everybody on this host can change tell; run: chmod o-w tell"]);
    assert!(of(0o755).is_empty());
}

#[test]
fn a_hook_has_a_name_of_its_own() {
    assert_eq!(
        told(&format!("{}{}", hook(RUN), hook(RUN))),
        ["6:8: a second hook `pager`; the first is in line 2; give each a name of its own"]
    );
    assert_eq!(
        told(&hook(RUN).replace("pager", "store")),
        ["2:8: no hook can be called `store`: that is another party already; choose another name"]
    );
    let listener = "[[listener]]\nname = \"hermetic\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]\n\
                    [[route]]\nlistener = \"hermetic\"\nto = \"app\"";
    assert_eq!(
        told_of(listener),
        ["2:8: no listener can be called `hermetic`: that is who asks the store and calls webhooks; \
          choose another name"]
    );
}
