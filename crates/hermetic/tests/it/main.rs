//! Hermetic as its users meet it: the real binary, real sockets, and real clients and servers from
//! other hands. A peer that can't be had is an error, never a skip.

mod harness;
