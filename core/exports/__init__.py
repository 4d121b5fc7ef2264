"""Files from the one content: writers, the proof that each file is right, and its manifest."""
