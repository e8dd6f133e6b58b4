//! A terminal for people, with nobody at it: keys go in, and what stands on the screen comes out.

use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use crate::served::{Folder, Served};

/// What takes longer will not come.
const LIMIT: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A terminal with a shell in it; it goes with the test.
pub(crate) struct Tmux {
    folder: Folder,
}

impl Tmux {
    /// Of this size, with a shell that finds `contentlib` and knows these variables.
    pub(crate) fn start(
        served: &Served,
        n_columns: usize,
        n_rows: usize,
        variables: &[(&str, &str)],
    ) -> Tmux {
        let tmux = Tmux { folder: Folder::new() };
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_contentlib")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let config = tmux.folder.0.join("tmux.conf");
        std::fs::write(&config, "set -g status off\nset -g default-terminal screen-256color\n").unwrap();
        let mut command = tmux.command();
        command.args(["-f", config.to_str().unwrap(), "new-session", "-d"]);
        command.args(["-x", &n_columns.to_string(), "-y", &n_rows.to_string(), "sh"]);
        command
            .env_clear()
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env("CONTENTLIB_URL", &served.url)
            .env("XDG_CONFIG_HOME", served.folder.0.join("config"))
            .envs(variables.iter().copied())
            .current_dir(&served.folder.0);
        succeed(&mut command);
        tmux.shows("a prompt", |screen| screen.contains(['$', '#']));
        tmux
    }

    fn command(&self) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-u", "-S", self.folder.0.join("socket").to_str().unwrap()]);
        command
    }

    /// Presses keys, by tmux's names of them.
    pub(crate) fn press(&self, keys: &[&str]) {
        succeed(self.command().arg("send-keys").args(keys));
    }

    /// Types a text, and Enter.
    pub(crate) fn types(&self, text: &str) {
        succeed(self.command().args(["send-keys", "-l", text]));
        self.press(&["Enter"]);
    }

    pub(crate) fn resize(&self, n_columns: usize) {
        succeed(self.command().args(["resize-window", "-x", &n_columns.to_string()]));
    }

    /// What stands on the screen, a line a row.
    pub(crate) fn screen(&self) -> String {
        String::from_utf8(succeed(self.command().args(["capture-pane", "-p"])).stdout).unwrap()
    }

    /// The same with the colours.
    pub(crate) fn coloured(&self) -> String {
        String::from_utf8(succeed(self.command().args(["capture-pane", "-p", "-e"])).stdout).unwrap()
    }

    /// Waits until the screen is so; what stood on it then.
    pub(crate) fn shows(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if is_so(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < LIMIT, "{what} does not come:\n{screen}");
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until a text stands on the screen.
    pub(crate) fn sees(&self, text: &str) -> String {
        self.shows(&format!("`{text}`"), |screen| screen.contains(text))
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _killed_or_gone = self.command().arg("kill-server").output();
    }
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("tmux has to be installed: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}
