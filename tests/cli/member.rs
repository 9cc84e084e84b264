//! A user of a real control server: signs in, works with it, tells it of local bots, signs out.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, at_google, open};
use crate::support::bots::a_bot;
use crate::support::cli::{Home, Ran};
use crate::support::engine::{Engine, on_both_engines};
use crate::support::proxy::Proxy;
use clawdwako::deploy::{CloudTokens, Platform};
use clawdwako::jobs::{self, Crew};
use clawdwako::model::{Bot, Deployment, Role, TokenKind, now};
use clawdwako::secrets::{Secret, master};
use clawdwako::store::Store;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::sync::watch;

on_both_engines!(
    from_login_to_logout,
    what_fails_at_a_server_fails_as_it_does_here,
    local_bots_are_told_and_the_newer_record_counts,
);

/// A control server, and the Google that its users sign in with.
struct Server {
    api: Api,
    google: StandIns,
    url: String,
}

impl Server {
    async fn start(engine: &Engine) -> Server {
        let google = StandIns::start().await;
        google.world.google.lock().unwrap().interval_s = 0;
        let api = Api::start(engine, &google, open()).await;
        let url = api.url("/");
        Server { api, google, url }
    }

    /// A home whose Google is the sandbox's.
    fn home(&self) -> Home {
        let keys = &self.google.world.credentials;
        Home::new()
            .env("GOOGLE_CLIENT_ID", &keys.google_client_id)
            .env("GOOGLE_CLIENT_SECRET", &keys.google_client_secret)
            .env("CLAWDWAKO_GOOGLE_DEVICE_URL", &self.google.url("/google/device/code"))
            .env("CLAWDWAKO_GOOGLE_TOKEN_URL", &self.google.url("/google/token"))
            .env("CLAWDWAKO_GOOGLE_JWKS_URL", &self.google.url("/google/certs"))
    }

    /// `login --server`, with the code approved in the browser.
    async fn login(&self, home: &Home, email: &str) -> Value {
        let mut child = Command::from(home.command(&["login", "--server", &self.url, "--json"]))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).await.unwrap();
        let prompt: Value = serde_json::from_str(&line).unwrap();
        let approval = json!({"user_code": prompt["code"], "email": email});
        assert_eq!(self.google.post("/_control/google/approve", &approval).await.0, 200);
        let mut rest = String::new();
        out.read_to_string(&mut rest).await.unwrap();
        let ended = child.wait_with_output().await.unwrap();
        assert!(
            ended.status.success(),
            "{rest} {}",
            String::from_utf8_lossy(&ended.stderr)
        );
        serde_json::from_str(&rest).unwrap()
    }
}

/// Runs the binary while the server goes on in this thread.
async fn run(home: &Home, args: &[&str]) -> Ran {
    run_with(home, args, "").await
}

