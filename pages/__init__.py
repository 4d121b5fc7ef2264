"""What people see. A page asks, shows and sends; it decides nothing."""
