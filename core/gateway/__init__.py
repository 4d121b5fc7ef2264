"""The one door for screens and HTTP: who is asking, may they, and which use case answers."""
