//! What can be written on the command line. The doc comments are the help texts.

mod asking;
mod audited;
mod drafting;
mod gate;
mod history;
mod lint;
mod proofread;
mod schema;
mod untrusted;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use self::drafting::{Add, Init};
use crate::audit::Shard;
use crate::model::instant::Instant;
use crate::model::printed::parse_duration;

pub(super) use asking::Asking;
pub(super) use audited::{Audited, usual_audit};
pub(super) use gate::Gate;
pub(super) use history::{History, HistoryFormat};
pub(super) use lint::{Lint, LintFormat};
pub(super) use proofread::{GateLevel, Proofread, ProofreadFormat};
pub(super) use schema::SchemaOf;
pub(super) use untrusted::{Untrusted, Within};
pub(super) use watch::Watch;

/// Verifies what people claim about a system before it goes live, and writes the audit that says so.
///
/// Exit codes: 0 approved or nothing to report; 1 approved with conditions, or findings; 2 rejected; 3 undetermined:
/// evidence is missing for something that decides; 4 could not run; 5 a bundle is not as it was
/// recorded, or a sign-off is missing, stale or invalid.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// Print only errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at a directory and this machine, and write a first audit file with what was measured
    #[command(after_long_help = drafting::INIT)]
    Init(Init),
    /// Measure something, and add a check of it to an audit file
    #[command(after_long_help = drafting::ADD)]
    Add(Add),
    /// Measure, judge, and write a bundle: record.json, evidence/, report.md, report.html
    Run(Box<Run>),
    /// Run an audit again and again, at intervals and when a file of it changes
    ///
    /// Runs after each wait of --every, and sooner when the audit file, one that it includes, a document that claims stand
    /// in, or a file that a check has read changes. On a terminal the latest result is shown with what has changed since the
    /// run before; elsewhere each run is one line. An audit file that is not valid is told, and watched until it is. Each run
    /// knows those before it, for the trend. The lock file stays as it is.
    ///
    /// --serve shows the latest report, and another one once something else is concluded: `/` is the page, `/report` the report alone,
    /// `/metrics` is for Prometheus, `/record.json` is the record; the evidence is not served. It answers GET and HEAD, and only who asks for it by an IP address or as localhost.
    ///
    /// Ctrl-C ends with the exit code of the last verdict; 4 where there is none.
    Watch(Box<Watch>),
    /// Is the audit file valid, and can every check fail? Asks nothing of the audited systems
    ///
    /// Prints each finding with its place; then, for each check, a value that would make it fail, found by judging it. A
    /// finding is also: a check, condition or claim that no value can fail; a waiver that has ended, that waives what cannot
    /// fail or what is waived already; a condition that nothing closes, or that closes whatever is measured; an area that
    /// nothing measured stands behind.
    ///
    /// Exit codes: 0 nothing found; 1 findings; 4 the audit file is not valid.
    Lint(Lint),
    /// Render the documents of a bundle again, or with other templates
    Render(Render),
    /// Write pages of audits for a documentation site, with a list of all of them, the latest, a badge and a line of scores
    ///
    /// Each run gets a page of its own, `DAY-END_OF_RUN_ID`, beside it its record, sign-offs and evidence. The list, the page
    /// `latest`, the badge and the line of scores are made from the records that lie there, so that later runs are added by
    /// publishing them alone. What was captured stays text on every kind of site. Publishing the same again writes nothing;
    /// more sign-offs of the same record change its page, and another record under the same page is refused, as is writing
    /// over a page that is not countersign's own.
    ///
    /// The configuration of the site is never touched: what it needs is printed. A list that exists is only written between
    /// the lines `<!-- countersign:begin -->` and `<!-- countersign:end -->`, and so are SUMMARY.md of mdBook and _Sidebar.md
    /// of a wiki.
    ///
    /// The bundle is checked first: one that is damaged ends with exit code 5, and nothing is written.
    Publish(Publish),
    /// Put the bundles of partial runs together: one record, judged anew, with the evidence of all of them
    ///
    /// The parts come from `run --shard`, `run --only` or a run that was stopped, and must stand on one audit file, with the
    /// same variables. A check that more than one of them looked at is an error, and so is a document of claims that is not
    /// the same for all. A check that none of them looked at stays skipped, is listed, and keeps the record from any
    /// verdict but `rejected` and `undetermined`.
    ///
    /// Parts of one run that were replayed one by one give that run again, to the byte. Parts that are runs of their own
    /// give a run that began with the first and ended with the last; the record names each of them with its digest. Other
    /// documents than the record's own, and sign-offs of the parts, are not taken over.
    Merge(Merge),
    /// What changed between two bundles: statuses, verdict, scores, claims, and what is asked at all
    ///
    /// Without a flag the exit code is 0 whatever changed. The run itself (its id, times, platform, version of countersign)
    /// is no change, and neither are facts that are times, such as an uptime: where these matter, a status moves with them.
    ///
    /// Worse is: a check with a worse status (pass, then warn, then fail or not having looked; between a failure and not
    /// having looked each way is for the worse); a worse verdict; less coverage, in an area or in all; less that is asked
    /// (a check, area or claim gone or no longer scored, a lower weight, severity or threshold, a condition that accepts
    /// more, a probe replaced by a person); a claim that is newly refuted or no longer upheld. A new check that fails is not
    /// worse by itself.
    Diff(Diff),
    /// Which runs there are of each audit, and how they went: verdicts, scores, coverage, claims, signatures
    ///
    /// Reads the records of all bundles below a directory, newest first. A bundle that is damaged is told and left out, and
    /// the exit code is then 1. Of each claimant it says how many claims were upheld over all runs.
    History(History),
    /// Is a bundle, or a report.html, as it was written, and signed as it must be?
    ///
    /// In this order: the record is in its one canonical form and of a known schema; every file of evidence that it names is
    /// there with its size and digest, and none besides; the digest of the audit is right; judging again from the record
    /// gives the recorded judgement; report.md and report.html are what the record renders to. Each finding has a stable
    /// code such as EVIDENCE_MISMATCH, and any finding ends with exit code 5.
    ///
    /// Then the sign-offs. Whose keys count and who must sign comes from the verifier and never from the bundle: without
    /// --allowed-signers no sign-off is called valid, without --policy none is demanded. With --policy a sign-off that is
    /// missing, stale or invalid ends with exit code 5. A sign-off that is false whoever signed it always does.
    ///
    /// A sign-off is stale once there is a later record. One of a role with `areas` counts for the later record, too, as long
    /// as nothing changed but other areas, run ids, and when and how long things were looked at. Anything else that differs
    /// makes it stale and is named: a fact that grows with each run, such as an uptime or an age, does so each time.
    ///
    /// A report.html is checked from what stands inside it; a report.md from the record.json beside it.
    ///
    /// Facts are not measured again from the evidence: that needs the audit file. `countersign run AUDIT --replay BUNDLE`
    /// does it, and writes the same bytes when nothing differs. A later version of countersign may word a judgement or a
    /// document differently; verify with the version that the record names.
    Verify(Verify),
    /// Sign a bundle with an SSH key, as a role
    ///
    /// Shows what is signed, asks, and lets `ssh-keygen` sign it: with a key file, a key of the agent, or a hardware key.
    /// Writes signoffs/ROLE.DIGEST.json and the documents that show it, in one step. An approval names each check that
    /// fails, each blocker that could not be decided and each waived check; that is asked for, or given with --acknowledge.
    /// When standard input is not a terminal nothing is asked, and --yes must be given.
    ///
    /// The whole record is signed as it is. Where the audit file gives the role `areas`, the sign-off also counts for a later
    /// record in which nothing about them changed; `countersign verify --help` says what that means.
    Sign(Sign),
    /// May the rollout take its next step? Measures what decides about a stage of a signed audit
    ///
    /// Asks what lets the stage go on (`proceed-when`), what takes it back (`roll-back-when`), and whether it has soaked, as
    /// the record of the audit has them: what was signed is what is measured. The audit must be approved, its bundle intact
    /// and its sign-offs what is demanded; else nothing is measured.
    ///
    /// A condition over time (`for 5m`) is asked of the past where the source remembers it (Prometheus); else, and for the
    /// whole of a soak, --watch goes on looking. What was not seen for long enough is not known, and holds the stage. With
    /// --watch the first condition that takes the stage back ends the watch.
    ///
    /// Writes a bundle of its own, which `verify`, `render`, `publish` and `diff` take as any other; its record names that of
    /// the audit. Exit codes: 0 proceed; 1 hold, a condition does not hold yet; 2 roll back; 3 hold, evidence is missing;
    /// 4 could not run; 5 the audit is not intact, or a sign-off is missing, stale or invalid.
    Gate(Box<Gate>),
    /// Does the arithmetic of Markdown documents come out? Asks nothing of anybody
    ///
    /// Derives again what a report says of its own numbers: percentages of their fractions, totals of their rows, parts of
    /// their wholes. A finding means that no admissible reading makes the statement true; the last line says how much was
    /// checked. Of a directory every .md and .markdown file is read, except in hidden directories, `node_modules` and
    /// `target`; links are not followed.
    ///
    /// `<!-- countersign: allow RULE reason="..." until=2027-06-01 -->` before a block (a paragraph, a list, a table) allows
    /// what the rule finds in it. `allow-file` instead of `allow` is for the whole document, and so is
    /// `# countersign: allow RULE reason="..."` in the front matter. A reason is required, and an allowance that allows
    /// nothing or has expired is a finding itself.
    ///
    /// Exit codes: 0 nothing at or above `--level`; 1 findings; 4 could not run.
    Proofread(Proofread),
    /// What a number in a document is called in an audit file, and what such a name leads to
    Locate(Locate),
    /// What can be measured: sources, facts, options, an example
    Kinds(Kinds),
    /// What results and documents can be written as, for `--format`
    Formats(Formats),
    /// Print the JSON Schema of the audit file, or of what `--format json` writes
    ///
    /// Editors with a YAML language server use it when the audit file begins with the line
    /// `# yaml-language-server: $schema=countersign.schema.json`.
    Schema {
        /// Of what
        #[arg(value_enum, default_value_t = SchemaOf::Audit)]
        of: SchemaOf,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// `countersign run`
#[derive(Debug, Args)]
pub struct Run {
    /// The audit
    #[command(flatten)]
    pub audited: Audited,
    /// Where the bundle goes [default: audits/AUDIT-ID/RUN]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Take the answers from the evidence of an earlier bundle; nothing is asked of the outside
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["plan", "no_commands", "allow_outside", "ca_file", "max_time", "allow_network"])]
    pub replay: Option<PathBuf>,
    /// List what would be asked, and ask nothing
    #[arg(long)]
    pub plan: bool,
    /// Measure only this area (`monitoring`) or check (`monitoring/services-up`); may be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Measure only the K-th of N parts of the checks, for several machines; `countersign merge` puts the parts together
    ///
    /// The parts follow from the audit file and from --only and --claims-only, and from nothing else: every check is in
    /// exactly one of them, together with those that it depends on. A part alone is never approved.
    #[arg(long, value_name = "K/N", conflicts_with = "plan")]
    pub shard: Option<Shard>,
    /// Judge claims alone, without a score, and measure only what they need: 1 when one is wrong, 3 when one cannot be
    /// held against anything
    #[arg(long)]
    pub claims_only: bool,
    /// Put wrong numbers right in the documents that the audit file names, digits only, and print what changed
    #[arg(long, conflicts_with_all = ["plan", "replay", "untrusted"])]
    pub fix: bool,
    /// Leave the lock file, which remembers where claims were last seen, as it is
    #[arg(long)]
    pub locked: bool,
    /// Which verdicts besides `approved` end with exit code 0
    ///
    /// Where only claims are judged it changes nothing: a wrong claim is no condition that somebody took on.
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub accept: Option<Accept>,
    /// How many questions may be under way at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub in_flight: Option<u32>,
    /// How many questions may be under way at once for one host
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub per_host: Option<u32>,
    /// How the outside is asked
    #[command(flatten)]
    pub asking: Asking,
    /// Where an untrusted audit may look
    #[command(flatten)]
    pub within: Within,
    /// The bundle before this one: its record's digest goes into this record
    #[arg(long, value_name = "BUNDLE")]
    pub previous: Option<PathBuf>,
    /// Write the results in a format for CI, or a document; `countersign formats` lists them
    #[arg(long, value_name = "NAME[=PATH]", value_delimiter = ',', long_help = super::outputs::long_help(), conflicts_with = "plan")]
    pub format: Vec<String>,
    /// Hold relative conditions (`<= baseline + 5%`) against this earlier bundle [default: none, and they are `no data`; a
    /// replay takes the earlier run that its bundle was judged with]
    #[arg(long, value_name = "BUNDLE")]
    pub baseline: Option<PathBuf>,
    /// Show the trend since earlier runs of this audit: the bundles below this directory
    ///
    /// The newest 50 are kept in the record, as much of each as the trend shows. Without this flag none are looked for: what
    /// is recorded, and signed, should not hang on what lies around. Runs of a part of the audit are left out.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["plan", "replay"])]
    pub history: Option<PathBuf>,
    /// Templates that take the place of the built-in ones; see `render --list-templates`
    #[arg(long, value_name = "DIR")]
    pub template: Option<PathBuf>,
}

