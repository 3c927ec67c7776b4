//! lcov tracefiles, as lcov, geninfo, gcovr, llvm-cov, coverage.py, c8, istanbul and grcov write them: read line by line.
//!
//! Source of the format: the manual page geninfo(1), versions 1.16 and 2.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use super::{Coverage, Part, SourceFile, Tally, key, was_run};

/// Longest line, in bytes: names of C++ functions are long.
const MAX_LINE: u64 = 1024 * 1024;

/// Reads a tracefile to its end. The error says what is wrong with it, as a lower-case fragment.
pub fn read(input: impl Read) -> Result<Coverage, String> {
    let mut reader = BufReader::with_capacity(64 * 1024, input);
    let mut report = Report::default();
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let length = reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line);
        let length = length.map_err(|error| format!("it cannot be read: {error}"))? as u64;
        if length == 0 {
            break;
        }
        if length > MAX_LINE {
            return Err(format!("line {number} is longer than {MAX_LINE} bytes"));
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end().trim_start_matches('\u{feff}');
        report.take(text).map_err(|why| format!("line {number} {why}"))?;
    }
    report.finish()
}

#[derive(Default)]
struct Report {
    all: Coverage,
    open: Option<Open>,
    records: usize,
}

/// A source file whose `end_of_record` has not been seen.
#[derive(Default)]
struct Open {
    name: String,
    file: SourceFile,
    /// What it says of itself: lines, branches and functions.
    said: [(Option<u64>, Option<u64>); 3],
    /// How many records it has of each.
    records: [u64; 3],
    /// Where its functions begin.
    starts: Vec<u64>,
    /// lcov 2 gives functions numbers, and calls with those.
    aliases: BTreeMap<u64, String>,
    /// By its name: each function that bears it, in that order, and whether each of the counts for it is above zero.
    functions: BTreeMap<String, (Vec<u64>, Vec<bool>)>,
}

impl Report {
    fn take(&mut self, text: &str) -> Result<(), String> {
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        if text == "end_of_record" {
            let open = self.open.take().ok_or("ends a record that has not begun")?;
            return self.close(open);
        }
        let (kind, rest) = text.split_once(':').ok_or("is no lcov record")?;
        match (kind, &mut self.open) {
            ("SF", Some(_)) => Err("begins a source file before the one before it has ended".to_owned()),
            ("SF", none) => {
                *none = Some(Open { name: rest.to_owned(), ..Open::default() });
                self.records += 1;
                Ok(())
            }
            ("TN", _) => Ok(()),
            _ if !kind.bytes().all(|byte| byte.is_ascii_uppercase()) => Err("is no lcov record".to_owned()),
            (_, None) => Err("tells of no source file".to_owned()),
            (kind, Some(open)) => {
                let held = open.take(kind, rest)?;
                self.all.hold(held)
            }
        }
    }

    /// A file may stand in several records, one for each test: they are put together.
    fn close(&mut self, mut open: Open) -> Result<(), String> {
        let place = format!("the record of \"{}\"", super::super::xml::quoted(&open.name));
        let explained = open.explained();
        let functions = std::mem::take(&mut open.functions).into_iter();
        if !functions.fold(true, |sure, (name, of_it)| open.file.functions_of(&name, &of_it) && sure) {
            open.file.functions = Part::Conflict;
        }
        let parts = [&mut open.file.lines, &mut open.file.branches, &mut open.file.functions];
        for (sort, (part, said)) in parts.into_iter().zip(open.said).enumerate() {
            let (Some(total), Some(covered)) = said else { continue };
            let said = Tally { covered: covered.min(total), total };
            match part.tally() {
                None if matches!(part, Part::Conflict) => {}
                // A summary alone: `llvm-cov export --summary-only`. Of nothing it says nothing.
                None if total > 0 => *part = Part::Totals(said),
                None => {}
                Some(listed) => self.all.compare(sort, &place, said, listed, explained[sort]),
            }
        }
        let mut one = Coverage::default();
        one.files.insert(open.name, open.file);
        self.all.absorb(one)
    }

    fn finish(self) -> Result<Coverage, String> {
        if self.open.is_some() {
            return Err("it stops in the middle: a record has no end".to_owned());
        }
        if self.records == 0 {
            return Err("it has no lcov record".to_owned());
        }
        Ok(self.all)
    }
}

