//! `server admin`: users and plans, on the store itself.

use crate::support::cli::Home;
use crate::support::people::add_user;
use clawdwako::model::Role;
use clawdwako::store::{AuditEntry, BEGUN};

#[tokio::test]
async fn users_and_plans_are_listed_and_changed_and_the_audit_tells() {
    let home = Home::new();
    let none = home.run(&["server", "admin", "user", "list"]).ok();
    assert!(none.out.contains("no users yet"), "{none:?}");
    let store = home.server_store().await;
    let root = add_user(&store, "root@example.org", Role::Admin).await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;

    let only = home.run(&["server", "admin", "user", "role", "root@example.org", "member"]);
    assert!(only.code == 1 && only.err.contains("only admin"), "{only:?}");
    home.run(&["server", "admin", "user", "role", "ADA@example.org", "support"])
        .ok();
    home.run(&["server", "admin", "user", "disable", &ada.id]).ok();
    let found = store.user(&ada.id).await.unwrap();
    assert_eq!((found.role, found.disabled), (Role::Support, true));
    home.run(&["server", "admin", "user", "enable", &ada.id]).ok();
    let set = [
        "server",
        "admin",
        "subscription",
        "set",
        "ada@example.org",
        "--plan",
        "pro",
        "--until",
        "2999-12-31",
    ];
    let shown = home.run(&set).ok();
    assert_eq!(
        shown.out.trim(),
        "ada@example.org is support, with the plan pro (active until 3000-01-01 00:00:00)"
    );
    let listed = home.run(&["server", "admin", "user", "list", "--json"]).json();
    let users = listed["users"].as_array().unwrap();
    assert_eq!((users.len(), &users[0]["id"]), (2, &root.id.clone().into()));
    assert_eq!(
        (&users[1]["subscription"]["plan"], &users[1]["disabled"]),
        (&"pro".into(), &false.into())
    );

    let audit: Vec<AuditEntry> = store.audit(Some(&ada.id), None, 10).await.unwrap();
    let actions: Vec<&str> = audit.iter().rev().map(|e| e.action.as_str()).collect();
    assert_eq!(
        actions,
        ["user role", "user disable", "user enable", "subscription set"]
    );
    assert!(audit.iter().all(|e| e.actor == "command line"));
}

#[tokio::test]
async fn what_an_operator_begins_to_do_to_a_job_is_told_before_it_is_done() {
    let home = Home::new();
    let id = "0".repeat(32);
    assert_eq!(home.run(&["server", "admin", "job", "cancel", &id]).code, 3);
    let audit = home.server_store().await.audit(None, None, 10).await.unwrap();
    let told: Vec<_> = audit.iter().map(|e| (e.action.as_str(), e.result.as_str())).collect();
    assert_eq!(told, [("job cancel", "not_found"), ("job cancel", BEGUN)]);
    assert!(audit[0].request_id.is_some() && audit[0].request_id == audit[1].request_id);
}

#[test]
fn what_cannot_be_is_refused() {
    let home = Home::new();
    for (args, code) in [
        (&["user", "role", "nobody@example.org", "admin"][..], 3),
        (&["user", "role", "nobody@example.org", "king"], 2),
        (&["subscription", "set", "nobody@example.org"], 2),
        (&["subscription", "set", "nobody@example.org", "--plan", "gold"], 2),
        (
            &[
                "subscription",
                "set",
                "nobody@example.org",
                "--plan",
                "pro",
                "--until",
                "soon",
            ],
            2,
        ),
    ] {
        let all: Vec<&str> = ["server", "admin"].iter().chain(args).copied().collect();
        let ran = home.run(&all);
        assert_eq!(ran.code, code, "{ran:?}");
    }
}

#[test]
fn a_backup_is_whole_and_takes_the_store_s_place_but_not_while_it_is_used() {
    let home = Home::new();
    let server = home.path().join("clawdwako/state/profiles/default/server");
    home.run(&["server", "migrate"]).ok();
    let copy = home.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    home.run(&["server", "backup", copy]).ok();
    assert_eq!(home.run(&["server", "backup", copy]).code, 2, "never over another file");
    home.run(&["server", "restore", copy, "--yes"]).ok();
    let names: Vec<String> = std::fs::read_dir(&server)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|n| n.starts_with("store.restored")), "{names:?}");
    assert!(names.iter().any(|n| n.starts_with("store.before-")), "{names:?}");
    home.run(&["server", "migrate", "--check"]).ok();

    // Somebody has it open.
    let held = rusqlite::Connection::open(server.join("store.db")).unwrap();
    held.execute_batch("BEGIN; SELECT * FROM users;").unwrap();
    let refused = home.run(&["server", "restore", copy, "--yes", "--json"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert_eq!(refused.json()["error"]["code"], "busy", "{refused:?}");
    let none = home.write("none.db", "this is no store");
    assert_eq!(
        home.run(&["server", "restore", none.to_str().unwrap(), "--yes"]).code,
        2
    );
}
