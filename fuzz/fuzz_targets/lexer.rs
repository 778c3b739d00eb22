//! Target `lexer`: see `arctos_testkit::fuzz::lexer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arctos_testkit::fuzz::lexer(bytes));
