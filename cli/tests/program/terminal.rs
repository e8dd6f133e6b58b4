//! Sessions at a terminal, with keys as people press them: bars, Ctrl-C, a narrow terminal, passwords.

use crate::gate::Gate;
use crate::served::{PASSWORD, Served, Start, USER};
use crate::tmux::Tmux;

/// Enough not to fit in what the gate lets pass and the system holds for it.
const N_BYTES: u64 = 32 << 20;

/// A server behind a gate, with a library, and two files to send.
fn gated() -> (Gate, Served) {
    let gate = Gate::new();
    let served = Served::start(&Start { public_url: Some(gate.url.clone()), ..Start::default() });
    gate.leads_to(served.address);
    served.done(&["mk", "images", "--datastore", "datastore-1"]);
    served.folder.file("first.iso", 1000);
    served.folder.file("disk.iso", N_BYTES);
    (gate, served)
}

const LOGIN: [(&str, &str); 2] = [("CONTENTLIB_USER", USER), ("CONTENTLIB_PASSWORD", PASSWORD)];

/// The rows that are bars.
fn bars(screen: &str) -> Vec<&str> {
    screen.lines().filter(|line| line.contains('%')).collect()
}

#[test]
fn bars_show_each_file_and_all_and_fit_the_terminal() {
    let (gate, served) = gated();
    let tmux = Tmux::start(&served, 100, 24, &LOGIN);
    tmux.types("contentlib upload images/debian first.iso disk.iso; echo code=$?");
    gate.holds();
    let screen = tmux.shows("a bar for the file and one for both", |screen| {
        let bars = bars(screen);
        bars.len() == 2 && bars.iter().all(|bar| bar.contains("/s"))
    });
    let bars_of = bars(&screen);
    assert!(bars_of[0].starts_with("disk.iso "), "{screen}");
    assert!(bars_of[1].starts_with("1 of 2 files "), "{screen}");
    for bar in bars_of {
        assert!(bar.contains("[=") && bar.contains("/32.0 MiB"), "{screen}");
    }
    assert!(screen.contains("session ") && screen.contains("\"first.iso\": done"), "{screen}");
    assert!(tmux.coloured().contains("\x1b[32m"), "the bar is green");
    // Nothing moves any more, and that is seen.
    tmux.shows("a speed of nothing", |screen| screen.contains(" 0 B/s") && screen.contains("-:--"));

    let is_narrow = |screen: &str| {
        let bars = bars(screen);
        bars.len() == 2 && bars.iter().all(|bar| !bar.contains('[') && bar.chars().count() < 30)
    };
    tmux.resize(30);
    let narrow = tmux.shows("bars without what has no room", is_narrow);
    assert!(bars(&narrow)[0].starts_with("disk.iso"), "{narrow}");
    tmux.resize(100);
    tmux.shows("wide bars again", |screen| bars(screen).len() == 2 && screen.contains("[="));

    gate.open();
    let screen = tmux.sees("code=0");
    assert_eq!(bars(&screen), Vec::<&str>::new(), "bars go with the transfer:\n{screen}");
    assert!(screen.contains("\"disk.iso\": done") && screen.contains("uploaded "), "{screen}");

    // And back.
    gate.close();
    tmux.types("clear; mkdir back; contentlib download images/debian back; echo code=$?");
    gate.holds();
    tmux.shows("a bar for the file and one for both", |screen| {
        let bars = bars(screen);
        bars.len() == 2 && bars[0].starts_with("disk.iso ") && bars[1].starts_with("1 of 2 files ")
    });
    tmux.press(&["C-c"]);
    let screen = tmux.sees("code=130");
    assert_eq!(bars(&screen), Vec::<&str>::new(), "{screen}");
    let left: Vec<_> = std::fs::read_dir(served.folder.0.join("back")).unwrap().collect();
    assert!(left.len() == 1, "what was whole stays, and nothing else: {left:?}");
    gate.open();
    tmux.types("clear; contentlib download images/debian back; echo code=$?");
    let screen = tmux.sees("code=0");
    assert!(screen.contains("\"disk.iso\": done") && bars(&screen).is_empty(), "{screen}");
}

#[test]
fn ctrl_c_fails_the_session_and_says_so() {
    let (gate, served) = gated();
    let tmux = Tmux::start(&served, 80, 24, &LOGIN);
    tmux.types("contentlib upload images/debian disk.iso; echo code=$?");
    gate.holds();
    tmux.shows("a bar", |screen| bars(screen).len() == 1);
    tmux.press(&["C-c"]);
    let screen = tmux.sees("code=130");
    assert!(screen.contains("error: interrupted; the session is failed"), "{screen}");
    assert_eq!(bars(&screen), Vec::<&str>::new(), "{screen}");
    let sessions = served.json(&["session", "ls"]);
    assert_eq!(sessions[0]["state"], "ERROR", "{sessions}");
    let reason = &sessions[0]["error_message"]["default_message"];
    assert!(reason.as_str().is_some_and(|reason| reason.contains("gave the upload up")), "{sessions}");
    assert_eq!(served.done(&["ls", "images"]), "", "no empty item is left");
}

#[test]
fn no_colours_where_they_are_not_wanted() {
    let (gate, served) = gated();
    let variables = [LOGIN.as_slice(), &[("NO_COLOR", "1")]].concat();
    let tmux = Tmux::start(&served, 80, 24, &variables);
    tmux.types("contentlib upload images/debian disk.iso; echo code=$?");
    gate.holds();
    tmux.shows("a bar", |screen| screen.contains("[="));
    assert!(!tmux.coloured().contains("\x1b[3"), "{:?}", tmux.coloured());
    gate.open();
    tmux.sees("code=0");
    tmux.types("clear; contentlib ls absent --color always");
    tmux.sees("error:");
    assert!(tmux.coloured().contains("\x1b[1m\x1b[31merror:"), "{:?}", tmux.coloured());
}

#[test]
fn a_password_is_asked_for_and_not_shown() {
    let served = Served::start(&Start::default());
    let tmux = Tmux::start(&served, 80, 24, &[]);
    tmux.types("contentlib login --user ann; echo code=$?");
    tmux.sees("Password for ann:");
    tmux.types(PASSWORD);
    let screen = tmux.sees("code=0");
    assert!(screen.contains("logged_in") && !screen.contains(PASSWORD), "{screen}");
    let check_echo = || {
        tmux.types("clear; stty -a | tr ' ' '\\n' | grep 'echo;\\?$'; echo looked");
        let screen = tmux.sees("\nlooked");
        assert!(screen.lines().any(|line| line == "echo") && !screen.contains("-echo"), "{screen}");
    };
    check_echo();

    tmux.types("clear; contentlib login --user ann; echo code=$?");
    tmux.sees("Password for ann:");
    tmux.press(&["C-c"]);
    tmux.sees("code=130");
    check_echo();
    // The login from before is still there.
    assert_eq!(served.nobodys(&["ls"]).output().unwrap().status.code(), Some(0));
}
