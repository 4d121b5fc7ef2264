"""Documents drafted from sources: types, plans, and drafts in which each sentence names its source."""
