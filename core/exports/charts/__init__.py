"""Charts as drawings: as SVG, as PNG, and in words."""
