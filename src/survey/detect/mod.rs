//! What could be measured, found by looking: one file for each detector, one row for each in the list below. A detector
//! measures nothing.

use futures_util::future::BoxFuture;

use super::draft::{Draft, Manner};
use super::ground::Ground;

/// One detector.
pub struct Detector {
    /// Its name: that of its file, and of the folder with its fixture.
    pub name: &'static str,
    /// What it looks for, in the plural.
    pub looks_for: &'static str,
    /// Looks.
    pub detect: for<'a> fn(&'a Ground<'a>) -> BoxFuture<'a, Vec<Draft>>,
}

macro_rules! detectors {
    ($($module:ident: $looks_for:literal),* $(,)?) => {
        $(mod $module;)*

        /// Every detector there is, in the order in which a first audit has its areas.
        pub static DETECTORS: &[Detector] = &[$(
            Detector {
                name: stringify!($module),
                looks_for: $looks_for,
                detect: |ground| Box::pin($module::detect(ground)),
            },
        )*];
    };
}

detectors! {
    test_reports: "test reports",
    test_runners: "test runners",
    coverage: "coverage reports",
    vulnerabilities: "scan reports (SBOM, SARIF, OSV)",
    rule_files: "files with alert rules",
    servers: "Prometheus, Alertmanager and Grafana on this machine",
    containers: "Compose files",
    workloads: "Kubernetes workloads",
    units: "systemd units",
    health_endpoints: "health endpoints",
    flags: "files with feature flags",
    scripts: "scripts that deploy or roll back",
    project_files: "README, licence and lock files",
    ci_files: "CI configuration",
    git: "a git repository",
}

/// What one detector found.
pub(super) struct Found {
    pub(super) looks_for: &'static str,
    pub(super) drafts: Vec<Draft>,
    /// Was there nothing, as far as looking at files tells?
    pub(super) nothing: bool,
}

/// What all of them find, each in its turn.
pub(super) async fn all(ground: &Ground<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for detector in DETECTORS {
        let drafts = (detector.detect)(ground).await;
        // That nobody answers is only known once servers are asked.
        let nothing = drafts.iter().all(|draft| draft.manner == Manner::Ask);
        all.push(Found { looks_for: detector.looks_for, drafts, nothing });
    }
    let of_tests = |draft: &Draft| draft.kind == "test-pass-rate";
    // Where there are reports, nobody needs to be told how to make some.
    let reported =
        all.iter().flat_map(|found| &found.drafts).any(|draft| of_tests(draft) && draft.manner == Manner::Look);
    if reported && !ground.options.run_commands {
        let runs = |draft: &Draft| of_tests(draft) && matches!(draft.manner, Manner::Run(_));
        all.iter_mut().for_each(|found| found.drafts.retain(|draft| !runs(draft)));
    }
    all
}

#[cfg(test)]
pub(super) const fn test_reports_says() -> &'static [super::draft::Saying] {
    test_reports::SAYS
}
