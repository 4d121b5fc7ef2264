"""The style sheets, made from a design and the company's colours."""

from __future__ import annotations

import re

from core.exports.design import Design
from core.exports.fonts import FAMILIES
from core.exports.manuscript import Branding
from core.exports.writers.markup.shades import Shades, dark, light

_SANS = (
    '"IBM Plex Sans Arabic", "Noto Sans Arabic", "Noto Sans Hebrew", '
    'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
)
_SERIF = '"Noto Naskh Arabic", "Noto Sans Hebrew", Georgia, "Times New Roman", serif'
_FONT_NAME = re.compile(r"[\w -]{1,60}")


def page_style(branding: Branding, design: Design) -> str:
    """For one page in a browser: both colour schemes, wide and narrow screens, and paper."""
    return "\n".join(
        (
            _variables(light(branding), design, branding),
            f"@media (prefers-color-scheme: dark) {{ {_colours(dark(branding))} }}",
            _TEXT,
            _BLOCKS,
            _FRONTS,
            _PAGE,
            _print(design, light(branding)),
        )
    )


def book_style(branding: Branding, design: Design) -> str:
    """For a reading system, which has its own size of type, margins and night mode."""
    shades = light(branding)
    resolved = "\n".join((_TEXT, _BLOCKS, _FRONTS, _BOOK))
    values = {**_values(shades), **_types(design, branding), "--size": "1em"}
    return re.sub(r"var\((--[a-z-]+)\)", lambda found: values[found[1]], resolved)


def _values(shades: Shades) -> dict[str, str]:
    return {
        "--paper": shades.paper,
        "--tint": shades.tint,
        "--line": shades.line,
        "--ink": shades.ink,
        "--faint": shades.faint,
        "--primary": shades.primary,
        "--accent": shades.accent,
        "--on-primary": shades.on_primary,
    }


def _types(design: Design, branding: Branding) -> dict[str, str]:
    return {
        "--body": _family(branding.body_font, design.body),
        "--headings": _family(branding.heading_font, design.headings),
        "--leading": f"{max(1.5, design.line_height):g}",
        "--size": f"{min(1.1875, max(1.0, design.size_points / 10)):g}rem",
    }


def _family(own: str, typeface: str) -> str:
    names = f'"{FAMILIES[typeface]}", {_SERIF if typeface == "serif" else _SANS}'
    return f'"{own}", {names}' if _FONT_NAME.fullmatch(own) else names


def _colours(shades: Shades) -> str:
    return ":root { " + " ".join(f"{name}: {value};" for name, value in _values(shades).items()) + " }"


def _variables(shades: Shades, design: Design, branding: Branding) -> str:
    types = " ".join(f"{name}: {value};" for name, value in _types(design, branding).items())
    return f":root {{ color-scheme: light dark; {types} }}\n{_colours(shades)}"


_TEXT = """
body { font-family: var(--body); font-size: var(--size); line-height: var(--leading); color: var(--ink);
  background: var(--paper); overflow-wrap: break-word; }
h1, h2, h3, h4, h5, h6 { font-family: var(--headings); line-height: 1.25; text-wrap: balance;
  margin: 2em 0 .6em;
  break-after: avoid; }
h2 { font-size: 1.6em; color: var(--primary); margin-top: 2.4em; }
h3 { font-size: 1.25em; } h4 { font-size: 1.08em; }
h5 { font-size: 1em; } h6 { font-size: 1em; color: var(--faint); }
h2 > .number, h3 > .number, h4 > .number, h5 > .number, h6 > .number { color: var(--faint); font-weight: 400;
  margin-inline-end: .35em; }
p > .number { color: var(--faint); margin-inline-end: .4em; font-variant-numeric: tabular-nums; }
p, ul, ol, blockquote, pre, figure, dl { margin: 0 0 1em; }
a { color: var(--primary); text-decoration-thickness: .06em; text-underline-offset: .18em; }
sup, sub { line-height: 0; font-size: .75em; }
sup.sign a { text-decoration: none; } span.sign { font-size: .85em; margin-inline-start: .15em; }
sup.sign a { padding: 0 .12em; }
mark { background: #fde68a; color: #1b2330; }
code { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Consolas, monospace; font-size: .88em;
  background: var(--tint); border-radius: .25em; padding: .1em .3em; }
pre { background: var(--tint); border-inline-start: 3px solid var(--accent); border-radius: .3em;
  padding: .9em 1.1em; overflow-x: auto; line-height: 1.55; text-align: left; }
pre code { background: none; padding: 0; }
"""

