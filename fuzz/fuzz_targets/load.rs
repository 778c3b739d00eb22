//! Target `load`: see `arctos_testkit::fuzz::load`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arctos_testkit::fuzz::load(bytes));