async fn run_with(home: &Home, args: &[&str], input: &str) -> Ran {
    let mut child = Command::from(home.command(args))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes()).await;
    let output = child.wait_with_output().await.unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn keep(home: &Path, bots: &[(Bot, Deployment)]) -> Store {
    let dir = home.join("clawdwako/state/profiles/default");
    std::fs::create_dir_all(&dir).unwrap();
    let store = Store::open(&dir.join("store.db"), master::load(&dir, None).unwrap())
        .await
        .unwrap();
    let mut tx = store.begin().await.unwrap();
    for (bot, deployment) in bots {
        tx.insert_bot(bot).await.unwrap();
        tx.insert_deployment(deployment).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

async fn from_login_to_logout(engine: Engine) {
    let server = Server::start(&engine).await;
    let home = server.home();
    let told = server.login(&home, "ada@example.org").await;
    assert_eq!(
        (&told["server"]["url"], &told["server"]["user"]["role"]),
        (&json!(server.url), &json!("admin")),
        "the first user runs the server: {told}"
    );
    let who = run(&home, &["whoami"]).await.ok().out;
    assert!(
        who.contains(&server.url) && who.contains("ada@example.org") && who.contains("admin"),
        "{who}"
    );

    // A bot needs a cloud's token, which the server keeps and never tells.
    let hetzner = "h".repeat(64);
    let kept = run_with(&home, &["secrets", "set", "hetzner", "--stdin", "--remote"], &hetzner).await;
    assert_eq!(kept.ok().out, format!("Hetzner API token kept by {}\n", server.url));
    let listed = run(&home, &["secrets", "list", "--remote"]).await.ok().out;
    assert!(listed.contains("hetzner") && !listed.contains(&hetzner), "{listed}");

    let (token, _) = server.google.bot().await;
    let with_keys = home
        .env("CLAWDWAKO_TELEGRAM_TOKEN", &token)
        .env("ANTHROPIC_API_KEY", "sk-ant-0123456789");
    let args = [
        "deploy",
        "demo",
        "--remote",
        "--model",
        "claude-opus",
        "--owner",
        "42",
        "--detach",
        "--json",
    ];
    let begun = run(&with_keys, &args).await.ok().json();
    assert_eq!(begun["detached"]["name"], "demo");
    let jobs = server
        .api
        .store
        .jobs(begun["detached"]["deployment_id"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(jobs.len(), 5, "the server has the work to do, and nothing is done here");
    let status = run(&with_keys, &["status", "demo", "--remote", "--json"])
        .await
        .ok()
        .json();
    assert_eq!(
        (&status["bot"]["status"], &status["jobs"][0]["status"]),
        (&json!("pending"), &json!("queued"))
    );
    // The plan of a new user allows one bot.
    let more = run(
        &with_keys,
        &[
            "deploy",
            "second",
            "--remote",
            "--model",
            "claude-opus",
            "--owner",
            "42",
            "--json",
        ],
    )
    .await;
    assert_eq!(
        (more.code, &more.json()["error"]["code"]),
        (4, &json!("quota")),
        "{more:?}"
    );
    let plan = run(&with_keys, &["subscription"]).await.ok().out;
    assert!(
        plan.starts_with("starter  active\n") && plan.contains("1 of 1"),
        "{plan}"
    );
    let gone = run(&with_keys, &["destroy", "demo", "--remote", "--yes"]).await.ok();
    assert!(gone.out.contains("demo is destroyed"), "{gone:?}");
    assert_eq!(
        run(&with_keys, &["list", "--remote", "--json"]).await.ok().json()["bots"],
        json!([])
    );

    // The admin sees everybody's bots, and means the own ones by their names.
    let (eve, _) = server.api.user("eve@example.org", Role::Member).await;
    let (mut bot, deployment) = a_bot("demo", 77);
    bot.user_id = eve.id;
    let mut tx = server.api.store.begin().await.unwrap();
    tx.insert_bot(&bot).await.unwrap();
    tx.insert_deployment(&deployment).await.unwrap();
    tx.commit().await.unwrap();
    for args in [
        vec!["status", "demo", "--remote"],
        vec!["status", "Not-A-Name", "--remote"],
        vec!["destroy", "demo", "--remote", "--yes"],
    ] {
        assert_eq!(run(&with_keys, &args).await.code, 3, "{args:?}");
    }

    let kept = run(&with_keys, &["logout"]).await.ok();
    assert_eq!(kept.out, "Signed out.\n");
    assert_eq!(run(&with_keys, &["list", "--remote"]).await.code, 5);
    let user = server.api.store.user("ada@example.org").await.unwrap();
    let left = server.api.store.tokens(&user.id, TokenKind::Api, now()).await.unwrap();
    assert!(
        left.is_empty(),
        "the token is no longer good at the server either: {left:?}"
    );
}

#[tokio::test]
async fn whoami_keeps_the_sign_in_that_google_gives_instead() {
    let server = Server::start(&Engine::sqlite()).await;
    let home = server.home();
    server.login(&home, "ada@example.org").await;
    server.google.world.google.lock().unwrap().rotates = true;
    // Each time the one before is over at Google.
    for _ in 0..3 {
        let who = run(&home, &["whoami", "--json"]).await.ok().json();
        assert_eq!(who["identity"]["email"], "ada@example.org", "{who}");
    }
    run(&home, &["logout"]).await.ok();
    assert_eq!(run(&home, &["whoami"]).await.code, 5);
}

/// The same deployments, here and at a server that works them off: with a token that Telegram
/// refuses, and with a key that the model's provider refuses.
async fn what_fails_at_a_server_fails_as_it_does_here(engine: Engine) {
    let server = Server::start(&engine).await;
    let home = server
        .home()
        .env("CLAWDWAKO_TELEGRAM_URL", &server.google.url("/telegram/"))
        .env("CLAWDWAKO_ANTHROPIC_URL", &server.google.url("/anthropic/"))
        .env("HETZNER_API_TOKEN", &"h".repeat(64))
        .env("ANTHROPIC_API_KEY", "sk-ant-0123456789");
    server.login(&home, "ada@example.org").await;
    run_with(
        &home,
        &["secrets", "set", "hetzner", "--stdin", "--remote"],
        &"h".repeat(64),
    )
    .await
    .ok();
    let (endpoints, _) = at_google(&server.google);
    let store = server.api.store.clone();
    let work = jobs::pipeline(&store.clone(), move |_, _| {
        let platform = Platform {
            store: store.clone(),
            http: crate::clients::http(),
            endpoints: endpoints.clone(),
            tokens: CloudTokens {
                hetzner: Some(Secret::new("h".repeat(64))),
                digitalocean: None,
            },
        };
        async move { Ok(platform) }
    });
    let (stop, stopped) = watch::channel(false);
    let crew = Crew::new(server.api.store.clone(), jobs::Settings::default(), work);
    let crew = tokio::spawn(crew.work(stopped));
    let args = [
        "deploy",
        "demo",
        "--model",
        "claude-opus",
        "--owner",
        "42",
        "--provider",
        "hetzner",
        "--token-file",
        "-",
        "--json",
    ];
    let mut args_there = args.to_vec();
    args_there.push("--remote");
    let error = |ran: &Ran| -> Value {
        let last = ran.out.lines().last().unwrap_or_else(|| panic!("{ran:?}"));
        serde_json::from_str::<Value>(last).unwrap()["error"].clone()
    };
    let (real, made_up) = (server.google.bot().await.0, format!("123456789:{}", "A".repeat(35)));
    let mut last = None;
    for (token, left) in [(&made_up, 0), (&real, 1)] {
        let here = run_with(&home, &args, token).await;
        let there = run_with(&home, &args_there, token).await;
        assert_eq!((here.code, there.code), (4, 4), "{here:?} {there:?}");
        assert_eq!(error(&here), error(&there));
        assert!(error(&there)["hint"].is_string(), "{there:?}");
        // A token that is not proved occupies nothing, in neither place.
        for more in [None, Some("--remote")] {
            let listed = [Some("list"), Some("--json"), more];
            let listed: Vec<&str> = listed.into_iter().flatten().collect();
            let bots = run(&home, &listed).await.ok().json()["bots"].clone();
            assert_eq!(bots.as_array().unwrap().len(), left, "{more:?}: {bots}");
        }
        last = Some(here);
    }
    let here = last.unwrap();
    // So it does when it is tried again.
    let again = run(&home, &["resume", "demo", "--remote", "--json"]).await;
    assert_eq!((again.code, error(&again)), (4, error(&here)), "{again:?}");
    stop.send(true).unwrap();
    crew.await.unwrap();
}

async fn local_bots_are_told_and_the_newer_record_counts(engine: Engine) {
    let server = Server::start(&engine).await;
    let (one, two) = (server.home(), server.home());
    for home in [&one, &two] {
        server.login(home, "ada@example.org").await;
    }
    let mut bots = vec![a_bot("first", 7), a_bot("second", 8)];
    let store = keep(one.path(), &bots).await;
    keep(two.path(), &[a_bot("elsewhere", 9)]).await;
    let sync = async |home: &Home| run(home, &["sync", "--json"]).await.ok().json();
    let told = sync(&one).await;
    assert_eq!(
        (&told["sent"], &told["taken"], &told["forgotten"]),
        (&json!(2), &json!(2), &json!(0))
    );
    assert_eq!(told["subscription"]["plan"], "starter");
    // Again changes nothing; the account shows both machines, as local ones.
    assert_eq!(sync(&one).await["bots"].as_array().unwrap().len(), 2);
    let told = sync(&two).await;
    let names = |told: &Value| -> Vec<String> {
        let mut names: Vec<String> = told["bots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|b| {
                assert_eq!(b["local"], true);
                b["bot"]["name"].as_str().unwrap().to_owned()
            })
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&told), ["elsewhere", "first", "second"]);
    // They can only be looked at there: nothing of the server's own has them.
    let id = bots[0].0.id.clone();
    let there = run(&one, &["list", "--all", "--remote", "--json"]).await.ok().json();
    assert_eq!(there["bots"], json!([]));
    assert!(server.api.store.bot_by_id(&id).await.is_err());
    let shown = run(&one, &["sync"]).await.ok().out;
    assert_eq!(shown.matches("this machine").count(), 2, "{shown}");

    // An old state was restored here: what the account has is newer, and stays; so does what is here.
    bots[0].0.updated_at += 60_000;
    bots[0].0.name = "renamed".into();
    let user = server.api.store.user("ada@example.org").await.unwrap();
    let mut tx = server.api.store.begin().await.unwrap();
    let view = clawdwako::api::types::BotView::of(&bots[0].0, &bots[0].1);
    let newer = clawdwako::store::LocalBot {
        id,
        origin: "another".into(),
        machine: "another".into(),
        record: serde_json::to_string(&view).unwrap(),
        updated_at: view.changed_at().0,
        synced_at: now(),
    };
    assert!(tx.take_local_bot(&user.id, &newer).await.unwrap().is_none());
    tx.commit().await.unwrap();
    let told = run(&one, &["sync", "--json"]).await.ok();
    assert!(
        told.err.contains("something newer of renamed, from another"),
        "{told:?}"
    );
    assert_eq!(
        (&told.json()["taken"], &told.json()["newer"][0]["bot"]["name"]),
        (&json!(1), &json!("renamed"))
    );
    assert!(store.find_bot("", "first").await.unwrap().is_some());

    // What is gone here is forgotten there; what another machine keeps stays.
    let mut tx = store.begin().await.unwrap();
    tx.erase_bot(&bots[1].0.id).await.unwrap();
    tx.commit().await.unwrap();
    let told = sync(&one).await;
    assert_eq!(
        (&told["forgotten"], names(&told)),
        (&json!(1), vec!["elsewhere".to_owned(), "renamed".to_owned()])
    );

    // Another user sees none of it.
    let other = server.home();
    server.login(&other, "eve@example.org").await;
    assert_eq!(sync(&other).await["bots"], json!([]));
}

/// Whatever database the server was on: it is gone.
#[tokio::test]
async fn without_a_connection_this_machine_works_as_ever() {
    let engine = Engine::sqlite();
    let mut server = Server::start(&engine).await;
    let proxy = Proxy::start(server.api.base.strip_prefix("http://").unwrap()).await;
    server.url = format!("http://{}/", proxy.address);
    let home = server.home();
    server.login(&home, "ada@example.org").await;
    keep(home.path(), &[a_bot("demo", 7)]).await;
    run(&home, &["subscription"]).await.ok();
    proxy.close();
    assert!(run(&home, &["list"]).await.ok().out.contains("demo"));
    run(&home, &["status", "demo", "--quick"]).await.ok();
    let told = run(&home, &["sync", "--json"]).await;
    assert_eq!((told.code, &told.json()["error"]["code"]), (1, &json!("network")));
    assert!(
        told.json()["error"]["hint"]
            .as_str()
            .unwrap()
            .contains("nothing here depends on it")
    );
    // Who has another answer does not insist.
    let tried = proxy.connections();
    let plan = run(&home, &["subscription"]).await.ok();
    assert!(proxy.connections() - tried <= 4, "two calls, each tried twice");
    assert!(
        plan.out.starts_with("starter  active\n") && plan.err.contains("this is from"),
        "{plan:?}"
    );
    // Signed out here in any case.
    let tried = proxy.connections();
    let out = run(&home, &["logout"]).await.ok();
    assert_eq!(proxy.connections() - tried, 2);
    assert!(
        out.out == "Signed out.\n" && out.err.contains("could not be told"),
        "{out:?}"
    );
}
