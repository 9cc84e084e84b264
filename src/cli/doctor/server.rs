//! Whether the control server that this profile works with can be reached, takes the token, has the
//! same time and the same version.

use super::network::{DEADLINE, skew};
use super::{Context, Finding};
use crate::api::client::Client;
use crate::error::Result;
use std::time::Duration;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) async fn check(context: &Context) -> Vec<Finding> {
    let looked = async {
        match context.control_server()? {
            None => Ok(Vec::new()),
            Some(server) => {
                let token = context.token_for(&server).await?;
                // A doctor does not wait for a dead host to come back.
                let http = context.http()?.with_pause(Duration::from_millis(1));
                let client = Client::new(http, server, token.map(|t| t.value));
                Ok(look(&client).await)
            }
        }
    };
    let found: Result<Vec<Finding>> = looked.await;
    found.unwrap_or_else(|e| vec![Finding::of_error("server", "the control server", &e)])
}

async fn look(client: &Client) -> Vec<Finding> {
    let server = client.server();
    let asked = tokio::time::timeout(PATIENCE, client.about(DEADLINE)).await;
    let about = match asked {
        Ok(Ok(about)) => about,
        Ok(Err(e)) => return vec![Finding::of_error("server", server.as_str(), &e)],
        Err(_) => {
            let what = format!("{server} did not answer within {} s", PATIENCE.as_secs());
            return vec![Finding::bad("server", what, "look whether the address is right")];
        }
    };
    let mut findings = vec![version(server.as_str(), &about.version)];
    if let Some(behind) = about.behind_s {
        let clock = skew(-behind);
        findings.push(Finding {
            area: "server",
            text: format!("{} as the control server tells it", clock.text),
            ..clock
        });
    }
    findings.push(match client.session().await {
        Ok(session) => Finding::ok("server", format!("{server} knows you as {}", session.user.email)),
        Err(e) => Finding::of_error("server", server.as_str(), &e),
    });
    findings
}

fn version(server: &str, theirs: &str) -> Finding {
    let ours = env!("CARGO_PKG_VERSION");
    match theirs == ours {
        true => Finding::ok("server", format!("{server} answers, with this version ({ours})")),
        false => Finding::warn(
            "server",
            format!("{server} has version {theirs}, and this is {ours}"),
            "update the older of the two if something does not fit",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::version;

    #[test]
    fn another_version_is_told() {
        assert_eq!(version("s", env!("CARGO_PKG_VERSION")).level, Level::Ok);
        let other = version("s", "0.0.1");
        assert_eq!(other.level, Level::Warn);
        assert!(other.text.contains("0.0.1"));
    }
}
