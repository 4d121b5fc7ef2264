"""Tables of a Word document: header rows that repeat, merged cells, numbers to the right."""

from __future__ import annotations

from core.content import Block, CellSpan, Run, cell_runs
from core.errors import ExportFailed
from core.exports.writers.office.direction import is_right_to_left
from core.exports.writers.office.measures import column_width, twips
from core.exports.writers.office.table_grid import Grid, grid, is_number
from core.exports.writers.word.story import Story
from core.exports.writers.word.styles import Look, header_fill

MAX_COLUMNS = 63
_LONG_ROW = 1500


def table(block: Block, story: Story, look: Look) -> str:
    laid = grid(block)
    if laid.num_columns > MAX_COLUMNS:
        raise ExportFailed(
            f"A table has {laid.num_columns} columns; a Word document holds {MAX_COLUMNS}.",
            remedy="Export it as xlsx or csv, or split the table.",
        )
    room = twips(column_width(look.design.page))
    widths = [int(share * room) for share in laid.shares]
    widths[-1] += room - sum(widths)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = cell_runs(block)
    is_turned = is_right_to_left(block.language or story.language)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="CompanyTable"/>{"<w:bidiVisual/>" if is_turned else ""}'
        f'<w:tblW w:w="{room}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="0420" w:firstRow="{int(block.header_rows > 0)}" w:lastRow="0" '
        f'w:firstColumn="0" '
        'w:lastColumn="0" w:noHBand="0" w:noVBand="1"/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>"
        + "".join(_row(block, at, rows[at], laid, widths, story, look) for at in range(len(rows)))
        + "</w:tbl>"
        + story.paragraph("TableGap", "")
    )


def _row(
    block: Block,
    at: int,
    cells: list[tuple[Run, ...]],
    laid: Grid,
    widths: list[int],
    story: Story,
    look: Look,
) -> str:
    is_header = at < block.header_rows
    settings = "<w:cantSplit/>" if sum(map(len, block.rows[at])) < _LONG_ROW else ""
    settings += "<w:tblHeader/>" if is_header else ""
    made, column = [], 0
    while column < laid.num_columns:
        span = laid.spans.get((at, column)) or laid.covered.get((at, column)) or CellSpan(at, column)
        runs = cells[column] if column < len(cells) and (at, column) not in laid.covered else ()
        made.append(_cell(block, at, column, span, runs, laid, widths, story, look))
        column += span.num_columns
    told = f"<w:trPr>{settings}</w:trPr>" if settings else ""
    return f"<w:tr>{told}{''.join(made)}</w:tr>"


def _cell(
    block: Block,
    at: int,
    column: int,
    span: CellSpan,
    runs: tuple[Run, ...],
    laid: Grid,
    widths: list[int],
    story: Story,
    look: Look,
) -> str:
    is_header = at < block.header_rows
    settings = f'<w:tcW w:w="{sum(widths[column : column + span.num_columns])}" w:type="dxa"/>'
    if span.num_columns > 1:
        settings += f'<w:gridSpan w:val="{span.num_columns}"/>'
    if span.num_rows > 1:
        settings += '<w:vMerge w:val="restart"/>' if span.row == at else '<w:vMerge w:val="continue"/>'
    if is_header and at and (fill := header_fill(look)):
        settings += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'
    if is_header:
        settings += '<w:vAlign w:val="bottom"/>'
    text = block.rows[at][column] if column < len(block.rows[at]) else ""
    is_right = column in laid.numeric and span.num_columns == 1 if is_header else is_number(text)
    paragraph = story.paragraph(
        "TableHeader" if is_header else "TableText",
        story.runs(runs, block.language),
        language=block.language,
        after='<w:jc w:val="right"/>' if is_right else "",
    )
    return f"<w:tc><w:tcPr>{settings}</w:tcPr>{paragraph}</w:tc>"
