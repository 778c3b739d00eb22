//! Target `machine`: see `arctos_testkit::fuzz::machine`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arctos_testkit::fuzz::machine(bytes));
