//! A local port that leads to a port on the server's loopback.
