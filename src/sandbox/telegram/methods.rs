//! Which method a call means, and whether its token may call it.

use super::answer::{Outcome, Refusal, not_found, refusal};
use super::params::Params;
use super::{account, commands, messages, token, updates, webhook};
use crate::sandbox::world::World;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::time::Instant;

/// Answers `/bot<token>/<method>`.
pub async fn handle(State(world): State<Arc<World>>, request: Request) -> Response {
    answer(&world, request)
        .await
        .map_or_else(IntoResponse::into_response, IntoResponse::into_response)
}

async fn answer(world: &World, request: Request) -> Outcome {
    let path = request.uri().path().to_owned();
    let (token, method) = path
        .strip_prefix("/bot")
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(not_found)?;
    // Some clients send the colon as %3A.
    let token = token.replace("%3A", ":").replace("%3a", ":");
    let id = token::id_of(&token).ok_or_else(not_found)?;
    let telegram = &world.telegram;
    admit(telegram.read(id, |bot| (bot.token == token, bot.logged_out)))?;
    // Method names are the same in any case.
    let method = method.to_ascii_lowercase();
    telegram.change_quietly(id, |bot| {
        let calls = if METHODS.contains(&method.as_str()) {
            &mut bot.calls
        } else {
            &mut bot.unknown
        };
        *calls.entry(method.clone()).or_default() += 1;
    });
    let params = Params::read(request).await?;
    match method.as_str() {
        "getupdates" => updates::get(telegram, id, &params).await,
        "setwebhook" => webhook::set(telegram, id, &params),
        "deletewebhook" => webhook::delete(telegram, id, &params),
        _ => telegram
            .change(id, |bot| match method.as_str() {
                "getme" => account::get_me(bot),
                "logout" => account::log_out(bot),
                "close" => account::close(bot),
                "getchat" => account::get_chat(bot, &params),
                "getchatmember" => account::get_chat_member(bot, &params),
                "getwebhookinfo" => webhook::info(bot),
                "setmycommands" => commands::set(bot, &params),
                "getmycommands" => commands::get(bot, &params),
                "deletemycommands" => commands::delete(bot, &params),
                "sendmessage" => messages::send(bot, &params),
                "sendmessagedraft" => messages::send_draft(bot, &params),
                "editmessagetext" => messages::edit_text(bot, &params),
                "editmessagereplymarkup" => messages::edit_markup(bot, &params),
                "deletemessage" => messages::delete(bot, &params),
                "sendchataction" => messages::chat_action(bot, &params),
                "setmessagereaction" => messages::react(bot, &params),
                "answercallbackquery" => messages::answer_callback(),
                "getfile" => messages::get_file(),
                _ => Err(not_found()),
            })
            .unwrap_or_else(|| Err(not_found())),
    }
}

/// Whether a call with a well-formed token may go on to its method.
fn admit(bot: Option<(bool, Option<Instant>)>) -> Result<(), Refusal> {
    match bot {
        Some((true, Some(until))) if until > Instant::now() => Err(refusal(400, "Logged out")),
        Some((true, _)) => Ok(()),
        _ => Err(refusal(401, "Unauthorized")),
    }
}

/// What exists here, in lower case; everything else is answered like a method that Telegram
/// does not have, and counted, so that a status shows what an agent missed.
const METHODS: &[&str] = &[
    "answercallbackquery",
    "close",
    "deletemessage",
    "deletemycommands",
    "deletewebhook",
    "editmessagereplymarkup",
    "editmessagetext",
    "getchat",
    "getchatmember",
    "getfile",
    "getme",
    "getmycommands",
    "getupdates",
    "getwebhookinfo",
    "logout",
    "sendchataction",
    "sendmessage",
    "sendmessagedraft",
    "setmessagereaction",
    "setmycommands",
    "setwebhook",
];
