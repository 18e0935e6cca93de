//! The look of a page, but for its pictures: on a phone, on a wide screen and on paper, in light and in dark.

/// The style sheet; as it is no markup, it is written as it is.
pub(super) const STYLE: &str = r#"
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1f2328; --mute: #57606a; --line: #d8dee4;
  --soft: #f6f8fa; --warn: #fff8e5; --warn-line: #bf8700; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --ink: #e6edf3; --mute: #9da7b1; --line: #30363d;
    --soft: #161b22; --warn: #241c07; --warn-line: #d29922; }
}
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--ink); -webkit-text-size-adjust: 100%; }
body { margin: 0; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; font-weight: 600; text-wrap: balance; }
h2 { font-size: 1.05rem; margin: 0 0 .5rem; font-weight: 600; }
h3 { font-size: 1rem; margin: 0 0 .25rem; font-weight: 600; }
.below { margin: .35rem 0 0; color: var(--mute); }
section, figure, .figures { margin: 2rem 0 0; }
.warnings { margin-top: 1.25rem; padding: .75rem 1rem; background: var(--warn); border-left: 4px solid var(--warn-line); }
.warnings h2 { font-size: 1rem; margin-bottom: .25rem; }
.warnings ul { margin: 0; padding-left: 1.2rem; }
.figures { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1px; background: var(--line);
  border: 1px solid var(--line); }
.figures div { background: var(--ground); padding: .6rem .8rem .7rem; }
.figures dt { color: var(--mute); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.3rem; line-height: 1.3; font-weight: 600; }
.figures small { display: block; font-size: .8rem; font-weight: 400; color: var(--mute); }
figure { margin-inline: 0; }
figcaption, .note { color: var(--mute); font-size: .875rem; margin: .5rem 0 0; }
.chart { display: block; width: 100%; height: auto; }
.chart.narrow { display: none; max-width: 30rem; }
.scroll { overflow-x: auto; overflow-wrap: normal; }
.scroll:focus-visible { outline: 2px solid var(--warn-line); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child { text-align: left; padding-left: 0; }
td:last-child, th:last-child { padding-right: 0; }
thead th { color: var(--mute); font-weight: 400; font-size: .85rem; vertical-align: bottom; }
tbody th { font-weight: 600; }
td small, th small { display: block; color: var(--mute); font-size: .75rem; font-weight: 400; white-space: nowrap; }
.words td, .words th { text-align: left; }
.words small { white-space: normal; overflow-wrap: anywhere; }
.words tbody td:last-child { color: var(--mute); }
.stories { display: grid; grid-template-columns: 1fr 1fr; gap: 2.5rem; }
.story td, .story th { text-align: left; padding: .25rem .6rem .25rem 0; }
.story th:first-child { padding-left: 0; }
.story tbody th { white-space: nowrap; }
.story .at { text-align: right; white-space: nowrap; color: var(--mute); }
@media screen and (max-width: 44rem) {
  main { padding: 1.25rem .75rem 2rem; }
  h1 { font-size: 1.25rem; }
  .figures { grid-template-columns: 1fr 1fr; }
  table { font-size: .8rem; }
  thead th { font-size: .75rem; }
  .scroll th, .scroll td { padding: .3rem .2rem; }
  .scroll th:first-child { padding-left: 0; }
  td small, th small { white-space: normal; font-size: .7rem; }
  .story table, .words table { font-size: .875rem; }
  .stories { grid-template-columns: 1fr; gap: 1.5rem; }
  .chart.wide { display: none; }
  .chart.narrow { display: block; }
}
@media print {
  main { max-width: none; padding: 0; }
  section, figure, .figures { margin-top: 1.2rem; }
  figure, tr, .story, .figures, .warnings { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
}
"#;
