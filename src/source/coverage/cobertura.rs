//! Cobertura XML, as coverage.py, gcovr, istanbul, c8 and many others write it.
//!
//! It counts the lines that are listed. The rates and totals in the attributes are compared with them, never counted.
//! Source of the format: the DTD `coverage-04.dtd` of Cobertura.

use std::io::Read;

use super::{Coverage, Tally, is_absolute, key, was_run};
use crate::source::xml::{Element, Elements, quoted, walk};

/// Reads a report to its end. The error says what is wrong with it, as a lower-case fragment.
pub fn read(input: impl Read) -> Result<Coverage, String> {
    let mut report = Report::default();
    walk(input, &mut report)?;
    report.finish()
}

#[derive(Default)]
struct Report {
    all: Coverage,
    /// What the outermost element says: lines and branches.
    said: [Option<Tally>; 2],
    /// The source file of the class that is open.
    file: Option<String>,
    class: String,
    /// Lines that stand in classes: a file may have several, which tell of the same lines.
    in_classes: u64,
    method: Option<Method>,
    /// The text of each `<source>`, and whether one is open.
    sources: Vec<String>,
    in_source: bool,
}

/// The method that is open.
struct Method {
    name: String,
    signature: String,
    /// Its first line: of two methods of one name in one class, as in JavaScript, it tells which is which.
    first: Option<u64>,
    /// Was one of its lines run?
    run: bool,
}

