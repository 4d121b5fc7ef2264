"""The parts of an OpenDocument text."""
