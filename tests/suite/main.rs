//! The test suite: one binary, one module for each thing tested.
#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect shall end there")]

mod architecture;
mod bad_input;
mod baseline;
mod bundles;
mod canned_server;
mod ci_formats;
mod claims_in_ci;
mod cli;
mod diff;
mod documents;
mod door;
mod fault_server;
mod go_live;
mod http_credentials;
mod integrations;
mod live_flags;
mod live_stack;
mod locate;
mod plan;
mod plan_invalid;
mod probe_flags;
mod probe_servers;
mod probes;
mod readme;
mod report;
mod report_safety;
mod report_templates;
mod support;
mod verify;
mod witness_commands;
mod witness_files;
mod witness_http;
mod witness_replay;
mod witness_secrets;
mod witness_tls;