_BLOCKS = """
ul, ol { padding-inline-start: 1.5em; } li { margin: .25em 0; } li > ul, li > ol { margin: .25em 0; }
li::marker { color: var(--accent); } li.bare { list-style: none; }
blockquote { margin-inline: 0; padding: .2em 0 .2em 1.2em; padding-inline: 1.2em 0;
  border-inline-start: 3px solid var(--primary); color: var(--faint); font-size: 1.08em; font-style: italic; }
blockquote p { margin: 0; }
figure { margin: 1.8em 0; break-inside: avoid; } figure > img { display: block; max-width: 100%; height: auto;
  border-radius: .3em; }
figcaption, caption, p.caption { color: var(--faint); font-size: .88em; line-height: 1.45;
  text-align: start; }
figcaption { margin-top: .6em; } caption { caption-side: top; padding: 0 0 .6em; }
caption.below { caption-side: bottom; padding: .6em 0 0; }
figcaption .label, caption .label { color: var(--ink); font-weight: 600; margin-inline-end: .4em; }
figure.chart svg { display: block; width: 100%; max-width: 44em; height: auto; border-radius: .3em; }
.chart-title { font-weight: 600; margin-bottom: .5em; }
details { font-size: .88em; margin-top: .6em; } summary { color: var(--faint); cursor: pointer;
  padding: .3em 0; }
.scroll { overflow-x: auto; margin: 1.6em 0; } details .scroll { margin: .6em 0; }
table { border-collapse: collapse; width: 100%; font-size: .93em; line-height: 1.45;
  font-variant-numeric: tabular-nums; }
th, td { text-align: start; vertical-align: top; padding: .55em .8em; border-bottom: 1px solid var(--line);
  min-width: 3.5em; }
th { font-weight: 600; } thead th { border-bottom: 2px solid var(--primary); vertical-align: bottom; }
th.number, td.number { text-align: end; white-space: nowrap; }
td.number[dir] { text-align: right; } [dir="rtl"] td.number[dir] { text-align: left; }
table.grid th, table.grid td { border: 1px solid var(--line); }
table.grid thead th, table.banded thead th { background: var(--primary); color: var(--on-primary);
  border-color: var(--primary); }
table.banded tbody tr:nth-child(even) { background: var(--tint); }
.references { list-style: none; padding: 0; } .references li { display: flex; gap: .6em; margin: .5em 0; }
.references .label { color: var(--faint); flex: none; }
.notes { border-top: 1px solid var(--line); margin-top: 3em; padding-top: 1em; font-size: .9em;
  color: var(--faint); }
.notes p { margin: 0; }
.signatures { display: grid; grid-template-columns: repeat(auto-fit, minmax(14em, 1fr)); gap: 3em;
  margin-top: 4em; break-inside: avoid; }
.signer p { color: var(--faint); font-size: .88em; margin: 0 0 .8em; }
.signer .line { display: block; height: 2.6em; border-bottom: 1px solid var(--faint); margin-bottom: .3em; }
"""

_FRONTS = """
.front { margin: 0 0 2.5em; }
.front h1 { font-size: 2.3em; line-height: 1.15; letter-spacing: -.015em; margin: .2em 0 .3em; }
.front p { margin: 0; }
.brand { font-weight: 600; color: var(--primary); } .brand .logo { display: block; height: 3em; width: auto;
  max-width: 60%; object-fit: contain; background: #fff; border-radius: .2em; }
.kicker { color: var(--accent); font-weight: 600; font-size: .95em; }
.front .subtitle { font-size: 1.2em; color: var(--faint); line-height: 1.4; }
.byline { list-style: none; padding: 0; margin: 1.2em 0 0; color: var(--faint); font-size: .93em; }
.byline li { display: inline-block; margin-inline-end: 1.6em; }
.fields { margin: 1.6em 0 0; text-align: start; } .fields div { display: flex; gap: 1em; padding: .35em 0; }
.fields dt { color: var(--faint); width: 8em; flex: none; } .fields dd { margin: 0; }
.cover { border-bottom: 6px solid var(--primary); padding: 1em 0 3em; }
.cover .brand { margin-bottom: 4em; } .cover h1 { font-size: 2.9em; max-width: 18em; }
.masthead { border-bottom: 2px solid var(--primary); padding-bottom: 1.6em; }
.masthead .brand, .memo .brand { margin-bottom: 1.6em; }
.letterhead .brand { border-bottom: 2px solid var(--primary); padding-bottom: 1em; margin-bottom: 2em; }
.letterhead h1 { font-size: 1.4em; margin-top: 1.6em; }
.memo { border-bottom: 2px solid var(--ink); padding-bottom: 1.4em; }
.memo .kicker { font-size: 1.4em; color: var(--primary); } .memo h1 { font-size: 1.7em; }
.nameplate { text-align: center; border-top: 6px double var(--primary); border-bottom: 1px solid var(--ink);
  padding: 1.2em 0; }
.nameplate h1 { font-size: 3.2em; font-family: var(--body); } .nameplate .logo { margin: 0 auto .8em; }
.nameplate .byline li { margin: 0 .8em; }
"""

