//! From a wish to a bot that answered.
//!
//! [`create`] writes everything down, [`run`] works the jobs of one deployment off (first time
//! or again: there is no difference), [`unwind`] takes everything down. `steps/` is the list of
//! what is done, in order.

mod reporter;
mod wish;

pub use reporter::{Reporter, Silent};
pub use wish::Wish;
