"""How good a document is, part by part, each with its evidence and what to do about it."""
