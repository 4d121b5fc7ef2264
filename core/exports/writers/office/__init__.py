"""What the writers of Word, OpenDocument and RTF files share: numbers, spans, colours, words."""
