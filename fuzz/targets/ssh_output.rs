#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| clawdwako_fuzz::parsers::ssh_output(bytes));
