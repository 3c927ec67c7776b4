//! JaCoCo's XML report.
//!
//! It counts the lines and methods that are listed. The counters above them are compared with them, never counted.
//! Source of the format: <https://www.jacoco.org/jacoco/trunk/coverage/report.dtd>.

use std::io::Read;

use super::{Coverage, Tally, key};
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
    /// Names of the open groups and of the open package.
    folders: Vec<String>,
    class: Option<(String, Option<String>)>,
    method: Option<u64>,
    file: Option<String>,
    /// Its own name: build tools write that of the module.
    name: String,
    /// What the report as a whole says: lines, branches, methods.
    said: [Option<Tally>; 3],
}

impl Elements for Report {
    fn start(&mut self, element: &Element<'_>, depth: usize) -> Result<(), String> {
        let named = || -> Result<String, String> {
            let name = element.get("name")?;
            Ok(name.ok_or_else(|| format!("it has a <{}> without a name", element.name()))?.into_owned())
        };
        match element.name() {
            "report" if depth == 0 => self.name = element.get("name")?.unwrap_or_default().into_owned(),
            other if depth == 0 => {
                let cobertura = if other == "coverage" { "; that is Cobertura's: write `cobertura:`" } else { "" };
                return Err(format!("its outermost element is <{}>, not <report>{cobertura}", quoted(other)));
            }
            "group" | "package" => self.folders.push(named()?),
            "class" => {
                let file = element.get("sourcefilename")?.map(|file| self.path(&file));
                self.class = Some((named()?, file));
            }
            "method" => {
                let class = self.class.as_ref().map_or("", |(name, _)| name.as_str());
                let description = element.get("desc")?.unwrap_or_default();
                self.method = Some(key(&[class, &named()?, &description]));
            }
            "sourcefile" => {
                let path = self.path(&named()?);
                self.all.file(&path)?;
                self.file = Some(path);
            }
            "line" => self.line(element)?,
            "counter" => self.counter(element, depth)?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) {
        match name {
            "group" | "package" => {
                self.folders.pop();
            }
            "class" => self.class = None,
            "method" => self.method = None,
            "sourcefile" => self.file = None,
            _ => {}
        }
    }
}

impl Report {
    fn path(&self, file: &str) -> String {
        let folders = self.folders.iter().filter(|folder| !folder.is_empty()).map(String::as_str);
        folders.chain([file]).collect::<Vec<_>>().join("/")
    }

    fn line(&mut self, element: &Element<'_>) -> Result<(), String> {
        let number = element.number("nr")?.ok_or("it has a <line> without a number")?;
        let count = |name| element.number(name)?.ok_or_else(|| format!("it has a <line> without `{name}`"));
        let run = count("ci")? > 0;
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let (missed, taken) = (small(count("mb")?), small(count("cb")?));
        self.all.hold(1)?;
        if let Some(file) = self.file.as_ref().and_then(|name| self.all.files.get_mut(name)) {
            file.lines.add(number, u32::from(run), 1);
            if missed > 0 || taken > 0 {
                file.branches.add(number, taken, taken.saturating_add(missed));
            }
        }
        Ok(())
    }

