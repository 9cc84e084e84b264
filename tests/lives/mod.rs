//! Whole lives of bots on played servers: many at once, and in every order that chance brings.

mod chance;
mod gate;
mod many;
mod passes;
mod verbs;
mod world;
