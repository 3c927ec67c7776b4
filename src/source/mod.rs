//! What several kinds read from: a client or a parser each, and no more than that. They judge nothing.

pub mod alertmanager;
pub mod cargo_test;
pub mod coverage;
pub mod docker;
pub mod endpoint;
pub mod feature_flag;
pub mod flagd;
pub mod grafana;
pub mod growthbook;
pub mod jq;
pub mod junit;
pub mod launchdarkly;
pub mod nextest;
pub mod ofrep;
pub mod output;
pub mod place;
pub mod process;
pub mod prometheus;
pub mod pytest;
pub mod rule_files;
pub mod shorthand;
pub mod structured;
pub mod test_run;
pub mod unleash;
pub mod vulnerabilities;
pub mod xml;