    fn counter(&mut self, element: &Element<'_>, depth: usize) -> Result<(), String> {
        let kind = element.get("type")?.unwrap_or_default().into_owned();
        let count = |name| element.number(name)?.ok_or_else(|| format!("it has a <counter> without `{name}`"));
        let covered = count("covered")?;
        let tally = Tally { covered, total: covered.saturating_add(count("missed")?) };
        if depth == 1 {
            let place = ["LINE", "BRANCH", "METHOD"].iter().position(|known| *known == kind);
            if let Some(place) = place {
                self.said[place] = Some(tally);
            }
        } else if let (Some(method), "METHOD", Some((_, Some(file)))) = (self.method, kind.as_str(), self.class.clone())
        {
            self.all.hold(1)?;
            self.all.file(&file)?.functions.add(method, u32::from(tally.covered > 0), 1);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Coverage, String> {
        let mut listed = [Tally::default(); 3];
        for file in self.all.files.values() {
            let parts = [&file.lines, &file.branches, &file.functions];
            for (sum, part) in listed.iter_mut().zip(parts) {
                sum.add(part.tally().unwrap_or_default());
            }
        }
        for (sort, (said, listed)) in self.said.into_iter().zip(listed).enumerate() {
            if let Some(said) = said {
                self.all.compare(sort, "the report", said, listed, 0);
            }
        }
        if !self.name.is_empty() {
            self.all.rooted(&self.name);
        }
        Ok(self.all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REPORT: &[u8] = include_bytes!("../../../fixtures/kinds/coverage/made-up-jacoco.xml");

    fn of(report: &Coverage, name: &str) -> [Option<(u64, u64)>; 3] {
        let file = &report.files[name];
        [&file.lines, &file.branches, &file.functions].map(|part| part.tally().map(|t| (t.covered, t.total)))
    }

    #[test]
    fn lines_branches_and_methods_are_counted_by_source_file() {
        let report = read(REPORT).expect("reads");
        assert_eq!(of(&report, "shop/com/example/shop/Price.java"), [Some((4, 6)), Some((3, 4)), Some((2, 3))]);
        assert_eq!(of(&report, "shop/com/example/shop/Label.java"), [Some((0, 2)), None, Some((0, 1))]);
        assert_eq!(report.notes, [] as [&str; 0], "its counters agree");
    }

    #[test]
    fn the_same_package_of_two_modules_is_two_files() {
        let report =
            |name: &str| read(String::from_utf8_lossy(REPORT).replace("report name=\"shop\"", name).as_bytes());
        let together = |one: &str, other: &str| {
            let mut both = report(one).expect("reads");
            both.absorb_another(report(other).expect("reads")).expect("fits");
            (both.files.len(), both.files.values().any(|file| file.doubtful))
        };
        assert_eq!(together("report name='a'", "report name='b'"), (4, false));
        assert_eq!(together("report name='a'", "report name='a'"), (2, false));
        assert_eq!(together("report", "report"), (2, true));
    }

    #[test]
    fn counters_that_disagree_are_told() {
        let said = |missed: u32, covered: u32| {
            let counter = format!(r#"type="LINE" missed="{missed}" covered="{covered}""#);
            let text = String::from_utf8_lossy(REPORT).replace(r#"type="LINE" missed="4" covered="4""#, &counter);
            read(text.as_bytes()).expect("reads")
        };
        let better = said(0, 8);
        assert_eq!(better.notes, ["The report says 8 of 8 lines and lists 4 of 8: what it lists counts."]);
        assert_eq!(better.unlisted("lines"), None);
        for (missed, covered) in [(90, 10), (5, 3)] {
            let told = said(missed, covered);
            let expected = format!("the report says {covered} of {} lines and lists 4 of 8", missed + covered);
            assert_eq!(told.unlisted("lines"), Some(expected.as_str()));
        }
    }

    #[test]
    fn what_is_no_jacoco_is_refused() {
        for (text, why) in [
            (
                "<coverage/>",
                "its outermost element is <coverage>, not <report>; that is Cobertura's: write `cobertura:`",
            ),
            ("<report><package/></report>", "it has a <package> without a name"),
            ("<report><line nr='1'/></report>", "it has a <line> without `ci`"),
            ("<report><counter type='LINE'/></report>", "it has a <counter> without `covered`"),
        ] {
            assert_eq!(read(text.as_bytes()).expect_err(text), why);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(<report>|<package name='p'>|<class name='c' sourcefilename='f'>|<method name='m'>|<sourcefile name='f'>|<line nr='1' mi='0' ci='1' mb='1' cb='1'/>|<counter type='METHOD' missed='0' covered='1'/>|</sourcefile>|</package>|</report>){0,30}") {
            let _either = read(text.as_bytes());
        }
    }
}
