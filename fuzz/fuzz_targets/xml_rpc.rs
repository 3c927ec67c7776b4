//! Any bytes as an answer over XML-RPC.

#![no_main]

use countersign::source::xml_rpc::read;
use countersign::witness::HttpAnswer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let answer = HttpAnswer::new(200, body);
    let _ = read(&answer, "supervisord");
});
