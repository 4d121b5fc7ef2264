"""What it costs to write files, beside others that write them."""
