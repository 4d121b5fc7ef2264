"""The parts of an Excel workbook: typed cells, names of sheets, their looks."""
