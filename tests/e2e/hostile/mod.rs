//! A server on which an agent and another local user are hostile: nothing that they may write is
//! run, read or followed by root, by another bot, or by us.

mod agent;
mod attacks;

use super::world::World;

/// The attacks that once led from an agent to root, from a local user to root, and from one bot to
/// another's gateway.
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
    let token = attacks::another_bots_token(&world);
    assert_eq!(by_local_user, [""; 0], "a local user's code ran as somebody else");
    assert_eq!(by_agent, [""; 0], "the agent's code ran outside its units, or as somebody else");
    assert_eq!(token, [""; 0], "another bot's token");
}