impl SourceFile {
    /// Functions of one name, such as the methods `run` of several classes: the counts come in the order of the functions.
    /// Is it sure which belongs to which?
    fn functions_of(&mut self, name: &str, (functions, counts): &(Vec<u64>, Vec<bool>)) -> bool {
        match functions.as_slice() {
            [] => self.functions.add(key(&[name]), u32::from(counts.contains(&true)), 1),
            [one] => self.functions.add(*one, u32::from(counts.contains(&true)), 1),
            several if several.len() == counts.len() => {
                several.iter().zip(counts).for_each(|(one, run)| self.functions.add(*one, u32::from(*run), 1));
            }
            [first, others @ ..] if others.iter().all(|other| other == first) => {
                self.functions.add(*first, u32::from(counts.contains(&true)), 1);
            }
            _ => return false,
        }
        true
    }
}

impl Open {
    /// How many of each it may have counted, when it lists all: a record may stand there twice, and llvm-cov counts a line
    /// for each function that it is in, so that those of closures count for what is around them, too.
    fn explained(&self) -> [u64; 3] {
        let mut explained = self.records;
        if let Part::Items(lines) = &self.file.lines {
            let lines: Vec<u64> = lines.keys().copied().collect();
            let behind = |start: &u64| lines.len() - lines.partition_point(|line| line < start);
            let in_functions = self.starts.iter().map(behind).fold(0_usize, usize::saturating_add);
            explained[0] = explained[0].max(u64::try_from(in_functions).unwrap_or(u64::MAX));
        }
        explained
    }

    /// How many items it holds more.
    fn take(&mut self, kind: &str, rest: &str) -> Result<usize, String> {
        let wrong = || format!("is no {kind} record");
        match kind {
            "DA" => {
                let mut fields = rest.split(',');
                let line = fields.next().and_then(|text| text.parse::<u64>().ok()).ok_or_else(wrong)?;
                let run = was_run(fields.next().ok_or_else(wrong)?).ok_or_else(wrong)?;
                self.file.lines.add(line, u32::from(run), 1);
                self.records[0] += 1;
            }
            // line, [e]block, branch, taken or "-"; a branch may be an expression with commas in it.
            "BRDA" => {
                let (branch, taken) = rest.rsplit_once(',').ok_or_else(wrong)?;
                let run = taken != "-" && was_run(taken).ok_or_else(wrong)?;
                self.file.branches.add(key(&[branch]), u32::from(run), 1);
                self.records[1] += 1;
            }
            "FN" => {
                let (line, name) = function(rest).ok_or_else(wrong)?;
                self.functions.entry(name.to_owned()).or_default().0.push(key(&[line, name]));
                self.starts.extend(line.parse::<u64>());
                self.records[2] += 1;
            }
            "FNDA" => {
                let (count, name) = rest.split_once(',').ok_or_else(wrong)?;
                let run = was_run(count).ok_or_else(wrong)?;
                self.functions.entry(name.to_owned()).or_default().1.push(run);
            }
            "FNL" => {
                let (number, place) = rest.split_once(',').ok_or_else(wrong)?;
                let number = number.parse().map_err(|_| wrong())?;
                self.aliases.insert(number, place.to_owned());
                self.starts.extend(place.split(',').next().and_then(|line| line.parse::<u64>().ok()));
                self.records[2] += 1;
                self.file.functions.add(key(&[place]), 0, 1);
            }
            // Several names of one function: it is run when one of them is.
            "FNA" => {
                let mut fields = rest.splitn(3, ',');
                let number = fields.next().and_then(|text| text.parse::<u64>().ok()).ok_or_else(wrong)?;
                let run = was_run(fields.next().ok_or_else(wrong)?).ok_or_else(wrong)?;
                let place = self.aliases.get(&number).ok_or_else(wrong)?;
                self.file.functions.add(key(&[place]), u32::from(run), 1);
            }
            "LF" | "LH" | "BRF" | "BRH" | "FNF" | "FNH" => {
                let number = rest.parse::<u64>().map_err(|_| wrong())?;
                let which = match kind.get(..kind.len() - 1) {
                    Some("L") => 0,
                    Some("BR") => 1,
                    _ => 2,
                };
                let said = &mut self.said[which];
                if kind.ends_with('F') {
                    said.0 = Some(number)
                } else {
                    said.1 = Some(number)
                }
                return Ok(0);
            }
            // Versions, and what later versions of lcov add.
            _ => return Ok(0),
        }
        Ok(1)
    }
}

