"""What quantised forms are made of: groups, their scales, packed codes, and the payload of all that."""
