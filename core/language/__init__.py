"""Words and sentences of English, Spanish and Portuguese, by rules and lists of our own."""
