//! Cost against size, both on logarithmic scales: SVG.

use std::fmt::Write as _;

use crate::page::is_size;
use crate::rows::{Wall, grouped};
use crate::run::Measured;

/// The whole picture, in its own units.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 400.0;

/// The sizes of fleets that are shown: powers of ten.
const SIZES: (i32, i32) = (3, 6);

/// One of the two charts.
struct Chart<'a> {
    title: &'a str,
    /// Of its left edge, without the labels.
    left: f64,
    /// The powers of ten at the bottom and at the top.
    range: (i32, i32),
    label: fn(i32) -> String,
    value: fn(&Measured) -> [Option<f64>; 3],
}

const INNER: (f64, f64) = (350.0, 250.0);
const TOP: f64 = 70.0;

const STYLE: &str = "\
  <style>
    svg { font: 13px system-ui, sans-serif; --ink: #1f2328; --faint: #d0d7de; --paper: #ffffff; --own: #0969da; --floor: #6e7781; --limit: #cf222e; }
    @media (prefers-color-scheme: dark) {
      svg { --ink: #e6edf3; --faint: #3d444d; --paper: #0d1117; --own: #58a6ff; --floor: #9198a1; --limit: #ff7b72; }
    }
    text { fill: var(--ink); }
    .title { font-weight: 600; font-size: 15px; }
    .grid { stroke: var(--faint); stroke-width: 1; }
    .own { stroke: var(--own); fill: none; stroke-width: 2.5; }
    .floor { stroke: var(--floor); fill: none; stroke-width: 2; stroke-dasharray: 6 4; }
    .limit { stroke: var(--limit); stroke-width: 2.5; }
    .dot { fill: var(--own); }
    .value { font-size: 12px; fill: var(--own); stroke: var(--paper); stroke-width: 4; paint-order: stroke; }
  </style>
";

/// Draws the rows that differ in size alone.
pub(crate) fn picture(rows: &[Measured]) -> String {
    let mut sizes: Vec<_> = rows.iter().filter(|row| is_size(row)).collect();
    sizes.sort_by_key(|row| row.objects);
    let charts = [
        Chart { title: "Wall time of a plan", left: 70.0, range: (-3, 2), label: seconds, value: wall },
        Chart { title: "Peak memory of a plan", left: 520.0, range: (0, 4), label: megabytes, value: peak },
    ];
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Wall time and peak memory of a plan against the number of SIP numbers, sipform and its floor\">\n{STYLE}  <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"var(--paper)\"/>\n"
    );
    for chart in &charts {
        chart.draw(&mut svg, &sizes);
    }
    legend(&mut svg);
    svg + "</svg>\n"
}

fn wall(row: &Measured) -> [Option<f64>; 3] {
    let limit = row.target.wall.and_then(|wall| match wall {
        Wall::Seconds(limit) => Some(limit),
        Wall::Alone(..) => None,
    });
    [Some(row.cost.wall.as_secs_f64()), Some(row.floor.wall.as_secs_f64()), limit]
}

fn peak(row: &Measured) -> [Option<f64>; 3] {
    [Some(row.cost.peak), Some(row.floor.peak), row.target.peak]
}

fn seconds(power: i32) -> String {
    if power < 0 { format!("{} ms", 10f64.powi(power + 3)) } else { format!("{} s", 10f64.powi(power)) }
}

fn megabytes(power: i32) -> String {
    if power < 3 { format!("{} MB", 10f64.powi(power)) } else { format!("{} GB", 10f64.powi(power - 3)) }
}

impl Chart<'_> {
    fn draw(&self, svg: &mut String, rows: &[&Measured]) {
        text(svg, "title", self.left, TOP - 20.0, "start", self.title);
        self.axes(svg);
        let points = |which: usize| {
            let of = |row: &&Measured| {
                let value = (self.value)(row).get(which).copied().flatten()?;
                Some((self.x(f64::from(u32::try_from(row.objects).ok()?)), self.y(value), value))
            };
            rows.iter().filter_map(of).collect::<Vec<_>>()
        };
        line(svg, "floor", &points(1));
        line(svg, "own", &points(0));
        for (x, y, _) in points(2) {
            segment(svg, "limit", (x - 12.0, y), (x + 12.0, y));
        }
        for (x, y, value) in points(0) {
            // Writing to a string can't fail.
            _ = writeln!(svg, "  <circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
            text(svg, "value", x + 8.0, y + 16.0, "start", &self.shown(value));
        }
    }

    fn axes(&self, svg: &mut String) {
        let (right, bottom) = (self.left + INNER.0, TOP + INNER.1);
        for power in self.range.0..=self.range.1 {
            let y = self.y(10f64.powi(power));
            segment(svg, "grid", (self.left, y), (right, y));
            text(svg, "tick", self.left - 8.0, y + 4.0, "end", &(self.label)(power));
        }
        for power in SIZES.0..=SIZES.1 {
            let x = self.x(10f64.powi(power));
            segment(svg, "grid", (x, TOP), (x, bottom));
            let size = 10usize.pow(power.unsigned_abs());
            text(svg, "tick", x, bottom + 18.0, "middle", &grouped(size));
        }
        text(svg, "tick", f64::midpoint(self.left, right), bottom + 38.0, "middle", "SIP numbers");
    }

    fn x(&self, size: f64) -> f64 {
        let (first, last) = (f64::from(SIZES.0), f64::from(SIZES.1));
        self.left + 20.0 + (INNER.0 - 60.0) * (size.log10() - first) / (last - first)
    }

    fn y(&self, value: f64) -> f64 {
        let (low, high) = (f64::from(self.range.0), f64::from(self.range.1));
        TOP + INNER.1 * (high - value.log10()) / (high - low)
    }

    /// A value in the unit of its axis.
    fn shown(&self, value: f64) -> String {
        let is_time = self.range.0 < 0;
        match (is_time, value) {
            (true, value) if value < 0.1 => format!("{:.0} ms", value * 1e3),
            (true, value) => format!("{value:.2} s"),
            (false, value) => format!("{value:.0} MB"),
        }
    }
}

fn line(svg: &mut String, class: &str, points: &[(f64, f64, f64)]) {
    let places: Vec<_> = points.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    _ = writeln!(svg, "  <polyline class=\"{class}\" points=\"{}\"/>", places.join(" "));
}

fn segment(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    _ = writeln!(svg, "  <line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>");
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
    _ = writeln!(svg, "  <text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}

fn legend(svg: &mut String) {
    const Y: f64 = 22.0;
    for (class, x, what) in [
        ("own", 70.0, "sipform plan, nothing to do"),
        ("floor", 300.0, "floor: the same input read and decoded, and nothing else"),
        ("limit", 760.0, "target"),
    ] {
        segment(svg, class, (x, Y - 4.0), (x + 28.0, Y - 4.0));
        text(svg, "tick", x + 36.0, Y, "start", what);
    }
}