/// `countersign merge`
#[derive(Debug, Args)]
pub struct Merge {
    /// The bundles
    #[arg(value_name = "BUNDLE", required = true)]
    pub bundles: Vec<PathBuf>,
    /// Where the merged bundle goes [default: audits/AUDIT-ID/RUN]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Which verdicts besides `approved` end with exit code 0
    ///
    /// Where only claims are judged it changes nothing: a wrong claim is no condition that somebody took on.
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub accept: Option<Accept>,
    /// Write the results in a format for CI, or a document; `countersign formats` lists them
    #[arg(long, value_name = "NAME[=PATH]", value_delimiter = ',', long_help = super::outputs::long_help())]
    pub format: Vec<String>,
    /// The audit file of the bundles, so that formats name its lines from the root of the repository
    #[arg(long, value_name = "AUDIT", requires = "format")]
    pub audit: Option<PathBuf>,
    /// Templates that take the place of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub template: Option<PathBuf>,
}

/// What `--accept` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Accept {
    /// Approved with conditions
    Conditional,
}

/// `countersign render`
#[derive(Debug, Args)]
pub struct Render {
    /// The bundle
    #[arg(value_name = "BUNDLE", required_unless_present = "list_templates")]
    pub bundle: Option<PathBuf>,
    /// Where the documents go [default: into the bundle]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Write the results in a format for CI, or a document, instead of both documents; `countersign formats` lists them
    #[arg(long, value_name = "NAME[=PATH]", value_delimiter = ',', long_help = super::outputs::long_help(), conflicts_with = "to")]
    pub format: Vec<String>,
    /// The audit file of the bundle, so that formats name its lines from the root of the repository
    #[arg(long, value_name = "AUDIT", requires = "format")]
    pub audit: Option<PathBuf>,
    /// Templates that take the place of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub template: Option<PathBuf>,
    /// Write the short form instead, brief.md and brief.html: one printed page for whoever decides
    #[arg(long, conflicts_with = "format")]
    pub brief: bool,
    /// List the templates that a directory may override
    #[arg(long)]
    pub list_templates: bool,
}

