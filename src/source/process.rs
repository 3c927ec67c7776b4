//! The processes of this machine, as `ps` lists them: number, state, age and program.

use crate::model::fact::Unmeasurable;
use crate::witness::{Command, Witness};

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Has it ended, and waits only to be noticed by its parent?
    pub zombie: bool,
    /// Seconds since it was started.
    pub age: u64,
    /// The program's name; Linux cuts it after 15 bytes, macOS gives the path.
    pub program: String,
}

/// How many bytes of a program's name Linux keeps.
const KEPT_NAME: usize = 15;

impl Process {
    /// Is it a process of that program?
    pub fn runs(&self, name: &str) -> bool {
        let file = self.program.rsplit('/').next().unwrap_or(&self.program);
        file == name || self.program == name || (name.len() > KEPT_NAME && name.get(..KEPT_NAME) == Some(file))
    }
}

/// Every process of this machine, our own `ps` included.
pub async fn processes(witness: &Witness) -> Result<Vec<Process>, Unmeasurable> {
    let argv = ["ps", "-A", "-o", "pid=", "-o", "stat=", "-o", "etime=", "-o", "comm="];
    let command = Command {
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        env: [("LC_ALL".to_owned(), "C".to_owned())].into(),
        ..Command::default()
    };
    let answer = witness.run(command).await?;
    let output = String::from_utf8_lossy(&answer.stdout);
    let listed: Vec<_> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    if answer.exit != Some(0) || listed.is_empty() {
        let said = String::from_utf8_lossy(&answer.stderr);
        return Err(Unmeasurable::new(
            format!("`ps` did not list the processes: {}", said.lines().next().unwrap_or("it said nothing")),
            "Install the ps of procps; the small one of busybox cannot say what is asked.",
        ));
    }
    listed.into_iter().map(|line| read(line).ok_or_else(|| unreadable(line))).collect()
}

fn unreadable(line: &str) -> Unmeasurable {
    let line: String = line.chars().take(100).collect();
    Unmeasurable::new(format!("`ps` wrote a line that cannot be read: \"{line}\""), "Report it, with `ps --version`.")
}

fn read(line: &str) -> Option<Process> {
    let (pid, rest) = line.trim_start().split_once(' ')?;
    let (state, rest) = rest.trim_start().split_once(' ')?;
    let (age, program) = rest.trim_start().split_once(' ')?;
    let program = program.trim().trim_end_matches(" <defunct>");
    Some(Process {
        pid: pid.parse().ok()?,
        zombie: state.starts_with('Z'),
        age: elapsed(age)?,
        program: program.to_owned(),
    })
}

/// Reads `[[dd-]hh:]mm:ss` as seconds.
fn elapsed(text: &str) -> Option<u64> {
    let (days, clock) = text.split_once('-').unwrap_or(("0", text));
    let parts: Vec<u64> = clock.split(':').map(digits).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match (parts.as_slice(), days) {
        ([minutes, seconds], "0") => (0, *minutes, *seconds),
        ([hours, minutes, seconds], _) => (*hours, *minutes, *seconds),
        _ => return None,
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    digits(days)?.checked_mul(86_400)?.checked_add(hours * 3600 + minutes * 60 + seconds)
}

/// A number of digits alone: no sign.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_age_is_read_in_each_of_its_three_lengths() {
        assert_eq!(elapsed("00:07"), Some(7));
        assert_eq!(elapsed("34:58"), Some(2098));
        assert_eq!(elapsed("01:34:58"), Some(5698));
        assert_eq!(elapsed("12-01:34:58"), Some(12 * 86_400 + 5698));
        for wrong in [
            "",
            "7",
            "1-34:58",
            "1:2:3:4",
            "aa:bb",
            "-1:00",
            "+1:00",
            "00:60",
            "24:00:00",
            "99999999999999999999-00:00:00",
        ] {
            assert_eq!(elapsed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_line_of_ps_is_read_with_blanks_in_the_program() {
        let line = "  731 Ssl     1-02:03:04 tmux: server";
        let process = Process { pid: 731, zombie: false, age: 93_784, program: "tmux: server".to_owned() };
        assert_eq!(read(line), Some(process));
    }

    #[test]
    fn a_zombie_is_marked_and_keeps_its_name() {
        let process = read("42 Z    00:10 sleep <defunct>").expect("reads");
        assert!(process.zombie && process.runs("sleep"));
    }

    #[test]
    fn a_program_is_known_by_name_by_path_and_by_the_part_that_linux_keeps() {
        let process = |program: &str| Process { pid: 1, zombie: false, age: 0, program: program.to_owned() };
        assert!(process("nginx").runs("nginx"));
        assert!(process("/usr/sbin/nginx").runs("nginx"));
        assert!(process("prometheus-node").runs("prometheus-node-exporter"));
        assert!(!process("nginx-debug").runs("nginx"));
        assert!(!process("prometheus").runs("prometheus-node-exporter"));
        assert!(!process("").runs("nginx"));
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in "\\PC{0,60}") {
            let _maybe = read(&line);
        }

        #[test]
        fn every_age_comes_back(days in 0_u64..100_000, hours in 0_u64..24, minutes in 0_u64..60, seconds in 0_u64..60) {
            let written = format!("{days:02}-{hours:02}:{minutes:02}:{seconds:02}");
            prop_assert_eq!(elapsed(&written), Some(days * 86_400 + hours * 3600 + minutes * 60 + seconds));
        }
    }
}
