//! Servers that nobody vouches for: what is said of them, and what makes them trusted.

use crate::served::{Ended, Served, Start};

fn run(served: &Served, words: &[&str], variables: &[(&str, &str)]) -> Ended {
    served.command(words).envs(variables.iter().copied()).output().unwrap().into()
}

#[test]
fn an_unknown_certificate_is_refused_with_what_to_pin() {
    let served = Served::start(&Start { has_tls: true, ..Start::default() });
    let thumbprint = served.thumbprint.clone().unwrap();
    let refused = served.run(&["ls"]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(8), ""), "{refused:?}");
    assert!(refused.err.contains("127.0.0.1"), "{refused:?}");
    let (_, hint) = refused.err.split_once("hint: ").unwrap();
    let pin = hint.trim().rsplit(' ').next().unwrap();
    assert_eq!(pin.replace(':', "").to_lowercase(), thumbprint.replace(':', "").to_lowercase());

    // What was printed is what pins it, for calls and for bytes.
    served.folder.file("disk.iso", 100_000);
    let made = run(&served, &["mk", "images", "--datastore", "datastore-1", "--thumbprint", pin], &[]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let sent = run(&served, &["upload", "images", "disk.iso", "--thumbprint", pin], &[]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let fetched = run(&served, &["download", "images/disk", "--thumbprint", pin], &[]);
    assert_eq!(fetched.code, Some(0), "{fetched:?}");

    // Another is refused, and the one that came is named.
    let other = format!("{}00", "00:".repeat(31));
    let refused = run(&served, &["ls", "--thumbprint", &other], &[]);
    assert!(refused.code == Some(8) && refused.err.contains(pin), "{refused:?}");
    let wrong = run(&served, &["ls", "--thumbprint", "no thumbprint"], &[]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn a_pin_is_kept_with_the_login() {
    let served = Served::start(&Start { has_tls: true, ..Start::default() });
    let pin = served.thumbprint.clone().unwrap();
    let logged_in = served.run(&["login", "--thumbprint", &pin]);
    assert_eq!(logged_in.code, Some(0), "{logged_in:?}");
    let listed = Ended::from(served.nobodys(&["ls"]).output().unwrap());
    assert_eq!(listed.code, Some(0), "{listed:?}");
}

#[test]
fn govcs_variable_believes_everybody() {
    let served = Served::start(&Start { has_tls: true, ..Start::default() });
    for (value, code) in [("1", 0), ("true", 0), ("0", 8), ("", 8)] {
        let ended = run(&served, &["ls"], &[("GOVC_INSECURE", value)]);
        assert_eq!(ended.code, Some(code), "{value:?} {ended:?}");
    }
}

#[test]
fn a_server_without_tls_is_recognised() {
    let served = Served::start(&Start::default());
    let url = format!("https://{}", served.address);
    let ended = run(&served, &["ls", "--url", &url], &[]);
    assert!(ended.code == Some(8) && ended.err.contains("is it an http:// server?"), "{ended:?}");
}
