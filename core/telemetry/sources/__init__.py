"""Other engines' metrics pages, read every few seconds: vLLM, SGLang, LMCache."""
