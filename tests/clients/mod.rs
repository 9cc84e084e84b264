//! The clients of the outside world, against stand-ins of one test each.
