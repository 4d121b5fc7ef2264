"""The parts of a Word document, each written as text and never through an object for every cell."""
