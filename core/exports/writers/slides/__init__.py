"""The parts of a PowerPoint deck: what stands on which slide, and the XML that says so."""
