//! The crew that works jobs off.

mod crew;
mod effects;
mod kill;
mod rates;
