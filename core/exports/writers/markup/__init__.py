"""What web pages and e-books share: the body, its front and its style sheet."""
