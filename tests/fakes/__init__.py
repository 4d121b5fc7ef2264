"""Doubles that tests share."""
