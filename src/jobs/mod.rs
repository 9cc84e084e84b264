//! The durable queue on the store (rows in `store/jobs.rs`), and who works it off.
//!
//! [`drain`] works one deployment off for the terminal that waits for it; a [`Crew`] works all
//! of them off in a control server. Both run a claimed job by the same `work`.

mod crew;
mod drain;
mod news;
mod operator;
mod pipeline;
mod rates;
mod work;

pub use crew::{Crew, Run, Settings};
pub use drain::drain;
pub use news::relay;
pub use operator::{cancel, retry};
pub use pipeline::pipeline;
pub use rates::Rates;
pub use work::Terms;