/// `countersign publish`
#[derive(Debug, Args)]
pub struct Publish {
    /// The bundles; without any, the pages about all runs are made again
    #[arg(value_name = "BUNDLE", conflicts_with = "list")]
    pub bundles: Vec<PathBuf>,
    /// The kind of site; `countersign publish --list` says which there are
    #[arg(long, value_name = "KIND", required_unless_present = "list", hide_possible_values = true,
        value_parser = clap::builder::PossibleValuesParser::new(crate::publish::SITES.iter().map(|site| site.name)))]
    pub site: Option<String>,
    /// The folder of the audits in the site; one audit has one of its own
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    pub to: Option<PathBuf>,
    /// The folder whose content the site serves as it is [default: found by the site's configuration]
    #[arg(long = "static", value_name = "DIR")]
    pub static_files: Option<PathBuf>,
    /// How much of the evidence is published: none of it, the beginnings that the report shows, or all files as text
    /// [default: files where the site serves them, else excerpts]
    #[arg(long, value_enum)]
    pub evidence: Option<HowMuch>,
    /// Say what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// List the kinds of site
    #[arg(long)]
    pub list: bool,
    /// List them as a Markdown table
    #[arg(long, requires = "list", hide = true)]
    pub markdown: bool,
}

/// How much of the evidence is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HowMuch {
    /// None of it: facts and digests alone
    None,
    /// The beginnings that the report shows
    Excerpts,
    /// All of it, as files
    Files,
}

