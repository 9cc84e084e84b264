//! A server on which an agent and another local user are hostile: nothing that they may write is
//! run, read or followed by root, by another bot, or by us.

mod agent;
mod attacks;
mod places;
mod plants;
pub mod rows;
mod table;
mod trace;
mod watch;

use super::world::World;
use crate::support::{leave_out, skip};

/// The attacks that once led from an agent to root, from a local user to root, and from one bot to
/// another's secrets.
#[test]
fn neither_an_agent_nor_a_local_user_becomes_anybody_else() {
    let world = World::up();
    world.need_golden();
    let flags = world.existing("golden");
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    attacks::prepare(&world);
    let by_local_user = attacks::local_user_before_the_first_deploy(&world, &flags);
    attacks::prepare(&world);
    let by_agent = attacks::agent_to_root(&world, &flags);
    let secrets = attacks::another_bots_secrets(&world);
    assert_eq!(by_local_user, [""; 0], "a local user's code ran as somebody else");
    assert_eq!(
        by_agent, [""; 0],
        "the agent's code ran outside its units, or as somebody else"
    );
    assert_eq!(secrets, [""; 0], "another bot's secrets were read or told");
}

/// Everything that a user does, while strace looks and everything is planted that can be: each
/// access by root, by another bot or by npm's user to what others may write has a row with its
/// reason in `rows.toml`, from which SECURITY.md's table is made.
#[test]
fn nothing_that_others_may_write_is_trusted_without_a_reason() {
    if !super::whole() {
        return leave_out(
            "who trusts whom on a server",
            "strace of every verb takes ten minutes: with CLAWDWAKO_TESTS=whole",
        );
    }
    let watch = match watch::Watch::new() {
        Ok(watch) => watch,
        Err(why) => return skip("who trusts whom on a server", &why),
    };
    let world = World::with_path(Some(watch.path()));
    let flags = world.existing("");
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let mut table = table::Table::new(&world, &watch);
    table.every_verb(&flags);
    let ran = table.ran();
    let rows = rows::Rows::load();
    let verdict = table.verdict(&rows);
    println!(
        "FIGURE accesses judged, and those to what others may write: {:?}",
        verdict.judged
    );
    for (number, seen) in &verdict.explained {
        println!(
            "ROW {:?} stands for {} kinds, such as {:?}",
            rows.access[*number].place,
            seen.len(),
            seen.first()
        );
    }
    assert!(verdict.judged.0 > 10_000, "strace saw next to nothing");
    assert_eq!(table.wrong_places, [""; 0], "places on the server");
    assert_eq!(ran, "", "planted programs ran");
    assert!(
        verdict.bare.is_empty(),
        "no row says why this may be: {:#?}",
        verdict.bare
    );
    assert_eq!(verdict.unseen, [""; 0], "rows that nothing shows");
}
