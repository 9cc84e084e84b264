//! The crew that works jobs off.

mod crew;
mod drain;
mod effects;
mod ends;
mod kill;
mod lease;
mod rates;
