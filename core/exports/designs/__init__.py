"""The ten document types, one file each."""
