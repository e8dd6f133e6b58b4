//! `contentlibd --demo`: a server in a temporary directory that goes with it, a user, and what to type next.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::config::Config;
use crate::domain::ids::Secret;
use crate::running::{self, Ready, RunError};
use crate::users::file::{self, Edit, User};
use crate::users::password;
use crate::users::role::Role;

const USER: &str = "demo";

/// A server to try.
pub struct Demo {
    ready: Ready,
    password: Secret,
    directory: Scratch,
}

/// A directory that goes at the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!("{} is left behind: {error}", self.0.display());
        }
    }
}

impl Demo {
    /// Opens it on a free port of the loopback; the rest is as configured.
    pub async fn start(mut config: Config) -> Result<Demo, RunError> {
        let in_the_way = |error: &dyn std::fmt::Display| RunError::InTheWay(error.to_string());
        let name: String =
            password::draw().map_err(|error| in_the_way(&error))?.reveal().chars().take(12).collect();
        let path = std::env::temp_dir().join(format!("contentlibd-demo-{name}"));
        fs::create_dir(&path)
            .map_err(|error| RunError::InTheWay(format!("cannot make {}: {error}", path.display())))?;
        let directory = Scratch(path.clone());
        config.users.file = Some(path.join("users"));
        config.data_directory = path;
        config.listen.address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        config.public_url = None;
        let password = password::draw().map_err(|error| in_the_way(&error))?;
        let hash = password::hash(&password).map_err(|error| in_the_way(&error))?;
        let user = User { name: USER.to_owned(), role: Role::Administrator, hash };
        file::edit(&config.users_file(), &Edit::Add(&user))?;
        Ok(Demo { ready: running::ready(config).await?, password, directory })
    }

    /// Lines for a shell that work.
    pub fn what_to_type(&self) -> String {
        let (url, password) = (&self.ready.url, self.password.reveal());
        let is_tls = url.starts_with("https");
        let (curl, govc) = if is_tls { ("curl -sk", "GOVC_INSECURE=1 ") } else { ("curl -s", "") };
        let govc_url = url.replacen("://", &format!("://{USER}:{password}@"), 1);
        let mut text = format!("contentlibd listens on {url}, user {USER}, password {password}\n");
        let _ = write!(
            text,
            "Everything is in {} and goes when you press Ctrl-C.\n\nType next:\n\
             \x20 SESSION=$({curl} -X POST -u {USER}:{password} {url}/api/session | tr -d '\"')\n\
             \x20 {curl} -H \"vmware-api-session-id: $SESSION\" {url}/api/session\n\
             \x20 {curl} {url}/healthz\n\
             or, with govc:\n\
             \x20 export {govc}GOVC_URL={govc_url}\n\
             \x20 govc library.ls\n\n",
            self.directory.0.display()
        );
        text
    }

    /// Serves until a signal; how many connections were cut off.
    pub async fn serve(self) -> Result<usize, RunError> {
        let Demo { ready, directory, .. } = self;
        let n_cut_off = ready.serve().await;
        drop(directory);
        n_cut_off
    }
}