_PAGE = """
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0; }
:focus-visible { outline: 3px solid var(--primary); outline-offset: 2px; border-radius: .15em; }
.skip { position: absolute; inset-inline-start: 1rem; top: 0; transform: translateY(-110%); max-width: 80%;
  background: var(--primary);
  color: var(--on-primary); padding: .7rem 1.1rem; border-radius: 0 0 .4rem .4rem; z-index: 2; }
.skip:focus { transform: none; }
.edge { font-size: .85rem; color: var(--faint); padding: .8rem clamp(1.25rem, 5vw, 4rem); }
.edge.top { border-bottom: 1px solid var(--line); } .edge.bottom { border-top: 1px solid var(--line);
  margin-top: 4rem; }
.sheet { max-width: 46rem; margin: 0 auto; padding: 2.5rem clamp(1.25rem, 5vw, 2rem) 0; }
.contents { font-size: .93rem; line-height: 1.4; margin-bottom: 2.5rem; }
.contents h2 { font-size: 1rem; color: var(--ink); margin: 0 0 .8rem; }
.contents ol { list-style: none; padding: 0; margin: 0; } .contents li { margin: 0; }
.contents li li { padding-inline-start: 1.1rem; }
.contents a { display: block; padding: .3rem 0; color: var(--faint); text-decoration: none; }
.contents a:hover { color: var(--primary); text-decoration: underline; }
.contents > ol > li > a { color: var(--ink); } .contents .number { color: var(--faint);
  margin-inline-end: .3rem; }
main > section:first-child > h2:first-child, main > h2:first-child { margin-top: 0; }
.parted main > section + section { border-top: 1px solid var(--line); margin-top: 3.5rem; }
.presentation .sheet { max-width: 62rem; }
.presentation main > section { border: 1px solid var(--line); border-top: 6px solid var(--primary);
  border-radius: .4rem; padding: 2.2rem clamp(1.25rem, 4vw, 3rem); margin: 0 0 2rem; }
.presentation main > section > h2 { margin-top: 0; }
.newsletter .sheet { max-width: 66rem; }
.newsletter main section { columns: 2 22rem; column-gap: 3rem; column-rule: 1px solid var(--line); }
.newsletter main section > h2 { column-span: all; }
.newsletter .scroll { break-inside: avoid; }
@media (min-width: 70rem) {
  .has-contents .sheet { max-width: 76rem; }
  .has-contents .beside { display: grid; grid-template-columns: 15rem minmax(0, 46rem); gap: 4.5rem; }
  .has-contents .contents { position: sticky; top: 2rem; align-self: start; max-height: calc(100vh - 4rem);
    overflow-y: auto; border-inline-end: 1px solid var(--line); padding-inline-end: 1.5rem; }
}
@media (max-width: 40rem) {
  .front h1, .cover h1, .nameplate h1 { font-size: 2em; } .cover .brand { margin-bottom: 2em; }
  .letterhead h1 { font-size: 1.3em; } h2 { font-size: 1.4em; } .fields div { flex-direction: column;
  gap: 0; }
  th, td { padding: .5em .55em; }
}
"""

_BOOK = """
body { margin: 0; padding: 0; } h2:first-child { margin-top: 0; } .cover { padding-top: 20%; }
pre { white-space: pre-wrap; } .signer { margin-bottom: 3em; }
"""


def _print(design: Design, shades: Shades) -> str:
    page = design.page
    margins = f"{page.top:g}mm {page.right:g}mm {page.bottom:g}mm {page.left:g}mm"
    breaks = "main > section { break-before: page; }" if design.breaks_before_sections else ""
    return f"""
@page {{ size: {page.width:g}mm {page.height:g}mm; margin: {margins}; }}
@media print {{
  {_colours(shades)}
  html {{ font-size: {design.size_points:g}pt; }} body {{ background: #fff; font-size: 1rem; }}
  .skip, details {{ display: none; }} .sheet {{ max-width: none; padding: 0; }} .edge {{ padding: 0 0 1em; }}
  .has-contents .beside {{ display: block; }} .contents {{ position: static; border: 0; max-height: none; }}
  .cover {{ min-height: 60vh; }} .contents, .cover {{ break-after: page; }}
  a {{ color: inherit; }} pre {{ white-space: pre-wrap; }} tr, blockquote, pre {{ break-inside: avoid; }}
  thead {{ display: table-header-group; }} .scroll {{ overflow: visible; }} h2 {{ color: var(--primary); }}
  p, li {{ orphans: 3; widows: 3; }} {breaks}
}}"""
