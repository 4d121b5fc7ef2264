"""The shapes of slides, and decks of our own."""