impl Elements for Report {
    fn start(&mut self, element: &Element<'_>, depth: usize) -> Result<(), String> {
        match element.name() {
            "coverage" if depth == 0 => {
                let tally = |covered, total| -> Result<Option<Tally>, String> {
                    let (covered, total) = (element.number(covered)?, element.number(total)?);
                    Ok(covered.zip(total).map(|(covered, total)| Tally { covered, total }))
                };
                self.said = [tally("lines-covered", "lines-valid")?, tally("branches-covered", "branches-valid")?];
                Ok(())
            }
            other if depth == 0 => {
                let clover = if other == "report" { "; that is JaCoCo's: write `jacoco:`" } else { "" };
                Err(format!("its outermost element is <{}>, not <coverage>{clover}", quoted(other)))
            }
            "source" => {
                self.in_source = true;
                self.sources.push(String::new());
                self.all.hold(1)
            }
            // Clover has the same outermost element and none of the others.
            "project" if depth == 1 => Err("it is Clover XML, not Cobertura".to_owned()),
            "class" => {
                let name = element.get("filename")?.ok_or("it has a <class> without `filename`")?.into_owned();
                self.class = element.get("name")?.unwrap_or_default().into_owned();
                self.all.file(&name)?;
                self.file = Some(name);
                Ok(())
            }
            "method" => {
                let text = |of: &str| Ok::<_, String>(element.get(of)?.unwrap_or_default().into_owned());
                self.method =
                    Some(Method { name: text("name")?, signature: text("signature")?, first: None, run: false });
                Ok(())
            }
            "line" if self.file.is_some() => self.line(element),
            _ => Ok(()),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "class" => self.file = None,
            "source" => self.in_source = false,
            "method" => {
                let (Some(method), Some(file)) = (self.method.take(), &self.file) else { return };
                if let Some(file) = self.all.files.get_mut(file) {
                    let first = method.first.map(|line| line.to_string()).unwrap_or_default();
                    let key = key(&[&self.class, &method.name, &method.signature, &first]);
                    file.functions.add(key, u32::from(method.run), 1);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(source) = self.sources.last_mut().filter(|_| self.in_source) {
            source.push_str(text.trim());
        }
    }
}

impl Report {
    /// A line of a method stands once more among those of its class: it is one line.
    fn line(&mut self, element: &Element<'_>) -> Result<(), String> {
        let number = element.number("number")?.ok_or("it has a <line> without a number")?;
        let hits = element.get("hits")?.ok_or("it has a <line> without `hits`")?;
        let run = was_run(hits.trim()).ok_or_else(|| format!("\"{}\" is no number of hits", quoted(&hits)))?;
        match &mut self.method {
            Some(method) => {
                method.run |= run;
                method.first = Some(method.first.map_or(number, |first| first.min(number)));
            }
            None => self.in_classes += 1,
        }
        let branches = match element.get("condition-coverage")? {
            Some(text) => {
                Some(conditions(&text).ok_or_else(|| format!("\"{}\" is no condition-coverage", quoted(&text)))?)
            }
            None => None,
        };
        self.all.hold(1)?;
        if let Some(file) = self.file.as_ref().and_then(|name| self.all.files.get_mut(name)) {
            file.lines.add(number, u32::from(run), 1);
            if let Some((covered, total)) = branches.filter(|(_, total)| *total > 0) {
                file.branches.add(number, covered, total);
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Coverage, String> {
        let listed = |part: &dyn Fn(&super::SourceFile) -> Option<Tally>| {
            self.all.files.values().filter_map(part).fold(None, |sum: Option<Tally>, tally| {
                let mut sum = sum.unwrap_or_default();
                sum.add(tally);
                Some(sum)
            })
        };
        let listed = [listed(&|file| file.lines.tally()), listed(&|file| file.branches.tally())];
        for (sort, (said, listed)) in self.said.into_iter().zip(listed).enumerate() {
            if let (Some(said), Some(listed)) = (said, listed) {
                let explained = if sort == 0 { self.in_classes } else { 0 };
                self.all.compare(sort, "the report", said, listed, explained);
            }
        }
        // Of several, a file is below any of them; and `..` is below the directory that the tool ran in.
        if let [source] = self.sources.as_slice()
            && is_absolute(source)
        {
            self.all.rooted(source);
        }
        Ok(self.all)
    }
}

/// `50% (1/2)`.
fn conditions(text: &str) -> Option<(u32, u32)> {
    let (_, rest) = text.split_once('(')?;
    let (covered, total) = rest.split_once(')')?.0.split_once('/')?;
    Some((covered.trim().parse().ok()?, total.trim().parse().ok()?))
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

    fn of(report: &Coverage) -> [Option<(u64, u64)>; 3] {
        let file = report.files.values().next().expect("a file");
        [&file.lines, &file.branches, &file.functions].map(|part| part.tally().map(|t| (t.covered, t.total)))
    }

    #[test]
    fn what_every_tool_writes_is_counted() {
        let report = captured!("coveragepy-a.xml");
        assert_eq!((of(&report), report.notes.len()), ([Some((5, 8)), Some((2, 4)), None], 0));
        let report = captured!("gcovr.xml");
        assert_eq!((of(&report), report.notes.len()), ([Some((6, 9)), Some((2, 4)), None], 0));
        let report = captured!("nyc-cobertura.xml");
        assert_eq!((of(&report), report.notes.len()), ([Some((4, 6)), Some((2, 6)), Some((1, 2))], 0));
        assert_eq!(captured!("coveragepy-none.xml").files.len(), 1);
    }

    #[test]
    fn a_function_whose_declaration_was_run_was_not_run() {
        // c8 says that line 8 was run and that the function which begins there was not.
        let report = captured!("c8-cobertura.xml");
        assert_eq!((of(&report), report.notes.len()), ([Some((7, 10)), Some((2, 4)), Some((1, 2))], 0));
    }

    #[test]
    fn two_methods_of_one_name_in_one_class_are_two() {
        let method = |line: u32, hits: u32| {
            format!(
                "<method name='render' signature='()V'><lines><line number='{line}' hits='{hits}'/></lines></method>"
            )
        };
        let text =
            format!("<coverage><class name='a.js' filename='a.js'>{}{}</class></coverage>", method(3, 7), method(9, 0));
        assert_eq!(of(&read(text.as_bytes()).expect("reads"))[2], Some((1, 2)));
    }

    #[test]
    fn hits_are_a_number_or_the_report_is_refused() {
        let read = |hits: &str| {
            let text = format!("<coverage><class filename='a'><line number='1' hits='{hits}'/></class></coverage>");
            read(text.as_bytes()).map(|report| of(&report)[0])
        };
        for (hits, covered) in [("3", 1), ("0", 0), ("-1", 0), ("1.5e+06", 1), ("99999999999999999999", 1), (" 2 ", 1)]
        {
            assert_eq!(read(hits), Ok(Some((covered, 1))), "{hits}");
        }
        for hits in ["", "unknown-1", "0 of 7", "1x"] {
            assert_eq!(read(hits), Err(format!("\"{hits}\" is no number of hits")));
        }
    }

    #[test]
    fn two_runs_share_their_lines_and_not_the_branches_of_which_nobody_knows() {
        let mut both = captured!("coveragepy-a.xml");
        both.absorb(captured!("coveragepy-b.xml")).expect("fits");
        // Line 7 is left by one way in one run and by the other in the other: both say 1 of 2.
        assert_eq!(of(&both)[..2], [Some((7, 8)), None]);
    }

    #[test]
    fn the_source_tells_the_same_file_from_another_of_that_name() {
        let report = |sources: &str, hits: u32| {
            let text = format!(
                "<coverage><sources>{sources}</sources><class filename='main.py'><line number='1' hits='{hits}'/></class></coverage>"
            );
            read(text.as_bytes()).expect("reads")
        };
        let together = |one: &str, other: &str| {
            let mut both = report(one, 1);
            both.absorb_another(report(other, 0)).expect("fits");
            both.files
                .values()
                .map(|file| (file.lines.tally().expect("told").covered, file.doubtful))
                .collect::<Vec<_>>()
        };
        let (a, b) = ("<source>\n /app/a </source>", "<source>/app/b</source>");
        assert_eq!(together(a, b), [(0, false), (1, false)]);
        assert_eq!(together(a, a), [(1, false)]);
        for (one, other) in [("", ""), (a, ""), ("<source>..</source>", "<source>..</source>"), (&format!("{a}{b}"), a)]
        {
            assert_eq!(together(one, other), [(1, true)], "{one} and {other}");
        }
    }

    #[test]
    fn what_it_says_of_itself_is_compared_and_not_counted() {
        let report = |valid: u32, covered: u32, classes: usize| {
            let class =
                "<class filename='a'><lines><line number='1' hits='0'/><line number='2' hits='3'/></lines></class>";
            let text = format!(
                "<coverage lines-valid='{valid}' lines-covered='{covered}'>{}</coverage>",
                class.repeat(classes)
            );
            let report = read(text.as_bytes()).expect("reads");
            assert_eq!(of(&report)[0], Some((1, 2)));
            report
        };
        assert_eq!(report(2, 2, 1).notes, ["The report says 2 of 2 lines and lists 1 of 2: what it lists counts."]);
        assert_eq!(report(2, 2, 1).unlisted("lines"), None);
        assert_eq!(report(4, 2, 2).unlisted("lines"), None, "it counts the lines of both classes");
        for (valid, covered) in [(100, 10), (9, 9), (2, 0)] {
            let expected = format!("the report says {covered} of {valid} lines and lists 1 of 2");
            assert_eq!(report(valid, covered, 1).unlisted("lines"), Some(expected.as_str()));
        }
    }

    #[test]
    fn what_is_no_cobertura_is_refused() {
        for (text, why) in [
            (
                "<report name='x'/>",
                "its outermost element is <report>, not <coverage>; that is JaCoCo's: write `jacoco:`",
            ),
            ("<testsuites/>", "its outermost element is <testsuites>, not <coverage>"),
            ("<coverage><project/></coverage>", "it is Clover XML, not Cobertura"),
            ("<coverage><class/></coverage>", "it has a <class> without `filename`"),
            ("<coverage><class filename='a'><line number='1'/></class></coverage>", "it has a <line> without `hits`"),
            ("<coverage>", "it stops in the middle: elements are open at its end"),
        ] {
            assert_eq!(read(text.as_bytes()).expect_err(text), why);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(<coverage>|<class filename='a'>|<method name='m'>|<line number='1' hits='2' condition-coverage='50% \\(1/2\\)'/>|</class>|</method>|</coverage>|[a-z(/%]){0,30}", conditions_text in "\\PC{0,20}") {
            let _either = read(text.as_bytes());
            let _either = conditions(&conditions_text);
        }
    }
}
