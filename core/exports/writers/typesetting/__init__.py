"""A manuscript as typst source: the text that Typst files are and PDF is made of."""