/// `countersign formats`
#[derive(Debug, Args)]
pub struct Formats {
    /// As a Markdown table
    #[arg(long)]
    pub markdown: bool,
}

/// `countersign diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The earlier bundle
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later bundle
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// How to print it; `json` has the schema that `countersign schema diff` prints
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub format: DiffFormat,
    /// End with exit code 1 when anything but times changed
    #[arg(long)]
    pub fail_on_change: bool,
    /// End with exit code 1 when something got worse
    ///
    /// Less being asked counts as worse: a check, a claim, a condition for go-live or a role of the sign-off that is gone, a
    /// limit, tolerance or deadline that is softer. What is asked differently and cannot be ranked, as two patterns, counts
    /// when it lets pass what was measured and would not have passed before. A waiver does not count: it stays in the report.
    #[arg(long)]
    pub fail_on_regression: bool,
}

/// How a comparison is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For a terminal
    Human,
    /// For a pull request or a page
    Markdown,
    /// For a program
    Json,
}

/// `countersign sign`
#[derive(Debug, Args)]
pub struct Sign {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The role to sign as, of the audit file's `signoff`
    #[arg(long, value_name = "ROLE")]
    pub role: String,
    /// The principal of your key in the verifiers' allowed_signers, such as alice@example.com [default: the only one who may
    /// sign as this role]
    #[arg(long, value_name = "PRINCIPAL")]
    pub signer: Option<String>,
    /// A private key, a public key whose private half the agent has, or `agent` for the only key that it has
    #[arg(long, value_name = "FILE", default_value = "agent")]
    pub key: String,
    /// Sign a rejection
    #[arg(long, conflicts_with = "approve_with_conditions")]
    pub reject: bool,
    /// Approve, and say what must be done; the bundle stands before it
    #[arg(long, value_name = "TEXT", num_args = 1..)]
    pub approve_with_conditions: Vec<String>,
    /// Accept these checks as they are (`area/check`); the bundle stands before it
    #[arg(long, value_name = "CHECK", num_args = 1..)]
    pub acknowledge: Vec<String>,
    /// For how long (`14d`) or until when it holds [default: the policy's max-age, else 30d]
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
    /// A sentence of your own, signed and shown with the rest
    #[arg(long, value_name = "TEXT")]
    pub statement: Option<String>,
    /// Do not ask: what is shown is what I want to sign
    #[arg(long)]
    pub yes: bool,
    /// Templates that take the place of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub template: Option<PathBuf>,
}

