//! Units of systemd, as `systemctl show` tells of them: loaded, active, and since when.
//!
//! `systemctl` ends with success for a unit that does not exist, so nothing is concluded from its exit code alone. Times
//! are asked for in UTC and in English through `env`, which every version since 197 understands: `--timestamp=unix` came
//! with 251 only, and a zone such as `CST` is several zones.
//! Source of the properties: the manual page org.freedesktop.systemd1(5).

use std::collections::BTreeMap;

use super::output::printable;
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::witness::{Command, CommandAnswer, Witness};

/// Where systemd is asked.
#[derive(Debug, Clone, Copy)]
pub struct Systemd<'a> {
    /// Words before `systemctl`, such as `ssh host`; none for this machine.
    pub through: &'a [String],
    /// The manager of the user in place of the system's?
    pub user: bool,
    /// Who asks.
    pub witness: &'a Witness,
}

/// A unit as systemd sees it; texts are systemd's own words, and empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// `loaded`, `not-found`, `masked`, `error`, `bad-setting`, `merged`.
    pub load: String,
    /// `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating`, `maintenance`.
    pub active: String,
    /// The finer state of its type: `running`, `exited`, `dead`, `auto-restart`, `listening`.
    pub sub: String,
    /// How a service starts: `simple`, `oneshot`, `notify`; empty for what is no service.
    pub starts_as: String,
    /// How it ended: `success`, `exit-code`, `signal`, `start-limit-hit`; also `success` when it never ran.
    pub result: String,
    /// What its main process ended with; 0 while it runs.
    pub exit_status: String,
    /// How often it was started again by itself; `None` before systemd 235, and for what is no service.
    pub restarts: Option<u64>,
    /// When it last became active.
    pub started: Option<Instant>,
    /// That time as it was written, when it could not be read.
    pub unreadable: Option<String>,
}

const PROPERTIES: &str = "--property=Id,Names,LoadState,ActiveState,SubState,Type,Result,NRestarts,ExecMainStatus,ActiveEnterTimestamp,ExecMainStartTimestamp";

/// The ends of unit names; what has none of them is a service.
const SUFFIXES: [&str; 11] = [
    ".service",
    ".socket",
    ".device",
    ".mount",
    ".automount",
    ".swap",
    ".target",
    ".path",
    ".timer",
    ".slice",
    ".scope",
];

/// The whole name of a unit, as `systemctl` completes it: `nginx` is `nginx.service`.
pub fn full_name(name: &str) -> String {
    if SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) { name.to_owned() } else { format!("{name}.service") }
}

/// Can it be the name of a unit? Patterns are not: one that matches nothing is answered with nothing, and success.
pub fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte);
    !name.is_empty() && name.len() <= 255 && name.bytes().all(allowed) && !name.starts_with('-')
}

impl Systemd<'_> {
    /// Units by name, in that order, and the time where systemd runs when that is not here.
    pub async fn units(&self, names: &[String]) -> Result<(Vec<Unit>, Option<Instant>), Unmeasurable> {
        let names: Vec<_> = names.iter().map(|name| full_name(name)).collect();
        let mut argv = vec!["systemctl"];
        argv.extend(self.user.then_some("--user"));
        argv.extend(["show", "--no-pager", PROPERTIES, "--"]);
        argv.extend(names.iter().map(String::as_str));
        let units = read(&self.run(&argv).await?, &names)?;
        let clock = if self.through.is_empty() { None } else { read_clock(&self.run(&["date", "+%s"]).await?) };
        Ok((units, clock))
    }

    async fn run(&self, words: &[&str]) -> Result<CommandAnswer, Unmeasurable> {
        let settings = ["env", "LC_ALL=C", "TZ=UTC", "SYSTEMD_COLORS=0"];
        let words = settings.iter().chain(words).map(|&word| word.to_owned());
        let argv = self.through.iter().cloned().chain(words).collect();
        self.witness.run(Command { argv, ..Command::default() }).await
    }
}

fn read_clock(answer: &CommandAnswer) -> Option<Instant> {
    let said = std::str::from_utf8(&answer.stdout).ok().filter(|_| answer.exit == Some(0))?;
    said.trim().parse().ok().and_then(Instant::from_seconds)
}

fn read(answer: &CommandAnswer, names: &[String]) -> Result<Vec<Unit>, Unmeasurable> {
    let output = String::from_utf8_lossy(&answer.stdout);
    let said = String::from_utf8_lossy(&answer.stderr);
    if answer.exit != Some(0) {
        return Err(refused(answer, &said, &output));
    }
    let blocks: Vec<_> = output.split("\n\n").map(properties).filter(|block| !block.is_empty()).collect();
    let fits = |(block, name): (&BTreeMap<&str, &str>, &String)| {
        let known = block.get("Id").into_iter().chain(block.get("Names"));
        known.flat_map(|names| names.split(' ')).any(|known| known == name)
    };
    if blocks.len() != names.len() || !blocks.iter().zip(names).all(fits) {
        return Err(Unmeasurable::new(
            format!("`systemctl show` told of {} units where {} were asked for", blocks.len(), names.len()),
            "Ask by hand: systemctl show UNIT.",
        ));
    }
    blocks.iter().zip(names).map(|(block, name)| unit(block, name)).collect()
}

