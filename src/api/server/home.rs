//! `GET /`: where a browser is after it has signed in. One page without script or style; all it
//! does is to tell, and to sign out.

use super::auth::own_address;
use super::{App, Failure, credential};
use crate::error::{Kind, Result};
use crate::model::{Bot, User, now};
use crate::store::BotFilter;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use std::fmt::Write;

/// Where the page is.
pub const PATH: &str = "/";
const PAGE: &str = include_str!("../../../assets/server/home.html");
/// Like that of every answer, but that the page may send its own form here.
const POLICY: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
);

pub fn routes() -> Router<App> {
    Router::new().route(PATH, get(show))
}

async fn show(State(app): State<App>, request: Request) -> Result<impl IntoResponse, Failure> {
    let (parts, _) = request.into_parts();
    let account = match credential::authenticate(&app, &parts).await {
        Ok((_, user)) => signed_in(&app, &user).await?,
        Err(e) if e.kind() == Kind::NeedsUser => signed_out(&app),
        Err(e) => return Err(e.into()),
    };
    let server = own_address(&app, &parts.headers).map_or_else(|_| "URL".to_owned(), |url| url.to_string());
    let page = fill(|name| match name {
        "account" => account.clone(),
        _ => escaped(&server),
    });
    Ok(([POLICY], Html(page)))
}

fn signed_out(app: &App) -> String {
    let how = match app.web() {
        Ok(_) => "<a href=\"/api/auth/callback/google\">Sign in with Google</a>.",
        Err(_) => "This control server signs command lines in only.",
    };
    format!("<p>Nobody is signed in. {how}</p>")
}

async fn signed_in(app: &App, user: &User) -> Result<String> {
    let subscription = app.store.subscription(&user.id).await?;
    let bots = app.store.bots(&user.id, BotFilter::default()).await?;
    let until = match subscription
        .period_end
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok())
    {
        Some(end) => format!(" until {}", end.strftime("%Y-%m-%d")),
        None => String::new(),
    };
    let mut page = format!(
        "<p>Signed in as <strong>{}</strong> ({}).</p>\n\
         <form method=\"post\" action=\"/api/auth/logout\"><button>Sign out</button></form>\n\
         <p>Plan: {}, {}{until}; {} of {} bots.</p>\n<h2>Your bots</h2>\n",
        escaped(&user.email),
        user.role,
        subscription.plan,
        subscription.status_at(now()),
        bots.len(),
        app.plans.of(subscription.plan).max_bots,
    );
    if bots.is_empty() {
        page.push_str("<p>There is none yet.</p>");
        return Ok(page);
    }
    page.push_str("<ul>\n");
    for (bot, _) in &bots {
        page.push_str(&item(bot));
    }
    page.push_str("</ul>");
    Ok(page)
}

fn item(bot: &Bot) -> String {
    let mut item = format!("<li>{}: {}", escaped(&bot.name), bot.status);
    // Writing to a String cannot fail.
    if let Some(link) = bot.link().map(|l| escaped(&l)) {
        let _ = write!(item, ", <a href=\"{link}\" rel=\"noreferrer\">{link}</a>");
    }
    if let Some(why) = &bot.failure {
        let _ = write!(item, "<br>{}", escaped(why));
    }
    item.push_str("</li>\n");
    item
}

/// The page with its `{{names}}` filled in, in one go: what is filled in is not looked at again.
fn fill(value: impl Fn(&str) -> String) -> String {
    let mut pieces = PAGE.split("{{");
    let mut page = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or_default();
        page.push_str(&value(name));
        page.push_str(rest);
    }
    page
}

/// A text as it may stand in the page and in its attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