/// `countersign verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// The bundle, or its report.html or report.md
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// Who must sign, and whose keys count
    #[command(flatten)]
    pub keys: Keys,
    /// The commit that the record must be of
    #[arg(long, value_name = "COMMIT")]
    pub expect_commit: Option<String>,
    /// How old the record may be; where all its sign-offs were given for earlier records, whose areas are unchanged, how old
    /// these may be: what nobody signed can be dated anew
    #[arg(long, alias = "max-record-age", value_name = "TIME", value_parser = duration)]
    pub max_age: Option<Duration>,
    /// What time it is [default: the clock of the machine]
    #[arg(long, value_name = "TIME")]
    pub now: Option<Instant>,
    /// How to print it; `json` has the schema that `countersign schema verify` prints
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub format: VerifyFormat,
    /// Read the documents that claims stand in again, below this directory; a claim that no longer says what it said at the
    /// audit is "changed since", and ends with exit code 1
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The templates that the documents were written with, in place of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub template: Option<PathBuf>,
}

/// Who must sign, and whose keys count.
#[derive(Debug, Clone, Args)]
pub struct Keys {
    /// Who must sign: an audit file, or one with nothing but `signoff:`; the record must say the same
    #[arg(long, value_name = "FILE", requires = "allowed_signers")]
    pub policy: Option<PathBuf>,
    /// Whose keys count, as ssh-keygen(1) has it
    #[arg(long, value_name = "FILE", requires = "revoked")]
    pub allowed_signers: Option<PathBuf>,
    /// Which keys count no longer: public keys, one a line, or a KRL; an empty file where there are none
    #[arg(long, value_name = "FILE", requires = "allowed_signers")]
    pub revoked: Option<PathBuf>,
}

/// How the result of checking a bundle is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// For a terminal
    Human,
    /// For a program
    Json,
}

/// `countersign locate`
#[derive(Debug, Args)]
pub struct Locate {
    /// The document and a line of it; without a column, every number in the line
    #[arg(value_name = "FILE:LINE[:COL]", required_unless_present = "find")]
    pub place: Option<String>,
    /// Print the locator as a mapping for `at:`
    #[arg(long, conflicts_with = "find")]
    pub yaml: bool,
    /// Follow a locator and show what it leads to; exit code 1 when that is not exactly one place
    #[arg(long, value_name = "LOCATOR", conflicts_with = "place")]
    pub find: Option<String>,
    /// The directory that the paths of documents begin at: the audit's root
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
}

/// `countersign kinds`
#[derive(Debug, Args)]
pub struct Kinds {
    /// One kind, in full
    pub kind: Option<String>,
    /// As a Markdown table
    #[arg(long, conflicts_with = "kind")]
    pub markdown: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    let seconds = parse_duration(text).map_err(|problem| problem.to_string())?;
    let micros = (seconds * 1_000_000_u32.into()).to_u64().filter(|micros| *micros > 0);
    micros.map(Duration::from_micros).ok_or_else(|| format!("\"{text}\" is no time to wait"))
}
