//! A client of supervisord's XML-RPC interface, as far as its processes and their states go.
//!
//! Times are those of its own clock, `now` included, so that an uptime needs no other clock.
//! Source of the shapes: <http://supervisord.org/api.html>, `getAllProcessInfo`; <http://xmlrpc.com/spec.md>.

use std::collections::BTreeMap;

use super::endpoint::Endpoint;
use super::xml_rpc::{self, Reply, Value};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::witness::{HttpRequest, Witness};

/// Where supervisord listens.
#[derive(Debug, Clone, Copy)]
pub enum Supervisord<'a> {
    /// On a unix socket.
    Socket(&'a str),
    /// Over HTTP.
    Host(&'a Endpoint),
}

/// State of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessState {
    /// Was ended on demand, or was never started.
    Stopped,
    /// Was started, and has not run for its `startsecs` yet.
    Starting,
    /// Runs.
    Running,
    /// Ended too soon, and will be started again.
    Backoff,
    /// Is being ended.
    Stopping,
    /// Ended by itself.
    Exited,
    /// Could not be started; supervisord has given up.
    Fatal,
    /// supervisord itself does not know.
    Unknown,
}

/// A process of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its group; a program on its own is a group of the same name.
    pub group: String,
    /// Its name within the group.
    pub name: String,
    /// Its state.
    pub state: ProcessState,
    /// When it was last started; `None` when it never was.
    pub started: Option<Instant>,
    /// Has it ended before?
    pub ended: bool,
    /// The time on supervisord's clock.
    pub now: Instant,
    /// How it ended the last time; 0 when it never did.
    pub exit_status: i64,
    /// Why it could not be started.
    pub error: String,
}

impl Program {
    /// `web`, or `web:web_00` where the group has a name of its own.
    pub fn full_name(&self) -> String {
        if self.group == self.name { self.name.clone() } else { format!("{}:{}", self.group, self.name) }
    }

    /// Is it meant by that name: its own, that of its group, `group:name` or `group:*`?
    pub fn is_called(&self, name: &str) -> bool {
        match name.split_once(':') {
            Some((group, process)) => group == self.group && (matches!(process, "*" | "") || process == self.name),
            None => name == self.group || name == self.name,
        }
    }
}

const CALL: &str =
    "<?xml version=\"1.0\"?><methodCall><methodName>supervisor.getAllProcessInfo</methodName><params/></methodCall>";

impl Supervisord<'_> {
    /// Every process it knows, in its order.
    pub async fn programs(&self, witness: &Witness) -> Result<Vec<Program>, Unmeasurable> {
        let request = match self {
            // The host of the address only fills the `Host` header.
            Self::Socket(socket) => {
                HttpRequest { socket: Some((*socket).to_owned()), ..HttpRequest::get("http://supervisord/RPC2") }
            }
            Self::Host(endpoint) => endpoint.get("/RPC2"),
        };
        let mut headers = request.headers;
        headers.insert("Content-Type".to_owned(), "text/xml".to_owned());
        let body = Some(CALL.to_owned());
        let answer = witness.http(HttpRequest { method: "POST".to_owned(), headers, body, ..request }).await?;
        let server = self.name();
        reply(xml_rpc::read(&answer, &server)?, &server)
    }

    fn name(&self) -> String {
        match self {
            Self::Socket(socket) => format!("supervisord at {socket}"),
            Self::Host(endpoint) => format!("supervisord at {}", endpoint.url),
        }
    }
}

fn reply(reply: Reply, server: &str) -> Result<Vec<Program>, Unmeasurable> {
    match reply {
        Reply::Value(Value::Array(programs)) => programs.into_iter().map(|one| program(one, server)).collect(),
        Reply::Value(_) => Err(foreign(server, "no list of processes")),
        Reply::Fault { code, text } => Err(Unmeasurable::new(
            format!("{server} refuses to tell of its processes: {text} (fault {code})"),
            "Look into its log; it may be shutting down, or be something other than supervisord.",
        )),
    }
}

fn foreign(server: &str, what: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("{server} answered with {what}"),
        "Look whether the address is that of supervisord's own HTTP server.",
    )
}