fn refused(answer: &CommandAnswer, said: &str, output: &str) -> Unmeasurable {
    let line = said.lines().chain(output.lines()).map(shortened).find(|line| !line.is_empty());
    let line = line.unwrap_or_else(|| "it said nothing".to_owned());
    let how = match (answer.exit, answer.signal) {
        (Some(code), _) => format!("ended with {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    };
    // "System has not been booted with systemd as init system (PID 1)", "Failed to connect to bus: No such file".
    let help = if said.contains("not been booted with systemd") || said.contains("connect to bus") {
        "No systemd answers there. Ask it where it runs: `through: [ssh, HOST]` or `through: [docker, exec, NAME]`."
    } else {
        "Try the command by hand."
    };
    Unmeasurable::new(format!("`systemctl show` {how}: {line}"), help)
}

fn shortened(line: &str) -> String {
    printable(line.trim(), 200)
}

fn properties(block: &str) -> BTreeMap<&str, &str> {
    block.lines().filter_map(|line| line.split_once('=')).collect()
}

fn unit(block: &BTreeMap<&str, &str>, name: &str) -> Result<Unit, Unmeasurable> {
    let text = |property| block.get(property).copied().map(shortened).unwrap_or_default();
    for needed in ["LoadState", "ActiveState", "SubState"] {
        if text(needed).is_empty() {
            return Err(Unmeasurable::new(
                format!("`systemctl show` does not say the {needed} of \"{name}\""),
                format!("Ask by hand: systemctl show {name}."),
            ));
        }
    }
    let written = ["ActiveEnterTimestamp", "ExecMainStartTimestamp"].map(text);
    let written = written.into_iter().find(|written| !matches!(written.as_str(), "" | "n/a" | "0" | "@0"));
    let started = written.as_deref().and_then(time);
    Ok(Unit {
        load: text("LoadState"),
        active: text("ActiveState"),
        sub: text("SubState"),
        starts_as: text("Type"),
        result: text("Result"),
        exit_status: text("ExecMainStatus"),
        restarts: text("NRestarts").parse().ok(),
        started,
        unreadable: written.filter(|_| started.is_none()),
    })
}

/// `Fri 2026-11-27 13:38:41 UTC`, or `@1795786721` where somebody made that the form. No other zone: names of zones are
/// not unique.
fn time(written: &str) -> Option<Instant> {
    if let Some(seconds) = written.strip_prefix('@') {
        let whole = seconds.split_once('.').map_or(seconds, |(whole, _)| whole);
        return whole.parse().ok().and_then(Instant::from_seconds);
    }
    let words: Vec<_> = written.split_whitespace().collect();
    let [.., date, clock, zone] = words.as_slice() else { return None };
    // The day of the week stands before the date.
    let utc = matches!(*zone, "UTC" | "GMT") && words.len() <= 4;
    utc.then(|| format!("{date}T{clock}Z").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn answer(exit: i32, stdout: &str, stderr: &str) -> CommandAnswer {
        let (stdout, stderr) = (stdout.as_bytes().to_vec(), stderr.as_bytes().to_vec());
        CommandAnswer { exit: Some(exit), signal: None, stdout, stderr, elapsed: Duration::ZERO }
    }

    #[test]
    fn a_name_without_a_type_is_a_service_and_a_pattern_or_an_option_is_no_name() {
        assert_eq!(full_name("nginx"), "nginx.service");
        assert_eq!(full_name("a.b"), "a.b.service");
        assert_eq!(full_name("docker.socket"), "docker.socket");
        for right in ["nginx", "getty@tty1.service", "dev-disk-by\\x2dlabel.device", "1"] {
            assert!(is_name(right), "{right}");
        }
        for wrong in ["", "--all", "ngin*", "a b", "a/b", "a;b", "$(x)", "é", "a?", "[ab]"] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_read_in_utc_and_in_no_other_zone() {
        let at = |text: &str| time(text).map(|at| at.to_string());
        assert_eq!(at("Fri 2026-11-27 13:38:41 UTC").as_deref(), Some("2026-11-27T13:38:41Z"));
        assert_eq!(at("Fri 2026-11-27 13:38:41.123456 UTC").as_deref(), Some("2026-11-27T13:38:41Z"));
        assert_eq!(at("@1795786721").as_deref(), Some("2026-11-27T13:38:41Z"));
        assert_eq!(at("@1795786721.123456").as_deref(), Some("2026-11-27T13:38:41Z"));
        for wrong in ["", "n/a", "Fri 2026-11-27 14:38:41 CET", "Fri 2026-11-27 14:38:41", "4h ago", "@", "a b c d UTC"]
        {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_state_of_a_real_systemd_is_read() {
        let expected = [
            ("steady", "loaded", "active", "running", "success"),
            ("solid", "loaded", "active", "running", "success"),
            ("failed", "loaded", "failed", "failed", "exit-code"),
            ("flapping", "loaded", "activating", "auto-restart", "exit-code"),
            ("prepared", "loaded", "active", "exited", "success"),
            ("once", "loaded", "inactive", "dead", "success"),
            ("hollow", "loaded", "active", "exited", "success"),
            ("slow", "loaded", "activating", "start", "success"),
            ("stopped", "loaded", "inactive", "dead", "success"),
            ("broken", "bad-setting", "inactive", "dead", "success"),
            ("masked", "masked", "inactive", "dead", "success"),
            ("nosuch", "not-found", "inactive", "dead", "success"),
            ("dbus.socket", "loaded", "active", "running", "success"),
        ];
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/service-uptime/systemd-show.txt");
        let output = std::fs::read_to_string(path).expect("the capture is there");
        let names: Vec<_> = expected.iter().map(|(name, ..)| full_name(name)).collect();
        let units = read(&answer(0, &output, ""), &names).expect("reads");
        for ((name, load, active, sub, result), unit) in expected.iter().zip(&units) {
            let found = [&unit.load, &unit.active, &unit.sub, &unit.result].map(String::as_str);
            assert_eq!(found, [*load, *active, *sub, *result], "{name}");
        }
        assert_eq!(units[0].started.map(|at| at.to_string()).as_deref(), Some("2026-11-27T13:51:07Z"));
        assert!(units[3].restarts > Some(100) && units[12].restarts.is_none());
        assert_eq!((units[4].starts_as.as_str(), units[6].starts_as.as_str()), ("oneshot", "simple"));
        assert_eq!(units[8].started, None);
    }

    #[test]
    fn where_no_systemd_is_nothing_can_be_said() {
        let said = "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n";
        let problem = read(&answer(1, "", said), &["a.service".to_owned()]).expect_err("refused");
        assert_eq!(
            problem.reason,
            "`systemctl show` ended with 1: System has not been booted with systemd as init system (PID 1). Can't operate."
        );
        assert!(problem.help.contains("through:"), "{}", problem.help);
        // `docker exec` says it on the other stream.
        let said = "OCI runtime exec failed: exec failed: unable to start container process\r\n";
        let problem = read(&answer(126, said, ""), &["a.service".to_owned()]).expect_err("refused");
        assert!(problem.reason.contains("126: OCI runtime exec failed"), "{}", problem.reason);
    }

    #[test]
    fn an_answer_about_other_units_or_about_fewer_is_none() {
        let one = "Id=a.service\nNames=a.service b.service\nLoadState=loaded\nActiveState=active\nSubState=running\n";
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let asked = |wanted: &[&str]| read(&answer(0, one, ""), &names(wanted));
        assert!(asked(&["a.service"]).is_ok());
        assert!(asked(&["b.service"]).is_ok(), "an alias");
        assert!(asked(&["c.service"]).is_err());
        assert!(asked(&["a.service", "b.service"]).is_err());
        assert!(read(&answer(0, "", ""), &names(&["a.service"])).is_err());
        assert!(read(&answer(0, "Id=a.service\nLoadState=loaded\n", ""), &names(&["a.service"])).is_err());
    }

    #[test]
    fn a_time_that_cannot_be_read_is_kept_as_it_was_written() {
        let text = "Id=a.service\nLoadState=loaded\nActiveState=active\nSubState=running\nActiveEnterTimestamp=Fri 2026-11-27 14:38:41 CET\n";
        let units = read(&answer(0, text, ""), &["a.service".to_owned()]).expect("reads");
        assert_eq!((units[0].started, units[0].restarts), (None, None));
        assert_eq!(units[0].unreadable.as_deref(), Some("Fri 2026-11-27 14:38:41 CET"));
    }

    proptest! {
        #[test]
        fn no_output_makes_it_panic(stdout in "(Id|LoadState|ActiveState|SubState|ActiveEnterTimestamp)?[=\n @:a-z0-9-]{0,80}", exit in 0..3_i32) {
            let _either = read(&answer(exit, &stdout, ""), &["a.service".to_owned()]);
        }

        #[test]
        fn no_time_makes_it_panic(text in "\\PC{0,40}") {
            let _maybe = time(&text);
        }

        #[test]
        fn every_time_comes_back(seconds in 0_i64..4_102_444_800) {
            let at = Instant::from_seconds(seconds).expect("a time");
            let written = at.to_string().replace('T', " ").replace('Z', " UTC");
            prop_assert_eq!(time(&format!("Mon {written}")), Some(at));
        }
    }
}
