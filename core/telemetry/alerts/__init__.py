"""Rules that raise an alert: one table, evaluated in this process and written out for Prometheus."""
