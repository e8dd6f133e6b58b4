//! `login` and `logout`.

use super::Run;
use crate::exit::{Exit, Failure};
use crate::token;

pub(super) async fn log_in(run: &mut Run<'_>) -> Result<(), Failure> {
    let mut target = run.target()?;
    let (user, password) = match target.credentials.take() {
        Some(credentials) => credentials,
        None => {
            let user = run.connection.user.clone().ok_or_else(|| {
                Failure::usage("nobody is named").hint("give --user, and the password on standard input")
            })?;
            let password = run.password(&user).await?;
            (user, password)
        }
    };
    let dir = run.surroundings.config_dir.as_deref().ok_or_else(|| {
        Failure::new(Exit::Failed, "there is no folder for configuration").hint("set HOME or XDG_CONFIG_HOME")
    })?;
    let client = run.client_of(&target)?.credentials(user, password);
    let session = client.login().await?.ok_or_else(|| Failure::new(Exit::Failed, "no session came"))?;
    token::write(dir, &target.token(&session))
        .map_err(|error| Failure::new(Exit::Failed, format!("the session cannot be kept: {error}")))?;
    run.done("logged_in", &target.url);
    Ok(())
}

pub(super) async fn log_out(run: &mut Run<'_>) -> Result<(), Failure> {
    let dir = run.surroundings.config_dir.as_deref();
    let target = run.target()?;
    if let Some(session) = target.session.clone() {
        let client = run.client_of(&target)?.session_id(session);
        let ended = client.logout().await;
        if let Some(dir) = dir {
            token::remove(dir).map_err(|error| {
                Failure::new(Exit::Failed, format!("the session is still there: {error}"))
            })?;
        }
        ended?;
    }
    run.done("logged_out", &target.url);
    Ok(())
}