fn program(value: Value, server: &str) -> Result<Program, Unmeasurable> {
    let Value::Struct(members) = value else { return Err(foreign(server, "something that is no process")) };
    let text = |key| xml_rpc::text(&members, key).ok_or_else(|| foreign(server, &format!("a process without `{key}`")));
    let number = |key| integer(&members, key).ok_or_else(|| foreign(server, &format!("a process without `{key}`")));
    let time = |seconds| Instant::from_seconds(seconds).filter(|at: &Instant| at.seconds() > 0);
    let written = number("state")?;
    let state =
        state(written).ok_or_else(|| foreign(server, &format!("the state {written}, which is not known here")))?;
    Ok(Program {
        group: text("group")?,
        name: text("name")?,
        state,
        started: time(number("start")?),
        ended: integer(&members, "stop").is_some_and(|stop| stop > 0),
        now: time(number("now")?).ok_or_else(|| foreign(server, "a time that is none"))?,
        exit_status: integer(&members, "exitstatus").unwrap_or(0),
        error: xml_rpc::text(&members, "spawnerr").unwrap_or_default(),
    })
}

fn integer(members: &BTreeMap<String, Value>, key: &str) -> Option<i64> {
    match members.get(key) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    }
}

fn state(code: i64) -> Option<ProcessState> {
    Some(match code {
        0 => ProcessState::Stopped,
        10 => ProcessState::Starting,
        20 => ProcessState::Running,
        30 => ProcessState::Backoff,
        40 => ProcessState::Stopping,
        100 => ProcessState::Exited,
        200 => ProcessState::Fatal,
        1000 => ProcessState::Unknown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::witness::HttpAnswer;

    fn answer(status: u16, body: &str) -> HttpAnswer {
        HttpAnswer::new(status, body)
    }

    fn captured(file: &str) -> String {
        let path = format!("{}/fixtures/kinds/service-uptime/{file}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect("the capture is there")
    }

    fn read(body: &str) -> Result<Vec<Program>, Unmeasurable> {
        reply(xml_rpc::read(&answer(200, body), "supervisord")?, "supervisord")
    }

    #[test]
    fn every_state_of_a_real_supervisord_is_read() {
        use ProcessState::{Backoff, Exited, Fatal, Running, Starting, Stopped};
        let programs = read(&captured("supervisord-all.xml")).expect("reads");
        let found: Vec<_> =
            programs.iter().map(|one| (one.full_name(), one.state, one.exit_status, one.ended)).collect();
        let expected = [
            ("exited", Exited, 0, true),
            ("failing", Exited, 3, true),
            ("fatal", Fatal, 0, true),
            ("flapping", Backoff, 0, true),
            ("running", Running, 0, false),
            ("starting", Starting, 0, false),
            ("stopped", Stopped, 0, false),
            ("web:web_00", Running, 0, false),
            ("web:web_01", Running, 0, false),
        ];
        assert_eq!(found, expected.map(|(name, state, exit, ended)| (name.to_owned(), state, exit, ended)));
        assert_eq!(programs[2].error, "Exited too quickly (process log may have details)");
        assert_eq!((programs[4].started.map(Instant::seconds), programs[6].started), (Some(1_795_787_331), None));
    }

    #[test]
    fn a_program_is_known_by_its_name_its_group_and_both() {
        let programs = read(&captured("supervisord-all.xml")).expect("reads");
        let called = |name: &str| programs.iter().filter(|program| program.is_called(name)).count();
        for (name, count) in [
            ("running", 1),
            ("web", 2),
            ("web:*", 2),
            ("web:web_01", 1),
            ("web_01", 1),
            ("running:running", 1),
            ("we", 0),
            ("web:", 2),
        ] {
            assert_eq!(called(name), count, "{name}");
        }
    }

    #[test]
    fn a_refusal_and_a_process_that_says_less_are_no_answer() {
        let reason = |body: &str| read(body).expect_err("refused").reason;
        assert_eq!(
            reason(&captured("supervisord-fault.xml")),
            "supervisord refuses to tell of its processes: UNKNOWN_METHOD (fault 1)"
        );
        let whole = captured("supervisord-all.xml");
        assert_eq!(
            reason(&whole.replace("<name>start</name>", "<name>begin</name>")),
            "supervisord answered with a process without `start`"
        );
        assert!(reason(&whole.replace("<int>30</int>", "<int>31</int>")).contains("the state 31"));
        assert!(reason(&whole[..whole.len() / 2]).contains("what is no XML-RPC"), "half of it");
        assert!(
            reason("<methodResponse><params><param><value><int>1</int></value></param></params></methodResponse>")
                .contains("no list")
        );
        assert!(xml_rpc::read(&answer(401, ""), "s").expect_err("refused").reason.contains("does not let us in"));
        assert!(xml_rpc::read(&answer(404, "<html>"), "s").expect_err("refused").reason.contains("answered 404"));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(at in any::<proptest::sample::Index>(), put in "\\PC{0,10}") {
            let mut whole: Vec<char> = captured("supervisord-all.xml").chars().collect();
            let at = at.index(whole.len());
            whole.splice(at..at, put.chars());
            let _either = read(&whole.into_iter().collect::<String>());
        }
    }
}
