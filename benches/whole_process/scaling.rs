//! How time and memory of one run grow with the number of its checks: replay, judge, record and both documents.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{recorded, run, timed};

/// One size: how many checks, the median of the times in seconds, the peak memory in bytes.
struct Point {
    checks: usize,
    seconds: f64,
    bytes: f64,
}

/// Measures each size and writes `benches/scaling.svg`.
pub(super) fn plot() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    println!("| checks | median | per check | peak memory | per check |");
    println!("|---|---|---|---|---|");
    let sizes = [(100, 9), (1_000, 9), (10_000, 5), (100_000, 1)];
    let points: Vec<Point> = sizes.map(|(checks, runs)| measured(scratch.path(), checks, runs)).into();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scaling.svg");
    fs::write(path, drawn(&points)).expect("room");
}

fn measured(scratch: &Path, checks: usize, runs: usize) -> Point {
    let (directory, recorded) = recorded(&scratch.join(checks.to_string()), checks);
    let once = |_| timed(run(&directory).arg("--replay").arg(&recorded), &[0]);
    let (mut times, memory): (Vec<_>, Vec<_>) = (0..runs).map(once).unzip();
    times.sort();
    let seconds = times[runs / 2].as_secs_f64();
    let bytes = memory.into_iter().max().unwrap_or_default() as f64 * 1_024.0;
    let each = |total: f64, unit: f64| total / unit / checks as f64;
    println!(
        "| {checks} | {:.1} ms | {:.3} ms | {:.1} MB | {:.1} KB |",
        seconds * 1e3,
        each(seconds, 1e-3),
        bytes / 1_048_576.0,
        each(bytes, 1_024.0)
    );
    Point { checks, seconds, bytes }
}

/// Width and height of one panel, and what stays free around it.
const PANEL: (f64, f64) = (300.0, 260.0);
const MARGIN: f64 = 60.0;

/// Both figures over the number of checks, on logarithmic axes, where what grows in proportion runs along the dashed line.
fn drawn(points: &[Point]) -> String {
    let width = 2.0 * PANEL.0 + 3.0 * MARGIN;
    let height = PANEL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\" \
         role=\"img\">\n<title>Time and memory of a run over its number of checks</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    let time = |point: &Point| point.seconds * 1e3;
    panel(&mut svg, MARGIN, points, "milliseconds", (1, 6), &time);
    panel(&mut svg, PANEL.0 + 2.0 * MARGIN, points, "megabytes", (0, 5), &|point| point.bytes / 1_048_576.0);
    svg.push_str("</svg>\n");
    svg
}

/// One panel: `decades` is the exponent of ten that the axis begins with, and the one that it ends with.
fn panel(
    svg: &mut String,
    left: f64,
    points: &[Point],
    unit: &str,
    decades: (i32, i32),
    figure: &dyn Fn(&Point) -> f64,
) {
    let (first, last) = (f64::from(decades.0), f64::from(decades.1));
    let across = |checks: f64| left + (checks.log10() - 2.0) / 3.0 * PANEL.0;
    let up = |value: f64| MARGIN + PANEL.1 - (value.log10() - first) / (last - first) * PANEL.1;
    let bottom = MARGIN + PANEL.1;
    let mut line = |x1: f64, y1: f64, x2: f64, y2: f64, style: &str| {
        let _ = writeln!(svg, "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>");
    };
    for exponent in 2..=5 {
        let x = across(10f64.powi(exponent));
        line(x, MARGIN, x, bottom, "stroke=\"#ddd\"");
    }
    for exponent in decades.0..=decades.1 {
        let y = up(10f64.powi(exponent));
        line(left, y, left + PANEL.0, y, "stroke=\"#ddd\"");
    }
    let end = &points[points.len() - 1];
    let proportional = figure(end) / end.checks as f64;
    let lowest = (10f64.powf(first) / proportional).max(100.0);
    let dashed = "stroke=\"#888\" stroke-dasharray=\"5 4\"";
    line(across(lowest), up(lowest * proportional), across(end.checks as f64), up(figure(end)), dashed);
    for exponent in 2..=5 {
        let x = across(10f64.powi(exponent));
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">10{}</text>",
            bottom + 18.0,
            raised(exponent)
        );
    }
    for exponent in decades.0..=decades.1 {
        let y = up(10f64.powi(exponent)) + 4.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"end\">10{}</text>",
            left - 6.0,
            raised(exponent)
        );
    }
    let places = points.iter().map(|point| format!("{:.1},{:.1}", across(point.checks as f64), up(figure(point))));
    let places: Vec<String> = places.collect();
    let _ =
        writeln!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"#0b6\" stroke-width=\"2\"/>", places.join(" "));
    for point in points {
        let (x, y) = (across(point.checks as f64), up(figure(point)));
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#0b6\"/>");
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>",
            x - 6.0,
            y - 8.0,
            figure(point)
        );
    }
    let middle = left + PANEL.0 / 2.0;
    let _ = writeln!(
        svg,
        "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-weight=\"bold\">{unit}</text>",
        MARGIN - 16.0
    );
    let _ = writeln!(
        svg,
        "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">checks (dashed: in proportion)</text>",
        bottom + 40.0
    );
}

/// An exponent as it is written above a line.
fn raised(exponent: i32) -> String {
    exponent.to_string().chars().filter_map(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit.to_digit(10)? as usize)).collect()
}