/// `line,name` of lcov 1, `line,last line,name` of lcov 2.
fn function(rest: &str) -> Option<(&str, &str)> {
    let (line, rest) = rest.split_once(',')?;
    let name = match rest.split_once(',') {
        Some((end, name)) if !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => rest,
    };
    Some((line, name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    macro_rules! captured {
        ($name:literal) => {
            read(&include_bytes!(concat!("../../../fixtures/kinds/coverage/", $name))[..]).expect($name)
        };
    }

    /// Lines, branches and functions of the one file: covered and all.
    fn of(report: &Coverage) -> [Option<(u64, u64)>; 3] {
        let file = report.files.values().next().expect("a file");
        [&file.lines, &file.branches, &file.functions].map(|part| part.tally().map(|t| (t.covered, t.total)))
    }

    #[test]
    fn what_every_tool_writes_is_counted() {
        let report = captured!("coveragepy-a.lcov");
        assert_eq!((of(&report), report.notes.len()), ([Some((5, 8)), Some((2, 4)), Some((1, 2))], 0));
        let report = captured!("c8.lcov");
        assert_eq!((of(&report), report.notes.len()), ([Some((7, 10)), Some((2, 4)), Some((1, 2))], 0));
        let report = captured!("nyc.lcov");
        assert_eq!((of(&report), report.notes.len()), ([Some((4, 6)), Some((2, 6)), Some((1, 2))], 0));
        let report = captured!("geninfo.lcov");
        assert_eq!((of(&report), report.notes.len()), ([Some((6, 9)), Some((2, 4)), Some((2, 3))], 0));
        let report = captured!("gcovr.lcov");
        assert_eq!((of(&report), report.notes.len()), ([Some((6, 9)), Some((2, 4)), Some((2, 3))], 0));
        let report = captured!("llvm-cov.lcov");
        assert_eq!(report.notes, [] as [&str; 0]);
        let counted = of(&report);
        // What llvm-cov says of itself without listing anything is the same.
        assert_eq!(of(&captured!("llvm-cov-summary.lcov")), counted);
    }

    #[test]
    fn two_runs_of_one_program_are_put_together_line_by_line() {
        let mut both = captured!("coveragepy-a.lcov");
        both.absorb(captured!("coveragepy-b.lcov")).expect("fits");
        assert_eq!((both.files.len(), of(&both)), (1, [Some((7, 8)), Some((3, 4)), Some((2, 2))]));
        // coverage.py 7.6.1 numbered branches by what a run had seen: nobody knows which are the same.
        let mut both = captured!("coveragepy-7.6.1-a.lcov");
        both.absorb(captured!("coveragepy-7.6.1-b.lcov")).expect("fits");
        assert_eq!(of(&both)[..2], [Some((8, 9)), None]);
        // It also listed the docstring as a line, and did not count it.
        let note = "The record of \"shop.py\" says 5 of 8 lines and lists 6 of 9: what it lists counts.";
        assert_eq!(both.notes[0], note);
    }

    #[test]
    fn what_it_says_of_itself_is_compared_and_not_counted() {
        let report = |said: &str| {
            let text = format!("SF:a\nFN:1,f\nFNDA:1,f\nDA:1,1\nDA:2,0\n{said}\nend_of_record\n");
            let report = read(text.as_bytes()).expect("reads");
            assert_eq!(of(&report)[0], Some((1, 2)));
            report
        };
        let less = report("LF:2\nLH:2");
        assert_eq!(less.notes, ["The record of \"a\" says 2 of 2 lines and lists 1 of 2: what it lists counts."]);
        assert_eq!(less.unlisted("lines"), None);
        for (said, told) in [("LF:10\nLH:2", "2 of 10"), ("LF:9\nLH:9", "9 of 9"), ("LF:2\nLH:0", "0 of 2")] {
            let expected = format!("the record of \"a\" says {told} lines and lists 1 of 2");
            assert_eq!(report(said).unlisted("lines"), Some(expected.as_str()));
        }
        // A closure on line 2, which is in both functions.
        assert_eq!(report("FN:2,g\nFNDA:0,g\nLF:3\nLH:1").unlisted("lines"), None);
        assert!(report("FN:2,g\nFNDA:0,g\nLF:4\nLH:1").unlisted("lines").is_some());
        assert!(report("BRDA:1,0,0,1\nBRF:9\nBRH:1").unlisted("branches").is_some());
    }

    #[test]
    fn records_of_lcov_2_and_odd_counts_are_read() {
        let text = "TN:t\nSF:a,b.c\nVER:2\nFNL:0,3,9\nFNA:0,0,first\nFNA:0,2,alias\nFN:12,15,f(int, int)\nFNDA:0,f(int, int)\n\
                    DA:1,18446744073709551616\nDA:2,-1\nDA:3,1e+20,sum\nBRDA:1,e0,(a, b),-\nBRDA:1,0,1,0\nend_of_record\n";
        let report = read(text.as_bytes()).expect("reads");
        assert_eq!(of(&report), [Some((2, 3)), Some((0, 2)), Some((1, 2))]);
    }

    #[test]
    fn functions_of_one_name_are_as_many_as_there_are() {
        let functions = |lines: &str| {
            let report = read(format!("SF:a\n{lines}\nend_of_record\n").replace(' ', "\n").as_bytes()).expect("reads");
            let file = report.files.into_values().next().expect("a file");
            (file.functions.tally().map(|tally| (tally.covered, tally.total)), file.functions == Part::Conflict)
        };
        let sure = |covered, total| (Some((covered, total)), false);
        assert_eq!(functions("FN:1,run FN:10,run FN:20,run FNDA:5,run FNDA:0,run FNDA:0,run FNF:3 FNH:1"), sure(1, 3));
        assert_eq!(functions("FN:1,run FNDA:0,run FN:10,run FNDA:2,run FN:2,b FNDA:1,b"), sure(2, 3));
        assert_eq!(functions("FN:1,run FN:10,run FNDA:5,run FNF:2 FNH:2"), (None, true), "which one was it?");
        assert_eq!(functions("FN:1,run FN:1,run FNDA:5,run"), sure(1, 1));
        assert_eq!(functions("FN:1,run FNDA:0,run FNDA:1,run"), sure(1, 1));
        assert_eq!(functions("FN:1,run"), sure(0, 1));
        assert_eq!(functions("FNDA:1,run"), sure(1, 1));
    }

    #[test]
    fn half_a_report_is_none() {
        for (text, why) in [
            ("", "it has no lcov record"),
            ("SF:a\nDA:1,1\n", "it stops in the middle: a record has no end"),
            ("<html>\n", "line 1 is no lcov record"),
            ("http://x\n", "line 1 is no lcov record"),
            ("DA:1,1\n", "line 1 tells of no source file"),
            ("end_of_record\n", "line 1 ends a record that has not begun"),
            ("SF:a\nSF:b\n", "line 2 begins a source file before the one before it has ended"),
            ("SF:a\nDA:x,1\n", "line 2 is no DA record"),
            ("SF:a\nDA:1\n", "line 2 is no DA record"),
            ("SF:a\nBRDA:1\n", "line 2 is no BRDA record"),
            ("SF:a\nFNDA:x,f\n", "line 2 is no FNDA record"),
            ("SF:a\nLF:many\n", "line 2 is no LF record"),
        ] {
            assert_eq!(read(text.as_bytes()).expect_err(text), why);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "(SF:|DA:|BRDA:|FN:|FNDA:|FNL:|FNA:|LF:|LH:|end_of_record|[0-9,-]{1,5}|\n){0,40}") {
            let _either = read(&bytes[..]);
            let _either = read(text.as_bytes());
        }

        #[test]
        fn every_line_is_counted_once(lines in proptest::collection::btree_map(1..500_u32, 0..3_u32, 1..40)) {
            let text: String = lines.iter().map(|(line, count)| format!("DA:{line},{count}\n")).collect();
            let report = read(format!("SF:a\n{text}{text}end_of_record\n").as_bytes()).expect("reads");
            let covered = lines.values().filter(|count| **count > 0).count() as u64;
            prop_assert_eq!(of(&report)[0], Some((covered, lines.len() as u64)));
        }
    }
}
