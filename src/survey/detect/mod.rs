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

/// What all of them find, and what was looked for and not found.
pub(super) async fn all(ground: &Ground<'_>) -> (Vec<Draft>, Vec<&'static str>) {
    let (mut drafts, mut not_found) = (Vec::new(), Vec::new());
    for detector in DETECTORS {
        let found = (detector.detect)(ground).await;
        // That nobody answered is only known once servers were asked.
        if found.iter().all(|draft| draft.manner == Manner::Ask) {
            not_found.push(detector.looks_for);
        }
        drafts.extend(found);
    }
    let of_tests =
        |draft: &Draft, wanted: bool| draft.kind == "test-pass-rate" && (draft.manner == Manner::Look) == wanted;
    if !ground.options.run_commands && drafts.iter().any(|draft| of_tests(draft, true)) {
        drafts.retain(|draft| !of_tests(draft, false));
    }
    (drafts, not_found)
}

#[cfg(test)]
pub(super) const fn test_reports_says() -> &'static [super::draft::Saying] {
    test_reports::SAYS
}
